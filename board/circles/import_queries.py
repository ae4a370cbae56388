"""Reading how imports went."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select

from board.circles.models import circle_imports, circle_rejections
from board.circles.rows import ImportRemark, ImportTrouble

KINDS: Final = ("circles", "libraries")
_c = circle_imports.c


def latest_try(conn: Connection, kind: str) -> datetime | None:
    """When the last import of this kind began, whether it went well or not."""
    moment: datetime | None = conn.execute(
        select(_c.started_at).where(_c.kind == kind).order_by(_c.id.desc()).limit(1)
    ).scalar()
    return moment


def import_troubles(conn: Connection) -> list[ImportTrouble]:
    """The kinds whose imports fail, since the last one that went well; one statement."""
    failing = or_(*(and_(_c.kind == kind, _c.id > _last(kind, "done")) for kind in KINDS))
    said = circle_imports.alias()
    row = (
        select(
            _c.kind,
            func.min(_c.finished_at).label("since"),
            func.max(_c.finished_at).label("last_at"),
            func.count().label("tries"),
            func.max(_c.id).label("latest"),
        )
        .where(_c.outcome == "failed", failing)
        .group_by(_c.kind)
        .subquery()
        .c
    )
    found = conn.execute(
        select(row.kind, row.since, row.last_at, said.c.error, row.tries).join_from(
            row.kind.table, said, said.c.id == row.latest
        )
    )
    return sorted(ImportTrouble._make(one) for one in found)


def failing_imports() -> Select[int]:
    """How many kinds of imports fail, to be asked beside other numbers."""
    failing: ColumnElement[int] = literal(0)
    for kind in KINDS:
        failing += case((_last(kind, "failed") > _last(kind, "done"), 1), else_=0)
    return select(failing)


def _last(kind: str, outcome: str) -> ColumnElement[int]:
    """The number of the last import that ended so; 0 when none did."""
    latest = select(func.max(_c.id)).where(_c.kind == kind, _c.outcome == outcome)
    return func.coalesce(latest.scalar_subquery(), 0)


def remarks_of_import(conn: Connection, import_id: int) -> list[ImportRemark]:
    """The rows that an import refused, and those it took over with something put right."""
    c = circle_rejections.c
    rows = conn.execute(
        select(c.upstream_id, c.title, c.reason, c.mended)
        .where(c.import_id == import_id)
        .order_by(c.mended, c.position)
    )
    return [ImportRemark._make(row) for row in rows]
