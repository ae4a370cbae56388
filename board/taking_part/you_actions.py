"""The way to `/you`: a mailed code or link, and what somebody changes about themselves there."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, update

from board.comments.models import comments
from board.core.errors import Gone, Mistake, TooMuch
from board.core.keys import Keys
from board.core.language import gettext as _
from board.core.quotas import network_key, spend
from board.mail.actions import Letter, enqueue
from board.people.actions import open_session
from board.people.browser import REMEMBER_FOR
from board.people.erase_actions import hold_still
from board.people.models import people, sessions, waitings
from board.people.queries import YOU, WaitingForm, person_by_key
from board.people.rules import Reach
from board.people.waiting_actions import Form, note_sent, put_waiting, type_code, void_code
from board.stories.models import stories
from board.taking_part.rules import Terms
from board.taking_part.waiting_actions import too_many_mails
from board.taking_part.weighing import HOUR
from board.votes.models import votes

# Long enough to look through everything, on whatever computer; a tick makes it last.
LOOK_FOR: Final = timedelta(hours=1)


def ask_link(
    conn: Connection,
    keys: Keys,
    reach: Reach,
    page: str,
    *,
    language: str,
    network: str,
    odd: bool,
    terms: Terms,
    now: datetime,
) -> None:
    """Mail a code and a link that lead to `/you`; the same work whether anybody knows the address.

    Raises Mistake where a mailbox had its share of such mails, TooMuch where a network had. To
    what fell into the trap (`odd`) the answer is the same, but no mail leaves.
    """
    if network:
        _limit_network(conn, network, terms, now)
    key = keys.person_key(reach.canonical)
    form = Form(
        page=page,
        key=key,
        channel="email",
        kind=YOU,
        language=language,
        town_id=None,
        geonames_id=None,
        contact=keys.seal("waiting.contact", reach.address),
        payload=keys.seal("waiting.payload", "{}"),
    )
    waiting_id = put_waiting(
        conn, keys, form, now=now, code_for=terms.code_for, link_for=terms.link_for
    )
    if odd:
        void_code(conn, waiting_id)
        return
    number = note_sent(conn, waiting_id)
    letter = Letter(
        event=f"you:{waiting_id}:{number}",
        kind="you",
        language=language,
        address=reach.address,
        recipient_key=key,
        values={"waiting_id": waiting_id, "issue": 1},
    )
    queued = enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
    if queued == "limited":
        raise Mistake({"email": too_many_mails()})


def _limit_network(conn: Connection, network: str, terms: Terms, now: datetime) -> None:
    asked = spend(conn, "you of a net", network_key(conn, network, now), window=HOUR, now=now)
    if asked > terms.people_per_hour:
        sentence = _("Very many people of your network asked for this. Try again in an hour.")
        raise TooMuch(sentence, retry_after=3600)


class Browser(NamedTuple):
    """How the browser that looks is remembered."""

    cookie: str
    lasting: bool

    def until(self, now: datetime) -> datetime:
        return now + (REMEMBER_FOR if self.lasting else LOOK_FOR)


class Entered(NamedTuple):
    """What a code or link led to: somebody, nobody we know, or nothing (it was wrong)."""

    right: bool
    person_id: int | None = None
    tries_left: int = 0


def enter_by_code(
    conn: Connection,
    keys: Keys,
    page: str,
    code: str,
    browser: Browser,
    *,
    terms: Terms,
    now: datetime,
) -> Entered:
    """Let somebody in by the code they typed. A wrong one is an answer: its try stays counted."""
    typed = type_code(conn, keys, page, code, now=now, code_tries=terms.code_tries, you=True)
    if typed.verdict != "right" or typed.form is None:
        return Entered(False, tries_left=typed.tries_left)
    return enter(conn, typed.form, browser, now)


def enter(conn: Connection, form: WaitingForm, browser: Browser, now: datetime) -> Entered:
    """Let somebody in who holds the code or the link of this form; either works once."""
    used = delete(waitings).where(waitings.c.id == form.id).returning(waitings.c.id)
    if conn.execute(used).first() is None:
        raise Gone(_("This link was used a moment ago. Ask for a new one."))
    person_id = person_by_key(conn, form.key)
    if person_id is None:
        return Entered(True)
    until = browser.until(now)
    open_session(conn, person_id, browser.cookie, desk=False, now=now, expires_at=until)
    return Entered(True, person_id)


# --- what one changes about oneself ---------------------------------------------------------


def rename(
    conn: Connection, person_id: int, key: bytes, name: str, language: str, *, everywhere: bool
) -> None:
    """Call somebody otherwise from now on; `everywhere`: also under what they wrote before."""
    hold_still(conn, person_id, key)
    conn.execute(
        update(people).where(people.c.id == person_id).values(name=name, language=language)
    )
    if not everywhere:
        return
    for table in (stories, comments):
        c = table.c
        # What was taken away has no name any more, and gets none.
        own = (c.person_id == person_id) & (c.name != "")
        conn.execute(update(table).where(own).values(name=name))
    conn.execute(
        update(votes).where(votes.c.person_id == person_id, votes.c.name != "").values(name=name)
    )


def forget_browser(conn: Connection, person_id: int, browser: bytes) -> None:
    """Forget one remembered browser of this person, by the hash it is known by."""
    gone = conn.execute(
        delete(sessions)
        .where(sessions.c.id == browser, sessions.c.person_id == person_id)
        .returning(sessions.c.person_id)
    ).first()
    if gone is None:
        raise Gone(_("This browser was forgotten already."))


def forget_other_browsers(conn: Connection, person_id: int, but: bytes) -> None:
    """Forget every browser of this person but the one they sit at."""
    conn.execute(delete(sessions).where(sessions.c.person_id == person_id, sessions.c.id != but))
