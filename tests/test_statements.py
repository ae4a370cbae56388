"""A page asks the database a constant number of questions, whatever stands on it.

The same world is looked at when there is one thing of each kind, when there are three, and when
there are thirty: stories, comments, updates, towns, circles, and everything in the queue.
"""

from datetime import timedelta

from sqlalchemy import Connection
from starlette.testclient import TestClient

from board.core import clock
from board.core.answers import answers_of
from board.core.http import Board
from board.desk.actions import take_partner_message
from board.desk.forms import PartnerForm
from board.mail.rules import Limits
from board.moderation.actions import Flagger, Flagging, flag
from board.people.rules import email_reach, phone_reach
from board.taking_part.rules import AnyWish, CommentWish, StoryWish, VoteWish, Where, terms_of
from board.taking_part.waiting_actions import Sender, wait
from board.towns.actions import found_by_hand
from board.updates.actions import Word, publish
from board.votes.rules import Offer
from tests.invented import (
    JOENSUU,
    VELENJE,
    add_circles,
    add_library,
    add_towns,
    person,
    remembered,
    row_of_circle,
    row_of_town,
    say,
    statements,
    tell,
    vote,
)
from tests.post import deliver

TOWN = "/towns/si/velenje"
PAGES = (
    "/", "/towns", "/towns?q=town", "/towns?q=velenje", "/towns?layer=circles",
    "/towns?layer=towns", "/towns?near=46.3,15.1", "/towns?at=46.3,15.1,9",
    "/towns?country=SI&status=any&sort=need",
    "/towns?q=joensuu+finland", "/stories", "/stories?q=mine&language=en", TOWN, "/stories/1",
    "/libraries", "/libraries?country=SI",
    "/talk", f"{TOWN}?talk=newest", "/towns/fi/joensuu", f"{TOWN}/vote", "/tell?town=si/velenje",
    "/towns/suggest?q=vel",
)  # fmt: skip
DESK = (
    "/staff", "/staff?sort=trend&q=town&country=SI&status=asking&owner=me", "/staff/trends",
    "/staff/queue", "/staff/towns/1",
)  # fmt: skip


def add_one_of_each(conn: Connection, board: Board, n: int) -> None:
    """One more of everything that a list shows."""
    now, who = clock.now(), person(conn, f"Resident {n}")
    town_id = vote(conn, who, VELENJE, offer=Offer(come=True))
    story_id = tell(conn, who, town_id, title=f"Story {n}")
    assert (town_id, story_id == 1) == (1, n == 0)
    say(conn, who, town_id)
    say(conn, who, town_id, story_id=1)
    flagging = Flagging("story", story_id, "spam")
    flag(conn, flagging, Flagger(f"192.0.2.{n}"), an_hour=9, now=now)
    tell(conn, who, town_id, visibility="held")
    say(conn, who, town_id, visibility="held")
    word = Word(town_id, "asking", "asking", "", f"We read story {n}.", "en")
    publish(conn, word, person_id=who.id, name="Sue", now=now)
    add_towns(conn, [row_of_town(n, lat=46.3 + n / 50, lng=15.1 + n / 50)])
    add_circles(
        conn,
        [
            row_of_circle(3 * n + nth, 46.3, 15.1 + n / 50, state=state)
            for nth, state in enumerate(("now", "soon", "finished"), start=1)
        ],
    )
    add_library(conn, f"Library {n}", 46.3, 15.1 + n / 50)
    found_by_hand(conn, name=f"Hamlet {n}", country="SI", lat=None, lng=None, now=now)
    add_waiting(conn, board, n)


def add_waiting(conn: Connection, board: Board, n: int) -> None:
    """Somebody to call, somebody who has to confirm, a partner who wrote."""
    now = clock.now()
    terms = terms_of(board.settings)._replace(limits=Limits(1_000, 1_000))
    here, named = Where(geonames_id=VELENJE if n % 2 else JOENSUU), f"Caller {n}"
    asked: tuple[AnyWish, ...] = (
        VoteWish(where=here, name=named),
        StoryWish(where=Where(town_id=1), name=named, why="Because."),
        CommentWish(where=Where(name="Hamlet 1", country="SI"), name=named, text="Yes."),
    )
    for reach in (phone_reach(f"+38641234{n + 100}", ""), email_reach("bob@example.org")):
        assert reach is not None
        key = board.keys.person_key(reach.canonical)
        sender = Sender(reach, key, f"page-{reach.channel}-{n}", "en")
        wait(conn, board.keys, asked[n % 3], sender, terms=terms, now=now)
    take_partner_message(
        conn,
        board.keys,
        PartnerForm(organisation=f"Library {n}", name="Ana", email="ana@example.org", message="Hi"),
        town_id=None,
        town="",
        language="en",
        keep_for=timedelta(days=30),
        now=now,
    )


def counts(client: TestClient, board: Board, paths: tuple[str, ...]) -> dict[str, int]:
    """How many statements each page takes."""
    found = {}
    # Before its next answer the board looks once at what changed meanwhile.
    client.get("/about")
    for path in paths:
        # What another page asked before is asked again, so that all count alike.
        answers_of(board.database.reader).clear()
        with statements(board.database.reader) as seen:
            assert client.get(path).status_code == 200, path
        found[path] = len(seen)
    return found


def test_pages_take_as_many_statements_for_thirty_rows_as_for_one(
    client: TestClient, board: Board
) -> None:
    grown, link, seen = 0, "", []
    for size in (1, 3, 30):
        with board.database.transaction() as conn:
            for n in range(grown, size):
                add_one_of_each(conn, board, n)
        grown = size
        client.cookies.clear()
        link = link or deliver(board)[-1].link
        found = counts(client, board, (*PAGES, link))
        remembered(board, client, "Resident 0")
        found |= {f"known {path}": n for path, n in counts(client, board, PAGES).items()}
        remembered(board, client, "Sue", role="staff")
        found |= counts(client, board, DESK)
        seen.append(found)
    uneven = {
        path: [found[path] for found in seen]
        for path in seen[0]
        if len({found[path] for found in seen}) > 1
    }
    assert uneven == {}
    assert max(seen[0].values()) <= 25
