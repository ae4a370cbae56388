"""Answers of the database that many pages share and that are dear to find.

An answer is kept with its place in the log of changes, and with what it depends on. Who needs it
again asks the log, in the same snapshot as everything else on the page, what came since: so it is
never older than the page, on no node, and nobody has to be told that something changed.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine, bindparam, func, select

from board.core.changes import EVERYTHING, MOST, Change, changes
from board.core.kept_pages import Depending

T = TypeVar("T")
# Of answers that weigh 1: some kilobytes each.
ROOM: Final = 2_000
# The execution option of an engine whose connections keep answers.
OPTION: Final = "answers"


class _Kept(NamedTuple):
    """An answer, what it depends on, and up to where the log has been read for it."""

    value: Any
    depends: Depending
    place: Any
    weight: int


class Answers:
    """What the connections of one engine keep; what nobody asked for the longest goes first."""

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self._weight = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable) -> _Kept | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, key: Hashable, kept: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = kept
            self._weight += kept.weight - (before.weight if before else 0)
            while self._weight > self.room:
                _key, gone = self._kept.popitem(last=False)
                self._weight -= gone.weight

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            self._kept.clear()
            self._weight = 0

    def __len__(self) -> int:
        return len(self._kept)


def answers_of(engine: Engine) -> Answers:
    """What the connections of an engine keep; of one that keeps nothing, an empty one."""
    return engine.get_execution_options().get(OPTION) or Answers()


def kept_answer(
    conn: Connection,
    key: Hashable,
    ask: Callable[[], T],
    depends: Callable[[T], Depending],
    *,
    weight: int = 1,
) -> T:
    """The answer under `key`, asked again when something it depends on changed.

    The key holds whatever else it depends on: the language, the hour. Connections of an engine that
    keeps nothing (a command's, the writer's) ask each time.
    """
    answers: Answers | None = conn.get_execution_options().get(OPTION)
    if answers is None:
        return ask()
    kept = answers.find(key)
    # Where this snapshot stands is read first: what is committed meanwhile is news the next time.
    news, place = _news(conn, kept.place if kept else None)
    if kept is not None and not _touched(kept.depends, news):
        answers.put(key, kept._replace(place=place))
        return kept.value  # type: ignore[no-any-return]
    value = ask()
    answers.put(key, _Kept(value, depends(value), place, weight))
    return value


def _touched(depends: Depending, news: Sequence[Change]) -> bool:
    return any(one == EVERYTHING or depends.touched_by(one) for one in news)


# Where a connection's present transaction stands in the log, for further answers of the same page.
_HERE: Final = "answers.here"


def _news(conn: Connection, place: Any) -> tuple[Sequence[Change], Any]:
    """What is news to an answer of this place; a place is asked for once in a transaction."""
    transaction, here = conn.info.get(_HERE, (None, None))
    if transaction is not None and transaction is conn.get_transaction():
        if place is None:
            return (EVERYTHING,), here
        if place == here:
            return (), here
    news, here = _since(conn, place)
    conn.info[_HERE] = conn.get_transaction(), here
    return news, here


def _since(conn: Connection, place: Any) -> tuple[Sequence[Change], Any]:
    """What the log says since a place in it, and the place where this snapshot stands."""
    if conn.dialect.name == "sqlite":
        return _since_row(conn, place)
    from board.core.postgres_log import since  # noqa: PLC0415 - its driver is an extra

    return since(conn, place)


_NEWEST: Final = select(func.coalesce(func.max(changes.c.seq), 0))
_FOLLOWING: Final = (
    select(changes.c.seq, changes.c.kind, changes.c.subject)
    .where(changes.c.seq >= bindparam("last"))
    .order_by(changes.c.seq)
    .limit(MOST + 2)
)


def _since_row(conn: Connection, last: int | None) -> tuple[Sequence[Change], int]:
    """The same on SQLite, whose rows are numbered as they are committed.

    The row that was read last is read once more: where it is gone, others may be gone, too.
    """
    if last is not None:
        rows = conn.execute(_FOLLOWING, {"last": last}).all()
        if len(rows) < MOST + 2 and (last == 0 or (rows and rows[0].seq == last)):
            news = {Change(kind, subject) for seq, kind, subject in rows if seq > last}
            return [*news], rows[-1].seq if rows else 0
    return (EVERYTHING,), conn.execute(_NEWEST).scalar_one()
