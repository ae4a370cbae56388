"""Slips in the database: only hashes of them, each used once, a batch called back as one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Connection, func, select

from board.core import clock
from board.core.db import Database
from board.core.errors import Conflict, Mistake, NotFound
from board.core.keys import Keys, make_keys
from board.people.erase_actions import hold_still
from board.people.models import code_batches, desk_codes, people
from board.people.slip_actions import (
    MOST_SLIPS,
    NewBatch,
    make_batch,
    revoke_batch,
    unrevoke_batch,
    use_slip,
)
from board.people.slip_queries import (
    get_batch,
    list_batches,
    slip_by_code,
    slip_key,
)
from board.people.slips import Code, make_code
from board.towns.actions import found_town
from tests.invented import VELENJE


def batch(conn: Connection, keys: Keys, count: int = 3, **more: object) -> NewBatch:
    """Slips for Velenje."""
    now = clock.now()
    return make_batch(
        conn,
        keys,
        town_id=found_town(conn, VELENJE, now),
        label="Library",
        count=count,
        made_by=None,
        now=now,
        **more,  # type: ignore[arg-type]
    )


def use(conn: Connection, keys: Keys, code: Code) -> object:
    return use_slip(conn, keys, code, name="Ana", language="sl", now=clock.now())


def test_only_keyed_hashes_of_codes_are_kept(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        made = batch(conn, keys, 12)
        kept = conn.execute(select(desk_codes.c.hash)).scalars().all()
        assert len(set(made.codes)) == 12
        assert set(kept) == {keys.slip_hash(code) for code in made.codes}
    other = make_keys("another", ("another",), "another")
    assert not {other.slip_hash(code) for code in made.codes} & set(kept)


def test_slip_confirms_one_person_once(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        first, second, _third = batch(conn, keys).codes
        confirmed = use_slip(conn, keys, first, name="Ana", language="sl", now=clock.now())
        slip = slip_by_code(conn, keys, first, clock.now())
        assert confirmed is not None
        assert slip is not None
        assert (slip.state, slip.person_id) == ("used", confirmed.person_id)
        assert confirmed.key == slip_key(keys, slip.id)
        assert hold_still(conn, confirmed.person_id, confirmed.key).by_slip
        assert use(conn, keys, first) is None
        assert use(conn, keys, second) is not None
        assert get_batch(conn, slip.batch_id).used == 2


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1)])
def test_slip_is_dead_after_its_time(database: Database, keys: Keys, life: timedelta) -> None:
    with database.transaction() as conn:
        code = batch(conn, keys, lives=life).codes[0]
        assert use(conn, keys, code) is None
        slip = slip_by_code(conn, keys, code, clock.now())
        assert slip is not None
        assert slip.state == "expired"


def test_used_slip_stays_used_after_its_time(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        code = batch(conn, keys).codes[0]
        use(conn, keys, code)
        slip = slip_by_code(conn, keys, code, clock.now() + timedelta(days=500))
        assert slip is not None
        assert slip.state == "used"


def test_code_that_nobody_printed_confirms_nobody(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        made = batch(conn, keys)
        assert use(conn, keys, make_code(made.id)) is None
        assert use(conn, keys, make_code(made.id + 1)) is None
        assert conn.execute(select(func.count()).select_from(people)).scalar_one() == 0


def test_revoked_batch_is_dead_until_restored(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        made = batch(conn, keys)
        revoke_batch(conn, made.id, "lost", clock.now())
        assert use(conn, keys, made.codes[0]) is None
        with pytest.raises(Conflict):
            revoke_batch(conn, made.id, "lost", clock.now())
        unrevoke_batch(conn, made.id)
        with pytest.raises(Conflict):
            unrevoke_batch(conn, made.id)
        assert use(conn, keys, made.codes[0]) is not None
        for act in (lambda: revoke_batch(conn, 99, "lost", clock.now()),
                    lambda: unrevoke_batch(conn, 99), lambda: get_batch(conn, 99)):  # fmt: skip
            with pytest.raises(NotFound):
                act()


@pytest.mark.parametrize("count", [0, -1, MOST_SLIPS + 1])
def test_batch_has_a_size(database: Database, keys: Keys, count: int) -> None:
    with database.transaction() as conn, pytest.raises(Mistake):
        batch(conn, keys, count)


def test_largest_batch_is_made_whole(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        made = batch(conn, keys, MOST_SLIPS)
        assert len(set(made.codes)) == MOST_SLIPS
        assert [one.size for one in list_batches(conn)] == [MOST_SLIPS]


def test_one_slip_used_from_many_sides_confirms_one(database: Database, keys: Keys) -> None:
    """As several processes of one board would: each thread has a transaction of its own."""
    with database.transaction() as conn:
        code = batch(conn, keys).codes[0]
    sides = 8
    together = Barrier(sides)

    def try_it(_side: int) -> bool:
        together.wait()
        with database.transaction() as conn:
            return use(conn, keys, code) is not None

    with ThreadPoolExecutor(sides) as pool:
        assert sorted(pool.map(try_it, range(sides))) == [False] * (sides - 1) + [True]
    with database.snapshot() as conn:
        assert conn.execute(select(func.count()).select_from(people)).scalar_one() == 1
        assert conn.execute(select(code_batches.c.id)).scalar_one() == 1
