"""The sign-up sheet: printed for a town, keyed in row by row, counted only after a yes."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, Table, select
from starlette.testclient import TestClient

from board.core import clock
from board.core.http import Board
from board.desk.sheet_forms import ROWS, way_of
from board.mail.actions import suppress
from board.people.models import contacts, waitings
from board.people.rules import Reach
from board.people.slip_actions import make_batch
from board.people.slips import ALPHABET, Code, show
from board.record.models import decisions
from board.recount import differences
from board.towns.actions import found_town
from board.towns.models import towns
from board.votes.models import votes
from tests.invented import HERE, VELENJE, remembered
from tests.post import deliver

TOWN = "/towns/si/velenje"
ANA = {"name-1": "Ana", "reach-1": "ana@example.org", "come-1": "1", "host-1": "1"}
IVO = {"name-2": "Ivo", "reach-2": "041 765 432", "help-2": "1"}


@pytest.fixture
def desk(board: Board, client: TestClient) -> TestClient:
    """Sue, staff, at the desk."""
    remembered(board, client, "Sue", role="staff")
    return client


def slip(board: Board) -> Code:
    with board.database.transaction() as conn:
        now = clock.now()
        batch = make_batch(
            conn,
            board.keys,
            town_id=found_town(conn, VELENJE, now),
            label="",
            count=1,
            made_by=None,
            now=now,
        )
    return batch.codes[0]


def key_in(client: TestClient, rows: Mapping[str, str], **more: str) -> Any:
    """Press “Key these rows in”."""
    form = {"at": "si/velenje", "language": "en", "stamp": "the same page", **rows, **more}
    return client.post("/staff/sheets", data=form, headers=HERE)


def rows_of(board: Board, table: Table) -> list[Row[Any]]:
    with board.database.snapshot() as conn:
        return list(conn.execute(select(table).order_by(table.c.id)).all())


def count_of(board: Board) -> int:
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []
        return int(conn.execute(select(towns.c.vote_count)).scalar() or 0)


def words_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


# --- keying in --------------------------------------------------------------------------------


def test_rows_wait_for_mail_call_or_count_by_slip(desk: TestClient, board: Board) -> None:
    code = slip(board)
    answer = key_in(desk, {**ANA, **IVO, "name-3": "Maja", "reach-3": show(code)})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert "mailed=1" in where
    assert "call=1" in where
    assert "counted=1" in where
    assert "ana" not in where.lower()
    told = words_of(desk.get(where))
    assert "1 mail sent · 1 to call · 1 counted by slip" in told
    assert count_of(board) == 1
    assert [row.name for row in rows_of(board, votes)] == ["Maja"]
    waiting = {row.channel: row for row in rows_of(board, waitings) if not row.outcome}
    assert set(waiting) == {"email", "phone"}
    assert b"ana" not in waiting["email"].contact
    entry = rows_of(board, decisions)[-1]
    assert (entry.act, entry.subject, entry.after) == ("keyed", "sheet", "1/1/1")


def test_mail_says_who_keyed_it_in_and_counts_by_its_button(desk: TestClient, board: Board) -> None:
    key_in(desk, ANA)
    (mail,) = deliver(board)
    assert mail.subject == "Is it you? The sign-up sheet for Velenje"
    assert "a library keyed it in" in mail.text
    assert mail.code == ""
    assert mail.link
    desk.cookies.clear()
    page = desk.get(mail.link)
    ticks = re.findall(r'name="(form-\d+)" value="1" checked', page.text)
    assert len(ticks) == 1
    assert desk.post(mail.link, data={ticks[0]: "1"}, headers=HERE).status_code == 303
    (vote,) = rows_of(board, votes)
    assert (vote.name, vote.come, vote.host, vote.facilitate) == ("Ana", True, True, False)
    assert count_of(board) == 1
    assert [row.kind for row in rows_of(board, contacts)] == ["email"]


def test_row_with_a_number_stands_in_the_list_of_calls(desk: TestClient, board: Board) -> None:
    key_in(desk, IVO)
    queue = desk.get("/staff/queue").text
    assert "Ivo" in queue
    assert "+38641765432" in queue
    form = {"subject": "call", "subject_id": "1", "act": "reached"}
    assert desk.post("/staff/queue", data=form, headers=HERE).status_code == 303
    assert [(row.name, row.help) for row in rows_of(board, votes)] == [("Ivo", True)]


def test_mistaken_rows_stay_and_the_others_are_done(desk: TestClient, board: Board) -> None:
    wrong = {
        "name-3": "Maja", "reach-3": "maja@@example", "come-3": "1",
        "name-4": "", "reach-4": "zala@example.org", "facilitate-4": "1",
        "name-5": "Tine", "reach-5": "",
    }  # fmt: skip
    answer = key_in(desk, {**ANA, **wrong})
    assert answer.status_code == 422
    told = words_of(answer)
    assert "Row 1, Ana : mail sent" in told
    assert "We can't read this" in told
    assert "whom shall we ask for?" in told
    assert "An e-mail, a phone number or a slip's code is needed." in told
    for kept in ("maja@@example", "zala@example.org", "Tine"):
        assert f'value="{kept}"' in answer.text
    assert 'name="come-3" value="1" checked' in answer.text
    assert 'name="facilitate-4" value="1" checked' in answer.text
    assert "ana@example.org" not in answer.text
    assert 'id="field-name-1"' not in answer.text
    assert len(deliver(board)) == 1


def test_page_sent_twice_mails_once(desk: TestClient, board: Board) -> None:
    code = slip(board)
    rows = {**ANA, **IVO, "name-3": "Maja", "reach-3": code}
    first, second = key_in(desk, rows), key_in(desk, rows)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert len(deliver(board)) == 1
    assert len([row for row in rows_of(board, waitings) if not row.outcome]) == 2
    assert count_of(board) == 1


def test_page_sent_from_two_windows_at_once_mails_once(desk: TestClient, board: Board) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _n: key_in(desk, ANA).status_code, range(8)))
    assert answers == [303] * 8
    assert len(deliver(board)) == 1


def test_other_ticks_are_another_row(desk: TestClient, board: Board) -> None:
    key_in(desk, ANA)
    key_in(desk, {**ANA, "help-1": "1"})
    assert len(deliver(board)) == 2


def test_one_slip_in_two_rows_counts_once(desk: TestClient, board: Board) -> None:
    code = slip(board)
    answer = key_in(desk, {"reach-1": code, "reach-2": code})
    assert answer.status_code == 422
    assert "This slip was used already" in words_of(answer)
    assert count_of(board) == 1


def test_offer_by_slip_asks_for_a_number(desk: TestClient, board: Board) -> None:
    answer = key_in(desk, {"name-1": "Ana", "reach-1": slip(board), "come-1": "1"})
    assert answer.status_code == 422
    assert "a slip can't be called" in words_of(answer)
    assert count_of(board) == 0


def test_address_that_wants_no_mail_is_told(desk: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        suppress(conn, board.keys.person_key("ana@example.org"), "asked", clock.now())
    answer = key_in(desk, {**ANA, **IVO})
    assert answer.status_code == 422
    assert "wants no mail from us" in words_of(answer)
    assert [row.channel for row in rows_of(board, waitings)] == ["phone"]


def test_wrong_codes_of_the_desk_stop_nobody(desk: TestClient, board: Board) -> None:
    code = slip(board)
    for _ in range(3):
        wrong = {f"reach-{n}": f"1-7K3M-Q9X{n % 10}" for n in range(1, ROWS + 1)}
        assert key_in(desk, wrong).status_code == 422
    assert key_in(desk, {"reach-1": code}).status_code == 303


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        ({}, {}, "Nothing stands in the rows yet"),
        (ANA, {"at": ""}, "Choose a town from the list"),
        (ANA, {"at": "si/nowhere"}, "This town isn't there any more"),
    ],
)
def test_page_that_lacks_something_keeps_its_rows(
    desk: TestClient, board: Board, rows: dict[str, str], more: dict[str, str], said: str
) -> None:
    answer = key_in(desk, rows, **more)
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert answer.text.count('class="key-row"') == ROWS
    if rows:
        assert 'value="ana@example.org"' in answer.text
    assert deliver(board) == []


def test_another_town_keeps_the_rows(desk: TestClient) -> None:
    answer = key_in(desk, ANA, another="1")
    assert answer.status_code == 200
    assert 'value="ana@example.org"' in answer.text
    assert 'name="at"' not in answer.text


def test_mails_speak_the_language_that_was_chosen(desk: TestClient, board: Board) -> None:
    key_in(desk, ANA, language="de")
    (mail,) = deliver(board)
    assert mail.link.startswith("/de/confirm/")


def test_full_page_of_rows_with_every_tick_is_read(desk: TestClient, board: Board) -> None:
    rows: dict[str, str] = {}
    for number in range(1, ROWS + 1):
        rows |= {f"name-{number}": f"Ana {number}", f"reach-{number}": f"ana{number}@example.org"}
        rows |= {f"{tick}-{number}": "1" for tick in ("come", "facilitate", "host", "help")}
    assert key_in(desk, rows).status_code == 303
    assert len(deliver(board)) == ROWS


@given(st.text(max_size=60), st.sampled_from(["", "SI", "US"]))
def test_column_of_any_text_is_read_or_refused(typed: str, country: str) -> None:
    way = way_of(typed, country)
    assert way is None or isinstance(way, str | Reach)


@given(st.text(ALPHABET, min_size=8, max_size=8).filter(lambda rest: not rest.isdigit()))
def test_column_tells_slips_from_numbers(rest: str) -> None:
    assert way_of(f"17-{rest[:4]}-{rest[4:]}", "SI") == f"17-{rest}"
    number = way_of("041 765 432", "SI")
    assert isinstance(number, Reach)
    assert number.address == "+38641765432"


# --- on paper ---------------------------------------------------------------------------------


def test_sheet_asks_for_its_town_first(desk: TestClient) -> None:
    page = desk.get("/staff/codes/sheet")
    assert page.status_code == 200
    assert 'name="town"' in page.text
    assert "error-town" not in page.text
    several = desk.get("/staff/codes/sheet?town=El")
    assert 'type="radio" name="geonames_id"' in several.text


@pytest.mark.parametrize("asked", ["town=si/velenje", "town=Velenje", "geonames_id=3189075"])
def test_sheet_names_its_town_and_repeats_the_promise(desk: TestClient, asked: str) -> None:
    page = desk.get(f"/staff/codes/sheet?{asked}")
    assert page.status_code == 200
    told = words_of(page)
    assert "A learning circle in Velenje?" in told
    assert "I agree that P2PU contacts me." in told
    assert "only if you say yes then, and deleted 12 months after our last message" in told
    assert 'aria-label="http://testserver/towns/si/velenje"' in page.text
    assert page.text.count('<td class="signup-number">') == 12


def test_sheet_speaks_a_language_and_survives_odd_questions(desk: TestClient) -> None:
    german = desk.get("/staff/codes/sheet?town=si/velenje&language=de")
    assert '<html lang="de"' in german.text
    assert desk.get("/staff/codes/sheet?town=si/nowhere").status_code == 404
    assert desk.get("/staff/codes/sheet?geonames_id=99&language=xx").status_code == 200
    assert desk.get("/staff/sheets?mailed=abc&call=-1&counted=999").status_code == 200
