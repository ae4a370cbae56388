"""What the table of towns was asked for: one frozen question, read from an address and written
back. Page, export and saved views ask the same one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from board.core.text import tidy_line
from board.towns.rules import STATUSES

PER_PAGE: Final = 50
# What may stand beside a town, in the order of the table. The last ones have to be asked for.
COLUMNS: Final = (
    "votes", "trend", "ready", "come", "facilitate", "host", "help", "near", "per10k", "need",
    "rising", "status", "owner", "answered", "asked", "stories", "population",
)  # fmt: skip
FIRST_COLUMNS: Final = (
    "votes", "trend", "ready", "come", "facilitate", "host", "near", "per10k", "need", "status",
    "owner", "answered",
)  # fmt: skip
SORTS: Final = ("name", *COLUMNS, "nearby")
# Sorted by these, the small ones are the interesting ones.
UPWARDS: Final = frozenset({"name", "status", "owner", "answered"})
# Numbers of which the table can ask for at least so many.
MEASURES: Final = (
    "votes", "nearby", "trend", "come", "facilitate", "host", "help", "near", "per10k", "need",
    "rising", "stories", "population",
)  # fmt: skip
MISSING: Final = ("any", "learners", "facilitator", "space", "one", "nothing")
CLOSED: Final = ("planned", "launched", "not_now")
_LONGEST: Final = 80
_MOST_COUNTRIES: Final = 30
_HIGHEST: Final = 99_999_999
_LISTS: Final = frozenset({"countries", "columns"})
_CALLED: Final = {"countries": "country", "columns": "column", "measure": "of", "least": "least"}


@dataclass(frozen=True)
class TableQuestion:
    """What stands in the address of the table; every default means "not asked".

    `status`: empty is the open ones (asking, in review, talking), "closed" planned, launched and
    not now, "any" all, or one of them. `owner`: "me" (whoever looks), "none", or a person's id.
    `missing`: what readiness lacks; "one" is at most one of the three, "nothing" is ready.
    `measure` and `least`: at least so many of what it names. `far`: no circle near. `late`: an
    answer is overdue. `new`: asked in the last week.
    """

    q: str = ""
    countries: tuple[str, ...] = ()
    status: str = ""
    owner: str = ""
    missing: str = ""
    measure: str = "votes"
    least: int = 0
    far: bool = False
    late: bool = False
    new: bool = False
    sort: str = "votes"
    down: bool = True
    columns: tuple[str, ...] = FIRST_COLUMNS
    page: int = 1

    @classmethod
    def read(cls, given: Iterable[tuple[str, str]]) -> Self:
        """What an address asks for; whatever it can't mean is taken as not asked."""
        said: dict[str, list[str]] = {}
        for name, value in given:
            said.setdefault(name, []).extend(
                value.split(",") if name in ("country", "column") else [value]
            )
        last = {name: values[-1] for name, values in said.items()}
        sort = _one_of(last.get("sort", ""), SORTS, "votes")
        return cls(
            q=tidy_line(last.get("q", ""))[:_LONGEST].rstrip(),
            countries=_countries(said.get("country", ())),
            status=_one_of(last.get("status", ""), (*STATUSES, "closed", "any"), ""),
            owner=_owner(last.get("owner", "")),
            missing=_one_of(last.get("missing", ""), MISSING, ""),
            measure=_one_of(last.get("of", ""), MEASURES, "votes"),
            least=_number(last.get("least", ""), _HIGHEST),
            far=last.get("far") == "1",
            late=last.get("late") == "1",
            new=last.get("new") == "1",
            sort=sort,
            down=last.get("order", "up" if sort in UPWARDS else "down") != "up",
            columns=_columns(said.get("column", ())),
            page=max(1, _number(last.get("page", ""), 99_999)),
        )

    @classmethod
    def parse(cls, query: str) -> Self:
        """The question of a query string, as a saved view keeps it."""
        return cls.read(parse_qsl(query, max_num_fields=120))

    @property
    def is_filtered(self) -> bool:
        """Whether anything beside order and columns was asked for."""
        plain = TableQuestion(
            measure=self.measure, sort=self.sort, down=self.down, columns=self.columns
        )
        return replace(self, page=1) != plain

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The question as an address says it; what `read` would add by itself is left out."""
        default = TableQuestion(sort=self.sort, down=self.sort not in UPWARDS, measure="votes")
        found: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            left_out = value == getattr(default, field.name)
            if field.name == "sort":
                left_out = value == "votes"
            elif field.name == "measure":
                left_out = left_out or not self.least
            if not left_out:
                found.append(_pair(field.name, value))
        return found

    @property
    def query(self) -> str:
        """The question as it is kept, without the page that was open."""
        return urlencode(replace(self, page=1).pairs, safe=",")

    def address(self, path: str = "/staff", **changes: object) -> str:
        """Where a changed question is answered; a change of anything but the page opens the first
        one."""
        asked = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        query = urlencode(asked.pairs, safe=",")
        return f"{path}?{query}" if query else path

    def sorted_by(self, sort: str) -> str:
        """The address of this order, or of the other way round where it is sorted so already."""
        down = not self.down if self.sort == sort else sort not in UPWARDS
        return self.address(sort=sort, down=down)

    def carried(self, *own: str) -> list[tuple[str, str]]:
        """What a form must bring along, beside the fields (by their names here) that it has
        itself."""
        names = {_CALLED.get(name, name) for name in own}
        names |= {"order"} if "down" in own else set()
        return [pair for pair in replace(self, page=1).pairs if pair[0] not in names]


def _pair(name: str, value: object) -> tuple[str, str]:
    if name == "down":
        return "order", "down" if value else "up"
    if name in _LISTS and isinstance(value, tuple):
        return _CALLED[name], ",".join(value)
    return _CALLED.get(name, name), "1" if value is True else str(value)


def _one_of(value: str, known: tuple[str, ...], otherwise: str) -> str:
    return value if value in known else otherwise


def _number(text: str, highest: int) -> int:
    return min(int(text), highest) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _owner(text: str) -> str:
    if text in ("me", "none"):
        return text
    number = _number(text, 999_999_999)
    return str(number) if number else ""


def _countries(codes: Iterable[str]) -> tuple[str, ...]:
    known = {code.upper() for code in codes if len(code) == 2 and code.isascii() and code.isalpha()}
    return tuple(sorted(known))[:_MOST_COUNTRIES]


def _columns(names: Iterable[str]) -> tuple[str, ...]:
    wanted = set(names)
    return tuple(name for name in COLUMNS if name in wanted) or FIRST_COLUMNS


# The table as it is asked for most; the first is how it opens.
TOP: Final = TableQuestion()
BUILT_IN: Final = (
    ("top", TOP),
    ("closest", TableQuestion(missing="one", sort="ready")),
    ("silent", TableQuestion(late=True, sort="answered", down=False)),
    ("new", TableQuestion(new=True, sort="asked")),
    ("decided", TableQuestion(status="closed")),
)
