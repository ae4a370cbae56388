"""Logs: JSON lines in production, readable ones in development; no addresses, no texts."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar, Token
from typing import Any

import structlog

_request: ContextVar[str] = ContextVar("request", default="")


class about_request:
    """Whatever is logged inside the block is about this request.

    structlog's own way to bind a value cost more than a page from the cache does.
    """

    def __init__(self, number: str) -> None:
        self._number = number

    def __enter__(self) -> None:
        self._before: Token[str] = _request.set(self._number)

    def __exit__(self, *_error: object) -> None:
        _request.reset(self._before)


def _with_request(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A log line with the request it is about."""
    if number := _request.get():
        line["request"] = number
    return line


def set_up_logs(*, production: bool, level: int = logging.INFO) -> None:
    """Send the standard library's and structlog's lines one way, to standard error."""
    shared: list[structlog.typing.Processor] = [
        _with_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    drawing: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if production
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *drawing],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # One line a request is ours (core.shell); the server's own would print whole addresses.
    for name in ("uvicorn.access", "httpx2", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
