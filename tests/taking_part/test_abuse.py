"""Floods and machines: nothing of theirs is public, few mails leave, nobody is locked out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Table, func, select
from starlette.testclient import TestClient

from board.app import make_app
from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.core.quotas import drop_old, network_key, network_salts, quotas, spend
from board.core.stamps import FIELD, make_stamp
from board.mail.models import outgoing_mails
from board.people.models import people, waitings
from board.record.models import decisions
from board.stories.models import stories
from board.taking_part.signs import HOLD, REVIEW, TRAP, WEIGHTS, Hints, signs_of_form, weight_of
from board.votes.models import votes
from tests.invented import HERE, person, remembered, vote
from tests.post import deliver

TOWN = "/towns/si/velenje"
STORY = {
    "geonames_id": "3189075",
    "why": "Evenings are long here, and the library has a room that nobody uses after six.",
    "name": "Bo",
    "may_show": "1",
}


def count(board: Board, table: Table, *where: object) -> int:
    with board.database.snapshot() as conn:
        statement = select(func.count()).select_from(table).where(*where)  # type: ignore[arg-type]
        return int(conn.execute(statement).scalar_one())


def stamp(board: Board) -> str:
    """A stamp of a form that somebody opened a minute ago."""
    with time_machine.travel(clock.now() - timedelta(minutes=1), tick=False):
        return make_stamp(board.keys)


@pytest.fixture
def crowded(board: Board) -> Iterator[TestClient]:
    """A board on which five people of one network fill a form within the hour."""
    board.settings = board.settings.model_copy(update={"people_per_hour": 5, "held_per_hour": 30})
    with TestClient(make_app(board, work=False), follow_redirects=False) as client:
        yield client


# --- the flood ------------------------------------------------------------------------------


def test_a_thousand_scripted_posts_reach_nobody(crowded: TestClient, board: Board) -> None:
    """1,000 posts of four kinds: nothing public, a handful of mails, and the site answers."""
    shown = crowded.get(TOWN).text
    statuses = set()
    for n in range(250):
        bot = {"email": f"bot{n}@example.org"}
        statuses |= {
            crowded.post(f"{TOWN}/vote", data=bot, headers=HERE).status_code,
            crowded.post("/tell", data={**STORY, **bot}, headers=HERE).status_code,
            crowded.post(
                f"{TOWN}/comments", data={**bot, "text": "Buy it at example.org", "name": "B"},
                headers=HERE,
            ).status_code,
            crowded.post(
                f"{TOWN}/vote", data={**bot, TRAP: "https://example.org"}, headers=HERE
            ).status_code,
        }  # fmt: skip
    assert statuses <= {303, 422, 429}
    for table in (votes, stories, comments, people):
        assert count(board, table) == 0
    assert count(board, outgoing_mails) <= 5 * board.settings.mail_per_hour
    assert count(board, waitings) <= 5 * board.settings.mail_per_hour + 30
    assert crowded.get(TOWN).text == shown
    assert crowded.get("/").status_code == 200


def test_a_library_s_evening_succeeds_from_one_network(client: TestClient, board: Board) -> None:
    """60 different people of one network within the hour, all counted (DECISIONS 18)."""
    pages = []
    for n in range(60):
        form = {"email": f"neighbour{n}@example.org", FIELD: stamp(board)}
        answer = client.post(f"{TOWN}/vote", data=form, headers=HERE)
        assert answer.status_code == 303
        pages.append(answer.headers["location"])
    codes = {mail.to: mail.code for mail in deliver(board)}
    for n, page in enumerate(pages):
        form = {"code": codes[f"neighbour{n}@example.org"], "shared": "1"}
        assert client.post(page, data=form, headers=HERE).status_code == 303
    assert count(board, votes, votes.c.state == "counted") == 60
    answer = client.post(f"{TOWN}/vote", data={"email": "late@example.org"}, headers=HERE)
    assert answer.status_code == 303
    assert "Waiting for a pair of eyes" in client.get(answer.headers["location"]).text


def test_who_comes_late_in_a_crowd_waits_and_then_succeeds(
    crowded: TestClient, board: Board
) -> None:
    for n in range(5):
        crowded.post(f"{TOWN}/vote", data={"email": f"n{n}@example.org"}, headers=HERE)
    before = len(deliver(board))
    answer = crowded.post(f"{TOWN}/vote", data={"email": "late@example.org"}, headers=HERE)
    page = answer.headers["location"]
    assert "Waiting for a pair of eyes" in crowded.get(page).text
    # No code was mailed, so none may be asked for again either.
    assert crowded.post(f"{page}/again", headers=HERE).status_code == 303
    assert len(deliver(board)) == before
    remembered(board, crowded, "Mo", role="moderator")
    shown = crowded.get("/staff/held").text
    assert "more people from one network than usual" in shown
    assert "late@example.org" not in shown
    held = one_held(board)
    form = {"act": "let_go", "ids": str(held)}
    assert crowded.post("/staff/held", data=form, headers=HERE).status_code == 303
    assert crowded.post("/staff/held", data=form, headers=HERE).status_code == 409
    crowded.cookies.clear()
    mail = deliver(board)[-1]
    assert mail.to == "late@example.org"
    assert crowded.post(page, data={"code": mail.code}, headers=HERE).status_code == 303
    assert count(board, votes) == 1
    with board.database.snapshot() as conn:
        acts = conn.execute(select(decisions.c.act, decisions.c.after)).all()
    assert [tuple(row) for row in acts] == [("let_go", "1")]


def one_held(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(waitings.c.id).where(waitings.c.held)).scalar_one())


def test_what_is_dropped_is_gone(crowded: TestClient, board: Board) -> None:
    form = {"email": "bot@example.org", TRAP: "x"}
    page = crowded.post(f"{TOWN}/vote", data=form, headers=HERE).headers["location"]
    remembered(board, crowded, "Mo", role="moderator")
    form = {"act": "drop", "ids": str(one_held(board))}
    assert crowded.post("/staff/held", data=form, headers=HERE).status_code == 303
    assert count(board, waitings) == 0
    crowded.cookies.clear()
    assert crowded.get(page).status_code == 410


@pytest.mark.parametrize("form", [{}, {"act": "let_go"}, {"act": "love", "ids": "1"}, {"ids": "1"}])
def test_held_page_asks_what_to_do(client: TestClient, board: Board, form: dict[str, str]) -> None:
    remembered(board, client, "Mo", role="moderator")
    assert client.post("/staff/held", data=form, headers=HERE).status_code == 422


# --- signs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trap", "age", "signs"),
    [
        ("", timedelta(minutes=1), ()),
        ("", timedelta(seconds=1), ("fast",)),
        ("", timedelta(days=2), ("unstamped",)),
        ("", timedelta(seconds=-5), ("unstamped",)),
        ("", None, ("unstamped",)),
        ("x", timedelta(minutes=1), ("trap",)),
    ],
)
def test_signs_of_a_form(trap: str, age: timedelta | None, signs: tuple[str, ...]) -> None:
    assert signs_of_form({TRAP: trap}, age) == signs


def test_no_single_guess_holds_a_form_back() -> None:
    """Speed, a missing stamp, a new network or a throw-away mailbox alone keep nobody waiting."""
    for sign in ("fast", "unstamped", "new", "disposable", "links", "repeat"):
        assert not Hints(signs=(sign,)).held, sign
    assert all(Hints(signs=(sign,)).held for sign in ("trap", "crowd"))
    assert weight_of(("fast", "fast", "unheard-of")) == WEIGHTS["fast"]
    assert REVIEW < HOLD


def test_a_text_with_signs_is_read_first(client: TestClient, board: Board) -> None:
    """A voter's comment without a link appears at once, unless the form looks like a machine's."""
    board.settings = board.settings.model_copy(update={"disposable_domains": ("mail.example",)})
    with board.database.transaction() as conn:
        bo = person(conn, "Bo", key=board.keys.person_key("bo@sub.mail.example"))
        vote(conn, bo)
    form = {"text": "Thursdays would suit me.", "name": "Bo", "email": "bo@sub.mail.example"}
    page = client.post(f"{TOWN}/comments", data=form, headers=HERE).headers["location"]
    code = deliver(board)[-1].code
    assert client.post(page, data={"code": code, "shared": "1"}, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        row = conn.execute(select(comments.c.visibility, comments.c.signals)).one()
    assert row.visibility == "held"
    assert set(row.signals.split(",")) == {"unstamped", "disposable", "new"}


def test_the_same_words_by_somebody_else_are_noticed(client: TestClient, board: Board) -> None:
    for name in ("one", "two"):
        form = {**STORY, "email": f"{name}@example.org", FIELD: stamp(board)}
        assert client.post("/tell", data=form, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        signals = conn.execute(select(waitings.c.signals).order_by(waitings.c.id)).scalars().all()
    assert ["repeat" in text.split(",") for text in signals] == [False, True]


def test_a_person_who_sends_the_same_again_is_no_repeat(client: TestClient, board: Board) -> None:
    for _again in range(2):
        form = {**STORY, "email": "one@example.org", FIELD: stamp(board)}
        assert client.post("/tell", data=form, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        signals = set(conn.execute(select(waitings.c.signals)).scalars())
    assert not any("repeat" in text for text in signals)


def test_without_javascript_nobody_is_locked_out(client: TestClient, board: Board) -> None:
    """The page's own hidden fields, sent as a browser without scripts sends them."""
    shown = client.get(f"{TOWN}/vote").text
    assert f'name="{FIELD}"' in shown
    assert f'name="{TRAP}"' in shown
    form = {"email": "ana@example.org", TRAP: "", FIELD: stamp(board)}
    page = client.post(f"{TOWN}/vote", data=form, headers=HERE).headers["location"]
    assert "Now your code" in client.get(page).text


