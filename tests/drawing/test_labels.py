from board.core.language import speaking
from board.drawing.labels import FROM_ZOOM, MOST, country_labels
from board.drawing.markers import Marker
from board.drawing.view import View, project, world

EUROPE = View(50, 14, 4.4, 800, 700)


def test_country_labels_stay_away_from_a_map_of_the_world() -> None:
    assert country_labels(world(850, 438)) == []
    assert country_labels(View(50, 14, FROM_ZOOM - 0.1, 800, 700)) == []


def test_country_labels_stand_in_their_country() -> None:
    labels = {label.text: label for label in country_labels(EUROPE)}
    assert {"France", "Germany", "Poland", "Ukraine"} <= set(labels)
    assert "Luxembourg" not in labels
    assert len(labels) <= MOST
    germany = labels["Germany"]
    west, south = project(EUROPE, 47.5, 6)
    east, north = project(EUROPE, 54.8, 15)
    assert west < germany.left * 8 < east
    assert north < germany.top * 7 < south


def test_country_labels_speak_the_language_of_the_page() -> None:
    with speaking("de"):
        assert "Frankreich" in [label.text for label in country_labels(EUROPE)]


def test_country_labels_make_room_for_markers() -> None:
    before = {label.text: label for label in country_labels(EUROPE)}["France"]
    x, y = before.left * 8, before.top * 7
    several = Marker(kind="several", x=x, y=y, towns=61, circles_now=9)
    after = {label.text: label for label in country_labels(EUROPE, [several])}.get("France")
    assert after != before
    if after:
        assert abs(after.left * 8 - x) > 50 or abs(after.top * 7 - y) > 8
