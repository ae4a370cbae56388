"""People without e-mail: with a slip they vote, tell and talk at once, and once only."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy import Table, func, select
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.people.models import contacts, desk_codes, people, sessions
from board.people.slip_actions import make_batch, revoke_batch
from board.people.slip_queries import slip_by_code, slip_key
from board.people.slips import Code, make_code, show
from board.recount import differences
from board.stories.models import stories
from board.taking_part.rules import VoteWish, Where, terms_of
from board.taking_part.slip_actions import SlipSender, Typed, send_with_slip
from board.towns.actions import found_town
from board.towns.models import towns
from board.votes.models import votes
from tests.invented import HERE, VELENJE, remembered
from tests.loglines import logged
from tests.post import deliver

TOWN = "/towns/si/velenje"
STORY = {
    "geonames_id": str(VELENJE),
    "why": "The mine is winding down. We could learn together.",
    "name": "Maja",
    "may_show": "1",
}


@pytest.fixture
def codes(board: Board) -> list[Code]:
    """Slips for Velenje, as a library has them."""
    return slips(board, 6)


def slips(board: Board, count: int, **more: Any) -> list[Code]:
    with board.database.transaction() as conn:
        now = clock.now()
        batch = make_batch(
            conn,
            board.keys,
            town_id=found_town(conn, VELENJE, now),
            label="",
            count=count,
            made_by=None,
            now=now,
            **more,
        )
    return list(batch.codes)


def count(board: Board, table: Table) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def votes_of_velenje(board: Board) -> int:
    with board.database.snapshot() as conn:
        wanted = select(towns.c.vote_count).where(towns.c.name == "Velenje")
        return int(conn.execute(wanted).scalar() or 0)


def only(board: Board, table: Table) -> Any:
    with board.database.snapshot() as conn:
        return conn.execute(select(table)).one()


def vote(client: TestClient, code: str, **form: str) -> Any:
    return client.post(f"{TOWN}/vote", data={"slip": code, **form}, headers=HERE)


def errors_of(answer: Any) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


# --- what a slip confirms ---------------------------------------------------------------------


def test_vote_by_slip_counts_at_once(client: TestClient, board: Board, codes: list[Code]) -> None:
    answer = vote(client, f"  {show(codes[0]).lower().replace('-', ' ')} ")
    assert answer.status_code == 303
    assert votes_of_velenje(board) == 1
    done = client.get(answer.headers["location"])
    assert "That makes 1" in done.text
    assert "Keep your slip" in done.text
    vote_row = only(board, votes)
    assert vote_row.batch_id == 1
    assert vote_row.voter_key == slip_key(board.keys, _slip_id(board, codes[0]))
    assert (count(board, contacts), count(board, sessions), deliver(board)) == (0, 0, [])


def _slip_id(board: Board, code: Code) -> int:
    with board.database.snapshot() as conn:
        slip = slip_by_code(conn, board.keys, code, clock.now())
    assert slip is not None
    return slip.id


def test_story_by_slip_is_told_and_counts_as_vote(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    answer = client.post("/tell", data={**STORY, "slip": codes[0]}, headers=HERE)
    assert answer.status_code == 303, errors_of(answer)
    told = only(board, stories)
    assert (told.name, told.visibility) == ("Maja", "held")
    assert votes_of_velenje(board) == 1
    assert "Waiting for a pair of eyes" in client.get(answer.headers["location"]).text


def test_comment_by_slip_is_said(client: TestClient, board: Board, codes: list[Code]) -> None:
    form = {"text": "Thursdays suit me.", "name": "Maja", "slip": codes[0]}
    answer = client.post(f"{TOWN}/comments", data=form, headers=HERE)
    assert answer.status_code == 303, errors_of(answer)
    assert only(board, comments).text == "Thursdays suit me."
    assert votes_of_velenje(board) == 0
    assert client.get(answer.headers["location"]).status_code == 200


def test_preview_keeps_the_slip(client: TestClient, codes: list[Code]) -> None:
    form = {**STORY, "slip": show(codes[0]), "preview": "1"}
    shown = client.post("/tell", data=form, headers=HERE)
    assert shown.status_code == 200
    assert f'name="slip" value="{show(codes[0])}"' in shown.text


def test_offer_by_slip_needs_a_number_and_keeps_it(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    answer = vote(client, codes[0], come="1", name="Ana")
    assert answer.status_code == 422
    assert "leave a number too" in errors_of(answer)
    assert count(board, votes) == 0
    answer = vote(client, codes[0], come="1", name="Ana", phone="041 765 432")
    assert answer.status_code == 303
    kept, person = only(board, contacts), only(board, people)
    assert (kept.kind, kept.person_id) == ("phone", person.id)
    assert board.keys.open("contact.value", kept.value) == "+38641765432"
    assert person.key == slip_key(board.keys, _slip_id(board, codes[0]))
    with board.database.snapshot() as conn:
        assert conn.execute(select(towns.c.come_count)).scalar_one() == 1


def test_plain_vote_with_a_number_beside_keeps_none(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    assert vote(client, codes[0], phone="041 765 432").status_code == 303
    assert count(board, contacts) == 0


def test_forms_that_lack_everything_name_the_slip_too(client: TestClient) -> None:
    answer = client.post(f"{TOWN}/vote", data={"email": "", "phone": "", "slip": ""}, headers=HERE)
    assert answer.status_code == 422
    assert "a slip's code: we need one of them" in errors_of(answer)


# --- once -------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["vote", "story", "comment"])
def test_used_slip_is_refused_and_nothing_typed_is_lost(
    client: TestClient, board: Board, codes: list[Code], again: str
) -> None:
    vote(client, codes[0])
    address = {"vote": f"{TOWN}/vote", "story": "/tell", "comment": f"{TOWN}/comments"}[again]
    more = {"vote": {}, "story": STORY, "comment": {"text": "Me too, on Fridays.", "name": "Ivo"}}
    answer = client.post(address, data={**more[again], "slip": codes[0]}, headers=HERE)
    assert answer.status_code == 422
    assert "This slip was used already" in errors_of(answer)
    assert codes[0] in answer.text
    for word in {"story": ["winding down", "Maja"], "comment": ["on Fridays", "Ivo"]}.get(
        again, ()
    ):
        assert word in answer.text
    assert (count(board, votes), count(board, stories), count(board, comments)) == (1, 0, 0)
    assert count(board, people) == 1


def test_button_pressed_twice_leads_to_the_same_page(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    page = client.get(f"/slip/{show(codes[0])}")
    found = re.search(r'name="stamp" value="([^"]+)"', page.text)
    assert found is not None
    first, second = (vote(client, codes[0], stamp=found[1]) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert vote(client, codes[0], stamp="another").status_code == 422
    assert vote(client, codes[0], stamp=found[1], nearby="1").status_code == 422
    assert (votes_of_velenje(board), count(board, people)) == (1, 1)


def test_fifty_uses_at_once_count_one(client: TestClient, board: Board, codes: list[Code]) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _n: vote(client, codes[0]).status_code, range(50)))
    assert sorted(answers) == [303] + [422] * 49
    assert (votes_of_velenje(board), count(board, people)) == (1, 1)


def test_uses_from_several_processes_count_one(board: Board, codes: list[Code]) -> None:
    """Transactions of their own, as those of several processes are."""
    terms, together = terms_of(board.settings), Barrier(8)

    def use(side: int) -> str:
        together.wait()
        with board.database.transaction() as conn:
            wish = VoteWish(where=Where(geonames_id=VELENJE))
            sender = SlipSender(Typed(codes[0], f"192.0.2.{side}", 20), (), "en")
            return send_with_slip(
                conn, board.keys, wish, sender, terms=terms, now=clock.now()
            ).verdict

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(use, range(8))) == ["done"] + ["used"] * 7
    assert votes_of_velenje(board) == 1
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def test_slip_refused_by_the_form_is_still_good(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    form = {**STORY, "slip": codes[0], "why": "", "name": ""}
    assert client.post("/tell", data=form, headers=HERE).status_code == 422
    assert vote(client, codes[0]).status_code == 303


# --- not any slip -----------------------------------------------------------------------------


def test_wrong_codes_get_one_answer(client: TestClient, board: Board, codes: list[Code]) -> None:
    wrong = [make_code(1), make_code(999), "17-7K3M-Q9X", "nonsense", "1" * 30, "🙂"]
    told = {errors_of(vote(client, code)).replace(code, "").split("letter by letter")[0][-60:]
            for code in wrong}  # fmt: skip
    assert len(told) == 1
    entries = {client.post("/slip", data={"slip": code}, headers=HERE).status_code
               for code in wrong}  # fmt: skip
    assert entries == {422}
    assert count(board, people) == 0


def test_expired_and_revoked_slips_say_so(client: TestClient, board: Board) -> None:
    old = slips(board, 1, lives=timedelta(0))[0]
    lost = slips(board, 2)
    vote(client, lost[1])
    with board.database.transaction() as conn:
        revoke_batch(conn, 2, "lost", clock.now())
    assert "had its time" in errors_of(vote(client, old))
    assert "were called back" in errors_of(vote(client, lost[0]))
    for code, said in ((old, "had its time"), (lost[0], "called back"), (lost[1], "called back")):
        answer = client.post("/slip", data={"slip": code}, headers=HERE)
        assert answer.status_code == 422
        assert said in errors_of(answer)
        assert said in errors_of(client.get(f"/slip/{show(code)}"))
    assert count(board, votes) == 1


def test_guessing_ends_even_where_the_guess_is_right(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    tries = board.settings.slip_tries
    with time_machine.travel(datetime.now(UTC).replace(minute=5), tick=True):
        for _ in range(tries - 1):
            assert vote(client, make_code(1)).status_code == 422
        # A right one gives its try back: a library's evening isn't stopped by those who are right.
        assert vote(client, codes[0]).status_code == 303
        vote(client, make_code(1))
        answer = vote(client, codes[1], name="Ana")
        assert answer.status_code == 422
        assert "Try again in an hour" in errors_of(answer)
        assert 'value="Ana"' in answer.text
        over = client.post("/slip", data={"slip": codes[1]}, headers=HERE)
        assert over.status_code == 429
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2), tick=True):
        assert vote(client, codes[1]).status_code == 303
    assert votes_of_velenje(board) == 2


def test_library_evening_is_no_crowd(client: TestClient, board: Board) -> None:
    for code in slips(board, board.settings.people_per_hour + 5):
        assert vote(client, code).status_code == 303
    assert votes_of_velenje(board) == board.settings.people_per_hour + 5


# --- the page behind the square ---------------------------------------------------------------


def test_looking_at_a_slip_changes_nothing_and_tells_nothing(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    vote(client, codes[1])
    pages = {}
    for name, code in (("good", codes[0]), ("used", codes[1]), ("wrong", make_code(1))):
        answer = client.get(f"/slip/{show(code)}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "set-cookie" not in answer.headers
        stamps = re.compile(r'name="stamp" value="[^"]+"')
        pages[name] = stamps.sub("", answer.text.replace(show(code), "CODE"))
        assert client.head(f"/slip/{show(code)}").status_code in (200, 405)
    assert pages["good"] == pages["used"] == pages["wrong"]
    assert "Velenje" in pages["good"]
    assert "CODE" in pages["good"]
    assert vote(client, codes[0]).status_code == 303


def test_page_of_no_batch_asks_for_the_code_again(client: TestClient, codes: list[Code]) -> None:
    for path in ("/slip/999-7K3M-Q9XZ", "/slip/nonsense", "/slip/17"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert 'name="slip"' in answer.text


def test_slip_of_a_town_that_is_none_asks_which(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    with board.database.transaction() as conn:
        conn.execute(towns.update().values(standing="dropped"))
    page = client.get(f"/slip/{show(codes[0])}")
    assert page.status_code == 200
    assert "Which town is yours?" in page.text


def test_slip_page_speaks_the_language_of_its_address(
    client: TestClient, codes: list[Code]
) -> None:
    assert '<html lang="de"' in client.get(f"/de/slip/{show(codes[0])}").text


def test_tell_page_comes_with_the_code_filled_in(client: TestClient, codes: list[Code]) -> None:
    page = client.get(f"/slip/{show(codes[0])}").text
    link = re.search(r'href="(/tell\?[^"]+slip=[^"]+)"', page)
    assert link is not None
    told = client.get(unescape(link[1]))
    assert f'value="{show(codes[0])}"' in told.text
    assert "no-store" in told.headers["cache-control"]


# --- what I said with it ----------------------------------------------------------------------


def test_unused_code_leads_to_its_page(client: TestClient, codes: list[Code]) -> None:
    answer = client.post("/slip", data={"slip": codes[0].lower()}, headers=HERE)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/slip/{show(codes[0])}"
    assert "set-cookie" not in answer.headers


@pytest.fixture
def opened(client: TestClient, codes: list[Code]) -> TestClient:
    """Somebody voted with the first slip, and typed its code again."""
    vote(client, codes[0])
    answer = client.post("/slip", data={"slip": codes[0]}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/you")
    cookie = answer.headers["set-cookie"].lower()
    assert "max-age" not in cookie
    assert "expires" not in cookie
    assert "httponly" in cookie
    return client


def test_used_code_opens_for_an_hour(opened: TestClient, board: Board, codes: list[Code]) -> None:
    session = only(board, sessions)
    assert session.expires_at - session.created_at == timedelta(hours=1)
    assert session.person_id == only(board, people).id
    assert not session.desk


def test_opened_slip_takes_its_vote_back_and_gives_it_again(
    opened: TestClient, board: Board
) -> None:
    with board.database.snapshot() as conn:
        town_id = conn.execute(select(towns.c.id)).scalar_one()
    back = opened.post("/take-back", data={"town_id": str(town_id)}, headers=HERE)
    assert back.status_code == 303
    assert votes_of_velenje(board) == 0
    again = opened.post(f"{TOWN}/vote", data={"again": "1"}, headers=HERE)
    assert again.status_code == 303
    assert votes_of_velenje(board) == 1
    assert only(board, votes).batch_id == 1
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def test_opened_slip_says_nothing_more(opened: TestClient, board: Board) -> None:
    said = [
        opened.post("/towns/pl/elk/vote", data={"again": "1"}, headers=HERE),
        opened.post("/tell", data={**STORY, "phone": "041 765 432"}, headers=HERE),
        opened.post(f"{TOWN}/comments", data={"text": "More!", "name": "Ana"}, headers=HERE),
    ]
    assert [answer.status_code for answer in said] == [403, 403, 403]
    assert (count(board, votes), count(board, stories), count(board, comments)) == (1, 0, 0)


def test_take_back_on_the_page_of_a_slip_is_the_slips_not_the_browsers(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    remembered(board, client, "Bob")
    client.post(f"{TOWN}/vote", data={"go": "1"}, headers=HERE)
    page = vote(client, codes[0]).headers["location"]
    assert votes_of_velenje(board) == 2
    assert "Bob" not in client.get(page).text.split("<main")[1].split("</main")[0]
    town_id = only(board, towns).id
    form = {"town_id": str(town_id), "page": page.rpartition("/")[2]}
    assert client.post("/take-back", data=form, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        states = {row.batch_id: row.state for row in conn.execute(select(votes))}
    assert states == {1: "taken_back", None: "counted"}


def test_slip_used_where_somebody_is_remembered_is_the_slips(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    bob = remembered(board, client, "Bob")
    form = {"text": "Me too.", "name": "Ana", "slip": codes[0]}
    assert client.post(f"{TOWN}/comments", data=form, headers=HERE).status_code == 303
    said = only(board, comments)
    assert said.name == "Ana"
    assert said.person_id != bob.id


def test_erased_slip_opens_nothing_and_confirms_nothing(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    vote(client, codes[0])
    with board.database.transaction() as conn:
        conn.execute(desk_codes.update().values(person_id=None))
    answer = client.post("/slip", data={"slip": codes[0]}, headers=HERE)
    assert answer.status_code == 422
    assert "was deleted" in errors_of(answer)
    assert vote(client, codes[0]).status_code == 422


def test_desk_keeps_its_own_session(client: TestClient, board: Board, codes: list[Code]) -> None:
    vote(client, codes[0])
    remembered(board, client, "Sue", role="staff")
    assert client.post("/slip", data={"slip": codes[0]}, headers=HERE).status_code == 403
    assert count(board, sessions) == 1


def test_code_stands_in_no_log_and_no_row(
    client: TestClient, board: Board, codes: list[Code]
) -> None:
    with logged() as log:
        client.get(f"/slip/{show(codes[0])}")
        vote(client, codes[0])
        client.post("/slip", data={"slip": codes[0]}, headers=HERE)
    answered = log.about("answered")
    assert len(answered) == 3
    told = str(answered)
    assert codes[0] not in told
    assert show(codes[0]) not in told
    if board.database.is_sqlite:
        kept = b"".join(file.read_bytes() for file in _files(board))
        assert codes[0].encode() not in kept
        assert show(codes[0]).encode() not in kept


def _files(board: Board) -> list[Path]:
    return list(board.settings.var.parent.glob("board.sqlite3*"))


def test_entry_page_is_a_plain_form(client: TestClient) -> None:
    page = client.get("/slip")
    assert page.status_code == 200
    assert 'action="/slip"' in page.text
    assert client.post("/slip", data={}, headers=HERE).status_code == 422
