"""What P2PU's API answers with: the envelope around the rows, from a file or from the wire."""

import json
import zlib
from typing import Any, Final, NamedTuple

from board.core.errors import BoardError
from board.core.language import gettext as _
from board.core.text import excerpt

# A saved file, which may hold a whole list; and one answer from the wire, which is a page.
LARGEST: Final = 40_000_000
LARGEST_PAGE: Final = 8_000_000
MOST_ROWS: Final = 100_000
# What one answer from the wire may hold of anything, names and values. Reading it as JSON keeps
# the whole process waiting, and eight MB of nothing but brackets would do so for seconds.
MOST_VALUES: Final = 300_000
_GZIP_START: Final = b"\x1f\x8b"


class FeedError(BoardError):
    """A feed could not be taken over; its text says why. What was there before stays."""


class ListMoved(FeedError):
    """The list changed while we read it: what we have of it doesn't fit the rest."""

    def __init__(self) -> None:
        super().__init__(_("The list kept changing while we read it. The next try will do."))


class ListBroken(FeedError):
    """The list contradicts itself; going on where we stopped would not help."""


class Answer(NamedTuple):
    """The rows of one answer. `total` is how many the whole list has; None in a bare list."""

    items: list[Any]
    total: int | None


def read_answer(body: bytes) -> Answer:
    """The rows in an answer's body; raises FeedError for anything that is no list of rows."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise FeedError(_("This is not JSON: it may be cut off, or a web page.")) from None
    if isinstance(said, list):
        return Answer(said, None)
    if not isinstance(said, dict):
        raise FeedError(_("This is JSON, but no list of rows."))
    if said.get("status") == "error":
        raise FeedError(_("The other side reports an error: %(what)s") % {"what": _told(said)})
    items, count = said.get("items"), said.get("count")
    if not isinstance(items, list):
        raise FeedError(_("This is JSON, but no list of rows."))
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise FeedError(_("The list doesn't say how many rows it has, so it may be cut off."))
    return Answer(items, count)


def read_page(body: bytes) -> Answer:
    """As `read_answer`, from the wire: what would take too long to read isn't begun."""
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise FeedError(_("The answer holds more than a list of circles could."))
    return read_answer(body)


def _told(said: dict[str, Any]) -> str:
    """What an error answer says, short and in one line."""
    return excerpt(json.dumps(said.get("errors", ""), ensure_ascii=False), 160)


def whole_list(answers: list[Answer]) -> list[Any]:
    """The rows of all answers together; raises FeedError unless they are the whole list."""
    items = [item for answer in answers for item in answer.items]
    totals = {answer.total for answer in answers if answer.total is not None}
    if len(totals) > 1:
        raise FeedError(_("These answers are of different times: their totals differ."))
    total = totals.pop() if totals else len(items)
    if len(items) != total:
        raise too_few(total, len(items))
    return items


def too_few(total: int, here: int) -> ListBroken:
    """The list says another number of rows than it has."""
    words = _("The list has %(total)s rows, but %(here)s are here.")
    return ListBroken(words % {"total": total, "here": here})


def opened(body: bytes) -> bytes:
    """A saved answer's bytes, unpacked when it is a .gz; raises FeedError when it is too large."""
    if not body.startswith(_GZIP_START):
        return _within(body)
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(body, LARGEST + 1)
    except zlib.error:
        raise FeedError(_("This .gz file is damaged.")) from None
    if len(text) <= LARGEST and not unpacker.eof:
        raise FeedError(_("This .gz file is damaged."))
    return _within(text)


def _within(body: bytes) -> bytes:
    if len(body) > LARGEST:
        raise FeedError(too_large())
    return body


def too_large(most: int = LARGEST) -> str:
    """The sentence for an answer that doesn't end."""
    return _("The answer is larger than %(size)s MB.") % {"size": most // 1_000_000}
