"""Merging towns: distinct people counted once, everything moves, and all of it goes back."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select
from starlette.testclient import TestClient

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import BoardError, Conflict, Mistake, NotFound
from board.core.http import Board
from board.desk.merge_actions import PLAIN, UNDO_FOR, forget_old_merges, merge_towns, undo_merge
from board.desk.merge_queries import foresee, merges_into, perhaps_same
from board.desk.models import town_merge_items, town_merges
from board.follows.models import follows
from board.people.models import people
from board.record.models import decisions
from board.recount import differences
from board.stories.models import stories
from board.tables import metadata
from board.towns.actions import found_by_hand, found_town
from board.towns.models import place_names, towns
from board.towns.queries import get_town, town_by_id
from board.votes.actions import Ballot, cast_vote, take_back_vote
from board.votes.models import vote_topics, votes
from board.votes.offer_actions import ask_for, set_offer
from board.votes.queries import own_vote
from board.votes.rules import Offer
from board.votes.void_actions import void_votes
from tests.invented import ELK, HERE, NEED, NOWY_SACZ, VELENJE, person, remembered, say, tell, vote
from tests.post import deliver

# Tables that name a town and don't move with it, and why.
STAYS = {
    "town": "merged_into_id is the merge itself",
    "town_address": "leads to the merged town, which leads on",
    "town_language": "counted anew from the stories that moved",
    "town_merge": "the merge itself",
    "town_spelling": "spells the source, which stands on no list while it is merged",
    "decision": "the record is never changed",
    "waiting": "what waits is confirmed in the town it leads to",
    "launch_suggestion": "settled there and made anew here by the next look at the feed",
}


def by_hand(conn: Connection, name: str = "Velenje-Šalek") -> int:
    return found_by_hand(conn, name=name, country="SI", lat=46.36, lng=15.11, now=clock.now())


def fill(conn: Connection) -> tuple[int, int]:
    """A hand-typed town with two voters, one of whom has voted in Velenje, too."""
    ana, bo, cy = (person(conn, name) for name in ("Ana", "Bo", "Cy"))
    target = vote(conn, ana, offer=Offer(come=True))
    vote(conn, cy)
    source = by_hand(conn)
    for who, offer in ((ana, Offer(host=True)), (bo, Offer(facilitate=True))):
        ballot = Ballot(source, who.key, who.id, who.name, False, offer)
        cast_vote(conn, ballot, need=NEED, now=clock.now())
    return source, target


def counters(conn: Connection, town_id: int) -> tuple[int, ...]:
    t = towns.c
    row = conn.execute(
        select(
            t.vote_count, t.come_count, t.facilitate_count, t.host_count, t.story_count,
            t.comment_count,
        ).where(t.id == town_id)
    ).one()  # fmt: skip
    return tuple(row)


def snapshot(conn: Connection) -> dict[str, list[Any]]:
    """Everything that a merge may touch, without what it leaves behind on purpose."""
    left = {"town_merge", "town_merge_item", "decision", "town_language", "change"}
    return {
        table.name: [
            tuple(value for key, value in row._mapping.items() if key != "changed_at")
            for row in conn.execute(select(table).order_by(*table.primary_key)).all()
        ]
        for table in metadata.sorted_tables
        if table.name not in left and not table.name.startswith("place")
    }


def merge(conn: Connection, source: int, target: int, now: datetime | None = None) -> Any:
    return merge_towns(
        conn, source, target, actor_id=person(conn, "Mo", role="staff").id, need=NEED,
        now=now or clock.now(),
    )  # fmt: skip


def undo(conn: Connection, merge_id: int, now: datetime | None = None) -> int:
    return undo_merge(
        conn, merge_id, actor_id=person(conn, "Mo", role="staff").id, need=NEED,
        now=now or clock.now(),
    )  # fmt: skip


def test_distinct_people_count_once(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        assert foresee(conn, source, target) == (1, 1)
        done = merge(conn, source, target)
        assert (done.moved, done.already) == (1, 1)
        # Ana offers now what she offered in either; nobody is counted twice.
        assert counters(conn, target)[:4] == (3, 1, 1, 1)
        assert counters(conn, source) == (0, 0, 0, 0, 0, 0)
        assert differences(conn, Settings()) == []
        listed = merges_into(conn, target)
        assert [(row.moved, row.already, row.undone_at) for row in listed] == [(1, 1, None)]


def test_undoing_at_once_leaves_everything_as_it_was(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        ana = person(conn, "Ana")
        ask_for(conn, source, ana.key, topics=["Python"], slots=["thu_evening"])
        ask_for(conn, target, ana.key, topics=["English"], slots=["thu_evening"])
        story = tell(conn, ana, source, language="sl")
        say(conn, ana, source)
        say(conn, ana, source, story_id=story)
        person(conn, "Mo", role="staff")
        before = snapshot(conn)
        done = merge(conn, source, target)
        assert counters(conn, target)[4:] == (1, 2)
        words = set(conn.execute(select(vote_topics.c.word)).scalars())
        assert words == {"Python", "English"}
        assert differences(conn, Settings()) == []
        assert undo(conn, done.merge_id) == source
        assert differences(conn, Settings()) == []
        after = snapshot(conn)
        for name, rows in before.items():
            assert after[name] == rows, name


def test_what_happened_since_stays_where_it_happened(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        ana, bo, dee = (person(conn, name) for name in ("Ana", "Bo", "Dee"))
        now = clock.now()
        done = merge(conn, source, target, now)
        later = now + timedelta(days=3)
        vote(conn, dee, now=later)
        set_offer(conn, target, ana.key, Offer(help=True), nearby=False, need=NEED, now=later)
        take_back_vote(conn, target, bo.key, need=NEED, now=later)
        undo(conn, done.merge_id, later)
        mine = own_vote(conn, target, ana.key)
        assert mine is not None
        assert mine.offer == Offer(help=True)
        theirs = own_vote(conn, source, bo.key)
        assert theirs is not None
        assert theirs.state == "taken_back"
        assert own_vote(conn, source, dee.key) is None
        assert differences(conn, Settings()) == []


def test_who_said_more_in_between_lives_near_one_town_still(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        ana, now = person(conn, "Ana"), clock.now()
        cast_vote(conn, Ballot(source, ana.key, ana.id, nearby=True), need=NEED, now=now)
        done = merge(conn, source, target, now)
        vote(conn, ana, offer=Offer(help=True), now=now + timedelta(days=1))
        undo(conn, done.merge_id, now + timedelta(days=2))
        near = select(votes.c.town_id).where(votes.c.person_id == ana.id, votes.c.nearby)
        assert conn.execute(near).scalars().all() == [target]
        assert differences(conn, Settings()) == []


def test_a_voided_vote_doesn_t_come_back_by_merging(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        ana = person(conn, "Ana")
        voided = conn.execute(
            select(votes.c.id).where(votes.c.town_id == target, votes.c.voter_key == ana.key)
        ).scalar_one()
        void_votes(conn, [voided], "burst", need=NEED, now=clock.now())
        merge(conn, source, target)
        mine = own_vote(conn, target, ana.key)
        assert mine is not None
        assert mine.state == "voided"
        assert differences(conn, Settings()) == []


def test_old_addresses_lead_to_the_town(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        source, target = fill(conn)
        old = get_town(conn, source)
        new = get_town(conn, target)
        elk = vote(conn, person(conn, "Eva"), ELK)
        far = get_town(conn, elk)
        merge(conn, source, target)
        merge(conn, elk, target)
        # Whoever asks there again, by whatever name, asks in the town it is.
        assert found_town(conn, ELK, clock.now()) == target
        assert by_hand(conn) == target
        assert town_by_id(conn, source) == town_by_id(conn, target)
    for town in (old, far):
        answer = client.get(town.path)
        assert (answer.status_code, answer.headers["location"]) == (301, new.path)
        answer = client.get(f"/t/{town.code}")
        assert answer.headers["location"] == new.path
    assert old.path not in client.get("/towns").text
    form = {"email": "new@example.org"}
    assert client.post(f"{old.path}/vote", data=form, headers=HERE).status_code in (301, 303, 308)


def test_what_waits_is_confirmed_in_the_town_it_leads_to(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        source, target = fill(conn)
        path = get_town(conn, source).path
    form = {"email": "late@example.org"}
    page = client.post(f"{path}/vote", data=form, headers=HERE).headers["location"]
    with board.database.transaction() as conn:
        merge(conn, source, target)
        before = counters(conn, target)[0]
    code = deliver(board)[-1].code
    assert client.post(page, data={"code": code}, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        assert counters(conn, target)[0] == before + 1
        assert counters(conn, source)[0] == 0


def test_follows_move_and_nobody_follows_twice(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        ana, bo = person(conn, "Ana"), person(conn, "Bo")
        for who, town_id in ((ana, source), (ana, target), (bo, source)):
            conn.execute(
                follows.insert().values(
                    person_id=who.id, kind="town", about=f"town:{town_id}", pace="weekly",
                    town_id=town_id, country="", created_at=clock.now(),
                )
            )  # fmt: skip
        done = merge(conn, source, target)
        f = follows.c
        there = select(f.person_id).where(f.town_id == target, f.about == f"town:{target}")
        assert set(conn.execute(there).scalars()) == {ana.id, bo.id}
        undo(conn, done.merge_id)
        assert list(conn.execute(there).scalars()) == [ana.id]


def test_merges_come_apart_in_order(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        further = vote(conn, person(conn, "Eva"), NOWY_SACZ)
        first = merge(conn, source, target)
        second = merge(conn, target, further)
        town = town_by_id(conn, source)
        assert town is not None
        assert town.id == further
    with pytest.raises(Conflict, match="Undo that first"), database.transaction() as conn:
        undo(conn, first.merge_id)
    with database.transaction() as conn:
        undo(conn, second.merge_id)
        undo(conn, first.merge_id)
        assert counters(conn, source)[0] == 2
        assert differences(conn, Settings()) == []
    with pytest.raises(Conflict), database.transaction() as conn:
        undo(conn, first.merge_id)


def test_after_thirty_days_it_stays_and_its_list_goes(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        done = merge(conn, source, target)
        assert forget_old_merges(conn, clock.now()) == 0
    with pytest.raises(Conflict), database.transaction() as conn:
        undo(conn, done.merge_id, clock.now() + UNDO_FOR)
    with database.transaction() as conn:
        assert forget_old_merges(conn, clock.now() + UNDO_FOR) > 0
        assert conn.execute(select(func.count()).select_from(town_merge_items)).scalar_one() == 0


def test_what_can_t_be_merged_is_refused(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
    for wrong, error in (((source, source), Mistake), ((source, 99_999), NotFound)):
        with pytest.raises(error), database.transaction() as conn:
            merge(conn, *wrong)
    with database.transaction() as conn:
        merge(conn, source, target)
    with pytest.raises(Conflict), database.transaction() as conn:
        merge(conn, source, target)


def test_two_colleagues_at_once_merge_once(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        person(conn, "Mo", role="staff")
    outcomes: list[str] = []

    def press() -> None:
        try:
            with database.transaction() as conn:
                merge(conn, source, target)
            outcomes.append("merged")
        except BoardError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=press) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["Conflict", "Conflict", "Conflict", "merged"]
    with database.snapshot() as conn:
        assert counters(conn, target)[0] == 3
        assert conn.execute(select(func.count()).select_from(town_merges)).scalar_one() == 1


def test_every_table_that_names_a_town_moves_or_says_why_not() -> None:
    """A new table with a town must take part in merging, or be listed here with a reason."""
    naming = {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table.name == "town" for key in table.foreign_keys)
    }
    moving = {table.name for table in PLAIN.values()} | {
        "vote", "story", "comment", "talk_lock", "follow", "launch_answer", "organiser_town",
    }  # fmt: skip
    assert naming - moving - set(STAYS) == set()


WHO, WHERE, TICKS = st.integers(0, 3), st.booleans(), st.integers(0, 15)


@given(
    before=st.lists(st.tuples(WHO, WHERE, TICKS, st.booleans()), max_size=8),
    since=st.lists(st.tuples(WHO, TICKS, st.booleans()), max_size=4),
)
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_votes_merge_and_come_apart_without_drift(
    database: Database,
    before: list[tuple[int, bool, int, bool]],
    since: list[tuple[int, int, bool]],
) -> None:
    with database.writer_engine.connect() as conn:
        transaction = conn.begin()
        now = clock.now()
        target, source = found_town(conn, VELENJE, now), found_town(conn, NOWY_SACZ, now)
        for who, there, ticks, back in before:
            one = person(conn, f"P{who}")
            place = VELENJE if there else NOWY_SACZ
            offer = Offer(*(bool(ticks >> bit & 1) for bit in range(4)))
            vote(conn, one, place, offer=offer, now=now)
            if back:
                take_back_vote(conn, target if there else source, one.key, need=NEED, now=now)
        counted = select(votes.c.voter_key).where(votes.c.state == "counted").distinct()
        people_counted = len(conn.execute(counted).all())
        done = merge(conn, source, target, now)
        assert counters(conn, target)[0] == people_counted
        assert differences(conn, Settings()) == []
        later = now + timedelta(hours=1)
        for who, ticks, back in since:
            one = person(conn, f"P{who}")
            if back:
                take_back_vote(conn, target, one.key, need=NEED, now=later)
            else:
                offer = Offer(*(bool(ticks >> bit & 1) for bit in range(4)))
                vote(conn, one, offer=offer, now=later)
        undo(conn, done.merge_id, later)
        assert differences(conn, Settings()) == []
        transaction.rollback()


# --- at the desk ----------------------------------------------------------------------------


def test_staff_merge_and_undo_at_the_desk(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        source, target = fill(conn)
    remembered(board, client, "Mo", role="staff")
    page = client.get(f"/staff/towns/{source}/merge")
    assert "Velenje" in page.text
    seen = client.get(f"/staff/towns/{source}/merge?town=Velenje").text
    assert "1 vote moves." in seen
    assert "1 person has voted in both" in seen
    form = {"geonames_id": str(VELENJE)}
    done = client.post(f"/staff/towns/{source}/merge", data=form, headers=HERE)
    assert done.headers["location"] == f"/staff/towns/{target}#merges"
    dossier = client.get(f"/staff/towns/{target}").text
    assert "1 moved" in dossier
    assert "1 was already there" in dossier
    with board.database.snapshot() as conn:
        merge_id = conn.execute(select(town_merges.c.id)).scalar_one()
    back = client.post(f"/staff/merges/{merge_id}/undo", headers=HERE)
    assert back.headers["location"] == f"/staff/towns/{source}"
    again = client.post(f"/staff/merges/{merge_id}/undo", headers=HERE)
    assert again.status_code == 409
    with board.database.snapshot() as conn:
        acts = conn.execute(select(decisions.c.act, decisions.c.before, decisions.c.after)).all()
        assert [row.act for row in acts] == ["merge", "unmerge"]
        assert conn.execute(select(func.count()).select_from(stories)).scalar_one() == 0
        assert conn.execute(select(func.count()).select_from(people)).scalar_one() == 4


@pytest.mark.parametrize("form", [{}, {"town": "Nowhere at all"}, {"at": "si/nowhere"}])
def test_staff_are_asked_back(client: TestClient, board: Board, form: dict[str, str]) -> None:
    with board.database.transaction() as conn:
        source, _target = fill(conn)
    remembered(board, client, "Mo", role="staff")
    assert client.post(f"/staff/towns/{source}/merge", data=form, headers=HERE).status_code == 422


def test_towns_that_may_be_the_same_are_suggested(database: Database) -> None:
    with database.transaction() as conn:
        source, target = fill(conn)
        far = found_by_hand(
            conn, name="Velenje pri Morju", country="SI", lat=45.5, lng=13.6, now=clock.now()
        )
        elk = vote(conn, person(conn, "Eva"), ELK)
        found = [town.id for town in perhaps_same(conn, get_town(conn, source))]
        assert target in found
        assert far not in found
        assert elk not in found


def test_a_town_typed_under_another_of_its_names_is_suggested_both_ways(database: Database) -> None:
    with database.transaction() as conn:
        conn.execute(insert(place_names).values(norm="wollan", geonames_id=VELENJE, weight=600))
        velenje = vote(conn, person(conn, "Alice"))
        typed = found_by_hand(
            conn, name="Wöllan", country="SI", lat=None, lng=None, now=clock.now()
        )
        vote(conn, person(conn, "Eva"), ELK)
        for one, other in ((typed, velenje), (velenje, typed)):
            found = [town.id for town in perhaps_same(conn, get_town(conn, one))]
            assert found == [other]
