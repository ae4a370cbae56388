"""What may be done with a thing in the queue. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Final

from board.people.rules import is_staff

# For each kind of thing what can be done, and which of it needs one of P2PU's four reasons.
ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "story": ("keep", "trust", "unlist", "archive", "delete", "block"),
    "comment": ("keep", "trust", "unlist", "archive", "delete", "block"),
    "edit": ("keep", "trust", "refuse"),
    "call": ("reached", "drop"),
    "town": ("list", "drop"),
    "partner": ("answered",),
}
# What people wrote: it has an author, and is kept or taken away.
JUDGED: Final = ("story", "comment")
# How a thing stands that is public, and reported by readers who weren't answered yet.
REPORTED: Final = "reported"
# What can be done with many things at once: stories and comments, read in the list.
BULK_ACTS: Final = ("keep", "unlist", "delete")
NEED_REASON: Final = frozenset({"unlist", "archive", "delete", "block", "refuse"})
AFTER: Final[Mapping[str, str]] = {
    "keep": "public",
    "trust": "public",
    "unlist": "unlisted",
    "archive": "archived",
    "delete": "deleted",
    "block": "deleted",
}


def wording_of_comment(text: str) -> str:
    """Tells one wording of a comment from any other: what somebody had before their eyes."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def first_page(role: str) -> str:
    """Staff begin at the top requests, everybody else at what waits for them."""
    return "/staff" if is_staff(role) else "/staff/queue"
