"""What a slip's person may still do, and whether a form was sent with this slip before."""

from datetime import datetime

from sqlalchemy import Connection, select

from board.core.keys import Keys, token_hash
from board.people.models import waitings
from board.taking_part.rules import AnyWish, VoteWish
from board.votes.queries import own_vote

PURPOSE = "slip"


def page_of(keys: Keys, slip_id: int) -> str:
    """The secret page that tells what a slip's form became; always the same for one slip."""
    return keys.token(PURPOSE, slip_id, 0)


def form_key(keys: Keys, stamp: str, wish: AnyWish) -> bytes | None:
    """Tells a form that is sent twice from another one; None for one without a stamp.

    The words are in it too: two pages that were opened in one second carry the same stamp.
    """
    return keys.text_key(f"form\0{stamp}\0{wish.model_dump_json()}") if stamp else None


def sent_before(
    conn: Connection, keys: Keys, slip_id: int, form: bytes | None, now: datetime
) -> bool:
    """Whether it is this very form that used the slip: somebody pressed the button twice."""
    if form is None:
        return False
    w = waitings.c
    page = token_hash(page_of(keys, slip_id))
    found = select(w.id).where(w.page == page, w.body == form, w.expires_at > now)
    return conn.execute(found).first() is not None


def may_act_again(conn: Connection, wish: AnyWish, key: bytes) -> bool:
    """Whether a remembered person whom a slip confirmed may send this form.

    A slip confirms one form: its person may only give a vote again that they took back.
    """
    if not isinstance(wish, VoteWish) or wish.where.town_id is None:
        return False
    return own_vote(conn, wish.where.town_id, key) is not None
