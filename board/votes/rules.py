"""What a vote may carry."""

from typing import Final, NamedTuple

OFFERS: Final = ("come", "facilitate", "host", "help")


class Offer(NamedTuple):
    """What a voter adds to the vote; all of it is consent, so all of it starts empty."""

    come: bool = False
    facilitate: bool = False
    host: bool = False
    help: bool = False

    @property
    def any(self) -> bool:
        """Whether anything was offered, so that a contact is needed."""
        return any(self)
