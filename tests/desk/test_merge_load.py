"""Towns merge and come apart while people vote, tell, talk and follow there: nothing is lost."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

from sqlalchemy import ColumnElement, Connection, func, select

from board.comments.models import comments
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import BoardError
from board.core.keys import Keys
from board.desk.merge_actions import merge_towns, undo_merge
from board.follows.models import follows
from board.recount import differences
from board.stories.models import stories
from board.taking_part.actions import find_or_found, take_part
from board.taking_part.rules import (
    AnyWish,
    CommentWish,
    FollowWish,
    StoryWish,
    Terms,
    VoteWish,
    Where,
    terms_of,
)
from board.towns.actions import found_by_hand
from board.towns.models import towns
from board.votes.actions import Ballot, cast_vote
from board.votes.models import votes
from board.votes.rules import Offer
from tests.invented import NEED, Person, person, tell, vote

PEOPLE, ROUNDS = 24, 5


class World:
    """Three names of one place, and people of whom each asks in all of them."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self.database, self.terms = database, terms_of(Settings())._replace(votes_per_day=1_000)
        with database.transaction() as conn:
            self.mo = person(conn, "Mo", role="staff").id
            self.people = [
                person(conn, f"P{n}", key=keys.person_key(f"p{n}@example.org"))
                for n in range(PEOPLE)
            ]
            self.target = vote(conn, self.people[0])
            self.sources = [
                found_by_hand(conn, name=name, country="SI", lat=None, lng=None, now=clock.now())
                for name in ("Velenje Salek", "Velenje Gorica")
            ]

    def asks(self, who: Person, number: int) -> None:
        """One person does everything, in each town."""
        for town_id in (*self.sources, self.target):
            where = Where(town_id=town_id)
            wishes: list[AnyWish] = [
                VoteWish(where=where, name=who.name, offer=Offer(come=True, host=number % 2 == 0)),
                CommentWish(where=where, name=who.name, text=f"{who.name} says {town_id}"),
                FollowWish(where=where, name=who.name, what="town"),
            ]
            if number % 3 == 0:
                wishes.append(StoryWish(where=where, name=who.name, why="We could learn here."))
            for wish in wishes:
                self._does(partial(_part, wish=wish, who=who, terms=self.terms))

    def _does(self, act: Callable[[Connection], object]) -> None:
        for _again in range(6):
            try:
                with self.database.transaction() as conn:
                    act(conn)
            except BoardError:
                return
            except Exception as error:  # a deadlock: the writer tries those again (core.writer)
                if "deadlock" not in str(error):
                    raise
            else:
                return


def _part(conn: Connection, *, wish: AnyWish, who: Person, terms: Terms) -> object:
    now = clock.now()
    return take_part(conn, wish, person_id=who.id, key=who.key, terms=terms, now=now)


def merging(world: World, over: Event) -> list[int]:
    """Merge and unmerge until the others are done; the merges that stand in the end."""
    for number in range(1_000):
        for source in world.sources:
            merge_id = _merged(world, source)
            if merge_id is not None and not (over.is_set() and number >= ROUNDS):
                world._does(partial(_undone, merge_id=merge_id, mo=world.mo))
        if over.is_set() and number >= ROUNDS:
            break
    return [merge_id for source in world.sources if (merge_id := _merged(world, source))]


def _merged(world: World, source: int) -> int | None:
    made: list[int] = []

    def merge(conn: Connection) -> None:
        done = merge_towns(
            conn, source, world.target, actor_id=world.mo, need=NEED, now=clock.now()
        )
        made.append(done.merge_id)

    world._does(merge)
    return made[-1] if made else None


def _undone(conn: Connection, *, merge_id: int, mo: int) -> None:
    undo_merge(conn, merge_id, actor_id=mo, need=NEED, now=clock.now())


