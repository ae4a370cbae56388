"""The queue: each act does what its button says, once, and is written down without a word of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Row, Table, select
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.desk.models import partner_messages
from board.desk.rules import ACTS, NEED_REASON
from board.people.models import contacts, people, sessions, waitings
from board.record.models import decisions
from board.stories.models import stories
from board.stories.rules import REASONS
from board.taking_part.retention_jobs import tidy
from board.towns.actions import found_by_hand
from board.towns.models import towns
from board.votes.models import votes
from tests.invented import HERE, person, remembered, say, tell, vote
from tests.post import deliver

TOWN = "/towns/si/velenje"
WORDS = "The mine is winding down"
STORY = {
    "geonames_id": "3189075",
    "why": "A second story, told later.",
    "name": "Alice",
    "email": "alice@example.org",
    "may_show": "1",
}


@pytest.fixture
def held(board: Board, client: TestClient) -> tuple[int, int]:
    """A story and a comment by Alice that wait; Mo, a moderator, looks at them."""
    with board.database.transaction() as conn:
        alice = person(conn, "Alice", key=board.keys.person_key("alice@example.org"))
        town_id = vote(conn, alice)
        story_id = tell(conn, alice, town_id, visibility="held")
        comment_id = say(conn, alice, town_id, "Look at example.org", visibility="held")
    remembered(board, client, "Mo", role="moderator")
    return story_id, comment_id


def act(
    client: TestClient,
    subject: str,
    number: int,
    act_: str,
    *,
    reason: str = "",
    seen: str = "held",
) -> int:
    """Press a button in the queue; the answer's status."""
    if subject not in ("story", "comment"):
        seen = ""
    form = {
        "subject": subject, "subject_id": str(number), "act": act_, "reason": reason, "seen": seen,
    }  # fmt: skip
    return client.post("/staff/queue", data=form, headers=HERE).status_code


def record(board: Board) -> list[Row[Any]]:
    with board.database.snapshot() as conn:
        return list(conn.execute(decisions.select().order_by(decisions.c.id)).all())


def only(board: Board, table: Table) -> Row[Any]:
    """The one row of a table."""
    with board.database.snapshot() as conn:
        return conn.execute(table.select()).one()


def visibility(board: Board, table: Table, number: int) -> str:
    with board.database.snapshot() as conn:
        statement = select(table.c.visibility).where(table.c.id == number)
        return str(conn.execute(statement).scalar_one())


def as_stranger(client: TestClient, path: str) -> tuple[int, str]:
    """What somebody without a cookie sees."""
    cookies = dict(client.cookies)
    client.cookies.clear()
    answer = client.get(path)
    client.cookies.update(cookies)
    return answer.status_code, answer.text


# --- stories --------------------------------------------------------------------------------


def test_kept_story_is_public_and_counted_at_once(
    client: TestClient, board: Board, held: tuple[int, int]
) -> None:
    story_id, _comment = held
    page = client.get("/staff/queue").text
    assert WORDS in page
    assert 'name="seen" value="held"' in page
    assert act(client, "story", story_id, "keep") == 303
    status, html = as_stranger(client, f"/stories/{story_id}")
    assert status == 200
    assert WORDS in html
    assert "One house, one story." in as_stranger(client, TOWN)[1]
    assert f'id="story-{story_id}"' not in client.get("/staff/queue").text
    with board.database.snapshot() as conn:
        assert conn.execute(people.select().where(people.c.trusted)).first() is None


def test_trusted_author_s_next_story_is_public_at_once(
    client: TestClient, board: Board, held: tuple[int, int]
) -> None:
    assert act(client, "story", held[0], "trust") == 303
    remembered(board, client, "Alice")
    answer = client.post("/tell", data=STORY, headers=HERE)
    assert answer.status_code == 303
    path = answer.headers["location"]
    assert path.startswith("/stories/")
    assert as_stranger(client, path)[0] == 200


@pytest.mark.parametrize(
    ("act_", "after", "author_sees"),
    [
        ("unlist", "unlisted", 200),
        ("archive", "archived", 410),
        ("delete", "deleted", 410),
        ("block", "deleted", 410),
    ],
)
def test_story_taken_away_is_gone_for_others(
    client: TestClient,
    board: Board,
    held: tuple[int, int],
    act_: str,
    after: str,
    author_sees: int,
) -> None:
    story_id, _comment = held
    path = f"/stories/{story_id}"
    assert act(client, "story", story_id, act_) == 422
    assert visibility(board, stories, story_id) == "held"
    assert act(client, "story", story_id, act_, reason="because") == 422
    assert act(client, "story", story_id, act_, reason="charges") == 303
    assert visibility(board, stories, story_id) == after
    assert as_stranger(client, path)[0] == 410
    (entry,) = record(board)
    assert (entry.act, entry.subject, entry.subject_id) == (act_, "story", story_id)
    assert (entry.reason, entry.before, entry.after) == ("charges", "held", after)
    remembered(board, client, "Alice")
    assert client.get(path).status_code == author_sees


