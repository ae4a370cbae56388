"""Whatever people and staff do, in whatever order: the numbers are what a plain model says.

The model is a dictionary; the board's counters, its recount and the rule "one person, one vote"
are compared with it after every step, on both databases.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from board.core.config import Settings
from board.core.db import Database
from board.people.actions import remember
from board.recount import differences
from board.towns.actions import found_town
from board.towns.models import towns
from board.towns.rules import Need
from board.votes.actions import Ballot, cast_vote, take_back_vote
from board.votes.models import votes
from board.votes.offer_actions import ask_for, end_offers, release_votes, set_offer
from board.votes.queries import own_vote
from board.votes.rules import Offer
from board.votes.void_actions import restore_votes, void_votes

BEGAN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NEED = Need()
PLACES = (3189075, 3196359)
PEOPLE = st.integers(0, 3)
TOWNS = st.integers(0, 1)
OFFERS = st.builds(Offer, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@dataclass(frozen=True)
class Wanted:
    """What the model knows of one person's vote in one town."""

    state: str
    nearby: bool
    offer: Offer
    voided_from: str = ""
    released: bool = False


class History(RuleBasedStateMachine):
    """People vote, take back, change their mind, are erased; staff void and restore."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.conn = self.database.writer_engine.connect()
        self.transaction = self.conn.begin()
        self.now = BEGAN
        self.model: dict[tuple[int, int], Wanted] = {}
        self.towns = [found_town(self.conn, place, BEGAN) for place in PLACES]

    def teardown(self) -> None:
        self.transaction.rollback()
        self.conn.close()

    def key(self, who: int) -> bytes:
        return f"person {who}".encode()

    def person(self, who: int) -> int:
        return remember(self.conn, self.key(who), name="Ana", language="en", now=self.now)

    def vote_id(self, who: int, where: int) -> int:
        return int(
            self.conn.execute(
                select(votes.c.id).where(
                    votes.c.town_id == self.towns[where], votes.c.voter_key == self.key(who)
                )
            ).scalar_one()
        )

    def lives_in(self, who: int, where: int) -> None:
        for (other, town), wanted in list(self.model.items()):
            if other == who and town != where and not wanted.released:
                self.model[other, town] = replace(wanted, nearby=False)

    @rule(who=PEOPLE, where=TOWNS, offer=OFFERS, nearby=st.booleans())
    def votes(self, who: int, where: int, offer: Offer, nearby: bool) -> None:
        """Confirmed, perhaps again: counted once."""
        self.now += timedelta(minutes=7)
        ballot = Ballot(self.towns[where], self.key(who), self.person(who), "Ana", nearby, offer)
        outcome = cast_vote(self.conn, ballot, need=NEED, now=self.now)
        before = self.model.get((who, where))
        if before is not None and before.state == "voided":
            assert outcome == "voided"
            return
        counted = before is not None and before.state == "counted"
        assert outcome == ("counted" if before is None else "already" if counted else "again")
        if before is not None and counted:
            offer = Offer(*(a or b for a, b in zip(before.offer, offer, strict=True)))
            nearby = before.nearby or nearby
        newly_near = nearby and not (counted and before is not None and before.nearby)
        self.model[who, where] = Wanted("counted", nearby, offer)
        if newly_near:
            self.lives_in(who, where)

    @rule(who=PEOPLE, where=TOWNS)
    def takes_back(self, who: int, where: int) -> None:
        """The row stays, the count drops; a second time does nothing."""
        done = take_back_vote(self.conn, self.towns[where], self.key(who), need=NEED, now=self.now)
        before = self.model.get((who, where))
        assert done == (before is not None and before.state == "counted")
        if done and before is not None:
            self.model[who, where] = replace(before, state="taken_back")

    @rule(who=PEOPLE, where=TOWNS, offer=OFFERS, nearby=st.booleans())
    def changes_the_offer(self, who: int, where: int, offer: Offer, nearby: bool) -> None:
        """Only with a vote that counts."""
        done = set_offer(
            self.conn, self.towns[where], self.key(who), offer, nearby=nearby, need=NEED,
            now=self.now,
        )  # fmt: skip
        before = self.model.get((who, where))
        assert done == (before is not None and before.state == "counted")
        if done and before is not None:
            self.model[who, where] = replace(before, offer=offer, nearby=nearby)
            if nearby and not before.nearby and not before.released:
                self.lives_in(who, where)

    @rule(who=PEOPLE, where=TOWNS)
    def asks_for_topics(self, who: int, where: int) -> None:
        """Topics and times hang on a vote that counts."""
        done = ask_for(
            self.conn, self.towns[where], self.key(who), topics=["Python", "python"],
            slots=["thu_evening"],
        )  # fmt: skip
        before = self.model.get((who, where))
        assert done == (before is not None and before.state == "counted")

    @rule(who=PEOPLE)
    def loses_the_contact(self, who: int) -> None:
        """Offers end with the contact, votes stay (DECISIONS 10)."""
        end_offers(self.conn, self.person(who), need=NEED, now=self.now)
        for (other, town), wanted in self.model.items():
            if other == who and not wanted.released:
                self.model[other, town] = replace(wanted, offer=Offer())

    @rule(who=PEOPLE)
    def is_erased(self, who: int) -> None:
        """Key and count stay, so that nobody votes twice (DECISIONS 4)."""
        release_votes(self.conn, self.person(who), need=NEED, now=self.now)
        for (other, town), wanted in self.model.items():
            if other == who and not wanted.released:
                self.model[other, town] = replace(
                    wanted, offer=Offer(), nearby=False, released=True
                )

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def staff_void(self, data: st.DataObject) -> None:
        """Out of the count, whatever state it was in."""
        who, where = data.draw(st.sampled_from(sorted(self.model)))
        before = self.model[who, where]
        done = void_votes(self.conn, [self.vote_id(who, where)], "burst", need=NEED, now=self.now)
        assert bool(done) == (before.state == "counted")
        if before.state != "voided":
            self.model[who, where] = replace(before, state="voided", voided_from=before.state)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def staff_restore(self, data: st.DataObject) -> None:
        """Back as it was before it was voided."""
        who, where = data.draw(st.sampled_from(sorted(self.model)))
        before = self.model[who, where]
        restore_votes(self.conn, [self.vote_id(who, where)], need=NEED, now=self.now)
        if before.state == "voided":
            self.model[who, where] = replace(before, state=before.voided_from, voided_from="")

    @invariant()
    def numbers_are_the_model_s(self) -> None:
        for where, town_id in enumerate(self.towns):
            counted = [
                wanted
                for (_who, town), wanted in self.model.items()
                if town == where and wanted.state == "counted"
            ]
            row = self.conn.execute(select(towns).where(towns.c.id == town_id)).one()
            assert row.vote_count == len(counted)
            assert row.nearby_count == sum(wanted.nearby for wanted in counted)
            for name in Offer._fields:
                told = sum(getattr(wanted.offer, name) for wanted in counted)
                assert getattr(row, f"{name}_count") == told, name

    @invariant()
    def everybody_reads_their_own(self) -> None:
        for (who, where), wanted in self.model.items():
            own = own_vote(self.conn, self.towns[where], self.key(who))
            assert own is not None
            assert (own.state, own.nearby, own.offer) == (
                wanted.state, wanted.nearby, wanted.offer,
            )  # fmt: skip

    @invariant()
    def nothing_drifts(self) -> None:
        assert differences(self.conn, Settings()) == []


@pytest.mark.slow
def test_any_history_keeps_the_numbers_true(database: Database) -> None:
    machine: type[History] = type("Machine", (History,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
