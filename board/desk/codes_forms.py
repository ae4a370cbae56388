"""What staff fill in to make slips, and to call them back."""

from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Number
from board.taking_part.forms import TownFields


class CodesForm(TownFields):
    """A batch of slips. `seen` is the newest one that its maker saw: sent twice it makes one."""

    label: Annotated[Line, Field(max_length=120)] = ""
    count: Number = None
    language: Annotated[Line, Field(max_length=8)] = "en"
    seen: Number = None


class RecallForm(Form):
    """What becomes of a batch: called back with a reason, or made good again."""

    act: Annotated[Line, Field(max_length=10)] = ""
    reason: Annotated[Line, Field(max_length=40)] = ""
