"""What an admin does about who sits at the desk; each act stands in the record."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from board.core.errors import Conflict, Mistake
from board.core.keys import Keys
from board.core.language import NAMES
from board.core.language import gettext as _
from board.digests.seat_actions import announce_seat
from board.door.people_forms import InviteForm, PersonForm
from board.mail.actions import Letter, enqueue
from board.people.rules import ROLES, email_reach
from board.people.seat_actions import (
    add_town,
    end_role,
    give_role,
    offer_seat,
    reset_factors,
    set_languages,
    take_town,
    withdraw_invitation,
)
from board.people.seat_queries import get_seat, seat_of_mailbox
from board.record.actions import Act, write_down
from board.taking_part.actions import find_or_found
from board.taking_part.rules import STORY_LANGUAGES, Terms, Where

INVITED_DAYS: Final = 7


def invite_colleague(
    conn: Connection,
    keys: Keys,
    form: InviteForm,
    *,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> int:
    """Invite somebody by mail; the link can be handed over as well. The invitation's id."""
    reach = email_reach(form.email)
    said: dict[str, str] = {}
    if reach is None:
        said["email"] = _("Something is missing or odd in this address. Like name@example.org")
    elif seat_of_mailbox(conn, keys, reach.address) is not None:
        said["email"] = _("Whoever has this address sits at the desk already.")
    if form.role not in ROLES:
        said["role"] = _("Choose one of the roles.")
    if form.language not in NAMES:
        said["language"] = _("Choose one of the languages.")
    if said or reach is None:
        raise Mistake(said)
    row = offer_seat(conn, keys, reach.address, form.role, form.language, now, days=INVITED_DAYS)
    letter = Letter(
        event=f"invitation:{row}:{int(now.timestamp())}",
        kind="invitation",
        language=form.language,
        address=reach.address,
        recipient_key=keys.person_key(reach.canonical),
        values={
            "invitation_id": row,
            "made_at": int(now.timestamp()),
            "role": form.role,
            "days": INVITED_DAYS,
        },
    )
    enqueue(conn, keys, letter, domain=terms.mail_domain, limits=terms.limits, now=now)
    write_down(conn, Act(actor_id, "invited", "invitation", row, after=form.role), now)
    return row


def withdraw(conn: Connection, invitation_id: int, *, actor_id: int, now: datetime) -> None:
    """Take an invitation back."""
    role = withdraw_invitation(conn, invitation_id)
    write_down(conn, Act(actor_id, "withdrawn", "invitation", invitation_id, before=role), now)


def change_seat(
    conn: Connection,
    person_id: int,
    form: PersonForm,
    where: Where | None,
    *,
    actor_id: int,
    terms: Terms,
    now: datetime,
) -> None:
    """One act with a colleague; raises Mistake, Conflict or NotFound."""
    seat = get_seat(conn, person_id)
    act = Act(actor_id, form.act, "person", person_id, before=seat.role)
    if form.act == "role":
        give_role(conn, person_id, form.seen, form.role)
        act = act._replace(act="role_changed", after=form.role)
    elif form.act == "remove":
        end_role(conn, person_id, form.seen, now=now, keep_for=terms.contact_for)
        act = act._replace(act="role_ended")
    elif form.act == "reset":
        if person_id == actor_id:
            raise Conflict(_("Your own ways in you change from your seat."))
        reset_factors(conn, person_id)
        act = act._replace(act="ways_reset")
    elif form.act == "town" and where is not None:
        town_id = find_or_found(conn, where, now)
        if not add_town(conn, person_id, town_id):
            raise Mistake({"town": _("They look after this town already.")})
        act = act._replace(act="town_given", town_id=town_id)
    elif form.act == "untown" and form.town_id is not None:
        if not take_town(conn, person_id, form.town_id):
            raise Conflict(_("Somebody else was faster: this is done already."))
        act = act._replace(act="town_taken", town_id=form.town_id)
    elif form.act == "languages":
        chosen = _languages(form.languages)
        set_languages(conn, person_id, chosen)
        act = act._replace(act="languages_set", after=" ".join(sorted(chosen))[:40])
    else:
        raise Mistake({"act": _("Choose what to do.")})
    entry = write_down(conn, act, now)
    if form.act == "reset":
        announce_seat(conn, entry, now)


def _languages(typed: str) -> frozenset[str]:
    chosen = frozenset(typed.split())
    if not chosen <= frozenset(STORY_LANGUAGES):
        raise Mistake({"languages": _("One of these is not a language of the board.")})
    return chosen
