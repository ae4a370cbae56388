"""Rows of the feed: every planted oddity by its number, and anything else that JSON can hold."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.circles.feed import CircleRow, Parsed, parse_circles, parse_libraries
from board.circles.match import Spot
from board.core.config import ROOT

Sample = dict[int, dict[str, Any]]

ROW: dict[str, Any] = {
    "id": 7,
    "name": "Python for everybody",
    "course": {"id": 1, "title": "Python", "provider": "edX"},
    "city": "Detroit",
    "region": "Michigan",
    "country": "United States of America",
    "country_en": "United States of America",
    "latitude": "42.331430",
    "longitude": "-83.045750",
    "place_id": "4990729",
    "online": False,
    "language": "en",
    "day": "Sunday",
    "start_date": "2026-11-15",
    "start_datetime": "2026-11-15T19:00:00-05:00",
    "meeting_time": "19:00:00",
    "end_time": "20:30:00",
    "last_meeting_date": "2026-12-20",
    "weeks": 6,
    "url": "https://learningcircles.p2pu.org/en/signup/detroit-7/",
    "signup_open": True,
    "signup_limit": None,
    "signup_count": 0,
    "status": "in_progress",
}


def read(**changes: Any) -> CircleRow:
    """The row with changes, which must be accepted."""
    parsed = parse_circles([ROW | changes])
    assert parsed.rejected == []
    return parsed.accepted[0]


def refusal(**changes: Any) -> str:
    """Why the row with changes is refused."""
    parsed = parse_circles([ROW | changes])
    assert parsed.accepted == []
    return parsed.rejected[0].reason


def test_circle_row_is_read() -> None:
    assert read() == CircleRow(
        id=7,
        title="Python for everybody",
        course="Python",
        where=Spot("Detroit", "Michigan", "US", 42.33, -83.05, 4990729),
        online=False,
        starts_on=date(2026, 11, 15),
        ends_on=date(2026, 12, 20),
        starts_at="19:00",
        ends_at="20:30",
        utc_offset=-300,
        meetings=6,
        language="en",
        signup_open=True,
        url="https://learningcircles.p2pu.org/en/signup/detroit-7/",
    )


def test_circle_row_with_the_least_it_needs() -> None:
    row = parse_circles(
        [{"id": "7", "name": "Chess", "start_date": "2026-11-15", "weeks": "3"}]
    ).accepted[0]

    assert (row.id, row.title, row.meetings, row.ends_on) == (7, "Chess", 3, date(2026, 11, 29))
    assert row.where == Spot()
    assert row.utc_offset is None


def accepted(sample: Sample, number: int) -> CircleRow:
    parsed = parse_circles([sample[number]])
    assert parsed.rejected == []
    return parsed.accepted[0]


def test_sample_says_about_every_row_what_becomes_of_it(sample: Sample) -> None:
    parsed = parse_circles(list(sample.values()))

    assert len(parsed.accepted) + len(parsed.rejected) == len(sample) == 104
    assert {remark.upstream_id: remark.reason for remark in parsed.rejected} == {
        93: "one_letter",
        99: "ends_first",
    }


@pytest.mark.parametrize(
    ("number", "city", "region", "country"),
    [
        (78, "", "", ""),  # online, with the city "Online"
        (79, "Kraków", "Województwo małopolskie", "PL"),  # online, with a city
        (85, "Chicago", "", ""),  # old, without region and country
        (86, "Chicago", "Illinois", "US"),  # "United States"
        (87, "Chicago", "Illinois", "US"),  # all in the city field
        (88, "chicago", "Illinois", "US"),  # small letters, a space behind
        (89, "", "Illinois", "US"),  # no city
        (90, "Köln", "Nordrhein-Westfalen", "DE"),  # decomposed letters
        (94, "القاهرة", "محافظة القاهرة", "EG"),  # right to left
        (95, "東京都", "東京都", "JP"),  # another script
    ],
)
def test_planted_places(sample: Sample, number: int, city: str, region: str, country: str) -> None:
    where = accepted(sample, number).where

    assert (where.city, where.region, where.country) == (city, region, country)


@pytest.mark.parametrize(
    ("number", "point"),
    [
        (80, (None, None)),  # no coordinates
        (81, (None, None)),  # only a latitude
        (82, (None, None)),  # null island
        (83, (24.46, 61.0)),  # swapped: only its town can tell
        (84, (-16.5, -180.0)),  # at the antimeridian
        (78, (None, None)),  # online
        (79, (None, None)),  # online, though it has coordinates
    ],
)
def test_planted_points(
    sample: Sample, number: int, point: tuple[float | None, float | None]
) -> None:
    where = accepted(sample, number).where

    assert (where.lat, where.lng) == point


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (91, "& bold"),  # HTML
        (92, "Learn 🌱 gardening — “together” & free"),  # a picture among words
        (105, "Python for everybody"),  # blank: the course's title
        (106, "spaced name"),  # spaces and a newline
    ],
)
def test_planted_names(sample: Sample, number: int, title: str) -> None:
    assert accepted(sample, number).title == title


def test_planted_sign_ups(sample: Sample) -> None:
    numbers = (72, 73, 75, 100, 101)

    assert {number: accepted(sample, number).signup_open for number in numbers} == {
        72: False,  # closed while it meets
        73: False,  # closed before it starts
        75: True,
        100: True,  # a limit of none
        101: False,  # full, though the feed says open
    }


def test_planted_meetings(sample: Sample) -> None:
    one, none = accepted(sample, 76), accepted(sample, 98)

    assert (one.meetings, one.starts_on) == (1, one.ends_on)
    assert (none.meetings, none.ends_on) == (0, date(2026, 12, 20))
    assert read(weeks=52).meetings == 52
    assert read(weeks=-3).meetings == 0


@pytest.mark.parametrize("number", [74, 77, 96, 97, 102, 103, 104, 107])
def test_planted_rows_that_are_like_any_other(sample: Sample, number: int) -> None:
    assert accepted(sample, number).id == number


def test_nothing_private_is_read(sample: Sample) -> None:
    canaries = {
        "facilitator": "Canary One",
        "facilitators": ["Canary Two"],
        "venue": "Canary Three",
        "venue_address": "4 Canary Street, https://meet.example.org/canary",
        "signup_question": "Canary Five?",
        "email_address": "canary@example.org",
        "new_key": "Canary Seven",
    }
    rows = parse_circles([row | canaries for row in sample.values()])

    assert "canary" not in repr(rows).lower()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"draft": True}, "draft"),
        ({"draft": "true"}, "draft"),
        ({"deleted": True}, "deleted"),
        ({"deleted_at": "2026-01-01T00:00:00Z"}, "deleted"),
        ({"members_only": True}, "members_only"),
        ({"id": None}, "no_id"),
        ({"id": True}, "no_id"),
        ({"id": 0}, "no_id"),
        ({"id": -7}, "no_id"),
        ({"id": 2**31}, "no_id"),
        ({"id": "seven"}, "no_id"),
        ({"name": "", "course": None}, "no_name"),
        ({"name": None, "course": {"title": " "}}, "no_name"),
        ({"name": "<br>", "course": []}, "no_name"),
        ({"name": "Hogwarts"}, "test_row"),
        ({"venue": "Hogwarts, great hall"}, "test_row"),
        ({"name": "", "course": {"title": "test"}}, "test_row"),
        ({"name": "🌱🌱🌱"}, "no_letters"),
        ({"start_date": None, "start_datetime": None}, "no_dates"),
        ({"start_date": "soon", "start_datetime": 5}, "no_dates"),
        ({"last_meeting_date": None, "weeks": 0}, "no_dates"),
        ({"start_date": "0001-01-01"}, "absurd_dates"),
        ({"last_meeting_date": "9999-12-31"}, "absurd_dates"),
        ({"last_meeting_date": "2026-11-14"}, "ends_first"),
        ({"last_meeting_date": "2032-11-15"}, "too_long"),
    ],
)
def test_rows_are_refused_with_a_reason(changes: dict[str, Any], reason: str) -> None:
    assert refusal(**changes) == reason


def test_status_of_the_feed_counts_for_nothing() -> None:
    assert read(status="completed") == read(status="in_progress") == read(status=None)


@pytest.mark.parametrize("online", [True, "true", 1])
def test_online_circle_has_no_point_and_no_place(online: Any) -> None:
    row = read(online=online)

    assert row.online
    assert row.where == Spot("Detroit", "Michigan", "US")


def test_circle_in_a_city_called_online_is_online() -> None:
    row = read(online=None, city="Online", latitude=None, longitude=None)

    assert row.online
    assert row.where.city == ""


def test_place_id_that_is_a_hash_is_none() -> None:
    assert read(place_id="f1e2d3c4b5").where.geonames_id is None
    assert read(place_id="").where.geonames_id is None
    assert read(place_id=2988507).where.geonames_id == 2988507


def test_missing_start_date_is_taken_from_the_moment() -> None:
    assert read(start_date=None).starts_on == date(2026, 11, 15)


def test_second_row_of_a_number_is_refused() -> None:
    parsed = parse_circles([ROW, ROW | {"name": "Another"}, ROW | {"id": 8}])

    assert [row.id for row in parsed.accepted] == [7, 8]
    assert parsed.positions == [0, 2]
    assert parsed.rejected[0] == (1, 7, "Another", "twice")


def test_number_of_a_refused_row_may_come_again() -> None:
    parsed = parse_circles([ROW | {"draft": True}, ROW])

    assert len(parsed.accepted) == 1


def test_duplicate_rows_of_the_api_become_one(sample: Sample) -> None:
    parsed = parse_circles([sample[97]] * 3)

    assert len(parsed.accepted) == 1
    assert [remark.reason for remark in parsed.rejected] == ["twice", "twice"]


@pytest.mark.parametrize("item", [None, 5, "x", [], True])
def test_what_is_no_row_is_refused(item: Any) -> None:
    assert parse_circles([item]).rejected == [(0, None, "", "not_a_row")]
    assert parse_libraries([item]).rejected == [(0, None, "", "not_a_row")]


def test_libraries_are_read_without_anything_private() -> None:
    said = json.loads((ROOT / "content/sample/libraries.json").read_text(encoding="utf-8"))
    parsed = parse_libraries(said["items"])

    assert parsed.rejected == []
    first, *_others = parsed.accepted
    assert first.name == "Carnegie Library of Pittsburgh"
    assert first.location == "Pittsburgh, PA"
    assert first.where == Spot("Pittsburgh", "PA", "", 40.44, -80.0)
    assert first.website == "https://pittsburgh.example.org/"
    assert first.circle_count == 21
    assert {row.name: row.where.lat for row in parsed.accepted}["Fundația Progress"] is None
    assert "@" not in repr(parsed)
    assert "Amina" not in repr(parsed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)
LIKE_A_ROW = st.fixed_dictionaries(
    {}, optional={name: st.just(value) | JSON for name, value in ROW.items()}
)


@settings(deadline=None)
@given(st.lists(JSON | LIKE_A_ROW, max_size=6))
def test_parsing_never_raises_and_loses_no_row(items: list[Any]) -> None:
    for parsed in (parse_circles(items), parse_libraries(items)):
        assert_whole(parsed, len(items))


def assert_whole(parsed: Parsed[Any], count: int) -> None:
    positions = parsed.positions + [remark.position for remark in parsed.rejected]

    assert sorted(positions) == list(range(count))
    assert all(remark.reason for remark in parsed.rejected)