def test_mending_a_mistake_quickly_is_not_fast(client: TestClient, board: Board) -> None:
    sent = stamp(board)
    answer = client.post(f"{TOWN}/vote", data={"email": "ana@", FIELD: sent}, headers=HERE)
    assert answer.status_code == 422
    assert f'value="{sent}"' in answer.text


def test_pages_with_a_stamp_are_nobody_else_s(client: TestClient) -> None:
    for path in ("/tell", f"{TOWN}/vote"):
        assert client.get(path).headers["cache-control"] == "private, no-store"


# --- quotas ---------------------------------------------------------------------------------


def test_a_person_tells_a_few_stories_a_day(client: TestClient, board: Board) -> None:
    """And hears when to come back, with every word still there."""
    board.settings = board.settings.model_copy(update={"stories_per_day": 2})
    form = {**STORY, "email": "ana@example.org"}
    page = client.post("/tell", data=form, headers=HERE).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    told = [
        client.post("/tell", data={**form, "why": f"Number {n} of many."}, headers=HERE)
        for n in range(2)
    ]
    assert [answer.status_code for answer in told] == [303, 429]
    assert "Tell the next one tomorrow" in told[1].text
    assert "Number 1 of many." in told[1].text
    assert count(board, stories) == 2


def test_windows_end(board: Board) -> None:
    with board.database.transaction() as conn:
        began = clock.now()
        hour = timedelta(hours=1)
        assert spend(conn, "b", b"k", window=hour, now=began) == 1
        assert spend(conn, "b", b"k", window=hour, now=began + hour) == 1
        assert spend(conn, "b", b"other", window=hour, now=began) == 1
        assert spend(conn, "b", b"k", window=hour, now=began, by=0) == 1
        assert drop_old(conn, began + timedelta(days=3)) == 3
        assert conn.execute(select(func.count()).select_from(quotas)).scalar_one() == 0


def test_networks_are_forgotten_after_a_fortnight(board: Board) -> None:
    with board.database.transaction() as conn:
        now = clock.now()
        today = network_key(conn, "192.0.2.7", now)
        assert network_key(conn, "192.0.2.7", now) == today
        assert network_key(conn, "192.0.2.8", now) != today
        assert network_key(conn, "192.0.2.7", now + timedelta(days=1)) != today
        drop_old(conn, now + timedelta(days=15))
        days = conn.execute(select(network_salts.c.day)).scalars().all()
        assert len(days) == 1
