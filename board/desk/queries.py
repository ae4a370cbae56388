"""What the desk reads about its work: how much waits, and who wrote it."""

from datetime import datetime

from sqlalchemy import Connection, Select, func, select

from board.comments.models import comments
from board.core.errors import NotFound
from board.core.language import gettext as _
from board.desk.models import partner_messages
from board.moderation.queries import flagged_and_public
from board.people.models import waitings
from board.stories.models import stories
from board.stories.queries import count_held_edits
from board.towns.models import towns

_t = towns.c


def queue_size(conn: Connection, now: datetime, *, with_contacts: bool) -> int:
    """How many things wait for a look of this person; the counter on the desk's tab."""
    counts = queue_counts(now, with_contacts=with_contacts)
    return sum(conn.execute(select(*(count.scalar_subquery() for count in counts))).one())


def queue_counts(now: datetime, *, with_contacts: bool) -> list[Select[int]]:
    """The numbers that make the queue's size, each to be asked beside others."""
    counts = [
        select(func.count()).select_from(stories).where(stories.c.visibility == "held"),
        select(func.count()).select_from(comments).where(comments.c.visibility == "held"),
        count_held_edits(),
        select(func.count()).select_from(towns).where(_t.standing == "by_hand"),
        *flagged_and_public(),
    ]
    if with_contacts:
        w, p = waitings.c, partner_messages.c
        by_phone = (w.channel == "phone") & (w.outcome == "") & ~w.held & (w.expires_at > now)
        unanswered = p.answered_at.is_(None) & (p.expires_at > now)
        counts.append(select(func.count()).select_from(waitings).where(by_phone))
        counts.append(select(func.count()).select_from(partner_messages).where(unanswered))
    return counts


def author_of(conn: Connection, subject: str, subject_id: int) -> tuple[int | None, int | None]:
    """The person behind a story or comment, and its town, if any; raises NotFound."""
    table = stories if subject == "story" else comments
    row = conn.execute(
        select(table.c.person_id, table.c.town_id).where(table.c.id == subject_id)
    ).first()
    if row is None:
        raise NotFound(_("That is not in the queue any more."))
    return row.person_id, row.town_id
