import pytest

from board.drawing.bubbles import asking_half, asking_outline, several, several_name, short


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (86, "86"), (9999, "9999"), (10_000, "10k"), (12_999, "12k")]
)
def test_short_never_claims_more_than_there_is(count: int, shown: str) -> None:
    assert short(count) == shown


def test_asking_bubble_of_the_design() -> None:
    assert asking_outline("86") == (
        "M-8.6-35H8.6a7 7 0 0 1 7 7v12a7 7 0 0 1-7 7H6L0 0"
        "-6-9H-8.6a7 7 0 0 1-7-7v-12a7 7 0 0 1 7-7z"
    )
    assert asking_half("8") == asking_half("86") < asking_half("132") < asking_half("1204")


def test_several_has_towns_left_and_circles_right() -> None:
    bubble = several(61, 9, live=True)
    assert [(part.kind, part.count, part.word) for part in bubble.parts] == [
        ("towns", "61", "towns"),
        ("live", "9", "circles"),
    ]
    assert bubble.parts[0].x < 0 < bubble.parts[1].x
    assert 44 <= bubble.half <= 60


@pytest.mark.parametrize(
    ("towns", "circles", "live", "parts"),
    [
        (9, 0, False, [("towns", "9", "towns")]),
        (0, 4, True, [("live", "4", "circles")]),
        (0, 3, False, [("done", "3", "circles")]),
    ],
)
def test_several_of_one_kind_has_one_part(
    towns: int, circles: int, live: bool, parts: list[tuple[str, str, str]]
) -> None:
    bubble = several(towns, circles, live=live)
    assert [(part.kind, part.count, part.word) for part in bubble.parts] == parts
    assert bubble.parts[0].x == 0


@pytest.mark.parametrize(
    ("towns", "circles", "live", "closer", "name"),
    [
        (61, 9, True, True, "61 towns asking and 9 circles here, zoom in"),
        (1, 1, True, False, "1 town asking and 1 circle here, see the list"),
        (2500, 0, False, True, "2,500 towns asking here, zoom in"),
        (0, 3, False, True, "3 finished circles here, zoom in"),
    ],
)
def test_several_name_says_what_is_there_and_what_follows(
    towns: int, circles: int, live: bool, closer: bool, name: str
) -> None:
    assert several_name(towns, circles, live=live, closer=closer) == name
