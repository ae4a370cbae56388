"""Bringing a list in: its pages wait in tables beside ours until all are here, then it is ours.

Taking over is a few statements within the database, however long the list: pages show the list
before or the list after, and what didn't change isn't written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from board.circles.feed import Remark
from board.circles.kept import Ready
from board.circles.models import (
    PARTNERS_FROM,
    circle_imports,
    circle_rejections,
    circles,
    libraries,
    staged_circles,
    staged_libraries,
    staged_remarks,
)

_TABLES: Final = {
    "circles": (circles, staged_circles),
    "libraries": (libraries, staged_libraries),
}
_c = circle_imports.c


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


# --- what was read waits ----------------------------------------------------------------------


def stage(conn: Connection, kind: str, ready: Ready) -> None:
    """Put a page's rows with those that were read before."""
    _ours, staged = _TABLES[kind]
    if ready.rows:
        conn.execute(insert(staged), ready.rows)
    remarks = [
        {"kind": kind, "mended": mended, **remark._asdict()}
        for mended, group in ((False, ready.rejected), (True, ready.mended))
        for remark in group
    ]
    if remarks:
        conn.execute(insert(staged_remarks), remarks)


def drop_staged(conn: Connection, kind: str, most: int) -> bool:
    """Drop what was read, at most so many rows at once; whether more are there."""
    _ours, staged = _TABLES[kind]
    some = select(staged.c.id).limit(most).scalar_subquery()
    gone = conn.execute(delete(staged).where(staged.c.id.in_(some)).returning(staged.c.id)).all()
    if not gone:
        conn.execute(delete(staged_remarks).where(staged_remarks.c.kind == kind))
    return bool(gone)


def staged_ids(conn: Connection, kind: str) -> set[int]:
    """The numbers of the rows that wait."""
    return set(conn.execute(select(_TABLES[kind][1].c.id)).scalars())


class Waiting(NamedTuple):
    """How many rows wait, and how many were refused."""

    accepted: int
    rejected: int


def staged_counts(conn: Connection, kind: str) -> Waiting:
    """How many rows wait to be taken over."""
    refused = select(func.count()).where(
        staged_remarks.c.kind == kind, staged_remarks.c.mended.is_(False)
    )
    rows = select(func.count()).select_from(_TABLES[kind][1])
    return Waiting(conn.execute(rows).scalar_one(), conn.execute(refused).scalar_one())


# --- taking over ------------------------------------------------------------------------------


def take_over(conn: Connection, taking: Taking, now: datetime) -> Report:
    """Make our table say what the list says. The same list a second time writes no row of it.

    What the list no longer has is marked as gone and keeps its row: a town that got its circle
    keeps that fact. What comes back is there again.
    """
    ours, staged = _TABLES[taking.kind]
    is_new = or_(ours.c.id.is_(None), ours.c.gone_at.is_not(None))
    differs = or_(*(staged.c[name].is_distinct_from(ours.c[name]) for name in _facts(staged)))
    beside = staged.outerjoin(ours, ours.c.id == staged.c.id)
    counted = conn.execute(
        select(
            func.count(),
            func.count(case((is_new, 1))),
            func.count(case((~is_new & differs, 1))),
        ).select_from(beside)
    ).one()
    news = select(*(staged.c[name] for name in ("id", *_facts(staged))), null())
    _overwrite(conn, ours, _facts(staged), news.select_from(beside).where(or_(is_new, differs)))
    gone = conn.execute(
        update(ours)
        .where(
            ours.c.gone_at.is_(None),
            ~exists().where(staged.c.id == ours.c.id),
            # Those of our own content files are no business of P2PU's list.
            ours.c.id < PARTNERS_FROM,
        )
        .values(gone_at=now)
        .returning(ours.c.id)
    ).all()
    rejected, mended = _remarks(conn, taking.kind)
    report = Report(*counted, len(gone), rejected, mended)
    _record(conn, taking, report, now)
    return report


def _facts(staged: Table) -> list[str]:
    """The columns that may change."""
    return [column.name for column in staged.c if column.name != "id"]


def _overwrite(conn: Connection, ours: Table, names: Sequence[str], news: Any) -> None:
    """Insert the rows that `news` selects, in place of those that are there."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(ours).from_select(["id", *names, "gone_at"], news)
    changes: dict[str, ColumnElement[Any]] = {
        name: statement.excluded[name] for name in (*names, "gone_at")
    }
    conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def _remarks(conn: Connection, kind: str) -> tuple[list[Remark], list[Remark]]:
    """What there is to say of rows that were refused, and of those put right."""
    c = staged_remarks.c
    rows = conn.execute(
        select(c.mended, c.position, c.upstream_id, c.title, c.reason)
        .where(c.kind == kind)
        .order_by(c.position)
    ).all()
    refused, mended = (
        [Remark(*row[1:]) for row in rows if row.mended is was_mended]
        for was_mended in (False, True)
    )
    return refused, mended


def _record(conn: Connection, taking: Taking, report: Report, now: datetime) -> None:
    """Write down how it went; the rows refused by earlier imports are old news."""
    earlier = select(_c.id).where(_c.kind == taking.kind)
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
        .returning(_c.id)
    ).scalar_one()
    names = ("position", "upstream_id", "title", "reason", "mended")
    remarks = select(literal(import_id), *(staged_remarks.c[name] for name in names))
    conn.execute(
        insert(circle_rejections).from_select(
            ["import_id", *names], remarks.where(staged_remarks.c.kind == taking.kind)
        )
    )


def record_failure(conn: Connection, taking: Taking, error: str, now: datetime) -> None:
    """Write down that an import failed, and why; everything else stays as it was."""
    conn.execute(
        insert(circle_imports).values(
            **taking._asdict(), finished_at=now, outcome="failed", error=error[:300]
        )
    )


def forget_old_imports(conn: Connection, before: datetime) -> None:
    """Drop the notes of imports finished long ago, but not those of the last good ones."""
    latest = select(func.max(_c.id)).where(_c.outcome == "done").group_by(_c.kind)
    conn.execute(delete(circle_imports).where(_c.finished_at < before, _c.id.not_in(latest)))
