"""What the desk does: one act per thing in the queue, each written into the record."""

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, update

from board.comments.actions import archive_comments, move_comment
from board.core.errors import Conflict, Mistake, NotFound
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.forms import PartnerForm, QueueForm
from board.desk.models import partner_messages
from board.desk.queries import author_of
from board.desk.rules import ACTS, AFTER, NEED_REASON
from board.people.actions import block, trust
from board.people.queries import waiting_by_id
from board.people.waiting_actions import drop_waiting
from board.record.actions import Act, write_down
from board.stories.actions import archive_stories, hide_story, show_story
from board.stories.rules import REASONS
from board.taking_part.confirm_actions import confirm_waiting
from board.taking_part.rules import Terms
from board.towns.actions import drop_by_hand, list_by_hand
from board.towns.queries import town_by_id


def handle(
    conn: Connection, keys: Keys, form: QueueForm, *, actor_id: int, terms: Terms, now: datetime
) -> None:
    """Do one act with one thing in the queue; raises Conflict when somebody was faster."""
    if form.act not in ACTS.get(form.subject, ()) or form.subject_id is None:
        raise NotFound(_("That can't be done with this."))
    subject_id = form.subject_id
    if form.act not in NEED_REASON:
        form = form.model_copy(update={"reason": ""})
    elif form.reason not in REASONS:
        raise Mistake({"reason": _("Choose one of the four reasons.")})
    if form.subject in ("story", "comment"):
        _judge(conn, form, subject_id, actor_id=actor_id, now=now)
    elif form.subject == "call":
        _call(conn, keys, form, subject_id, actor_id=actor_id, terms=terms, now=now)
    elif form.subject == "town":
        _look_at_town(conn, form, subject_id, actor_id=actor_id, now=now)
    else:
        _answer_partner(conn, subject_id, actor_id=actor_id, now=now)


def _judge(
    conn: Connection, form: QueueForm, subject_id: int, *, actor_id: int, now: datetime
) -> None:
    person_id, town_id = author_of(conn, form.subject, subject_id)
    after = AFTER[form.act]
    if form.subject == "comment":
        before = move_comment(conn, subject_id, after, form.reason)
    elif after == "public":
        before = show_story(conn, subject_id, now)
    else:
        before = hide_story(conn, subject_id, after, form.reason, now)
    if form.seen and before != form.seen:
        raise Conflict(_("Somebody else was faster: this is done already."))
    if person_id is not None and form.act == "trust":
        trust(conn, person_id)
    if person_id is not None and form.act == "block":
        block(conn, person_id, now)
    act = Act(actor_id, form.act, form.subject, subject_id, town_id, form.reason, before, after)
    write_down(conn, act, now)


def _call(
    conn: Connection,
    keys: Keys,
    form: QueueForm,
    waiting_id: int,
    *,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> None:
    """Somebody was reached by phone, or will not be: confirm their form or drop it."""
    waits = waiting_by_id(conn, waiting_id, now)
    if waits is None or waits.outcome or waits.channel != "phone":
        raise Conflict(_("Somebody else was faster: this is done already."))
    if form.act == "drop":
        drop_waiting(conn, waiting_id)
        write_down(conn, Act(actor_id, "drop", "call", waiting_id, waits.town_id), now)
        return
    done = confirm_waiting(conn, keys, waits, terms=terms, now=now)
    write_down(conn, Act(actor_id, "reached", "call", waiting_id, done.town_id), now)


def _look_at_town(
    conn: Connection, form: QueueForm, town_id: int, *, actor_id: int, now: datetime
) -> None:
    if town_by_id(conn, town_id) is None:
        raise NotFound(_("There is no such town."))
    after = "listed" if form.act == "list" else "dropped"
    decided = list_by_hand(conn, town_id) if form.act == "list" else drop_by_hand(conn, town_id)
    if not decided:
        raise Conflict(_("Somebody else was faster: this is done already."))
    if after == "dropped":
        archive_comments(conn, town_id)
        archive_stories(conn, town_id, now)
    act = Act(actor_id, form.act, "town", town_id, town_id, "", "by_hand", after)
    write_down(conn, act, now)


def _answer_partner(conn: Connection, message_id: int, *, actor_id: int, now: datetime) -> None:
    done = conn.execute(
        update(partner_messages)
        .where(partner_messages.c.id == message_id, partner_messages.c.answered_at.is_(None))
        .values(answered_at=now)
        .returning(partner_messages.c.id)
    ).first()
    if done is None:
        raise Conflict(_("Somebody else was faster: this is done already."))
    write_down(conn, Act(actor_id, "answered", "partner", message_id), now)


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
