"""Many things at once, by kind, by language and by page; each with its own outcome."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Connection, select, update
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.db import Database
from board.core.errors import Conflict
from board.core.http import Board
from board.core.keys import Keys
from board.desk.bulk_actions import act_on, try_act_on
from board.desk.forms import QueueForm
from board.desk.queue_rules import PER_PAGE, QueueLook, Waits, part
from board.desk.remits import Actor
from board.desk.undo_actions import undo_act
from board.people.models import desk_languages
from board.record.models import decisions
from board.recount import differences
from board.stories.models import stories
from board.taking_part.rules import terms_of
from tests.desk.queueing import counts_are_true, judge, row_of
from tests.invented import ELK, HERE, person, remembered, say, statements, tell, vote

# Whose it is, what it says now, moving it and its counters, its flags, its entry; a savepoint.
STATEMENTS_A_THING = 16


def fill(board: Board, count: int, *, language: str = "en") -> list[int]:
    """So many stories wait, each by somebody else; their ids."""
    with board.database.transaction() as conn:
        told = []
        for number in range(count):
            who = person(conn, f"Resident {language} {number}")
            town_id = vote(conn, who, ELK if number % 2 else 3189075)
            told.append(tell(conn, who, town_id, language=language, visibility="held"))
        return told


def ticks(page: str) -> dict[str, str]:
    """Every tick of the list, as the browser would send it."""
    found = re.findall(r'type="checkbox" form="many" name="([^"]+)" value="([^"]+)"', page)
    return dict(found)


def many(
    client: TestClient, ticked: dict[str, str], act: str, reason: str = "", **more: str
) -> str:
    """Send the form; where it leads."""
    form = {**ticked, "act": act, "reason": reason, **more}
    answer = client.post("/staff/queue/many", data=form, headers=HERE)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


# --- several at once ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "after"), [("keep", "public"), ("unlist", "unlisted"), ("delete", "deleted")]
)
def test_all_that_is_ticked_is_done_and_taken_back_at_once(
    client: TestClient, board: Board, act: str, after: str
) -> None:
    told = fill(board, 4)
    remembered(board, client, "Mo", role="moderator")
    ticked = ticks(client.get("/staff/queue").text)
    assert len(ticked) == 4
    left = ticked.popitem()[0]
    place = many(client, ticked, act, "" if act == "keep" else "spam")
    page = client.get(place).text
    assert "3 things are done." in page
    assert set(ticks(page)) == {left}
    assert sorted(row_of(board, stories, one)["visibility"] for one in told) == sorted(
        [after] * 3 + ["held"]
    )
    assert counts_are_true(board)
    steps = re.search(r'name="step" value="([\d,]+)"', page)
    assert steps is not None
    answer = client.post("/staff/queue/undo", data={"step": steps[1]}, headers=HERE)
    assert answer.status_code == 303
    assert "3 steps are taken back." in client.get(answer.headers["location"]).text
    assert len(ticks(client.get("/staff/queue").text)) == 4
    assert counts_are_true(board)


def test_what_changed_meanwhile_is_left_and_said(client: TestClient, board: Board) -> None:
    told = fill(board, 3)
    with board.database.transaction() as conn:
        said = say(conn, person(conn, "Bob"), None, "Buy this", visibility="held")
    remembered(board, client, "Mo", role="moderator")
    ticked = ticks(client.get("/staff/queue").text)
    judge(client, "story", told[0], "keep")
    with board.database.transaction() as conn:
        # One author mends a word, another's comment is mended: nobody has read these.
        conn.execute(update(stories).where(stories.c.id == told[1]).values(why="Now an advert"))
        conn.execute(update(comments).where(comments.c.id == said).values(text="Now with a link"))
    page = client.get(many(client, ticked, "delete", "spam")).text
    assert "3 had changed meanwhile, and were left as they are." in page
    assert [row_of(board, stories, one)["visibility"] for one in told] == [
        "public",
        "held",
        "deleted",
    ]
    assert row_of(board, comments, said)["visibility"] == "held"


@pytest.mark.parametrize(
    ("ticked", "act", "reason"),
    [(False, "keep", ""), (True, "unlist", ""), (True, "delete", "because"),
     (True, "block", "spam"), (True, "", "")],
)  # fmt: skip
def test_step_that_lacks_something_does_nothing(
    client: TestClient, board: Board, ticked: bool, act: str, reason: str
) -> None:
    (story_id,) = fill(board, 1)
    remembered(board, client, "Mo", role="moderator")
    form = ticks(client.get("/staff/queue").text) if ticked else {"tick-town-1": "held."}
    answer = client.post(
        "/staff/queue/many", data={**form, "act": act, "reason": reason}, headers=HERE
    )
    assert answer.status_code == 422
    assert 'class="queue-many" open' in answer.text
    assert row_of(board, stories, story_id)["visibility"] == "held"


def test_two_hundred_things_are_done_page_by_page_at_the_same_cost_each(
    client: TestClient, board: Board
) -> None:
    fill(board, 200)
    remembered(board, client, "Mo", role="moderator")
    costs = []
    for _page in range(4):
        ticked = ticks(client.get("/staff/queue").text)
        assert len(ticked) == PER_PAGE
        with statements(board.database.writer_engine) as seen:
            many(client, ticked, "keep")
        costs.append(len(seen))
    # So many for each of fifty things, however much waits beside them.
    assert max(costs) <= STATEMENTS_A_THING * PER_PAGE, costs
    assert "Nothing waits." in client.get("/staff/queue").text
    assert counts_are_true(board)


# --- by kind, language and page -------------------------------------------------------------


def test_queue_is_read_by_kind_and_language_and_keeps_the_choice(
    client: TestClient, board: Board
) -> None:
    english, polish = fill(board, 2), fill(board, 1, language="pl")
    with board.database.transaction() as conn:
        say(conn, person(conn, "Bob"), None, "Buy this", visibility="held")
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue?kind=stories&language=pl").text
    assert set(ticks(page)) == {f"tick-story-{polish[0]}"}
    assert 'href="/staff/queue?language=pl"' in page
    assert 'href="/staff/queue?kind=comments&amp;language=pl"' not in page
    assert 'href="/staff/queue?kind=stories&amp;language=en"' in page
    place = judge(client, "story", polish[0], "keep", look="kind=stories&language=pl")
    assert place.startswith("/staff/queue?kind=stories&language=pl&did=")
    page = client.get(place).text
    assert "Nothing of this kind waits." in page
    assert set(ticks(client.get("/staff/queue?kind=stories").text)) == {
        f"tick-story-{one}" for one in english
    }
    for odd in (
        "kind=x",
        "language=%22%3E",
        "page=0",
        "page=-1",
        "page=99999999",
        "did=x",
        "missed=z",
    ):
        assert client.get(f"/staff/queue?{odd}").status_code == 200


def test_moderator_of_a_language_counts_and_sees_that_language(
    client: TestClient, board: Board
) -> None:
    fill(board, 2)
    (polish,) = fill(board, 1, language="pl")
    remembered(board, client, "Mo", role="moderator")
    with board.database.transaction() as conn:
        mo = person(conn, "Mo")
        conn.execute(desk_languages.insert().values(person_id=mo.id, language="pl"))
    page = client.get("/staff/queue").text
    assert set(ticks(page)) == {f"tick-story-{polish}"}
    assert '<span class="desk-count">1<' in page
    # What others read is a step away, and theirs as well.
    assert 'href="/staff/queue?language=any"' in page
    page = client.get("/staff/queue?language=any").text
    assert len(ticks(page)) == 3
    assert '<span class="desk-count">1<' in page
    place = many(client, ticks(page), "keep", look="language=any")
    assert place.startswith("/staff/queue?language=any&did=")
    assert "Nothing waits." in client.get("/staff/queue").text


def test_pages_hold_fifty_and_cost_the_same(client: TestClient, board: Board) -> None:
    fill(board, 3)
    remembered(board, client, "Mo", role="moderator")
    client.get("/staff/queue")
    with statements(board.database.reader) as few:
        client.get("/staff/queue")
    fill(board, 117, language="pl")
    with statements(board.database.reader) as much:
        first = ticks(client.get("/staff/queue").text)
    assert len(much) == len(few)
    last = ticks(client.get("/staff/queue?page=3").text)
    assert (len(first), len(last)) == (PER_PAGE, 20)
    assert not set(first) & set(last)
    assert ticks(client.get("/staff/queue?page=9").text) == last


def test_what_was_odd_is_said_in_words(client: TestClient, board: Board) -> None:
    (story_id,) = fill(board, 1)
    with board.database.transaction() as conn:
        said = say(conn, person(conn, "Bob"), None, "Buy this", visibility="held")
        conn.execute(update(stories).where(stories.c.id == story_id).values(signals="fast,links"))
        conn.execute(update(comments).where(comments.c.id == said).values(signals="repeat"))
    remembered(board, client, "Mo", role="moderator")
    page = client.get("/staff/queue").text
    assert page.count("What we noticed") == 2
    assert "sent within three seconds" in page
    assert "the same words as somebody else" in page


def test_part_counts_what_the_other_choice_leaves() -> None:
    now = clock.now()
    waiting = [
        Waits("story", 1, now, "en", 1, None, False),
        Waits("story", 2, now, "pl", 1, None, True),
        Waits("town", 3, now, "", 3, None, False),
    ]
    shown = part(waiting, QueueLook())
    assert shown.kinds == [("flags", 1), ("stories", 1), ("towns", 1)]
    assert shown.languages == [("en", 1), ("pl", 1)]
    shown = part(waiting, QueueLook("stories", "pl"))
    assert (shown.total, shown.all) == (0, 3)
    assert shown.kinds == [("flags", 1), ("stories", 0)]
    assert shown.languages == [("en", 1), ("pl", 0)]
    assert QueueLook.parse(QueueLook("flags", "pl", 2).query) == QueueLook("flags", "pl", 2)


def test_organiser_s_ticks_elsewhere_are_left_as_they_are(client: TestClient, board: Board) -> None:
    (story_id,) = fill(board, 1)
    remembered(board, client, "Mo", role="moderator")
    ticked = ticks(client.get("/staff/queue").text)
    remembered(board, client, "Olga", role="organiser")
    page = client.get(many(client, ticked, "keep")).text
    assert "1 had changed meanwhile, and was left as it is." in page
    assert row_of(board, stories, story_id)["visibility"] == "held"


# --- two at once, on both databases ---------------------------------------------------------


@pytest.mark.parametrize("second", ["keep", "unlist", "delete", "block", "trust"])
def test_one_of_two_moderators_is_told_that_it_changed_meanwhile(
    database: Database, keys: Keys, board: Board, second: str
) -> None:
    (story_id,) = fill(board, 1)
    with database.transaction() as conn:
        mo, sue = person(conn, "Mo", role="moderator"), person(conn, "Sue", role="staff")
    terms = terms_of(board.settings)
    reason = "" if second in ("keep", "trust") else "spam"
    first, other = Actor(mo.id, "moderator"), Actor(sue.id, "staff")

    def by(actor: Actor, form: QueueForm) -> Callable[[Connection], int]:
        return lambda conn: act_on(conn, keys, form, actor=actor, terms=terms, now=clock.now())

    said = race(
        database,
        by(first, _asked(story_id, "keep")),
        by(other, _asked(story_id, second, reason)),
    )
    assert sorted(said) == ["changed", "done"]
    with database.snapshot() as conn:
        assert len(conn.execute(select(decisions.c.id)).all()) == 1
        assert differences(conn, board.settings) == []


def test_one_of_two_takes_a_step_back(database: Database, keys: Keys, board: Board) -> None:
    (story_id,) = fill(board, 1)
    terms = terms_of(board.settings)
    with database.transaction() as conn:
        mo = Actor(person(conn, "Mo", role="moderator").id, "moderator")
        step = act_on(conn, keys, _asked(story_id, "keep"), actor=mo, terms=terms, now=clock.now())

    def back(conn: Connection) -> int:
        return undo_act(conn, step, actor=mo, terms=terms, now=clock.now())

    assert sorted(race(database, back, back)) == ["changed", "done"]
    with database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def test_two_with_the_same_ticks_share_them(database: Database, keys: Keys, board: Board) -> None:
    told = fill(board, 12)
    terms = terms_of(board.settings)
    with database.transaction() as conn:
        mo = Actor(person(conn, "Mo", role="moderator").id, "moderator")

    def work(order: list[int]) -> int:
        done = 0
        for story_id in order:
            form, now = _asked(story_id, "keep"), clock.now()
            with database.transaction() as conn:
                entry = try_act_on(conn, keys, form, actor=mo, terms=terms, now=now)
            done += entry is not None
        return done

    with ThreadPoolExecutor(2) as hands:
        assert sum(hands.map(work, (told, told[::-1]))) == 12
    with database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def race(database: Database, *acts: Callable[[Connection], int]) -> list[str]:
    """Run these at the same moment, each in a transaction of its own; what became of each."""
    together = Barrier(len(acts))

    def run(act: Callable[[Connection], int]) -> str:
        together.wait()
        try:
            with database.transaction() as conn:
                act(conn)
        except Conflict:
            return "changed"
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def _asked(story_id: int, act: str, reason: str = "") -> QueueForm:
    return QueueForm(subject="story", subject_id=story_id, act=act, reason=reason, seen="held")
