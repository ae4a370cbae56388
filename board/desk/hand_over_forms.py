"""What staff fill in to hand a town over to who facilitates there."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Number


class FacilitatorForm(Form):
    """Who facilitates: somebody who offered to (`person`), or a first name and a mailbox."""

    person: Number = None
    name: Annotated[Line, Field(max_length=40)] = ""
    email: Annotated[Line, Field(max_length=254)] = ""


class HandOverForm(Form):
    """What to do with a hand-over that is open."""

    act: Annotated[Line, Field(max_length=10)] = ""
    language: Annotated[Line, Field(max_length=8)] = "en"
