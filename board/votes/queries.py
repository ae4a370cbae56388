"""What the board knows of votes: one person's own, and what a town's voters wish together."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    bindparam,
    func,
    select,
    union_all,
)

from board.towns.models import towns
from board.towns.rules import town_path
from board.votes.models import vote_slots, vote_topics, votes
from board.votes.rules import DAYS, SLOTS, Offer

TOPICS_SHOWN = 8


class OwnVote(NamedTuple):
    """A person's own vote in a town, as their pages show it."""

    state: str
    nearby: bool
    offer: Offer


_v = votes.c
_OWN: Final = select(_v.state, _v.nearby, _v.come, _v.facilitate, _v.host, _v.help).where(
    _v.town_id == bindparam("town"), _v.voter_key == bindparam("voter")
)


def own_vote(conn: Connection, town_id: int, voter_key: bytes) -> OwnVote | None:
    """The vote that the holder of this key has in a town, in whatever state."""
    row = conn.execute(_OWN, {"town": town_id, "voter": voter_key}).first()
    if row is None:
        return None
    return OwnVote(row.state, row.nearby, Offer(row.come, row.facilitate, row.host, row.help))


def has_counted_vote(conn: Connection, voter_key: bytes, town_id: int | None) -> bool:
    """Whether a vote of this key counts in a town; with None in any town at all."""
    c = votes.c
    counted = (c.voter_key == voter_key) & (c.state == "counted")
    where = counted if town_id is None else counted & (c.town_id == town_id)
    return conn.execute(select(c.id).where(where).limit(1)).first() is not None


# By the people alone, who have few votes each: for pairs SQLite would read every vote there is.
_OFFERS: Final = select(_v.town_id, _v.person_id, _v.come, _v.facilitate, _v.host, _v.help).where(
    _v.person_id.in_(bindparam("people", expanding=True)), _v.state == "counted"
)


def offers_of(conn: Connection, authors: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Offer]:
    """What people offer in towns, by (town, person); one statement for all of them."""
    if not authors:
        return {}
    asked = frozenset(authors)
    rows = conn.execute(_OFFERS, {"people": sorted({person for _town, person in asked})})
    return {
        (row.town_id, row.person_id): Offer(row.come, row.facilitate, row.host, row.help)
        for row in rows
        if (row.town_id, row.person_id) in asked
    }


# --- one person's own -----------------------------------------------------------------------


class OwnWishes(NamedTuple):
    """What one voter would like to learn, and when they could come."""

    topics: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.topics or self.slots)


NO_WISHES = OwnWishes()


class TownVote(NamedTuple):
    """One of a person's votes, with its town and what hangs on it."""

    id: int
    town_id: int
    town_name: str
    country: str
    slug: str
    state: str
    nearby: bool
    offer: Offer
    cast_at: datetime
    wishes: OwnWishes = NO_WISHES

    @property
    def path(self) -> str:
        return town_path(self.country, self.slug)

    @property
    def ticks(self) -> tuple[str, ...]:
        """What is ticked beside the vote, in the order of the form."""
        offered = tuple(kind for kind, on in self.offer._asdict().items() if on)
        return ("nearby", *offered) if self.nearby else offered

    @property
    def counts(self) -> bool:
        return self.state == "counted"


def votes_of(conn: Connection, voter_key: bytes) -> list[TownVote]:
    """All votes of one key, the newest first; three statements."""
    c = votes.c
    rows = conn.execute(
        select(
            c.id,
            c.town_id,
            towns.c.name,
            towns.c.country,
            towns.c.slug,
            c.state,
            c.nearby,
            c.come,
            c.facilitate,
            c.host,
            c.help,
            c.cast_at,
        )
        .join(towns, towns.c.id == c.town_id)
        # What was left behind when two towns became one counts with the other one's.
        .where(c.voter_key == voter_key, c.state != "merged")
        .order_by(c.cast_at.desc(), c.id.desc())
    ).all()
    wishes = _wishes_of(conn, c.voter_key == voter_key)
    return [
        TownVote(*row[:7], Offer(*row[7:11]), row.cast_at, wishes.get(row.id, NO_WISHES))
        for row in rows
    ]


def own_wishes(conn: Connection, town_id: int, voter_key: bytes) -> OwnWishes:
    """What the holder of this key would like to learn in a town, and when."""
    here = _wishes_of(conn, votes.c.voter_key == voter_key, votes.c.town_id == town_id)
    return next(iter(here.values()), NO_WISHES)


def wishes_by_vote(conn: Connection, town_id: int) -> dict[int, OwnWishes]:
    """What each counted voter of a town would like to learn, and when, by vote; two statements."""
    return _wishes_of(conn, votes.c.town_id == town_id, votes.c.state == "counted")


