"""The bundle: who said yes and how to reach them, what the town wishes, as a page and as a file."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from board.core.language import gettext as _
from board.core.rendering import long_date, weekday
from board.desk.export import Cell, csv_lines, harmless
from board.desk.hand_over_queries import HandOverRow, Passed
from board.towns.queries import TownRow, get_town
from board.votes.queries import TownWishes, wishes_of_town
from board.votes.rules import DAYS


class Bundle(NamedTuple):
    """What the page shows: who said yes, and what all voters of the town wish together."""

    town: TownRow
    hand_over: HandOverRow
    people: list[Passed]
    wishes: TownWishes

    @property
    def spaces(self) -> list[Passed]:
        """Who of them offers a space."""
        return [one for one in self.people if "host" in one.person.offers]


def bundle_around(conn: Connection, found: HandOverRow, passed: list[Passed]) -> Bundle:
    """The bundle of people that were just passed on."""
    town = get_town(conn, found.town_id)
    return Bundle(town, found, passed, wishes_of_town(conn, town.id, asked_by=2))


def bundle_csv(passed: Sequence[Passed]) -> bytes:
    """The people as CSV, in the language that is spoken now; no cell is a formula."""
    heads = [_("First name"), _("E-mail"), _("Phone"), _("Offers"), _("Would like to learn"),
             _("Times"), _("Since")]  # fmt: skip
    lines: list[list[Cell]] = [list(heads)]
    for one in passed:
        texts = [
            one.person.name,
            one.email,
            one.phone,
            ", ".join(map(offer_words, one.person.offers)),
            ", ".join(one.person.wishes.topics),
            ", ".join(map(time_words, one.person.wishes.slots)),
            long_date(one.person.since),
        ]
        lines.append([harmless(text) for text in texts])
    return csv_lines(lines, first=True)


def offer_words(kind: str) -> str:
    """What somebody offers."""
    return {
        "come": _("would come"),
        "facilitate": _("could facilitate"),
        "host": _("has a space"),
        "help": _("would help some other way"),
    }[kind]


def time_words(slot: str) -> str:
    """Thursday evening, from "thu_evening"."""
    day, _line, part = slot.partition("_")
    said = {
        "morning": _("%(day)s morning"),
        "afternoon": _("%(day)s afternoon"),
        "evening": _("%(day)s evening"),
    }[part]
    return said % {"day": weekday(DAYS.index(day))}
