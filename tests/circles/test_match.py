"""Which place a row means, and what its coordinates should have been."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from board.circles.match import NEAR_KM, Candidate, Spot, choose, mended, settle
from board.circles.place_queries import Gazetteer
from board.core.db import Database
from board.core.geo import distance_km

PITTSBURGH = Candidate(
    5206379, "Pittsburgh", "US", "PA", "Pennsylvania", 40.44062, -79.99589, 304391,
    "America/New_York",
)  # fmt: skip


def at(db: Database, spot: Spot) -> tuple[Spot, str]:
    """The spot settled beside the test's gazetteer, and what was put right."""
    with db.snapshot() as conn:
        settled = Gazetteer(conn).settle(spot)
    return settled.spot, settled.remark


def number(db: Database, spot: Spot) -> int | None:
    return at(db, spot)[0].geonames_id


def test_spot_by_name_and_country(db: Database) -> None:
    spot, remark = at(db, Spot("Köln", "", "DE", 50.92, 7.0))

    assert spot == Spot("Köln", "Nordrhein-Westfalen", "DE", 50.92, 7.0, 2886242)
    assert remark == ""


@pytest.mark.parametrize("city", ["Cologne", "koln", "KÖLN", "Koeln"])
def test_spot_by_any_spelling(db: Database, city: str) -> None:
    assert number(db, Spot(city, "", "DE")) == 2886242


def test_spot_without_country_is_found_by_nearness(db: Database) -> None:
    assert number(db, Spot("Portland", "", "", 43.66, -70.26)) == 4975802
    assert number(db, Spot("Portland", "", "", 45.52, -122.68)) == 5746545


def test_spot_without_coordinates_is_found_by_its_region(db: Database) -> None:
    assert number(db, Spot("Portland", "ME", "US")) == 4975802
    assert number(db, Spot("Portland", "Maine", "")) == 4975802
    assert number(db, Spot("Springfield", "Illinois", "US")) == 4250542


def test_spot_without_anything_else_is_the_largest_of_its_country(db: Database) -> None:
    assert number(db, Spot("Portland", "", "US")) == 5746545
    assert number(db, Spot("Paris", "", "US")) == 4717560


def test_bare_name_means_only_a_place_that_stands_out(db: Database) -> None:
    assert number(db, Spot("Chicago")) == 4887398
    assert number(db, Spot("Paris")) == 2988507
    assert number(db, Spot("Springfield")) is None


def test_bare_name_with_other_coordinates_matches_nothing(db: Database) -> None:
    spot, remark = at(db, Spot("Springfield", "", "", 51.5, -0.12))

    assert (spot.lat, spot.lng, spot.geonames_id, remark) == (51.5, -0.12, None, "")


def test_coordinates_far_from_all_namesakes_are_believed(db: Database) -> None:
    """A village of that name may be too small for the gazetteer."""
    springfield = Spot("Springfield", "", "US", 42.85, -97.9)
    portland = Spot("Portland", "", "US", 42.85, -97.9)

    assert at(db, springfield) == (springfield, "")
    assert at(db, portland) == (Spot("Portland", "Oregon", "US", 45.52, -122.68, 5746545), "far")


def test_end_of_a_longer_name_is_not_its_name(db: Database) -> None:
    assert number(db, Spot("Town", "", "ZA", -33.92, 18.42)) is None


def test_number_is_believed_when_near_or_named(db: Database) -> None:
    assert number(db, Spot("", "", "", 40.5, -80.1, 5206379)) == 5206379
    assert number(db, Spot("Pittsburgh", "", "", None, None, 5206379)) == 5206379
    assert number(db, Spot("", "", "US", None, None, 5206379)) == 5206379


def test_number_of_something_else_is_not_believed(db: Database) -> None:
    assert number(db, Spot("București", "București", "RO", None, None, 5206379)) == 683506
    assert number(db, Spot("Braga", "", "PT", 41.55, -8.42, 1012)) == 2742032
    assert number(db, Spot("Nowhere", "", "FR", 43.0, 1.0, 5206379)) is None


def test_unknown_town_keeps_its_coordinates(db: Database) -> None:
    spot = Spot("Taveuni", "Central", "FJ", -16.5, -180.0)

    assert at(db, spot) == (spot, "")


def test_missing_coordinates_are_the_places_own(db: Database) -> None:
    spot, remark = at(db, Spot("Cluj-Napoca", "Cluj", "RO"))

    assert (spot.lat, spot.lng, remark) == (46.77, 23.6, "")


@pytest.mark.parametrize(
    ("point", "found", "remark"),
    [
        ((40.44, -80.0), (40.44, -80.0), ""),
        ((-80.0, 40.44), (40.44, -80.0), "swapped"),
        ((40.44, 79.95), (40.44, -79.95), "sign"),
        ((-40.44, 80.0), (40.44, -80.0), "sign"),
        ((80.0, 40.44), (40.44, -80.0), "swapped,sign"),
        ((42.4, -80.0), (40.44, -80.0), "far"),
        ((40.9, -80.6), (40.9, -80.6), ""),
    ],
)
def test_coordinates_are_mended(
    point: tuple[float, float], found: tuple[float, float], remark: str
) -> None:
    assert mended(Spot("Pittsburgh", "", "US", *point), PITTSBURGH) == (found, remark)


def test_swapped_coordinates_find_the_town_without_a_country(db: Database) -> None:
    spot, remark = at(db, Spot("Hämeenlinna", "", "", 24.46, 61.0))

    assert (spot.lat, spot.lng, spot.country, remark) == (61.0, 24.46, "FI", "swapped")


def test_point_without_a_city_is_the_large_town_around_it(db: Database) -> None:
    spot, _remark = at(db, Spot("", "Illinois", "US", 41.85, -87.65))

    assert (spot.city, spot.geonames_id) == ("Chicago", 4887398)
    assert number(db, Spot("", "", "CA", 41.85, -87.65)) is None
    assert number(db, Spot("", "", "", 10.0, 10.0)) is None


def test_careless_capitals_are_put_right(db: Database) -> None:
    assert at(db, Spot("chicago", "Illinois", "US"))[0].city == "Chicago"
    assert at(db, Spot("CHICAGO", "Illinois", "US"))[0].city == "Chicago"
    assert at(db, Spot("Αθήνα", "", "GR"))[0].city == "Αθήνα"


def test_nothing_at_all_is_nowhere(db: Database) -> None:
    assert at(db, Spot()) == (Spot(), "")


@settings(deadline=None)
@given(
    st.floats(-90, 90).map(lambda value: round(value, 2)),
    st.floats(-180, 180).map(lambda value: round(value, 2)),
)
def test_matched_spot_is_always_near_its_place(lat: float, lng: float) -> None:
    spot = Spot("Pittsburgh", "", "US", lat, lng)
    settled = settle(spot, None, [PITTSBURGH])

    assert choose(spot, None, [PITTSBURGH]) == PITTSBURGH
    assert settled.spot.lat is not None
    assert settled.spot.lng is not None
    away = distance_km(settled.spot.lat, settled.spot.lng, PITTSBURGH.lat, PITTSBURGH.lng)
    assert away <= NEAR_KM


def test_each_name_is_looked_up_once(db: Database) -> None:
    seen: list[str] = []
    event.listen(
        db.reader, "before_cursor_execute", lambda *more: seen.append(more[2]), named=False
    )
    with db.snapshot() as conn:
        gazetteer = Gazetteer(conn)
        for step in range(50):
            gazetteer.settle(Spot("Portland", "", "US", 45.0 + step / 100, -122.6))

    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1
