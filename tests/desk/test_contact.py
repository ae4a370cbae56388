"""One contact, for a purpose: shown once, written down, told to its person, and so many a day."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.people.models import contact_uses, contacts, people
from board.record.models import decisions
from board.votes.actions import take_back_vote
from board.votes.models import votes
from board.votes.void_actions import void_votes
from tests.desk.offering import COME, HOSTS, LEADS, offers
from tests.invented import ELK, HERE, NEED, Person, person, remembered, statements, vote


def two(board: Board) -> tuple[Person, Person, int]:
    with board.database.transaction() as conn:
        ana, town = offers(board, conn, "Ana", LEADS)
        bo, _town = offers(board, conn, "Bo", HOSTS, phone="+38640123456")
    return ana, bo, town


def test_the_list_shows_offers_and_no_contact(board: Board, client: TestClient) -> None:
    _ana, _bo, town = two(board)
    remembered(board, client, "Sue", role="staff")
    for path in (f"/staff/towns/{town}", f"/staff/towns/{town}/people"):
        text = client.get(path).text
        assert "Ana" in text
        assert "Bo" in text
        assert "ana@" not in text
        assert "40123456" not in text
    assert "Ana" not in client.get(f"/staff/towns/{town}/people?offer=host").text
    assert client.get(f"/staff/towns/{town}/people").headers["cache-control"] == "private, no-store"


def test_a_contact_opens_for_a_purpose_and_everybody_concerned_knows(
    board: Board, client: TestClient
) -> None:
    ana, _bo, town = two(board)
    sue = remembered(board, client, "Sue", role="staff")
    path = f"/staff/towns/{town}/people/{ana.id}"
    asked = client.get(path)
    assert "ana@example.org" not in asked.text
    with board.database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(contact_uses)).scalar() == 0

    without = client.post(path, data={}, headers=HERE)
    assert (without.status_code, "ana@" in without.text) == (422, False)

    shown = client.post(path, data={"purpose": "arrange_room"}, headers=HERE)
    assert shown.status_code == 200
    assert "ana@example.org" in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    with board.database.snapshot() as conn:
        u, d = contact_uses.c, decisions.c
        use = conn.execute(select(u.person_id, u.actor_id, u.purpose, u.town_id)).all()
        assert use == [(ana.id, sue.id, "arrange_room", town)]
        act = conn.execute(select(d.actor_id, d.act, d.subject, d.subject_id, d.reason)).all()
        assert act == [(sue.id, "opened", "contact", ana.id, "arrange_room")]
    assert "ana@" not in client.get("/staff/record").text
    remembered(board, client, "Ana")
    assert "To talk about a room" in client.get("/you").text


def test_a_phone_is_shown_to_be_called(board: Board, client: TestClient) -> None:
    _ana, bo, town = two(board)
    remembered(board, client, "Sue", role="staff")
    path = f"/staff/towns/{town}/people/{bo.id}"
    shown = client.post(path, data={"purpose": "call_back"}, headers=HERE)
    assert 'href="tel:+38640123456"' in shown.text


@pytest.mark.parametrize("why", ["taken back", "voided", "blocked", "lapsed", "elsewhere"])
def test_who_offers_nothing_there_any_more_is_not_opened(
    board: Board, client: TestClient, why: str
) -> None:
    ana, _bo, town = two(board)
    now = clock.now()
    with board.database.transaction() as conn:
        if why == "taken back":
            take_back_vote(conn, town, ana.key, need=NEED, now=now)
        elif why == "voided":
            ids = conn.execute(select(votes.c.id).where(votes.c.person_id == ana.id)).scalars()
            void_votes(conn, list(ids), "fraud", need=NEED, now=now)
        elif why == "blocked":
            conn.execute(update(people).where(people.c.id == ana.id).values(blocked_at=now))
        elif why == "lapsed":
            conn.execute(update(contacts).values(expires_at=now - timedelta(seconds=1)))
        else:
            town = vote(conn, person(conn, "Cy"), ELK, offer=COME)
    remembered(board, client, "Sue", role="staff")
    path = f"/staff/towns/{town}/people/{ana.id}"
    for answer in (client.get(path), client.post(path, data={"purpose": "other"}, headers=HERE)):
        assert answer.status_code == 404
        assert "ana@" not in answer.text


def test_one_of_the_team_opens_so_many_a_day(board: Board, client: TestClient) -> None:
    ana, bo, town = two(board)
    board.settings = board.settings.model_copy(update={"contacts_per_day": 2})
    remembered(board, client, "Sue", role="staff")
    path, form = f"/staff/towns/{town}/people", {"purpose": "other"}
    answers = [client.post(f"{path}/{who.id}", data=form, headers=HERE) for who in (ana, bo, ana)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "ana@" not in answers[2].text
    assert int(answers[2].headers["retry-after"]) > 0
    with board.database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(contact_uses)).scalar() == 2
    remembered(board, client, "Tom", role="staff")
    assert client.post(f"{path}/{ana.id}", data=form, headers=HERE).status_code == 200


@pytest.mark.parametrize("role", ["moderator", "organiser", ""])
def test_nobody_else_opens_any(board: Board, client: TestClient, role: str) -> None:
    ana, _bo, town = two(board)
    remembered(board, client, "Mo", role=role)
    for path in (f"/staff/towns/{town}/people", f"/staff/towns/{town}/people/{ana.id}"):
        assert client.get(path).status_code in (303, 403)
    answer = client.post(
        f"/staff/towns/{town}/people/{ana.id}", data={"purpose": "other"}, headers=HERE
    )
    assert answer.status_code in (303, 403)
    assert "ana@" not in answer.text


def test_a_long_list_takes_no_more_statements(board: Board, client: TestClient) -> None:
    _ana, _bo, town = two(board)
    remembered(board, client, "Sue", role="staff")
    counted = []
    for names in ("", "CDEFGHIJ"):
        with board.database.transaction() as conn:
            for name in names:
                offers(board, conn, f"{name}ana")
        with statements(board.database.reader) as seen:
            client.get(f"/staff/towns/{town}/people")
        counted.append(len(seen))
    assert counted[0] == counted[1]
