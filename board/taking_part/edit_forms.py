"""What an author fills in to change a story."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Text, Tick
from board.stories.rules import ALT_LENGTH, PROMPT_LENGTH, TITLE_LENGTH


class EditForm(Form):
    """A story as its author would have it now; `seen` is what they began with."""

    seen: Annotated[Line, Field(max_length=60)] = ""
    why: Annotated[Text, Field(max_length=PROMPT_LENGTH)] = ""
    how: Annotated[Text, Field(max_length=PROMPT_LENGTH)] = ""
    own: Annotated[Text, Field(max_length=PROMPT_LENGTH)] = ""
    title: Annotated[Line, Field(max_length=TITLE_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = ""
    photo: Annotated[Line, Field(max_length=64)] = ""
    alt: Annotated[Line, Field(max_length=ALT_LENGTH)] = ""
    without_photo: Tick = False
