"""Who votes in an invented town, when, and what they offer. Pure: chance is handed in."""

import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from board.demo.forms import InventedTown
from board.demo.rules import days_ago
from board.towns.rules import slug_of
from board.votes.rules import OFFERS, Offer

_BEFORE_SPEAKING: Final = (0.01, 1.5)
_VOTE_ELSEWHERE_TOO: Final = 0.04
_VOTES_PER_CHANGED_MIND: Final = 45
# Offers come from so many times as many of the earliest voters.
_KEEN: Final = 1.15


class Resident(NamedTuple):
    """An invented person: a first name (or none), a mailbox under example.org, a language."""

    name: str
    address: str
    language: str


class InventedVote(NamedTuple):
    """A vote, counted back in days; `back` is when it was taken back."""

    voter: Resident
    days: float
    offer: Offer = Offer()
    nearby: bool = False
    back: float | None = None


class Electorate(NamedTuple):
    """A town's voters. `named` speak there; the vote of who first tells a story is in the story."""

    named: dict[str, Resident]
    nearby: frozenset[Resident]
    votes: list[InventedVote]


def resident(town: str, name: str, language: str) -> Resident:
    """Somebody who is known by name in a town."""
    return Resident(name, f"{_slug(name)}.{_slug(town)}@example.org", language)


def _slug(text: str) -> str:
    return slug_of(text) or "-".join(f"{ord(letter):x}" for letter in text)


def electorate(
    town: InventedTown,
    *,
    language: str,
    names: Sequence[str],
    elsewhere: Sequence[Resident],
    chance: Random,
) -> Electorate:
    """All who vote in a town. Some of the silent ones voted `elsewhere` as well."""
    named = {name: resident(town.place, name, language) for name in town.named}
    silent = town.votes - len(named)
    offers = _offers(town, silent, chance)
    unbound = [number for number, offer in enumerate(offers) if not offer.any]
    # Nobody lives in two towns, so those who also vote elsewhere are none of the nearby.
    most = min(len(elsewhere), len(unbound), town.votes - town.nearby)
    guests = dict(
        zip(
            unbound,
            chance.sample(list(elsewhere), min(most, round(town.votes * _VOTE_ELSEWHERE_TOO))),
            strict=False,
        )
    )
    voters = [
        guests.get(number)
        or Resident(
            chance.choice(names) if names and offer.any else "",
            f"{number + 1}.{_slug(town.place)}@example.org",
            language,
        )
        for number, offer in enumerate(offers)
    ]
    at_home = [*named.values(), *(v for n, v in enumerate(voters) if n not in guests)]
    nearby = frozenset(chance.sample(at_home, min(town.nearby, len(at_home))))
    votes = [
        InventedVote(who, days, offer, who in nearby)
        for who, days, offer in zip(voters, _days(town, silent, chance), offers, strict=True)
    ]
    votes += _before_speaking(town, named, nearby, chance)
    votes += _changed_minds(town, language, chance)
    return Electorate(named, nearby, votes)


def _offers(town: InventedTown, silent: int, chance: Random) -> list[Offer]:
    """What the silent voters offer, the earliest first: with the stories' authors it comes out
    at the town's numbers.

    The keenest come early. Nobody takes two roles while others are free.
    """
    left = {
        offer: getattr(town, offer)
        - len({story.name for story in town.stories if offer in story.offers})
        for offer in OFFERS
    }
    keen = min(silent, math.ceil(sum(left.values()) * _KEEN))
    order = chance.sample(range(keen), keen)
    given: list[set[str]] = [set() for _voter in range(silent)]
    taken = 0
    for offer, count in left.items():
        for _one in range(count):
            given[order[taken % keen]].add(offer)
            taken += 1
    return [Offer(*(name in some for name in OFFERS)) for some in given]


def _days(town: InventedTown, count: int, chance: Random) -> list[float]:
    """The days of the silent votes, the earliest first."""
    days = [days_ago(chance, town.shape, town.asked, town.peak) for _vote in range(count)]
    days.sort(reverse=True)
    if days and all(story.days < town.asked for story in town.stories):
        # Where no story founds the town, a vote does.
        days[0] = town.asked
    return days


def _before_speaking(
    town: InventedTown,
    named: dict[str, Resident],
    nearby: frozenset[Resident],
    chance: Random,
) -> Iterator[InventedVote]:
    """The votes of those whose first word in town is a comment."""
    for name, who in named.items():
        told = max((story.days for story in town.stories if story.name == name), default=-1.0)
        said = max((word.days for word in town.said if word.name == name), default=-1.0)
        if said > told:
            yield InventedVote(
                who, said + chance.uniform(*_BEFORE_SPEAKING), Offer(), who in nearby
            )


def _changed_minds(town: InventedTown, language: str, chance: Random) -> Iterator[InventedVote]:
    """Votes beyond the town's number that were taken back again."""
    for number in range(town.votes // _VOTES_PER_CHANGED_MIND):
        who = Resident("", f"moved-on-{number + 1}.{_slug(town.place)}@example.org", language)
        days = days_ago(chance, town.shape, town.asked, town.peak)
        yield InventedVote(who, days, back=days * chance.random())
