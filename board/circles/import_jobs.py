"""Bringing circles and libraries in: from P2PU's live API or from saved answers, all the same.

A list is read page by page, each page checked, settled at its places and put aside; memory holds
one page. Whatever goes wrong on the way is written down, the last good copy stays, and the next
import goes on at the page where this one stopped. Only the last step, a short one, is seen.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection

from board.circles.answers import (
    LARGEST,
    FeedError,
    ListBroken,
    ListMoved,
    opened,
    read_answer,
    too_large,
    whole_list,
)
from board.circles.feed import Parsed, Remark, parse_circles, parse_libraries
from board.circles.fetch import START, Bookmark, Page, Progress, read_pages
from board.circles.import_actions import (
    Report,
    Taking,
    drop_staged,
    record_failure,
    stage,
    staged_counts,
    staged_ids,
    take_over,
)
from board.circles.kept import Ready, circle_values, library_values
from board.circles.match import Settled
from board.circles.place_queries import MOST_NAMELESS, Gazetteer
from board.circles.queries import latest_import
from board.circles.reach import Reach
from board.circles.turn_actions import (
    Turn,
    bookmark_of,
    put_bookmark,
    take_bookmark_out,
    waits_too_long,
)
from board.circles.turn_jobs import turn_of
from board.core import clock
from board.core.db import Database
from board.core.errors import BoardError
from board.core.language import gettext as _

TRIES: Final = 3
_ROWS_AT_ONCE: Final = 500
# Called between two pages; may raise whatever shall stop the import there.
Between = Callable[[], None]


def _go_on() -> None:
    """Nothing stands in the way."""


class Taken(FeedError):
    """Somebody else imports the same at this moment."""


class Stopped(Exception):
    """Somebody wants us to stop here; that is no failure, the next import goes on."""


class Kind(NamedTuple):
    """What circles and libraries differ in: how a page is read, and how a row is kept."""

    name: str
    paged: bool
    parse: Callable[[Sequence[Any], int, set[int]], Parsed[Any]]
    values: Callable[[Any, Settled], dict[str, Any]]


CIRCLES: Final = Kind("circles", True, parse_circles, circle_values)
LIBRARIES: Final = Kind("libraries", False, parse_libraries, library_values)


class Wish(NamedTuple):
    """What somebody wants imported, and how."""

    sources: Sequence[str]
    reach: Reach
    sample: bool = False
    allow_empty: bool = False
    progress: Progress | None = None
    between: Between = _go_on


def bring_in(db: Database, kind: Kind, wish: Wish) -> Report:
    """Import a list; raises FeedError, and Taken while somebody else imports such a list."""
    with turn_of(db, kind.name) as turn:
        if turn is None:
            raise Taken(_("Another import is running. Wait until it is done."))
        return import_in_turn(db, turn, kind, wish)


def import_in_turn(db: Database, turn: Turn, kind: Kind, wish: Wish) -> Report:
    """Import a list; raises FeedError, and whatever `between` does."""
    taking = Taking(kind.name, named(wish.sources), wish.sample, clock.now())
    reading = _Reading(db, kind, turn, wish)
    try:
        reading.read()
        report = _take_over(db, turn, taking, allow_empty=wish.allow_empty)
    except Stopped:
        raise
    except Exception as error:
        with db.transaction() as conn:
            record_failure(conn, taking, _told(error), clock.now())
        if isinstance(error, ListBroken | ListMoved) or not reading.url:
            drop_what_waits(db, turn)
        raise
    drop_what_waits(db, turn)
    return report


def _take_over(db: Database, turn: Turn, taking: Taking, *, allow_empty: bool) -> Report:
    with db.transaction() as conn:
        if not allow_empty:
            _refuse_nothing(conn, turn.kind)
        # In the same transaction: what was taken over once is not taken over again.
        take_bookmark_out(conn, turn, clock.now())
        return take_over(conn, taking, clock.now())


def _refuse_nothing(conn: Connection, kind: str) -> None:
    """A list without one usable row is a slip of the other side, not the end of all circles."""
    waiting, known = staged_counts(conn, kind), latest_import(conn, kind)
    if waiting.rejected and not waiting.accepted:
        words = _("Not one of %(count)s rows is of use. Is this the right list?")
        raise ListBroken(words % {"count": waiting.rejected})
    if not waiting.accepted and known is not None and known.accepted:
        raise ListBroken(_("The list is empty. Say --allow-empty if that is really so."))


def drop_what_waits(db: Database, turn: Turn) -> None:
    """Forget what was read, in short turns; the next reading begins at the beginning."""
    more = True
    while more:
        with db.transaction() as conn:
            take_bookmark_out(conn, turn, clock.now())
            more = drop_staged(conn, turn.kind, _ROWS_AT_ONCE)


def drop_what_waits_too_long(db: Database, kind: Kind) -> None:
    """Forget pages of a list that nobody went on with."""
    with db.snapshot() as conn:
        lapsed = waits_too_long(conn, kind.name, clock.now())
    if lapsed:
        with turn_of(db, kind.name) as turn:
            if turn is not None:
                drop_what_waits(db, turn)


def _told(error: Exception) -> str:
    """What a failure is called in our notes; of an unforeseen one only its kind."""
    return str(error) if isinstance(error, BoardError) else type(error).__name__


# --- reading ----------------------------------------------------------------------------------


class _Reading:
    """One list on its way into the tables beside ours."""

    def __init__(self, db: Database, kind: Kind, turn: Turn, wish: Wish) -> None:
        self.db = db
        self.kind = kind
        self.turn = turn
        self.wish = wish
        self.url = wish.sources[0] if any(map(is_address, wish.sources)) else ""
        self.address = hashlib.sha256(self.url.encode()).hexdigest() if self.url else ""
        self.seen: set[int] = set()
        self.nameless = MOST_NAMELESS

    def read(self) -> None:
        """Read all of the list; a list that changes meanwhile is read anew, a few times."""
        if self.url and len(self.wish.sources) > 1:
            raise FeedError(_("Give one web address, or files: not both, and not several."))
        here = self._where_to_begin()
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                for page in self._pages(here):
                    self._put_aside(page)
                return
            except ListMoved:
                if last:
                    raise
                here = self._from_the_beginning()

    def _where_to_begin(self) -> Bookmark:
        with self.db.snapshot() as conn:
            here = bookmark_of(conn, self.kind.name, self.address, clock.now())
            if here != START:
                self.seen = staged_ids(conn, self.kind.name)
        if here == START:
            return self._from_the_beginning()
        self._tell(here)
        return here

    def _from_the_beginning(self) -> Bookmark:
        self.seen = set()
        drop_what_waits(self.db, self.turn)
        return START

    def _pages(self, here: Bookmark) -> Iterator[Page]:
        if self.url:
            yield from read_pages(self.url, self.wish.reach, paged=self.kind.paged, start=here)
        else:
            yield from _pages_of_files(self.wish.sources)

    def _put_aside(self, page: Page) -> None:
        parsed = self.kind.parse(page.items, page.first, self.seen)
        ready = self._at_their_places(parsed)
        with self.db.transaction() as conn:
            put_bookmark(conn, self.turn, self.address, page.here, clock.now())
            stage(conn, self.kind.name, ready)
        self._tell(page.here)
        self.wish.between()

    def _at_their_places(self, parsed: Parsed[Any]) -> Ready:
        ready = Ready([], parsed.rejected, [])
        with self.db.snapshot() as conn:
            gazetteer = Gazetteer(conn, self.nameless)
            for row, position in zip(parsed.accepted, parsed.positions, strict=True):
                settled = gazetteer.settle(row.where)
                ready.rows.append(self.kind.values(row, settled))
                if settled.remark:
                    ready.mended.append(Remark(position, row.id, row.name, settled.remark))
        self.nameless = gazetteer.nameless
        return ready

    def _tell(self, here: Bookmark) -> None:
        if self.wish.progress is not None:
            self.wish.progress(here.read, here.total)


# --- sources ----------------------------------------------------------------------------------


def is_address(source: str) -> bool:
    """Whether a source is a web address; else it is a file."""
    return source.lower().startswith(("http://", "https://"))


def _pages_of_files(sources: Sequence[str]) -> Iterator[Page]:
    """The rows of one or several saved answers, some at a time."""
    items = iter(whole := whole_list([read_answer(_file(Path(source))) for source in sources]))
    total, first = len(whole), 0
    while some := list(islice(items, _ROWS_AT_ONCE)):
        yield Page(first, some, Bookmark(first + len(some), total))
        first += len(some)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        words = _("%(file)s can't be read: %(why)s")
        raise FeedError(words % {"file": path, "why": error.strerror or error}) from None
    if len(body) > LARGEST:
        raise FeedError(too_large())
    return opened(body)


def named(sources: Sequence[str]) -> str:
    """Sources as they are written down: no folders of this machine, no query."""
    short = [
        urlsplit(source)._replace(query="", fragment="").geturl()
        if is_address(source)
        else Path(source).name
        for source in sources
    ]
    return ", ".join(short)[:300]
