"""Taking over what was imported, and keeping every town's nearest circle true."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from board.circles.feed import Remark
from board.circles.globe import Globe, Nearest, Pin
from board.circles.kept import Ready
from board.circles.models import circle_imports, circle_rejections, circles, libraries
from board.circles.queries import nearest_circle
from board.core.db import upsert
from board.towns.actions import set_nearest
from board.towns.models import towns
from board.towns.rules import need_score

T = TypeVar("T")

_TABLES: Final = {"circles": circles, "libraries": libraries}
_CHUNK: Final = 500


class Taking(NamedTuple):
    """One import: its kind ("circles", "libraries"), where it came from, and when it began."""

    kind: str
    source: str
    sample: bool
    started_at: datetime


class Report(NamedTuple):
    """How an import went. `added` were new or came back; `mended` were taken over, put right."""

    accepted: int
    added: int
    changed: int
    gone: int
    rejected: list[Remark]
    mended: list[Remark]

    @property
    def changes(self) -> int:
        """How many rows of ours say something else than before."""
        return self.added + self.changed + self.gone


def take_over(conn: Connection, taking: Taking, ready: Ready, now: datetime) -> Report:
    """Make our table say what the feed says. The same feed a second time changes nothing.

    What the feed no longer has is marked as gone and keeps its row: a town that got its circle
    keeps that fact. What comes back is there again.
    """
    table = _TABLES[taking.kind]
    rows = ready.rows
    known = {row.id: row._mapping for row in conn.execute(select(table))}
    added = [row for row in rows if row["id"] not in known or known[row["id"]]["gone_at"]]
    changed = [
        row
        for row in rows
        if row["id"] in known
        and not known[row["id"]]["gone_at"]
        and any(known[row["id"]][name] != value for name, value in row.items())
    ]
    upsert(conn, table, [{**row, "gone_at": None} for row in (*added, *changed)], ["id"])
    here = {row["id"] for row in rows}
    gone = [number for number, row in known.items() if not row["gone_at"] and number not in here]
    for some in _chunks(gone):
        conn.execute(update(table).where(table.c.id.in_(some)).values(gone_at=now))
    report = Report(len(rows), len(added), len(changed), len(gone), ready.rejected, ready.mended)
    _record(conn, taking, report, now)
    return report


def _record(conn: Connection, taking: Taking, report: Report, now: datetime) -> None:
    """Write down how it went; the rows refused by earlier imports are old news."""
    c = circle_imports.c
    earlier = select(c.id).where(c.kind == taking.kind)
    conn.execute(delete(circle_rejections).where(circle_rejections.c.import_id.in_(earlier)))
    import_id = conn.execute(
        insert(circle_imports)
        .values(
            **taking._asdict(),
            finished_at=now,
            outcome="done",
            accepted=report.accepted,
            rejected=len(report.rejected),
            added=report.added,
            changed=report.changed,
            gone=report.gone,
        )
        .returning(c.id)
    ).scalar_one()
    remarks = [
        {"import_id": import_id, "mended": mended, **remark._asdict()}
        for mended, group in ((False, report.rejected), (True, report.mended))
        for remark in group
    ]
    if remarks:
        conn.execute(insert(circle_rejections), remarks)


def record_failure(conn: Connection, taking: Taking, error: str, now: datetime) -> None:
    """Write down that an import failed, and why; everything else stays as it was."""
    conn.execute(
        insert(circle_imports).values(
            **taking._asdict(), finished_at=now, outcome="failed", error=error[:300]
        )
    )


def forget_old_imports(conn: Connection, before: datetime) -> None:
    """Drop the notes of imports finished long ago, but not those of the last good ones."""
    c = circle_imports.c
    latest = select(func.max(c.id)).where(c.outcome == "done").group_by(c.kind)
    conn.execute(delete(circle_imports).where(c.finished_at < before, c.id.not_in(latest)))


class NearestChange(NamedTuple):
    """What a town's nearest circle should be from now on."""

    town_id: int
    circle_id: int | None
    km: float | None


def nearest_changes(conn: Connection, now: datetime) -> list[NearestChange]:
    """The towns whose nearest circle is another one than their row says.

    Only circles that meet in person, now or soon, are near anybody.
    """
    c = circles.c
    pins = conn.execute(
        select(c.id, c.lat, c.lng).where(c.gone_at.is_(None), c.over_at > now, c.mx.is_not(None))
    )
    globe = Globe(Pin._make(row) for row in pins)
    t = towns.c
    asking = conn.execute(
        select(t.id, t.lat, t.lng, t.nearest_circle_id, t.nearest_km).where(t.lat.is_not(None))
    )
    changes: list[NearestChange] = []
    for town_id, lat, lng, circle_id, km in asking:
        change = NearestChange(town_id, *_kept(globe.nearest(lat, lng)))
        if change != (town_id, circle_id, km):
            changes.append(change)
    return changes


def _kept(nearest: Nearest | None) -> tuple[int | None, float | None]:
    return (None, None) if nearest is None else (nearest.id, round(nearest.km, 1))


def keep_nearest(conn: Connection, changes: Sequence[NearestChange]) -> None:
    """Write towns' nearest circles, and the need that depends on the distance.

    The rows are locked first: a vote cast meanwhile must not be reckoned without.
    """
    t = towns.c
    statement = (
        update(towns)
        .where(t.id == bindparam("town_id"))
        .values(
            nearest_circle_id=bindparam("circle_id"),
            nearest_km=bindparam("km"),
            need=bindparam("new_need"),
        )
    )
    for some in _chunks(changes):
        ids = [change.town_id for change in some]
        rows = conn.execute(
            select(t.id, t.vote_count, t.population)
            .where(t.id.in_(ids))
            .order_by(t.id)
            .with_for_update()
        )
        counts = {row.id: (row.vote_count, row.population) for row in rows}
        values = [
            {**change._asdict(), "new_need": need_score(*counts[change.town_id], change.km)}
            for change in some
            if change.town_id in counts
        ]
        if values:
            conn.execute(statement, values)


def refresh_nearest(conn: Connection, now: datetime) -> int:
    """Make every town's nearest circle true at this moment; answers how many had to change."""
    changes = nearest_changes(conn, now)
    keep_nearest(conn, changes)
    return len(changes)


def refresh_nearest_of(conn: Connection, town_id: int, now: datetime) -> None:
    """Make one town's nearest circle true: for a town that was founded just now."""
    t = towns.c
    town = conn.execute(select(t.lat, t.lng).where(t.id == town_id)).one()
    if town.lat is not None and town.lng is not None:
        circle_id, km = _kept(nearest_circle(conn, town.lat, town.lng, now))
        set_nearest(conn, town_id, circle_id, km)


def _chunks(values: Iterable[T]) -> Iterable[list[T]]:
    waiting = iter(values)
    while some := list(islice(waiting, _CHUNK)):
        yield some
