"""What people fill in at `/you`."""

from typing import Annotated, Literal

from pydantic import Field

from board.core.forms import Form, Line, Number, Tick
from board.core.language import NAMES
from board.stories.rules import NAME_LENGTH


class AskForm(Form):
    """The mailbox that gets the code and the link."""

    email: Annotated[Line, Field(max_length=254)] = ""


class NameForm(Form):
    """What somebody is called, and which language our mails to them speak."""

    name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = ""
    everywhere: Tick = False

    @property
    def known_language(self) -> str:
        """The chosen language, or none when we don't speak it."""
        return self.language if self.language in NAMES else ""


class FollowedForm(Form):
    """Which follow ends."""

    follow: Number = None


class PaceForm(Form):
    """How often what is followed writes (follows.rules.PACES)."""

    follow: Number = None
    pace: Annotated[Line, Field(max_length=8)] = ""


class EraseForm(Form):
    """What becomes of one's votes, and that one means it."""

    votes: Literal["", "keep", "take_back"] = ""
    sure: Tick = False
