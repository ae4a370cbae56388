"""What the page of a waiting form shows: now your code, we'll call you, or done."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from board.core.keys import Keys
from board.core.rendering import country_name
from board.follows.queries import FollowView, follow_by_id
from board.people.queries import WaitingForm
from board.people.rules import masked
from board.taking_part.rules import AnyWish, CommentWish, FollowWish, StoryWish, Where, wishes
from board.taking_part.waiting_actions import town_name
from board.towns.queries import (
    TownRow,
    names_of_places,
    names_of_towns,
    town_by_id,
    town_of_place,
)
from board.votes.queries import NO_WISHES, OwnWishes, own_vote, own_wishes


class WaitingView(NamedTuple):
    """A form that waits or is done, as its page tells it; never its content."""

    id: int
    kind: str
    state: Literal["code", "call", "look", "done"]
    outcome: str
    address: str
    town: TownRow | None
    place_name: str
    story_id: int | None
    vote_state: str
    may_be_over: bool
    by_slip: bool = False
    followed: FollowView | None = None
    comment_id: int | None = None
    wishes: OwnWishes = NO_WISHES

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
        state=_state_of(form),
        outcome=form.outcome,
        address=address,
        town=town,
        place_name=name,
        story_id=form.outcome_id if form.kind == "story" else None,
        vote_state=own.state if own else "",
        may_be_over=form.tries >= code_tries,
        by_slip=form.channel == "slip",
        followed=_followed(conn, form),
        comment_id=form.outcome_id if form.kind == "comment" else None,
        wishes=own_wishes(conn, town.id, form.key) if own and town else NO_WISHES,
    )


def _followed(conn: Connection, form: WaitingForm) -> FollowView | None:
    """What a confirmed form follows, as long as it does."""
    if form.kind != "follow" or form.outcome_id is None:
        return None
    return follow_by_id(conn, form.outcome_id)


def _state_of(form: WaitingForm) -> Literal["code", "call", "look", "done"]:
    if form.outcome:
        return "done"
    if form.held:
        return "look"
    return "call" if form.channel == "phone" else "code"


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
    asked = [
        (form, wishes.validate_json(keys.open("waiting.payload", form.payload))) for form in forms
    ]
    names = _names_of(conn, [wish.where for _form, wish in asked])
    return [
        WaitingLine(form.id, form.kind, name, _text_of(wish), _offers_of(wish), form.id == ticked)
        for (form, wish), name in zip(asked, names, strict=True)
    ]


def _names_of(conn: Connection, wheres: Sequence[Where]) -> list[str]:
    """What the towns are called that are meant; two statements for all of them."""
    towns = names_of_towns(conn, {one.town_id for one in wheres if one.town_id is not None})
    places = names_of_places(
        conn, {one.geonames_id for one in wheres if one.geonames_id is not None}
    )
    return [
        towns.get(one.town_id or 0)
        or places.get(one.geonames_id or 0)
        or one.name
        or (country_name(one.country) if one.country else "")
        for one in wheres
    ]


def _text_of(wish: AnyWish) -> str:
    if isinstance(wish, StoryWish):
        return "\n\n".join(filter(None, (wish.title, wish.why, wish.how, wish.own)))
    return wish.text if isinstance(wish, CommentWish) else ""


def _offers_of(wish: AnyWish) -> tuple[str, ...]:
    if isinstance(wish, CommentWish | FollowWish):
        return ()
    return tuple(name for name, on in wish.offer._asdict().items() if on)
