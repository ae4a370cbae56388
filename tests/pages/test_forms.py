"""Front matter in its shapes."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from board.pages.forms import EventShape, NewsShape, PageShape

EVENT = {
    "title": "Tea",
    "start": "2026-12-02 17:00",
    "end": "2026-12-02 17:45",
    "time_zone": "Europe/Warsaw",
    "place": "Library",
}


def test_event_times_are_the_clocks_of_its_zone() -> None:
    event = EventShape.model_validate(EVENT)

    assert event.in_utc(event.start) == datetime(2026, 12, 2, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"start": "2026-12-40 17:00"}, "must be a day and a time like"),
        ({"start": "2 December"}, "must be a day and a time like"),
        ({"start": "+10 days 17:00"}, "must be a day and a time like"),
        ({"end": "2026-12-02 17:00"}, "`end` must come after `start`"),
        ({"time_zone": "Warsaw"}, "must be a name like Europe/Warsaw"),
        ({"time_zone": "../etc"}, "must be a name like Europe/Warsaw"),
        ({"place": ""}, "needs a `place`, or `online: true`"),
        ({"link": "javascript:alert(1)"}, "should match pattern"),
        ({"start": ""}, "must be a day and a time like"),
    ],
)
def test_event_slip_is_refused_in_a_sentence(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        EventShape.model_validate({**EVENT, **change})


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "22.11.2026", "yesterday", ""])
def test_news_of_a_day_that_does_not_exist_is_refused(day: str) -> None:
    with pytest.raises(ValidationError, match="must be a day like"):
        NewsShape.model_validate({"title": "A", "date": day, "summary": "B"})


def test_demo_days_count_from_today() -> None:
    values = {"title": "A", "date": "-4 days", "summary": "B"}

    post = NewsShape.model_validate(values, context={"today": date(2027, 3, 2)})

    assert post.date == date(2027, 2, 26)


def test_demo_times_count_from_today() -> None:
    values = {**EVENT, "start": "+10 days 17:00", "end": "+10 days 17:45"}

    event = EventShape.model_validate(values, context={"today": date(2026, 11, 22)})

    assert event.start == datetime(2026, 12, 2, 17, 0)


def test_underlined_words_must_stand_in_the_title() -> None:
    with pytest.raises(ValidationError, match="must be words of the title"):
        PageShape.model_validate({"title": "A town", "underline": "circle"})


def test_keys_of_p2pus_own_files_are_accepted() -> None:
    values = {"title": "A", "layout": "about", "bundles": ["style"]}

    assert PageShape.model_validate(values).title == "A"
