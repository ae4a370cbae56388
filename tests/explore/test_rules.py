"""The question of map and list: what an address may ask, and that it is written back as it was."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.explore.facets import facets_of
from board.explore.rules import LAYERS, SORTS, Question, rounded_point
from board.towns.cells import Facets
from board.towns.rules import OPEN_STATUSES, STATUSES

NAMES = list(Question.__dataclass_fields__)
POINTS = st.builds(
    lambda lat, lng: f"{lat:.1f},{lng:.1f}", st.floats(-90, 90), st.floats(-180, 180)
)
QUESTIONS = st.builds(
    Question.read,
    st.fixed_dictionaries(
        {},
        optional={
            "q": st.text(max_size=140),
            "country": st.sampled_from(["SI", "pl", "de", "", "xyz"]),
            "status": st.sampled_from([*STATUSES, "any", ""]),
            "language": st.sampled_from(["sl", "pt-br", "", "a rather long one"]),
            "layer": st.sampled_from([*LAYERS, ""]),
            "near": POINTS | st.sampled_from(["si/velenje", ""]),
            "circle": st.sampled_from(["none", "", "any"]),
            "sort": st.sampled_from([*SORTS, ""]),
            "view": st.sampled_from(["map", "", "list"]),
            "at": st.sampled_from(["46.36,15.11,6", ""]),
            "after": st.sampled_from(["12~7", "2026-01-01T10:00:00+00:00~3", ""]),
        },
    ),
)


def reread(question: Question, **changes: str) -> Question:
    """The question that its own address asks."""
    query = urlsplit(question.address(**changes)).query
    return Question.read(dict(parse_qsl(query, keep_blank_values=True)))


@given(question=QUESTIONS)
def test_question_reads_back_from_its_own_address(question: Question) -> None:
    assert reread(question) == question


@given(question=QUESTIONS, sort=st.sampled_from(SORTS), layer=st.sampled_from(LAYERS))
def test_changed_question_reads_back_and_begins_at_the_first_page(
    question: Question, sort: str, layer: str
) -> None:
    changed = reread(question, sort=sort, layer=layer)
    assert (changed.sort, changed.layer, changed.after) == (sort, layer, "")
    assert changed == question.but(sort=sort, layer=layer)


@given(given=st.dictionaries(st.sampled_from([*NAMES, "else"]), st.text(max_size=300)))
def test_question_reads_any_parameters(given: dict[str, str]) -> None:
    question = Question.read(given)
    assert question.sort in SORTS
    assert question.layer in LAYERS
    assert set(question.statuses) <= set(STATUSES)
    assert question.country == "" or (question.country.isupper() and len(question.country) == 2)
    assert reread(question) == question


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"sort": "random"}, "sort", "votes"),
        ({"layer": "everything"}, "layer", "both"),
        ({"status": "<script>"}, "status", ""),
        ({"country": "slovenia"}, "country", ""),
        ({"country": "s1"}, "country", ""),
        ({"country": "ßa"}, "country", ""),
        ({"circle": "some"}, "circle", ""),
        ({"view": "globe"}, "view", ""),
        ({"near": "46.4,15.1"}, "sort", "near"),
        ({"near": "46.4,15.1", "sort": "need"}, "sort", "need"),
    ],
)
def test_question_takes_what_it_cannot_mean_as_not_asked(
    given: dict[str, str], field: str, value: str
) -> None:
    assert getattr(Question.read(given), field) == value


def test_statuses_are_the_open_ones_unless_asked() -> None:
    assert Question().statuses == OPEN_STATUSES
    assert Question(status="any").statuses == STATUSES
    assert Question(status="launched").statuses == ("launched",)


@pytest.mark.parametrize(
    ("question", "address"),
    [
        (Question(), "/towns"),
        (Question(q="köln & co", country="DE"), "/towns?q=k%C3%B6ln+%26+co&country=DE"),
        (Question(near="46.4,15.1", sort="near"), "/towns?near=46.4%2C15.1"),
        (Question(near="46.4,15.1", sort="votes"), "/towns?near=46.4%2C15.1&sort=votes"),
        (Question(layer="circles", after="7~1"), "/towns?layer=circles&after=7%7E1"),
    ],
)
def test_address_leaves_defaults_out(question: Question, address: str) -> None:
    assert question.address() == address.replace("%7E", "~")


def test_filter_form_carries_what_was_chosen_elsewhere() -> None:
    question = Question(
        q="x", layer="towns", near="46.4,15.1", sort="votes", view="map", at="46.36,15.11,6"
    )
    assert question.hidden_fields == [
        ("layer", "towns"),
        ("near", "46.4,15.1"),
        ("sort", "votes"),
        ("view", "map"),
        ("at", "46.36,15.11,6"),
    ]
    assert Question(near="46.4,15.1", sort="near").hidden_fields == [("near", "46.4,15.1")]
    assert Question().hidden_fields == []


def test_question_is_filtered_by_what_narrows_it() -> None:
    narrow: list[dict[str, Any]] = [
        {"q": "a"}, {"country": "SI"}, {"status": "any"}, {"language": "sl"}, {"circle": "none"},
    ]  # fmt: skip
    assert all(Question(**one).is_filtered for one in narrow)
    assert not Question(layer="towns", sort="new", near="1,2", view="map", at="1,2,3").is_filtered


@given(lat=st.floats(-90, 90), lng=st.floats(-180, 180))
def test_rounded_point_says_nothing_exact(lat: float, lng: float) -> None:
    point = rounded_point(f"{lat},{lng}")
    assert point is not None
    assert point == (round(lat, 1), round(lng, 1))
    assert -90 <= point[0] <= 90
    assert -180 <= point[1] <= 180


@pytest.mark.parametrize(
    "text", ["", "46", "46;15", "si/velenje", "nan,nan", "inf,0", "91,0", "0,181", "46,15,6", "a,b"]
)
def test_rounded_point_of_anything_else_is_none(text: str) -> None:
    assert rounded_point(text) is None


@pytest.mark.parametrize("words", ["'", "* %", "🙂", "\u200b", "-"])
def test_what_has_no_letter_asks_the_cells_for_all(words: str) -> None:
    assert facets_of(Question(q=words)) == Facets(Question(q=words).statuses)
    assert facets_of(Question(q=words + "a")) is None
