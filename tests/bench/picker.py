"""The picker: P9, how long a place's name takes to be completed, in this process."""

import statistics
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from sqlalchemy import Connection, func, select

from board.core.db import Database
from board.towns.models import place_names
from board.towns.place_queries import find_places
from tests.bench.report import Report

_ASKED: Final = 2_000
_SHORTEST, _LONGEST = 2, 9
_TARGETS: Final = {"sqlite": (0.1, 2.0), "postgresql": (0.5, 6.0)}


def measure(report: Report, url: str) -> None:
    """Both bars on one database."""
    database = Database(url)
    kind = "sqlite" if database.is_sqlite else "postgresql"
    with database.snapshot() as conn:
        names: int = conn.execute(select(func.count()).select_from(place_names)).scalar_one()
        texts = typed(conn, _ASKED)
        times = waits(conn, texts, time.thread_time if database.is_sqlite else time.perf_counter)
    database.close()
    report.figure(f"P9-{kind}-names", names, "names")
    half, most = _TARGETS[kind]
    report.bar(f"P9-{kind}-p50-ms", statistics.median(times), "<=", half)
    report.bar(f"P9-{kind}-p99-ms", times[int(len(times) * 0.99)], "<=", most)


def typed(conn: Connection, count: int, seed: int = 9) -> list[str]:
    """Beginnings of names as people type them: of larger places more often than of small ones."""
    chance = Random(seed)
    n = place_names.c
    weighty = conn.execute(select(n.norm).order_by(n.weight.desc()).limit(5_000)).scalars().all()
    every = max(1, count // 4)
    others = conn.execute(select(n.norm).where(n.geonames_id % 997 == 0)).scalars().all()
    picked = chance.choices(weighty, k=count - every) + chance.choices(others or weighty, k=every)
    return [name[: chance.randint(_SHORTEST, _LONGEST)] for name in picked]


def waits(conn: Connection, texts: Sequence[str], clock: Callable[[], float]) -> list[float]:
    """How many ms each took, the shortest first.

    SQLite works in this thread: its own processor time tells, whoever else wants the processor.
    """
    for text in texts[:200]:
        find_places(conn, text)
    times = []
    for text in texts:
        begun = clock()
        find_places(conn, text)
        times.append((clock() - begun) * 1_000)
    return sorted(times)
