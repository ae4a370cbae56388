"""One mailbox is one person, however it is spelled; two mailboxes are never one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.people.rules import canonical_mailbox, email_reach, masked, phone_reach


@pytest.mark.parametrize(
    "spelling",
    [
        "ana.novak@gmail.com",
        "Ana.Novak@Gmail.com",
        "ananovak+circle@gmail.com",
        "ananovak@googlemail.com",
        "a.n.a.novak@gmail.com.",
    ],
)
def test_canonical_mailbox_of_aliases_is_one(spelling: str) -> None:
    assert canonical_mailbox(spelling) == "ananovak@gmail.com"


def test_canonical_mailbox_keeps_dots_that_count() -> None:
    assert canonical_mailbox("ana.novak@example.org") != canonical_mailbox("ananovak@example.org")


def test_canonical_mailbox_of_an_international_domain_is_one() -> None:
    assert canonical_mailbox("ana@bücher.example") == canonical_mailbox("ana@xn--bcher-kva.example")


@given(st.emails())
def test_canonical_mailbox_twice_is_once(address: str) -> None:
    assert canonical_mailbox(canonical_mailbox(address)) == canonical_mailbox(address)


@pytest.mark.parametrize("typed", ["", "ana", "ana@", "@example.org", "ana@example", "a b@e.org"])
def test_email_reach_of_no_address_is_none(typed: str) -> None:
    assert email_reach(typed) is None


def test_email_reach_keeps_the_spelling_that_mail_goes_to() -> None:
    reach = email_reach(" Ana+Circle@Example.org ")
    assert reach is not None
    assert reach.address == "Ana+Circle@example.org"
    assert reach.canonical == "ana@example.org"


@pytest.mark.parametrize("typed", ["041 234 567", "+386 41 234 567", "+38641234567"])
def test_phone_reach_of_one_number_is_one(typed: str) -> None:
    reach = phone_reach(typed, "SI")
    assert reach is not None
    assert reach.canonical == "tel:+38641234567"


@pytest.mark.parametrize("typed", ["12", "hello", "+999999999999999"])
def test_phone_reach_of_no_number_is_none(typed: str) -> None:
    assert phone_reach(typed, "SI") is None


def test_masked_shows_neither_name_nor_number() -> None:
    assert masked("wiktoria@example.org") == "w…@example.org"
    assert masked("+38641234567") == "…567"
