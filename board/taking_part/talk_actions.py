"""A confirmed person's word in a talk: where it hangs, whether it appears at once, or must wait."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from board.comments.actions import Saying, add_comment
from board.comments.own_actions import Wording, edit_comment
from board.comments.queries import (
    get_comment,
    last_word_at,
    lock_reason,
    place_of_reply,
    public_since,
)
from board.comments.rules import DAY, HOUR, Heat, Talk, first_visibility, is_heated, wait_left
from board.core.errors import BoardError, Conflict, TooMuch
from board.core.language import gettext as _
from board.core.language import ngettext
from board.core.text import count_links
from board.moderation.queries import flags_since
from board.people.queries import is_trusted
from board.taking_part.rules import CommentWish
from board.taking_part.signs import Hints, signs_in
from board.votes.queries import has_counted_vote


class Speaker(NamedTuple):
    """Who speaks; staff when signed in at the desk."""

    person_id: int
    key: bytes
    staff: bool = False


class Said(NamedTuple):
    """A comment as it was kept, and where it stands: held or public."""

    id: int
    visibility: str


def say(
    conn: Connection,
    wish: CommentWish,
    town_id: int | None,
    speaker: Speaker,
    *,
    present: bool,
    heat: Heat,
    hints: Hints,
    now: datetime,
) -> Said:
    """Keep a word in a talk.

    In a closed or heated talk somebody who is `present` hears why not now, and still has their
    words on the page; who confirms words sent earlier loses nothing either: a moderator looks.
    """
    talk = Talk(town_id, wish.story_id)
    obstacle = _obstacle(conn, talk, speaker, heat, now)
    if obstacle is not None and present:
        raise obstacle
    visibility = _first(conn, wish.text, talk, speaker, odd=hints.odd)
    if obstacle is not None:
        visibility = "held"
    place = place_of_reply(conn, talk, wish.reply_to)
    if present and wish.reply_to is not None and place.parent_id is None:
        raise Conflict(
            _("What you answer isn't in this talk. Send it once more to say it for itself.")
        )
    saying = Saying(town_id, wish.story_id, wish.name, wish.language, wish.text, *place)
    comment_id = add_comment(
        conn,
        saying,
        person_id=speaker.person_id,
        staff=speaker.staff,
        visibility=visibility,
        signals=hints.text,
        now=now,
    )
    return Said(comment_id, visibility)


def edit_own(
    conn: Connection, comment_id: int, wording: Wording, speaker: Speaker, *, now: datetime
) -> str:
    """Change one's own comment; the rule that let it appear is asked again."""
    comment = get_comment(conn, comment_id, viewer_id=speaker.person_id)
    reason = lock_reason(conn, comment.town_id)
    if reason:
        raise Conflict(closed(reason))
    odd = Hints(None, signs_in(comment.signals)).odd
    anew = _first(conn, wording.text, comment.talk, speaker, odd=odd)
    return edit_comment(conn, comment_id, wording, person_id=speaker.person_id, anew=anew, now=now)


def _first(conn: Connection, text: str, talk: Talk, speaker: Speaker, *, odd: bool) -> str:
    return first_visibility(
        trusted=speaker.staff or is_trusted(conn, speaker.person_id),
        # The open talk belongs to no town: there a vote anywhere will do.
        has_vote=has_counted_vote(conn, speaker.key, talk.town_id),
        links=count_links(text),
        odd=odd,
    )


def _obstacle(
    conn: Connection, talk: Talk, speaker: Speaker, heat: Heat, now: datetime
) -> BoardError | None:
    reason = lock_reason(conn, talk.town_id)
    if reason:
        return Conflict(closed(reason))
    if speaker.staff:
        return None
    spoke_at = last_word_at(conn, talk, speaker.person_id)
    left = wait_left(heat, last_word_at=spoke_at, now=now)
    if left and _heated(conn, talk, heat, now):
        return TooMuch(_breathe(left), retry_after=int(left.total_seconds()) + 1)
    return None


def _heated(conn: Connection, talk: Talk, heat: Heat, now: datetime) -> bool:
    return is_heated(
        heat,
        comments_this_hour=public_since(conn, talk, now - HOUR),
        flags_today=flags_since(conn, talk, now - DAY),
    )


def closed(reason: str) -> str:
    """Said to who would speak in a talk that is closed."""
    return _("This talk is closed for now: %(reason)s") % {"reason": reason}


def _breathe(left: timedelta) -> str:
    minutes = -(-int(left.total_seconds()) // 60)
    sentence = ngettext(
        "Many people talk here at the moment, so everybody takes a breath between two comments. "
        "Yours can follow in %(n)s minute; your words are still here.",
        "Many people talk here at the moment, so everybody takes a breath between two comments. "
        "Yours can follow in %(n)s minutes; your words are still here.",
        minutes,
    )
    return sentence % {"n": minutes}
