"""Views of the table that staff keep: one's own, shared ones, and nobody else's."""

import re

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from board.core import clock
from board.core.errors import Mistake, NotFound
from board.core.http import Board
from board.desk.models import saved_views
from board.desk.saved_actions import MOST, change_view, delete_view, save_view
from board.desk.saved_queries import views_of
from board.desk.table_rules import TableQuestion
from board.people.models import people
from tests.invented import HERE, add_towns, person, remembered, row_of_town

POLISH = TableQuestion(countries=("PL",), sort="ready")


@pytest.fixture
def desk(client: TestClient, board: Board) -> TestClient:
    """Sue sits at the desk; three towns ask, two of them in Poland."""
    with board.database.transaction() as conn:
        add_towns(conn, [row_of_town(n, country=code) for n, code in enumerate(("PL", "PL", "DE"))])
    remembered(board, client, "Sue", role="staff")
    return client


def tabs(html: str) -> list[tuple[str, str, str]]:
    """The kept views over the table: address, name, count."""
    row = html.split('class="folders-row"')[1].split("</nav>")[0]
    pattern = r'<a class="folder" href="([^"]*)"[^>]*>([^<]*) <span class="folder-count">([\d,]+)'
    return re.findall(pattern, row)


def save(client: TestClient, name: str, query: str, *, shared: bool = False) -> int:
    form = {"name": name, "query": query, **({"shared": "1"} if shared else {})}
    return client.post("/staff/views", data=form, headers=HERE).status_code


def test_view_is_kept_under_its_name(desk: TestClient) -> None:
    assert save(desk, "Poland", "sort=ready&country=PL&page=7&nonsense=1") == 303
    answer = desk.get("/staff")
    assert ("/staff?country=PL&amp;sort=ready", "Poland", "2") in tabs(answer.text)
    page = desk.get("/staff?country=PL&sort=ready").text
    assert "Change this view" in page
    assert page.count('aria-current="true"') == 2  # The tab and the column.


def test_saving_under_the_same_name_replaces(desk: TestClient) -> None:
    save(desk, "Mine", "country=PL")
    save(desk, "Mine", "country=DE")
    found = [tab for tab in tabs(desk.get("/staff").text) if tab[1] == "Mine"]
    assert found == [("/staff?country=DE", "Mine", "1")]


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 41])
def test_view_needs_a_name(desk: TestClient, name: str) -> None:
    answer = desk.post("/staff/views", data={"name": name, "query": "country=PL"}, headers=HERE)
    assert answer.status_code == 422
    assert 'id="error-name"' in answer.text
    # The table that was to be kept is still there, and so is what was typed.
    assert 'value="country=PL"' in answer.text
    assert f'value="{name}"' in answer.text or not name.strip("\u200b ")


def test_view_s_name_is_shown_as_text(desk: TestClient) -> None:
    save(desk, '<b>"Ptuj"</b>', "country=PL")
    html = desk.get("/staff").text
    assert '<b>"Ptuj' not in html
    assert "&lt;b&gt;" in html


def test_shared_view_is_seen_and_not_changed_by_others(desk: TestClient, board: Board) -> None:
    save(desk, "Poland", "country=PL", shared=True)
    save(desk, "Secret", "country=DE")
    remembered(board, desk, "Ines", role="staff")
    html = desk.get("/staff").text
    assert [tab[1] for tab in tabs(html)][3:] == ["Poland"]
    assert "shared by Sue" in html
    assert "Change this view" not in desk.get("/staff?country=PL").text
    for form in ({"act": "delete"}, {"name": "Ours", "act": "save"}):
        assert desk.post("/staff/views/1", data=form, headers=HERE).status_code == 404
    remembered(board, desk, "Sue", role="staff")
    assert {"Poland", "Secret"} <= {tab[1] for tab in tabs(desk.get("/staff").text)}


def test_view_is_renamed_shared_and_deleted(desk: TestClient, board: Board) -> None:
    save(desk, "Poland", "country=PL")
    form = {"name": "Polska", "shared": "1", "act": "save"}
    answer = desk.post("/staff/views/1", data=form, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff?country=PL")
    with board.database.snapshot() as conn:
        row = conn.execute(select(saved_views.c.name, saved_views.c.shared)).one()
    assert tuple(row) == ("Polska", True)
    answer = desk.post("/staff/views/1", data={"act": "delete"}, headers=HERE)
    assert answer.status_code == 303
    with board.database.snapshot() as conn:
        assert conn.execute(select(saved_views.c.id)).all() == []
    assert desk.post("/staff/views/1", data={"act": "delete"}, headers=HERE).status_code == 404


def test_two_views_of_one_person_have_two_names(desk: TestClient) -> None:
    save(desk, "A", "country=PL")
    save(desk, "B", "country=DE")
    answer = desk.post("/staff/views/2", data={"name": "A", "query": "country=DE"}, headers=HERE)
    assert answer.status_code == 422
    assert "You have a view of this name already." in answer.text


def test_actions_know_whose_view_it_is(board: Board) -> None:
    with board.database.transaction() as conn:
        sue, ines = (person(conn, name, role="staff").id for name in ("Sue", "Ines"))
        save_view(conn, sue, "Poland", POLISH, shared=True, now=clock.now())
        (seen,) = views_of(conn, ines)
        assert (seen.question, seen.own, seen.by) == (POLISH, False, "Sue")
        with pytest.raises(NotFound):
            delete_view(conn, seen.id, ines)
        with pytest.raises(NotFound):
            change_view(conn, seen.id, ines, "Mine", shared=False)
        assert delete_view(conn, seen.id, sue) == POLISH


def test_views_have_an_end(board: Board) -> None:
    with board.database.transaction() as conn:
        sue = person(conn, "Sue", role="staff").id
        for n in range(MOST):
            save_view(conn, sue, f"View {n}", POLISH, shared=False, now=clock.now())
        with pytest.raises(Mistake):
            save_view(conn, sue, "One more", POLISH, shared=False, now=clock.now())


def test_who_left_takes_their_shared_views_along(board: Board) -> None:
    with board.database.transaction() as conn:
        sue, ines = (person(conn, name, role="staff").id for name in ("Sue", "Ines"))
        save_view(conn, sue, "Poland", POLISH, shared=True, now=clock.now())
        conn.execute(update(people).where(people.c.id == sue).values(role=""))
        assert views_of(conn, ines) == []
