"""What dates mean, and what is no circle."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.circles.rules import meetings_done, reason_in_words, span, state_between, why_no_circle

FIRST, LAST = date(2026, 10, 18), date(2026, 11, 22)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-10-18T06:59:00+00:00", "soon"),
        ("2026-10-18T07:00:00+00:00", "now"),
        ("2026-11-23T06:59:00+00:00", "now"),
        ("2026-11-23T07:00:00+00:00", "finished"),
    ],
)
def test_state_follows_the_days_of_where_it_meets(moment: str, state: str) -> None:
    begins, over = span(FIRST, LAST, -7 * 60)

    assert state_between(begins, over, datetime.fromisoformat(moment)) == state


def test_state_at_the_other_side_of_the_date_line() -> None:
    begins, over = span(date(2026, 11, 23), date(2026, 11, 23), 12 * 60)

    assert state_between(begins, over, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == "now"
    assert state_between(begins, over, datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) == "finished"


def done_at(moment: datetime, meetings: int = 6, ends_at: str = "19:00") -> int:
    return meetings_done(FIRST, LAST, meetings, ends_at=ends_at, utc_offset=0, now=moment)


def test_meetings_done_counts_a_meeting_once_it_has_ended() -> None:
    assert done_at(datetime(2026, 10, 18, 18, 59, tzinfo=UTC)) == 0
    assert done_at(datetime(2026, 10, 18, 19, 0, tzinfo=UTC)) == 1
    assert done_at(datetime(2026, 11, 8, 20, 0, tzinfo=UTC)) == 4
    assert done_at(datetime(2026, 12, 1, tzinfo=UTC)) == 6


def test_meetings_done_without_an_end_time_counts_tomorrow() -> None:
    assert done_at(datetime(2026, 10, 18, 23, 0, tzinfo=UTC), ends_at="") == 0
    assert done_at(datetime(2026, 10, 19, 0, 0, tzinfo=UTC), ends_at="") == 1


def test_meetings_done_without_known_meetings() -> None:
    assert done_at(datetime(2026, 12, 1, tzinfo=UTC), meetings=0) == 0
    assert done_at(datetime(2026, 12, 1, tzinfo=UTC), meetings=1) == 1


@settings(deadline=None)
@given(
    st.dates(date(2005, 1, 1), date(2100, 1, 1)),
    st.integers(0, 1800),
    st.integers(0, 60),
    st.integers(-840, 840),
    st.integers(-40, 2000),
)
def test_meetings_done_grows_to_all(
    starts_on: date, days: int, meetings: int, offset: int, when: int
) -> None:
    ends_on = starts_on + timedelta(days=days)
    begins, over = span(starts_on, ends_on, offset)
    now = begins + timedelta(days=when)

    def done(moment: datetime) -> int:
        return meetings_done(
            starts_on, ends_on, meetings, ends_at="19:00", utc_offset=offset, now=moment
        )

    assert 0 <= done(now) <= done(now + timedelta(days=1)) <= meetings
    assert done(over) == meetings
    assert done(begins) == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Hogwarts School of Wizardry", "test_row"),
        ("Test", "test_row"),
        ("test circle 3", "test_row"),
        ("This is a test", "test_row"),
        ("TESTING 1 2 3", "test_row"),
        ("Lorem ipsum dolor", "test_row"),
        ("Python (please ignore)", "test_row"),
        ("asdfasdf", "test_row"),
        ("🌱🌻", "no_letters"),
        ("🧙🧙🧙 a", "no_letters"),
        ("...", "no_letters"),
        ("xxxxxxxx", "one_letter"),
        ("x x x x x x", "one_letter"),
        ("Learn 🌱 gardening — “together” & free", ""),
        ("GED test prep", ""),
        ("Software testing", ""),
        ("Test-taking skills", ""),
        ("العربية للمبتدئين", ""),
        ("हिन्दी", ""),
        ("AI", ""),
        ("C++", ""),
        ("数学", ""),
    ],
)
def test_why_no_circle(name: str, reason: str) -> None:
    assert why_no_circle(name) == reason


def test_why_no_circle_looks_around() -> None:
    assert why_no_circle("Potions", ("London", "Hogwarts, room 3")) == "test_row"
    assert why_no_circle("Potions", ("Test Valley", "Foo")) == ""


@settings(deadline=None)
@given(st.text(max_size=300))
def test_why_no_circle_takes_any_text(name: str) -> None:
    why_no_circle(name, (name,))


def test_every_reason_has_its_words() -> None:
    assert reason_in_words("swapped,sign").count(".") == 2
    assert reason_in_words("new_one") == "new_one"
