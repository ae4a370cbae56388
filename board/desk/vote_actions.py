"""Staff take votes out of the count, with a reason, and put them back; each is written down."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from board.core.errors import Mistake
from board.core.language import gettext as _
from board.desk.hint_rules import VOID_REASONS
from board.record.actions import Act, write_down
from board.towns.rules import Need
from board.votes.models import votes
from board.votes.void_actions import restore_votes, void_votes

ACTS = ("void", "restore")
MOST = 500


def judge_votes(
    conn: Connection,
    town_id: int,
    act: str,
    vote_ids: Sequence[int],
    reason: str,
    *,
    actor_id: int,
    need: Need,
    now: datetime,
) -> int:
    """Void or restore votes of one town; how many changed the count."""
    if act not in ACTS:
        raise Mistake({"act": _("Choose what to do with them.")})
    if not vote_ids:
        raise Mistake({"votes": _("Tick the votes that you mean.")})
    if act == "void" and reason not in VOID_REASONS:
        raise Mistake({"reason": _("Choose why they go. It is written down.")})
    own = _of_town(conn, town_id, vote_ids[:MOST])
    if act == "void":
        changed = void_votes(conn, own, reason, need=need, now=now)
        before, after = "counted", "voided"
    else:
        changed = restore_votes(conn, own, need=need, now=now)
        before, after = "voided", "counted"
    for vote_id in changed:
        write_down(conn, Act(actor_id, act, "vote", vote_id, town_id, reason, before, after), now)
    return len(changed)


def _of_town(conn: Connection, town_id: int, vote_ids: Sequence[int]) -> list[int]:
    """Only this town's votes, whatever a form names."""
    rows = conn.execute(
        select(votes.c.id).where(votes.c.id.in_(vote_ids), votes.c.town_id == town_id)
    )
    return list(rows.scalars())
