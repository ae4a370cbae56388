"""Pages that are ready to send, and when they must go: too old, touched by a change, or too many.

What a page depends on is said by whoever shows it (`Depending`); here it is only asked.
"""

import gzip
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from board.core import clock
from board.core.changes import EVERYTHING, Change
from board.core.ready import Header, Ready, write_down

# Pages say "3 days ago", and circles begin and end by the clock.
LIFE: Final = timedelta(seconds=60)
GZIP_LEVEL: Final = 5
SHORTEST_GZIPPED: Final = 1_000
# What a kept page costs beside its bytes: its key, headers, and what it depends on.
OVERHEAD: Final = 4_000


class Depending(Protocol):
    """What a page depends on. A change is looked at when it is of one of `subjects` or `kinds`;
    then `touched_by` decides."""

    @property
    def subjects(self) -> Collection[int]:
        """Things that it shows."""

    @property
    def kinds(self) -> Collection[str]:
        """Kinds of changes that may touch it, whichever thing became another."""

    def touched_by(self, change: Change) -> bool:
        """Whether a change touches it."""


@dataclass(frozen=True)
class Depends:
    """The plainest: every change of these kinds touches it; with none it only ages."""

    kinds: frozenset[str] = frozenset()
    subjects: frozenset[int] = frozenset()

    def touched_by(self, change: Change) -> bool:
        return change.kind in self.kinds or change.subject in self.subjects


# Host, path and query: who asks for a host that isn't ours finds nothing under it.
Key = tuple[bytes, str, bytes]
_NO_KEYS: Final[frozenset[Key]] = frozenset()


class Asked(NamedTuple):
    """A request that a kept page may answer; `known` is what its sender has already."""

    key: Key
    head: bool = False
    gzip: bool = False
    known: bytes = b""


class Kept:
    """A page ready to send."""

    def __init__(
        self, body: bytes, headers: Iterable[Header], depends: Depending, route: str = "-"
    ) -> None:
        self.depends = depends
        self.route = route
        self.made_at = clock.now()
        self.until = self.made_at + LIFE
        said = [one for one in headers if one[0] not in (b"content-length", b"vary")]
        said.append((b"vary", b"Accept-Encoding"))
        self.etag = next((value for name, value in said if name == b"etag"), b"")
        packed = gzip.compress(body, GZIP_LEVEL, mtime=0) if len(body) >= SHORTEST_GZIPPED else b""
        self._plain = write_down(200, said, body)
        self._packed = (
            write_down(200, [*said, (b"content-encoding", b"gzip")], packed)
            if packed
            else self._plain
        )
        self._unchanged = write_down(304, [one for one in said if one[0] != b"content-type"], None)
        self.size = len(body) + len(packed) + OVERHEAD
        self.sets_cookie = any(name == b"set-cookie" for name, _value in said)

    def is_fresh(self, now: datetime) -> bool:
        """Whether its words about time still hold (a clock may be set back, too)."""
        return self.made_at <= now < self.until

    def answer(self, asked: Asked) -> Ready:
        """The answer for somebody who asked so."""
        if self.etag and self.etag in asked.known:
            return self._unchanged
        found = self._packed if asked.gzip else self._plain
        return found._replace(body=b"") if asked.head else found


class Store:
    """The kept pages: the longest unasked goes first when they weigh too much."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._by_subject: defaultdict[int, set[Key]] = defaultdict(set)
        self._by_kind: defaultdict[str, set[Key]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Key) -> Kept | None:
        """A page that may still be shown."""
        kept = self._pages.get(key)
        if kept is None:
            return None
        if not kept.is_fresh(clock.now()):
            self._drop(key)
            return None
        self._pages.move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep a page; others leave for it."""
        self._drop(key)
        if kept.size > self.most:
            return
        self._pages[key] = kept
        self.size += kept.size
        for subject in kept.depends.subjects:
            self._by_subject[subject].add(key)
        for kind in kept.depends.kinds:
            self._by_kind[kind].add(key)
        while self.size > self.most:
            self._drop(next(iter(self._pages)))

    def drop_touched(self, changes: Iterable[Change]) -> None:
        """Let go of every page that one of these changes touches."""
        for change in changes:
            if change.kind == EVERYTHING.kind:
                self.clear()
                return
            about = self._by_subject.get(change.subject, _NO_KEYS)
            kin = self._by_kind.get(change.kind, _NO_KEYS)
            for key in about | kin:
                if self._pages[key].depends.touched_by(change):
                    self._drop(key)

    def clear(self) -> None:
        """Let go of all."""
        self._pages.clear()
        self._by_subject.clear()
        self._by_kind.clear()
        self.size = 0

    def _drop(self, key: Key) -> None:
        kept = self._pages.pop(key, None)
        if kept is None:
            return
        self.size -= kept.size
        for index, values in (
            (self._by_subject, kept.depends.subjects),
            (self._by_kind, kept.depends.kinds),
        ):
            for value in values:
                _forget(index, value, key)


def _forget(index: dict[Any, set[Key]], value: Any, key: Key) -> None:
    keys = index[value]
    keys.discard(key)
    if not keys:
        del index[value]