def _wishes_of(conn: Connection, *own: ColumnElement[bool]) -> dict[int, OwnWishes]:
    """By vote; what has neither topics nor times is left out."""
    topics: dict[int, list[str]] = {}
    slots: dict[int, list[str]] = {}
    t, s = vote_topics.c, vote_slots.c
    asked = select(t.vote_id, t.word).join(votes, votes.c.id == t.vote_id).where(*own)
    for vote_id, word in conn.execute(asked.order_by(t.vote_id, t.folded)):
        topics.setdefault(vote_id, []).append(word)
    times = select(s.vote_id, s.slot).join(votes, votes.c.id == s.vote_id).where(*own)
    for vote_id, slot in conn.execute(times):
        slots.setdefault(vote_id, []).append(slot)
    return {
        vote_id: OwnWishes(
            tuple(topics.get(vote_id, ())),
            tuple(slot for slot in SLOTS if slot in slots.get(vote_id, ())),
        )
        for vote_id in {*topics, *slots}
    }


# --- a town's voters together ---------------------------------------------------------------


class Asked(NamedTuple):
    """A topic in its most common spelling, or a time, and how many people named it."""

    name: str
    people: int


class TownWishes(NamedTuple):
    """What the counted voters of a town would like to learn, and when they could come.

    `days` are weekdays ("thu") and `slots` parts of them ("thu_evening"), the best first; a person
    who ticked two parts of a day counts once for the day.
    """

    topics: tuple[Asked, ...] = ()
    days: tuple[Asked, ...] = ()
    slots: tuple[Asked, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.topics or self.days)


_COUNTED: Final = (_v.town_id == bindparam("town")) & (_v.state == "counted")


def _topics() -> Select[Any]:
    t = vote_topics.c
    people = func.count().label("people")
    most = (
        select(t.folded, people)
        .join(votes, _v.id == t.vote_id)
        .where(_COUNTED)
        .group_by(t.folded)
        .having(people >= bindparam("asked_by"))
        .order_by(people.desc(), t.folded)
        .limit(TOPICS_SHOWN)
        .subquery()
    )
    return (
        select(t.folded, t.word, most.c.people, func.count().label("so_spelled"))
        .join(votes, _v.id == t.vote_id)
        .join(most, most.c.folded == t.folded)
        .where(_COUNTED)
        .group_by(t.folded, t.word, most.c.people)
    )


def _times() -> CompoundSelect[Any]:
    s = vote_slots.c
    day = func.substr(s.slot, 1, 3)
    by_day, by_slot = (
        select(name.label("name"), how_many.label("people"))
        .join(votes, _v.id == s.vote_id)
        .where(_COUNTED)
        .group_by(name)
        for name, how_many in (
            (day, func.count(s.vote_id.distinct())),
            (s.slot, func.count(s.vote_id)),
        )
    )
    return union_all(by_day, by_slot)


# Made once: making them takes longer than asking them.
_TOPICS: Final = _topics()
_TIMES: Final = _times()


def wishes_of_town(conn: Connection, town_id: int, *, asked_by: int) -> TownWishes:
    """What the town's counted voters wish; topics only those that `asked_by` people named.

    Two statements. What was taken back or voided wishes nothing.
    """
    times = {row.name: row.people for row in _times_of(conn, town_id)}
    return TownWishes(
        topics=_common_spellings(_topics_of(conn, town_id, asked_by)),
        days=_best_first(times, DAYS),
        slots=_best_first(times, SLOTS),
    )


def _topics_of(
    conn: Connection, town_id: int, asked_by: int
) -> Sequence[Row[tuple[str, str, int, int]]]:
    return conn.execute(_TOPICS, {"town": town_id, "asked_by": asked_by}).all()


def _common_spellings(rows: Iterable[Row[tuple[str, str, int, int]]]) -> tuple[Asked, ...]:
    """Each topic once, as most people wrote it; of two equally common spellings the first."""
    ordered = sorted(rows, key=lambda r: (-r.people, r.folded, -r.so_spelled, r.word))
    shown: dict[str, Asked] = {}
    for row in ordered:
        shown.setdefault(row.folded, Asked(row.word, row.people))
    return tuple(shown.values())


def _times_of(conn: Connection, town_id: int) -> Sequence[Row[tuple[str, int]]]:
    return conn.execute(_TIMES, {"town": town_id}).all()


def _best_first(times: dict[str, int], names: Sequence[str]) -> tuple[Asked, ...]:
    """By how many could, then as the week goes."""
    known = [Asked(name, times[name]) for name in names if name in times]
    return tuple(sorted(known, key=lambda one: -one.people))
