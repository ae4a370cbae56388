"""Taking one's own data along: a ZIP, for a remembered person alone."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from board.core import clock, language
from board.core.bodies import form_of
from board.core.http import board_of, read, read_long, see_other, viewer_of
from board.taking_part.export import (
    JSON_NAME,
    PAGE_NAME,
    Parcel,
    as_json,
    field_words,
    photo_name,
    table_words,
)
from board.taking_part.export_queries import Export, export_person, own_photo


async def export(request: Request) -> Response:
    """Everything we hold about this person, packed while it is sent."""
    await form_of(request)
    viewer, now = viewer_of(request), clock.now()
    if viewer is None:
        return see_other("/you")
    keys = board_of(request).keys
    found = await read_long(request, export_person, keys, viewer.id, viewer.key, now)
    return StreamingResponse(
        _parcel(request, found, viewer.id, language.current()),
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="in-your-town-{now.date()}.zip"',
            "cache-control": "private, no-store",
            "x-content-type-options": "nosniff",
        },
    )


async def _parcel(
    request: Request, found: Export, person_id: int, code: str
) -> AsyncIterator[bytes]:
    parcel = Parcel()
    yield parcel.put(JSON_NAME, as_json(found))
    yield parcel.put(PAGE_NAME, _page_of(request, found, code))
    for photo_id in found.photos:
        jpeg = await read(request, own_photo, photo_id, person_id)
        yield parcel.put(photo_name(photo_id), jpeg, packed=False)
    yield parcel.close()


def _page_of(request: Request, found: Export, code: str) -> bytes:
    """The page for people: it needs nothing but itself."""
    board = board_of(request)
    with language.speaking(code):
        template = board.pages.get_template("taking_part/export.html")
        return template.render(
            export=found,
            fields=field_words(),
            tables=table_words(),
            photo_name=photo_name,
            site_name=board.settings.site_name,
            language=code,
        ).encode()
