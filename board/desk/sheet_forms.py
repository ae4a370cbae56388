"""A sign-up sheet as it is keyed in: ten rows, each a name, a way to reach somebody, and ticks."""

from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from board.core.errors import Mistake
from board.core.forms import Form, Line, Tick, read_form
from board.core.language import gettext as _
from board.people.rules import Reach, email_reach, phone_reach
from board.people.slips import Code, normalise
from board.stories.rules import NAME_LENGTH
from board.taking_part.forms import TownFields
from board.votes.rules import Offer

ROWS: Final = 10
FIELDS: Final = ("name", "reach", "come", "facilitate", "host", "help")


class SheetForm(TownFields):
    """What holds for all rows: the town, and the language of the mails."""

    language: Annotated[Line, Field(max_length=8)] = "en"


class RowForm(Form):
    """One row. `reach` is what stands in the column: a mailbox, a number or a slip's code."""

    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    reach: Annotated[Line, Field(max_length=254)] = ""
    come: Tick = False
    facilitate: Tick = False
    host: Tick = False
    help: Tick = False

    @property
    def offer(self) -> Offer:
        """The offer that the ticks make."""
        return Offer(self.come, self.facilitate, self.host, self.help)


class Row(NamedTuple):
    """A row that can be handled: who, by what way, with which offer."""

    number: int
    name: str
    way: Reach | Code
    offer: Offer


def typed_row(values: Mapping[str, str], number: int) -> dict[str, str]:
    """One row's fields as they were typed."""
    return {field: values.get(f"{field}-{number}", "") for field in FIELDS}


def is_empty(typed: Mapping[str, str]) -> bool:
    """Whether nothing stands in a row."""
    return not any(value.strip() for value in typed.values())


def read_row(typed: Mapping[str, str], number: int, country: str) -> Row:
    """A row, checked; raises Mistake with a sentence for each field to look at."""
    form = read_form(RowForm, typed)
    way = way_of(form.reach, country)
    if way is None:
        sentence = (
            _("We can't read this: an e-mail, a number with + and the country, or a slip's code.")
            if form.reach
            else _("An e-mail, a phone number or a slip's code is needed.")
        )
        raise Mistake({"reach": sentence})
    if form.offer.any and not form.name:
        raise Mistake({"name": _("Something is offered: whom shall we ask for?")})
    if form.offer.any and not isinstance(way, Reach):
        raise Mistake({"reach": _("An offer needs an e-mail or a number: a slip can't be called.")})
    return Row(number, form.name, way, form.offer)


def way_of(typed: str, country: str) -> Reach | Code | None:
    """What was written in the column; digits alone are a number if they can be one."""
    if "@" in typed:
        return email_reach(typed)
    code = normalise(typed)
    if code is not None and any(letter.isalpha() for letter in typed):
        return code
    return phone_reach(typed, country) or code
