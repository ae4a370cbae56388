"""Distances and map coordinates on the globe."""

from math import asin, asinh, atan, cos, degrees, pi, radians, sin, sinh, sqrt, tan

EARTH_KM = 6371.0088
MERCATOR_SIZE = 1 << 30
MERCATOR_LATITUDE = 85.05112877


def distance_km(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance between two points given in degrees, in km (haversine)."""
    half_lat = radians(lat2 - lat1) / 2
    half_lng = radians(lng2 - lng1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lng) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def to_mercator(lat: float, lng: float) -> tuple[int, int]:
    """Web-Mercator x, y as integers in 0 … 2^30 - 1, so that cells are plain bit shifts."""
    bounded = max(-MERCATOR_LATITUDE, min(MERCATOR_LATITUDE, lat))
    x = (((lng + 180.0) / 360.0) % 1.0) * MERCATOR_SIZE
    y = (0.5 - asinh(tan(radians(bounded))) / (2 * pi)) * MERCATOR_SIZE
    return min(MERCATOR_SIZE - 1, int(x)), max(0, min(MERCATOR_SIZE - 1, int(y)))


def from_mercator(x: float, y: float) -> tuple[float, float]:
    """The latitude and longitude, in degrees, of a Web-Mercator point of `to_mercator`."""
    lat = degrees(atan(sinh(2 * pi * (0.5 - y / MERCATOR_SIZE))))
    return lat, x / MERCATOR_SIZE * 360.0 - 180.0


def around(lat: float, lng: float, km: float) -> list[tuple[float, float, float, float]]:
    """Boxes (south, north, west, east in degrees) that together hold every point within `km`.

    Two boxes where the circle crosses the antimeridian, so that each is a plain range.
    """
    tall = degrees(km / EARTH_KM)
    south, north = max(-90.0, lat - tall), min(90.0, lat + tall)
    if south <= -89.9 or north >= 89.9:
        return [(south, north, -180.0, 180.0)]
    wide = degrees(asin(min(1.0, sin(km / EARTH_KM) / cos(radians(lat)))))
    west, east = lng - wide, lng + wide
    if west < -180.0:
        return [(south, north, west + 360.0, 180.0), (south, north, -180.0, east)]
    if east > 180.0:
        return [(south, north, west, 180.0), (south, north, -180.0, east - 360.0)]
    return [(south, north, west, east)]
