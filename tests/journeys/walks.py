"""What every journey does: wait for a mail of the board, and look at the page as people do."""

import time
from pathlib import Path

from playwright.sync_api import Page

from board.core.http import Board
from tests.post import Post, read_post


def newest_mail(board: Board, *, beside: int = 0, seconds: float = 20.0) -> Post:
    """The newest mail, once more than `beside` of them have arrived."""
    folder = board.settings.mail_folder
    deadline = time.monotonic() + seconds
    while len(files := _mails(folder)) <= beside:
        if time.monotonic() > deadline:
            raise TimeoutError("no mail came")
        time.sleep(0.05)
    return read_post(files[-1].read_bytes())


def _mails(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eml")) if folder.is_dir() else []


def sideways_overflow(page: Page) -> int:
    """How many px of the page lie outside of the screen's width."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
