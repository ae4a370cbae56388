"""Forms whose mail waits for a look, together by the network they came from."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.keys import Keys
from board.people.queries import WaitingForm, held_back
from board.taking_part.outcome import WaitingLine, waiting_lines
from board.taking_part.signs import signs_in


class HeldForm(NamedTuple):
    """One form, as much of it as deciding needs; never the address."""

    form: WaitingForm
    line: WaitingLine
    signs: tuple[str, ...]


class HeldGroup(NamedTuple):
    """What came from one network on one day; `name` is the beginning of its key."""

    name: str
    forms: list[HeldForm]


def held_groups(conn: Connection, keys: Keys, now: datetime) -> list[HeldGroup]:
    """All forms that are held back, the longest waiting network first."""
    forms = held_back(conn, now)
    lines = waiting_lines(conn, keys, forms, ticked=0)
    groups: dict[str, list[HeldForm]] = {}
    for form, line in zip(forms, lines, strict=True):
        name = form.network.hex()[:12] if form.network else ""
        groups.setdefault(name, []).append(HeldForm(form, line, signs_in(form.signals)))
    return [HeldGroup(name, held) for name, held in groups.items()]
