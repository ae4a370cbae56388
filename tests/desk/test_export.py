"""The table as a file: exactly the view, harmless in a spreadsheet, of any length."""

import csv
import io
import re
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.desk.export import PIECE, Cell, Sheet, csv_lines, harmless, write_xlsx
from board.desk.table_conditions import Look
from board.desk.table_queries import all_ids, rows_of
from board.desk.table_rules import COLUMNS, TableQuestion
from board.towns.models import town_languages, towns
from board.towns.rules import Need
from tests.invented import add_towns, person, remembered, row_of_town, vote

NOW = clock.now()
LOOK = Look(1, Need(), 20, 30, 25.0, NOW)
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", " =1",
    '=HYPERLINK("http://example.org","x")', "=cmd|' /C calc'!A0", "\u3000=2",
)  # fmt: skip
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def desk(client: TestClient, board: Board) -> TestClient:
    """Sue sits at the desk; some towns ask."""
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"), nearby=True)
        add_towns(
            conn,
            [
                row_of_town(
                    n,
                    name=f"Town {n:02}",
                    country=("PL", "SI")[n % 2],
                    vote_count=60 - n,
                    answered_at=clock.now() - timedelta(days=n) if n % 3 else None,
                    nearest_km=None if n % 4 else 57.25,
                    population=(0, 10_000)[n % 2],
                )
                for n in range(55)
            ],
        )
    remembered(board, client, "Sue", role="staff")
    return client


