"""The weekly letter: one a person, only with news, at its hour, for thousands as for three."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from board.core import clock
from board.core.geo import distance_km
from board.core.http import Board
from board.core.keys import Keys
from board.digests.jobs import tell_all
from board.digests.news import CircleNews, News
from board.digests.news_queries import gather
from board.digests.rules import WEEK, due_at, event_of, news_since
from board.digests.weekly_actions import write_page
from board.follows.actions import follow
from board.follows.queries import Wanted
from board.follows.rules import Subject
from board.mail.models import outgoing_mails
from board.towns.actions import found_by_hand
from board.votes.actions import Ballot, cast_vote
from tests.digests.telling import offering, queued, reached, speak, tell
from tests.invented import (
    ELK,
    NEED,
    NOWY_SACZ,
    VELENJE,
    Person,
    add_circles,
    person,
    row_of_circle,
    say,
    statements,
    vote,
)
from tests.invented import (
    tell as tell_story,
)
from tests.post import Post, deliver

# A Sunday evening; the letter is due on Monday at six.
SUNDAY = datetime(2026, 11, 22, 20, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 0, 1, tzinfo=UTC)


def around_velenje(km: int) -> Subject:
    return Subject("area", geonames_id=VELENJE, lat=46.3592, lng=15.1103, km=km)


def follows_town(conn: Connection, keys: Keys, name: str, town_id: int) -> Person:
    who = reached(conn, keys, name)
    follow(conn, who.id, Subject("town", town_id=town_id), now=clock.now())
    return who


def html_of(mail: Post) -> str:
    """The HTML part of a mail."""
    whole = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(whole, EmailMessage)
    part = whole.get_body(("html",))
    assert part is not None
    return str(part.get_content())


# --- when -----------------------------------------------------------------------------------


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 7),
    st.integers(0, 23),
)
def test_due_moment_is_the_last_of_its_weekday_and_hour(now: datetime, day: int, hour: int) -> None:
    due = due_at(now, day, hour)
    assert (due.isoweekday(), due.hour, due.minute) == (day, hour, 0)
    assert timedelta(0) <= now - due < WEEK


@pytest.mark.parametrize(
    ("moment", "event"),
    [
        (datetime(2026, 12, 28, 6, tzinfo=UTC), "digest:2026-W53"),
        (datetime(2027, 1, 3, 23, tzinfo=UTC), "digest:2026-W53"),
        (datetime(2027, 1, 4, 6, tzinfo=UTC), "digest:2027-W01"),
        (datetime(2029, 12, 31, 6, tzinfo=UTC), "digest:2030-W01"),
        # Clocks go forward on 29 March 2026 and back on 25 October: UTC doesn't.
        (datetime(2026, 3, 30, 6, tzinfo=UTC), "digest:2026-W14"),
        (datetime(2026, 10, 26, 5, 59, tzinfo=UTC), "digest:2026-W43"),
        (datetime(2026, 10, 26, 6, tzinfo=UTC), "digest:2026-W44"),
    ],
)
def test_event_is_the_week_of_the_letter(moment: datetime, event: str) -> None:
    assert event_of(due_at(moment, 1, 6)) == event


def test_letter_tells_since_the_last_one_and_of_four_weeks_at_most() -> None:
    due = due_at(MONDAY, 1, 6)
    assert news_since(due, None) == due - WEEK
    assert news_since(due, due - 2 * WEEK) == due - 2 * WEEK
    assert news_since(due, due - 20 * WEEK) == due - 4 * WEEK


# --- what -----------------------------------------------------------------------------------


def test_thirty_events_make_one_mail(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            town_id = vote(conn, person(conn, "First"))
            follows_town(conn, board.keys, "Flo", town_id)
            for number in range(12):
                vote(conn, person(conn, f"Voter {number}"))
            for number in range(9):
                who = person(conn, f"Teller {number}")
                vote(conn, who)
                tell_story(conn, who, town_id, title=f"<b>Story</b> & {number}")
                say(conn, who, town_id)
            tell_story(conn, person(conn, "First"), town_id, title="Held", visibility="held")
            speak(conn, town_id, "asking", "talking", "Soon & <b>surely</b>.")
        assert tell(board).mails == 0
    with time_machine.travel(MONDAY, tick=False):
        told = tell(board)
        assert (told.mails, told.weekly) == (1, 1)
        assert tell(board).mails == 0
        (mail,) = deliver(board)
    assert mail.subject == "This week in Velenje"
    assert "22 new votes, 22 in all" in mail.text
    assert "9 new comments" in mail.text
    assert "and 6 more stories" in mail.text
    assert "Soon & <b>surely</b>." in mail.text
    assert "Held" not in mail.text
    assert "<b>Story</b> & 8" in mail.text
    html = html_of(mail)
    assert "&lt;b&gt;Story&lt;/b&gt; &amp; 8" in html
    assert "<b>Story" not in html
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail.raw


def test_nothing_new_is_no_mail(board: Board) -> None:
    before = time_machine.travel(SUNDAY - WEEK - timedelta(days=1), tick=False)
    with before, board.database.transaction() as conn:
        follows_town(conn, board.keys, "Flo", vote(conn, person(conn, "First")))
    with time_machine.travel(MONDAY - WEEK, tick=False):
        assert tell(board).weekly == 1
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).mails == 0


def test_who_follows_after_the_hour_waits_a_week(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False), board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "First"))
    with time_machine.travel(MONDAY + timedelta(minutes=1), tick=False):
        with board.database.transaction() as conn:
            follows_town(conn, board.keys, "Flo", town_id)
        assert tell(board).mails == 0


def test_missed_weeks_are_told_together(board: Board) -> None:
    with time_machine.travel(SUNDAY - 2 * WEEK, tick=False), board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "First"))
        follows_town(conn, board.keys, "Flo", town_id)
    with time_machine.travel(MONDAY - 2 * WEEK, tick=False):
        assert tell(board).weekly == 1
        deliver(board)
    with time_machine.travel(SUNDAY - WEEK, tick=False), board.database.transaction() as conn:
        vote(conn, person(conn, "Second"))
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).weekly == 1
        assert "1 new vote, 2 in all" in deliver(board)[-1].text


def test_town_followed_three_ways_is_told_once(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            town_id = vote(conn, person(conn, "First"))
            other = vote(conn, person(conn, "First"), NOWY_SACZ)
            flo = follows_town(conn, board.keys, "Flo", town_id)
            follow(conn, flo.id, around_velenje(25), now=clock.now())
            follow(conn, flo.id, Subject("country", country="si"), now=clock.now())
            pole = reached(conn, board.keys, "Pole")
            follow(conn, pole.id, Subject("country", country="PL"), now=clock.now())
        assert other != town_id
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).weekly == 2
        mails = {mail.to: mail.text for mail in deliver(board)}
    assert mails["flo@example.org"].count("VELENJE") == 1
    assert "NOWY" not in mails["flo@example.org"]
    assert "NOWY SĄCZ" in mails["pole@example.org"]


def test_what_was_told_at_once_is_not_told_again(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            ana, town_id = offering(conn, board.keys, "Ana", now=SUNDAY - 2 * WEEK)
            follow(conn, ana.id, Subject("country", country="SI"), now=clock.now())
            speak(conn, town_id, "asking", "talking")
        assert tell(board).at_once == 1
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).mails == 0


def test_instant_followers_get_no_letter(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False), board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "First"))
        ivo = reached(conn, board.keys, "Ivo")
        follow(conn, ivo.id, Subject("town", town_id=town_id), pace="instant", now=clock.now())
        follow(conn, ivo.id, Subject("start", town_id=town_id), now=clock.now())
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).mails == 0


def test_new_circle_stands_in_the_letter_of_who_follows_its_place(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        with board.database.transaction() as conn:
            flo = reached(conn, board.keys, "Flo")
            follow(conn, flo.id, around_velenje(25), now=clock.now())
            add_circles(conn, [row_of_circle(5, 46.3, 15.2, state="soon", title="Bread")])
            add_circles(conn, [row_of_circle(6, 40.0, 15.2, state="soon", title="Far away")])
        assert tell(board).mails == 0
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).weekly == 1
        (mail,) = deliver(board)
    assert mail.subject == "A learning circle starts where you follow"
    assert "Bread, Ljubljana" in mail.text
    assert "Far away" not in mail.text


def test_town_typed_by_hand_is_news_for_its_own_followers_alone(board: Board) -> None:
    with time_machine.travel(SUNDAY, tick=False), board.database.transaction() as conn:
        town_id = found_by_hand(
            conn, name="Cheap Watches", country="SI", lat=46.3, lng=15.1, now=SUNDAY
        )
        eve = person(conn, "Eve")
        cast_vote(conn, Ballot(town_id, eve.key, eve.id), need=NEED, now=SUNDAY)
        follows_town(conn, board.keys, "Own", town_id)
        flo = reached(conn, board.keys, "Flo")
        follow(conn, flo.id, Subject("country", country="SI"), now=clock.now())
        follow(conn, flo.id, around_velenje(100), now=clock.now())
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).weekly == 1
        (mail,) = deliver(board)
    assert mail.to == "own@example.org"
    assert "Watches" not in mail.subject


# --- for thousands --------------------------------------------------------------------------


def crowd(board: Board, people: int, *, later: timedelta = timedelta(0)) -> int:
    """So many followers of the same things; how many statements their letters took."""
    with time_machine.travel(SUNDAY + later, tick=False), board.database.transaction() as conn:
        town_id = vote(conn, person(conn, f"First of {people}"))
        vote(conn, person(conn, f"First of {people}"), ELK)
        for number in range(people):
            who = follows_town(conn, board.keys, f"Flo{number}", town_id)
            follow(conn, who.id, Subject("country", country="PL"), now=clock.now())
            follow(conn, who.id, around_velenje(50), now=clock.now())
    monday = time_machine.travel(MONDAY + later, tick=False)
    with monday, statements(board.database.writer_engine) as seen:
        assert tell_all(board.database, board.keys, board.settings).weekly == people
    return len(seen)


def test_letters_cost_the_same_statements_for_three_and_for_thirty(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The staff's own letter is another matter: it is due in one of the two weeks only.
    monkeypatch.setattr("board.digests.jobs.tell_staff_week", lambda *_given: 0)
    assert crowd(board, 3) == crowd(board, 30, later=WEEK)


def test_letters_of_several_pages_reach_everybody_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("board.digests.weekly_actions.PAGE", 4)
    monkeypatch.setattr("board.digests.writing.PAGE", 3)
    crowd(board, 10)
    assert queued(board) == {("digest", "digest", "digest:2026-W48"): 10}


def test_letter_broken_off_goes_on_where_it_was(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("board.digests.weekly_actions.PAGE", 4)
    pages: list[int] = []

    def stumble(*args: Any, **kwargs: Any) -> Any:
        pages.append(1)
        if len(pages) == 3:
            raise RuntimeError("it fell")
        return write_page(*args, **kwargs)

    monkeypatch.setattr("board.digests.jobs.write_page", stumble)
    with pytest.raises(RuntimeError):
        crowd(board, 10)
    with time_machine.travel(MONDAY, tick=False):
        assert tell(board).weekly == 2
    with board.database.snapshot() as conn:
        keys = conn.execute(select(outgoing_mails.c.recipient_key)).scalars().all()
    assert len(keys) == len(set(keys)) == 10


def test_gathering_takes_as_many_statements_for_many_towns(board: Board) -> None:
    counts = []
    for places in ((VELENJE,), (VELENJE, ELK, NOWY_SACZ)):
        with board.database.transaction() as conn:
            for number, place in enumerate(places):
                vote(conn, person(conn, f"P{number}"), place)
        with statements(board.database.reader) as seen, board.database.snapshot() as conn:
            gather(conn, clock.now() - WEEK, clock.now() + WEEK)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


@given(
    st.floats(-89, 89), st.floats(-180, 180), st.sampled_from([10, 25, 50, 100]),
    st.lists(st.tuples(st.floats(-2, 2), st.floats(-4, 4)), max_size=20),
)  # fmt: skip
def test_area_holds_exactly_what_lies_within_it(
    lat: float, lng: float, km: int, apart: list[tuple[float, float]]
) -> None:
    places = [
        (max(-90.0, min(90.0, lat + up)), (lng + aside + 540.0) % 360.0 - 180.0)
        for up, aside in apart
    ]
    circles = {
        number: CircleNews(number, "", "", "", None, *place, "", "", "")
        for number, place in enumerate(places)
    }
    wanted = Wanted("area", "area:1", None, "", lat, lng, km)
    _towns, found = News({}, circles).covered_by(wanted)
    assert found == {n for n, place in enumerate(places) if distance_km(lat, lng, *place) <= km}
