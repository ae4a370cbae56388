"""The writer: groups commit together, a failure poisons no neighbour, a full queue says so."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, event, select

from board.core import facts
from board.core.db import Database, insert_ignoring
from board.core.errors import Busy, Conflict
from board.core.writer import BATCH, WAITING


def keep(conn: Connection, name: str) -> str:
    facts.keep_fact(conn, name, "kept")
    return name


def keep_then_fail(conn: Connection, name: str) -> None:
    facts.keep_fact(conn, name, "kept")
    raise Conflict("no")


def names(database: Database) -> set[str]:
    with database.snapshot() as conn:
        return set(conn.execute(select(facts.facts.c.name)).scalars())


@pytest.mark.anyio
async def test_write_of_many_at_once_keeps_all(database: Database) -> None:
    done = await asyncio.gather(*(database.write(keep, f"n{i}") for i in range(100)))
    assert done == [f"n{i}" for i in range(100)]
    assert names(database) >= {f"n{i}" for i in range(100)}


@pytest.mark.anyio
async def test_write_of_many_in_one_turn_of_the_loop_is_one_transaction(database: Database) -> None:
    commits: list[object] = []
    event.listen(database.writer_engine, "commit", commits.append)
    await asyncio.gather(*(database.write(keep, f"n{i}") for i in range(BATCH)))
    assert len(commits) == 1


@pytest.mark.anyio
async def test_write_that_fails_poisons_no_neighbour(database: Database) -> None:
    acts = [database.write(keep_then_fail if i % 5 == 0 else keep, f"n{i}") for i in range(50)]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    failed = {i for i, answer in enumerate(answers) if isinstance(answer, Conflict)}
    assert failed == set(range(0, 50, 5))
    assert names(database) & {f"n{i}" for i in range(50)} == {
        f"n{i}" for i in range(50) if i not in failed
    }


@pytest.mark.anyio
async def test_write_into_a_full_queue_is_busy(database: Database) -> None:
    gate = threading.Event()

    def hold(_conn: Connection) -> None:
        gate.wait(10)

    held = asyncio.ensure_future(database.write(hold))
    await asyncio.sleep(0.2)
    waiting = [asyncio.ensure_future(database.write(keep, f"w{i}")) for i in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await database.write(keep, "one too many")
    gate.set()
    await asyncio.gather(held, *waiting)


@pytest.mark.anyio
async def test_close_commits_what_waits(database: Database) -> None:
    acts = [asyncio.ensure_future(database.write(keep, f"n{i}")) for i in range(40)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.writer.stop)
    await asyncio.gather(*acts)
    assert names(database) >= {f"n{i}" for i in range(40)}


def test_insert_ignoring_answers_none_for_a_duplicate(database: Database) -> None:
    values = {"name": "once", "value": "x"}
    with database.transaction() as conn:
        first = insert_ignoring(conn, facts.facts, values, facts.facts.c.name)
        second = insert_ignoring(conn, facts.facts, values, facts.facts.c.name)
    assert (first, second) == ("once", None)


@pytest.mark.anyio
async def test_action_that_stops_iterating_leaves_nobody_waiting(database: Database) -> None:
    def stops(_conn: Connection) -> None:
        next(iter(()))

    answers = await asyncio.gather(
        database.write(stops), database.write(keep, "beside"), return_exceptions=True
    )
    assert isinstance(answers[0], RuntimeError)
    assert answers[1] == "beside"
