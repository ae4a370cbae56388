"""The map's cells are what a count of the towns says, whatever happens; on both databases."""

import random
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, update

from board.circles.actions import NearestChange, keep_nearest
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import BoardError
from board.core.facts import get_fact
from board.desk.merge_actions import merge_towns, undo_merge
from board.drawing.view import Window
from board.recount.actions import mend
from board.recount.cell_queries import drifted_cells
from board.towns.actions import found_by_hand, found_town, set_nearest, set_status
from board.towns.by_hand_actions import drop_by_hand, list_by_hand
from board.towns.cell_actions import rebuild_cells, recell
from board.towns.cell_jobs import mend_cells
from board.towns.cell_queries import (
    JOIN_KM_FACT,
    count_towns,
    countries_counted,
    miscelled_towns,
    town_cells_in,
)
from board.towns.cells import EVERYWHERE, FINEST, Facets, snapped
from board.towns.models import town_cells, towns
from board.towns.rules import STATUSES, Need
from board.votes.actions import take_back_vote
from board.votes.models import votes
from board.votes.void_actions import restore_votes, void_votes
from tests.invented import ELK, JOENSUU, SUVA, VELENJE, add_towns, person, row_of_town, vote

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NEED = Need()
PLACES = (VELENJE, JOENSUU, SUVA, ELK)
NAMES = ("Alice", "Bob", "Carol")


def all_cells(conn: Connection) -> list[tuple[object, ...]]:
    """What is counted, without cells that became empty."""
    rows = conn.execute(select(town_cells).where(town_cells.c.towns != 0))
    return sorted(tuple(row) for row in rows)


def check_cells(conn: Connection) -> None:
    """Counted anew, the cells say the same."""
    before = all_cells(conn)
    assert miscelled_towns(conn) == []
    rebuild_cells(conn)
    assert all_cells(conn) == before


# --- whatever happens -----------------------------------------------------------------------

Act = tuple[str, int, int, int]
KINDS = (
    "vote", "vote", "take_back", "void", "restore", "status", "nearest", "bulk", "merge", "undo",
    "type", "list", "drop",
)  # fmt: skip
acts = st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 60))


