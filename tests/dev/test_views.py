"""Pages for developers: the mails that were written, and none of it in production."""

import pytest
from starlette.testclient import TestClient

from board.app import make_app
from board.core.http import Board
from tests.invented import HERE
from tests.post import deliver

PAGES = ("/dev/mail", "/dev/mail/anything", "/dev/parts")


def test_written_mails_can_be_read_newest_first(client: TestClient, board: Board) -> None:
    assert client.get("/dev/mail").status_code == 200
    for email in ("bob@example.org", "eve@example.org"):
        client.post("/towns/si/velenje/vote", data={"email": email}, headers=HERE)
    mails = deliver(board)
    names = sorted(file.stem for file in board.settings.mail_folder.glob("*.eml"))
    html = client.get("/dev/mail").text
    assert html.index(mails[1].to) < html.index(mails[0].to)
    shown = client.get(f"/dev/mail/{names[0]}").text
    assert mails[0].code in shown
    assert mails[0].link in shown


@pytest.mark.parametrize("name", ["none", "..%2Fsecrets%2Flink_secret", "%2Fetc%2Fpasswd", ".."])
def test_nothing_but_mails_can_be_read(client: TestClient, board: Board, name: str) -> None:
    secret = board.settings.var / "secrets" / "link_secret.eml"
    secret.parent.mkdir(parents=True)
    secret.write_text("Subject: secret\n\nsecret")
    assert client.get(f"/dev/mail/{name}").status_code == 404


def test_every_part_of_the_design_is_drawn(client: TestClient) -> None:
    assert client.get("/dev/parts").status_code == 200


def test_production_has_no_such_pages(board: Board) -> None:
    board.settings = board.settings.model_copy(update={"environment": "production"})
    with TestClient(make_app(board, work=False), follow_redirects=False) as client:
        assert [client.get(path).status_code for path in PAGES] == [404, 404, 404]
        assert client.get("/healthz").status_code == 200
