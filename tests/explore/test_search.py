"""Search finds what a look at every town and story finds, on both databases, at every moment."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from board.core import clock
from board.core.db import Database
from board.core.text import search_form, words_asked, words_of
from board.explore.list_queries import list_towns
from board.explore.rules import Question
from board.stories.actions import hide_story, show_story, withdraw_story
from board.stories.edit_actions import Change, rewrite
from board.stories.models import stories
from board.stories.queries import any_story
from board.stories.rules import Telling
from board.stories.search_queries import StoryFilter, newest_stories
from board.stories.word_triggers import SOURCES, post_all_words
from board.towns.actions import found_by_hand
from board.towns.by_hand_actions import list_by_hand
from board.towns.models import regions, town_spellings, town_words, towns
from board.towns.word_queries import towns_found
from tests.invented import (
    ELK,
    JOENSUU,
    NOWY_SACZ,
    SUVA,
    VELENJE,
    person,
    tell,
    vote,
)

FEW = examples(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Words of many scripts, some beginning others, some in names of places and areas.
VOCABULARY = (
    "mine", "miner", "minerals", "Knitting", "knit", "Sącz", "sac", "lesser", "poland", "pol",
    "Łódź", "straße", "l'école", "читальня", "чит", "ბიბლიოთეკა", "पुस्तकालय", "مكتبة", "مكتبه",
    "東京都", "京都", "都", "図書館で", "ห้องสมุด", "สมุด", "도서관", "도서관에서", "Ελλάδα",
    "fiji", "k", "velenje", "new", "100", "v_", "finland", "north karelia", "united kingdom", "elk",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(VOCABULARY), max_size=5).map(" ".join)
ASKED = st.one_of(
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join),
    st.sampled_from(VOCABULARY).flatmap(
        lambda word: st.integers(1, len(word)).map(lambda n: word[:n])
    ),
    st.text(max_size=12),
)


def found(conn: Connection, text: str, **asked: str) -> set[int]:
    """The towns that the list shows for these words."""
    question = Question(q=text, status="any", **asked)
    page = list_towns(conn, question, (), near=None, join_km=25, limit=100)
    assert page.total == len(page.rows)
    return {one.town.id for one in page.rows}


def documents(conn: Connection) -> dict[int, set[str]]:
    """The words of each town: of its names, and of its public stories."""
    words: dict[int, set[str]] = {}
    for row in conn.execute(select(towns.c.id, towns.c.name)):
        words[row.id] = {*words_of(row.name), *search_form(row.name).split()}
    for spelt in conn.execute(select(town_spellings)):
        words[spelt.town_id] |= set(spelt.words.split())
    s = stories.c
    for told in conn.execute(
        select(s.town_id, s.title, s.why, s.how, s.own, s.name).where(s.visibility == "public")
    ):
        words[told.town_id] |= set(words_of(" ".join(told[1:])))
    return words


def looked_through(conn: Connection, text: str) -> set[int]:
    """The same by looking at every town."""
    typed = search_form(text).split()[:8]
    docs = documents(conn)
    area_rows = conn.execute(select(regions)).all()
    fits = set()
    for town in conn.execute(select(towns).where(towns.c.standing == "listed")):
        own = docs[town.id]
        areas = {
            row.word
            for row in area_rows
            if row.country == town.country and row.region_code in ("", town.region_code)
        }
        if town.vote_count and all(_has(typed, number, own, areas) for number in range(len(typed))):
            fits.add(town.id)
    return fits


def _has(typed: list[str], number: int, own: set[str], areas: set[str]) -> bool:
    last = number == len(typed) - 1
    begun = last and (len(typed) > 1 or len(typed[number]) > 1 or not typed[number].isascii())
    if all(
        any(one.startswith(word.text) if word.begun else one == word.text for one in own)
        for word in words_asked(typed[number], last=begun)[:8]
    ):
        return True
    for start in range(number + 1):
        for end in range(number + 1, min(len(typed), start + 5) + 1):
            area = " ".join(typed[start:end])
            if area in areas:
                return True
            begun = end == len(typed) and len(area) >= 3
            if begun and any(one.startswith(area) for one in areas):
                return True
    return False


@pytest.fixture
def told(database: Database) -> Database:
    """Five towns in four countries, some with stories in many scripts."""
    texts = (
        (VELENJE, "mine Knitting 東京都 図書館で", "Łódź straße"),
        (VELENJE, "minerals l'école ห้องสมุด", "k"),
        (NOWY_SACZ, "читальня ბიბლიოთეკა 도서관에서", "100 v_"),
        (ELK, "पुस्तकालय مكتبة", "knit new"),
        (SUVA, "united pol", "Ελλάδα"),
    )
    with database.transaction() as conn:
        alice = person(conn, "Alice")
        for place, why, title in texts:
            tell(conn, alice, vote(conn, alice, place), why, title=title)
        vote(conn, alice, JOENSUU)
        # The whole gazetteer knows countries in all our languages; the tests' few places don't.
        words = (("polen", "PL"), ("polonia", "PL"), ("finnland", "FI"), ("united kingdom", "GB"))
        for word, country in words:
            conn.execute(insert(regions).values(word=word, country=country, region_code=""))
    return database


@FEW
@given(text=ASKED)
def test_search_finds_what_looking_through_finds(told: Database, text: str) -> None:
    with told.snapshot() as conn:
        assert found(conn, text) == looked_through(conn, text)


@FEW
@given(texts=st.lists(TEXTS, min_size=3, max_size=3), text=ASKED)
def test_search_of_any_stories_finds_what_looking_through_finds(
    told: Database, texts: list[str], text: str
) -> None:
    with told.snapshot() as conn:
        alice = person(conn, "Alice")
        for place, why in zip((VELENJE, ELK, SUVA), texts, strict=True):
            if why.strip():
                tell(conn, alice, vote(conn, alice, place), why, title="x")
        assert found(conn, text) == looked_through(conn, text)


@FEW
@given(text=ASKED)
def test_which_word_comes_first_changes_nothing(told: Database, text: str) -> None:
    with told.snapshot() as conn:
        ways = {
            frozenset(conn.execute(select(towns.c.id).where(towns_found(text, lead))).scalars())
            for lead in (None, *range(len(search_form(text).split()[:8])))
        }
    assert len(ways) == 1


EXPECTED = {
    "sacz": {"Nowy Sącz"}, "SĄCZ nowy": {"Nowy Sącz"}, "nowy lesser poland": {"Nowy Sącz"},
    "poland elk": {"Ełk"}, "polen": {"Nowy Sącz", "Ełk"}, "polonia": {"Nowy Sącz", "Ełk"},
    "knitting slovenia": {"Velenje"}, "mine": {"Velenje"}, "mine minerals": {"Velenje"},
    "mine poland": set(), "京都": {"Velenje"}, "都": {"Velenje"}, "สมุด": {"Velenje"},
    "図書": {"Velenje"}, "библиотека": set(), "читал": {"Nowy Sącz"}, "ბიბლიო": {"Nowy Sącz"},
    "도서": {"Nowy Sącz"}, "पुस्तक": {"Ełk"}, "مكتبه": {"Ełk"}, "lodz": {"Velenje"},
    "STRASSE": {"Velenje"}, "ecole": {"Velenje"}, "ελλαδα": {"Suva"}, "finnland": {"Joensuu"},
    "north kar": {"Joensuu"}, "karelia north": set(),
}  # fmt: skip


def test_search_in_words_of_people(told: Database) -> None:
    with told.snapshot() as conn:
        names = {row.id: row.name for row in conn.execute(select(towns.c.id, towns.c.name))}
        said = {text: {names[one] for one in found(conn, text)} for text in EXPECTED}
    assert said == EXPECTED


HOSTILE = (
    '"', "'", "''; DROP TABLE town; --", "a OR b", "NOT mine", "mine*", "mine NEAR/2 knit", "^mine",
    "{mine} : knit", "mine AND", "(((", ":*", "mine:*", "& | !", "\\", "%", "_", "\0", "mine\0knit",
    "\ud800", "🦉", "a" * 10_000, "mine " * 2_000, "{" * 500, "\u202emine", "\n\r\t",
)  # fmt: skip


def test_hostile_words_do_no_harm(told: Database) -> None:
    with told.snapshot() as conn:
        for text in HOSTILE:
            # The address is cut before; whoever asks otherwise is answered all the same.
            plain = text.encode("utf-8", "ignore").decode()
            assert found(conn, plain) == looked_through(conn, plain), text[:30]
            newest_stories(conn, StoryFilter(q=plain))


def test_hostile_addresses_are_answered(client: TestClient, told: Database) -> None:
    for text in HOSTILE:
        for path in ("/towns", "/stories"):
            query = {"q": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
            assert client.get(path, params=query).status_code in (200, 414), (path, text[:30])


# --- in step ------------------------------------------------------------------------------------


def postings(conn: Connection) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in conn.execute(select(town_words))}


def test_words_follow_a_story_through_its_life(database: Database) -> None:
    now = clock.now()
    with database.transaction() as conn:
        alice = person(conn, "Alice")
        town_id = vote(conn, alice)
        own = postings(conn)
        story_id = tell(conn, alice, town_id, "Canaries.", title="Mine", visibility="held")
        assert postings(conn) == own
        show_story(conn, story_id, now)
        assert found(conn, "canaries") == {town_id}
        for visibility in ("unlisted", "archived", "deleted"):
            hide_story(conn, story_id, visibility, "", now)
            assert postings(conn) == own
            show_story(conn, story_id, now)
            assert found(conn, "canaries") == {town_id}
        words = Telling("Alice", "Mine", "en", "Wrens.")
        rewrite(conn, any_story(conn, story_id), Change(words, ""), trace=True, now=now)
        assert (found(conn, "canaries"), found(conn, "wrens")) == (set(), {town_id})
        assert [one.id for one in newest_stories(conn, StoryFilter(q="wren"))] == [story_id]
        withdraw_story(conn, story_id, now)
        assert postings(conn) == own
        assert newest_stories(conn, StoryFilter(q="wren")) == []


def test_words_follow_a_town_through_its_life(database: Database) -> None:
    now = clock.now()
    with database.transaction() as conn:
        alice = person(conn, "Alice")
        typed = found_by_hand(conn, name="東京 Hamlet", country="SI", lat=46.1, lng=15.0, now=now)
        target = vote(conn, alice)
        story = tell(conn, alice, typed, "Owls.", title="Owls")
        conn.execute(update(towns).where(towns.c.id == typed).values(vote_count=1))
        assert found(conn, "hamlet") == set()
        list_by_hand(conn, typed)
        assert found(conn, "hamlet") == found(conn, "東京") == found(conn, "owls") == {typed}
        conn.execute(update(towns).where(towns.c.id == typed).values(name="Burg", folded="burg"))
        assert found(conn, "burg") == {typed}
        conn.execute(update(stories).where(stories.c.id == story).values(town_id=target))
        assert found(conn, "owls") == {target}


def test_words_all_anew_are_the_words_there_are(told: Database) -> None:
    with told.transaction() as conn:
        before = postings(conn)
        post_all_words(conn)
        assert postings(conn) == before
    assert len(before) > 40
    assert {source.table for source in SOURCES} == {"town", "town_spelling", "story"}


def test_words_of_a_story_that_is_taken_back_leave_the_file(told: Database) -> None:
    if not told.is_sqlite:
        return
    file = Path(str(make_url(told.url).database))

    def there(word: str) -> bool:
        return any(word.encode() in one.read_bytes() for one in file.parent.glob(file.name + "*"))

    with told.transaction() as conn:
        alice = person(conn, "Alice")
        ids = [tell(conn, alice, 1, f"Quetzal{n} xylophon{n}.", title="x") for n in range(300)]
    told.wipe()
    assert there("xylophon7")
    with told.transaction() as conn:
        for story_id in ids:
            withdraw_story(conn, story_id, clock.now())
    told.wipe()
    assert not there("xylophon")
    assert not there("quetzal")
