"""Whose ways in change hears of it by mail; so does who is in, when another browser comes in."""

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from board.app import make_app
from board.core import clock
from board.core.http import Board
from board.digests.jobs import tell_all
from board.mail.actions import stop_stream
from board.people.models import people
from tests.door.coming_in import SUE, at_the_door, digits, seated, type_in
from tests.invented import HERE, remembered
from tests.post import Post, deliver

SEAT = ("Your ways in to the desk changed", "Another browser at your seat")


def notices(board: Board) -> list[Post]:
    """Mails about seats, once the announcements were told."""
    tell_all(board.database, board.keys, board.settings)
    return [mail for mail in deliver(board) if mail.subject in SEAT]


def test_owner_hears_of_each_change(client: TestClient, board: Board) -> None:
    seated(client, board)
    (added,) = notices(board)
    assert added.to == SUE
    assert "an app for signing in was added" in added.text
    assert "/staff/seat" in added.text
    answer = client.post("/staff/seat", data={"act": "codes"}, headers=HERE)
    assert answer.status_code == 200
    assert "new codes on paper were made" in notices(board)[-1].text
    # Told once each.
    assert len(notices(board)) == 2


def test_coming_in_elsewhere_is_told_only_while_somebody_is_in(
    client: TestClient, board: Board
) -> None:
    mine = seated(client, board)
    assert len(notices(board)) == 1
    with TestClient(make_app(board, work=False), follow_redirects=False) as other:
        at_the_door(other, board)
        assert type_in(other, paper=mine.codes[0])[0] == 303
        told = [mail.text for mail in notices(board)[1:]]
        assert len(told) == 2
        assert "with a code on paper" in told[0]
        assert "from another browser" in told[1]
        other.post("/staff/seat", data={"act": "everywhere"}, headers=HERE)
        at_the_door(other, board)
        assert type_in(other, paper=mine.codes[1])[0] == 303
        assert len(notices(board)) == 4
    assert digits(mine.seed)


def test_reset_by_an_admin_is_told_to_the_colleague(client: TestClient, board: Board) -> None:
    seated(client, board, role="moderator")
    with board.database.transaction() as conn:
        sue = conn.execute(people.select()).one()
    assert len(notices(board)) == 1
    remembered(board, client, "Ada", role="admin")
    form = {"act": "reset", "seen": "moderator"}
    assert client.post(f"/staff/people/{sue.id}", data=form, headers=HERE).status_code == 303
    (last,) = notices(board)[1:]
    assert last.to == SUE
    assert "an admin took away your ways in" in last.text


@pytest.mark.parametrize("why", ["stopped", "blocked"])
def test_who_wants_none_or_left_gets_none(client: TestClient, board: Board, why: str) -> None:
    seated(client, board)
    with board.database.transaction() as conn:
        sue = conn.execute(people.select()).one()
        if why == "stopped":
            stop_stream(conn, sue.key, "seat", clock.now())
        else:
            conn.execute(update(people).where(people.c.id == sue.id).values(blocked_at=clock.now()))
    assert notices(board) == []
