"""An answer that is written already: as a message for any server, and as the lines of its head.

A server looks at each header of each answer anew, which takes longer than finding a kept page.
Ours offers to send what was looked at once (`serving`).
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from starlette.types import Message, Scope, Send

Header = tuple[bytes, bytes]
# Where a server offers that, in a scope's extensions. Called with the scope, an answer's head but
# for its last line, and its body; False: not now.
READY: Final = "board.ready"
_STATUS_LINES: Final = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}
_LINE_BREAK: Final = re.compile(rb"[\r\n\0]")


class Ready(NamedTuple):
    """An answer."""

    start: Message
    head: bytes
    body: bytes


def write_down(status: int, headers: Sequence[Header], body: bytes | None) -> Ready:
    """An answer with these headers; a body, even an empty one, has its length said."""
    lengthy = [] if body is None else [(b"content-length", b"%d" % len(body))]
    said = [*headers, *lengthy]
    if any(_LINE_BREAK.search(value) for _name, value in said):
        raise ValueError("a header's value holds a line break")
    head = _STATUS_LINES[status] + b"".join(b"%s: %s\r\n" % one for one in said)
    start = {"type": "http.response.start", "status": status, "headers": said}
    return Ready(start, head, body or b"")


async def send_ready(answer: Ready, scope: Scope, send: Send) -> None:
    """Send an answer as it is written, where the server can; else as any other."""
    write = scope.get("extensions", {}).get(READY)
    if write is None or not write(scope, answer.head, answer.body):
        await send(answer.start)
        await send({"type": "http.response.body", "body": answer.body})
