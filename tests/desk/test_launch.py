"""A circle appears where a town asks: suggested once, settled by staff, told by P2PU's word."""

import re
from datetime import datetime, timedelta
from random import Random

import pytest
import time_machine
from sqlalchemy import Connection, func, select, update
from starlette.testclient import TestClient

from board.circles.models import circles
from board.core import clock
from board.core.db import Database
from board.core.geo import distance_km
from board.core.http import Board
from board.desk.launch_actions import settle_answered, suggest
from board.desk.launch_jobs import look_for_launches
from board.desk.launch_matches import NEAR_KM, unsuggested
from board.desk.launch_queries import WAITING
from board.desk.models import launch_suggestions
from board.digests.jobs import tell_all
from board.follows.actions import follow
from board.follows.rules import Subject
from board.record.models import decisions
from board.towns.models import towns
from board.votes.rules import Offer
from tests.desk.offering import LEADS, offers
from tests.invented import (
    HERE,
    JOENSUU,
    VELENJE,
    add_circles,
    add_towns,
    person,
    remembered,
    row_of_circle,
    row_of_town,
    statements,
    vote,
)
from tests.post import deliver

LAT, LNG = 46.3592, 15.1103


def asks(conn: Connection, place: int = VELENJE, days: int = 30) -> int:
    return vote(conn, person(conn, "Ana"), place, now=clock.now() - timedelta(days=days))


def suggested(conn: Connection) -> list[tuple[int, int]]:
    s = launch_suggestions.c
    return [tuple(row) for row in conn.execute(select(s.town_id, s.circle_id).order_by(s.id))]


def test_a_circle_there_is_suggested_once(database: Database) -> None:
    with database.transaction() as conn:
        town = asks(conn)
        asks(conn, JOENSUU)
        add_circles(conn, [row_of_circle(7, LAT + 0.03, LNG, state="soon")])
    assert [look_for_launches(database) for _n in range(3)] == [1, 0, 0]
    with database.snapshot() as conn:
        assert suggested(conn) == [(town, 7)]


@pytest.mark.parametrize(
    ("circle", "changes"),
    [
        (row_of_circle(7, LAT + 0.06, LNG, state="soon"), {}),
        (row_of_circle(7, LAT, LNG, state="finished"), {}),
        (row_of_circle(7, LAT, LNG, state="soon", online=True), {}),
        ({**row_of_circle(7, LAT, LNG, state="soon"), "gone_at": clock.now()}, {}),
        (row_of_circle(7, LAT, LNG, state="soon"), {"status": "launched"}),
        (row_of_circle(7, LAT, LNG, state="soon"), {"status": "not_now"}),
        (row_of_circle(7, LAT, LNG, state="soon"), {"standing": "merged"}),
        # It began a fortnight ago; the town asked since.
        (row_of_circle(7, LAT, LNG, state="now"), {"asked_at": clock.now() - timedelta(days=1)}),
    ],
)
def test_what_is_no_answer_is_not_suggested(
    database: Database, circle: dict[str, object], changes: dict[str, object]
) -> None:
    with database.transaction() as conn:
        town = asks(conn)
        add_circles(conn, [circle])
        if changes:
            conn.execute(update(towns).where(towns.c.id == town).values(**changes))
        assert suggest(conn, unsuggested(conn, clock.now()), clock.now()) == 0


def test_the_same_place_is_enough_however_far_its_middle(database: Database) -> None:
    with database.transaction() as conn:
        town = asks(conn)
        add_circles(conn, [{**row_of_circle(7, LAT + 0.2, LNG), "geonames_id": VELENJE}])
        assert suggest(conn, unsuggested(conn, clock.now()), clock.now()) == 1
        assert suggested(conn) == [(town, 7)]


def pairs_one_by_one(conn: Connection) -> set[tuple[int, int]]:
    """The rule itself: each waiting town beside each current circle."""
    now = clock.now()
    c, t = circles.c, towns.c
    there = select(circles).where(
        c.gone_at.is_(None), ~c.online, c.over_at > now, c.lat.is_not(None)
    )
    waiting = select(towns).where(
        t.standing == "listed", t.vote_count > 0, t.status.in_(WAITING), t.lat.is_not(None)
    )
    return {
        (town.id, circle.id)
        for circle in conn.execute(there).all()
        for town in conn.execute(waiting).all()
        if town.asked_at < circle.begins_at
        and (
            distance_km(circle.lat, circle.lng, town.lat, town.lng) <= NEAR_KM
            or (circle.geonames_id is not None and town.geonames_id == circle.geonames_id)
        )
    } - set(suggested(conn))


