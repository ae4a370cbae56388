"""What people send: forms read whole, counted, and kept so that they can be given back.

Every form counts towards its network's limit, except those of people at the desk.
"""

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from board.core.errors import Mistake
from board.core.http import board_of, viewer_of
from board.core.language import gettext as _
from board.core.stamps import FIELD

BODY_LIMIT = 128 * 1024


async def form_of(request: Request) -> dict[str, str]:
    """The form's text fields; the last value wins, files are refused.

    Every form counts towards its network's limit, except those of people at the desk.
    """
    values = _texts_of(request, await _form_data(request, max_files=0))
    _count(request)
    return values


async def form_and_file(request: Request, name: str) -> tuple[dict[str, str], UploadFile | None]:
    """The text fields of a form that may carry one file, and that file if it holds anything.

    It lies on the disk, not in memory; whoever reads it closes it.
    """
    # A picture is counted before it is read; words afterwards, so that they can be given back.
    heavy = not 0 <= _length(request) <= BODY_LIMIT
    if heavy:
        _count(request)
    data = await _form_data(request, max_files=1)
    values = _texts_of(request, data)
    file = data.get(name)
    if not (isinstance(file, UploadFile) and file.size):
        file = None
        await data.close()
    if not heavy:
        _count(request)
    if sum(map(len, values.values())) > BODY_LIMIT:
        await data.close()
        raise HTTPException(413)
    return values, file


async def _form_data(request: Request, *, max_files: int) -> FormData:
    if _length(request) == 0:
        # A vote's button on a shared page sends nothing at all.
        return FormData()
    try:
        return await request.form(max_files=max_files, max_fields=100, max_part_size=BODY_LIMIT)
    except (HTTPException, UnicodeError) as refusal:
        # UnicodeError: a part may name any of Python's codecs as its charset. What can't be read
        # counts as well, or a flood of it would cost nothing.
        _count(request)
        if isinstance(refusal, HTTPException) and refusal.status_code == 413:
            raise
        sentence = _("That form did not arrive whole. Please send it again.")
        raise Mistake({"": sentence}) from refusal


def _length(request: Request) -> int:
    """How much the body says it is; -1 for one that doesn't say."""
    declared = request.headers.get("content-length", "")
    return (
        int(declared) if declared.isascii() and declared.isdecimal() and len(declared) < 16 else -1
    )


def _count(request: Request) -> None:
    viewer = viewer_of(request)
    if not (viewer is not None and viewer.desk):
        board_of(request).limiter.count(request.client.host if request.client else "")


def _texts_of(request: Request, data: FormData) -> dict[str, str]:
    texts = {key: value for key, value in data.multi_items() if isinstance(value, str)}
    request.state.sent_stamp = texts.get(FIELD, "")
    request.state.sent = {_storable(key): _storable(value) for key, value in texts.items()}
    return dict(request.state.sent)


def _storable(text: str) -> str:
    """Without what no browser sends and no database or page takes: NUL and half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
