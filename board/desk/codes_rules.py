"""Why slips are called back. Pure."""

from typing import Final

# Stored with the batch; `VOIDED` stands with its votes, so that restoring finds these and no other.
REASONS: Final = ("lost", "misused", "mistake", "other")
VOIDED: Final = "slips_revoked"
# Why a text waits for a look.
HELD_FOR: Final = "slips"
