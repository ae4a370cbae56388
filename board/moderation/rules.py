"""When flags hide a thing until somebody looked at it. Pure."""

from typing import Final, Literal

from board.stories.rules import REASONS

Subject = Literal["story", "comment"]
SUBJECTS: Final = ("story", "comment")
# Why something is flagged: P2PU's four reasons for taking a thing away.
FLAG_REASONS: Final = REASONS
NOTE_LENGTH: Final = 300
# So many different confirmed persons hide a thing (DECISIONS 8).
PEOPLE_TO_HIDE: Final = 3


def hides(*, people: int, visibility: str, kept: bool) -> bool:
    """Whether a thing goes until a moderator looked; what one kept isn't hidden again."""
    return visibility == "public" and not kept and people >= PEOPLE_TO_HIDE
