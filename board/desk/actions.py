"""What the desk does: one act per thing in the queue, each written into the record."""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, update

from board.comments.actions import archive_comments, keep_comment, lock_comment, move_comment
from board.core.errors import Conflict, Mistake, NotFound
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.forms import PartnerForm, QueueForm
from board.desk.models import partner_messages
from board.desk.queries import author_of
from board.desk.rules import ACTS, AFTER, JUDGED, NEED_REASON, REPORTED, wording_of_comment
from board.desk.undo_rules import UNDO_WITHIN
from board.moderation.actions import settle_flags
from board.people.actions import block, trust
from board.people.queries import WaitingForm, waiting_by_id
from board.people.waiting_actions import keep_content, lay_by
from board.record.actions import Act, write_down
from board.stories.actions import archive_stories, hide_story, keep_story, lock_story
from board.stories.queries import any_story
from board.stories.rules import REASONS
from board.taking_part.confirm_actions import confirm_waiting
from board.taking_part.rules import Terms
from board.taking_part.story_actions import keep_edit, refuse_edit
from board.towns.by_hand_actions import drop_by_hand, list_by_hand
from board.towns.queries import town_by_id, town_of_place


def handle(
    conn: Connection, keys: Keys, form: QueueForm, *, actor_id: int, terms: Terms, now: datetime
) -> int:
    """Do one act with one thing in the queue; its entry in the record.

    Raises Conflict when somebody was faster.
    """
    if form.act not in ACTS.get(form.subject, ()) or form.subject_id is None:
        raise NotFound(_("That can't be done with this."))
    subject_id = form.subject_id
    if form.act not in NEED_REASON:
        form = form.model_copy(update={"reason": ""})
    elif form.reason not in REASONS:
        raise Mistake({"reason": _("Choose one of the four reasons.")})
    if form.subject in JUDGED:
        return _judge(conn, form, subject_id, actor_id=actor_id, now=now)
    if form.subject == "edit":
        return _judge_edit(conn, form, subject_id, actor_id=actor_id, now=now)
    if form.subject == "call":
        return _call(conn, keys, form, subject_id, actor_id=actor_id, terms=terms, now=now)
    if form.subject == "town":
        return _look_at_town(conn, form, subject_id, actor_id=actor_id, now=now)
    return _answer_partner(conn, subject_id, actor_id=actor_id, now=now)


def _judge(
    conn: Connection, form: QueueForm, subject_id: int, *, actor_id: int, now: datetime
) -> int:
    person_id, town_id = author_of(conn, form.subject, subject_id)
    if form.wording and form.wording != _wording_now(conn, form.subject, subject_id):
        raise Conflict(_("Its author changed it meanwhile. Read it once more."))
    after = AFTER[form.act]
    before = _moved(conn, form.subject, subject_id, after, form.reason, now)
    settled = settle_flags(conn, form.subject, subject_id, now)
    # What is public was looked at because of flags: without any, somebody answered them already.
    seen = "public" if form.seen == REPORTED else form.seen
    answered = not settled and (before == after or form.seen == REPORTED)
    if (seen and before != seen) or answered:
        raise Conflict(_("Somebody else was faster: this is done already."))
    if person_id is not None and form.act == "trust":
        trust(conn, person_id)
    if person_id is not None and form.act == "block":
        block(conn, person_id, now)
    act = Act(actor_id, form.act, form.subject, subject_id, town_id, form.reason, before, after)
    return write_down(conn, act, now)


def _wording_now(conn: Connection, subject: str, subject_id: int) -> str:
    """Tells the words that stand there now, which stay there until our transaction ends."""
    if subject == "story":
        lock_story(conn, subject_id)
        return any_story(conn, subject_id).wording
    return wording_of_comment(lock_comment(conn, subject_id).text)


def _judge_edit(
    conn: Connection, form: QueueForm, revision_id: int, *, actor_id: int, now: datetime
) -> int:
    """Put an edit in its story's place, or drop it; the story itself stays."""
    kept = form.act != "refuse"
    story = keep_edit(conn, revision_id, now) if kept else refuse_edit(conn, revision_id)
    if form.act == "trust" and story.person_id is not None:
        trust(conn, story.person_id)
    after = "kept" if kept else "refused"
    act = Act(actor_id, form.act, "edit", story.id, story.town_id, form.reason, "held", after)
    return write_down(conn, act, now)


