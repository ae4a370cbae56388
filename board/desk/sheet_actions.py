"""Keying a sign-up sheet in: each row waits for its person's yes, as any form does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection, select

from board.core.errors import BoardError, Mistake
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.sheet_forms import Row
from board.people.browser import new_secret
from board.people.queries import WaitingForm, also_waiting, is_blocked
from board.people.rules import Reach
from board.people.slips import Code
from board.record.actions import Act, write_down
from board.taking_part.actions import find_or_found, no_more_part
from board.taking_part.rules import Terms, VoteWish, Where, wishes
from board.taking_part.slip_actions import SlipSender, Typed, send_with_slip
from board.taking_part.slip_sending import slip_sentence
from board.taking_part.waiting_actions import Sender, wait
from board.towns.models import towns

Outcome = Literal["mailed", "call", "counted"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("mailed", "call", "counted")


class Keyed(NamedTuple):
    """What became of a row: done in one of three ways, or the sentence of what to mend."""

    number: int
    name: str
    outcome: Outcome | None = None
    errors: tuple[tuple[str, str], ...] = ()


class Sheet(NamedTuple):
    """What holds for all rows of a page; `stamp` tells a page that is sent twice."""

    where: Where
    language: str
    stamp: str


def key_sheet(
    conn: Connection,
    keys: Keys,
    sheet: Sheet,
    rows: Sequence[Row],
    *,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> list[Keyed]:
    """Handle each row by itself: one that can't stand takes no other with it.

    Nothing counts yet but what a slip confirms. The town is locked, so that the same page sent
    twice at once finds what the first one left.
    """
    town_id = find_or_found(conn, sheet.where, now)
    conn.execute(select(towns.c.id).where(towns.c.id == town_id).with_for_update())
    keyed = [_key_row(conn, keys, sheet, row, town_id, terms=terms, now=now) for row in rows]
    counts = [sum(one.outcome == outcome for one in keyed) for outcome in OUTCOMES]
    if any(counts):
        told = "/".join(map(str, counts))
        write_down(conn, Act(actor_id, "keyed", "sheet", town_id, town_id, after=told), now)
    return keyed


def _key_row(
    conn: Connection,
    keys: Keys,
    sheet: Sheet,
    row: Row,
    town_id: int,
    *,
    terms: Terms,
    now: datetime,
) -> Keyed:
    wish = VoteWish(
        where=Where(town_id=town_id),
        name=row.name,
        language=sheet.language,
        offer=row.offer,
        keyed=True,
    )
    attempt = conn.begin_nested()
    try:
        if isinstance(row.way, Reach):
            outcome = _let_wait(conn, keys, sheet, wish, row.way, terms=terms, now=now)
        else:
            # Two rows of one page with the same slip are two people, not one button pressed twice.
            stamp = f"{sheet.stamp}#{row.number}" if sheet.stamp else ""
            outcome = _count_slip(conn, keys, wish, row.way, stamp, terms=terms, now=now)
    except BoardError as error:
        attempt.rollback()
        said = error.fields.values() if isinstance(error, Mistake) else (str(error),)
        return Keyed(row.number, row.name, None, tuple(("reach", sentence) for sentence in said))
    attempt.commit()
    return Keyed(row.number, row.name, outcome)


def _let_wait(
    conn: Connection,
    keys: Keys,
    sheet: Sheet,
    wish: VoteWish,
    reach: Reach,
    *,
    terms: Terms,
    now: datetime,
) -> Outcome:
    outcome: Outcome = "mailed" if reach.channel == "email" else "call"
    key = keys.person_key(reach.canonical)
    if is_blocked(conn, key):
        raise Mistake({"reach": no_more_part()})
    if any(_is_twin(keys, form, wish) for form in also_waiting(conn, key, now)):
        return outcome
    sender = Sender(reach, key, new_secret(), sheet.language)
    if wait(conn, keys, wish, sender, terms=terms, now=now) == "suppressed":
        sentence = _("This address wants no mail from us. Take a number, or hand out a slip.")
        raise Mistake({"reach": sentence})
    return outcome


def _is_twin(keys: Keys, form: WaitingForm, wish: VoteWish) -> bool:
    """Whether a form that waits asks for the very same: this row was keyed in before."""
    if form.kind != "vote" or form.town_id != wish.where.town_id:
        return False
    return wishes.validate_json(keys.open("waiting.payload", form.payload)) == wish


def _count_slip(
    conn: Connection,
    keys: Keys,
    wish: VoteWish,
    code: Code,
    stamp: str,
    *,
    terms: Terms,
    now: datetime,
) -> Outcome:
    # Without a network: whoever keys sheets in at the desk may mistype as often as they like.
    sender = SlipSender(Typed(code, "", 0), (), wish.language, stamp)
    answer = send_with_slip(conn, keys, wish, sender, terms=terms, now=now)
    if answer.verdict != "done":
        raise Mistake({"reach": slip_sentence(answer.verdict)})
    return "counted"
