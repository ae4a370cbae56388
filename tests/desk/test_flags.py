"""What readers reported, at the desk: one thing once, with all that was said; and closing talks."""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.comments.models import comments, talk_locks
from board.core import clock
from board.core.http import Board
from board.desk.queries import queue_size
from board.moderation.actions import Flagger, Flagging, flag
from board.moderation.models import flags
from board.moderation.rules import Subject
from board.people.models import people
from board.record.models import decisions
from board.recount import differences
from board.stories.models import stories
from tests.invented import HERE, person, remembered, say, tell, vote

TABLES = {"story": stories, "comment": comments}


def flagged(board: Board, subject: Subject, many: int = 2) -> int:
    """A public thing by Alice that so many confirmed people reported."""
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        number = tell(conn, alice, town_id) if subject == "story" else say(conn, alice, town_id)
        for nth in range(many):
            who = person(conn, f"Reader {nth}")
            reason = "charges" if nth else "spam"
            flagging = Flagging(subject, number, reason, f"Note {nth}.")
            flag(
                conn,
                flagging,
                Flagger(f"192.0.2.{nth}", who.id, who.key),
                an_hour=9,
                now=clock.now(),
            )
    return number


def act(
    client: TestClient, subject: str, number: int, what: str, *, seen: str, reason: str = ""
) -> int:
    form = {
        "subject": subject, "subject_id": str(number), "act": what, "reason": reason, "seen": seen,
    }  # fmt: skip
    return client.post("/staff/queue", data=form, headers=HERE).status_code


def visibility(board: Board, subject: str) -> str:
    with board.database.snapshot() as conn:
        return str(conn.execute(select(TABLES[subject].c.visibility)).scalar_one())


def waiting(board: Board) -> int:
    with board.database.snapshot() as conn:
        return queue_size(conn, clock.now(), with_contacts=True)


@pytest.mark.parametrize("subject", ["story", "comment"])
@pytest.mark.parametrize("many", [2, 3])
def test_reported_thing_stands_in_the_queue_once_with_all_that_was_said(
    client: TestClient, board: Board, subject: Subject, many: int
) -> None:
    number = flagged(board, subject, many)
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    assert len(re.findall(f'<article[^>]* id="{subject}-{number}"', page)) == 1
    assert f"{many} people reported it" in page
    for words in ("Suspicious or spam", "Charges learners", "Note 0.", "Note 1."):
        assert words in page
    seen = "reported" if many < 3 else "held"
    assert f'name="seen" value="{seen}"' in page
    assert waiting(board) == 1


@pytest.mark.parametrize("subject", ["story", "comment"])
@pytest.mark.parametrize("second", ["unlist", "delete", "block", "keep", "trust"])
def test_older_page_doesn_t_overrule_a_colleague_who_kept_it(
    client: TestClient, board: Board, subject: Subject, second: str
) -> None:
    """It is public before and after: what changed is that its readers were answered."""
    number = flagged(board, subject)
    remembered(board, client, "Mo", role="moderator")
    stale = client.get("/staff/queue").text
    (tick,) = re.findall(rf'name="tick-{subject}-{number}" value="([^"]+)"', stale)
    assert act(client, subject, number, "keep", seen="reported") == 303
    remembered(board, client, "Ines", role="moderator")
    assert act(client, subject, number, second, seen="reported", reason="spam") == 409
    form = {f"tick-{subject}-{number}": tick, "act": "delete", "reason": "spam"}
    answer = client.post("/staff/queue/many", data=form, headers=HERE)
    assert answer.headers["location"].endswith("missed=1")
    assert visibility(board, subject) == "public"


