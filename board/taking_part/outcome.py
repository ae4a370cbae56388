"""What the page of a waiting form shows: now your code, we'll call you, or done."""

from typing import Literal, NamedTuple

from sqlalchemy import Connection

from board.core.keys import Keys
from board.people.queries import WaitingForm
from board.people.rules import masked
from board.taking_part.actions import town_name
from board.taking_part.rules import StoryWish, VoteWish, wishes
from board.towns.queries import TownRow, town_by_id, town_of_place
from board.votes.queries import own_vote


class WaitingView(NamedTuple):
    """A form that waits or is done, as its page tells it; never its content."""

    id: int
    kind: str
    state: Literal["code", "call", "done"]
    outcome: str
    address: str
    town: TownRow | None
    place_name: str
    story_id: int | None
    vote_state: str
    may_be_over: bool

    @property
    def can_take_back(self) -> bool:
        """Whether the person's vote counts at this moment."""
        return self.vote_state == "counted"

    @property
    def town_name(self) -> str:
        return self.town.name if self.town else self.place_name


def waiting_view(
    conn: Connection, keys: Keys, form: WaitingForm, *, code_tries: int
) -> WaitingView:
    """What to show on the page of a form."""
    town = _town_of(conn, form)
    address, name = "", town.name if town else ""
    if not form.outcome:
        address = masked(keys.open("waiting.contact", form.contact))
        wish = wishes.validate_json(keys.open("waiting.payload", form.payload))
        name = name or town_name(conn, wish.where) or wish.where.name
    own = own_vote(conn, town.id, form.key) if town and form.outcome else None
    return WaitingView(
        id=form.id,
        kind=form.kind,
        state="done" if form.outcome else ("call" if form.channel == "phone" else "code"),
        outcome=form.outcome,
        address=address,
        town=town,
        place_name=name,
        story_id=form.outcome_id if form.kind == "story" else None,
        vote_state=own.state if own else "",
        may_be_over=form.tries >= code_tries,
    )


def _town_of(conn: Connection, form: WaitingForm) -> TownRow | None:
    if form.town_id is not None:
        return town_by_id(conn, form.town_id)
    return town_of_place(conn, form.geonames_id) if form.geonames_id is not None else None


class WaitingLine(NamedTuple):
    """One line on the page of a mailed link: what waits under the address, ticked or not."""

    id: int
    kind: str
    place_name: str
    text: str
    offers: tuple[str, ...]
    ticked: bool


def waiting_lines(
    conn: Connection, keys: Keys, forms: list[WaitingForm], *, ticked: int
) -> list[WaitingLine]:
    """Everything that waits under one mailbox; only what the mail was sent for is ticked."""
    lines = []
    for form in forms:
        wish = wishes.validate_json(keys.open("waiting.payload", form.payload))
        text = ""
        if isinstance(wish, StoryWish):
            text = "\n\n".join(filter(None, (wish.title, wish.why, wish.how, wish.own)))
        elif not isinstance(wish, VoteWish):
            text = wish.text
        offer = () if not hasattr(wish, "offer") else wish.offer._asdict().items()
        name = town_name(conn, wish.where) or wish.where.name
        given = tuple(key for key, on in offer if on)
        lines.append(WaitingLine(form.id, form.kind, name, text, given, form.id == ticked))
    return lines
