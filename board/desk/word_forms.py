"""What staff fill in around P2PU's word: a date, a changed wording, a note, a template."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from board.core.errors import Mistake
from board.core.forms import Form, Line, Number, Text
from board.core.language import gettext as _
from board.desk.forms import WordForm
from board.updates.rules import UPDATE_LENGTH

NOTE_LENGTH = 2_000


class ComposerForm(WordForm):
    """A word, and what to do with it: publish, keep as a draft, or send at a moment."""

    act: Annotated[Line, Field(max_length=10)] = "publish"
    due: Annotated[Line, Field(max_length=20)] = ""
    plan: Number = None

    def due_at(self, timezone: str) -> datetime | None:
        """The moment that was typed, read in the town's own time; None for none."""
        if not self.due:
            return None
        try:
            typed = datetime.fromisoformat(self.due)
        except ValueError as error:
            sentence = _("We can't read this moment. Like 2026-12-01T09:00, please.")
            raise Mistake({"due": sentence}) from error
        return typed.replace(tzinfo=zone_of(timezone)).astimezone(UTC)


def zone_of(timezone: str) -> ZoneInfo:
    """A town's time zone; UTC for one that this machine doesn't know."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


class RewordForm(Form):
    """Another wording of an update. `seen` is the wording that was changed."""

    text: Annotated[Text, Field(max_length=UPDATE_LENGTH)] = ""
    language: Annotated[Line, Field(max_length=8)] = "en"
    seen: Annotated[Line, Field(max_length=40)] = ""
    act: Annotated[Line, Field(max_length=10)] = "reword"


class NoteForm(Form):
    """A note between colleagues."""

    note: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""


class TemplateForm(Form):
    """A reply template."""

    template_id: Number = None
    name: Annotated[Line, Field(max_length=80)] = ""
    language: Annotated[Line, Field(max_length=8)] = "en"
    text: Annotated[Text, Field(max_length=UPDATE_LENGTH)] = ""
    act: Annotated[Line, Field(max_length=10)] = "keep"
