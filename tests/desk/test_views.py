"""A town at the desk, with the word that it gets."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.record.models import decisions
from board.towns.models import towns
from board.updates.models import updates
from board.updates.template_actions import keep_template
from tests.invented import HERE, add_towns, person, remembered, row_of_town, tell, vote

TOWN = "/towns/si/velenje"


@pytest.fixture
def desk(client: TestClient, board: Board) -> TestClient:
    """Sue sits at the desk; Velenje (1) asks."""
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    remembered(board, client, "Sue", role="staff")
    return client


def publish(client: TestClient, **form: str) -> tuple[int, str]:
    """Send the box for P2PU's word."""
    said = {"seen": "asking", "status": "asking", "language": "en", **form}
    answer = client.post("/staff/towns/1", data=said, headers=HERE)
    return answer.status_code, answer.text


def public(client: TestClient, path: str = TOWN) -> str:
    """A page as strangers see it."""
    cookies = dict(client.cookies)
    client.cookies.clear()
    html = client.get(path).text
    client.cookies.update(cookies)
    return html


# --- a town ---------------------------------------------------------------------------------


def test_word_stands_on_the_public_page_at_once(desk: TestClient, board: Board) -> None:
    assert "In review" in desk.get("/staff/towns/1").text
    answer = desk.post(
        "/staff/towns/1",
        data={
            "seen": "asking",
            "status": "talking",
            "text": "We talk to the **library**.\n\nhttps://example.org",
            "language": "en",
        },
        headers=HERE,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/towns/1#said")
    html = public(desk)
    assert "We talk to the <strong>library</strong>." in html
    assert "Sue, P2PU team" in html
    assert 'class="step step-talking step-now" aria-current="step"' in html
    assert "Talking" in public(desk, "/towns")
    assert "We talk to the <strong>library</strong>." in desk.get("/staff/towns/1").text


def test_not_now_stands_with_its_reason(desk: TestClient) -> None:
    status, _html = publish(desk, status="not_now", reason="no_space", text="No room so far.")
    assert status == 303
    html = public(desk)
    assert "Not now, and here is why." in html
    assert "There is no room yet." in html
    assert "No room so far." in html
    assert "I want this here" in html


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"status": "not_now", "text": "Sorry, <b>no</b>."}, "reason"),
        ({"status": "not_now", "reason": "<i>", "text": "Sorry, <b>no</b>."}, "reason"),
        ({"status": "asking", "text": "  "}, "text"),
        ({"status": "nirvana", "text": "Sorry, <b>no</b>."}, "status"),
        ({"status": "talking", "text": "x" * 8_001}, "text"),
    ],
)
def test_word_with_mistakes_keeps_every_letter(
    desk: TestClient, board: Board, form: dict[str, str], field: str
) -> None:
    status, html = publish(desk, **form)
    assert status == 422
    assert f'id="error-{field}"' in html
    assert form["text"].strip().replace("<b>no</b>", "&lt;b&gt;no&lt;/b&gt;") in html
    with board.database.snapshot() as conn:
        assert conn.execute(updates.select()).first() is None
        assert conn.execute(decisions.select()).first() is None


def test_word_written_over_a_colleague_s_step_is_asked_again(
    desk: TestClient, board: Board
) -> None:
    assert publish(desk, status="in_review", text="We look.")[0] == 303
    status, html = publish(desk, status="planned", text="In May, at the school.")
    assert status == 409
    assert "Somebody moved this town meanwhile." in html
    assert "In May, at the school." in html
    assert 'name="seen" value="in_review"' in html
    assert publish(desk, seen="in_review", status="planned", text="In May.")[0] == 303
    with board.database.snapshot() as conn:
        assert conn.execute(select(towns.c.status)).scalar_one() == "planned"


def test_steps_that_aren_t_open_can_t_be_chosen(desk: TestClient) -> None:
    assert publish(desk, status="launched", text="It runs.")[0] == 303
    html = desk.get("/staff/towns/1").text

    def is_open(status: str) -> bool:
        found = re.search(rf'<input[^>]*name="status" value="{status}"[^>]*>', html)
        return found is not None and "disabled" not in found[0]

    assert [s for s in ("asking", "in_review", "talking", "planned", "launched", "not_now")
            if is_open(s)] == ["planned", "launched", "not_now"]  # fmt: skip


def test_town_says_that_a_word_is_overdue(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        long_ago = clock.now() - timedelta(days=40)
        conn.execute(towns.update().values(vote_count=20, asked_at=long_ago))
    assert "no word from us yet" in desk.get("/staff/towns/1").text
    publish(desk, text="Soon.")
    assert "no word from us yet" not in desk.get("/staff/towns/1").text


def test_unknown_town_at_the_desk_is_not_found(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        (gone,) = add_towns(conn, [row_of_town(1, standing="dropped")])
    for number in (gone, 999_999_999):
        assert desk.get(f"/staff/towns/{number}").status_code == 404
        answer = desk.post(f"/staff/towns/{number}", data={"text": "x"}, headers=HERE)
        assert answer.status_code == 404


def test_desk_pages_are_stored_nowhere(desk: TestClient) -> None:
    for path in ("/staff", "/staff/queue", "/staff/towns/1", "/staff/sign-in"):
        headers = desk.get(path).headers
        assert headers["cache-control"] == "private, no-store"
        assert "noindex" in headers["x-robots-tag"]


def test_templates_in_the_town_s_languages_come_first(desk: TestClient, board: Board) -> None:
    now = clock.now()
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        tell(conn, alice, 1, language="sl")
        for name, language in (("A room", "de"), ("Soba", "sl")):
            keep_template(
                conn, name=name, language=language, text="{town}!", person_id=alice.id, now=now
            )
    html = desk.get("/staff/towns/1").text
    first, second = html.index(">Soba (Slovenian)<"), html.index(">A room (German)<")
    assert html.index("In a language people write in there") < first < second
    begun = desk.get("/staff/towns/1?template=2").text
    assert "Velenje!</textarea>" in begun
    assert '<option value="sl" selected>' in begun
