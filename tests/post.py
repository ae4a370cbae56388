"""Reading the board's mails as people do: deliver what is due, take code and link from the text."""

import asyncio
import re
from email import message_from_bytes, policy
from typing import NamedTuple

from board.core.http import Board
from board.digests.standing import stands_for
from board.mail.carriers import Folder
from board.mail.jobs import deliver_once


class Post(NamedTuple):
    """A mail as its reader sees it."""

    to: str
    subject: str
    text: str
    raw: bytes

    @property
    def code(self) -> str:
        """The six digits."""
        found = re.search(r"\b(\d{6})\b", self.text)
        return found.group(1) if found else ""

    @property
    def link(self) -> str:
        """The path of the link to confirm."""
        found = re.search(r"https?://[^/\s]+((?:/[a-z]{2})?/confirm/\S+)", self.text)
        return found.group(1) if found else ""


def read_post(raw: bytes) -> Post:
    """A mail, parsed."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain",))
    return Post(str(mail["To"]), str(mail["Subject"]), body.get_content() if body else "", raw)


def deliver(board: Board) -> list[Post]:
    """Deliver what is due into the board's folder; all mails so far, the oldest first."""
    folder = Folder(board.settings.mail_folder)

    stands = stands_for(board.keys)

    async def all_of_it() -> None:
        while await deliver_once(
            board.database, board.keys, board.settings, board.pages, folder, stands
        ):
            pass

    asyncio.run(all_of_it())
    files = sorted(folder.folder.glob("*.eml")) if folder.folder.is_dir() else []
    return [read_post(file.read_bytes()) for file in files]
