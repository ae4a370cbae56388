"""Pages: P1 from the cache, P2 and P3 made anew beside the bare driver, P12 a second worker."""

import asyncio
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from sqlalchemy import Connection, select

from board.core import clock
from board.core.config import ROOT
from board.core.rendering import make_environment
from board.explore.list_queries import list_towns
from board.explore.rules import Question
from board.explore.town_page import town_page
from board.towns.models import towns
from board.towns.queries import at_address
from board.towns.rules import Need
from tests.bench.inside import Inside, ask, cost_of, cost_of_asking, listening, raw_sqlite, replay
from tests.bench.load import Answer, load, one, request, run
from tests.bench.report import Report
from tests.bench.servers import Served, board_server, plain_server

CONNECTIONS: Final = 32
ROUNDS: Final = 5
SECONDS: Final = 1.0
LIST: Final = "/towns"
JOIN_KM: Final = 25


def some_paths(conn: Connection, count: int) -> list[str]:
    """Towns' addresses, spread over all of them."""
    t = towns.c
    every = max(
        1, (conn.execute(select(t.id).order_by(t.id.desc()).limit(1)).scalar() or 1) // count
    )
    rows = conn.execute(select(t.country, t.slug).where(t.id % every == 0).limit(count))
    return [f"/towns/{row.country.lower()}/{row.slug}" for row in rows]


def measure(report: Report, url: str, var: Path) -> None:
    """All bars of this theme."""
    town = first_town(url, var)
    from_cache(report, url, var, town)
    second_worker(report, url, var)
    made_anew(report, url, var, town)


def first_town(url: str, var: Path) -> str:
    inside = Inside(url, var)
    with inside.database.snapshot() as conn:
        path = some_paths(conn, 10)[0]
    inside.close()
    return path


# --- P1 -------------------------------------------------------------------------------------


def from_cache(report: Report, url: str, var: Path, town: str) -> None:
    """Home, list and a town for readers, beside hello over the same server."""
    hello = request("GET", "/")
    with plain_server() as plain, board_server(url, var) as board:
        for name, path in (("home", "/"), ("list", LIST), ("town", town)):
            raw = request("GET", path)
            _warm(board, raw)
            ratio, by_cpu = side_by_side(plain, board, hello, raw)
            report.bar(f"P1-{name}", ratio, ">=", 0.9)
            report.figure(f"P1-{name}-by-cpu", by_cpu, "x plaintext")
        answer = run(one(board.port, request("GET", LIST)))
        known = request("GET", LIST, headers={"if-none-match": etag_of(answer)})
        if run(one(board.port, known)).status != 304:
            raise RuntimeError("an unchanged page is sent again")
        ratio, by_cpu = side_by_side(plain, board, hello, known)
        report.bar("P1-unchanged", ratio, ">=", 1.0)
        report.figure("P1-unchanged-by-cpu", by_cpu, "x plaintext")


def etag_of(answer: Answer) -> str:
    """The mark by which a browser asks whether a page is still the same."""
    lines = answer.head.decode("latin-1").split("\r\n")
    return next(line[6:] for line in lines if line.lower().startswith("etag: "))


def _warm(board: Served, raw: bytes) -> None:
    answer = run(one(board.port, raw))
    if answer.status != 200:
        raise RuntimeError(f"answered with {answer.status}: {raw[:80]!r}")


def side_by_side(plain: Served, board: Served, hello: bytes, raw: bytes) -> tuple[float, float]:
    """How the board's answers in a second compare with hello's, and how their processor time does.

    In turns, so that whatever else this machine does meanwhile slows both.
    """
    rates, costs = [], []
    for _round in range(ROUNDS):
        bare, bare_cost = _rate(plain, hello)
        ours, our_cost = _rate(board, raw)
        rates.append(ours / bare)
        costs.append(bare_cost / our_cost)
    return statistics.median(rates), statistics.median(costs)


def _rate(served: Served, raw: bytes) -> tuple[float, float]:
    """Answers in a second, and processor seconds of the server for each."""
    before = served.cpu
    done = run(load([served.port], lambda: (raw, None), connections=CONNECTIONS, seconds=SECONDS))
    return done.rate, (served.cpu - before) / done.answers


# --- P12 ------------------------------------------------------------------------------------


def second_worker(report: Report, url: str, var: Path) -> None:
    """Two processes beside one, for pages that are kept and for pages that are made."""
    raw = request("GET", LIST)
    made = {"BOARD_PAGE_CACHE_MB": "0"}
    for name, settings in (("kept", {}), ("made", made)):
        with (
            board_server(url, var, settings=settings) as single,
            board_server(url, var, workers=2, settings=settings) as double,
        ):
            for served in (single, double):
                for _time in range(6):
                    _warm(served, raw)
            ratios = [_rate(double, raw)[0] / _rate(single, raw)[0] for _round in range(ROUNDS)]
        report.bar(f"P12-{name}", statistics.median(ratios), ">=", 1.5)