@pytest.mark.parametrize("subject", ["story", "comment"])
@pytest.mark.parametrize("many", [2, 3])
@pytest.mark.parametrize(
    ("what", "after"),
    [
        ("keep", "public"),
        ("trust", "public"),
        ("unlist", "unlisted"),
        ("archive", "archived"),
        ("delete", "deleted"),
        ("block", "deleted"),
    ],
)
def test_every_act_answers_the_flags(
    client: TestClient, board: Board, subject: Subject, many: int, what: str, after: str
) -> None:
    number = flagged(board, subject, many)
    remembered(board, client, "Mo", role="moderator")
    seen = "public" if many < 3 else "held"
    reason = "spam" if after != "public" else ""
    assert act(client, subject, number, what, seen=seen, reason=reason) == 303
    assert visibility(board, subject) == after
    assert waiting(board) == 0
    # A second press, or a colleague's older page, changes nothing any more.
    assert act(client, subject, number, what, seen=seen, reason=reason) == 409
    with board.database.snapshot() as conn:
        assert conn.execute(select(flags.c.id).where(flags.c.settled_at.is_(None))).first() is None
        kept = conn.execute(select(TABLES[subject].c.kept_at)).scalar_one()
        alice = conn.execute(people.select().where(people.c.name == "Alice")).one()
        acts = [row.act for row in conn.execute(decisions.select().order_by(decisions.c.id))]
        assert differences(conn, board.settings) == []
    assert (kept is not None) == (after == "public")
    assert (alice.trusted, alice.blocked_at is not None) == (what == "trust", what == "block")
    assert acts == (["hide"] if many == 3 else []) + [what]


def test_older_page_does_not_decide_about_what_flags_hid_meanwhile(
    client: TestClient, board: Board
) -> None:
    number = flagged(board, "comment", 3)
    remembered(board, client, "Mo", role="moderator")
    assert act(client, "comment", number, "keep", seen="public") == 409
    assert visibility(board, "comment") == "held"


def test_public_thing_without_flags_has_nothing_to_keep(client: TestClient, board: Board) -> None:
    number = flagged(board, "comment", 0)
    remembered(board, client, "Mo", role="moderator")
    assert act(client, "comment", number, "keep", seen="public") == 409
    with board.database.snapshot() as conn:
        assert conn.execute(select(comments.c.kept_at)).scalar_one() is None
        assert conn.execute(decisions.select()).first() is None


def test_reported_word_of_the_open_talk_is_judged_like_any_other(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        number = say(conn, alice, None, "Only 49 euro.")
        flag(
            conn,
            Flagging("comment", number, "charges"),
            Flagger("192.0.2.1"),
            an_hour=9,
            now=clock.now(),
        )
    remembered(board, client, "Mo", role="moderator")
    assert "Only 49 euro." in client.get("/staff/queue").text
    assert act(client, "comment", number, "unlist", seen="public", reason="charges") == 303
    assert visibility(board, "comment") == "unlisted"


# --- closing a talk -------------------------------------------------------------------------


def close(client: TestClient, **form: str) -> tuple[int, str, str]:
    answer = client.post("/staff/talk", data=form, headers=HERE)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_moderator_closes_and_opens_a_town_s_talk(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "Alice"))
    remembered(board, client, "Mo", role="moderator")
    link = f"/staff/talk?town={town_id}"
    assert link in client.get("/towns/si/velenje").text
    assert "Velenje" in client.get(link).text
    status, path, _page = close(client, town=str(town_id), act="lock", reason="Until Monday.")
    assert (status, path) == (303, "/towns/si/velenje#talk")
    assert "Until Monday." in client.get("/towns/si/velenje").text
    assert "Until Monday." in client.get(link).text
    assert close(client, town=str(town_id), act="unlock")[0] == 303
    assert close(client, town=str(town_id), act="unlock")[0] == 409
    assert "Until Monday." not in client.get("/towns/si/velenje").text


def test_closing_needs_a_reason_that_is_kept_when_it_is_too_long(
    client: TestClient, board: Board
) -> None:
    remembered(board, client, "Mo", role="moderator")
    for reason in ("", " ", "x" * 301):
        status, _path, page = close(client, town="", act="lock", reason=reason)
        assert (status, reason.strip() in page) == (422, True)
    with board.database.snapshot() as conn:
        assert conn.execute(talk_locks.select()).first() is None
    assert close(client, town="", act="lock", reason="Until Monday.")[:2] == (303, "/talk#talk")
    for number in ("99999", "x", "9" * 30):
        assert client.get(f"/staff/talk?town={number}").status_code == 404
        assert close(client, town=number, act="lock", reason="x")[0] == 404


def test_closing_is_for_the_desk(client: TestClient, board: Board) -> None:
    assert client.get("/staff/talk").headers["location"] == "/staff/sign-in"
    remembered(board, client, "Alice")
    assert close(client, town="", act="lock", reason="x")[1] == "/staff/sign-in"
    assert "/staff/talk" not in client.get("/talk").text
