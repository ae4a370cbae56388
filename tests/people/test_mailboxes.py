"""Two mailboxes are never taken for one, however alike their letters look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.people.rules import canonical_mailbox, email_reach

DIFFERENT = (
    ("strauß@example.org", "strauss@example.org"),
    ("ana@straße.example", "ana@strasse.example"),
    ("ana@faß.example", "ana@fass.example"),
    ("žiga@example.org", "ziga@example.org"),
    ("ana@bücher.example", "ana@bucher.example"),
    ("a.na@example.org", "ana@example.org"),
    ("ana@gmail.com", "ana@gmail.org"),
)
SAME = (
    ("Ana@Example.ORG", "ana@example.org"),
    ("ＡＮＡ@example.org", "ana@example.org"),
    ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
    ("Žiga@example.org", "žiga@example.org"),
    ("z\u030ciga@example.org", "žiga@example.org"),
)


def canonical(typed: str) -> str:
    reach = email_reach(typed)
    assert reach is not None, typed
    return reach.canonical


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_mailboxes_that_differ_are_two_people(left: str, right: str) -> None:
    assert canonical(left) != canonical(right)


@pytest.mark.parametrize(("left", "right"), SAME)
def test_spellings_of_one_mailbox_are_one_person(left: str, right: str) -> None:
    assert canonical(left) == canonical(right)


@given(st.text(max_size=20), st.text(max_size=20))
def test_canonical_twice_is_once_for_any_letters(local: str, domain: str) -> None:
    once = canonical_mailbox(f"{local}@{domain}")
    assert canonical_mailbox(once) == once


@given(st.text(max_size=30))
def test_email_reach_takes_anything_and_sends_to_one_line(typed: str) -> None:
    reach = email_reach(f"{typed}@example.org")
    if reach is not None:
        assert reach.address.isprintable()
        assert reach.address.count("@") == 1
        assert not set(reach.address) & set(' \t\r\n<>",;')
        assert canonical_mailbox(reach.address) == reach.canonical
