"""Before and after a merge: what would move, what was merged, and which towns may be the same."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, or_, select

from board.core.geo import distance_km
from board.core.text import fold, search_form
from board.desk.merge_actions import UNDO_FOR
from board.desk.models import town_merges
from board.towns.models import place_names, towns
from board.towns.queries import TOWN_COLUMNS, TownRow
from board.votes.models import votes


class Foreseen(NamedTuple):
    """What a merge would do, said before it is done."""

    moving: int
    already: int


def foresee(conn: Connection, source_id: int, target_id: int) -> Foreseen:
    """How many counted voters would move, and how many have voted in the target already."""
    there = votes.alias("there")
    twice = (
        select(func.count())
        .select_from(votes)
        .join(there, there.c.voter_key == votes.c.voter_key)
        .where(
            votes.c.town_id == source_id, votes.c.state == "counted", there.c.town_id == target_id
        )
    )
    counted = select(func.count()).where(votes.c.town_id == source_id, votes.c.state == "counted")
    row = conn.execute(select(twice.scalar_subquery(), counted.scalar_subquery())).one()
    return Foreseen(row[1] - row[0], row[0])


class MergeRow(NamedTuple):
    """A merge as the dossier shows it."""

    id: int
    name: str
    country: str
    moved: int
    already: int
    merged_at: datetime
    undone_at: datetime | None
    until: datetime

    def can_undo(self, now: datetime) -> bool:
        """Whether the 30 days still run."""
        return self.undone_at is None and now < self.until


def merges_into(conn: Connection, town_id: int) -> list[MergeRow]:
    """What was merged into a town, the newest first."""
    m = town_merges.c
    rows = conn.execute(
        select(m.id, towns.c.name, towns.c.country, m.moved, m.already, m.merged_at, m.undone_at)
        .join(towns, towns.c.id == m.source_id)
        .where(m.target_id == town_id)
        .order_by(m.merged_at.desc(), m.id.desc())
        .limit(50)
    )
    return [MergeRow(*row, until=row.merged_at + UNDO_FOR) for row in rows]


SAME_KM = 15.0


def perhaps_same(conn: Connection, town: TownRow, limit: int = 5) -> list[TownRow]:
    """Towns that ask in the same country under the same name, a similar one close by, or one of
    the other names that the gazetteer knows ("Wöllan" is Velenje).

    Similar: one folded name begins with the other ("Elk" and "Elk City").
    """
    t, n = towns.c, place_names.c
    folded = fold(town.name)
    its_name = exists().where(n.norm == search_form(town.name), n.geonames_id == t.geonames_id)
    our_name = (t.standing == "by_hand") & exists().where(
        n.norm == t.folded, n.geonames_id == town.geonames_id
    )
    begins = folded.split(" ")[0].split("-")[0]
    rows = conn.execute(
        select(*TOWN_COLUMNS)
        .where(
            t.country == town.country,
            t.id != town.id,
            t.standing.in_(("listed", "by_hand")),
            or_(
                t.folded == folded,
                t.folded.startswith(begins, autoescape=True),
                its_name,
                our_name,
            ),
        )
        .order_by(t.vote_count.desc(), t.id)
        .limit(50)
    )
    found = [TownRow._make(row) for row in rows]
    return [other for other in found if _near(town, other)][:limit]


def _near(town: TownRow, other: TownRow) -> bool:
    """Close by, or without a point: then only a look can tell."""
    if town.lat is None or town.lng is None or other.lat is None or other.lng is None:
        return True
    return distance_km(town.lat, town.lng, other.lat, other.lng) <= SAME_KM
