"""What can be followed, and how each is spelled so that nobody follows one thing twice. Pure."""

from typing import Final, Literal, NamedTuple

Kind = Literal["town", "area", "country", "start"]
Pace = Literal["weekly", "instant"]

# How far around a place, in km.
AREAS: Final = (10, 25, 50, 100)
PACES: Final[tuple[Pace, ...]] = ("weekly", "instant")
# Enough for everybody who moves house; not for a machine.
MOST_FOLLOWS: Final = 50


class Subject(NamedTuple):
    """What somebody follows: a town, the area around a place, a country, or a start in a town."""

    kind: Kind
    town_id: int | None = None
    country: str = ""
    geonames_id: int | None = None
    lat: float | None = None
    lng: float | None = None
    km: int | None = None

    @property
    def about(self) -> str:
        """The one spelling of it: "town:12", "area:3190359:25", "country:si", "start:12"."""
        if self.kind == "area":
            return f"area:{self.geonames_id}:{self.km}"
        if self.kind == "country":
            return f"country:{self.country.lower()}"
        return f"{self.kind}:{self.town_id}"


def streams_of(pace: str) -> tuple[str, ...]:
    """The streams of mail (mail.rules) that a follow of this pace needs; "start" for a start."""
    return {"instant": ("status",), "weekly": ("digest",)}.get(pace, ("start",))
