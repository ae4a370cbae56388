"""Everything that happens in the invented world: acts, each with its moment in the past year."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final, NamedTuple

from board.demo.actions import (
    STAFF,
    cast,
    judge,
    leave_number,
    say,
    speak,
    take_back,
    tell,
    write_as_partner,
)
from board.demo.forms import (
    Desk,
    Fate,
    HandTypedTown,
    InventedComment,
    InventedStory,
    InventedTown,
)
from board.demo.residents import Electorate, InventedVote, Resident, electorate, resident
from board.demo.rules import moment
from board.demo.world import World
from board.taking_part.rules import Where

_LOOKED_AT_AFTER: Final = (1.0, 26.0)


class Spot(NamedTuple):
    """Where an invented town lies in the gazetteer that is loaded."""

    geonames_id: int
    timezone: str


class Act(NamedTuple):
    """Something that happens; `do` takes a connection, the stage and `now`."""

    at: datetime
    do: Callable[..., None]


class Scene(NamedTuple):
    """One town as its acts see it: where, on which clocks, seen from which present."""

    where: Where
    zone: str
    now: datetime
    chance: Random

    def act(self, days: float, do: Callable[..., None]) -> Act:
        """Something that happens in this town so many days ago."""
        return Act(moment(self.now, days, self.zone), do)

    def looked_at(self, act: Act, label: str, fate: Fate) -> Act:
        """A moderator's look, some hours after a story or comment came in."""
        hours = timedelta(hours=self.chance.uniform(*_LOOKED_AT_AFTER))
        return Act(min(self.now, act.at + hours), partial(judge, label=label, fate=fate))


def acts_of_world(
    world: World, spots: Mapping[int, Spot], *, seed: int, now: datetime
) -> list[Act]:
    """All acts in the order of time; `spots` are the towns that this gazetteer knows."""
    acts: list[Act] = []
    for country in world.countries:
        elsewhere: list[Resident] = []
        for town in country.towns:
            if town.geonames not in spots:
                continue
            spot = spots[town.geonames]
            # Each town has chances of its own: what happens in one changes no other.
            chance = Random(f"{seed} {town.geonames}")  # noqa: S311
            scene = Scene(Where(geonames_id=spot.geonames_id), spot.timezone, now, chance)
            voters = electorate(
                town,
                language=country.language,
                names=world.names.get(country.country, ()),
                elsewhere=elsewhere,
                chance=chance,
            )
            acts += _acts_of_town(scene, town, voters)
            silent = (v.voter for v in voters.votes if not v.voter.name and v.back is None)
            elsewhere = list(dict.fromkeys([*elsewhere, *silent]))
    acts += _acts_at_desk(world.desk, spots, now)
    return sorted(acts, key=lambda act: act.at)


def _acts_of_town(scene: Scene, town: InventedTown, voters: Electorate) -> Iterator[Act]:
    for vote in voters.votes:
        yield from _acts_of_vote(scene, vote)
    for number, story in enumerate(town.stories):
        label = f"{town.geonames} story {number}"
        who = voters.named[story.name]
        yield from _acts_of_story(scene, story, who, label, nearby=who in voters.nearby)
        yield from _talk(scene, story.talk, voters, label)
    yield from _talk(scene, town.talk, voters, "")
    for update in town.updates:
        yield scene.act(update.days, partial(speak, where=scene.where, update=update))


def _acts_of_vote(scene: Scene, vote: InventedVote) -> Iterator[Act]:
    yield scene.act(vote.days, partial(cast, where=scene.where, vote=vote))
    if vote.back is not None:
        yield scene.act(vote.back, partial(take_back, where=scene.where, who=vote.voter))


def _acts_of_story(
    scene: Scene, story: InventedStory, who: Resident, label: str, *, nearby: bool
) -> Iterator[Act]:
    do = partial(tell, where=scene.where, story=story, who=who, label=label, nearby=nearby)
    told = scene.act(story.days, do)
    yield told
    if story.fate != "held":
        yield scene.looked_at(told, label, story.fate)


def _talk(
    scene: Scene, talk: tuple[InventedComment, ...], voters: Electorate, under: str
) -> Iterator[Act]:
    for number, word in enumerate(talk):
        label = f"{scene.where.geonames_id} {under} comment {number}"
        who = STAFF if word.staff else voters.named[word.name]
        do = partial(say, where=scene.where, word=word, who=who, label=label, under=under)
        said = scene.act(word.days, do)
        yield said
        if word.fate is not None:
            yield scene.looked_at(said, label, word.fate)


def _acts_at_desk(desk: Desk, spots: Mapping[int, Spot], now: datetime) -> Iterator[Act]:
    for town in desk.hand_typed:
        yield from _acts_by_hand(town, now)
    for caller in desk.to_call:
        if (spot := spots.get(caller.geonames)) is not None:
            where = Where(geonames_id=spot.geonames_id)
            at = moment(now, caller.days, spot.timezone)
            yield Act(at, partial(leave_number, where=where, caller=caller))
    for partner in desk.partners:
        if (spot := spots.get(partner.geonames)) is not None:
            where = Where(geonames_id=spot.geonames_id)
            at = moment(now, partner.days, spot.timezone)
            yield Act(at, partial(write_as_partner, where=where, partner=partner))


def _acts_by_hand(town: HandTypedTown, now: datetime) -> Iterator[Act]:
    """The votes of a town that the gazetteer doesn't know; its first voter may tell a story."""
    where = Where(name=town.name, country=town.country, lat=town.lat, lng=town.lng)
    for number, voter in enumerate(town.voters):
        who = resident(town.name, voter.name or str(number + 1), town.language)
        at = moment(now, voter.days, "UTC")
        if town.story is not None and number == 0:
            story = InventedStory(
                days=voter.days, name=voter.name, offers=voter.offers, **town.story.model_dump()
            )
            label = f"{town.name} story"
            yield Act(
                at, partial(tell, where=where, story=story, who=who, label=label, nearby=True)
            )
        else:
            vote = InventedVote(who, voter.days, voter.offer, nearby=True)
            yield Act(at, partial(cast, where=where, vote=vote))