@pytest.mark.parametrize("seed", range(4))
def test_looking_by_place_finds_what_looking_at_all_finds(database: Database, seed: int) -> None:
    chance, now = Random(seed), clock.now()
    middles = [(46.0, 15.0), (64.1, -21.9), (0.0, 179.999), (-16.5, -179.98), (78.2, 15.6)]

    def somewhere() -> tuple[float, float]:
        lat, lng = chance.choice(middles)
        lng += chance.uniform(-0.2, 0.2)
        return lat + chance.uniform(-0.1, 0.1), (lng + 180) % 360 - 180

    with database.transaction() as conn:
        rows = [
            row_of_town(
                n, lat=lat, lng=lng, geonames_id=chance.choice((None, n)), vote_count=n % 5,
                status=chance.choice(("asking", "planned", "launched")),
                asked_at=now + timedelta(days=chance.randint(-60, 40)),
            )
            for n in range(1, 200)
            for lat, lng in [somewhere()]
        ]  # fmt: skip
        add_towns(conn, rows)
        add_circles(
            conn,
            [
                {
                    **row_of_circle(
                        n, *somewhere(), state=chance.choice(("now", "soon", "finished")),
                        online=n % 9 == 0,
                    ),
                    "geonames_id": chance.choice((None, chance.randint(1, 200))),
                    "gone_at": now if n % 11 == 0 else None,
                }
                for n in range(1, 120)
            ],
        )  # fmt: skip
        every = pairs_one_by_one(conn)
        some = sorted(every)[::3]
        suggest(conn, some, now)
        assert len(every) > 20
        assert sorted(unsuggested(conn, now)) == sorted(every - set(some))


def test_launching_or_a_circle_that_left_settles_it(database: Database) -> None:
    with database.transaction() as conn:
        town, other = asks(conn), asks(conn, JOENSUU)
        add_circles(
            conn,
            [
                row_of_circle(7, LAT, LNG, state="soon"),
                row_of_circle(8, 62.6012, 29.7632, state="soon"),
            ],
        )
        suggest(conn, unsuggested(conn, clock.now()), clock.now())
        assert settle_answered(conn, clock.now()) == 0
        conn.execute(update(towns).where(towns.c.id == town).values(status="launched"))
        conn.execute(update(circles).where(circles.c.id == 8).values(gone_at=clock.now()))
        assert settle_answered(conn, clock.now()) == 2
        assert suggested(conn) == [(town, 7), (other, 8)]


def test_many_towns_and_circles_take_as_many_statements(database: Database) -> None:
    with database.transaction() as conn:
        asks(conn)
        add_circles(conn, [row_of_circle(n, 50.0, 10.0) for n in range(1, 40)])
        with statements(database.writer_engine) as seen:
            suggest(conn, unsuggested(conn, clock.now()), clock.now())
    assert len(seen) == 3


def test_looking_for_circles_keeps_no_vote_waiting(database: Database) -> None:
    with database.transaction() as conn:
        asks(conn)
        add_circles(conn, [row_of_circle(n, LAT, LNG, state="soon") for n in range(1, 4)])
    with statements(database.writer_engine) as seen:
        assert look_for_launches(database) == 3
    if database.is_sqlite:
        # One file has one writer at a time: it looks for nothing. PostgreSQL has an engine for all.
        assert not [one for one in seen if one.lstrip().startswith("SELECT")]


