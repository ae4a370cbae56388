"""The second factor: an app's six digits, a paper of codes; first set up, then asked each time."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from starlette.testclient import TestClient

from board.core.http import Board
from board.door.factor_actions import TRIES_PER_HOUR
from board.people.browser import DESK_FOR
from board.people.factor_actions import pass_app
from board.people.factors import (
    app_address,
    digits_in,
    new_recovery_code,
    new_seed,
    recovery_letters,
    step_of,
)
from board.people.models import people, recovery_codes, second_factors, sessions
from board.people.passkeys import credential_in, made, shown, site_of
from board.people.session_actions import DOOR_TRIES
from board.record.models import decisions
from tests.door.coming_in import (
    DOOR,
    SET_UP,
    SetUp,
    at_the_door,
    begin,
    digits,
    knock,
    offered,
    paper_in,
    seated,
    taken_up,
    type_in,
    wrong,
)
from tests.invented import HERE, remembered
from tests.post import deliver

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def person_id(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(people.c.id)).scalar_one())


# --- the numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(("off", "right"), [(-2, False), (-1, True), (0, True), (1, True),
                                            (2, False)])  # fmt: skip
def test_clock_of_a_phone_may_be_a_step_off(off: int, right: bool) -> None:
    shown = pyotp.TOTP(SEED).at(NOW + timedelta(seconds=30 * off))
    assert (step_of(SEED, shown, now=NOW, after=0) is not None) == right


def test_step_that_was_used_is_refused_and_older_ones_with_it() -> None:
    used = step_of(SEED, digits(SEED, NOW), now=NOW, after=0)
    assert used == int(NOW.timestamp()) // 30
    for earlier in (0, 30):
        shown = digits(SEED, NOW - timedelta(seconds=earlier))
        assert step_of(SEED, shown, now=NOW, after=used) is None
    assert step_of(SEED, digits(SEED, NOW + timedelta(seconds=30)), now=NOW, after=used)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"),
     ("１２３４５６", "123456"), ("12345", ""), ("1234567", ""), ("", ""), ("12345a6", ""),
     ("١٢٣٤٥٦", ""), ("9" * 500, "")],
)  # fmt: skip
def test_digits_are_read_forgivingly_and_nothing_else(typed: str, read: str) -> None:
    assert digits_in(typed) == read


@given(st.text(max_size=60))
def test_whatever_is_typed_is_no_crash(typed: str) -> None:
    assert len(digits_in(typed)) in (0, 6)
    assert len(recovery_letters(typed)) in (0, 10)
    step_of(SEED, digits_in(typed), now=NOW, after=0)


def test_paper_is_read_as_people_copy_it() -> None:
    code = new_recovery_code()
    letters = code.replace("-", "")
    for spelled in (code, code.lower(), f" {letters} ", code.replace("-", " ")):
        assert recovery_letters(spelled) == letters
    assert recovery_letters("OIL00-00000") == "0110000000"
    assert recovery_letters("") == recovery_letters("x" * 500) == ""
    assert len({new_recovery_code() for _ in range(500)}) == 500


def test_square_says_what_apps_read() -> None:
    address = urlsplit(app_address(SEED, name="Zoë & Co", site="In Your Town"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == "/In Your Town:Zoë & Co"
    assert parse_qs(address.query)["secret"] == [SEED]
    assert len(new_seed()) == 32


@pytest.mark.parametrize(
    ("base", "host"),
    [("https://board.example.org", "board.example.org"), ("http://localhost:8000", "localhost"),
     ("https://board.example.org:8443", "board.example.org"), ("http://127.0.0.1:8000", None),
     ("https://[::1]:8000", None), ("http://board.example.org", None), ("", None)],
)  # fmt: skip
def test_passkeys_belong_to_a_host_name(base: str, host: str | None) -> None:
    site = site_of(base, "In Your Town")
    assert (site.host if site else None) == host
    if site:
        assert site.origin == base


ODD = ("", "{}", "[]", "null", '"x"', '{"id": 1}', '{"id":"YQ","rawId":"YQ","type":"public-key",'
       '"response":{"clientDataJSON":"YQ","attestationObject":"YQ","authenticatorData":"YQ",'
       '"signature":"YQ"}}', "[" * 5_000, '{"rawId":"\\ud800"}', "1e999")  # fmt: skip


@pytest.mark.parametrize("sent", ODD)
def test_odd_answer_of_a_passkey_is_refused_not_a_crash(sent: str) -> None:
    site = site_of("https://board.example.org", "In Your Town")
    assert site
    assert made(site, b"challenge", sent) is None
    assert shown(site, b"challenge", sent, public_key=b"x", sign_count=0) is None
    credential_in(sent)


@given(
    st.recursive(st.none() | st.text() | st.integers() | st.booleans(),
                 lambda inner: st.lists(inner) | st.dictionaries(
                     st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON",
                                      "attestationObject", "authenticatorData", "signature"]),
                     inner), max_leaves=8)
)  # fmt: skip
def test_any_json_from_a_browser_is_refused_not_a_crash(sent: object) -> None:
    site = site_of("https://board.example.org", "In Your Town")
    assert site
    assert made(site, b"challenge", json.dumps(sent)) is None
    credential_in(json.dumps(sent))


# --- the first time -------------------------------------------------------------------------


def test_first_sign_in_leads_to_setting_up_and_nowhere_else(
    client: TestClient, board: Board
) -> None:
    taken_up(client, board)
    assert client.get(DOOR).headers["location"] == SET_UP
    for path in ("/staff", "/staff/queue", "/staff/seat", "/staff/people", "/staff/codes"):
        assert client.get(path).headers["location"] == DOOR
        assert client.post(path, headers=HERE).headers.get("location", DOOR) == DOOR
    # Nor does the board's public side know them.
    assert "Sue" not in client.get("/towns/si/velenje/vote").text
    mine = begin(client)
    assert len(set(mine.codes)) == 10
    assert client.get("/staff").status_code == 200
    with board.database.snapshot() as conn:
        kept = conn.execute(select(second_factors)).one()
        hashes = conn.execute(select(recovery_codes.c.hash)).scalars().all()
        acts = conn.execute(select(decisions.c.act)).scalars().all()
    assert mine.seed.encode() not in kept.secret
    assert not any(code.encode() in row for row in hashes for code in mine.codes)
    assert acts == ["app_added"]


def test_set_up_page_says_the_seed_in_letters_and_in_the_square(
    client: TestClient, board: Board
) -> None:
    taken_up(client, board)
    text = client.get(SET_UP).text
    assert re.search(r'<svg class="qr"[^>]*role="img"', text)
    assert "private, no-store" in client.get(SET_UP).headers["cache-control"]
    assert offered(client).seed != offered(client).seed


def test_wrong_first_code_shows_the_same_square_again(client: TestClient, board: Board) -> None:
    taken_up(client, board)
    offer = offered(client)
    form = {"offer": offer.token, "code": wrong(offer.seed)}
    answer = client.post(SET_UP, data=form, headers=HERE)
    assert answer.status_code == 422
    assert 'id="error-code"' in answer.text
    again = re.search(r'class="door-seed">([^<]+)<', answer.text)
    assert again
    assert again.group(1).replace(" ", "") == offer.seed
    assert client.get("/staff").headers["location"] == DOOR


def test_seed_that_this_browser_was_not_offered_is_refused(
    client: TestClient, board: Board
) -> None:
    """Or else somebody could have another set up a seed that they know."""
    taken_up(client, board)
    foreign = offered(client)
    client.cookies.clear()
    taken_up(client, board, email="bob@example.org")
    for token in (foreign.token, "", "x", "é" * 40, "x" * 500):
        form = {"offer": token, "code": digits(foreign.seed)}
        assert client.post(SET_UP, data=form, headers=HERE).status_code == 422
    assert client.get("/staff").headers["location"] == DOOR


def test_mailed_code_alone_brings_no_new_app_beside_the_old(
    client: TestClient, board: Board
) -> None:
    """Who reads the mailbox must not set up a factor of their own."""
    seated(client, board)
    client.cookies.clear()
    taken_up_again = client.post("/staff/sign-in", data={"email": "sue@example.org"}, headers=HERE)
    page = taken_up_again.headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    assert client.get(SET_UP).headers["location"] == DOOR
    with board.database.snapshot() as conn:
        session = conn.execute(select(sessions.c.id).where(sessions.c.at_door)).scalar_one()
    from_elsewhere = board.keys.seal(f"factor.offer:{session.hex()}", SEED)
    form = {"offer": base64.urlsafe_b64encode(from_elsewhere).decode(), "code": digits(SEED)}
    assert client.post(SET_UP, data=form, headers=HERE).status_code == 403
    assert client.get("/staff").headers["location"] == DOOR


# --- each time ------------------------------------------------------------------------------


def later(seconds: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True)


def test_code_of_the_app_opens_the_desk_once(client: TestClient, board: Board) -> None:
    mine = seated(client, board)
    at_the_door(client, board)
    # The code that was typed at set-up was on a screen: it opens nothing.
    assert type_in(client, code=digits(mine.seed))[0] == 422
    with later(35):
        code = digits(mine.seed)
        assert type_in(client, code=f"{code[:3]} {code[3:]}") == (303, "/staff")
        at_the_door(client, board)
        assert type_in(client, code=code)[0] == 422
        assert client.get("/staff").headers["location"] == DOOR


def test_same_code_typed_twice_at_once_opens_once(board: Board, client: TestClient) -> None:
    mine = seated(client, board)
    with later(35), board.database.transaction() as conn:
        now, code = datetime.now(UTC), digits(mine.seed)
        who = conn.execute(select(people.c.id)).scalar_one()
        assert pass_app(conn, board.keys, who, code, now)
        assert not pass_app(conn, board.keys, who, code, now)


def test_tries_at_the_door_run_out(client: TestClient, board: Board) -> None:
    mine = seated(client, board)
    at_the_door(client, board)
    with later(35):
        for _ in range(DOOR_TRIES):
            assert type_in(client, code=wrong(mine.seed))[0] == 422
        assert type_in(client, code=digits(mine.seed))[0] == 429
        # The door is left with the answer, and a new mailed code leads to it again.
        assert client.get(DOOR).headers["location"] == "/staff/sign-in"
        at_the_door(client, board)
        assert type_in(client, code=digits(mine.seed))[0] == 303


def test_tries_are_counted_per_person_too(client: TestClient, board: Board) -> None:
    """Knocking anew brings no new tries without end."""
    board.settings = board.settings.model_copy(update={"mail_per_hour": 50, "mail_per_day": 50})
    mine = seated(client, board)
    with time_machine.travel(datetime(2027, 1, 5, 9, 1, tzinfo=UTC), tick=True):
        for _ in range(TRIES_PER_HOUR // DOOR_TRIES):
            at_the_door(client, board)
            for _ in range(DOOR_TRIES):
                assert type_in(client, code=wrong(mine.seed))[0] == 422
        at_the_door(client, board)
        assert type_in(client, code=digits(mine.seed))[0] == 429
        at_the_door(client, board)
        assert type_in(client, paper=mine.codes[0])[0] == 429
    with time_machine.travel(datetime(2027, 1, 5, 10, 1, tzinfo=UTC), tick=True):
        at_the_door(client, board)
        assert type_in(client, code=digits(mine.seed))[0] == 303


def test_paper_opens_once_each(client: TestClient, board: Board) -> None:
    mine = seated(client, board)
    at_the_door(client, board)
    assert type_in(client, paper=mine.codes[3].lower()) == (303, "/staff/seat")
    assert "9 are left" in client.get("/staff/seat").text
    at_the_door(client, board)
    assert type_in(client, paper=mine.codes[3])[0] == 422
    assert type_in(client, paper="00000-00000")[0] == 422
    assert type_in(client, paper="x" * 400)[0] == 422
    assert type_in(client, paper=mine.codes[4])[0] == 303
    with board.database.snapshot() as conn:
        acts = conn.execute(select(decisions.c.act).order_by(decisions.c.id)).scalars().all()
    # Who was in from another browser is told of each (test_notices).
    assert acts == ["app_added", "paper_used", "came_in", "paper_used", "came_in"]


def test_paper_of_a_colleague_opens_nothing(client: TestClient, board: Board) -> None:
    theirs = seated(client, board, email="bob@example.org")
    client.cookies.clear()
    seated(client, board)
    at_the_door(client, board)
    assert type_in(client, paper=theirs.codes[0])[0] == 422


def test_door_closes_after_a_quarter_of_an_hour(client: TestClient, board: Board) -> None:
    mine = seated(client, board)
    at_the_door(client, board)
    with later(16 * 60):
        assert type_in(client, code=digits(mine.seed)) == (303, "/staff/sign-in")


def test_role_that_ended_at_the_door_opens_nothing(client: TestClient, board: Board) -> None:
    mine = seated(client, board)
    at_the_door(client, board)
    with board.database.transaction() as conn:
        conn.execute(update(people).values(role=""))
    with later(35):
        assert type_in(client, code=digits(mine.seed))[0] == 409
        assert client.get("/staff").headers["location"] == DOOR


def test_door_is_no_page_for_strangers_or_the_seated(client: TestClient, board: Board) -> None:
    for path in (DOOR, SET_UP):
        assert client.get(path).headers["location"] == "/staff/sign-in"
        assert client.post(path, headers=HERE).headers["location"] == "/staff/sign-in"
    for path in ("/staff/door/question", "/staff/door/passkey"):
        assert client.post(path, headers=HERE).headers["location"] == "/staff/sign-in"
    seated(client, board)
    for path in (DOOR, SET_UP):
        assert client.get(path).headers["location"] == "/staff/seat"
        assert client.post(path, headers=HERE).headers["location"] == "/staff/seat"


# --- sessions -------------------------------------------------------------------------------


def test_cookie_from_before_is_worth_nothing_afterwards(client: TestClient, board: Board) -> None:
    """Fixation: whoever planted a cookie in somebody's browser isn't let in with them."""
    mine = seated(client, board)
    resident = remembered(board, client, "Eve")
    planted = client.cookies["board"]
    client.cookies.clear()
    client.cookies.set("board", planted, domain="testserver.local")
    page = knock(client)
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    at_door = client.cookies["board"]
    with later(35):
        assert type_in(client, code=digits(mine.seed))[0] == 303
        inside = client.cookies["board"]
        assert len({planted, at_door, inside}) == 3
        for cookie in (planted, at_door):
            client.cookies.clear()
            client.cookies.set("board", cookie)
            assert client.get("/staff").headers["location"] == "/staff/sign-in"
    with board.database.snapshot() as conn:
        s = sessions.c
        assert conn.execute(select(s.id).where(s.person_id == resident.id)).first() is None


def test_silent_desk_closes_and_a_busy_one_after_ten_hours(
    client: TestClient, board: Board
) -> None:
    seated(client, board)
    began = datetime.now(UTC)
    for minutes in range(0, 595, 110):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=True):
            assert client.get("/staff/seat").status_code == 200
    with time_machine.travel(began + DESK_FOR + timedelta(seconds=1), tick=True):
        assert client.get("/staff/seat").headers["location"] == "/staff/sign-in"


def test_desk_that_nobody_touched_for_two_hours_is_left(client: TestClient, board: Board) -> None:
    seated(client, board)
    with later(2 * 3_600 + 5):
        assert client.get("/staff").headers["location"] == "/staff/sign-in"
        assert client.post("/staff/people", headers=HERE).status_code == 303


def test_being_seen_is_written_once_a_minute_at_most(client: TestClient, board: Board) -> None:
    seated(client, board)

    def seen() -> datetime:
        with board.database.snapshot() as conn:
            moment: datetime = conn.execute(select(sessions.c.seen_at)).scalar_one()
            return moment

    first = seen()
    client.get("/staff/seat")
    assert seen() == first
    with later(61):
        client.get("/staff/seat")
        second = seen()
        assert second > first
        client.get("/")
        assert seen() == second


def own_seat(client: TestClient, **form: str) -> int:
    return client.post("/staff/seat", data=form, headers=HERE).status_code


def other_browser(client: TestClient) -> str:
    """The name of the other browser on one's list."""
    names = re.findall(r'name="browser" value="([0-9a-f]{16})"', client.get("/staff/seat").text)
    assert len(names) == 1
    return str(names[0])


