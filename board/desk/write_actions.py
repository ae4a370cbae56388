"""A letter of staff to the people who offered something in a town, each addressed by the board.

Nobody at the desk sees an address: the outbox has them, and each person reads on their own page
that they were written to, and why.
"""

from typing import Any

from sqlalchemy import Connection, select, update

from board.core.db import insert_ignoring
from board.core.errors import Mistake
from board.core.language import gettext as _
from board.core.text import to_html
from board.desk.contact_queries import STREAM, live_offer
from board.desk.models import outreaches
from board.desk.write_forms import LetterForm
from board.digests.writing import Desk, Matter, words_of, write_to
from board.people.actions import note_uses
from board.people.models import people
from board.record.actions import Act, write_down
from board.taking_part.rules import STORY_LANGUAGES
from board.towns.queries import TownRow
from board.votes.models import votes

_o = outreaches.c


def check_letter(form: LetterForm) -> None:
    """Whether it can go out; raises Mistake."""
    said: dict[str, str] = {}
    if not form.kinds:
        said["kinds"] = _("Choose at least one kind of offer.")
    if form.language not in STORY_LANGUAGES:
        said["language"] = _("Choose the language you wrote in.")
    if not form.text:
        said["text"] = _("Write them a line or two first.")
    if said:
        raise Mistake(said)


def letter_values(form: LetterForm, town: TownRow) -> dict[str, Any]:
    """What the mail's template shows."""
    return {
        **words_of(town),
        "text": form.text,
        "html": to_html(form.text),
        "said_in": form.language,
        "offers_meant": list(form.kinds),
    }


def write_letter(
    conn: Connection, desk: Desk, town: TownRow, form: LetterForm, *, actor_id: int
) -> int:
    """Send a letter; its number, the same one when its page is sent twice.

    Raises Mistake when it isn't whole, or nobody can be written to.
    """
    check_letter(form)
    values = {
        "town_id": town.id,
        "person_id": actor_id,
        "asked_for": " ".join(form.kinds),
        "people": 0,
        "once": f"{actor_id}-{form.once}",
        "sent_at": desk.now,
    }
    made = insert_ignoring(conn, outreaches, values, _o.id)
    if made is None:
        known = select(_o.id).where(_o.once == values["once"])
        return int(conn.execute(known).scalar_one())
    outreach_id = int(made)
    told = write_to(
        conn,
        desk,
        Matter(f"letter:{outreach_id}", "letter", STREAM),
        _meant(conn, desk, town.id, form.kinds),
        letter_values(form, town),
    )
    if not told:
        raise Mistake({"kinds": _("Nobody who offered this can be written to.")})
    note_uses(conn, told, "letter", town.id, actor_id, desk.now)
    conn.execute(update(outreaches).where(_o.id == outreach_id).values(people=len(told)))
    count, kinds = str(len(told)), str(values["asked_for"])
    act = Act(actor_id, "wrote", "letter", outreach_id, town.id, before=kinds, after=count)
    write_down(conn, act, desk.now)
    return outreach_id


def _meant(conn: Connection, desk: Desk, town_id: int, kinds: tuple[str, ...]) -> list[int]:
    v = votes.c
    asked = (
        select(v.person_id)
        .join(people, people.c.id == v.person_id)
        .where(*live_offer(town_id, desk.now, kinds))
    )
    return list(conn.execute(asked).scalars())
