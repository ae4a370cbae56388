"""How the queue is asked for, and the heads of the things in it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode

PER_PAGE: Final = 50
# Things by the same authors that are read along, to be decided with one of theirs.
MOST_BESIDE: Final = 100
# In the order of their chips; what readers reported is a kind of its own, story or comment.
KINDS: Final = ("flags", "stories", "edits", "comments", "calls", "towns", "partners")
_KIND_OF: Final[Mapping[str, str]] = {
    "story": "stories",
    "edit": "edits",
    "comment": "comments",
    "call": "calls",
    "town": "towns",
    "partner": "partners",
}


class Waits(NamedTuple):
    """The head of something that waits: enough to sort, filter and count it."""

    subject: str
    id: int
    since: datetime
    language: str
    town_id: int | None
    geonames_id: int | None
    flagged: bool
    # Who wrote it, where one author may have several things in the queue.
    person_id: int | None = None

    @property
    def kind(self) -> str:
        return "flags" if self.flagged else _KIND_OF[self.subject]


# Whoever chose languages sees things in those; so they ask for all.
ANY_LANGUAGE: Final = "any"


class QueueLook(NamedTuple):
    """What of the queue somebody looks at: all kinds, and what they read, unless it says more."""

    kind: str = ""
    language: str = ""
    page: int = 1

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """What an address asks for; anything odd in it asks for nothing."""
        page = asked.get("page", "")
        kind, language = asked.get("kind", ""), asked.get("language", "")
        known = language.replace("-", "").isalnum() and len(language) <= 8
        return cls(
            kind if kind in KINDS else "",
            language if known else "",
            max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
        )

    @classmethod
    def parse(cls, query: str) -> Self:
        """The look that `query` wrote down."""
        return cls.read(dict(parse_qsl(query[:200])))

    @property
    def query(self) -> str:
        """As it stands in an address."""
        page = str(self.page) if self.page > 1 else ""
        said = {"kind": self.kind, "language": self.language, "page": page}
        return urlencode({name: value for name, value in said.items() if value})

    def address(self, **changes: str | int) -> str:
        """The address of this look with other choices; without one it begins at the first page."""
        query = self._replace(page=1)._replace(**changes).query  # type: ignore[arg-type]
        return f"/staff/queue?{query}" if query else "/staff/queue"


class Part(NamedTuple):
    """A page of what waits, and how much waits beside it."""

    heads: list[Waits]
    kinds: list[tuple[str, int]]
    languages: list[tuple[str, int]]
    total: int
    all: int
    page: int
    # How much waits in the languages that somebody chose; None where they chose none.
    mine: int | None = None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * PER_PAGE + 1


def reads(one: Waits, languages: frozenset[str]) -> bool:
    """Whether a thing is in one of the chosen languages; a place or a partner is in none."""
    return not languages or not one.language or one.language in languages


def _is_asked_for(one: Waits, look: QueueLook, languages: frozenset[str]) -> bool:
    if not look.language:
        return reads(one, languages)
    return look.language in (ANY_LANGUAGE, one.language)


def part(
    waiting: Sequence[Waits], look: QueueLook, languages: frozenset[str] = frozenset()
) -> Part:
    """The page somebody asked for, `languages` first where they chose any.

    Each row of chips counts what the other one leaves.
    """
    spoken = [one for one in waiting if _is_asked_for(one, look, languages)]
    of_kind = [one for one in waiting if look.kind in ("", one.kind)]
    chosen = [one for one in spoken if look.kind in ("", one.kind)]
    kinds = Counter(one.kind for one in spoken)
    tongues = Counter(one.language for one in of_kind if one.language)
    if look.language not in ("", ANY_LANGUAGE):
        tongues[look.language] += 0
    # Whoever worked the last page empty stands at the one before it.
    page = min(look.page, max(1, -(-len(chosen) // PER_PAGE)))
    start = (page - 1) * PER_PAGE
    return Part(
        heads=chosen[start : start + PER_PAGE],
        kinds=[(kind, kinds[kind]) for kind in KINDS if kinds[kind] or kind == look.kind],
        languages=sorted(tongues.items()),
        total=len(chosen),
        all=len(waiting),
        page=page,
        mine=sum(reads(one, languages) for one in of_kind) if languages else None,
    )


def beside(shown: Sequence[Waits], waiting: Sequence[Waits]) -> list[Waits]:
    """What else waits by the authors of the things shown, as far as it stands on another page."""
    authors = {one.person_id for one in shown if one.person_id is not None}
    here = {(one.subject, one.id) for one in shown}
    return [
        one for one in waiting if one.person_id in authors and (one.subject, one.id) not in here
    ][:MOST_BESIDE]
