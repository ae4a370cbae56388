"""What staff fill in to write to the people who offered."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Text, Tick

LETTER_LENGTH = 5_000


class LetterForm(Form):
    """A letter: to whom, in which language, its words. `once` is the page it was written on."""

    come: Tick = False
    facilitate: Tick = False
    host: Tick = False
    help: Tick = False
    language: Annotated[Line, Field(max_length=8)] = "en"
    text: Annotated[Text, Field(max_length=LETTER_LENGTH)] = ""
    once: Annotated[Line, Field(max_length=43)] = ""
    act: Annotated[Line, Field(max_length=10)] = "preview"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The offers it is for."""
        ticked = (self.come, self.facilitate, self.host, self.help)
        return tuple(
            kind
            for kind, on in zip(("come", "facilitate", "host", "help"), ticked, strict=True)
            if on
        )
