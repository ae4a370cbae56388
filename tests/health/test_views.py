"""What machines that watch the board hear: alive, ready, or neither; and nothing else."""

from starlette.testclient import TestClient

from board.core.db import open_engine
from board.core.http import Board


def test_board_is_alive_and_ready(client: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert answer.headers["cache-control"] == "private, no-store"
        assert "set-cookie" not in answer.headers


def test_board_without_its_database_is_alive_and_not_ready(
    client: TestClient, board: Board
) -> None:
    whole = board.database.reader
    board.database.reader = open_engine("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
        assert client.get("/healthz").status_code == 200
    finally:
        board.database.reader.dispose()
        board.database.reader = whole
    assert client.get("/readyz").status_code == 200
