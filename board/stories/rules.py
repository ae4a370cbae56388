"""What a story is, who sees it, and what may be removed. Pure."""

from typing import Final, NamedTuple

from board.core.text import excerpt, fold, to_html

PROMPT_LENGTH: Final = 2_000
TITLE_LENGTH: Final = 120
NAME_LENGTH: Final = 40
VISIBILITIES: Final = ("held", "public", "unlisted", "archived", "deleted", "withdrawn")
# P2PU's four reasons for taking something away.
REASONS: Final = ("spam", "inappropriate", "charges", "not_a_circle")
MOST_LINKS: Final = 2


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
    """The stored HTML of each prompt, and the folded text that search reads."""
    return {
        "why_html": to_html(telling.why) if telling.why else "",
        "how_html": to_html(telling.how) if telling.how else "",
        "own_html": to_html(telling.own) if telling.own else "",
        "folded": fold(" ".join((telling.title, *telling.texts, telling.name)))[:7_000],
    }


def first_visibility(*, trusted: bool, publish_first: bool, links: int) -> str:
    """Whether a confirmed story appears at once or is held for a moderator's eyes."""
    if trusted or (publish_first and links <= MOST_LINKS):
        return "public"
    return "held"
