"""Which steps at the desk can be taken back, and until when. Pure."""

from typing import Final

from board.stories.rules import UNDO_FOR

# Words that were refused or dropped are destroyed with the step; these are not.
UNDOABLE: Final = ("keep", "trust", "unlist", "archive", "delete", "block")
SUBJECTS: Final = ("story", "comment")
UNDO_WITHIN: Final = UNDO_FOR
