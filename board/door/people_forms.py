"""What an admin fills in about who sits at the desk."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Number
from board.taking_part.forms import TownFields


class InviteForm(Form):
    """Somebody to invite."""

    email: Annotated[Line, Field(max_length=254)] = ""
    role: Annotated[Line, Field(max_length=12)] = ""
    language: Annotated[Line, Field(max_length=8)] = "en"


class WithdrawForm(Form):
    """An invitation to take back."""

    act: Annotated[Line, Field(max_length=12)] = ""
    invitation: Number = None


class PersonForm(TownFields):
    """An act with a colleague. `seen` is the role that the admin saw."""

    act: Annotated[Line, Field(max_length=12)] = ""
    seen: Annotated[Line, Field(max_length=12)] = ""
    role: Annotated[Line, Field(max_length=12)] = ""
    town_id: Number = None
    languages: Annotated[Line, Field(max_length=400)] = ""
