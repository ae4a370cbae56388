"""Which steps at the desk can be taken back, and until when. Pure."""

from collections.abc import Mapping
from typing import Final

from board.desk.rules import AFTER
from board.stories.rules import UNDO_FOR

# By kind of thing. An edit that was refused is destroyed with the step; these are not.
UNDOABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "story": tuple(AFTER),
    "comment": tuple(AFTER),
    "call": ("reached", "drop"),
    "town": ("list", "drop"),
    "partner": ("answered",),
}
UNDO_WITHIN: Final = UNDO_FOR