def test_stolen_session_is_ended_from_another_browser(client: TestClient, board: Board) -> None:
    mine = seated(client, board)
    stolen = client.cookies["board"]
    at_the_door(client, board)
    with later(35):
        assert type_in(client, code=digits(mine.seed))[0] == 303
        own = client.cookies["board"]
        assert own_seat(client, act="browser", browser=other_browser(client)) == 303
        assert client.get("/staff").status_code == 200
        client.cookies.clear()
        client.cookies.set("board", stolen)
        assert client.get("/staff").headers["location"] == "/staff/sign-in"
        client.cookies.clear()
        client.cookies.set("board", own)
        assert own_seat(client, act="everywhere") == 303
        client.cookies.set("board", own)
        assert client.get("/staff").headers["location"] == "/staff/sign-in"
    with board.database.snapshot() as conn:
        assert conn.execute(select(sessions)).first() is None


def test_browser_of_somebody_else_is_not_signed_out(client: TestClient, board: Board) -> None:
    seated(client, board, email="bob@example.org")
    theirs = client.cookies["board"]
    client.cookies.clear()
    seated(client, board)
    with board.database.snapshot() as conn:
        ids = conn.execute(select(sessions.c.id)).scalars().all()
    for session in ids:
        name = session.hex()[:16]
        if f'value="{name}"' not in client.get("/staff/seat").text:
            own_seat(client, act="browser", browser=name)
    client.cookies.clear()
    client.cookies.set("board", theirs)
    assert client.get("/staff").status_code == 200


