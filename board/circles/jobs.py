"""Bringing circles and libraries in: from P2PU's live API or from saved answers, all the same.

Reading, checking and finding the places happen before the one short transaction that takes them
over. Whatever goes wrong on the way is written down, and the last good copy stays.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from board.circles.actions import (
    NearestChange,
    Report,
    Taking,
    forget_old_imports,
    keep_nearest,
    nearest_changes,
    record_failure,
    take_over,
)
from board.circles.answers import LARGEST, FeedError, opened, read_answer, too_large, whole_list
from board.circles.feed import CircleRow, LibraryRow, Parsed, Remark, parse_circles, parse_libraries
from board.circles.fetch import Progress, fetch_list
from board.circles.kept import Ready, circle_values, library_values
from board.circles.match import Settled
from board.circles.place_queries import Gazetteer
from board.circles.queries import latest_import, latest_try
from board.circles.reach import Reach
from board.circles.rows import LatestImport
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.facts import get_fact, keep_fact
from board.core.language import gettext as _

R = TypeVar("R", CircleRow, LibraryRow)

_IMPORTS_KEPT: Final = timedelta(days=90)
_NEAREST_EVERY: Final = timedelta(hours=1)
_NEAREST_FACT: Final = "circles.nearest_at"
_TOWNS_AT_ONCE: Final = 500


# --- sources --------------------------------------------------------------------------------


def reach_of(settings: Settings) -> Reach:
    """Where the importer may go: the hosts of the settings, in development this computer too."""
    return Reach(settings.circles_hosts, own_machine=not settings.production)


def is_address(source: str) -> bool:
    """Whether a source is a web address; else it is a file."""
    return source.lower().startswith(("http://", "https://"))


def read_sources(
    sources: Sequence[str], reach: Reach, *, paged: bool, progress: Progress | None = None
) -> list[Any]:
    """All rows of one web address, or of one or several saved answers; raises FeedError."""
    if any(is_address(source) for source in sources):
        if len(sources) > 1:
            raise FeedError(_("Give one web address, or files: not both, and not several."))
        return fetch_list(sources[0], reach, paged=paged, progress=progress)
    return whole_list([read_answer(_file(Path(source))) for source in sources])


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


# --- imports --------------------------------------------------------------------------------


def import_circles(
    db: Database,
    sources: Sequence[str],
    reach: Reach,
    *,
    sample: bool = False,
    allow_empty: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring circles in, and make every town's nearest one true; raises FeedError."""

    def ready() -> Ready:
        items = read_sources(sources, reach, paged=True, progress=progress)
        return _at_their_places(db, parse_circles(items), circle_values)

    report = _import(db, Taking("circles", named(sources), sample, clock.now()), ready, allow_empty)
    refresh_nearest(db)
    return report


def import_libraries(
    db: Database,
    sources: Sequence[str],
    reach: Reach,
    *,
    sample: bool = False,
    allow_empty: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring P2PU's teams in as libraries; raises FeedError."""

    def ready() -> Ready:
        items = read_sources(sources, reach, paged=False, progress=progress)
        return _at_their_places(db, parse_libraries(items), library_values)

    taking = Taking("libraries", named(sources), sample, clock.now())
    return _import(db, taking, ready, allow_empty)


def _at_their_places(
    db: Database, parsed: Parsed[R], values: Callable[[R, Settled], dict[str, Any]]
) -> Ready:
    ready = Ready([], parsed.rejected, [])
    with db.snapshot() as conn:
        gazetteer = Gazetteer(conn)
        for row, position in zip(parsed.accepted, parsed.positions, strict=True):
            settled = gazetteer.settle(row.where)
            ready.rows.append(values(row, settled))
            if settled.remark:
                ready.mended.append(Remark(position, row.id, row.name, settled.remark))
    return ready


def _import(
    db: Database, taking: Taking, make_ready: Callable[[], Ready], allow_empty: bool
) -> Report:
    try:
        ready = make_ready()
        with db.transaction() as conn:
            if not allow_empty:
                _refuse_nothing(ready, known=latest_import(conn, taking.kind))
            return take_over(conn, taking, ready, clock.now())
    except Exception as error:
        with db.transaction() as conn:
            record_failure(conn, taking, _told(error), clock.now())
        raise


def _told(error: Exception) -> str:
    """What a failure is called in our notes; of an unforeseen one only its kind."""
    return str(error) if isinstance(error, FeedError) else type(error).__name__


def _refuse_nothing(ready: Ready, *, known: LatestImport | None) -> None:
    """An answer without one usable row is a slip of the other side, not the end of all circles."""
    if ready.rejected and not ready.rows:
        words = _("Not one of %(count)s rows is of use. Is this the right list?")
        raise FeedError(words % {"count": len(ready.rejected)})
    if not ready.rows and known is not None and known.accepted:
        raise FeedError(_("The list is empty. Say --allow-empty if that is really so."))


# --- every hour -----------------------------------------------------------------------------


def refresh_nearest(db: Database) -> int:
    """Make every town's nearest circle true at this moment; answers how many had to change.

    It also moves without an import: circles end by the calendar. Reckoning takes seconds with
    many towns, so it happens in a snapshot; only what changed is written, in short turns.
    """
    now = clock.now()
    with db.snapshot() as conn:
        changes: list[NearestChange] = nearest_changes(conn, now)
    for start in range(0, len(changes), _TOWNS_AT_ONCE):
        with db.transaction() as conn:
            keep_nearest(conn, changes[start : start + _TOWNS_AT_ONCE])
    with db.transaction() as conn:
        keep_fact(conn, _NEAREST_FACT, now.isoformat())
    return len(changes)


def refresh_circles(db: Database, settings: Settings) -> list[str]:
    """What is due: imports of the addresses in the settings, nearest circles, old notes.

    To be called every few minutes, outside of the event loop. Answers what failed, in sentences.
    """
    failed: list[str] = []
    reach = reach_of(settings)
    due = clock.now() - timedelta(minutes=settings.circles_minutes)
    for kind, address, bring in (
        ("circles", settings.circles_url, import_circles),
        ("libraries", settings.libraries_url, import_libraries),
    ):
        with db.snapshot() as conn:
            last = latest_try(conn, kind)
        if address and (last is None or last <= due):
            try:
                bring(db, [address], reach)
            except FeedError as error:
                failed.append(f"{kind}: {error}")
    with db.snapshot() as conn:
        said = get_fact(conn, _NEAREST_FACT)
    if said is None or datetime.fromisoformat(said) <= clock.now() - _NEAREST_EVERY:
        refresh_nearest(db)
        with db.transaction() as conn:
            forget_old_imports(conn, clock.now() - _IMPORTS_KEPT)
    return failed
