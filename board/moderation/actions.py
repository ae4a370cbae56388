"""Flagging a story or comment, what follows by itself, and settling flags at the desk."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, func, select, update

from board.comments.actions import hold_flagged_comment
from board.comments.models import comments
from board.core.db import insert_ignoring
from board.core.errors import NotFound, TooMuch
from board.core.language import gettext as _
from board.core.quotas import network_key, spend
from board.moderation.models import flags
from board.moderation.rules import Subject, hides
from board.record.actions import Act, write_down
from board.stories.actions import hold_flagged_story
from board.stories.models import stories

_HOUR: Final = timedelta(hours=1)
TABLES: Final[dict[str, Table]] = {"story": stories, "comment": comments}


class Flagger(NamedTuple):
    """Who flags: a confirmed person by key and id, or nobody we know; and from which network."""

    network: str
    person_id: int | None = None
    key: bytes = b""


class Flagging(NamedTuple):
    """What is flagged, and why."""

    subject: Subject
    subject_id: int
    reason: str
    note: str = ""


def flag(
    conn: Connection, flagging: Flagging, flagger: Flagger, *, an_hour: int, now: datetime
) -> bool:
    """Note that somebody should look at a thing; whether it is hidden by that.

    One person, or one network on one day, flags one thing once. Flags of three confirmed persons
    hide it, once, also when they come at the same moment: the thing's row is locked meanwhile.
    """
    network = network_key(conn, flagger.network, now)
    if spend(conn, "flags", network, window=_HOUR, now=now) > an_hour:
        sentence = _("Many reports came from your network just now. Try again in an hour.")
        raise TooMuch(sentence, retry_after=3600)
    thing = _locked(conn, flagging)
    own = flagger.person_id is not None and thing.person_id == flagger.person_id
    if own or thing.visibility not in ("public", "held"):
        return False
    _note(conn, flagging, flagger, flagger.key or network, thing, now)
    people = _people(conn, flagging)
    if not hides(people=people, visibility=thing.visibility, kept=thing.kept_at is not None):
        return False
    _hide(conn, flagging, thing, now)
    return True


def settle_flags(conn: Connection, subject: str, subject_id: int, now: datetime) -> int:
    """Somebody at the desk decided about a thing; how many flags that answers."""
    f = flags.c
    settled = conn.execute(
        update(flags)
        .where(f.subject == subject, f.subject_id == subject_id, f.settled_at.is_(None))
        .values(settled_at=now)
        .returning(f.id)
    )
    return len(settled.all())


def reopen_flags(conn: Connection, subject: str, subject_id: int, settled_at: datetime) -> None:
    """The decision of that moment is taken back: what it answered waits again."""
    f = flags.c
    conn.execute(
        update(flags)
        .where(f.subject == subject, f.subject_id == subject_id, f.settled_at == settled_at)
        .values(settled_at=None)
    )


def _locked(conn: Connection, flagging: Flagging) -> Any:
    c = TABLES[flagging.subject].c
    row = conn.execute(
        select(c.visibility, c.person_id, c.town_id, c.kept_at, c.edited_at)
        .where(c.id == flagging.subject_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is nothing at this address."))
    return row


def _note(
    conn: Connection,
    flagging: Flagging,
    flagger: Flagger,
    key: bytes,
    thing: Any,
    now: datetime,
) -> None:
    said = {"reason": flagging.reason, "note": flagging.note, "created_at": now}
    row = {
        "subject": flagging.subject,
        "subject_id": flagging.subject_id,
        "town_id": thing.town_id,
        "person_id": flagger.person_id,
        "flagger": key,
        **said,
    }
    if insert_ignoring(conn, flags, row, flags.c.id) is None and thing.edited_at is not None:
        # The same eyes on another text: what was answered before the edit is open again.
        f = flags.c
        mine = (f.subject == flagging.subject) & (f.subject_id == flagging.subject_id)
        conn.execute(
            update(flags)
            .where(mine, f.flagger == key, f.settled_at < thing.edited_at)
            .values(settled_at=None, **said)
        )


def _people(conn: Connection, flagging: Flagging) -> int:
    """How many confirmed persons say so, and weren't answered yet."""
    f = flags.c
    count: int = conn.execute(
        select(func.count(f.person_id.distinct())).where(
            f.subject == flagging.subject,
            f.subject_id == flagging.subject_id,
            f.settled_at.is_(None),
        )
    ).scalar_one()
    return count


def _hide(conn: Connection, flagging: Flagging, thing: Any, now: datetime) -> None:
    hold = hold_flagged_story if flagging.subject == "story" else hold_flagged_comment
    hold(conn, flagging.subject_id, now)
    act = Act(
        None,
        "hide",
        flagging.subject,
        flagging.subject_id,
        thing.town_id,
        "flags",
        thing.visibility,
        "held",
    )
    write_down(conn, act, now)
