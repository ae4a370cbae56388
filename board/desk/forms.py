"""What staff and partners fill in."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from board.comments.rules import LOCK_REASON_LENGTH
from board.core.forms import Form, Line, Number, Text, Tick
from board.taking_part.forms import ContactFields, TownFields
from board.updates.rules import UPDATE_LENGTH

NOTE_LENGTH = 600
_TICK = re.compile(r"(tick|also)-(story|comment)-([0-9]{1,9})")


class WordForm(Form):
    """An official update: a step, an answer, or both. `seen` is the status it was written at."""

    seen: Annotated[Line, Field(max_length=12)] = ""
    status: Annotated[Line, Field(max_length=12)] = ""
    reason: Annotated[Line, Field(max_length=40)] = ""
    text: Annotated[Text, Field(max_length=UPDATE_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = "en"


class QueueForm(Form):
    """What to do with one thing in the queue, and why. `seen` is the visibility it was judged at:
    whoever looks at an older page must not undo what a colleague decided meanwhile. `wording`
    tells the words it was judged by from those its author may have put in their place since."""

    subject: Annotated[Line, Field(max_length=12)] = ""
    subject_id: Number = None
    act: Annotated[Line, Field(max_length=20)] = ""
    reason: Annotated[Line, Field(max_length=40)] = ""
    seen: Annotated[Line, Field(max_length=10)] = ""
    wording: Annotated[Line, Field(max_length=40)] = ""


class DecisionForm(QueueForm):
    """A QueueForm with what goes along: the author's other things (`ticked_things`, when `also` is
    ticked), and whether they are told by mail, with a note."""

    also: Tick = False
    tell: Tick = False
    note: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""


class BulkForm(Form):
    """What to do with all things that are ticked in the list, and why."""

    act: Annotated[Line, Field(max_length=20)] = ""
    reason: Annotated[Line, Field(max_length=40)] = ""


def ticked_things(values: Mapping[str, str], prefix: str = "tick") -> list[QueueForm]:
    """The things that are ticked: fields of their own ("tick-story-12") that hold what was seen of
    them, the visibility and the wording ("held.1f2e"). With "also" those that go along with one."""
    found = ((_TICK.fullmatch(name), values[name]) for name in values)
    things = []
    for match, seen in found:
        if match is not None and match[1] == prefix:
            visibility, _dot, wording = seen.partition(".")
            subject, number = match[2], match[3]
            thing = {"subject": subject, "subject_id": number, "seen": visibility[:10]}
            things.append(QueueForm.model_validate({**thing, "wording": wording[:40]}))
    return things


class LockForm(Form):
    """A talk that is closed, and why; `act` is "unlock" when it opens again."""

    act: Annotated[Line, Field(max_length=10)] = ""
    reason: Annotated[Line, Field(max_length=LOCK_REASON_LENGTH)] = ""


class PartnerForm(TownFields, ContactFields):
    """Somebody wants to partner with P2PU."""

    organisation: Annotated[Line, Field(max_length=120)] = ""
    name: Annotated[Line, Field(max_length=80)] = ""
    message: Annotated[Text, Field(max_length=4_000)] = ""
