"""The author of what is judged: their other things, what they are told, and the talk around it."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Connection, insert, select, update
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.mail.actions import stop_stream, suppress
from board.mail.models import outgoing_mails
from board.mail.rules import STREAMS
from board.people.actions import keep_contact
from board.people.models import contact_uses, organiser_towns, people
from board.record.models import decisions
from board.stories.models import stories
from tests.desk.queueing import counts_are_true, judge, last_step, row_of, undo
from tests.invented import (
    ELK,
    HERE,
    JOENSUU,
    Person,
    person,
    remembered,
    say,
    statements,
    tell,
    vote,
)
from tests.post import Post, deliver

NOTE = "Circles are free here. You are welcome to run one!"


class Rob:
    """Somebody who left an address and said the same in three towns; all of it waits."""

    def __init__(self, board: Board, *, address: str = "rob@example.org") -> None:
        with board.database.transaction() as conn:
            self.who = person(conn, "Rob", key=board.keys.person_key("rob@example.org"))
            conn.execute(update(people).where(people.c.id == self.who.id).values(language="de"))
            at = vote(conn, self.who)
            self.story = tell(conn, self.who, at, title="A course", visibility="held")
            self.comments = [
                say(conn, self.who, vote(conn, self.who, place), f"49 euro {n}", visibility="held")
                for n, place in enumerate((ELK, JOENSUU))
            ]
            if address:
                leave_address(board, conn, self.who, address)


def leave_address(board: Board, conn: Connection, who: Person, address: str) -> None:
    sealed, now = board.keys.seal("contact.value", address), clock.now()
    keep_contact(conn, who.id, "email", sealed, now=now, expires_at=now + timedelta(days=300))


def with_others(page: str, anchor: str) -> dict[str, str]:
    """The hidden stamps of what goes along with one thing."""
    whole = re.search(rf'<article[^>]*id="{anchor}".*?</article>', page, re.S)
    assert whole is not None
    return dict(re.findall(r'name="(also-[a-z]+-\d+)" value="([^"]+)"', whole[0]))


def mails(board: Board, minutes: int = 11) -> list[Post]:
    """What the folder holds once the pause for second thoughts is over."""
    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        return deliver(board)


def visibilities(board: Board, rob: Rob) -> list[str]:
    return [
        str(row_of(board, stories, rob.story)["visibility"]),
        *(str(row_of(board, comments, one)["visibility"]) for one in rob.comments),
    ]


# --- their other things ---------------------------------------------------------------------


def test_others_of_the_author_go_along_when_that_is_ticked(
    client: TestClient, board: Board
) -> None:
    rob = Rob(board)
    with board.database.transaction() as conn:
        aino = person(conn, "Aino")
        other = say(conn, aino, vote(conn, aino), "Not Rob's", visibility="held")
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    stamps = with_others(page, f"story-{rob.story}")
    assert set(stamps) == {f"also-comment-{one}" for one in rob.comments}
    assert with_others(page, f"comment-{other}") == {}
    # Shown, but not ticked: nothing else moves.
    judge(client, "story", rob.story, "unlist", reason="charges", **stamps)
    assert visibilities(board, rob) == ["unlisted", "held", "held"]
    assert undo(client, last_step(board)) == 303
    place = judge(client, "story", rob.story, "unlist", reason="charges", also="1", **stamps)
    assert visibilities(board, rob) == ["unlisted"] * 3
    assert row_of(board, comments, other)["visibility"] == "held"
    page = client.get(place).text
    assert "3 things are done." in page
    steps = re.search(r'name="step" value="([\d,]+)"', page)
    assert steps is not None
    assert undo(client, *map(int, steps[1].split(","))) == 303
    assert visibilities(board, rob) == ["held"] * 3
    assert counts_are_true(board)


def test_forged_or_stale_others_stay_where_they_are(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    with board.database.transaction() as conn:
        aino = person(conn, "Aino")
        foreign = say(conn, aino, vote(conn, aino), "Not Rob's", visibility="held")
    remembered(board, client, "Mo", role="moderator")
    stamps = with_others(client.get("/staff/queue").text, f"story-{rob.story}")
    with board.database.transaction() as conn:
        changed = update(comments).where(comments.c.id == rob.comments[0])
        conn.execute(changed.values(text="Something harmless"))
    forged = {f"also-comment-{foreign}": "held.", "also-comment-999": "held.", "also-story-x": "1"}
    place = judge(client, "story", rob.story, "delete", reason="spam", also="1", **stamps, **forged)
    assert visibilities(board, rob) == ["deleted", "held", "deleted"]
    assert row_of(board, comments, foreign)["visibility"] == "held"
    assert "1 had changed meanwhile" in client.get(place).text


def test_block_blocks_once_and_takes_the_others_away(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    remembered(board, client, "Mo", role="moderator")
    stamps = with_others(client.get("/staff/queue").text, f"story-{rob.story}")
    place = judge(client, "story", rob.story, "block", reason="spam", also="1", tell="1", **stamps)
    assert visibilities(board, rob) == ["deleted"] * 3
    with board.database.snapshot() as conn:
        acts = list(conn.execute(select(decisions.c.act).order_by(decisions.c.id)).scalars())
    assert acts == ["block", "delete", "delete"]
    # Whoever takes no more part isn't written to.
    assert mails(board) == []
    steps = re.search(r'name="step" value="([\d,]+)"', client.get(place).text)
    assert steps is not None
    assert undo(client, *map(int, steps[1].split(","))) == 303
    assert row_of(board, people, rob.who.id)["blocked_at"] is None


def test_organiser_takes_along_only_what_is_in_own_towns(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    lea = remembered(board, client, "Lea", role="organiser")
    with board.database.transaction() as conn:
        town_id = conn.execute(
            select(stories.c.town_id).where(stories.c.id == rob.story)
        ).scalar_one()
        conn.execute(insert(organiser_towns).values(person_id=lea.id, town_id=town_id))
    page = client.get("/staff/queue").text
    assert with_others(page, f"story-{rob.story}") == {}
    forged = {f"also-comment-{one}": "held." for one in rob.comments}
    judge(client, "story", rob.story, "unlist", reason="spam", also="1", **forged)
    assert visibilities(board, rob) == ["unlisted", "held", "held"]


# --- what they are told ---------------------------------------------------------------------


def test_author_is_told_in_their_language_why_it_went(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    assert "Note to Rob" in page
    assert "rob@example.org" not in page
    stamps = with_others(page, f"story-{rob.story}")
    form = {"reason": "charges", "also": "1", "tell": "1", "note": NOTE, **stamps}
    judge(client, "story", rob.story, "unlist", **form)
    assert mails(board, minutes=0) == []
    (mail,) = mails(board)
    assert mail.to == "rob@example.org"
    assert NOTE in mail.text
    assert "A course" in mail.text
    assert "A course" not in mail.subject
    assert "/de/" in mail.text
    assert b"List-Unsubscribe" in mail.raw
    # Its owner reads that the address was used, the record holds no word of it.
    with board.database.snapshot() as conn:
        uses = conn.execute(select(contact_uses.c.purpose, contact_uses.c.person_id)).all()
        acts = conn.execute(select(decisions)).all()
        payload = conn.execute(select(outgoing_mails.c.payload)).scalar_one()
    assert uses == [("decision", rob.who.id)]
    assert NOTE not in str(acts)
    assert NOTE.encode() not in payload


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_author_is_told_that_it_is_on_the_page(
    client: TestClient, board: Board, subject: str
) -> None:
    rob = Rob(board)
    number = rob.story if subject == "story" else rob.comments[0]
    remembered(board, client, "Mo", role="moderator")
    judge(client, subject, number, "keep", tell="1")
    (mail,) = mails(board)
    path = "stories" if subject == "story" else "comments"
    assert f"/{path}/{number}" in mail.text


@pytest.mark.parametrize("why", ["no address", "stopped", "suppressed", "unticked"])
def test_nobody_is_written_to_who_cannot_be(client: TestClient, board: Board, why: str) -> None:
    rob = Rob(board, address="" if why == "no address" else "rob@example.org")
    with board.database.transaction() as conn:
        if why == "stopped":
            stop_stream(conn, rob.who.key, "words", clock.now())
        if why == "suppressed":
            suppress(conn, rob.who.key, "asked", clock.now())
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    assert ("left no address to write to" in page) == (why != "unticked")
    tick = {} if why == "unticked" else {"tell": "1"}
    judge(client, "story", rob.story, "unlist", reason="spam", note=NOTE, **tick)
    assert mails(board) == []
    with board.database.snapshot() as conn:
        assert conn.execute(select(contact_uses)).first() is None


def test_mail_page_knows_every_kind_of_mail(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    with board.database.transaction() as conn:
        for stream in STREAMS:
            stop_stream(conn, b"somebody else".ljust(32), stream, clock.now())
    remembered(board, client, "Sue", role="staff")
    judge(client, "story", rob.story, "keep", tell="1")
    page = client.get("/staff/mail").text
    assert "about their own words" in page
    assert "about a seat at the desk" in page
    assert "rob@example.org" not in page


def test_undo_in_time_keeps_the_mail_from_leaving(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    remembered(board, client, "Mo", role="moderator")
    judge(client, "story", rob.story, "unlist", reason="spam", tell="1", note=NOTE)
    assert undo(client, last_step(board)) == 303
    assert mails(board) == []
    with board.database.snapshot() as conn:
        row = conn.execute(select(outgoing_mails.c.state, outgoing_mails.c.payload)).one()
        assert row == ("lapsed", b"")
        assert conn.execute(select(contact_uses)).first() is None


def test_what_was_typed_stays_when_something_is_missing(client: TestClient, board: Board) -> None:
    rob = Rob(board)
    remembered(board, client, "Mo", role="moderator")
    form = {
        "subject": "story", "subject_id": str(rob.story), "act": "unlist", "seen": "held",
        "note": NOTE, "also": "1",
    }  # fmt: skip
    answer = client.post("/staff/queue", data=form, headers=HERE)
    assert answer.status_code == 422
    assert NOTE in answer.text
    assert 'name="also" value="1" checked' in answer.text
    long = client.post(
        "/staff/queue", data={**form, "reason": "spam", "note": "x" * 601}, headers=HERE
    )
    assert long.status_code == 422
    assert "x" * 601 in long.text
    assert row_of(board, stories, rob.story)["visibility"] == "held"


# --- the talk around it ---------------------------------------------------------------------


def test_comment_stands_in_its_thread(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana, bo, eve = (person(conn, name) for name in ("Ana", "Bo", "Eve"))
        at = vote(conn, ana)
        say(conn, ana, at, "Something much earlier.")
        first = say(conn, ana, at, "Where would we meet?")
        say(conn, bo, at, "In the music school.", reply_to=first)
        hidden = say(conn, bo, at, "Hidden words.", reply_to=first, visibility="unlisted")
        held = say(conn, eve, at, "Only 49 euro!", reply_to=first, visibility="held")
        say(conn, bo, at, "That is an advert.", reply_to=first)
        story = tell(conn, ana, at, title="Our library closes at six")
        under = say(conn, eve, at, "Under the story.", story_id=story, visibility="held")
        open_talk = say(conn, eve, None, "In the open talk.", visibility="held")
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    whole = re.search(rf'<article[^>]*id="comment-{held}".*?</article>', page, re.S)
    assert whole is not None
    said = ["Where would we meet?", "In the music school.", "Only 49 euro!", "That is an advert."]
    places = [whole[0].index(words) for words in said]
    assert places == sorted(places)
    assert "Something much earlier." not in whole[0]
    assert "Hidden words." not in page
    assert "under “Our library closes at six”" in page
    assert {f'id="comment-{one}"' in page for one in (under, open_talk)} == {True}
    assert hidden


def test_threads_and_authors_cost_the_same_for_any_number(client: TestClient, board: Board) -> None:
    Rob(board)
    remembered(board, client, "Mo", role="moderator")
    client.get("/staff/queue")
    with statements(board.database.reader) as few:
        client.get("/staff/queue")
    with board.database.transaction() as conn:
        for number in range(30):
            who = person(conn, f"Sayer {number}")
            at = vote(conn, who)
            for _twice in range(2):
                say(conn, who, at, f"I say {number}", visibility="held")
    with statements(board.database.reader) as much:
        client.get("/staff/queue")
    assert len(much) == len(few)
