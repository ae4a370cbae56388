"""The short address on flyers leads to its town, and nowhere else."""

import pytest
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.towns.actions import found_by_hand
from board.towns.models import towns
from board.towns.rules import place_code
from tests.invented import JOENSUU, VELENJE, person, vote

TOWN = "/towns/si/velenje"


def test_short_address_leads_to_towns_and_places(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
        by_hand = found_by_hand(
            conn, name="Spodnji Log", country="SI", lat=None, lng=None, now=clock.now()
        )
        row = conn.execute(towns.select().where(towns.c.id == by_hand)).one()
    expected = {
        place_code(VELENJE): TOWN,
        place_code(VELENJE).upper(): TOWN,
        place_code(JOENSUU): "/towns/fi/joensuu",
        row.code: f"/towns/si/{row.slug}",
    }
    for code, path in expected.items():
        answer = client.get(f"/t/{code}")
        assert (answer.status_code, answer.headers["location"]) == (302, path)


@pytest.mark.parametrize("code", ["aaaaa", "22222", "bcdfghjk", "b", "bc dfg", "222222"])
def test_short_address_of_nothing_is_not_found(client: TestClient, code: str) -> None:
    assert client.get(f"/t/{code}").status_code == 404
