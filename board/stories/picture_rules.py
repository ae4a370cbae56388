"""What a picture of ours is, and what is said of one that we can't take. Pure and light."""

from typing import Final, NamedTuple

from board.core.language import gettext as _

MOST_BYTES: Final = 8 * 1024 * 1024
LONG_SIDE: Final = 1280
MOST_KEPT: Final = 300 * 1024


class Picture(NamedTuple):
    """A picture of ours."""

    jpeg: bytes
    width: int
    height: int


def too_large() -> str:
    """Said of a file above our limit."""
    return _("This file is larger than 8 MB. Send it smaller, or leave the picture out.")


def too_many_pixels() -> str:
    """Said of a picture that would unfold beyond our memory."""
    return _("This picture has more dots than we can take in. Send it smaller, or leave it out.")


def not_a_picture() -> str:
    """Said of what we can't read."""
    return _("We can't read this picture. JPEG, PNG and WebP work; phones can save as JPEG.")
