"""What about a town's votes deserves a look by staff, shown with its evidence. Pure.

A hint is never a verdict: nothing is taken out of the count by itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, Literal, NamedTuple

Kind = Literal["network", "timing", "disposable", "machine", "batch"]

# From how many votes on a shared network, a quick succession or a batch of slips is shown.
FROM_ONE_NETWORK: Final = 4
IN_A_ROW: Final = 5
IN_A_ROW_WITHIN: Final = timedelta(minutes=5)
OF_ONE_BATCH: Final = 10
# Nobody's evening: so many within half a minute, or a third of them odd in themselves.
AT_ONCE: Final = 5
AT_ONCE_WITHIN: Final = timedelta(seconds=30)
MACHINE: Final = frozenset({"fast", "unstamped", "trap", "crowd"})
# Why staff take votes out of the count.
VOID_REASONS: Final = ("burst", "disposable", "not_people", "batch", "asked", "other")


class Cast(NamedTuple):
    """A counted vote, as far as hints need it."""

    id: int
    cast_at: datetime
    network: bytes | None
    batch_id: int | None
    signs: tuple[str, ...]


class Hint(NamedTuple):
    """Something to look at: which votes, and from when to when they were cast.

    `calm`: they came as people come, to a library's evening for one; it alone alarms nobody.
    """

    kind: Kind
    vote_ids: tuple[int, ...]
    first: datetime
    last: datetime
    name: str = ""
    calm: bool = False

    @property
    def size(self) -> int:
        """How many votes it is about."""
        return len(self.vote_ids)


def hints_of(casts: Sequence[Cast]) -> list[Hint]:
    """All hints about one town's votes, the largest first, calm ones in the end."""
    ordered = sorted(casts, key=lambda cast: (cast.cast_at, cast.id))
    found = [
        *_networks(ordered),
        *_in_a_row(ordered),
        *_signed("disposable", [cast for cast in ordered if "disposable" in cast.signs], 1),
        *_signed("machine", [cast for cast in ordered if MACHINE & set(cast.signs)], 3),
        *_batches(ordered),
    ]
    return sorted(found, key=lambda hint: (hint.calm, -hint.size, hint.first, hint.kind))


def _hint(kind: Kind, casts: Sequence[Cast], name: str = "") -> Hint:
    moments = [cast.cast_at for cast in casts]
    calm = kind not in _ODD_IN_ITSELF and _came_as_people(casts)
    return Hint(kind, tuple(cast.id for cast in casts), min(moments), max(moments), name, calm)


_ODD_IN_ITSELF: Final = ("disposable", "machine")


def _came_as_people(casts: Sequence[Cast]) -> bool:
    """Whether they came one after another, and few of them were odd in themselves."""
    odd = sum(bool((MACHINE | {"disposable"}) & set(cast.signs)) for cast in casts)
    together = zip(casts, casts[AT_ONCE - 1 :], strict=False)
    at_once = any(last.cast_at - first.cast_at < AT_ONCE_WITHIN for first, last in together)
    return not at_once and 3 * odd < len(casts)


def _networks(ordered: Sequence[Cast]) -> Iterable[Hint]:
    """Votes of one network on one day; a slip's vote in the library it was given out in is none."""
    apart: dict[bytes, list[Cast]] = {}
    for cast in ordered:
        if cast.network is not None and cast.batch_id is None:
            apart.setdefault(cast.network, []).append(cast)
    for network, casts in apart.items():
        if len(casts) >= FROM_ONE_NETWORK:
            yield _hint("network", casts, network.hex()[:6])


def _in_a_row(ordered: Sequence[Cast]) -> Iterable[Hint]:
    """Many votes within minutes: the longest stretches in which no five took longer.

    Slips are typed one after another, off a sheet or at one PC: they are looked at by batch.
    """
    near: list[Cast] = []
    for cast in ordered:
        if cast.batch_id is not None:
            continue
        if near and cast.cast_at - near[-1].cast_at > IN_A_ROW_WITHIN / IN_A_ROW:
            yield from _stretch(near)
            near = []
        near.append(cast)
    yield from _stretch(near)


def _stretch(near: Sequence[Cast]) -> Iterable[Hint]:
    if len(near) >= IN_A_ROW:
        yield _hint("timing", near)


def _signed(kind: Kind, casts: Sequence[Cast], least: int) -> Iterable[Hint]:
    if len(casts) >= least:
        yield _hint(kind, casts)


def _batches(ordered: Sequence[Cast]) -> Iterable[Hint]:
    by_slip = sorted(
        (cast for cast in ordered if cast.batch_id is not None),
        key=lambda cast: (cast.batch_id or 0, cast.cast_at),
    )
    for batch_id, group in groupby(by_slip, key=lambda cast: cast.batch_id):
        casts = list(group)
        if len(casts) >= OF_ONE_BATCH:
            yield _hint("batch", casts, str(batch_id))