def csv_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cells_of(content: bytes) -> list[list[str | float]]:
    """The rows of a workbook's only sheet; texts as str, numbers as float."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in name.lower() for name in book.namelist())
    rows = []
    for row in sheet.iter(f"{NAMESPACE}row"):
        cells: list[str | float] = []
        for cell in row.iter(f"{NAMESPACE}c"):
            kind = cell.get("t")
            text = "".join(cell.itertext())
            cells.append(text if kind in ("inlineStr", "s", "str") else float(text or "nan"))
        rows.append(cells)
    return rows


# --- the view -------------------------------------------------------------------------------


def names_shown(html: str) -> list[str]:
    return re.findall(r'<a href="/staff/towns/\d+">([^<]+)', html)


@pytest.mark.parametrize(
    "query", ["", "sort=name&order=down", "country=PL&least=20&column=votes,need", "q=town+1"]
)
def test_export_is_exactly_the_view(desk: TestClient, query: str) -> None:
    answer = desk.get(f"/staff/export.csv?{query}")
    lines = csv_of(answer.content)
    shown = names_shown(desk.get(f"/staff?{query}").text)
    shown += names_shown(desk.get(f"/staff?{query}&page=2").text) if len(shown) == 50 else []
    assert [line[1] for line in lines[1:]] == shown
    assert [line[0] for line in lines[1:]] == [str(n + 1) for n in range(len(shown))]
    book = cells_of(desk.get(f"/staff/export.xlsx?{query}").content)
    assert [line[1] for line in book[1:]] == shown
    assert book[0] == lines[0]
    assert ("Unmet need" in lines[0]) == (not query or "need" in query or "column" not in query)
    assert ("Status" in lines[0]) == ("column" not in query)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_is_a_private_download(desk: TestClient, kind: str) -> None:
    answer = desk.get(f"/staff/export.{kind}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="towns-20')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"].startswith(
        ("text/csv; charset=utf-8", "application/vnd.openxmlformats")
    )


def test_numbers_are_numbers_and_dates_iso(desk: TestClient) -> None:
    lines = csv_of(desk.get("/staff/export.csv?q=town+04").content)
    row = dict(zip(lines[0], lines[1], strict=True))
    assert (row["Votes"], row["Nearest circle, km"], row["Overdue"]) == ("56", "57.2", "")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["Our last word"])
    assert row["Public page"] == "http://testserver/towns/pl/town-04-4"
    assert row["Missing"] == "learners, a facilitator, a space"
    content = desk.get("/staff/export.csv?q=town+04").text
    assert ",56," in content  # Unquoted, so that a spreadsheet reads a number.
    book = cells_of(desk.get("/staff/export.xlsx?q=town+04").content)
    assert 56.0 in book[1]
    with_dates = [cell for cell in book[1] if isinstance(cell, float) and cell > 40_000]
    assert len(with_dates) == 2  # Since when it has its status, and our last word.


# --- formulas -------------------------------------------------------------------------------


@given(
    st.sampled_from("=+-@\t\r\n＝＋－＠"),
    st.text(max_size=20),
    st.sampled_from(["", " ", "\u00a0"]),
)
def test_what_a_spreadsheet_would_run_is_made_harmless(first: str, rest: str, before: str) -> None:
    text = before + first + rest
    assert harmless(text) == f"'{text}"


@given(st.from_regex(r"[\w(„\"][^\r\n]*", fullmatch=True))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_any_column_stays_text(
    desk: TestClient, board: Board, hostile: str
) -> None:
    with board.database.transaction() as conn:
        owner = person(conn, hostile, role="staff").id
        (town_id,) = add_towns(
            conn,
            [row_of_town(99, name=hostile, folded="hostile", region=hostile, owner_id=owner)],
        )
        conn.execute(
            insert(town_languages).values(town_id=town_id, language=hostile[:8], stories=1)
        )
    for read in (
        csv_of(desk.get("/staff/export.csv?q=hostile").content),
        cells_of(desk.get("/staff/export.xlsx?q=hostile").content),
    ):
        (line,) = read[1:]
        texts = [cell for cell in line if isinstance(cell, str)]
        assert sum(text.startswith("'") for text in texts) == 4
        assert not any(
            text.lstrip(" \u3000")[:1] in tuple("=+-@\t\r＝＋－＠") for text in texts if text
        )


# --- any length -----------------------------------------------------------------------------

MANY = 50_000
MEMORY = 12 * 1024 * 1024


def fill(conn: Connection, count: int) -> None:
    rows = [row_of_town(1, name="Town", vote_count=1)]
    plain = rows[0]
    for begin in range(0, count, 5_000):
        conn.execute(
            insert(towns),
            [
                {**plain, "code": f"c{n:06}", "slug": f"town-{n}", "vote_count": 1 + n % 997}
                for n in range(begin, begin + 5_000)
            ],
        )


@pytest.mark.slow
def test_fifty_thousand_rows_need_the_memory_of_one_piece(board: Board) -> None:
    sheet = Sheet(COLUMNS, "http://testserver")
    with board.database.transaction() as conn:
        fill(conn, MANY)
    with board.database.snapshot() as conn, tempfile.TemporaryFile() as file:
        ids = all_ids(conn, TableQuestion(columns=COLUMNS), LOOK)
        assert len(ids) == MANY

        def pieces(end: int) -> Iterator[list[list[Cell]]]:
            for begin in range(0, end, PIECE):
                rows = rows_of(conn, ids[begin : begin + PIECE], LOOK)
                yield [sheet.line(begin + n, row) for n, row in enumerate(rows, start=1)]

        # Whatever is made once (compiled statements, caches) is made by the first piece.
        for lines in pieces(PIECE):
            csv_lines(lines)
        tracemalloc.start()
        size = sum(len(csv_lines(lines)) for lines in pieces(MANY))
        csv_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        write_xlsx(file, sheet.heads, (line for lines in pieces(10_000) for line in lines))
        book_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (size > MANY * 100, file.tell() > 10_000) == (True, True)
    assert (csv_peak < MEMORY, book_peak < MEMORY) == (True, True)


def test_both_files_hold_every_row(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        fill(conn, 5_000)
    query = "column=votes,owner"
    lines = csv_of(desk.get(f"/staff/export.csv?{query}").content)
    assert len(lines) == 5_000 + 56 + 1
    assert len({line[-1] for line in lines}) == len(lines)
    book = cells_of(desk.get(f"/staff/export.xlsx?{query}").content)
    assert len(book) == len(lines)
    assert [row[-1] for row in book] == [line[-1] for line in lines]
