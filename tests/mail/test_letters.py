"""Letters as they are drawn: subject, text and HTML of each kind."""

import re
from email import policy
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest
from jinja2 import Environment

from board.core.config import ROOT, Settings
from board.core.keys import Keys
from board.core.rendering import make_environment
from board.mail.letters import draw_letter
from board.mail.values import values_of

LINK = "https://inyourtown.example.org/confirm/abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
VALUES: dict[str, Any] = {
    "site_name": "In Your Town",
    "home_url": "https://inyourtown.example.org/",
    "support_email": "help@example.org",
    "code": "428193",
    "code_minutes": 30,
    "link_hours": 24,
    "link": LINK,
    "kind": "vote",
    "town": "Ełk",
}
KINDS = ("confirm", "sign_in", "test")
# The only sentence that differs: a text shows an address where the HTML has a button.
OWN_TO_TEXT = "Or open this address. There is one button on it"


@pytest.fixture(scope="module")
def pages() -> Environment:
    return make_environment(ROOT / "templates", build="test")


def drawn(pages: Environment, letter: str, /, **values: Any) -> EmailMessage:
    return draw_letter(
        pages,
        letter,
        "en",
        {**VALUES, **values},
        sender=("In Your Town", "hello@example.org"),
        recipient="alice@example.org",
        message_id="<1@example.org>",
    )


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def words_of(html: str) -> str:
    body = re.sub(r"<style.*?</style>", "", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


@pytest.mark.parametrize(
    ("town", "subject"),
    [
        ("Ełk", "428193 is your code for Ełk"),
        ("", "428193 is your code for In Your Town"),
        ("Ełk\r\nBcc: eve@example.org", "428193 is your code for Ełk"),
    ],
)
def test_subject_is_the_code_and_the_town_and_nothing_else(
    pages: Environment, town: str, subject: str
) -> None:
    mail = drawn(pages, "confirm", town=town)

    assert mail["Subject"] == subject
    assert mail["Bcc"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_subject_does_not_repeat_itself_in_the_text(pages: Environment, kind: str) -> None:
    assert text_of(drawn(pages, kind)).splitlines()[0] == "Hello,"


@pytest.mark.parametrize("town", ["Ełk", ""])
@pytest.mark.parametrize("wish", ["vote", "story", "comment"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same_words(
    pages: Environment, kind: str, wish: str, town: str
) -> None:
    mail = drawn(pages, kind, kind=wish, town=town)
    shown = words_of(html_of(mail))

    lines = {line.removesuffix(":") for line in text_of(mail).splitlines() if len(line) > 2}
    said = {line for line in lines - {OWN_TO_TEXT} if not line.startswith("https:")}
    missing = {line for line in said if line not in shown}

    assert missing == set()


@pytest.mark.parametrize("wish", ["vote", "story", "comment"])
def test_confirm_says_what_for_and_what_if_it_was_not_you(pages: Environment, wish: str) -> None:
    text = text_of(drawn(pages, "confirm", kind=wish))

    assert "Ełk. One step" in text
    assert f"\n\n{VALUES['code']}\n\n" in text
    assert f"\n\n{LINK}\n\n" in text
    assert "Wasn't you? Then do nothing, and nothing happens." in text
    assert "You get this mail because somebody typed your address on In Your Town." in text


@pytest.mark.parametrize("kind", KINDS)
def test_html_loads_nothing_and_runs_nothing(pages: Environment, kind: str) -> None:
    html = html_of(drawn(pages, kind))

    assert not re.search(r"<(img|script|link|iframe|object|svg)\b|\son\w+=|url\(", html)
    led_to = set(re.findall(r'(?:href|src)="([^"]*)"', html))
    support = f"mailto:{VALUES['support_email']}"
    assert led_to <= {LINK, f"{LINK}#never", VALUES["home_url"], support}


def test_html_names_its_language(pages: Environment) -> None:
    assert '<html lang="en"' in html_of(drawn(pages, "confirm"))


def test_town_is_escaped_in_html(pages: Environment) -> None:
    html = html_of(drawn(pages, "confirm", town="<b>Ełk & co"))

    assert "&lt;b&gt;Ełk &amp; co" in html


# --- what a mail with a stream carries -------------------------------------------------------

STOP = f"https://learning-circles.inyourtown.example.org/de/mail/stop/123456-{'a' * 43}/offers"
ID = f"<{'0' * 32}@mail.learning-circles.inyourtown.example.org>"


@pytest.mark.parametrize("sent_as", [policy.default, policy.SMTP, policy.SMTPUTF8])
def test_long_addresses_stay_whole_in_the_headers(pages: Environment, sent_as: Any) -> None:
    """Python would write "=?utf-8?q?=3Chttps…", which no mail program takes for an address."""
    mail = draw_letter(
        pages,
        "test",
        "en",
        {**VALUES, "stop_link": STOP},
        sender=("In Your Town", "hello@example.org"),
        recipient="alice@example.org",
        message_id=ID,
    )
    lines = mail.as_bytes(policy=sent_as).decode().splitlines()
    assert f"List-Unsubscribe: <{STOP}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert f"Message-ID: {ID}" in lines


def test_mail_without_a_stream_has_no_list_headers(pages: Environment) -> None:
    mail = drawn(pages, "confirm")
    assert [name for name in mail if name.lower().startswith("list-")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_frame_shows_the_ways_to_stop_in_text_and_html(pages: Environment, kind: str) -> None:
    mail = drawn(pages, kind, stop_link=STOP, preferences_link=f"{LINK}/mine")
    text, html = text_of(mail), html_of(mail)
    assert f"Stop these mails:\n{STOP}\n" in text
    assert f"take it back, choose your mails:\n{LINK}/mine\n" in text
    assert f'href="{STOP}"' in html
    assert f'href="{LINK}/mine"' in html
    assert "\n\n\n" not in text


def test_values_hold_links_of_the_person_and_the_stream(settings: Settings, keys: Keys) -> None:
    def values(payload: dict[str, Any], stream: str = "") -> dict[str, Any]:
        return values_of("digest", payload, "de", keys=keys, settings=settings, stream=stream)

    token = keys.row_token("mail", 7)
    assert values({"person_id": 7}, "digest")["stop_link"] == (
        f"http://testserver/de/mail/stop/{token}/digest"
    )
    assert values({"person_id": 7}, "digest")["preferences_link"] == (
        f"http://testserver/de/mail/{token}"
    )
    assert values({"person_id": 7})["stop_link"] == ""
    assert values({})["preferences_link"] == ""
    assert values({})["page_link"]("/towns") == "http://testserver/de/towns"
