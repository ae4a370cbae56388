"""What the desk sorts by, and what may be done with a thing in the queue. Pure."""

from collections.abc import Mapping
from typing import Final

SORTS: Final = (
    "votes", "name", "come", "facilitate", "host", "ready", "near", "per10k", "need",
    "rising", "status", "answered", "asked",
)  # fmt: skip

# For each kind of thing what can be done, and which of it needs one of P2PU's four reasons.
ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "story": ("keep", "trust", "unlist", "archive", "delete", "block"),
    "comment": ("keep", "trust", "unlist", "archive", "delete", "block"),
    "call": ("reached", "drop"),
    "town": ("list", "drop"),
    "partner": ("answered",),
}
NEED_REASON: Final = frozenset({"unlist", "archive", "delete", "block"})
AFTER: Final[Mapping[str, str]] = {
    "keep": "public",
    "trust": "public",
    "unlist": "unlisted",
    "archive": "archived",
    "delete": "deleted",
    "block": "deleted",
}
