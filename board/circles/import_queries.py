"""Reading how imports went."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from board.circles.models import circle_imports, circle_rejections
from board.circles.rows import ImportRemark, ImportTrouble


def latest_try(conn: Connection, kind: str) -> datetime | None:
    """When the last import of this kind began, whether it went well or not."""
    c = circle_imports.c
    moment: datetime | None = conn.execute(
        select(c.started_at).where(c.kind == kind).order_by(c.id.desc()).limit(1)
    ).scalar()
    return moment


def import_trouble(conn: Connection, kind: str = "circles") -> ImportTrouble | None:
    """Since when imports of this kind fail, and why the last one did; None when it went well."""
    c = circle_imports.c
    good = select(func.max(c.id)).where(c.kind == kind, c.outcome == "done").scalar_subquery()
    rows = conn.execute(
        select(c.finished_at, c.error)
        .where(c.kind == kind, c.outcome == "failed", c.id > func.coalesce(good, 0))
        .order_by(c.id)
    ).all()
    if not rows:
        return None
    return ImportTrouble(rows[0].finished_at, rows[-1].finished_at, rows[-1].error, len(rows))


def remarks_of_import(conn: Connection, import_id: int) -> list[ImportRemark]:
    """The rows that an import refused, and those it took over with something put right."""
    c = circle_rejections.c
    rows = conn.execute(
        select(c.upstream_id, c.title, c.reason, c.mended)
        .where(c.import_id == import_id)
        .order_by(c.mended, c.position)
    )
    return [ImportRemark._make(row) for row in rows]
