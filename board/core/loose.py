"""The different values of a column, from one index step each, however many rows there are."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select


def values_of(column: Column[Any], *where: ColumnElement[bool]) -> Select[Any]:
    """All values of a column, in order; an index must begin with what `where` fixes, then it.

    The databases' own DISTINCT reads every row.
    """
    seen = select(func.min(column).label("value")).where(*where).cte("seen", recursive=True)
    further = select(func.min(column)).where(*where, column > seen.c.value)
    seen = seen.union_all(
        select(further.correlate(seen).scalar_subquery()).where(seen.c.value.is_not(None))
    )
    return select(seen.c.value).where(seen.c.value.is_not(None))
