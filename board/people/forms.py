"""What staff fill in to sign in."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line


class SignInForm(Form):
    """The mailbox that gets the code."""

    email: Annotated[Line, Field(max_length=254)] = ""


class InvitationForm(Form):
    """What an invited person is called at the desk."""

    name: Annotated[Line, Field(max_length=40)] = ""
