"""The board served as always, and it tells how many pages came from the cache."""

import argparse
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

import board.app
from board.core.config import Settings
from board.core.kept_pages import Store
from board.serving import serve_board

PATH: Final = "/bench/hits"


class Counted:
    """Around the application: counts how often a kept page was found, and says so at `PATH`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.asked = self.found = 0
        find = Store.find

        def counted(store: Store, key: Any) -> Any:
            kept = find(store, key)
            self.asked += 1
            self.found += kept is not None
            return kept

        Store.find = counted  # type: ignore[method-assign,assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            body = f"{self.asked} {self.found}".encode()
            length = (b"content-length", str(len(body)).encode())
            await send({"type": "http.response.start", "status": 200, "headers": [length]})
            await send({"type": "http.response.body", "body": body})
            return
        await self.app(scope, receive, send)


def main() -> None:
    """`python -m tests.bench.counted --port …`; the settings come from the environment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    create = board.app.create
    board.app.create = lambda: Counted(create())
    serve_board(Settings(), host="127.0.0.1", port=given.port, workers=1)


if __name__ == "__main__":
    main()