def test_reason_is_asked_for_beside_the_thing_it_lacks(
    client: TestClient, held: tuple[int, int]
) -> None:
    form = {"subject": "story", "subject_id": str(held[0]), "act": "unlist", "seen": "held"}
    answer = client.post("/staff/queue", data=form, headers=HERE)
    assert answer.status_code == 422
    thing = re.search(rf'<article[^>]*id="story-{held[0]}".*?</article>', answer.text, re.S)
    assert thing is not None
    assert 'id="error-reason"' in thing[0]
    assert 'aria-describedby="error-reason"' in thing[0]
    assert answer.text.count('id="error-reason"') == 1
    assert all(f'value="{reason}"' in thing[0] for reason in REASONS)


def test_blocked_author_takes_no_more_part(
    client: TestClient, board: Board, held: tuple[int, int]
) -> None:
    with TestClient(client.app, follow_redirects=False) as other:
        remembered(board, other, "Alice")
        assert act(client, "story", held[0], "block", reason="spam") == 303
        with board.database.snapshot() as conn:
            assert conn.execute(select(sessions.c.id).where(~sessions.c.desk)).first() is None
            row = conn.execute(select(people.c.blocked_at).where(people.c.name == "Alice")).one()
        assert row.blocked_at is not None
        # Her cookie is worth nothing any more: she is a stranger who is asked for an address.
        answer = other.post(f"{TOWN}/comments", data={"text": "Me again"}, headers=HERE)
        assert answer.status_code == 200
        assert 'name="email"' in answer.text
    # Her vote stands: blocking is about what she says (DECISIONS 5).
    assert only(board, votes).state == "counted"


# --- comments -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act_", "after"),
    [
        ("keep", "public"), ("trust", "public"), ("unlist", "unlisted"), ("archive", "archived"),
        ("delete", "deleted"), ("block", "deleted"),
    ],
)  # fmt: skip
def test_comment_is_judged_like_a_story(
    client: TestClient, board: Board, held: tuple[int, int], act_: str, after: str
) -> None:
    _story, comment_id = held
    reason = "spam" if act_ in NEED_REASON else ""
    assert act(client, "comment", comment_id, act_, reason=reason) == 303
    assert visibility(board, comments, comment_id) == after
    assert ("example.org" in as_stranger(client, TOWN)[1]) == (after == "public")
    (entry,) = record(board)
    assert (entry.act, entry.subject, entry.after) == (act_, "comment", after)


# --- two at the desk ------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["keep", "unlist", "block"])
def test_second_moderator_hears_that_somebody_was_faster(
    client: TestClient, board: Board, held: tuple[int, int], second: str
) -> None:
    story_id, _comment = held
    assert act(client, "story", story_id, "keep") == 303
    form = {
        "subject": "story", "subject_id": str(story_id), "act": second, "reason": "spam",
        "seen": "held",
    }  # fmt: skip
    answer = client.post("/staff/queue", data=form, headers=HERE)
    assert answer.status_code == 409
    assert "Somebody else was faster: this is done already." in answer.text
    assert visibility(board, stories, story_id) == "public"
    assert len(record(board)) == 1
    with board.database.snapshot() as conn:
        assert conn.execute(people.select().where(people.c.blocked_at.is_not(None))).first() is None


def test_unknown_acts_and_things_are_refused(
    client: TestClient, board: Board, held: tuple[int, int]
) -> None:
    for subject, number, act_ in (
        ("story", held[0], "promote"), ("story", 12_345, "keep"), ("person", 1, "block"),
        ("town", 1, "keep"), ("town", 12_345, "list"), ("", 0, ""),
    ):  # fmt: skip
        assert act(client, subject, number, act_) == 404
    assert record(board) == []


# --- people without e-mail ------------------------------------------------------------------


def leave_number(client: TestClient, path: str = f"{TOWN}/vote", **form: str) -> str:
    """Somebody new leaves a phone number; the page they are on then."""
    client.cookies.clear()
    answer = client.post(path, data={"phone": "041 234 567", **form}, headers=HERE)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def waiting_id(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(waitings.c.id)).scalar_one())


def test_person_reached_by_phone_is_counted_and_their_number_kept(
    client: TestClient, board: Board
) -> None:
    leave_number(client, name="Nada", come="1", host="1")
    remembered(board, client, "Sue", role="staff")
    page = client.get("/staff/queue").text
    assert '<a href="tel:+38641234567">+38641234567</a>' in page
    assert "Nada" in page
    assert act(client, "call", waiting_id(board), "reached") == 303
    town = only(board, towns)
    assert (town.vote_count, town.come_count, town.host_count) == (1, 1, 1)
    kept = only(board, contacts)
    assert board.keys.open("contact.value", kept.value) == "+38641234567"
    (entry,) = record(board)
    assert (entry.act, entry.subject, entry.town_id) == ("reached", "call", town.id)
    assert "+386" not in client.get("/staff/queue").text
    assert deliver(board) == []


