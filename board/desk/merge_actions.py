"""One town turned out to be another one: everything moves there, in one transaction, and back.

What crosses features is written here in order, one call per feature; what a feature moved is kept
row by row for 30 days, so that undoing leaves what happened since where it happened.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from board.comments.move_actions import move_comments, move_comments_back
from board.core.db import insert_ignoring
from board.core.errors import Conflict, Mistake, NotFound
from board.core.language import gettext as _
from board.desk.models import (
    hand_overs,
    outreaches,
    partner_messages,
    town_merge_items,
    town_merges,
    town_notes,
)
from board.digests.models import launch_answers
from board.follows.move_actions import move_follows, move_follows_back
from board.moderation.models import flags
from board.people.models import code_batches, contact_uses, organiser_towns
from board.record.actions import Act, write_down
from board.stories.move_actions import move_stories, move_stories_back
from board.towns.cell_actions import recell
from board.towns.models import towns
from board.towns.moving import Moved, ids_of
from board.towns.rules import Need
from board.updates.models import planned_words, updates
from board.votes.move_actions import move_votes, move_votes_back

UNDO_FOR: Final = timedelta(days=30)
_CHUNK: Final = 500

# What merely names its town: it follows, and goes back, by its id.
PLAIN: Final[dict[str, Table]] = {
    "update": updates,
    "batch": code_batches,
    "flag": flags,
    "use": contact_uses,
    "message": partner_messages,
    "plan": planned_words,
    "note": town_notes,
    "letter": outreaches,
    "hand_over": hand_overs,
}


class Merged(NamedTuple):
    """What a merge did: "7 moved, 3 were already there"."""

    merge_id: int
    moved: int
    already: int


def merge_towns(
    conn: Connection, source_id: int, target_id: int, *, actor_id: int, need: Need, now: datetime
) -> Merged:
    """Make `source` the same town as `target`; each person counts once there.

    Raises Mistake for a town and itself, NotFound for one that isn't there, Conflict when somebody
    merged one of the two meanwhile.
    """
    source, target = _both(conn, source_id, target_id)
    moved = [
        *move_votes(conn, source_id, target_id, need=need, now=now),
        *move_stories(conn, source_id, target_id),
        *move_comments(conn, source_id, target_id),
        *move_follows(conn, source_id, target_id),
        *_move_plain(conn, source_id, target_id),
        *_move_answers(conn, source_id, target_id),
        *_share_organisers(conn, source_id, target_id),
    ]
    counted = _counted(moved)
    merge_id: int = conn.execute(
        insert(town_merges)
        .values(
            source_id=source_id,
            target_id=target_id,
            person_id=actor_id,
            standing=source,
            moved=counted[0],
            already=counted[1],
            merged_at=now,
        )
        .returning(town_merges.c.id)
    ).scalar_one()
    _remember(conn, merge_id, moved)
    conn.execute(
        update(towns)
        .where(towns.c.id == source_id)
        .values(standing="merged", merged_into_id=target_id)
    )
    _list_typed(conn, target_id, target)
    recell(conn, [source_id, target_id])
    act = Act(actor_id, "merge", "town", source_id, target_id, "", source, f"merge {merge_id}")
    write_down(conn, act, now)
    return Merged(merge_id, *counted)


def undo_merge(conn: Connection, merge_id: int, *, actor_id: int, need: Need, now: datetime) -> int:
    """Take a merge apart within 30 days; the id of the town that is its own again."""
    m = town_merges.c
    merge = conn.execute(
        update(town_merges)
        .where(m.id == merge_id, m.undone_at.is_(None), m.merged_at > now - UNDO_FOR)
        .values(undone_at=now)
        .returning(m.source_id, m.target_id, m.standing, m.merged_at)
    ).first()
    if merge is None:
        raise Conflict(_("This was undone already, or its 30 days are over."))
    source, target = merge.source_id, merge.target_id
    for town_id in sorted((source, target)):
        _lock(conn, town_id)
    if _standing(conn, target) == "merged":
        raise Conflict(_("Its town was merged further since. Undo that first."))
    moved = _remembered(conn, merge_id)
    conn.execute(
        update(towns)
        .where(towns.c.id == source)
        .values(standing=merge.standing, merged_into_id=None)
    )
    merged_at = merge.merged_at
    move_votes_back(conn, moved, source, target, merged_at=merged_at, need=need, now=now)
    move_comments_back(conn, moved, source, target)
    move_stories_back(conn, moved, source, target)
    move_follows_back(conn, moved, source)
    for kind, table in PLAIN.items():
        _hang(conn, table, ids_of(moved, kind), source)
    _hang(conn, launch_answers, ids_of(moved, "answer"), source)
    _unshare_organisers(conn, moved, target)
    recell(conn, [source, target])
    act = Act(actor_id, "unmerge", "town", source, target, "", f"merge {merge_id}", merge.standing)
    write_down(conn, act, now)
    return int(source)


def forget_old_merges(conn: Connection, now: datetime) -> int:
    """Nobody can undo these any more: their lists of rows go; how many rows went."""
    old = select(town_merges.c.id).where(
        (town_merges.c.merged_at <= now - UNDO_FOR) | town_merges.c.undone_at.is_not(None)
    )
    gone = conn.execute(
        delete(town_merge_items)
        .where(town_merge_items.c.merge_id.in_(old))
        .returning(town_merge_items.c.id)
    )
    return len(gone.all())


def _both(conn: Connection, source_id: int, target_id: int) -> tuple[str, str]:
    """The standings of both towns, locked in the order of their ids."""
    if source_id == target_id:
        raise Mistake({"town": _("That is the same town. Choose the one it really is.")})
    for town_id in sorted((source_id, target_id)):
        _lock(conn, town_id)
    source, target = _standing(conn, source_id), _standing(conn, target_id)
    if source is None or target is None or "dropped" in (source, target):
        raise NotFound(_("There is no such town."))
    if "merged" in (source, target):
        raise Conflict(_("Somebody merged one of them meanwhile. Look again, then decide."))
    return source, target


def _lock(conn: Connection, town_id: int) -> None:
    conn.execute(select(towns.c.id).where(towns.c.id == town_id).with_for_update()).first()


def _standing(conn: Connection, town_id: int) -> str | None:
    return conn.execute(select(towns.c.standing).where(towns.c.id == town_id)).scalar()


def _list_typed(conn: Connection, target_id: int, standing: str) -> None:
    """Whatever staff merge something into is a town: one typed by hand is listed from now on."""
    if standing == "by_hand":
        conn.execute(update(towns).where(towns.c.id == target_id).values(standing="listed"))


def _counted(moved: Sequence[Moved]) -> tuple[int, int]:
    """How many voters moved, and how many of the source's were counted in the target already."""
    counted = [item.kind for item in moved if item.before == "counted"]
    return counted.count("vote"), counted.count("vote_left")