def test_staff_say_yes_by_publishing_and_no_by_a_button(board: Board, client: TestClient) -> None:
    with board.database.transaction() as conn:
        town = asks(conn)
        rows = [row_of_circle(n, LAT, LNG, state="soon", title=f"[Knit]{n} *") for n in (7, 8)]
        add_circles(conn, rows)
        suggest(conn, unsuggested(conn, clock.now()), clock.now())
        ids = list(conn.execute(select(launch_suggestions.c.id)).scalars())
    remembered(board, client, "Sue", role="staff")
    for path in ("/staff/tasks", f"/staff/towns/{town}"):
        text = client.get(path).text
        assert "is it the one?" in text
        assert "https://learningcircles.p2pu.org/en/signup/7/" in text

    begun = client.get(f"/staff/towns/{town}?launch={ids[0]}").text
    assert "](https://learningcircles.p2pu.org/en/signup/7/)" in begun
    assert 'value="launched" checked' in begun
    no = client.post(f"/staff/launches/{ids[1]}", data={}, headers=HERE)
    assert no.headers["location"] == "/staff/tasks"
    assert client.post(f"/staff/launches/{ids[1]}", data={}, headers=HERE).status_code == 409
    with board.database.snapshot() as conn:
        d = decisions.c
        acts = conn.execute(select(d.act, d.subject, d.subject_id)).all()
        assert acts == [("not_it", "launch", ids[1])]

    word = {"seen": "asking", "status": "launched", "language": "en", "text": "It starts!"}
    said = client.post(f"/staff/towns/{town}", data=word, headers=HERE)
    assert said.status_code == 303, said.text
    for path in ("/staff/tasks", f"/staff/towns/{town}"):
        assert "is it the one?" not in client.get(path).text
    assert "It starts:" not in client.get(f"/staff/towns/{town}?launch={ids[0]}").text
    look_for_launches(board.database)
    with board.database.snapshot() as conn:
        open_ones = select(func.count()).where(launch_suggestions.c.settled_at.is_(None))
        assert conn.execute(open_ones).scalar() == 0


@pytest.mark.parametrize("role", ["moderator", "organiser", ""])
def test_nobody_else_settles_it(board: Board, client: TestClient, role: str) -> None:
    with board.database.transaction() as conn:
        asks(conn)
        add_circles(conn, [row_of_circle(7, LAT, LNG, state="soon")])
        suggest(conn, unsuggested(conn, clock.now()), clock.now())
    remembered(board, client, "Mo", role=role)
    assert client.post("/staff/launches/1", data={}, headers=HERE).status_code in (303, 403)
    with board.database.snapshot() as conn:
        assert conn.execute(select(launch_suggestions.c.settled_at)).scalar_one() is None


def test_from_the_feed_to_how_it_went(board: Board, client: TestClient) -> None:
    """The whole walk, driven by the clock: suggested, confirmed, told once, asked, on the desk."""
    start = clock.now()
    with board.database.transaction() as conn:
        before = start - timedelta(days=90)
        town = offers(board, conn, "Ana", LEADS, now=before)[1]
        offers(board, conn, "Bo", now=before)
        cy, _town = offers(board, conn, "Cy", Offer(), now=before)
        follow(conn, cy.id, Subject("start", town_id=town), now=before)
        add_circles(conn, [row_of_circle(7, LAT, LNG, state="soon")])
    assert look_for_launches(board.database) == 1
    assert look_for_launches(board.database) == 0
    remembered(board, client, "Sue", role="staff")
    word = {"seen": "asking", "status": "launched", "language": "en", "text": "It starts!"}
    for _click in range(2):
        assert client.post(f"/staff/towns/{town}", data=word, headers=HERE).status_code == 303

    def told_at(moment: datetime) -> list[int]:
        """How many mails two rounds of telling make then."""
        with time_machine.travel(moment, tick=False):
            return [
                tell_all(board.database, board.keys, board.settings, look=True).at_once
                for _round in range(2)
            ]

    # The circle itself is news to all three; for Cy it is the one mail that was asked for.
    assert told_at(start + timedelta(minutes=5)) == [3, 0]
    # P2PU's word goes to who offered, after the pause.
    assert told_at(start + timedelta(minutes=11)) == [2, 0]
    assert told_at(start + timedelta(days=40)) == [0, 0]
    asked_at = start + timedelta(weeks=6, hours=1)
    assert told_at(asked_at) == [2, 0]
    with time_machine.travel(asked_at, tick=False):
        mails = [mail for mail in deliver(board) if "/launch/" in mail.text]
        assert {mail.to for mail in mails} == {"ana@example.org", "bo@example.org"}
        link = re.search(r"https?://[^/\s]+(/launch/\S+)", mails[0].text)
        assert link is not None
        client.cookies.clear()
        assert client.post(link[1], data={"answer": "joined"}, headers=HERE).status_code == 303
        remembered(board, client, "Sue", role="staff")
        page = re.sub(r"<[^>]+>", "", client.get(f"/staff/towns/{town}").text)
    assert re.search(r"Asked2\s*Joined1\s*Not for me0", page)