def _moved(
    conn: Connection, subject: str, subject_id: int, after: str, reason: str, now: datetime
) -> str:
    """Keep or take away a story or comment; what it was before."""
    if subject == "comment":
        if after == "public":
            return keep_comment(conn, subject_id, now)
        return move_comment(conn, subject_id, after, reason, now=now)
    if after == "public":
        return keep_story(conn, subject_id, now)
    return hide_story(conn, subject_id, after, reason, now)


def _call(
    conn: Connection,
    keys: Keys,
    form: QueueForm,
    waiting_id: int,
    *,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> int:
    """Somebody was reached by phone, or will not be: confirm their form or drop it."""
    waits = waiting_by_id(conn, waiting_id, now)
    if waits is None or waits.outcome or waits.held or waits.channel != "phone":
        raise Conflict(_("Somebody else was faster: this is done already."))
    until = now + UNDO_WITHIN
    if form.act == "drop":
        if not lay_by(conn, waiting_id, until=until):
            raise Conflict(_("Somebody else was faster: this is done already."))
        town = waits.town_id or _town_asked_for(conn, waits)
        return write_down(conn, Act(actor_id, "drop", "call", waiting_id, town), now)
    done = confirm_waiting(conn, keys, waits, terms=terms, now=now)
    keep_content(conn, waits, until=until)
    return write_down(conn, Act(actor_id, "reached", "call", waiting_id, done.town_id), now)


def _town_asked_for(conn: Connection, form: WaitingForm) -> int | None:
    """The town of a form that was sent before there was one, if there is by now."""
    town = None if form.geonames_id is None else town_of_place(conn, form.geonames_id)
    return None if town is None else town.id


def _look_at_town(
    conn: Connection, form: QueueForm, town_id: int, *, actor_id: int, now: datetime
) -> int:
    if town_by_id(conn, town_id) is None:
        raise NotFound(_("There is no such town."))
    after = "listed" if form.act == "list" else "dropped"
    decided = list_by_hand(conn, town_id) if form.act == "list" else drop_by_hand(conn, town_id)
    if not decided:
        raise Conflict(_("Somebody else was faster: this is done already."))
    if after == "dropped":
        _put_away(conn, town_id, actor_id, now)
    act = Act(actor_id, form.act, "town", town_id, town_id, "", "by_hand", after)
    return write_down(conn, act, now)


def _put_away(conn: Connection, town_id: int, actor_id: int, now: datetime) -> None:
    """All that was written in a town that is none; each is written down, to be put back."""
    went = {
        "comment": archive_comments(conn, town_id, now),
        "story": archive_stories(conn, town_id, now),
    }
    for subject, things in went.items():
        for number, before in things.items():
            act = Act(actor_id, "drop", subject, number, town_id, "", before, "archived")
            write_down(conn, act, now)


def _answer_partner(conn: Connection, message_id: int, *, actor_id: int, now: datetime) -> int:
    done = conn.execute(
        update(partner_messages)
        .where(partner_messages.c.id == message_id, partner_messages.c.answered_at.is_(None))
        .values(answered_at=now)
        .returning(partner_messages.c.id)
    ).first()
    if done is None:
        raise Conflict(_("Somebody else was faster: this is done already."))
    return write_down(conn, Act(actor_id, "answered", "partner", message_id), now)


def take_partner_message(
    conn: Connection,
    keys: Keys,
    form: PartnerForm,
    *,
    town_id: int | None,
    town: str,
    language: str,
    keep_for: timedelta,
    now: datetime,
) -> None:
    """Keep a partner's message for the desk, sealed whole."""
    content = {
        "town": town,
        "organisation": form.organisation,
        "name": form.name,
        "email": form.email,
        "phone": form.phone,
        "message": form.message,
    }
    conn.execute(
        insert(partner_messages).values(
            town_id=town_id,
            language=language,
            content=keys.seal("partner.content", json.dumps(content)),
            created_at=now,
            expires_at=now + keep_for,
        )
    )