def test_story_by_phone_waits_for_eyes_after_the_call(client: TestClient, board: Board) -> None:
    leave_number(
        client, "/tell", geonames_id="3189075", why="No e-mail, but a story.", name="Nada",
        may_show="1",
    )  # fmt: skip
    remembered(board, client, "Sue", role="staff")
    assert "No e-mail, but a story." in client.get("/staff/queue").text
    assert act(client, "call", waiting_id(board), "reached") == 303
    assert only(board, stories).visibility == "held"
    assert only(board, towns).vote_count == 1


def test_person_not_reached_leaves_nothing(client: TestClient, board: Board) -> None:
    page = leave_number(client)
    number = waiting_id(board)
    remembered(board, client, "Sue", role="staff")
    assert act(client, "call", number, "drop") == 303
    with board.database.snapshot() as conn:
        assert conn.execute(votes.select()).first() is None
    (entry,) = record(board)
    assert (entry.act, entry.subject, entry.subject_id) == ("drop", "call", number)
    # For a day it could be fetched back; for its sender it is gone at once.
    assert client.get(page).status_code == 410
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=5)):
        tidy(board.database, board.settings)
    with board.database.snapshot() as conn:
        assert conn.execute(waitings.select()).first() is None
    remembered(board, client, "Sue", role="staff")
    for again in ("drop", "reached"):
        assert act(client, "call", number, again) == 409
    assert len(record(board)) == 1


def test_form_that_waits_for_its_mail_is_nobody_s_to_confirm(
    client: TestClient, board: Board
) -> None:
    client.post(f"{TOWN}/vote", data={"email": "bob@example.org"}, headers=HERE)
    remembered(board, client, "Sue", role="staff")
    assert act(client, "call", waiting_id(board), "reached") == 409
    with board.database.snapshot() as conn:
        assert conn.execute(votes.select()).first() is None


# --- towns typed by hand --------------------------------------------------------------------


def hand_typed(board: Board) -> tuple[int, str, int]:
    """A hand-typed town with a vote, a public story and a comment; id, path, story."""
    with board.database.transaction() as conn:
        town_id = found_by_hand(
            conn, name="Spodnji Log", country="SI", lat=46.1, lng=15.0, now=clock.now()
        )
        conn.execute(towns.update().values(vote_count=1))
        alice = person(conn, "Alice")
        story_id = tell(conn, alice, town_id, title="From Log")
        say(conn, alice, town_id, "Hello Log")
        tell(conn, alice, town_id, visibility="held", title="Held in Log")
        row = conn.execute(towns.select()).one()
    return town_id, f"/towns/si/{row.slug}", story_id


def test_town_listed_by_staff_stands_on_list_and_map(client: TestClient, board: Board) -> None:
    town_id, path, _story = hand_typed(board)
    remembered(board, client, "Mo", role="moderator")
    assert "Spodnji Log" in client.get("/staff/queue").text
    assert act(client, "town", town_id, "list") == 303
    _status, html = as_stranger(client, "/towns")
    assert html.count("Spodnji Log") >= 2
    assert 'content="noindex"' not in as_stranger(client, path)[1]
    for again in ("list", "drop"):
        assert act(client, "town", town_id, again) == 409
    (entry,) = record(board)
    assert (entry.act, entry.before, entry.after) == ("list", "by_hand", "listed")


def test_town_that_is_none_closes_with_all_that_was_written_there(
    client: TestClient, board: Board
) -> None:
    town_id, path, story_id = hand_typed(board)
    remembered(board, client, "Mo", role="moderator")
    assert act(client, "town", town_id, "drop") == 303
    assert as_stranger(client, path)[0] == 410
    assert as_stranger(client, f"/stories/{story_id}")[0] == 410
    assert "From Log" not in as_stranger(client, "/stories")[1]
    queue = client.get("/staff/queue").text
    assert "Held in Log" not in queue
    assert "Nothing waits." in queue
    for again in ("drop", "list"):
        assert act(client, "town", town_id, again) == 409
    # The town, and one entry for each thing that was put away with it.
    assert [(one.act, one.subject) for one in record(board)][-1] == ("drop", "town")
    assert {one.act for one in record(board)} == {"drop"}
    town = only(board, towns)
    assert (town.story_count, town.comment_count) == (0, 0)


