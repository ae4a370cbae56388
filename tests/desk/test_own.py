"""An organiser's own towns: everything about them but contacts, notes and drafts; no others."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.desk.actions import take_partner_message
from board.desk.forms import PartnerForm
from board.desk.note_actions import write_note
from board.people.models import organiser_towns
from board.updates.actions import Word, publish
from board.updates.planned_actions import plan_word
from tests.desk.offering import LEADS, offers
from tests.invented import HERE, JOENSUU, person, remembered, say, tell, vote


@pytest.fixture
def own(client: TestClient, board: Board) -> int:
    """Lea looks after Velenje, where a lot happened; its id."""
    now = clock.now()
    with board.database.transaction() as conn:
        ana, town_id = offers(board, conn, "Ana", LEADS)
        tell(conn, ana, town_id, title="Ours")
        say(conn, ana, town_id, "Thursdays suit us.")
        sue = person(conn, "Sue", role="staff")
        word = Word(town_id, "asking", "talking", "", "We talk to the library.", "en")
        publish(conn, word, person_id=sue.id, name="Sue", now=now)
        write_note(conn, town_id, "Only for the team.", person_id=sue.id, now=now)
        plan = Word(town_id, "talking", "talking", "", "Not said yet.", "en")
        plan_word(conn, plan, person_id=sue.id, due_at=None, now=now)
        take_partner_message(
            conn,
            board.keys,
            PartnerForm(
                organisation="Knjižnica", name="Mia", email="mia@example.org", message="Hi"
            ),
            town_id=town_id,
            town="",
            language="en",
            keep_for=timedelta(days=30),
            now=now,
        )
        vote(conn, ana, JOENSUU)
    lea = remembered(board, client, "Lea", role="organiser")
    with board.database.transaction() as conn:
        conn.execute(insert(organiser_towns).values(person_id=lea.id, town_id=town_id))
    return town_id


def test_organiser_sees_own_towns_and_what_happens_there(client: TestClient, own: int) -> None:
    listed = client.get("/staff/own").text
    assert f'href="/staff/own/{own}"' in listed
    assert "Joensuu" not in listed
    text = client.get(f"/staff/own/{own}").text
    for there in ("We talk to the library.", "Ours", "Thursdays suit us.", "would come"):
        assert there in text


def test_organiser_sees_nobodys_contact_and_nothing_of_the_teams(
    client: TestClient, own: int
) -> None:
    text = client.get(f"/staff/own/{own}").text
    for hidden in (
        "Only for the team.", "Not said yet.", "Knjižnica", "@example.org", f"/staff/towns/{own}",
        "Change the words", "/staff/updates/", "/people", "<textarea",
    ):  # fmt: skip
        assert hidden not in text, hidden


def test_other_towns_are_refused(client: TestClient, board: Board, own: int) -> None:
    assert client.get(f"/staff/own/{own + 1}").status_code == 403
    assert client.get("/staff/own/999").status_code == 403
    assert client.get(f"/staff/towns/{own}").status_code == 403
    assert client.post(f"/staff/own/{own}", headers=HERE).status_code == 405
    remembered(board, client, "Mo", role="moderator")
    assert client.get("/staff/own").status_code == 403
