"""Which place of the gazetteer a row of the feed means, and what its coordinates should have been.

A place is believed when its name or its nearness speaks for it. Coordinates far from the believed
place are tried swapped and with a lost minus put back; else the place's own are taken.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from board.core.geo import distance_km
from board.core.text import fold

NEAR_KM: Final = 100.0
# How much larger a namesake must be to be meant when nothing else speaks.
_FAMOUS: Final = 5


class Spot(NamedTuple):
    """Where a row says it is: words, a point with two decimals, and a GeoNames id not checked yet.

    After `settle` the id is the matched place's, or None.
    """

    city: str = ""
    region: str = ""
    country: str = ""
    lat: float | None = None
    lng: float | None = None
    geonames_id: int | None = None


class Candidate(NamedTuple):
    """A place of the gazetteer that may be meant. `named`: the row's city is one of its names."""

    geonames_id: int
    name: str
    country: str
    region_code: str
    region: str
    lat: float
    lng: float
    population: int
    timezone: str
    named: bool = True


class Settled(NamedTuple):
    """A spot beside the gazetteer: mended, with the place's time zone and what was put right."""

    spot: Spot
    timezone: str = ""
    remark: str = ""


def settle(spot: Spot, by_id: Candidate | None, by_name: Sequence[Candidate]) -> Settled:
    """The spot with its place, its gaps filled from it, and its coordinates mended."""
    place = choose(spot, by_id, by_name)
    if place is None:
        return Settled(spot._replace(geonames_id=None))
    point, remark = mended(spot, place)
    return Settled(
        Spot(
            city=_spelled(spot.city, place.name),
            region=spot.region or place.region,
            country=spot.country or place.country,
            lat=point[0],
            lng=point[1],
            geonames_id=place.geonames_id,
        ),
        place.timezone,
        remark,
    )


def choose(spot: Spot, by_id: Candidate | None, by_name: Sequence[Candidate]) -> Candidate | None:
    """The place that is meant, or None. `by_name` comes with the largest place first."""
    if by_id is not None and _is_meant(spot, by_id):
        return by_id
    near = [place for place in by_name if _km(spot, place) <= NEAR_KM]
    if near:
        return min(near, key=lambda place: (not _is_called(spot, place), _km(spot, place)))
    home = [place for place in by_name if spot.country in ("", place.country)]
    called = [place for place in home if _is_called(spot, place)] or home
    for narrowed in (
        [place for place in called if _is_in_region(spot, place)],
        [place for place in called if _nearly(spot, place)],
        _by_size(spot, called),
    ):
        if narrowed:
            return narrowed[0]
    return None


def _is_meant(spot: Spot, place: Candidate) -> bool:
    """Whether a place found by its id is the row's: ids of other things look the same."""
    if _km(spot, place) <= NEAR_KM:
        return True
    same_country = spot.country in ("", place.country)
    if spot.city:
        return same_country and place.named
    return same_country and spot.lat is None


def _by_size(spot: Spot, places: Sequence[Candidate]) -> Sequence[Candidate]:
    """What a name means when nothing but size is left to tell the namesakes apart.

    With a country, the largest there. Without one, or where coordinates speak against them all,
    only a place that stands out; without one and against coordinates, none: a wrong town is worse
    than no town.
    """
    if not places or (spot.lat is not None and not spot.country):
        return ()
    if spot.lat is None and spot.country:
        return places
    second = places[1].population if len(places) > 1 else 0
    return places if places[0].population >= _FAMOUS * second else ()


def mended(spot: Spot, place: Candidate) -> tuple[tuple[float, float], str]:
    """The coordinates to keep for a row at `place`, and the code of what was put right."""
    own = (round(place.lat, 2), round(place.lng, 2))
    if spot.lat is None or spot.lng is None:
        return own, ""
    if _km(spot, place) <= NEAR_KM:
        return (spot.lat, spot.lng), ""
    lat, lng = spot.lat, spot.lng
    for code, points in (
        ("swapped", [(lng, lat)]),
        ("sign", [(lat, -lng), (-lat, lng), (-lat, -lng)]),
        ("swapped,sign", [(-lng, lat), (lng, -lat), (-lng, -lat)]),
    ):
        for point in points:
            if abs(point[0]) <= 90 and distance_km(*point, place.lat, place.lng) <= NEAR_KM:
                return point, code
    return own, "far"


def _nearly(spot: Spot, place: Candidate) -> bool:
    """Whether the spot's coordinates point here once they are mended."""
    return spot.lat is not None and mended(spot, place)[1] != "far"


def _km(spot: Spot, place: Candidate) -> float:
    if spot.lat is None or spot.lng is None:
        return float("inf")
    return distance_km(spot.lat, spot.lng, place.lat, place.lng)


def _is_called(spot: Spot, place: Candidate) -> bool:
    """The city is the place's own name, not only an alias or the end of a longer name."""
    return fold(place.name) == fold(spot.city)


def _is_in_region(spot: Spot, place: Candidate) -> bool:
    """The row's region, written out or as a code ("MI" of "US.MI"), is the place's."""
    region = fold(spot.region.split(",")[0])
    codes = (fold(place.region), fold(place.region_code), fold(place.region_code.split(".")[-1]))
    return bool(region) and region in codes


def _spelled(city: str, name: str) -> str:
    """The city as it is written, unless nobody cared for capitals, or left it out."""
    careless = city == city.lower() != city.upper() or city == city.upper() != city.lower()
    return name if not city or (careless and fold(city) == fold(name)) else city


def nearest_large(spot: Spot, places: Sequence[Candidate], within_km: float) -> Candidate | None:
    """For a point without a name: the largest place around it."""
    near = [place for place in places if _km(spot, place) <= within_km]
    return max(near, key=lambda place: (place.population, -place.geonames_id), default=None)
