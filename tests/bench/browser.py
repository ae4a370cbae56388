"""P13: bytes of first pages, and how soon an old PC has painted them and can use the map."""

import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.bench.inside import Inside
from tests.bench.pages import LIST, some_paths
from tests.bench.report import Report
from tests.bench.servers import board_server

# An old PC: six times slower than this one. A village's line: 1.6 Mbit/s, 150 ms there and back.
SLOWER: Final = 6
_LINE: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
_ROUNDS: Final = 3
_KB: Final = 1_024
_FLAGS: Final = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# What the live map says of itself once its markers stand and it hears keyboard and mouse.
LIVE: Final = "[data-module=map][data-ready] .pin-button"
# Looks for it from within, without asking the page again and again: that would make it slower.
_USABLE: Final = "board-usable"
_WATCH: Final = """
  new MutationObserver((_changes, watcher) => {
    if (!document.querySelector(%r)) return;
    watcher.disconnect();
    // Usable is what has been drawn.
    requestAnimationFrame(() => setTimeout(() => performance.mark(%r)));
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["data-ready"] });
"""
_LOOK_EVERY_MS: Final = 100
_PATIENCE_S: Final = 60


class Visit(NamedTuple):
    """A first visit: KB by kind of file, and ms until the first paint and until the map works."""

    kilobytes: dict[str, float]
    painted: float
    usable: float

    @property
    def without_fonts(self) -> float:
        """KB, fonts apart."""
        return sum(size for kind, size in self.kilobytes.items() if kind != "Font")


def measure(report: Report, url: str, var: Path) -> None:
    """All bars of this theme."""
    inside = Inside(url, var)
    with inside.database.snapshot() as conn:
        town = some_paths(conn, 10)[0]
    inside.close()
    with board_server(url, var) as board, chromium() as browser:
        base = f"http://127.0.0.1:{board.port}"
        first = visit(browser, base + town)
        report.bar("P13-town-kb", first.without_fonts, "<=", 60)
        weigh(report, "P13-town", first)
        listed = visit(browser, base + LIST, live=LIVE)
        report.bar("P13-list-kb", listed.without_fonts, "<=", 200)
        weigh(report, "P13-list", listed)
        slow(report, browser, base, town)


def weigh(report: Report, name: str, seen: Visit) -> None:
    """What a page's bytes are made of."""
    for kind, size in sorted(seen.kilobytes.items()):
        report.figure(f"{name}-{kind.lower()}", size, "KB")


def slow(report: Report, browser: Browser, base: str, town: str) -> None:
    """An old PC near by, and the same one on a village's line."""
    listed = base + LIST
    near = [visit(browser, listed, slower=SLOWER, live=LIVE) for _round in range(_ROUNDS)]
    report.figure("P13-list-paint-ms", statistics.median(v.painted for v in near), "ms, CPU ÷6")
    report.bar("P13-map-s", statistics.median(v.usable for v in near) / 1_000, "<=", 2.5)
    far = [
        visit(browser, base + LIST, slower=SLOWER, line=True, live=LIVE)
        for _round in range(_ROUNDS)
    ]
    unit = "ms, CPU ÷6, 1.6 Mbit/s"
    report.figure("P13-far-list-paint-ms", statistics.median(v.painted for v in far), unit)
    report.figure("P13-far-map-ms", statistics.median(v.usable for v in far), unit)
    far = [visit(browser, base + town, slower=SLOWER, line=True) for _round in range(_ROUNDS)]
    report.figure("P13-far-town-paint-ms", statistics.median(v.painted for v in far), unit)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed Chromium, or Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        browser.close()


def visit(
    browser: Browser, address: str, *, slower: int = 1, line: bool = False, live: str = ""
) -> Visit:
    """Somebody's first visit, with nothing kept from before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    if live:
        page.add_init_script(_WATCH % (live, _USABLE))
    session = context.new_cdp_session(page)
    weights = _listen(session)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    if line:
        session.send("Network.emulateNetworkConditions", dict(_LINE))
    page.goto(address, wait_until="commit")
    usable = _wait_for(page, session) if live else 0.0
    page.wait_for_load_state("networkidle")
    seen = Visit(_by_kind(weights), _painted(page), usable)
    context.close()
    return seen


def _listen(session: CDPSession) -> dict[str, Any]:
    """Collect what crosses the line, by request."""
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}),
    )
    session.send("Network.enable")
    return {"kinds": kinds, "sizes": sizes}


def _by_kind(weights: dict[str, Any]) -> dict[str, float]:
    found: Counter[str] = Counter()
    for number, size in weights["sizes"].items():
        found[weights["kinds"].get(number, "Other")] += size / _KB
    return dict(found)


def _wait_for(page: Page, session: CDPSession) -> float:
    """ms from the click on the page's link until its map has markers and hears keys and mouse."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        page.wait_for_timeout(_LOOK_EVERY_MS)
        answer = session.send("Runtime.evaluate", {"expression": _begun(_USABLE)})
        if usable := answer["result"]["value"]:
            return float(usable)
    raise TimeoutError("the map stayed still")


def _painted(page: Page) -> float:
    """ms until something stood on the screen."""
    return float(page.evaluate(_begun("first-contentful-paint")))


def _begun(name: str) -> str:
    """Asks the page when something of this name was; 0 while it wasn't."""
    return f"performance.getEntriesByName({name!r})[0]?.startTime ?? 0"
