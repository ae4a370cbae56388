"""People at several nodes at once: readers and voters, and what each of them was answered."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Self

import httpx2

from tests.invented import HERE
from tests.nodes.asking import CLIENT

TOWN = "/towns/si/velenje"


class Voters:
    """Browsers of people who are remembered, each of whom votes once."""

    def __init__(self, cookies: Sequence[str]) -> None:
        self._cookies: SimpleQueue[str] = SimpleQueue()
        for cookie in cookies:
            self._cookies.put(cookie)

    def next(self) -> str:
        """The cookie of somebody who hasn't voted yet; raises Empty."""
        return self._cookies.get_nowait()


def cast(address: str, cookie: str) -> httpx2.Response:
    """One person votes."""
    headers = {**HERE, "cookie": f"board={cookie}"}
    return CLIENT.post(f"{address}{TOWN}/vote", headers=headers, data={"shared": ""})


def votes_shown(address: str) -> int:
    """The number of votes that a stranger reads on the town's page."""
    page = CLIENT.get(f"{address}{TOWN}", headers={"accept": "text/html"})
    if page.status_code != 200:
        raise AssertionError(f"{page.status_code} from {address}")
    found = re.search(r'class="bubble bubble-large[^>]*>\D*?(\d+)', page.text)
    return int(found.group(1)) if found else 0


class Traffic:
    """Threads that read and vote until the block ends; `answers` counts what they were told."""

    def __init__(self, address: str, voters: Voters, *, readers: int = 2, casters: int = 2) -> None:
        self.address = address
        self.voters = voters
        self.answers: Counter[str] = Counter()
        self.acknowledged = 0
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._read) for _ in range(readers)]
        self._threads += [threading.Thread(target=self._vote) for _ in range(casters)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def failed(self) -> dict[str, int]:
        """Every answer that wasn't what a person hopes for."""
        fine = {"read 200", "vote 303"}
        return {said: count for said, count in self.answers.items() if said not in fine}

    def _rounds(self) -> Iterator[None]:
        while not self._done.wait(0.01):
            yield

    def _read(self) -> None:
        for _ in self._rounds():
            self._note("read", lambda: CLIENT.get(f"{self.address}{TOWN}"))

    def _vote(self) -> None:
        for _ in self._rounds():
            try:
                cookie = self.voters.next()
            except Empty:
                return
            self._note("vote", lambda cookie=cookie: cast(self.address, cookie))  # type: ignore[misc]

    def _note(self, kind: str, ask: Callable[[], httpx2.Response]) -> None:
        try:
            said = str(ask().status_code)
        except httpx2.TransportError as error:
            said = type(error).__name__
        with self._lock:
            self.answers[f"{kind} {said}"] += 1
            self.acknowledged += (kind, said) == ("vote", "303")
