"""What staff and partners fill in."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Number, Text
from board.taking_part.forms import ContactFields, TownFields
from board.updates.rules import UPDATE_LENGTH


class WordForm(Form):
    """An official update: a step, an answer, or both. `seen` is the status it was written at."""

    seen: Annotated[Line, Field(max_length=12)] = ""
    status: Annotated[Line, Field(max_length=12)] = ""
    reason: Annotated[Line, Field(max_length=40)] = ""
    text: Annotated[Text, Field(max_length=UPDATE_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = "en"


class QueueForm(Form):
    """What to do with one thing in the queue, and why. `seen` is the visibility it was judged at:
    whoever looks at an older page must not undo what a colleague decided meanwhile."""

    subject: Annotated[Line, Field(max_length=12)] = ""
    subject_id: Number = None
    act: Annotated[Line, Field(max_length=20)] = ""
    reason: Annotated[Line, Field(max_length=40)] = ""
    seen: Annotated[Line, Field(max_length=10)] = ""


class PartnerForm(TownFields, ContactFields):
    """Somebody wants to partner with P2PU."""

    organisation: Annotated[Line, Field(max_length=120)] = ""
    name: Annotated[Line, Field(max_length=80)] = ""
    message: Annotated[Text, Field(max_length=4_000)] = ""
