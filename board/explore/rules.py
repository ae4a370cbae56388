"""What map and list were asked for: one frozen question, read from an address and written back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from board.core.text import tidy_line
from board.towns.rules import OPEN_STATUSES, STATUSES

SORTS: Final = ("votes", "ready", "rising", "new", "need", "near")
LAYERS: Final = ("both", "towns", "circles")
PAGE: Final = 20
_PARAMETERS: Final = (
    "q", "country", "status", "language", "layer", "near", "circle", "sort", "view", "at", "after",
    "before", "libraries",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """The parameters of `/towns`; empty means any. The same question asks list and map.

    `status` empty is the open ones (asking, in review, talking), but whoever looks for a name finds
    it whatever its status; "open" and "any" say so. `near` is a
    rounded "lat,lng" that a browser sent, or the address of a picked town ("si/velenje").
    """

    q: str = ""
    country: str = ""
    status: str = ""
    language: str = ""
    layer: str = "both"
    near: str = ""
    circle: str = ""
    sort: str = "votes"
    view: str = ""
    at: str = ""
    after: str = ""
    before: str = ""
    libraries: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """What an address asks for; whatever it can't mean is taken as not asked."""
        said = {name: _short(given.get(name, ""), 120) for name in _PARAMETERS}
        sort = said["sort"] if said["sort"] in SORTS else "votes"
        country = said["country"]
        return cls(
            q=said["q"],
            country=country.upper() if _is_code(country) else "",
            status=said["status"] if said["status"] in (*STATUSES, "any", "open") else "",
            language=_short(said["language"], 8),
            layer=said["layer"] if said["layer"] in LAYERS else "both",
            near=said["near"],
            circle="none" if said["circle"] == "none" else "",
            sort="near" if said["near"] and not said["sort"] else sort,
            view="map" if said["view"] == "map" else "",
            at=said["at"],
            after=said["after"],
            before="" if said["after"] else said["before"],
            libraries="1" if said["libraries"] == "1" else "",
        )

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that count as asked for."""
        if self.status == "any" or (self.q and not self.status):
            return STATUSES
        return OPEN_STATUSES if self.status in ("", "open") else (self.status,)

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the answer."""
        return bool(self.q or self.country or self.status or self.language or self.circle)

    @property
    def shows_towns(self) -> bool:
        return self.layer != "circles"

    @property
    def shows_circles(self) -> bool:
        return self.layer != "towns"

    @property
    def shows_libraries(self) -> bool:
        return bool(self.libraries)

    def but(self, **changes: str) -> "Question":
        """The same question with something else in it; paging starts again."""
        return replace(self, **{"after": "", "before": "", **changes})

    def address(self, **changes: str) -> str:
        """The unprefixed address of this question or a changed one; defaults are left out."""
        asked = self.but(**changes) if changes else self
        pairs = asked._said(_PARAMETERS)
        return "/towns" + (f"?{urlencode(pairs)}" if pairs else "")

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """What a filter form must carry along so that nothing chosen is lost."""
        return self._said(("layer", "libraries", "near", "sort", "view", "at"))

    def _said(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        """Those of these parameters that `read` would not add by itself."""
        by_itself = {"layer": "both", "sort": "near" if self.near else "votes"}
        values = ((name, getattr(self, name)) for name in names)
        return [(name, value) for name, value in values if value and value != by_itself.get(name)]


def _short(text: str, length: int) -> str:
    return tidy_line(text)[:length].rstrip()


def _is_code(country: str) -> bool:
    return len(country) == 2 and country.isascii() and country.isalpha()


def rounded_point(text: str) -> tuple[float, float] | None:
    """The point of `near=lat,lng`, rounded to 0.1° (about 10 km); None if it isn't one."""
    lat_text, _comma, lng_text = text.partition(",")
    try:
        lat, lng = float(lat_text), float(lng_text)
    except ValueError:
        return None
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return None
    return round(lat, 1), round(lng, 1)