def test_form_for_a_town_that_was_none_is_not_confirmed_there(
    client: TestClient, board: Board
) -> None:
    town_id, path, _story = hand_typed(board)
    page = client.post(f"{path}/vote", data={"email": "bob@example.org"}, headers=HERE)
    code = deliver(board)[-1].code
    remembered(board, client, "Mo", role="moderator")
    act(client, "town", town_id, "drop")
    answer = client.post(page.headers["location"], data={"code": code}, headers=HERE)
    assert answer.status_code == 404
    with board.database.snapshot() as conn:
        assert conn.execute(votes.select()).first() is None


# --- partners -------------------------------------------------------------------------------

LETTER = {
    "organisation": "Library of Velenje",
    "name": "Ana",
    "email": "ana@example.org",
    "phone": "041 234 567",
    "message": "We have a room with twelve chairs.",
    "at": "si/velenje",
}


def test_partner_s_letter_lies_on_the_desk_until_it_is_answered(
    client: TestClient, board: Board
) -> None:
    answer = client.post("/partner", data=LETTER, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/partner?sent=1")
    assert "on our desk" in client.get("/partner?sent=1").text
    row = only(board, partner_messages)
    assert b"ana" not in row.content
    assert b"chairs" not in row.content
    remembered(board, client, "Sue", role="staff")
    page = client.get("/staff/queue").text
    for word in ("Library of Velenje", "twelve chairs", "ana@example.org", "Velenje"):
        assert word in page
    assert act(client, "partner", row.id, "answered") == 303
    assert "twelve chairs" not in client.get("/staff/queue").text
    assert act(client, "partner", row.id, "answered") == 409
    (entry,) = record(board)
    assert (entry.act, entry.subject, entry.subject_id) == ("answered", "partner", row.id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"organisation": ""}, "organisation"),
        ({"message": " \n "}, "message"),
        ({"message": "x" * 4_001}, "message"),
        ({"name": ""}, "name"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": "ana@"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"at": "", "town": "el"}, "town"),
    ],
)
def test_partner_s_letter_keeps_every_word_when_something_lacks(
    client: TestClient, changes: dict[str, str], field: str
) -> None:
    form = {**LETTER, **changes}
    answer = client.post("/partner", data=form, headers=HERE)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    for name in ("organisation", "name", "email"):
        assert form[name] in answer.text
    assert form["message"][:30].strip() in answer.text


def test_partner_s_letter_arrives_also_when_its_town_is_gone(
    client: TestClient, board: Board
) -> None:
    form = {**LETTER, "at": "si/atlantis", "phone": ""}
    assert client.post("/partner", data=form, headers=HERE).status_code == 303
    assert only(board, partner_messages).town_id is None


# --- who sees what --------------------------------------------------------------------------


def test_moderators_see_no_contacts_and_can_t_touch_them(
    client: TestClient, board: Board, held: tuple[int, int]
) -> None:
    leave_number(client)
    number = waiting_id(board)
    client.post("/partner", data=LETTER, headers=HERE)
    letter = only(board, partner_messages).id
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    assert WORDS in page
    for word in ("+38641234567", "Library of Velenje", "ana@example.org", "Call first"):
        assert word not in page
    assert "<b>2</b> things" in page
    for subject, thing, verb in (
        ("call", number, "reached"), ("call", number, "drop"), ("partner", letter, "answered"),
    ):  # fmt: skip
        assert act(client, subject, thing, verb) == 403
    assert record(board) == []
    remembered(board, client, "Sue", role="staff")
    assert "<b>4</b> things" in client.get("/staff/queue").text
    assert '<span class="desk-count">4<' in client.get("/staff").text


def test_empty_queue_says_so(client: TestClient, board: Board) -> None:
    remembered(board, client, "Mo", role="moderator")
    assert "Nothing waits." in client.get("/staff/queue").text


def test_record_holds_codes_and_never_a_word(client: TestClient, board: Board) -> None:
    """Every act once; then no text, name or address of anybody stands in the record."""
    remembered(board, client, "Sue", role="admin")
    pressed = list[tuple[str, str, int]]()
    with board.database.transaction() as conn:
        for n, subject in enumerate(("story", "comment") * 6):
            author = person(conn, f"Author {n}")
            made = tell if subject == "story" else say
            number = made(conn, author, vote(conn, author), "Secret words", visibility="held")
            pressed.append((subject, ACTS[subject][n // 2], number))
    for subject, verb, number in pressed:
        reason = "spam" if verb in NEED_REASON else "Secret words"
        assert act(client, subject, number, verb, reason=reason) == 303
    entries = record(board)
    assert [(one.subject, one.act, one.subject_id) for one in entries] == pressed
    with board.database.snapshot() as conn:
        assert {one.actor_id for one in entries} == {person(conn, "Sue").id}
    kept = repr(entries)
    for word in ("Secret", "Author", "Sue", "Velenje", "example"):
        assert word not in kept
