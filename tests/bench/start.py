"""P11: what the layers cost an answer, how long a start takes, how much memory a process holds."""

import asyncio
import statistics
import time
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from board.core.http import Board
from tests.bench.inside import Inside, ask, cost_of_asking
from tests.bench.load import one, request, run
from tests.bench.report import Report
from tests.bench.servers import board_server, let_rest, resident_of

_TIMES: Final = 2_000
_STARTS: Final = 3
_WARM: Final = ("/", "/towns", "/towns?sort=rising", "/stories", "/talk", "/de/", "/de/towns")


def measure(report: Report, url: str, var: Path) -> None:
    """All bars of this theme."""
    layers(report, url, var)
    starting(report, url, var)


def layers(report: Report, url: str, var: Path) -> None:
    """The whole application beside its routes alone, both answering hello."""
    inside = Inside(url, var)
    route = Route("/hello", _hello)
    bare = Starlette(routes=[route])
    whole = _with_route(inside.app, inside.board, route)
    rounds = [
        cost_of_asking(whole, ["/hello"] * _TIMES, rounds=1)
        - cost_of_asking(bare, ["/hello"] * _TIMES, rounds=1)
        for _round in range(7)
    ]
    report.bar("P11-layers-us", statistics.median(rounds) * 1e6, "<=", 20)
    inside.close()


async def _hello(_request: object) -> PlainTextResponse:
    return PlainTextResponse("Hello!")


def _with_route(app: ASGIApp, board: Board, route: Route) -> ASGIApp:
    """The same application with one route more, put before all others."""
    asyncio.run(ask(app, "/"))
    inner = app
    while not isinstance(inner, Starlette):
        inner = getattr(inner, "application", None) or inner.app  # type: ignore[attr-defined]
    assert inner.state.board is board
    inner.router.routes.insert(0, route)
    return app


def starting(report: Report, url: str, var: Path) -> None:
    """From the command to the first page, and memory after what follows a start and some pages."""
    seconds, spent, own, resident = [], [], [], []
    for _start in range(_STARTS):
        begun = time.perf_counter()
        with board_server(url, var, at_once=True) as served:
            if run(one(served.port, request("GET", "/about"))).status != 200:
                raise RuntimeError("the first page isn't one")
            seconds.append(time.perf_counter() - begun)
            spent.append(served.cpu)
            let_rest(served)
            for path in _WARM * 3:
                run(one(served.port, request("GET", path)))
            own.append(served.memory)
            resident.append(resident_of(served.process.pid))
    report.figure("P11-start-cpu", min(spent), "s of CPU")
    report.bar("P11-start-s", min(seconds), "<=", 1.0)
    report.figure("P11-memory-own", max(own), "MB without mapped files")
    report.bar("P11-resident-mb", max(resident), "<=", 90)