# --- P2, P3 ---------------------------------------------------------------------------------


def made_anew(report: Report, url: str, var: Path, town: str) -> None:
    """A list page that nobody kept, beside the same rows from the driver through plain Jinja."""
    inside = Inside(url, var)
    db = raw_sqlite(url)
    plain = plain_pages(inside.board.pages)
    try:
        for name, path in (("list", LIST), ("town", town)):
            with listening(inside.database.reader) as heard, rendering(inside) as rendered:
                asyncio.run(ask(inside.app, path))
            template, values = rendered[0]
            bare_rows = cost_of(partial(replay, db, heard), 50)
            bare_page = cost_of(partial(plain, template, values), 10)
            ours = cost_of_asking(inside.app, [path] * 20)
            report.figure(f"P2-{name}-made", ours * 1_000, "ms of CPU")
            report.figure(f"P2-{name}-bare-rows", bare_rows * 1_000, "ms of CPU")
            report.figure(f"P2-{name}-bare-page", bare_page * 1_000, "ms of CPU")
            report.figure(f"P2-{name}-statements", len(heard), "statements")
            if name == "list":
                report.bar("P2-list-miss", ours / (bare_rows + bare_page), "<=", 0.4)
        queries(report, inside, url)
    finally:
        db.close()
        inside.close()


@contextmanager
def rendering(inside: Inside) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Which templates are rendered meanwhile, and with what."""
    seen: list[tuple[str, dict[str, Any]]] = []
    pages = inside.board.pages
    find = pages.get_template

    class Watched:
        def __init__(self, name: str) -> None:
            self.name = name

        def render(self, values: dict[str, Any] | None = None, **more: Any) -> str:
            # Whole pages are given a dict; a fragment of one is given its values by name.
            if values is not None:
                seen.append((self.name, values))
            return find(self.name).render({**(values or {}), **more})

    # Jinja asks for parents with more than a name; only whole pages are of interest.
    pages.get_template = lambda name, *more: find(name, *more) if more else Watched(name)  # type: ignore
    try:
        yield seen
    finally:
        pages.get_template = find  # type: ignore[method-assign]


def plain_pages(ours: Environment) -> Callable[[str, dict[str, Any]], bytes]:
    """The same templates in plain Jinja: nothing is kept from one page to the next."""
    plain = make_environment(ROOT / "templates", build=str(ours.globals["build"]))

    def render(name: str, values: dict[str, Any]) -> bytes:
        return plain.get_template(name).render(values).encode()

    return render


def readers(paths: Sequence[str]) -> dict[str, list[Callable[[Connection], object]]]:
    """What list and town read from the database, as their pages ask for it."""
    need, now = Need(), clock.now()
    sorts = ("votes", "rising", "new", "ready", "need")

    def list_of(sort: str) -> Callable[[Connection], object]:
        question = Question(sort=sort)
        return lambda conn: list_towns(conn, question, (), near=None, join_km=JOIN_KM)

    def town_at(path: str) -> Callable[[Connection], object]:
        _slash, _towns, country, slug = path.split("/")

        def asked(conn: Connection) -> object:
            town = at_address(conn, country, slug).town
            assert town is not None
            return town_page(
                conn, town, viewer_id=None, viewer_key=None, need=need, join_km=JOIN_KM, now=now
            )

        return asked

    return {"list": [list_of(sort) for sort in sorts], "town": [town_at(path) for path in paths]}


def queries(report: Report, inside: Inside, url: str) -> None:
    """P3: what Core adds to the driver, for list and town."""
    db = raw_sqlite(url)
    with inside.database.snapshot() as conn:
        paths = some_paths(conn, 20)
    for name, asked in readers(paths).items():
        with listening(inside.database.reader) as heard, inside.database.snapshot() as conn:
            for ask_for in asked:
                ask_for(conn)
        bare = cost_of(partial(replay, db, heard), 10)

        def ours(asked: Sequence[Callable[[Connection], object]] = asked) -> None:
            with inside.database.snapshot() as conn:
                for ask_for in asked:
                    ask_for(conn)

        report.figure(f"P3-{name}-bare", bare / len(asked) * 1_000, "ms of CPU")
        report.bar(f"P3-{name}", cost_of(ours, 10) / bare, "<=", 1.6)
    db.close()
