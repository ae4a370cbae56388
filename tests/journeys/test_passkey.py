"""Passkeys in a real browser: Chromium's virtual authenticator stands for somebody's device."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import select, update

from board.core.http import Board
from board.people.models import passkeys, people
from tests.door.coming_in import SUE, invited
from tests.journeys.walks import newest_mail, sideways_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """A page with an authenticator of its own, on the board's host name."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.talk: CDPSession = page.context.new_cdp_session(page)
        self.talk.send("WebAuthn.enable")
        made = self.talk.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.id = made["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        """The passkeys on this device."""
        found = self.talk.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])


@pytest.fixture
def host(board: Board, live: str) -> str:
    """The board at a host name: browsers know no passkeys of bare numbers."""
    base = f"http://localhost:{urlsplit(live).port}"
    board.settings = board.settings.model_copy(update={"base_url": base})
    return base


@pytest.fixture
def device(host: str, new_page: Callable[..., Page]) -> Iterator[Device]:
    """Somebody's laptop."""
    page = new_page(width=390)
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    yield Device(page)
    assert [text for text in refused if "422" not in text] == []


def set_up(board: Board, device: Device, host: str) -> Page:
    """Take up an invitation with a passkey; on the page with the paper."""
    page = device.page
    page.goto(host + invited(board))
    page.get_by_label("What do people call you?").fill("Sue")
    page.get_by_role("button", name="Take my seat").click()
    page.get_by_label("What do you call this device?").fill("My laptop")
    assert sideways_overflow(page) == 0
    page.get_by_role("button", name="Use a passkey of this device").click()
    expect(page.locator(".paper-codes li")).to_have_count(10)
    return page


def to_the_door(board: Board, page: Page, host: str) -> None:
    """Out, and with a mailed code to the door."""
    page.context.clear_cookies()
    before = len(list(board.settings.mail_folder.glob("*.eml")))
    page.goto(host + "/staff/sign-in")
    page.get_by_label("Your e-mail address at the desk").fill(SUE)
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code from the mail").fill(newest_mail(board, beside=before).code)
    page.get_by_role("button", name="Open the desk").click()
    page.wait_for_url("**/staff/door")


def test_passkey_is_made_and_opens_the_desk(board: Board, device: Device, host: str) -> None:
    page = set_up(board, device, host)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/staff")
    assert len(device.keys()) == 1
    to_the_door(board, page, host)
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/staff")
    page.goto(host + "/staff/seat")
    expect(page.get_by_text("My laptop", exact=True)).to_be_visible()
    # The same device doesn't make a second key for the same seat.
    page.get_by_label("What do you call this device?").fill("Again")
    page.get_by_role("button", name="Add a passkey of this device").click()
    expect(page.get_by_role("alert")).to_contain_text("That didn't work")
    with board.database.snapshot() as conn:
        row = conn.execute(select(passkeys)).one()
    assert (row.name, row.used_at is not None) == ("My laptop", True)
    assert row.sign_count == device.keys()[0]["signCount"]


def test_copied_key_that_counts_less_is_refused(board: Board, device: Device, host: str) -> None:
    page = set_up(board, device, host)
    with board.database.transaction() as conn:
        conn.execute(update(passkeys).values(sign_count=4_000_000_000))
    to_the_door(board, page, host)
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.locator("#error-key")).to_contain_text("didn't fit")
    page.goto(host + "/staff")
    page.wait_for_url("**/staff/door")


def test_answer_is_taken_once_and_only_for_its_own_challenge(
    board: Board, device: Device, host: str
) -> None:
    page = set_up(board, device, host)
    to_the_door(board, page, host)
    ask = """async () => {
      const asked = await (await fetch('/staff/door/question', {method: 'POST'})).json();
      const key = await navigator.credentials.get(
        {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked)});
      return JSON.stringify(key);
    }"""
    send = """async (credential) => {
      const answer = await fetch('/staff/door/passkey',
        {method: 'POST', body: new URLSearchParams({credential})});
      return [answer.status, new URL(answer.url).pathname];
    }"""
    older = page.evaluate(ask)
    page.evaluate("() => fetch('/staff/door/question', {method: 'POST'})")
    assert page.evaluate(send, older)[0] == 422
    good = page.evaluate(ask)
    tampered = json.loads(good)
    raw = bytearray(base64.urlsafe_b64decode(tampered["response"]["signature"] + "=="))
    raw[-1] ^= 1
    tampered["response"]["signature"] = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert page.evaluate(send, json.dumps(tampered))[0] == 422
    # The challenge was used up by the tampered answer: the good one is late.
    assert page.evaluate(send, good)[0] == 422
    assert page.evaluate(send, "")[0] == 422


def test_closed_dialogue_sends_nothing(board: Board, device: Device, host: str) -> None:
    page = set_up(board, device, host)
    to_the_door(board, page, host)
    device.talk.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device.id})
    Device(page).talk.send("WebAuthn.enable")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
    assert page.url.endswith("/staff/door")


def test_passkey_works_nowhere_without_javascript_but_paper_does(
    board: Board, device: Device, host: str, new_page: Callable[..., Page]
) -> None:
    page = set_up(board, device, host)
    code = page.locator(".paper-codes li").first.inner_text()
    plain = new_page(js=False)
    to_the_door(board, plain, host)
    expect(plain.get_by_role("button", name="Use my passkey")).to_have_count(0)
    plain.get_by_text("Phone or key not at hand?").click()
    plain.get_by_label("A code from your paper").fill(code)
    plain.get_by_role("button", name="Come in with it").click()
    plain.wait_for_url("**/staff/seat")
    with board.database.snapshot() as conn:
        assert conn.execute(select(people.c.name)).scalar_one() == "Sue"
