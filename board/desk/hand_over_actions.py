"""Handing a town over to who facilitates there: ask everybody, pass on who said yes, close it.

Contacts go to the facilitator behind a link that opens once, never inside a mail: a mail lies in
mailboxes and backups for years and is forwarded with a click, and nobody could tell who read it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from board.core.errors import Conflict, Gone, Mistake
from board.core.keys import Keys
from board.core.language import gettext as _
from board.desk.contact_queries import STREAM, live_offer
from board.desk.hand_over_forms import FacilitatorForm
from board.desk.hand_over_links import BundleLink
from board.desk.hand_over_queries import HandOverRow, Passed, bundle_of, get_hand_over
from board.desk.models import hand_over_yeses, hand_overs
from board.digests.writing import Desk, Matter, words_of, write_to
from board.mail.actions import Letter, enqueue
from board.people.actions import note_uses
from board.people.models import contacts, people
from board.people.rules import email_reach
from board.record.actions import Act, write_down
from board.taking_part.rules import Terms
from board.towns.models import towns
from board.towns.queries import TownRow, get_town
from board.votes.models import votes

_h, _y = hand_overs.c, hand_over_yeses.c
SEAL = "hand_over.email"
PURPOSE = "hand_over"


class Facilitator(NamedTuple):
    """Who will facilitate: a first name, a mailbox, and the key it is known by."""

    name: str
    email: str
    key: bytes


def facilitator_meant(
    conn: Connection, keys: Keys, town_id: int, form: FacilitatorForm, now: datetime
) -> Facilitator:
    """Who the form means; raises Mistake when nobody can be reached that way."""
    if form.person is not None:
        return _who_offered(conn, keys, town_id, form.person, now)
    reach = email_reach(form.email)
    said: dict[str, str] = {}
    if not form.name:
        said["name"] = _("Who facilitates? A first name is enough.")
    if reach is None:
        said["email"] = _("Something is missing in this address. Like name@example.org")
    if reach is None or said:
        raise Mistake(said)
    return Facilitator(form.name, reach.address, keys.person_key(reach.canonical))


def _who_offered(
    conn: Connection, keys: Keys, town_id: int, person_id: int, now: datetime
) -> Facilitator:
    c, p = contacts.c, people.c
    row = conn.execute(
        select(p.name, p.key, c.value)
        .join(votes, votes.c.person_id == p.id)
        .join(contacts, c.person_id == p.id)
        .where(
            *live_offer(town_id, now, ["facilitate"]),
            p.id == person_id,
            c.kind == "email",
            c.expires_at > now,
        )
    ).first()
    if row is None:
        raise Mistake({"person": _("They don't offer to facilitate any more, or not by mail.")})
    return Facilitator(row.name, keys.open("contact.value", row.value), row.key)


def begin_hand_over(
    conn: Connection, desk: Desk, town: TownRow, form: FacilitatorForm, *, actor_id: int
) -> int:
    """Ask everybody who offered something whether their contact may go to who facilitates.

    Raises Mistake when nobody can be asked, Conflict while another hand-over is open there.
    """
    conn.execute(select(towns.c.id).where(towns.c.id == town.id).with_for_update())
    going_on = select(_h.id).where(_h.town_id == town.id, _h.closed_at.is_(None))
    if conn.execute(going_on).first() is not None:
        raise Conflict(_("A hand-over is open here already. Close it first."))
    leads = facilitator_meant(conn, desk.keys, town.id, form, desk.now)
    hand_over_id: int = conn.execute(
        insert(hand_overs)
        .values(
            town_id=town.id,
            person_id=actor_id,
            name=leads.name,
            email=desk.keys.seal(SEAL, leads.email),
            asked=0,
            asked_at=desk.now,
            issue=0,
        )
        .returning(_h.id)
    ).scalar_one()
    told = write_to(
        conn,
        desk,
        Matter(f"pass_on:{hand_over_id}", "pass_on", STREAM),
        _to_ask(conn, town.id, leads, desk.now),
        {**words_of(town), "leads": leads.name, "hand_over_id": hand_over_id},
    )
    if not told:
        raise Mistake({"person": _("Nobody who offered something here can be asked by mail.")})
    note_uses(conn, told, "pass_on", town.id, actor_id, desk.now)
    conn.execute(update(hand_overs).where(_h.id == hand_over_id).values(asked=len(told)))
    act = Act(actor_id, "asked", "hand_over", hand_over_id, town.id, after=str(len(told)))
    write_down(conn, act, desk.now)
    return hand_over_id


def _to_ask(conn: Connection, town_id: int, leads: Facilitator, now: datetime) -> Sequence[int]:
    """Everybody who offers something, but not who facilitates."""
    asked = (
        select(votes.c.person_id)
        .join(people, people.c.id == votes.c.person_id)
        .where(*live_offer(town_id, now), people.c.key != leads.key)
    )
    return conn.execute(asked).scalars().all()


def close_hand_over(conn: Connection, hand_over_id: int, *, actor_id: int, now: datetime) -> None:
    """No more yes, and no link to the bundle opens any more; once."""
    closed = conn.execute(
        update(hand_overs)
        .where(_h.id == hand_over_id, _h.closed_at.is_(None))
        .values(closed_at=now, issue=_h.issue + 1)
        .returning(_h.town_id)
    ).scalar()
    if closed is None:
        raise Conflict(_("This hand-over is closed already."))
    write_down(conn, Act(actor_id, "closed", "hand_over", hand_over_id, closed), now)


# --- passing on -----------------------------------------------------------------------------


def send_bundle(
    conn: Connection,
    keys: Keys,
    terms: Terms,
    hand_over_id: int,
    language: str,
    *,
    actor_id: int,
    now: datetime,
) -> None:
    """Mail who facilitates a link to the bundle, good for one opening; an older link ends."""
    found = _open_one(conn, hand_over_id)
    if not found.email:
        raise Mistake({"act": _("Their address was deleted. Begin a new hand-over.")})
    if not bundle_of(conn, keys, found, now):
        raise Mistake({"act": _("Nobody has said yes yet.")})
    address = keys.open(SEAL, found.email)
    reach = email_reach(address)
    issue = found.issue + 1
    conn.execute(
        update(hand_overs)
        .where(_h.id == hand_over_id)
        .values(issue=issue, sent_at=now, opened_at=None)
    )
    town = get_town(conn, found.town_id)
    letter = Letter(
        event=f"bundle:{hand_over_id}:{issue}",
        kind="bundle",
        language=language,
        address=address,
        recipient_key=keys.person_key(reach.canonical if reach else address),
        values={
            **words_of(town),
            "name": found.name,
            "hand_over_id": hand_over_id,
            "issue": issue,
        },
    )
    queued = enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
    if queued == "suppressed":
        raise Mistake({"act": _("This mailbox wants no mail from us. Pass it on yourself.")})
    if queued == "limited":
        raise Mistake({"act": _("They had several such mails within the hour. Try again later.")})
    act = Act(actor_id, "sent", "hand_over", hand_over_id, town.id, after=str(issue))
    write_down(conn, act, now)


def _open_one(conn: Connection, hand_over_id: int) -> HandOverRow:
    found = get_hand_over(conn, hand_over_id, lock=True)
    if found.closed_at is not None:
        raise Conflict(_("This hand-over is closed already."))
    return found


def take_bundle(
    conn: Connection, keys: Keys, hand_over_id: int, *, actor_id: int, now: datetime
) -> list[Passed]:
    """Somebody of the team opens the bundle, to pass it on themselves."""
    found = _open_one(conn, hand_over_id)
    return _pass(conn, keys, found, actor_id, now)


def open_bundle(
    conn: Connection, keys: Keys, link: BundleLink, *, terms: Terms, now: datetime
) -> tuple[HandOverRow, list[Passed]]:
    """Who facilitates opens the bundle by the mailed link: once, while it lives."""
    opened = conn.execute(
        update(hand_overs)
        .where(
            _h.id == link.hand_over_id,
            _h.issue == link.issue,
            _h.closed_at.is_(None),
            _h.opened_at.is_(None),
            _h.sent_at > now - terms.link_for,
        )
        .values(opened_at=now)
        .returning(_h.id)
    ).first()
    if opened is None:
        raise Gone(used_link())
    found = get_hand_over(conn, link.hand_over_id)
    return found, _pass(conn, keys, found, None, now)


def used_link() -> str:
    """Said to who comes with a link that opens nothing any more."""
    return _("This link was used, or its time is over. Ask whom you know at P2PU for a new one.")


def _pass(
    conn: Connection, keys: Keys, found: HandOverRow, actor_id: int | None, now: datetime
) -> list[Passed]:
    """Open the contacts of who said yes: each of them reads of it, and the record has it."""
    passed = bundle_of(conn, keys, found, now)
    ids = [one.person.person_id for one in passed]
    conn.execute(
        update(hand_over_yeses)
        .where(_y.hand_over_id == found.id, _y.person_id.in_(ids), _y.passed_at.is_(None))
        .values(passed_at=now)
    )
    note_uses(conn, ids, PURPOSE, found.town_id, actor_id, now)
    after = str(len(ids))
    write_down(
        conn, Act(actor_id, "passed_on", "hand_over", found.id, found.town_id, after=after), now
    )
    return passed
