"""The circles' own layer of /towns, page by page as a browser goes through it."""

import re
from datetime import timedelta

from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from tests.circles.test_queries import add, circle


def test_list_of_circles_is_walked_there_and_back(client: TestClient, board: Board) -> None:
    today = clock.now().date()
    with board.database.transaction() as conn:
        add(
            conn,
            *(
                circle(n, starts_on=today - timedelta(days=n), ends_on=today + timedelta(days=9))
                for n in range(1, 51)
            ),
        )

    def names(page: str) -> list[str]:
        return re.findall(r"Circle [0-9]+(?=</a>)", page)

    def linked(page: str, rel: str) -> str:
        found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
        return found[1].replace("&amp;", "&") if found else ""

    pages = [client.get("/towns?layer=circles").text]
    while following := linked(pages[-1], "next"):
        pages.append(client.get(following).text)
    walked = [name for page in pages for name in names(page)]
    back = [client.get(linked(pages[-1], "prev")).text]
    while leading := linked(back[-1], "prev"):
        back.append(client.get(leading).text)

    assert walked == [f"Circle {n}" for n in range(1, 51)]
    assert linked(pages[0], "prev") == ""
    assert [names(page) for page in reversed(back)] == [names(page) for page in pages[:-1]]
