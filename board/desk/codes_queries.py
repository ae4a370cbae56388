"""What the desk knows of its slips: the batches, and what was said with one of them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from board.comments.models import comments
from board.people.models import people
from board.people.slip_queries import Batch, get_batch, list_batches, people_of_batch
from board.stories.models import stories
from board.towns.queries import TownRow, names_of_towns, town_by_id
from board.votes.models import votes


class BatchLine(NamedTuple):
    """One batch in the list."""

    batch: Batch
    town: str
    made_by: str


class Said(NamedTuple):
    """A story or comment by the person behind a slip."""

    kind: str
    id: int
    name: str
    text: str
    visibility: str
    created_at: datetime


class Dossier(NamedTuple):
    """A batch with what its slips brought: votes by state, stories and comments."""

    batch: Batch
    town: TownRow | None
    made_by: str
    counted: int
    taken_back: int
    voided: int
    said: list[Said]


def batch_lines(conn: Connection) -> list[BatchLine]:
    """All batches, the newest first; three statements however many there are."""
    batches = list_batches(conn)
    towns = names_of_towns(conn, {batch.town_id for batch in batches if batch.town_id})
    names = _names(conn, {batch.made_by for batch in batches if batch.made_by})
    return [
        BatchLine(batch, towns.get(batch.town_id or 0, ""), names.get(batch.made_by or 0, ""))
        for batch in batches
    ]


def _names(conn: Connection, ids: set[int]) -> dict[int, str]:
    found = conn.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))
    return {row.id: row.name for row in found}


def dossier(conn: Connection, batch_id: int) -> Dossier:
    """One batch; raises NotFound."""
    batch = get_batch(conn, batch_id)
    states = conn.execute(
        select(votes.c.state, func.count())
        .where(votes.c.batch_id == batch_id)
        .group_by(votes.c.state)
    )
    by_state: dict[str, int] = {row[0]: row[1] for row in states}
    return Dossier(
        batch=batch,
        town=town_by_id(conn, batch.town_id) if batch.town_id else None,
        made_by=_names(conn, {batch.made_by}).get(batch.made_by, "") if batch.made_by else "",
        counted=by_state.get("counted", 0),
        taken_back=by_state.get("taken_back", 0),
        voided=by_state.get("voided", 0),
        said=_said(conn, batch_id),
    )


def _said(conn: Connection, batch_id: int) -> list[Said]:
    """What was told and said with the slips of a batch, the newest first."""
    behind, s, c = people_of_batch(conn, batch_id), stories.c, comments.c
    there = ("held", "public", "unlisted")
    told = conn.execute(
        select(s.id, s.name, s.title, s.visibility, s.created_at).where(
            s.person_id.in_(behind), s.visibility.in_(there)
        )
    )
    said = conn.execute(
        select(c.id, c.name, c.text, c.visibility, c.created_at).where(
            c.person_id.in_(behind), c.visibility.in_(there)
        )
    )
    both = [Said("story", *row) for row in told] + [Said("comment", *row) for row in said]
    return sorted(both, key=lambda one: one.created_at, reverse=True)
