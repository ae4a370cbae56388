from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from jinja2 import Environment

from board.drawing.houses import CREAM, GROUND, PAINTS, Book, House, Shape
from board.drawing.street import CAP, Street, empty_street, plan, street

slugs = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
stories = st.integers(0, 40)


def _lit(drawn: Street) -> int:
    return sum(shape.d.count("M") for shape in drawn.shapes if shape.fill == PAINTS[0].lit)


@given(slugs, stories, st.integers(0, 99), st.integers(0, 99))
def test_street_is_always_the_same(slug: str, count: int, come: int, votes: int) -> None:
    assert street(slug, count, come, votes) == street(slug, count, come, votes)


@given(slugs, stories, st.integers(1, 12))
def test_street_houses_stay_when_stories_come(slug: str, count: int, more: int) -> None:
    before, after = street(slug, count, 1, 3), street(slug, count + more, 1, 3)
    assert after.shapes[: len(before.shapes)] == before.shapes


@given(slugs)
def test_street_lights_move_no_wall(slug: str) -> None:
    dark, bright = street(slug, CAP, 0, 9), street(slug, CAP, 9, 9)
    changed = {shape.fill for shape in set(dark.shapes) ^ set(bright.shapes)}
    assert changed <= {CREAM, *(paint.lit for paint in PAINTS)}
    assert dark.width == bright.width


@given(slugs, st.integers(0, 9), st.integers(1, 9))
def test_street_more_who_come_put_out_no_light(slug: str, come: int, more: int) -> None:
    assume(come + more <= 18)
    assert _lit(street(slug, CAP, come, 18)) <= _lit(street(slug, CAP, come + more, 18))


@given(slugs)
def test_plan_has_no_wall_or_roof_twice_in_a_row(slug: str) -> None:
    built = [thing for thing in plan(slug, CAP) if isinstance(thing, House | Book)]
    roofs = [thing.roof for thing in built if isinstance(thing, House)]
    assert len(built) == CAP
    assert all(a.paint.family != b.paint.family for a, b in pairwise(built))
    assert all(a != b for a, b in pairwise(roofs))


@given(slugs)
def test_plan_keeps_to_its_measures(slug: str) -> None:
    end = 0.0
    for thing in plan(slug, CAP):
        if isinstance(thing, House):
            assert 40 <= thing.width <= 74
            assert 62 <= thing.height <= 134
        elif isinstance(thing, Book):
            assert 20 <= thing.width <= 32
            assert -5 <= thing.lean < 0
        if isinstance(thing, House | Book):
            assert thing.x > end
            end = thing.x + thing.width
    assert end < street(slug, CAP, 0, 0).width - 12


@given(slugs)
def test_plan_begins_with_a_house(slug: str) -> None:
    assert isinstance(next(iter(plan(slug, 1))), House)


def test_plan_has_about_one_book_in_four() -> None:
    built = [thing for n in range(300) for thing in plan(f"town-{n}", CAP)]
    houses = sum(isinstance(thing, House) for thing in built)
    books = sum(isinstance(thing, Book) for thing in built)
    assert 0.14 < books / (books + houses) < 0.3


def test_street_ghost_house_until_the_street_is_full() -> None:
    assert street("elk", 0, 0, 0).ghost is not None
    assert street("elk", 11, 0, 0).ghost is not None
    assert street("elk", 12, 0, 0).ghost is None
    assert street("elk", 300, 0, 0).shapes == street("elk", 12, 0, 0).shapes
    assert street("elk", 5, 0, 0, cap=3).houses == 3


def test_street_is_long_from_nine_houses() -> None:
    assert [street("elk", n, 0, 0).long for n in (0, 8, 9, 12)] == [False, False, True, True]


@given(slugs, stories)
def test_street_shapes_use_the_promised_commands(slug: str, count: int) -> None:
    shapes: list[Shape] = [*street(slug, count, 1, 2).shapes, *empty_street().shapes]
    letters = {letter for shape in shapes for letter in shape.d if letter.isalpha()}
    assert letters <= set("MLHVmlhvaz")


def test_street_is_drawn_as_decoration_above_the_ground(templates: Environment) -> None:
    macros = templates.get_template("_ui/drawings.html").module
    for ground in ("own", "far", ""):
        drawn = str(macros.street(street("elk", 3, 1, 2), ground))  # type: ignore[attr-defined]
        assert 'aria-hidden="true"' in drawn
        assert 'class="street-ghost"' in drawn
        assert "style=" not in drawn
    assert GROUND == 180
