"""What machines that watch the board hear: alive, ready, or neither; and nothing else."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from board.circles.import_actions import Taking, record_failure
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


def test_failing_imports_are_told_since_when_and_why(client: TestClient, board: Board) -> None:
    now = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    with board.database.transaction() as conn:
        for hour in range(3):
            taking = Taking("circles", "https://example.org/", sample=False, started_at=now)
            record_failure(conn, taking, "It broke.", now + timedelta(hours=hour))
    answer = client.get("/readyz")

    assert (answer.status_code, answer.text) == (
        200,
        "ok\n"
        "circles: import fails since 2026-11-22 09:05 UTC (3 times), last 2026-11-22 11:05 UTC:"
        " It broke.\n",
    )