def test_merging_under_load_loses_and_doubles_nobody(database: Database, keys: Keys) -> None:
    world, over = World(database, keys), Event()
    with ThreadPoolExecutor(5) as hands:
        staff = hands.submit(merging, world, over)
        asked = [hands.submit(world.asks, who, n) for n, who in enumerate(world.people)]
        for one in asked:
            one.result(120)
        over.set()
        staff.result(120)
    with database.snapshot() as conn:
        assert differences(conn, Settings()) == []
        standing = dict(conn.execute(select(towns.c.id, towns.c.standing)).all())
        assert {standing[source] for source in world.sources} == {"merged"}
        # Whoever asked in any of them counts once, in the town it is; nothing is left behind.
        for table in (stories, comments, follows):
            behind = select(func.count()).where(table.c.town_id.in_(world.sources))
            kept = behind if table is not follows else behind.where(_alone())
            assert conn.execute(kept).scalar_one() == 0, table.name
        v = votes.c
        counted = select(v.town_id, v.voter_key).where(v.state == "counted")
        rows = conn.execute(counted).all()
        assert {row.town_id for row in rows} == {world.target}
        assert sorted(row.voter_key for row in rows) == sorted(who.key for who in world.people)


def test_who_is_just_voting_is_not_left_behind(database: Database) -> None:
    """The town was looked up, then merged, then voted in: on PostgreSQL merging has to wait."""
    with database.transaction() as conn:
        target = vote(conn, person(conn, "Ana"))
        source = found_by_hand(
            conn, name="Old Mill", country="SI", lat=None, lng=None, now=clock.now()
        )
        bo, mo = person(conn, "Bo"), person(conn, "Mo", role="staff")
    with ThreadPoolExecutor(1) as hands:
        with database.transaction() as conn:
            town_id = find_or_found(conn, Where(town_id=source), clock.now())
            merged = hands.submit(_merge, database, source, target, mo.id)
            with contextlib.suppress(TimeoutError):
                merged.result(0.5)
            ballot = Ballot(town_id, bo.key, bo.id, bo.name, False, Offer())
            cast_vote(conn, ballot, need=NEED, now=clock.now())
        merged.result(20)
    with database.snapshot() as conn:
        there = select(votes.c.town_id, votes.c.state).where(votes.c.person_id == bo.id)
        assert conn.execute(there).all() == [(target, "counted")]
        assert differences(conn, Settings()) == []


def _merge(database: Database, source: int, target: int, mo: int) -> None:
    with database.transaction() as conn:
        merge_towns(conn, source, target, actor_id=mo, need=NEED, now=clock.now())


def test_comment_waiting_under_a_story_goes_where_its_story_is(database: Database) -> None:
    terms = terms_of(Settings())
    with database.transaction() as conn:
        ana, mo = person(conn, "Ana"), person(conn, "Mo", role="staff")
        target = vote(conn, ana)
        source = found_by_hand(
            conn, name="Old Mill", country="SI", lat=None, lng=None, now=clock.now()
        )
        story = tell(conn, ana, source)
        done = merge_towns(conn, source, target, actor_id=mo.id, need=NEED, now=clock.now())
        # Written while they were one town, confirmed once they are two again.
        wish = CommentWish(
            where=Where(town_id=target), name="Ana", text="Under it.", story_id=story
        )
        undo_merge(conn, done.merge_id, actor_id=mo.id, need=NEED, now=clock.now())
        said = _part(conn, wish=wish, who=ana, terms=terms)
        assert said
        rows = conn.execute(select(comments.c.town_id, comments.c.story_id)).all()
        assert rows == [(source, story)]
        assert differences(conn, Settings()) == []


def _alone() -> ColumnElement[bool]:
    """A follow that its person has in no other town: it should have moved."""
    other = follows.alias()
    return ~(
        select(other.c.id)
        .where(other.c.person_id == follows.c.person_id, other.c.town_id != follows.c.town_id)
        .exists()
    )
