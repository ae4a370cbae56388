"""Told once each: ready, P2PU's word, a circle that starts, a stall, after a launch, still in."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Connection, select, update

from board.circles.models import circles
from board.core import clock
from board.core.http import Board
from board.digests.jobs import dry_run
from board.digests.news_queries import told_before
from board.digests.queries import answers_of_town
from board.follows.actions import follow
from board.follows.models import follows
from board.follows.rules import Subject
from board.mail.actions import stop_stream
from board.mail.models import announcements
from board.people.models import contact_uses, contacts
from board.towns.actions import found_town
from board.towns.models import towns
from board.updates.actions import Word, publish
from board.votes.actions import take_back_vote
from board.votes.offer_actions import set_offer
from board.votes.rules import Offer
from tests.digests.telling import (
    COME,
    FACILITATE,
    make_ready,
    offering,
    queued,
    reached,
    speak,
    tell,
)
from tests.invented import NEED, NOWY_SACZ, VELENJE, add_circles, person, row_of_circle, vote
from tests.post import deliver

LJUBLJANA = 3196359
NEAR_VELENJE = (46.36, 15.12)


def uses(conn: Connection) -> list[tuple[int, str]]:
    u = contact_uses.c
    return [tuple(row) for row in conn.execute(select(u.person_id, u.purpose).order_by(u.id))]


# --- ready ----------------------------------------------------------------------------------


def test_ready_is_told_once_to_staff_and_to_who_offered(board: Board) -> None:
    with board.database.transaction() as conn:
        reached(conn, board.keys, "Sue", role="staff")
        reached(conn, board.keys, "Voter")
        town_id = make_ready(conn, board.keys)
        vote(conn, person(conn, "Voter"))
    assert tell(board).at_once == 9
    assert tell(board).mails == 0
    event = f"ready:{town_id}"
    assert queued(board) == {("ready", "offers", event): 8, ("ready_desk", "desk", event): 1}
    with board.database.snapshot() as conn:
        assert len(uses(conn)) == 8
    mails = {mail.to: mail for mail in deliver(board)}
    assert "voter@example.org" not in mails
    assert mails["hugo@example.org"].subject == "Velenje is ready for a circle"
    assert "What comes next" in mails["hugo@example.org"].text
    assert f"/staff/towns/{town_id}" in mails["sue@example.org"].text


def test_ready_again_after_offers_were_taken_back_is_not_told_again(board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = make_ready(conn, board.keys)
        fay = person(conn, "Fay")
        take_back_vote(conn, town_id, fay.key, need=NEED, now=clock.now())
    assert tell(board).at_once == 7
    with board.database.transaction() as conn:
        offering(conn, board.keys, "Fay", FACILITATE)
    assert tell(board).mails == 0


def test_offer_without_a_live_contact_is_not_told(board: Board) -> None:
    with board.database.transaction() as conn:
        make_ready(conn, board.keys)
        fay = person(conn, "Fay")
        conn.execute(
            update(contacts)
            .where(contacts.c.person_id == fay.id)
            .values(expires_at=clock.now() - timedelta(seconds=1))
        )
    assert tell(board).at_once == 7


# --- P2PU's word ----------------------------------------------------------------------------


def test_word_reaches_offers_and_instant_followers_once(board: Board) -> None:
    now = clock.now()
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
        offering(conn, board.keys, "Ola")
        instant, weekly = (reached(conn, board.keys, name) for name in ("Ivo", "Wes"))
        near, far = (reached(conn, board.keys, name) for name in ("Nea", "Far"))
        all_of_it = reached(conn, board.keys, "Cou")
        town = Subject("town", town_id=town_id)
        for who in (ana, instant):
            follow(conn, who.id, town, pace="instant", now=now)
        follow(conn, weekly.id, town, now=now)
        around = Subject("area", geonames_id=LJUBLJANA, lat=46.0511, lng=14.5051, km=100)
        follow(conn, near.id, around, pace="instant", now=now)
        follow(conn, far.id, around._replace(km=50), pace="instant", now=now)
        follow(conn, all_of_it.id, Subject("country", country="SI"), pace="instant", now=now)
        update_id = speak(conn, town_id, "asking", "talking", "We **hear** you & <b>you</b>.")
    assert tell(board).mails == 5
    event = f"update:{update_id}"
    # Ana offers something and follows: what she asked for comes before what hangs on her offer.
    assert queued(board) == {("update", "offers", event): 1, ("update", "status", event): 4}
    mails = {mail.to: mail for mail in deliver(board)}
    assert set(mails) == {f"{name}@example.org" for name in ("ana", "ola", "ivo", "nea", "cou")}
    assert mails["ana@example.org"].subject == "P2PU on Velenje: Talking"
    assert "because you offered something" in mails["ola@example.org"].text
    assert "because you follow" in mails["ivo@example.org"].text
    html = mails["ana@example.org"].raw.decode()
    assert "<strong>hear</strong>" in html
    assert "<b>you</b>" not in html.split("text/html")[1]


def test_who_stopped_one_stream_is_told_by_another(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
        follow(conn, ana.id, Subject("town", town_id=town_id), pace="instant", now=clock.now())
        stop_stream(conn, ana.key, "status", clock.now())
        speak(conn, town_id, "asking", "talking")
    tell(board)
    assert [stream for _kind, stream, _event in queued(board)] == ["offers"]


def test_offer_taken_back_before_the_mail_goes_loses_nothing_that_was_asked_for(
    board: Board,
) -> None:
    """Ana only offers, Bo follows too, Cy ticked "when a circle starts": all take their vote back
    while the mails wait."""
    now = clock.now()
    with board.database.transaction() as conn:
        people_there = [offering(conn, board.keys, name)[0] for name in ("Ana", "Bo", "Cy")]
        town_id = found_town(conn, VELENJE, now)
        _ana, bo, cy = people_there
        follow(conn, bo.id, Subject("town", town_id=town_id), pace="instant", now=now)
        follow(conn, cy.id, Subject("start", town_id=town_id), now=now)
        update_id = speak(conn, town_id, "asking", "launched")
    assert tell(board).mails == 3
    with board.database.transaction() as conn:
        for who in people_there:
            take_back_vote(conn, town_id, who.key, need=NEED, now=now)
    assert {mail.to for mail in deliver(board)} == {"bo@example.org", "cy@example.org"}
    with board.database.snapshot() as conn:
        keys = [who.key for who in people_there]
        # Ana was told of nothing: the weekly letter may, should she follow by then.
        told = told_before(conn, keys, [f"update:{update_id}"])
        assert set(told) == {bo.key, cy.key}


def test_following_again_lifts_what_was_stopped(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
        stop_stream(conn, ana.key, "status", clock.now())
        for _again in range(2):
            follow(conn, ana.id, Subject("town", town_id=town_id), pace="instant", now=clock.now())
        stop_stream(conn, ana.key, "offers", clock.now())
        speak(conn, town_id, "asking", "talking")
        assert len(conn.execute(select(follows)).all()) == 1
    assert tell(board).mails == 1


def test_launch_is_the_start_for_who_ticked_the_box(board: Board) -> None:
    with board.database.transaction() as conn:
        tia = reached(conn, board.keys, "Tia")
        town_id = vote(conn, tia)
        follow(conn, tia.id, Subject("start", town_id=town_id), now=clock.now())
        speak(conn, town_id, "asking", "talking")
    assert tell(board).mails == 0
    with board.database.transaction() as conn:
        speak(conn, town_id, "talking", "launched")
    assert tell(board).mails == 1
    with board.database.snapshot() as conn:
        assert conn.execute(select(follows)).all() == []
        assert conn.execute(select(contacts)).all() == []
    assert deliver(board)[-1].to == "tia@example.org"


# --- circles --------------------------------------------------------------------------------


def test_circle_in_town_tells_starters_offers_and_followers_once(board: Board) -> None:
    now = clock.now()
    with board.database.transaction() as conn:
        _ana, town_id = offering(conn, board.keys, "Ana")
        tia, both, ivo = (reached(conn, board.keys, name) for name in ("Tia", "Bo", "Ivo"))
        vote(conn, both, offer=COME)
        for who in (tia, both):
            follow(conn, who.id, Subject("start", town_id=town_id), now=now)
        follow(conn, ivo.id, Subject("town", town_id=town_id), pace="instant", now=now)
        add_circles(conn, [row_of_circle(7, *NEAR_VELENJE, state="soon", title="Bread & <i>more")])
    assert tell(board).mails == 4
    assert tell(board).mails == 0
    assert queued(board) == {
        ("circle", "start", "circle:7"): 2,
        ("circle", "offers", "circle:7"): 1,
        ("circle", "status", "circle:7"): 1,
    }
    with board.database.snapshot() as conn:
        kept = set(conn.execute(select(contacts.c.person_id)).scalars())
        assert conn.execute(select(follows.c.kind)).scalars().all() == ["town"]
    assert tia.id not in kept
    assert both.id in kept
    mails = {mail.to: mail for mail in deliver(board)}
    assert all(m.subject == "A learning circle starts in Velenje" for m in mails.values())
    assert "Bread & <i>more" in mails["tia@example.org"].text
    assert "Bread &amp; &lt;i&gt;more" in mails["tia@example.org"].raw.decode()


def test_neighbour_rescue_reaches_offers_nearby_once_a_week(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, _town = offering(conn, board.keys, "Ana")
        offering(conn, board.keys, "Far", place=NOWY_SACZ)
        vote(conn, reached(conn, board.keys, "Voter"))
        # Celje, some 17 km from Velenje.
        add_circles(conn, [row_of_circle(8, 46.23, 15.26)])
    assert tell(board).mails == 1
    with board.database.snapshot() as conn:
        assert uses(conn) == [(ana.id, "rescue")]
    (mail,) = deliver(board)
    assert mail.subject == "A learning circle starts near Velenje"
    assert "signup/8" in mail.text
    with board.database.transaction() as conn:
        add_circles(conn, [row_of_circle(9, 46.23, 15.26)])
    assert tell(board).mails == 0
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        with board.database.transaction() as conn:
            add_circles(conn, [row_of_circle(10, 46.23, 15.26, state="soon")])
        assert tell(board).at_once == 1


@pytest.mark.parametrize("change", ["online", "finished", "gone", "far", "known before"])
def test_circle_that_is_no_help_is_told_to_nobody(board: Board, change: str) -> None:
    row = row_of_circle(8, *((45.0, 13.0) if change == "far" else (46.23, 15.26)))
    if change == "finished":
        row = row_of_circle(8, 46.23, 15.26, state="finished")
    with board.database.transaction() as conn:
        if change == "known before":
            add_circles(conn, [row])
    if change == "known before":
        assert tell(board).mails == 0
    with board.database.transaction() as conn:
        offering(conn, board.keys, "Ana")
        if change != "known before":
            add_circles(conn, [row])
        if change == "online":
            conn.execute(update(circles).values(online=True))
        if change == "gone":
            conn.execute(update(circles).values(gone_at=clock.now()))
    assert tell(board).mails == 0


# --- stalls ---------------------------------------------------------------------------------


def test_stalled_town_points_to_the_nearest_once_a_stall(board: Board) -> None:
    then = clock.now() - timedelta(days=181)
    with board.database.transaction() as conn:
        offering(conn, board.keys, "Ana", now=then)
        vote(conn, person(conn, "Lju"), LJUBLJANA)
    assert tell(board).at_once == 1
    assert tell(board).mails == 0
    (mail,) = deliver(board)
    assert mail.subject == "It is quiet in Velenje. Here is something near"
    assert "Ljubljana" in mail.text
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Bo"))
    assert tell(board).mails == 0
    with time_machine.travel(clock.now() + timedelta(days=170), tick=True):
        assert tell(board).at_once == 0
    with time_machine.travel(clock.now() + timedelta(days=182), tick=True):
        with board.database.transaction() as conn:
            reached(conn, board.keys, "Ana")
        assert tell(board).at_once == 1


# --- after a launch, and still in -----------------------------------------------------------


def test_after_launch_asks_who_offered_six_weeks_later(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
        conn.execute(
            update(towns).values(
                status="launched", status_since=clock.now() - timedelta(days=41, hours=23)
            )
        )
    assert tell(board).mails == 0
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        assert tell(board).at_once == 1
        assert tell(board).mails == 0
        (mail,) = deliver(board)
    token = board.keys.row_token("mail", ana.id)
    assert f"/launch/{token}/{town_id}" in mail.text
    with board.database.snapshot() as conn:
        assert answers_of_town(conn, town_id)[:2] == (1, 0)


def test_still_in_is_asked_once_of_whose_contact_ends(board: Board) -> None:
    with board.database.transaction() as conn:
        ana = reached(conn, board.keys, "Ana", days=29)
        town_id = vote(conn, ana, offer=COME)
        fol = reached(conn, board.keys, "Fol", days=29)
        follow(conn, fol.id, Subject("town", town_id=town_id), now=clock.now())
        reached(conn, board.keys, "Idle", days=29)
        later = reached(conn, board.keys, "Later", days=31)
        vote(conn, later, offer=COME)
    assert tell(board).still_in == 2
    assert tell(board).mails == 0
    mails = {mail.to: mail for mail in deliver(board)}
    assert set(mails) == {"ana@example.org", "fol@example.org"}
    assert f"/still-in/{board.keys.row_token('mail', ana.id)}" in mails["ana@example.org"].text


# --- dry run, failures ----------------------------------------------------------------------


def test_dry_run_counts_and_keeps_nothing(board: Board) -> None:
    with board.database.transaction() as conn:
        make_ready(conn, board.keys)
        add_circles(conn, [row_of_circle(8, 46.23, 15.26)])
    told = dry_run(board.database, board.keys, board.settings)
    assert told.at_once == 16
    assert queued(board) == {}
    with board.database.snapshot() as conn:
        assert conn.execute(select(announcements.c.done_at)).scalars().all() == [None]
    assert tell(board) == told


def test_announcement_that_fails_stops_no_other_and_is_tried_again(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    with board.database.transaction() as conn:
        _ana, town_id = offering(conn, board.keys, "Ana")
        speak(conn, town_id, "asking", "talking")
        make_ready(conn, board.keys, LJUBLJANA)
    with monkeypatch.context() as broken:

        def fall(*_args: object) -> int:
            raise RuntimeError("it fell")

        broken.setattr("board.digests.jobs.tell_update", fall)
        assert tell(board).at_once == 8
    assert tell(board).at_once == 1


def test_moment_of_an_announcement_is_aware_utc(board: Board) -> None:
    with board.database.transaction() as conn:
        make_ready(conn, board.keys)
        made = conn.execute(select(announcements.c.created_at)).scalar_one()
    assert made.tzinfo == UTC
    assert made <= datetime.now(UTC)


def test_changed_offer_is_told_as_it_is_now(board: Board) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
        speak(conn, town_id, "asking", "talking")
        set_offer(conn, town_id, ana.key, Offer(), nearby=False, need=NEED, now=clock.now())
    assert tell(board).mails == 0


def test_velenje_is_where_the_tests_think(board: Board) -> None:
    with board.database.transaction() as conn:
        town_id = vote(conn, person(conn, "Ana"), VELENJE)
        row = conn.execute(select(towns.c.lat, towns.c.lng).where(towns.c.id == town_id)).one()
    assert (round(row.lat, 1), round(row.lng, 1)) == (46.4, 15.1)


def test_word_is_told_after_its_pause_and_not_before(board: Board) -> None:
    now = clock.now()
    with board.database.transaction() as conn:
        town_id = offering(conn, board.keys, "Ana")[1]
        word = Word(town_id, "asking", "in_review", "", "We read it.", "en")
        sue = person(conn, "Sue", role="staff")
        later = now + timedelta(minutes=10)
        publish(conn, word, person_id=sue.id, name="Sue", now=now, tell_at=later)
    assert tell(board).mails == 0
    with time_machine.travel(later + timedelta(seconds=1), tick=False):
        assert tell(board).mails == 1
        assert tell(board).mails == 0
