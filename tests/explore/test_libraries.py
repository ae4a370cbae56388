"""The libraries that run circles: on a page of their own, on home, and near a town."""

import re

import pytest
from sqlalchemy import Connection, insert
from starlette.testclient import TestClient

from board.circles.library_queries import FEW
from board.circles.models import circle_imports
from board.core import clock
from board.core.http import Board
from board.explore.library_views import LIBRARIES_A_PAGE
from tests.invented import add_library

TOWN = "/towns/si/velenje"
LISTED = "As P2PU listed them on"


def named(html: str) -> list[str]:
    """The libraries of a page, in its order."""
    return re.findall(r'class="rows-name"[^>]*>(Library [^<]+)<', html)


def brought_in(conn: Connection, *, sample: bool = False) -> None:
    """P2PU's list of libraries came today."""
    now = clock.now()
    conn.execute(
        insert(circle_imports).values(
            kind="libraries", source="a list", sample=sample, started_at=now, finished_at=now,
            outcome="done",
        )
    )  # fmt: skip


def link_of(html: str, way: str) -> str:
    """Where a page's link to the "next" or the "prev" page leads."""
    found = re.search(rf'href="([^"]+)" rel="{way}"', html)
    return found.group(1).replace("&amp;", "&") if found else ""


def pages_from(client: TestClient, address: str, way: str) -> list[list[str]]:
    """The libraries of a page and of all that its links lead to, page by page."""
    found = []
    while address:
        html = client.get(address).text
        found.append(named(html))
        address = link_of(html, way)
    return found


@pytest.mark.parametrize("query", ["", "?country=si"])
def test_libraries_are_reached_by_country_and_name_there_and_back(
    client: TestClient, board: Board, query: str
) -> None:
    countries = ("SI", "PL", "") if not query else ("SI",)
    count = 3 * LIBRARIES_A_PAGE
    with board.database.transaction() as conn:
        for n in range(count):
            add_library(conn, f"Library {n:03}", 46.0, 14.5, country=countries[n % len(countries)])
    there = pages_from(client, f"/libraries{query}", "next")
    second = link_of(client.get(f"/libraries{query}").text, "next")
    third = link_of(client.get(second).text, "next")
    back = pages_from(client, third, "prev")

    listed = [name for page in there for name in page]
    assert [len(page) for page in there] == [LIBRARIES_A_PAGE] * 3
    assert listed == [
        f"Library {n:03}"
        for n in sorted(range(count), key=lambda n: (countries[n % len(countries)], n))
    ]
    assert back == there[::-1]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/libraries", "hasn't been brought in yet"),
        ("/libraries?country=FR", "No library or team there yet."),
        ("/libraries?country=%00&after=%27&before=9999999999", "No library or team there yet."),
    ],
)
def test_libraries_without_any_invite_partners(client: TestClient, path: str, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert said in answer.text
    assert "/partner" in answer.text


def test_home_shows_few_libraries_whole_and_many_as_numbers(
    client: TestClient, board: Board
) -> None:
    assert "Libraries that run circles" not in client.get("/").text
    with board.database.transaction() as conn:
        brought_in(conn)
        for n in range(FEW):
            add_library(conn, f"Library {n:02}", 46.0, 14.5)
    few = client.get("/").text
    with board.database.transaction() as conn:
        add_library(conn, "Library 99", 46.0, 14.5, country="PL")
    many = client.get("/").text

    assert len(named(few)) == FEW
    assert few.count(LISTED) == 1
    assert named(many) == []
    assert "/libraries?country=PL" in many
    assert f"All {FEW + 1} libraries" in many


def test_town_shows_the_libraries_near_it_and_when_they_were_listed(
    client: TestClient, board: Board
) -> None:
    with board.database.transaction() as conn:
        brought_in(conn, sample=True)
        for n, lng in enumerate((15.4, 15.2, 15.1, 15.3), start=1):
            add_library(conn, f"Library {n}", 46.36, lng, website="https://example.org/")
        add_library(conn, "Library 9", 48.0, 15.1)
        gone = add_library(conn, "Library 8", 46.36, 15.1, gone_at=clock.now())
    html = client.get(TOWN).text

    assert gone
    assert named(html) == ["Library 3", "Library 2", "Library 4"]
    assert (html.count(LISTED), html.count("Invented libraries")) == (1, 1)
    elsewhere = client.get("/towns/fi/joensuu").text
    assert named(elsewhere) == []
    assert LISTED not in elsewhere


def test_town_page_follows_a_library_that_comes_and_its_list_s_date(
    client: TestClient, board: Board
) -> None:
    assert named(client.get(TOWN).text) == []
    with board.database.transaction() as conn:
        add_library(conn, "Library 1", 46.36, 15.1)
    assert named(client.get(TOWN).text) == ["Library 1"]
    assert LISTED not in client.get(TOWN).text
    with board.database.transaction() as conn:
        brought_in(conn)
    assert LISTED in client.get(TOWN).text
