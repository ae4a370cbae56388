"""Speaking officially: a status change, an answer, or both."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select

from board.core.errors import Conflict, Mistake, NotFound
from board.core.language import gettext as _
from board.core.markdown import update_html
from board.mail.actions import announce
from board.record.actions import Act, write_down
from board.towns.actions import set_answered, set_status
from board.towns.models import towns
from board.towns.rules import may_become, needs_reason
from board.updates.models import updates
from board.updates.rules import REASONS

# A page sent again within this time (a second click, a lost connection) says nothing new.
_TWICE: Final = timedelta(minutes=5)


class Word(NamedTuple):
    """What staff say to a town. `seen` is the status they saw when they wrote it."""

    town_id: int
    seen: str
    status: str
    reason: str
    text: str
    language: str


def publish(
    conn: Connection,
    word: Word,
    *,
    person_id: int,
    name: str,
    now: datetime,
    tell_at: datetime | None = None,
) -> int:
    """Publish an update and move the town's status with it; the update's id.

    It stands on the page at once; mails go out at `tell_at`, so that it can be taken back before
    anybody was told. Raises Mistake for a step the status graph doesn't know, Conflict when
    somebody else moved the town meanwhile.
    """
    before: str | None = conn.execute(
        select(towns.c.status).where(towns.c.id == word.town_id).with_for_update()
    ).scalar()
    if before is None:
        raise NotFound(_("There is no such town."))
    said = _said_just_now(conn, word, person_id, now)
    if said is not None:
        return said
    if before != word.seen:
        raise Conflict(_("Somebody moved this town meanwhile. Look at it again, then decide."))
    check_word(before, word)
    update_id: int = conn.execute(
        insert(updates)
        .values(
            town_id=word.town_id,
            person_id=person_id,
            name=name,
            before=before,
            after=word.status,
            reason=word.reason,
            language=word.language,
            text=word.text,
            html=update_html(word.text) if word.text else "",
            published_at=now,
        )
        .returning(updates.c.id)
    ).scalar_one()
    if word.status != before:
        set_status(conn, word.town_id, word.status, now)
    set_answered(conn, word.town_id, now)
    act = Act(
        person_id, "update", "town", word.town_id, word.town_id, word.reason, before, word.status
    )
    write_down(conn, act, now)
    announce(conn, "update", update_id, tell_at or now)
    return update_id


def _said_just_now(conn: Connection, word: Word, person_id: int, now: datetime) -> int | None:
    """The same word by the same colleague a moment ago: their page was sent twice."""
    u = updates.c
    newest = conn.execute(
        select(u.id, u.person_id, u.after, u.reason, u.text, u.published_at)
        .where(u.town_id == word.town_id)
        .order_by(u.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.published_at <= now - _TWICE:
        return None
    same = (newest.person_id, newest.after, newest.reason, newest.text)
    return int(newest.id) if same == (person_id, word.status, word.reason, word.text) else None


def check_word(before: str, word: Word) -> None:
    """Raises Mistake when this word can't be said to a town that stands at `before`."""
    if word.status == before and not word.text:
        raise Mistake({"text": _("Say something, or move the town a step. Both at once is fine.")})
    if word.status != before and not may_become(before, word.status):
        raise Mistake({"status": _("From where the town stands, that step isn't open.")})
    if word.reason and word.reason not in REASONS:
        raise Mistake({"reason": _("Choose a reason from the list.")})
    if needs_reason(before, word.status) and not (word.reason and word.text):
        raise Mistake(
            {
                "reason": _(
                    "A step back or a “not now” needs a reason and a sentence people can read."
                )
            }
        )