# --- from one's seat ------------------------------------------------------------------------


def test_another_app_takes_the_place_of_the_first(client: TestClient, board: Board) -> None:
    old = seated(client, board)
    offer = offered(client, "/staff/seat/app")
    bad = {"offer": offer.token, "code": wrong(offer.seed)}
    assert client.post("/staff/seat/app", data=bad, headers=HERE).status_code == 422
    form = {"offer": offer.token, "code": digits(offer.seed)}
    assert client.post("/staff/seat/app", data=form, headers=HERE).status_code == 303
    at_the_door(client, board)
    with later(35):
        assert type_in(client, code=digits(old.seed))[0] == 422
        assert type_in(client, code=digits(offer.seed))[0] == 303


def test_new_paper_voids_the_old(client: TestClient, board: Board) -> None:
    old = seated(client, board)
    answer = client.post("/staff/seat", data={"act": "codes"}, headers=HERE)
    new = SetUp(old.seed, paper_in(answer))
    assert len(set(new.codes) - set(old.codes)) == 10
    assert answer.headers["cache-control"] == "private, no-store"
    at_the_door(client, board)
    assert type_in(client, paper=old.codes[0])[0] == 422
    assert type_in(client, paper=new.codes[0])[0] == 303


def test_last_factor_stays(client: TestClient, board: Board) -> None:
    seated(client, board)
    assert own_seat(client, act="app") == 409
    assert own_seat(client, act="key", key="1") == 409
    assert own_seat(client, act="nonsense") == 404
    with board.database.snapshot() as conn:
        assert conn.execute(select(second_factors)).first() is not None


