"""Forms that wait for their confirmation: put away, mailed again, typed, settled, dropped."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from board.core.errors import Conflict
from board.core.keys import Keys, Sealed, same, token_hash
from board.core.language import gettext as _
from board.people.models import waitings
from board.people.queries import DROPPED, WaitingForm, waiting_on_page
from board.people.rules import Channel

PURPOSE = "confirm"
# How long the link of a mail takes back what it confirmed.
TAKE_BACK_FOR = timedelta(days=30)
# The outcome of a form whose address wasn't its sender's: nothing of it is left but the wish to
# be left alone.
REFUSED = "refused"


class Form(NamedTuple):
    """A filled form as it is put away: who it is from, its sealed content, and hints for a look."""

    page: str
    key: bytes
    channel: Channel | Literal["slip"]
    kind: str
    language: str
    town_id: int | None
    geonames_id: int | None
    contact: Sealed
    payload: Sealed
    network: bytes | None = None
    body: bytes | None = None
    signals: str = ""
    held: bool = False


def put_waiting(
    conn: Connection,
    keys: Keys,
    form: Form,
    *,
    now: datetime,
    code_for: timedelta,
    link_for: timedelta,
) -> int:
    """Put a form away until it is confirmed; its id, from which code and link derive."""
    row: int = conn.execute(
        insert(waitings)
        .values(
            page=token_hash(form.page),
            # The link derives from the row's id, which is known one statement later.
            token=token_hash(form.page),
            code=b"",
            key=form.key,
            channel=form.channel,
            kind=form.kind,
            language=form.language,
            town_id=form.town_id,
            geonames_id=form.geonames_id,
            contact=form.contact,
            payload=form.payload,
            network=form.network,
            body=form.body,
            signals=form.signals,
            held=form.held,
            created_at=now,
            code_until=now + code_for,
            expires_at=now + link_for,
        )
        .returning(waitings.c.id)
    ).scalar_one()
    _issue(conn, keys, row, issue=1)
    return row


def _issue(conn: Connection, keys: Keys, row: int, *, issue: int) -> None:
    conn.execute(
        update(waitings)
        .where(waitings.c.id == row)
        .values(
            issue=issue,
            tries=0,
            token=token_hash(keys.token(PURPOSE, row, issue)),
            code=keys.code_hash(PURPOSE, row, keys.code(PURPOSE, row, issue)),
        )
    )


def renew(
    conn: Connection,
    keys: Keys,
    form: WaitingForm,
    *,
    now: datetime,
    code_for: timedelta,
    code_tries: int,
) -> int:
    """Prepare another mail for a form: the same code while it lives, a new one afterwards.

    Returns the number of this mail, so that each is an event of its own.
    """
    if now >= form.code_until or form.tries >= code_tries:
        _issue(conn, keys, form.id, issue=form.issue + 1)
        conn.execute(
            update(waitings).where(waitings.c.id == form.id).values(code_until=now + code_for)
        )
    return note_sent(conn, form.id)


def void_code(conn: Connection, waiting_id: int) -> None:
    """Let no code confirm this form; typing one is answered as a wrong one is."""
    conn.execute(update(waitings).where(waitings.c.id == waiting_id).values(code=b""))


def note_sent(conn: Connection, waiting_id: int) -> int:
    """Count one more mail for this form; its number."""
    sends: int = conn.execute(
        update(waitings)
        .where(waitings.c.id == waiting_id)
        .values(sends=waitings.c.sends + 1)
        .returning(waitings.c.sends)
    ).scalar_one()
    return sends


class Typed(NamedTuple):
    """What became of a typed code: right, wrong (with tries left) or too late."""

    verdict: Literal["right", "wrong", "over"]
    form: WaitingForm | None = None
    tries_left: int = 0


def type_code(
    conn: Connection,
    keys: Keys,
    page: str,
    code: str,
    *,
    now: datetime,
    code_tries: int,
    sign_in: bool = False,
    you: bool = False,
) -> Typed:
    """Compare a typed code with the one that was mailed.

    The try is counted before comparing, so that parallel guesses share the same few tries.
    """
    form = waiting_on_page(conn, page, now, sign_in=sign_in, you=you)
    if form is None or form.outcome:
        return Typed("over", form)
    counted = conn.execute(
        update(waitings)
        .where(
            waitings.c.id == form.id,
            waitings.c.outcome == "",
            waitings.c.tries < code_tries,
            waitings.c.code_until > now,
        )
        .values(tries=waitings.c.tries + 1)
        .returning(waitings.c.tries, waitings.c.code)
    ).first()
    if counted is None:
        return Typed("over", form)
    if not same(keys.code_hash(PURPOSE, form.id, code), counted.code):
        return Typed("wrong", form, code_tries - counted.tries)
    return Typed("right", form)


def settle(
    conn: Connection,
    waiting_id: int,
    *,
    outcome: str,
    town_id: int | None,
    outcome_id: int | None,
    now: datetime,
) -> None:
    """A form was confirmed: its content goes; its page and link say for a while what became of it,
    and take it back."""
    settled = conn.execute(
        update(waitings)
        .where(waitings.c.id == waiting_id, waitings.c.outcome == "")
        .values(
            outcome=outcome,
            town_id=town_id,
            outcome_id=outcome_id,
            payload=b"",
            contact=b"",
            code=b"",
            expires_at=now + TAKE_BACK_FOR,
        )
        .returning(waitings.c.id)
    ).first()
    if settled is None:
        raise Conflict(_("This was confirmed a moment ago, perhaps in another window."))


def let_go(conn: Connection, waiting_id: int, *, expires_at: datetime) -> bool:
    """Somebody looked at a held form: its mail may leave. False when it was let go before."""
    done = conn.execute(
        update(waitings)
        .where(waitings.c.id == waiting_id, waitings.c.held, waitings.c.outcome == "")
        .values(held=False, expires_at=expires_at)
        .returning(waitings.c.id)
    ).first()
    return done is not None


def put_anew(conn: Connection, waiting_id: int, *, payload: Sealed, expires_at: datetime) -> None:
    """Keep a form with another content, and longer."""
    conn.execute(
        update(waitings)
        .where(waitings.c.id == waiting_id, waitings.c.outcome == "")
        .values(payload=payload, expires_at=expires_at)
    )


def drop_waiting(conn: Connection, waiting_id: int) -> None:
    """A form is thrown away unconfirmed."""
    conn.execute(delete(waitings).where(waitings.c.id == waiting_id, waitings.c.outcome == ""))


def lay_by(conn: Connection, waiting_id: int, *, until: datetime) -> bool:
    """A form is as good as thrown away: until then it can be fetched back. False if it was done."""
    w = waitings.c
    laid = conn.execute(
        update(waitings)
        .where(w.id == waiting_id, w.outcome == "")
        .values(outcome=DROPPED, expires_at=until)
        .returning(w.id)
    ).first()
    return laid is not None


def keep_content(conn: Connection, form: WaitingForm, *, until: datetime) -> None:
    """What a form that was confirmed for somebody held stays until then, sealed as it was."""
    conn.execute(
        update(waitings)
        .where(waitings.c.id == form.id)
        .values(contact=form.contact, payload=form.payload, undo_until=until)
    )


def wait_again(conn: Connection, waiting_id: int, *, expires_at: datetime) -> bool:
    """A form that was laid by, or confirmed for somebody, waits as before; False if it can't."""
    w = waitings.c
    waits = conn.execute(
        update(waitings)
        .where(w.id == waiting_id, w.outcome != "", w.payload != b"")
        .values(outcome="", outcome_id=None, undo_until=None, expires_at=expires_at)
        .returning(w.id)
    ).first()
    return waits is not None


