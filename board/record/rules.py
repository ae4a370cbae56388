"""What of the record everybody may read: what was done with what is public. Pure."""

from collections.abc import Mapping
from typing import Final

TAKEN_AWAY: Final = ("unlist", "archive", "delete", "block")

# Subject and acts. Who it was stays inside; so do calls, contacts, people and invitations.
PUBLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "story": (*TAKEN_AWAY, "hide", "undo"),
    "comment": (*TAKEN_AWAY, "hide", "undo"),
    "town": ("update", "list", "drop", "merge", "unmerge"),
    "vote": ("void", "restore"),
    "talk": ("lock", "unlock"),
    "codes": ("recalled", "restored"),
}
