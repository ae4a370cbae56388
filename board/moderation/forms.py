"""What a reader fills in to report something."""

from typing import Annotated

from pydantic import AfterValidator, Field

from board.core.forms import Form, Line, Text
from board.core.language import gettext as _
from board.moderation.rules import FLAG_REASONS, NOTE_LENGTH


def _known(value: str) -> str:
    if value not in FLAG_REASONS:
        raise ValueError(_("Choose what fits best."))
    return value


class FlagForm(Form):
    """Why somebody should look at it, and perhaps a word more."""

    reason: Annotated[Line, AfterValidator(_known), Field(validate_default=True)] = ""
    note: Annotated[Text, Field(max_length=NOTE_LENGTH)] = ""