def test_ways_in_change_only_after_coming_in_lately(client: TestClient, board: Board) -> None:
    """A desk left open must not give whoever sits down a way in of their own."""
    seated(client, board)
    offer = offered(client, "/staff/seat/app")
    with later(16 * 60):
        page = client.get("/staff/seat").text
        assert "Come in again" in page
        assert 'value="codes"' not in page
        assert own_seat(client, act="codes") == 403
        assert own_seat(client, act="app") == 403
        assert client.get("/staff/seat/app").headers["location"] == "/staff/seat"
        form = {"offer": offer.token, "code": digits(offer.seed)}
        assert client.post("/staff/seat/app", data=form, headers=HERE).status_code == 403
        # Signing a thief out needs no more than the seat.
        assert own_seat(client, act="everywhere") == 303


def test_passkeys_are_not_offered_where_browsers_know_none(
    client: TestClient, board: Board
) -> None:
    seated(client, board)
    assert 'data-module="passkey"' not in client.get("/staff/seat").text
    for path in ("/staff/seat/question", "/staff/seat/passkey"):
        assert client.post(path, headers=HERE).status_code == 404
    at_the_door(client, board)
    for path in ("/staff/door/question", "/staff/door/passkey"):
        assert client.post(path, headers=HERE).status_code == 404
