"""How the queue is asked for, and the heads of the things in it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode

PER_PAGE: Final = 50
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

    @property
    def kind(self) -> str:
        return "flags" if self.flagged else _KIND_OF[self.subject]


class QueueLook(NamedTuple):
    """What of the queue somebody looks at; empty means all of it."""

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

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * PER_PAGE + 1


def part(waiting: Sequence[Waits], look: QueueLook) -> Part:
    """The page somebody asked for; each row of chips counts what the other one leaves."""
    spoken = [one for one in waiting if look.language in ("", one.language)]
    of_kind = [one for one in waiting if look.kind in ("", one.kind)]
    chosen = [one for one in spoken if look.kind in ("", one.kind)]
    kinds = Counter(one.kind for one in spoken)
    languages = Counter(one.language for one in of_kind if one.language)
    if look.language:
        languages[look.language] += 0
    # Whoever worked the last page empty stands at the one before it.
    page = min(look.page, max(1, -(-len(chosen) // PER_PAGE)))
    start = (page - 1) * PER_PAGE
    return Part(
        heads=chosen[start : start + PER_PAGE],
        kinds=[(kind, kinds[kind]) for kind in KINDS if kinds[kind] or kind == look.kind],
        languages=sorted(languages.items()),
        total=len(chosen),
        all=len(waiting),
        page=page,
    )
