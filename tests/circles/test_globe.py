"""The nearest of many points is what looking at all of them says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from board.circles.globe import Globe, Nearest, Pin, boxes_around
from board.core.geo import distance_km, to_mercator

LAT = st.floats(-90, 90).map(lambda value: round(value, 2))
LNG = st.floats(-180, 180).map(lambda value: round(value, 2))
POINTS = st.lists(st.tuples(LAT, LNG), max_size=60)


def test_globe_without_pins_has_nothing_near() -> None:
    assert Globe([]).nearest(0, 0) is None


def test_nearest_of_several_in_one_spot_is_the_first() -> None:
    globe = Globe([Pin(9, 10.0, 10.0), Pin(3, 10.0, 10.0), Pin(5, 10.0, 10.0)])

    assert globe.nearest(10.0, 10.0) == Nearest(3, 0.0)


def test_nearest_lies_over_the_antimeridian() -> None:
    globe = Globe([Pin(1, -18.0, 170.0), Pin(2, -18.0, -179.9)])
    nearest = globe.nearest(-18.0, 179.9)

    assert nearest is not None
    assert nearest.id == 2
    assert nearest.km < 25


@settings(deadline=None)
@given(POINTS, LAT, LNG)
def test_nearest_equals_brute_force(
    points: list[tuple[float, float]], lat: float, lng: float
) -> None:
    pins = [Pin(number, *point) for number, point in enumerate(points, start=1)]
    nearest = Globe(pins).nearest(lat, lng)

    if not pins:
        assert nearest is None
        return
    assert nearest is not None
    least = min(distance_km(lat, lng, pin.lat, pin.lng) for pin in pins)
    assert abs(nearest.km - least) < 0.001


@settings(deadline=None)
@given(LAT, LNG, LAT, LNG, st.sampled_from([1.0, 25.0, 100.0, 1_000.0, 20_100.0]))
def test_boxes_hold_everything_within_reach(
    lat: float, lng: float, other_lat: float, other_lng: float, km: float
) -> None:
    if distance_km(lat, lng, other_lat, other_lng) > km:
        return
    box = boxes_around(lat, lng, km)
    x, y = to_mercator(other_lat, other_lng)

    assert any(
        box[f"w{n}"] <= x <= box[f"e{n}"] and box[f"t{n}"] <= y <= box[f"f{n}"] for n in (0, 1)
    )
