"""An export as a ZIP: JSON for machines, one HTML page for people, the pictures. Pure.

It is written piece by piece, so that nobody's data stands in memory as a whole.
"""

import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from board.core.language import gettext as _
from board.taking_part.export_queries import Export

JSON_NAME = "your-data.json"
PAGE_NAME = "your-data.html"


class Pieces(io.RawIOBase):
    """A file that only goes forward: what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Take bytes over."""
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


class Parcel:
    """A ZIP in the making: put something in, get the bytes that are ready."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._zip = ZipFile(self._pieces, "w")

    def put(self, name: str, content: bytes, *, packed: bool = True) -> bytes:
        """Add a file; the bytes to send so far."""
        self._zip.writestr(name, content, ZIP_DEFLATED if packed else ZIP_STORED)
        return self._pieces.take()

    def close(self) -> bytes:
        """The last bytes: the list of what is inside."""
        self._zip.close()
        return self._pieces.take()


def as_json(export: Export) -> bytes:
    """Everything, field by field."""
    whole = {"made_at": export.made_at, "photos": _photo_names(export), **export.tables}
    return json.dumps(whole, ensure_ascii=False, indent=2, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"an export holds no {type(value).__name__}")


def photo_name(photo_id: int) -> str:
    """A picture's name inside the ZIP."""
    return f"photos/{photo_id}.jpg"


def _photo_names(export: Export) -> list[str]:
    return [photo_name(photo_id) for photo_id in export.photos]


def field_words() -> Mapping[str, str]:
    """What fields are called on the page for people."""
    return {
        "town": _("Town"), "name": _("Name"), "language": _("Language"), "state": _("State"),
        "created_at": _("Since"), "cast_at": _("Since"), "kept_at": _("Kept since"),
        "expires_at": _("Kept until"), "value": _("Address"), "kind": _("Kind"),
        "nearby": _("I live here or nearby"), "come": _("I'd come"),
        "facilitate": _("I could facilitate"), "host": _("I have or know a space"),
        "help": _("I can help some other way"), "word": _("To learn"), "slot": _("Time"),
        "title": _("Title"), "why": _("Why"), "how": _("How"), "own": _("Your story"),
        "text": _("Text"), "visibility": _("Visibility"), "reason": _("Reason"),
        "published_at": _("Published"), "edited_at": _("Edited"), "purpose": _("Purpose"),
        "at": _("When"), "seen_at": _("Last seen"), "pace": _("How often"),
        "about": _("What"), "note": _("Note"), "answer": _("Answer"), "sent_at": _("Sent"),
        "contact": _("Address"), "payload": _("What you typed"), "content": _("What you wrote"),
        "alt": _("What can be seen"), "stream": _("Mails"), "role": _("Role"),
    }  # fmt: skip


def table_words() -> Mapping[str, str]:
    """What the tables are called on the page for people."""
    return {
        "person": _("You"), "contact": _("How we reach you"),
        "contact_use": _("Who used your contact"), "browser_session": _("Remembered browsers"),
        "desk_code": _("Your slip"), "vote": _("Votes"),
        "vote_topic": _("What you'd like to learn"),
        "vote_slot": _("When you could come"), "story": _("Stories"),
        "story_revision": _("Earlier wordings"), "story_photo": _("Pictures"),
        "comment": _("Comments"), "follow": _("What you follow"), "flag": _("What you reported"),
        "launch_answer": _("How it went"), "town_update": _("What you wrote for P2PU"),
        "waiting": _("What waits unconfirmed"), "outgoing_mail": _("Mails to you"),
        "suppression": _("Mail stopped"), "stopped_stream": _("Kinds of mail stopped"),
        "partner_message": _("Messages to P2PU"), "second_factor": _("Your second factor"),
        "passkey": _("Your passkeys"), "recovery_code": _("Your codes on paper"),
        "organiser_town": _("Towns you look after"), "desk_language": _("Languages you read"),
        "saved_view": _("Views you kept"), "hand_over_yes": _("Where your contact may go"),
    }  # fmt: skip
