"""All personal data in one place: every column is known, exported, erased; none is forgotten."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from board.core import clock
from board.core.http import Board
from board.tables import metadata
from board.taking_part.erase_actions import erase_person
from board.taking_part.export import as_json
from board.taking_part.export_queries import export_person
from board.taking_part.harmless import HARMLESS
from board.taking_part.personal import PERSONAL, columns_of
from board.taking_part.retention import periods_of
from tests.invented import NEED
from tests.taking_part.canaries import EMAIL, NAME, WORDS, fill, keyed, traces

NOT_PERSONAL = {name: columns for group in HARMLESS for name, columns in group.tables.items()}


def test_every_table_is_classified_once() -> None:
    assert set(PERSONAL) & set(NOT_PERSONAL) == set()
    assert {*PERSONAL, *NOT_PERSONAL} == set(metadata.tables)


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_column_is_classified_once(name: str) -> None:
    known = columns_of(PERSONAL[name]) if name in PERSONAL else NOT_PERSONAL[name]
    assert sorted(known) == sorted(column.name for column in metadata.tables[name].c)


def test_a_new_column_would_be_noticed() -> None:
    assert "birthday" not in columns_of(PERSONAL["person"])


def test_what_is_erased_is_a_column_and_what_stays_says_why() -> None:
    for name, held in PERSONAL.items():
        if held.erased != "row":
            assert set(held.erased) <= set(columns_of(held)), name
            assert held.kept, name


def test_every_period_is_one_that_the_job_keeps(board: Board) -> None:
    kinds = {period.kind for period in periods_of(board.settings)}
    assert {held.period for held in PERSONAL.values()} - {"", "slips"} <= kinds


def test_export_holds_every_canary_that_is_ones_own(board: Board) -> None:
    with board.database.transaction() as conn:
        who = fill(conn, board.keys)
    with board.database.snapshot() as conn:
        export = export_person(conn, board.keys, who.id, who.key, clock.now())
    found = json.loads(as_json(export))
    for name, held in PERSONAL.items():
        if not (held.shown or held.opened):
            continue
        assert len(found[name]) == 1, name
        assert set(found[name][0]) - {"town"} == {*held.shown, *held.opened}, name
        for column, value in found[name][0].items():
            kind = metadata.tables[name].c.get(column)
            if isinstance(value, str) and value.startswith("canary-") and kind is not None:
                assert value == f"canary-{name}-{column}"[: len(value)]
    assert found["contact"][0]["value"] == EMAIL
    assert found["waiting"][0]["payload"]["name"] == "canary-form"
    assert found["partner_message"][0]["content"]["message"] == "canary-partner"
    assert found["person"][0]["name"] == NAME


@pytest.mark.parametrize("take_back", [False, True])
def test_erasing_leaves_no_canary_anywhere(board: Board, take_back: bool) -> None:
    with board.database.transaction() as conn:
        who = fill(conn, board.keys)
    with board.database.snapshot() as conn:
        before = set(traces(conn))
    # The test would see nothing if nothing was there.
    assert {"story.why", "comment.text", "vote.name", "flag.note", "story_revision.own"} <= before
    with board.database.transaction() as conn:
        erase_person(
            conn, board.keys, who.id, who.key, take_back=take_back, need=NEED, now=clock.now()
        )
    with board.database.snapshot() as conn:
        assert set(traces(conn)) - KEPT == set()
        for name, held in PERSONAL.items():
            table = metadata.tables[name]
            if held.erased == "row":
                assert conn.execute(select(table)).first() is None, name
        votes = conn.execute(select(metadata.tables["vote"])).mappings().one()
        key = keyed(board.keys)
        assert (votes["voter_key"], votes["person_id"]) == (key, None)
        assert votes["state"] == ("taken_back" if take_back else "counted")
        stopped = conn.execute(select(metadata.tables["stopped_stream"].c.key)).scalar_one()
        assert stopped == key
        for name in ("person", "outgoing_mail"):
            column = "key" if name == "person" else "recipient_key"
            assert key not in conn.execute(select(metadata.tables[name].c[column])).scalars()


# Where a row stays, these stay in it: P2PU's own words, and a slip's hash so that it stays used.
KEPT = {"desk_code.hash", "town_update.text", "town_update.html"}


def test_file_and_log_hold_nothing_after_wiping(board: Board) -> None:
    if not board.database.is_sqlite:
        # PostgreSQL's own vacuum does it (ARCHITECTURE.md, Data); its files can't be read here.
        return
    with board.database.transaction() as conn:
        who = fill(conn, board.keys)
    file = Path(str(make_url(board.database.url).database))
    words = [word.encode() for word in (*WORDS, "thu_evening")]
    assert any(word in everything(file) for word in words)
    with board.database.transaction() as conn:
        erase_person(conn, board.keys, who.id, who.key, take_back=False, need=NEED, now=clock.now())
    board.database.wipe()
    raw = everything(file)
    for kept in KEPT:
        raw = raw.replace(("canary-" + kept.replace(".", "-")).encode(), b"")
    left = {raw[at - 40 : at + 40] for word in words for at in [raw.find(word)] if at >= 0}
    assert left == set()


def everything(file: Path) -> bytes:
    """The database file, its log and whatever lies beside it."""
    return b"".join(
        part.read_bytes() for part in file.parent.glob(file.name + "*") if part.is_file()
    )
