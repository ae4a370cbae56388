"""The map's cells beside the towns they count: every level, anew."""

from sqlalchemy import Connection, except_, func, or_, select, union_all

from board.core.config import Settings
from board.core.facts import get_fact
from board.core.language import gettext as _
from board.core.language import ngettext
from board.towns.cell_actions import CELL_COLUMNS, PLACE_ON_MAP, counted_anew
from board.towns.cell_queries import CELLED_AS, JOIN_KM_FACT
from board.towns.cells import LEVELS
from board.towns.models import town_cells, towns


def drifted_cells(conn: Connection, settings: Settings) -> list[str]:
    """A sentence for each level whose cells count something else than the towns say."""
    found = [_level_sentence(level, n) for level in LEVELS if (n := _differing(conn, level))]
    if (n := _miscelled(conn)) > 0:
        words = ngettext(
            "%(n)s town is counted on the map as something else than it is.",
            "%(n)s towns are counted on the map as something else than they are.",
            n,
        )
        found.insert(0, words % {"n": n})
    said = get_fact(conn, JOIN_KM_FACT)
    if said is None or float(said) != settings.join_km:
        words = _("The map takes %(said)s km as near, the setting is %(km)s.")
        found.insert(0, words % {"said": said, "km": settings.join_km})
    return found


def _level_sentence(level: int, n: int) -> str:
    words = ngettext(
        "The map's cells of level %(level)s: %(n)s differs from a count.",
        "The map's cells of level %(level)s: %(n)s differ from a count.",
        n,
    )
    return words % {"level": level, "n": n}


def _differing(conn: Connection, level: int) -> int:
    """How many cells of a level are stored wrongly, or missing, or too many."""
    c = town_cells.c
    stored = select(*(c[name] for name in CELL_COLUMNS)).where(c.level == level, c.towns != 0)
    counted = select(union_all(*counted_anew(level)).subquery())
    odd = union_all(
        select(except_(counted, stored).subquery()), select(except_(stored, counted).subquery())
    ).subquery()
    keys = select(odd.c.country, odd.c.key, odd.c.status, odd.c.lonely).distinct().subquery()
    differing: int = conn.execute(select(func.count()).select_from(keys)).scalar_one()
    return differing


def _miscelled(conn: Connection) -> int:
    """How many towns remember another standing or place than their row says."""
    wrong = or_(towns.c.celled_as != CELLED_AS, towns.c.zkey.is_distinct_from(PLACE_ON_MAP))
    n: int = conn.execute(select(func.count()).select_from(towns).where(wrong)).scalar_one()
    return n
