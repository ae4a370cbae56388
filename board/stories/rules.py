"""What a story is, who sees it, how it may be edited, and what may be removed. Pure."""

import hashlib
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from board.core.text import excerpt, to_html, words_of

PROMPT_LENGTH: Final = 2_000
TITLE_LENGTH: Final = 120
NAME_LENGTH: Final = 40
VISIBILITIES: Final = ("held", "public", "unlisted", "archived", "deleted", "withdrawn")
# P2PU's four reasons for taking something away.
REASONS: Final = ("spam", "inappropriate", "charges", "not_a_circle")
MOST_LINKS: Final = 2
ALT_LENGTH: Final = 300
# After this what a moderator deleted is beyond undo, and what was archived or never shown goes.
UNDO_FOR: Final = timedelta(hours=24)
PUT_AWAY_FOR: Final = timedelta(days=90)


class Telling(NamedTuple):
    """A story as its author typed it."""

    name: str
    title: str
    language: str
    why: str = ""
    how: str = ""
    own: str = ""

    @property
    def texts(self) -> tuple[str, str, str]:
        return (self.why, self.how, self.own)


def title_of(telling: Telling) -> str:
    """The given title, or one made of the story's first words."""
    if telling.title:
        return telling.title
    first = next(text for text in telling.texts if text)
    sentence = first.split("\n")[0]
    for mark in (". ", "! ", "? ", "。"):
        head, found, _rest = sentence.partition(mark)
        if found and len(head) >= 12:
            sentence = head
            break
    # Somebody may write nothing but dots; a story needs a name to click on.
    return excerpt(sentence, 70).rstrip(".") or excerpt(first, 70)


def rendered(telling: Telling) -> dict[str, str]:
    """The stored HTML of each prompt, and the words under which the story is found."""
    return {
        "why_html": to_html(telling.why) if telling.why else "",
        "how_html": to_html(telling.how) if telling.how else "",
        "own_html": to_html(telling.own) if telling.own else "",
        "folded": words_in(telling),
    }


def words_in(telling: Telling) -> str:
    """The words under which a story is found."""
    return " ".join(words_of(" ".join((telling.title, *telling.texts, telling.name))))


def first_visibility(*, trusted: bool, publish_first: bool, links: int, odd: bool = False) -> str:
    """Whether a confirmed story appears at once or is held for a moderator's eyes.

    `odd` when something about the form made us look twice (taking_part.signs).
    """
    if trusted or (publish_first and links <= MOST_LINKS and not odd):
        return "public"
    return "held"


# --- edits (DECISIONS 7) --------------------------------------------------------------------


def wording_of(telling: Telling, photo_id: int = 0, alt: str = "") -> str:
    """Tells one wording from any other: what somebody had before their eyes."""
    parts = (telling.title, telling.language, *telling.texts, str(photo_id), alt)
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def way_of_edit(visibility: str, *, appears: bool) -> str:
    """What becomes of an edit: "in place" while nobody approved the story, "now" for somebody
    trusted, "held" where the approved text stays until a moderator saw the new one; "" where the
    story was taken away."""
    if visibility == "held":
        return "in place"
    if visibility != "public":
        return ""
    return "now" if appears else "held"


def leaves_trace(
    published_at: datetime | None, *, commented: bool, answered_at: datetime | None
) -> bool:
    """Whether an edit shows as "edited", with its history: once somebody answered to the wording
    that everybody could read, be it in a comment or by P2PU's word on the town."""
    if published_at is None:
        return False
    return commented or (answered_at is not None and answered_at > published_at)
