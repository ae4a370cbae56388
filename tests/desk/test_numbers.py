"""One number, one definition: what the desk's table says of a town is what the list, its own page
and the file say, and "How we count" tells how."""

import csv
import io
import re

import pytest
from starlette.testclient import TestClient

from board.circles.actions import refresh_nearest
from board.core import clock
from board.core.geo import distance_km
from board.core.http import Board
from board.votes.actions import take_back_vote
from board.votes.rules import Offer
from tests.invented import (
    ELK,
    NEED,
    NOWY_SACZ,
    VELENJE,
    add_circles,
    person,
    remembered,
    row_of_circle,
    tell,
    vote,
)

# Kept beside the towns of tests/conftest.py: where they lie and how many live there.
PEOPLE = {"Velenje": 26_742, "Nowy Sącz": 84_041, "Ełk": 55_769}
LJUBLJANA = (46.06, 14.51)


def plain(html: str) -> str:
    """A page's words, without drawings."""
    words = re.sub(r"<svg.*?</svg>|<script.*?</script>", " ", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words))


@pytest.fixture
def desk(client: TestClient, board: Board) -> TestClient:
    """Three towns that ask, a circle in Ljubljana, a vote that was taken back; Sue at the desk."""
    now = clock.now()
    with board.database.transaction() as conn:
        add_circles(conn, [row_of_circle(1, *LJUBLJANA)])
        for n in range(7):
            offer = Offer(come=n < 4, facilitate=n == 0, host=n == 6, help=n == 5)
            who = person(conn, f"Velenje {n}")
            town_id = vote(conn, who, VELENJE, offer=offer, nearby=n < 3)
            if n < 2:
                tell(conn, who, town_id)
        gone = person(conn, "Gone")
        take_back_vote(conn, vote(conn, gone, VELENJE, nearby=True), gone.key, need=NEED, now=now)
        for n in range(3):
            vote(conn, person(conn, f"Elk {n}"), ELK)
        for n in range(11):
            vote(conn, person(conn, f"Sacz {n}"), NOWY_SACZ, offer=Offer(come=True))
        refresh_nearest(conn, now)
    remembered(board, client, "Sue", role="staff")
    return client


def file_of(desk: TestClient, query: str = "") -> list[dict[str, str]]:
    """The table as a file with every column; a town a line."""
    columns = "votes,trend,ready,come,facilitate,host,help,near,per10k,need,stories,population"
    answer = desk.get(f"/staff/export.csv?column={columns}{query}")
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_town_has_the_same_numbers_everywhere(desk: TestClient) -> None:
    (line,) = [line for line in file_of(desk) if line["Town"] == "Velenje"]
    near = distance_km(46.3592, 15.1103, *LJUBLJANA)
    said = {name: line[name] for name in ("Votes", "Nearby", "Come", "Facilitators", "Spaces")}
    assert said == {"Votes": "7", "Nearby": "3", "Come": "4", "Facilitators": "1", "Spaces": "1"}
    assert (line["Other help"], line["Stories"], line["Ready, of 3"]) == ("1", "2", "2")
    assert float(line["Nearest circle, km"]) == pytest.approx(near, abs=0.06)
    table = plain(desk.get("/staff?column=votes,come,near,per10k,need,trend").text)
    dossier = plain(desk.get("/staff/towns/1").text)
    desk.cookies.clear()
    page = plain(desk.get("/towns/si/velenje").text)
    row = plain(desk.get("/towns?q=velenje&view=list").text)
    for where in (table, row):
        assert re.search(r"\b7 (votes )?", where), where
    assert "3 of the 7 live nearby" in page
    assert "4 would come, 6 needed" in page
    assert "4 would come · 1 facilitator" in row
    km = f"{round(near)} km"
    for where in (table, row, dossier):
        assert km in where
    for where in (table, dossier):
        assert line["Votes per 10k people"] in where
    assert "+7" in table


def test_files_numbers_are_what_how_we_count_says(desk: TestClient) -> None:
    lines = file_of(desk)
    assert len(lines) == 3
    for line in lines:
        votes, people = int(line["Votes"]), int(line["People"])
        assert people == PEOPLE[line["Town"]]
        assert float(line["Votes per 10k people"]) == pytest.approx(
            10_000 * votes / people, abs=0.1
        )
        km = min(float(line["Nearest circle, km"] or 100), 100) / 100
        need = 10_000 * (votes + 0.5) / (people + 5_000) * max(0.25, km)
        assert float(line["Unmet need"]) == pytest.approx(need, abs=0.06)
    desk.cookies.clear()
    told = plain(desk.get("/how-we-count").text)
    for part in ("10,000", "5,000", "100", "nearest circle"):
        assert part in told


@pytest.mark.parametrize("sort", ["votes", "need", "rising"])
def test_desk_and_list_put_towns_in_the_same_order(desk: TestClient, sort: str) -> None:
    at_desk = [line["Town"] for line in file_of(desk, f"&sort={sort}")]
    desk.cookies.clear()
    listed = desk.get(f"/towns?sort={sort}&layer=towns").text
    public = re.findall(r'href="/towns/[a-z]{2}/(velenje|nowy-sacz|elk)"', listed)
    called = {"velenje": "Velenje", "nowy-sacz": "Nowy Sącz", "elk": "Ełk"}
    assert [called[slug] for slug in dict.fromkeys(public)] == at_desk
