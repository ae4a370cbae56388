"""When a comment appears at once. Pure."""

from typing import Final

COMMENT_LENGTH: Final = 2_000


def first_visibility(*, trusted: bool, has_vote: bool, links: int) -> str:
    """A comment without a link by somebody with a confirmed vote appears at once."""
    if trusted or (has_vote and links == 0):
        return "public"
    return "held"
