"""A story that isn't ready yet: kept sealed for thirty days, found again by its mailed link."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from board.core.errors import Gone, Mistake
from board.core.keys import Keys
from board.core.language import gettext as _
from board.mail.actions import Letter, enqueue
from board.people.queries import DRAFT, WaitingForm, waiting_by_id
from board.people.waiting_actions import Form, drop_waiting, note_sent, put_anew, put_waiting
from board.stories.photo_actions import drop_upload, keep_upload_until
from board.taking_part.rules import Terms
from board.taking_part.waiting_actions import Sender, too_many_mails
from board.taking_part.weighing import weigh

DRAFT_FOR: Final = timedelta(days=30)


class Draft(NamedTuple):
    """A draft as its link leads to it: the fields as they were typed."""

    form: WaitingForm
    fields: dict[str, str]


def find_draft(conn: Connection, keys: Keys, token: str, now: datetime) -> Draft:
    """The draft behind a mailed link; raises Gone when it had its time, or was sent."""
    row = keys.row_of(DRAFT, token)
    form = waiting_by_id(conn, row, now) if row is not None else None
    if form is None or form.kind != DRAFT:
        raise Gone(_("This draft had its time, or you sent it or threw it away."))
    return Draft(form, json.loads(keys.open("waiting.payload", form.payload)))


def save_draft(
    conn: Connection,
    keys: Keys,
    fields: Mapping[str, str],
    sender: Sender,
    *,
    terms: Terms,
    now: datetime,
    earlier: WaitingForm | None = None,
) -> None:
    """Keep a half-told story and mail the way back to it; the same draft again is only kept anew.

    The answer is the same for known and unknown people.
    """
    payload = keys.seal("waiting.payload", json.dumps(dict(fields)))
    if fields.get("photo"):
        keep_upload_until(conn, fields["photo"], now + DRAFT_FOR)
    if earlier is not None and earlier.key == sender.key:
        put_anew(conn, earlier.id, payload=payload, expires_at=now + DRAFT_FOR)
        return
    if earlier is not None:
        # Another address: whoever reads the old mailbox has nothing to do with it any more.
        drop_waiting(conn, earlier.id)
    hints = weigh(conn, sender, terms=terms, links=0, body=None, now=now)
    if hints.held:
        raise Mistake({"email": _("Very many forms came from your network. Try again in an hour.")})
    waiting_id = put_waiting(
        conn,
        keys,
        Form(
            page=sender.page,
            key=sender.key,
            channel="email",
            kind=DRAFT,
            language=sender.language,
            town_id=None,
            geonames_id=None,
            contact=keys.seal("waiting.contact", sender.reach.address),
            payload=payload,
        ),
        now=now,
        code_for=timedelta(0),
        link_for=DRAFT_FOR,
    )
    _mail_link(conn, keys, waiting_id, sender, terms, now)


def _mail_link(
    conn: Connection, keys: Keys, waiting_id: int, sender: Sender, terms: Terms, now: datetime
) -> None:
    letter = Letter(
        event=f"draft:{waiting_id}:{note_sent(conn, waiting_id)}",
        kind="draft",
        language=sender.language,
        address=sender.reach.address,
        recipient_key=sender.key,
        values={"waiting_id": waiting_id, "days": DRAFT_FOR.days},
    )
    queued = enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
    if queued == "limited":
        # Raised, so that nothing is kept that no mail leads to; the page keeps every word.
        raise Mistake({"email": too_many_mails()})


def throw_away(conn: Connection, draft: Draft) -> None:
    """Drop a draft and the picture that lay with it."""
    drop_upload(conn, draft.fields.get("photo", ""))
    drop_waiting(conn, draft.form.id)


def sent_on(conn: Connection, draft: Draft) -> None:
    """The draft became a story that waits; its picture went along."""
    drop_waiting(conn, draft.form.id)
