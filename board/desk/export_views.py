"""The table as a download, exactly as the address asks for it."""

import tempfile
from array import array
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import BinaryIO, cast

import anyio.to_thread
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from board.core.http import board_of, read_long
from board.desk.desk_page import look_of
from board.desk.export import PIECE, Cell, Sheet, csv_lines, write_xlsx
from board.desk.table_conditions import Look
from board.desk.table_queries import all_ids, rows_of
from board.desk.table_rules import TableQuestion

_CHUNK = 64 * 1024


async def csv_of_table(request: Request) -> Response:
    """The view as CSV, sent as it is read: piece by piece, none of it kept."""
    asked, look, sheet = _asked(request)
    ids = await read_long(request, all_ids, asked, look)

    async def pieces() -> AsyncIterator[bytes]:
        yield csv_lines([sheet.heads], first=True)
        for begin in range(0, len(ids), PIECE):
            lines = await read_long(request, _lines, ids, begin, sheet, look)
            yield csv_lines(lines)

    return StreamingResponse(
        pieces(), media_type="text/csv; charset=utf-8", headers=_headers("csv", look.now)
    )


async def xlsx_of_table(request: Request) -> Response:
    """The view as a workbook, written to a file that has no name and is gone when it was sent."""
    asked, look, sheet = _asked(request)
    # It lives until the answer was sent, or the connection is lost and nothing holds it any more.
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    size = await read_long(request, _write_book, file, asked, sheet, look)

    async def chunks() -> AsyncIterator[bytes]:
        with file:
            while chunk := await anyio.to_thread.run_sync(file.read, _CHUNK):
                yield chunk

    return StreamingResponse(
        chunks(),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={**_headers("xlsx", look.now), "content-length": str(size)},
    )


def _asked(request: Request) -> tuple[TableQuestion, Look, Sheet]:
    asked = TableQuestion.read(request.query_params.multi_items())
    return asked, look_of(request), Sheet(asked.columns, board_of(request).settings.base_url)


def _headers(kind: str, now: datetime) -> dict[str, str]:
    name = f"towns-{now.date().isoformat()}.{kind}"
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }


def _lines(
    conn: Connection, ids: "array[int]", begin: int, sheet: Sheet, look: Look
) -> list[list[Cell]]:
    """One piece of the table."""
    rows = rows_of(conn, ids[begin : begin + PIECE], look)
    return [sheet.line(begin + n, row) for n, row in enumerate(rows, start=1)]


def _write_book(
    conn: Connection, file: BinaryIO, asked: TableQuestion, sheet: Sheet, look: Look
) -> int:
    """Write the workbook; its size."""
    ids = all_ids(conn, asked, look)

    def lines() -> Iterator[list[Cell]]:
        for begin in range(0, len(ids), PIECE):
            yield from _lines(conn, ids, begin, sheet, look)

    write_xlsx(file, sheet.heads, lines())
    size = file.tell() if file.seek(0, 2) else 0
    file.seek(0)
    return size
