"""Flags: anybody may, once; three confirmed people hide a thing until somebody looked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Table, select

from board.comments.actions import keep_comment
from board.comments.models import comments
from board.comments.own_actions import Wording, edit_comment
from board.comments.rules import Talk
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import NotFound, TooMuch
from board.moderation.actions import Flagger, Flagging, flag, settle_flags
from board.moderation.models import flags
from board.moderation.queries import flagged_and_public, flags_since, open_reports
from board.moderation.rules import Subject
from board.record.models import decisions
from board.recount import differences
from board.stories.actions import keep_story
from board.stories.models import stories
from board.towns.models import towns
from tests.invented import Person, person, say, tell, vote

NOW = clock.now()
TABLES: dict[Subject, Table] = {"story": stories, "comment": comments}


def a_thing(conn: Connection, subject: Subject) -> int:
    """A public story, or comment, by Alice."""
    alice = person(conn, "Alice")
    town_id = vote(conn, alice)
    return tell(conn, alice, town_id) if subject == "story" else say(conn, alice, town_id)


def by(who: Person) -> Flagger:
    return Flagger("192.0.2.1", who.id, who.key)


def flag_as(
    conn: Connection, flagger: Flagger, subject: Subject, number: int, note: str = ""
) -> bool:
    flagging = Flagging(subject, number, "spam", note)
    return flag(conn, flagging, flagger, an_hour=1_000, now=NOW)


def visibility(conn: Connection, subject: Subject) -> str:
    return str(conn.execute(select(TABLES[subject].c.visibility)).scalar_one())


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_three_confirmed_people_hide_a_thing(
    database: Database, settings: Settings, subject: Subject
) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, subject)
        people = [person(conn, name) for name in ("Bob", "Carol", "Dan")]
        for who in people[:2]:
            assert not flag_as(conn, by(who), subject, number)
            assert not flag_as(conn, by(who), subject, number)
        assert visibility(conn, subject) == "public"
        assert flag_as(conn, by(people[2]), subject, number)
        row = conn.execute(TABLES[subject].select()).one()
        act = conn.execute(decisions.select()).one()
        town = conn.execute(select(towns.c.story_count, towns.c.comment_count)).one()
        assert differences(conn, settings) == []
    assert (row.visibility, row.held_for) == ("held", "flags")
    assert (act.actor_id, act.act, act.subject, act.subject_id) == (None, "hide", subject, number)
    assert (act.reason, act.before, act.after) == ("flags", "public", "held")
    assert tuple(town) == (0, 0)


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_strangers_flags_reach_the_queue_and_hide_nothing(
    database: Database, subject: Subject
) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, subject)
        for nth in range(5):
            assert not flag_as(conn, Flagger(f"192.0.2.{nth}"), subject, number)
            assert not flag_as(conn, Flagger(f"192.0.2.{nth}"), subject, number)
        (report,) = open_reports(conn).values()
        counts = [conn.execute(count).scalar_one() for count in flagged_and_public()]
        assert visibility(conn, subject) == "public"
    assert (report.people, report.confirmed, report.others) == (5, 0, 5)
    assert sorted(counts) == [0, 1]


def test_author_s_own_flag_says_nothing(database: Database) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, "comment")
        assert not flag_as(conn, by(person(conn, "Alice")), "comment", number)
        assert open_reports(conn) == {}


def test_report_gathers_reasons_notes_and_people_of_one_thing(database: Database) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, "comment")
        bob = by(person(conn, "Bob"))
        flag_as(conn, bob, "comment", number, "An advert.")
        flag(
            conn,
            Flagging("comment", number, "charges"),
            Flagger("192.0.2.9"),
            an_hour=9,
            now=NOW,
        )
        flag_as(conn, Flagger("192.0.2.8"), "comment", number)
        (thing,) = open_reports(conn)
        (report,) = open_reports(conn).values()
    assert thing == ("comment", number)
    assert report.reasons == (("spam", 2), ("charges", 1))
    assert (report.notes, report.people, report.confirmed) == (("An advert.",), 3, 1)


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_kept_thing_is_not_hidden_again(database: Database, subject: Subject) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, subject)
        for name in ("Bob", "Carol", "Dan"):
            flag_as(conn, by(person(conn, name)), subject, number)
        before = (keep_story if subject == "story" else keep_comment)(conn, number, NOW)
        assert before == "held"
        assert settle_flags(conn, subject, number, NOW) == 3
        for name in ("Bob", "Carol", "Dan", "Eve", "Fay", "Gus"):
            assert not flag_as(conn, by(person(conn, name)), subject, number)
        assert visibility(conn, subject) == "public"
        (report,) = open_reports(conn).values()
    # Those who were answered aren't asked again; the new ones are.
    assert report.people == 3


def test_edited_thing_may_be_flagged_and_hidden_again(database: Database) -> None:
    with database.snapshot() as conn:
        number, alice = a_thing(conn, "comment"), person(conn, "Alice")
        people = [by(person(conn, name)) for name in ("Bob", "Carol", "Dan")]
        for who in people:
            flag_as(conn, who, "comment", number)
        keep_comment(conn, number, NOW)
        settle_flags(conn, "comment", number, NOW)
        later = NOW + timedelta(minutes=1)
        wording = Wording("Worse.", "en")
        edit_comment(conn, number, wording, person_id=alice.id, anew="public", now=later)
        said = [flag_as(conn, who, "comment", number) for who in people]
    assert said == [False, False, True]


def test_what_was_taken_away_takes_no_flags(database: Database) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, "comment")
        conn.execute(comments.update().values(visibility="withdrawn"))
        assert not flag_as(conn, by(person(conn, "Bob")), "comment", number)
        assert conn.execute(flags.select()).first() is None
        with pytest.raises(NotFound):
            flag_as(conn, by(person(conn, "Bob")), "comment", 12_345)


def test_one_network_flags_so_often_in_an_hour(database: Database) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, "comment")
        flagging = Flagging("comment", number, "spam")
        for _nth in range(3):
            flag(conn, flagging, Flagger("192.0.2.1"), an_hour=3, now=NOW)
        with pytest.raises(TooMuch):
            flag(conn, flagging, Flagger("192.0.2.1"), an_hour=3, now=NOW)
        flag(conn, flagging, Flagger("192.0.2.2"), an_hour=3, now=NOW)


def test_flags_of_a_talk_are_those_of_its_comments(database: Database) -> None:
    with database.snapshot() as conn:
        number = a_thing(conn, "comment")
        town_id = conn.execute(select(comments.c.town_id)).scalar_one()
        flag_as(conn, Flagger("192.0.2.1"), "comment", number)
        before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
        assert flags_since(conn, Talk(town_id), before) == 1
        assert flags_since(conn, Talk(town_id), after) == 0
        assert flags_since(conn, Talk(), before) == 0


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_parallel_flags_hide_once(database: Database, settings: Settings, subject: Subject) -> None:
    with database.transaction() as conn:
        number = a_thing(conn, subject)
        people = [person(conn, f"Person {nth}") for nth in range(12)]

    def one(nth: int) -> bool:
        who = people[nth % 12]
        with database.transaction() as conn:
            return flag_as(conn, Flagger(f"192.0.2.{nth}", who.id, who.key), subject, number)

    with ThreadPoolExecutor(8) as pool:
        hid = list(pool.map(one, range(24)))
    with database.snapshot() as conn:
        acts = conn.execute(select(decisions.c.act)).scalars().all()
        assert visibility(conn, subject) == "held"
        assert differences(conn, settings) == []
    assert (sum(hid), acts) == (1, ["hide"])