def _move_plain(conn: Connection, source: int, target: int) -> list[Moved]:
    moved = []
    for kind, table in PLAIN.items():
        rows = conn.execute(
            update(table)
            .where(table.c.town_id == source)
            .values(town_id=target)
            .returning(table.c.id)
        )
        moved += [Moved(kind, row_id) for row_id in rows.scalars()]
    return moved


def _move_answers(conn: Connection, source: int, target: int) -> list[Moved]:
    """Answers after a launch: one per person and town, so whoever gave two keeps the target's."""
    a = launch_answers.c
    known = select(a.person_id).where(a.town_id == target, a.person_id.is_not(None))
    rows = conn.execute(
        update(launch_answers)
        .where(a.town_id == source, a.person_id.is_(None) | a.person_id.not_in(known))
        .values(town_id=target)
        .returning(a.id)
    )
    return [Moved("answer", row_id) for row_id in rows.scalars()]


def _share_organisers(conn: Connection, source: int, target: int) -> list[Moved]:
    """Who organises the one organises the other, too; the source stays theirs for an undo."""
    o = organiser_towns.c
    here = conn.execute(select(o.person_id).where(o.town_id == source).order_by(o.person_id))
    return [
        Moved("organiser", person_id)
        for person_id in here.scalars().all()
        if insert_ignoring(
            conn, organiser_towns, {"person_id": person_id, "town_id": target}, o.person_id
        )
    ]


def _unshare_organisers(conn: Connection, moved: Sequence[Moved], target: int) -> None:
    o = organiser_towns.c
    theirs = ids_of(moved, "organiser")
    conn.execute(delete(organiser_towns).where(o.town_id == target, o.person_id.in_(theirs)))


def _hang(conn: Connection, table: Table, ids: Sequence[int], town_id: int) -> None:
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        conn.execute(update(table).where(table.c.id.in_(part)).values(town_id=town_id))


def _remember(conn: Connection, merge_id: int, moved: Sequence[Moved]) -> None:
    if moved:
        conn.execute(
            insert(town_merge_items),
            [
                {"merge_id": merge_id, "kind": m.kind, "item_id": m.id, "before": m.before}
                for m in moved
            ],
        )


def _remembered(conn: Connection, merge_id: int) -> list[Moved]:
    i = town_merge_items.c
    rows = conn.execute(
        select(i.kind, i.item_id, i.before).where(i.merge_id == merge_id).order_by(i.id)
    )
    return [Moved._make(row) for row in rows]