class Board:
    """What happens to a few towns, by the actions that make it happen."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.typed: list[int] = []
        self.merges: list[int] = []
        self.staff = person(conn, "Sue", role="admin")

    def town(self, number: int) -> int:
        ids = [found_town(self.conn, place, NOW) for place in PLACES] + self.typed
        return ids[number % len(ids)]

    def do(self, kind: str, who: int, where: int, much: int) -> None:
        getattr(self, kind)(who, where, much)

    def vote(self, who: int, where: int, _much: int) -> None:
        vote(self.conn, person(self.conn, NAMES[who % 3]), PLACES[where], now=NOW)

    def take_back(self, who: int, where: int, _much: int) -> None:
        key = person(self.conn, NAMES[who % 3]).key
        take_back_vote(self.conn, self.town(where), key, need=NEED, now=NOW)

    def void(self, who: int, where: int, _much: int) -> None:
        void_votes(self.conn, self._votes(where)[: 1 + who], "duplicate", need=NEED, now=NOW)

    def restore(self, who: int, where: int, _much: int) -> None:
        restore_votes(self.conn, self._votes(where)[: 1 + who], need=NEED, now=NOW)

    def _votes(self, where: int) -> list[int]:
        v = votes.c
        mine = select(v.id).where(v.town_id == self.town(where)).order_by(v.id)
        return list(self.conn.execute(mine).scalars())

    def status(self, who: int, where: int, much: int) -> None:
        set_status(self.conn, self.town(where), STATUSES[much % len(STATUSES)], NOW)

    def nearest(self, who: int, where: int, much: int) -> None:
        set_nearest(self.conn, self.town(where), 7 if much else None, float(much) or None)

    def bulk(self, who: int, where: int, much: int) -> None:
        keep_nearest(self.conn, [NearestChange(self.town(n), 7, float(much + n)) for n in range(4)])

    def merge(self, who: int, where: int, much: int) -> None:
        source, target = self.town(where), self.town(who)
        done = merge_towns(self.conn, source, target, actor_id=self.staff.id, need=NEED, now=NOW)
        self.merges.append(done.merge_id)

    def undo(self, who: int, where: int, much: int) -> None:
        if self.merges:
            undo_merge(self.conn, self.merges.pop(), actor_id=self.staff.id, need=NEED, now=NOW)

    def type(self, who: int, where: int, much: int) -> None:
        lat, lng = (None, None) if much % 3 == 0 else (46.0 + where, 15.0)
        name = f"Log {where}"
        self.typed.append(
            found_by_hand(self.conn, name=name, country="SI", lat=lat, lng=lng, now=NOW)
        )
        self.conn.execute(
            update(towns).where(towns.c.id == self.typed[-1]).values(vote_count=1 + much)
        )

    def list(self, who: int, where: int, much: int) -> None:
        for town_id in self.typed[:1]:
            list_by_hand(self.conn, town_id)

    def drop(self, who: int, where: int, much: int) -> None:
        for town_id in self.typed[-1:]:
            drop_by_hand(self.conn, town_id)


@given(st.lists(acts, min_size=6, max_size=30))
@examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_cells_are_a_count_of_the_towns_whatever_happens(
    database: Database, settings: Settings, happened: list[tuple[str, int, int, int]]
) -> None:
    # Never committed: each example begins on an empty board.
    with database.writer_engine.connect() as conn:
        board = Board(conn)
        for act in happened:
            try:
                board.do(*act)
            except BoardError:
                # Merged already, undone already, a voided voter: nothing was written.
                continue
        assert drifted_cells(conn, settings) == []
        check_cells(conn)


def test_vote_on_a_town_that_asks_touches_no_cell(database: Database) -> None:
    with database.writer_engine.connect() as conn:
        for name in NAMES:
            before = all_cells(conn)
            vote(conn, person(conn, name), VELENJE, now=NOW)
            # Only the first one founds a town.
            assert (all_cells(conn) == before) == (name != "Alice")


# --- many at once ---------------------------------------------------------------------------


def scattered(number: int, seed: int = 1) -> list[dict[str, object]]:
    """Towns all over the world, in a few countries and all statuses."""
    chance = random.Random(seed)
    return [
        row_of_town(
            n,
            lat=chance.uniform(-80, 80),
            lng=chance.choice([chance.uniform(-180, 180), 179.9, -179.9]),
            country=chance.choice(["SI", "PL", "FJ"]),
            status=chance.choice(STATUSES),
            nearest_km=chance.choice([None, 3.0, 25.0, 25.1]),
            vote_count=chance.choice([0, 1, 9]),
            standing=chance.choice(["listed", "listed", "by_hand"]),
        )
        for n in range(number)
    ]


def test_rebuilt_cells_are_the_kept_ones(database: Database) -> None:
    with database.transaction() as conn:
        add_towns(conn, scattered(300))
        check_cells(conn)
        conn.execute(delete(town_cells))
        conn.execute(update(towns).values(celled_as="", zkey=None))
        recell(conn, list(conn.execute(select(towns.c.id)).scalars()))
        check_cells(conn)
        assert recell(conn, list(conn.execute(select(towns.c.id)).scalars())) == 0


@pytest.mark.parametrize("lonely", [False, True])
@pytest.mark.parametrize("country", ["", "SI"])
@pytest.mark.parametrize("statuses", [STATUSES, ("asking",)])
def test_counts_of_windows_are_counts_of_rows(
    database: Database, statuses: tuple[str, ...], country: str, lonely: bool
) -> None:
    chance = random.Random(5)
    facets = Facets(statuses, country, lonely)
    with database.writer_engine.connect() as conn:
        add_towns(conn, [*scattered(250), row_of_town(999, lat=None, lng=None)])
        fitting = [
            row
            for row in conn.execute(select(towns))
            if (row.standing, row.vote_count > 0) == ("listed", True)
            and row.status in statuses
            and country in ("", row.country)
            and not (lonely and row.nearest_km is not None and row.nearest_km <= 25)
        ]
        assert count_towns(conn, facets) == len(fitting)
        for level in (3, 6, 9, FINEST, 14):
            west, east = sorted(chance.randrange(1 << 30) for _ in range(2))
            north, south = sorted(chance.randrange(1 << 30) for _ in range(2))
            for given_windows in (
                [Window(west, east, north, south)],
                [Window(east, (1 << 30) - 1, north, south), Window(0, west, north, south)],
            ):
                for here in (snapped(given_windows, level), given_windows):
                    inside = [
                        row
                        for row in fitting
                        if row.mx is not None
                        and any(
                            w.west <= row.mx <= w.east and w.north <= row.my <= w.south
                            for w in here
                        )
                    ]
                    assert count_towns(conn, facets, here) == len(inside)


def test_cell_of_a_single_town_knows_it(database: Database) -> None:
    with database.transaction() as conn:
        (only,) = add_towns(conn, [row_of_town(1, name="Ptuj", vote_count=12)])
        (cell,) = town_cells_in(conn, Facets(), (), 7)
        row = conn.execute(select(towns).where(towns.c.id == only)).one()
    assert (cell.towns, cell.sum_id, cell.votes, cell.name) == (1, only, 12, "Ptuj")
    assert (cell.sum_mx, cell.sum_my, cell.status) == (row.mx, row.my, "asking")


def test_countries_are_those_of_towns_that_ask(database: Database) -> None:
    with database.transaction() as conn:
        ids = add_towns(
            conn, [row_of_town(n, country=code) for n, code in enumerate(("SI", "PL", "SI"))]
        )
        assert countries_counted(conn) == ["PL", "SI"]
        conn.execute(update(towns).where(towns.c.id == ids[1]).values(vote_count=0))
        recell(conn, ids)
        assert countries_counted(conn) == ["SI"]


# --- at the start, and by recount -----------------------------------------------------------


def test_another_distance_counts_every_lonely_town_anew(database: Database) -> None:
    with database.transaction() as conn:
        add_towns(conn, [row_of_town(n, nearest_km=float(km)) for n, km in enumerate((10, 30, 60))])
    lonely = Facets(lonely=True)
    for km, expected in ((25, 2), (40, 1), (5, 3), (25, 2)):
        mend_cells(database, km)
        with database.transaction() as conn:
            assert count_towns(conn, lonely) == expected
            assert get_fact(conn, JOIN_KM_FACT) == str(km)
            check_cells(conn)
    assert mend_cells(database, 25) == 0


def test_what_passed_the_cells_by_is_mended_at_the_start(database: Database) -> None:
    with database.transaction() as conn:
        add_towns(conn, scattered(50))
        # A node of an older version knows no cells.
        conn.execute(update(towns).values(status="planned"))
        moved = conn.execute(
            select(func.count()).where(towns.c.celled_as.not_like("% planned %"), towns.c.zkey > 0)
        ).scalar_one()
    assert mend_cells(database, 25) == moved > 10
    with database.transaction() as conn:
        check_cells(conn)


def test_recount_finds_and_mends_cells(database: Database, settings: Settings) -> None:
    with database.transaction() as conn:
        add_towns(conn, scattered(40))
        c = town_cells.c
        conn.execute(update(town_cells).where(c.level == 5).values(sum_mx=c.sum_mx + 1))
        conn.execute(delete(town_cells).where(c.level == 7, c.country == ""))
        conn.execute(
            insert(town_cells).values(
                level=EVERYWHERE, country="XX", key=0, status="asking", lonely=1,
                towns=4, sum_mx=0, sum_my=0, sum_id=9,
            )
        )  # fmt: skip
        said = drifted_cells(conn, settings)
        assert [words.split("level ")[1][0] for words in said] == ["0", "5", "7"]
        conn.execute(update(towns).values(celled_as="SI asking 1"))
        assert "counted on the map as something else" in drifted_cells(conn, settings)[0]
        mend(conn, settings)
        assert drifted_cells(conn, settings) == []


def test_recount_follows_the_setting(database: Database, settings: Settings) -> None:
    farther = settings.model_copy(update={"join_km": 50})
    with database.transaction() as conn:
        add_towns(conn, [row_of_town(1, nearest_km=30.0)])
        assert len(drifted_cells(conn, farther)) == 1
        mend(conn, farther)
        assert drifted_cells(conn, farther) == []
        assert count_towns(conn, Facets(lonely=True)) == 0


# --- two at once ----------------------------------------------------------------------------


def test_writers_of_neighbours_lose_nothing(database: Database) -> None:
    """Several nodes move towns of the same cells at the same time, in opposite orders."""
    with database.transaction() as conn:
        rows = [row_of_town(n, lat=46 + n / 1000, lng=15.0) for n in range(24)]
        ids = add_towns(conn, rows)
    other = Database(database.url)
    failed: list[BaseException] = []

    def move(db: Database, mine: list[int], seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _turn in range(15):
                some = chance.sample(mine, 4)
                with db.transaction() as conn:
                    for town_id in sorted(some):
                        status = chance.choice(STATUSES)
                        conn.execute(
                            update(towns).where(towns.c.id == town_id).values(status=status)
                        )
                    recell(conn, some)
        except BaseException as error:  # noqa: BLE001 - the test says what it was
            failed.append(error)

    threads = [
        threading.Thread(target=move, args=(db, mine, seed))
        for seed, (db, mine) in enumerate(
            ((database, ids[::2]), (other, ids[1::2][::-1]), (database, ids), (other, ids[::-1]))
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    other.close()
    assert failed == []
    with database.transaction() as conn:
        assert count_towns(conn, Facets(STATUSES)) == 24
        check_cells(conn)
