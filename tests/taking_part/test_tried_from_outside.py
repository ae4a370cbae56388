"""What outsiders tried and once succeeded with; each stays refused, and nobody's words get lost."""

import os
import re
import subprocess
import sys

from sqlalchemy import func, select
from starlette.testclient import TestClient

from board.app import make_app
from board.comments.models import comments
from board.core.config import ROOT
from board.core.http import Board
from board.core.limits import PostLimiter
from board.mail.models import outgoing_mails, suppressions
from board.people.models import waitings
from board.votes.models import votes
from tests.invented import HERE, remembered, vote
from tests.post import deliver

TOWN = "/towns/si/velenje"
STORY = {
    "geonames_id": "3189075",
    "why": "Evenings are long here, and the library has a room.\nNobody uses it after six.",
    "name": "Ana",
    "email": "ana@example.org",
    "may_show": "1",
}


def count(board: Board, table: object) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_tidy_runs_as_a_command_of_its_own(board: Board) -> None:
    """In a process that imported nothing else: tables above its floor are found, too."""
    s = board.settings
    env = {
        **os.environ, "PYTHONPATH": str(ROOT), "BOARD_DATABASE_URL": s.database_url,
        "BOARD_VAR": str(s.var), "BOARD_VOTER_SECRET": s.voter_secret,
        "BOARD_SEALING_KEYS": s.sealing_keys[0], "BOARD_LINK_SECRET": s.link_secret,
    }  # fmt: skip
    for more in (["--dry-run"], []):
        argv = ["board", "tidy", *more]
        program = f"import sys; sys.argv = {argv}; from board.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program], env=env, cwd=ROOT, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_a_mailbox_gets_three_mails_an_hour_of_all_kinds(client: TestClient, board: Board) -> None:
    for n in range(3):
        for box in ("ana@example.org", f"ana+{n}@example.org", "ANA@example.org"):
            client.post(f"{TOWN}/vote", data={"email": box}, headers=HERE)
            client.post("/you", data={"email": box}, headers=HERE)
            client.post("/tell", data={**STORY, "email": box, "save": "1"}, headers=HERE)
    assert count(board, outgoing_mails) == board.settings.mail_per_hour


def test_words_come_back_when_the_network_sent_too_much(board: Board) -> None:
    board.limiter = PostLimiter(2)
    with TestClient(make_app(board, work=False), follow_redirects=False) as client:
        answers = [client.post("/tell", data=STORY, headers=HERE) for _n in range(3)]
        late = answers[-1]
        assert late.status_code == 429
        assert STORY["why"].split("\n")[0] in late.text
        assert 'name="why"' in late.text
        assert 'value="ana@example.org"' in late.text
        assert 'action="/tell"' in late.text
        assert late.headers["cache-control"] == "private, no-store"


def test_a_form_of_another_site_by_an_old_browser_is_refused(
    client: TestClient, board: Board
) -> None:
    ana = remembered(board, client, "Ana")
    with board.database.transaction() as conn:
        town_id = vote(conn, ana)
    form = {"town_id": str(town_id)}
    evil = {"referer": "https://evil.example/page"}
    assert client.post("/take-back", data=form, headers=evil).status_code == 403
    ours = {"referer": f"http://testserver{TOWN}"}
    assert client.post("/take-back", data=form, headers=ours).status_code == 303


def test_pressing_again_in_one_town_spends_no_other(client: TestClient, board: Board) -> None:
    board.settings = board.settings.model_copy(update={"votes_per_day": 2})
    remembered(board, client, "Ana")
    pressed = [
        client.post(f"{TOWN}/vote", data={"language": "en"}, headers=HERE) for _n in range(8)
    ]
    assert {answer.status_code for answer in pressed} == {303}
    assert count(board, votes) == 1


def test_an_answer_to_nothing_is_asked_back(client: TestClient, board: Board) -> None:
    ana = remembered(board, client, "Ana")
    with board.database.transaction() as conn:
        vote(conn, ana)
    form = {"text": "I agree with you.", "reply_to": "999999"}
    answer = client.post(f"{TOWN}/comments", data=form, headers=HERE)
    assert answer.status_code == 409
    assert "I agree with you." in answer.text
    assert count(board, comments) == 0


def test_every_mail_with_a_code_or_draft_can_be_the_last(client: TestClient, board: Board) -> None:
    """One click by the mail provider, from elsewhere and without a cookie (RFC 8058)."""
    client.post(f"{TOWN}/vote", data={"email": "ana@example.org"}, headers=HERE)
    client.post("/you", data={"email": "bo@example.org"}, headers=HERE)
    client.post("/tell", data={**STORY, "email": "cy@example.org", "save": "1"}, headers=HERE)
    mails = deliver(board)
    assert len(mails) == 3
    for number, mail in enumerate(mails, start=1):
        head = mail.raw.decode().split("\n\n")[0].split("\r\n\r\n")[0]
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
        found = re.search(r"List-Unsubscribe: <http://testserver(\S+)>", head)
        assert found is not None, head
        path = found[1]
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
        assert count(board, suppressions) == number - 1
        form = {"List-Unsubscribe": "One-Click"}
        foreign = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
        for _again in range(2):
            assert client.post(path, data=form, headers=foreign).status_code == 200
        assert count(board, suppressions) == number
        assert "won't write to this address" in client.get(path).text
    assert client.post("/mail/stop/1-forged/never", headers=HERE).status_code == 410
    with board.database.snapshot() as conn:
        contents = conn.execute(select(waitings.c.payload)).scalars().all()
    assert set(contents) <= {b""}