def empty_undone(conn: Connection, now: datetime, most: int) -> list[datetime]:
    """Nobody can undo these calls any more: their content goes, as that of all confirmed forms.

    When each of the forms was sent.
    """
    w = waitings.c
    due = select(w.id).where(w.undo_until <= now).limit(most)
    gone = conn.execute(
        update(waitings)
        .where(w.id.in_(due))
        .values(contact=b"", payload=b"", undo_until=None)
        .returning(w.created_at)
    )
    return list(gone.scalars())


def refuse_waiting(conn: Connection, waiting_id: int, key: bytes, *, until: datetime) -> None:
    """Whose address it is wants none of this: what waits under it goes, one empty form stays, so
    that its link can still undo that."""
    w = waitings.c
    waits = (w.key == key) & (w.outcome == "")
    emptied = {"contact": b"", "payload": b"", "code": b"", "network": None, "body": None}
    conn.execute(
        update(waitings)
        .where(waits, w.id == waiting_id)
        .values(outcome=REFUSED, held=False, signals="", expires_at=until, **emptied)
    )
    conn.execute(delete(waitings).where(waits))


def settle_sign_in(conn: Connection, waiting_id: int) -> None:
    """A sign-in code was used: it is gone."""
    conn.execute(delete(waitings).where(waitings.c.id == waiting_id))
