"""What is typed, or sent by a browser, at the door and from one's seat."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Number
from board.people.passkeys import MOST_SENT, NAME_LENGTH


class DoorForm(Form):
    """The digits of an app, or a code from the paper."""

    code: Annotated[Line, Field(max_length=40)] = ""
    paper: Annotated[Line, Field(max_length=40)] = ""


class AppForm(Form):
    """A new app: the seed that was offered, sealed, and the first code that the app shows."""

    offer: Annotated[Line, Field(max_length=400)] = ""
    code: Annotated[Line, Field(max_length=40)] = ""


class KeyForm(Form):
    """A browser's answer, and what a new passkey is called."""

    credential: Annotated[Line, Field(max_length=MOST_SENT)] = ""
    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""


class SeatForm(Form):
    """An act from one's seat: which, and with which browser or passkey."""

    act: Annotated[Line, Field(max_length=20)] = ""
    browser: Annotated[Line, Field(max_length=16)] = ""
    key: Number = None
