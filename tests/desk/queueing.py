"""What the tests of the queue share: a board with things that wait, and hands that press."""

from typing import Any

from sqlalchemy import Table, func, select
from starlette.testclient import TestClient

from board.core.http import Board
from board.record.models import decisions
from board.recount import differences
from tests.invented import HERE


def judge(
    client: TestClient, subject: str, number: int, act: str, *, seen: str = "held", **more: str
) -> str:
    """Do an act that succeeds; the address it leads to."""
    form = {"subject": subject, "subject_id": str(number), "act": act, "seen": seen, **more}
    answer = client.post("/staff/queue", data=form, headers=HERE)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def undo(client: TestClient, *steps: int) -> int:
    """Press "Undo" for these steps; the answer's status."""
    form = {"step": ",".join(map(str, steps))}
    return client.post("/staff/queue/undo", data=form, headers=HERE).status_code


def last_step(board: Board) -> int:
    """The newest entry of the record."""
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.max(decisions.c.id))).scalar_one())


def row_of(board: Board, table: Table, number: int) -> dict[str, Any]:
    """A row as it stands."""
    with board.database.snapshot() as conn:
        return dict(conn.execute(table.select().where(table.c.id == number)).one()._mapping)


def counts_are_true(board: Board) -> bool:
    """Whether every stored number says what its rows say."""
    with board.database.snapshot() as conn:
        return differences(conn, board.settings) == []
