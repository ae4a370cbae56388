"""The pages behind two mails: their links act on POST alone, for their own person alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.digests.models import launch_answers
from board.digests.queries import answers_of_town
from board.people.models import contacts
from tests.digests.telling import COME, offering, reached
from tests.invented import HERE, vote


def answers(board: Board) -> list[str]:
    with board.database.snapshot() as conn:
        return list(conn.execute(select(launch_answers.c.answer)).scalars())


def test_launch_is_answered_without_signing_in_and_can_be_changed(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
    address = f"/launch/{board.keys.row_token('mail', ana.id)}/{town_id}"
    for _scan in range(3):
        assert client.get(address).status_code == 200
    assert answers(board) == []
    for said in ("thinking", "joined"):
        answer = client.post(address, data={"answer": said}, headers=HERE)
        assert answer.status_code == 303
        assert answers(board) == [said]
    page = client.get(answer.headers["location"])
    assert "Thank you" in page.text
    assert page.headers["cache-control"] == "private, no-store"
    with board.database.snapshot() as conn:
        assert answers_of_town(conn, town_id).joined == 1


@pytest.mark.parametrize("said", ["", "nonsense"])
def test_launch_without_a_choice_is_asked_back(client: TestClient, board: Board, said: str) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
    address = f"/launch/{board.keys.row_token('mail', ana.id)}/{town_id}"
    assert client.post(address, data={"answer": said}, headers=HERE).status_code == 422
    assert answers(board) == []


def test_launch_link_is_good_for_its_person_and_towns_alone(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        ana, town_id = offering(conn, board.keys, "Ana")
        eve = reached(conn, board.keys, "Eve")
    forged = f"{ana.id}-{board.keys.row_token('mail', eve.id).partition('-')[2]}"
    own = board.keys.row_token("mail", eve.id)
    for address, status in (
        (f"/launch/{forged}/{town_id}", 410),
        (f"/launch/nonsense/{town_id}", 410),
        (f"/launch/{own}/{town_id}", 404),
        (f"/launch/{own}/999999", 404),
    ):
        assert client.get(address).status_code == status
        answer = client.post(address, data={"answer": "joined"}, headers=HERE)
        assert answer.status_code == status
    assert answers(board) == []


def test_still_in_keeps_the_contact_on_post_alone(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana = reached(conn, board.keys, "Ana", days=20)
        vote(conn, ana, offer=COME)
        conn.execute(contacts.update().values(asked_at=clock.now()))
    address = f"/still-in/{board.keys.row_token('mail', ana.id)}"
    assert "what you offered in Velenje" in client.get(address).text
    client.head(address)
    c = contacts.c
    with board.database.snapshot() as conn:
        assert conn.execute(select(c.expires_at)).scalar_one() < clock.now() + timedelta(days=21)
    assert client.post(address, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        row = conn.execute(select(c.expires_at, c.asked_at)).one()
    assert row.expires_at > clock.now() + timedelta(days=360)
    assert row.asked_at is None
    assert "Everything stays as it is" in client.get(address + "?kept=1").text


def test_still_in_after_the_time_says_so(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana = reached(conn, board.keys, "Ana", days=-1)
    address = f"/still-in/{board.keys.row_token('mail', ana.id)}"
    assert "The time was over" in client.get(address).text
    assert client.post(address, headers=HERE).status_code == 410
    assert client.get("/still-in/1-nonsense").status_code == 410
