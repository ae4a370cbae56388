"""The board's log lines, as a production board writes them, caught while a test runs."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import structlog

from board.core.logs import set_up_logs


class LogLines:
    """What was logged so far."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def text(self) -> str:
        """Everything, as it was written."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line, read as JSON."""
        return [json.loads(line) for line in self.text.splitlines()]

    def about(self, event: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [line for line in self.lines if line.get("event") == event]


@contextmanager
def logged(level: int = logging.INFO) -> Iterator[LogLines]:
    """Catch the lines of a production board, then leave logging as it was."""
    root = logging.getLogger()
    handlers, old_level = root.handlers, root.level
    caught = LogLines()
    set_up_logs(production=True, level=level)
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(caught.stream)
    try:
        yield caught
    finally:
        root.handlers, root.level = handlers, old_level
        structlog.reset_defaults()
