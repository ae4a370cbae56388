"""What the board keeps of a mailbox, a contact, a code: enough to compare, too little to read."""

import hashlib
import traceback
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from board.core.config import Settings
from board.core.keys import Keys, SealBroken, make_keys, same, token_hash

SECRETS = ("voter secret of the tests", "sealing secret of the tests", "link secret of the tests")
KEYS = make_keys(SECRETS[0], [SECRETS[1]], SECRETS[2])


@given(st.text())
def test_sealed_text_opens_again_and_shows_nothing(text: str) -> None:
    sealed = KEYS.seal("contact.value", text)
    assert KEYS.open("contact.value", sealed) == text
    assert len(text) < 4 or bytes(sealed).find(text.encode()) < 0


def test_sealed_bytes_open_again() -> None:
    picture = bytes(range(256)) * 40
    sealed = KEYS.seal_bytes("upload.jpeg", picture)
    assert bytes(sealed).find(picture[:40]) < 0
    assert KEYS.open_bytes("upload.jpeg", sealed) == picture


def test_same_text_is_sealed_differently_each_time() -> None:
    assert len({KEYS.seal("contact.value", "ana@example.org") for _ in range(50)}) == 50


def test_sealed_text_opens_under_its_label_alone() -> None:
    sealed = KEYS.seal("contact.value", "ana@example.org")
    for label in ("contact.valu", "waiting.contact", ""):
        with pytest.raises(SealBroken):
            KEYS.open(label, sealed)


def test_changed_seal_does_not_open() -> None:
    sealed = KEYS.seal("contact.value", "ana@example.org")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            KEYS.open("contact.value", changed)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 27])
def test_emptied_or_cut_seal_does_not_open(length: int) -> None:
    sealed = KEYS.seal("contact.value", "ana@example.org")
    with pytest.raises(SealBroken):
        KEYS.open("contact.value", sealed[:length])


def test_rotation_seals_with_the_new_key_and_opens_with_the_old() -> None:
    old = KEYS.seal("contact.value", "ana@example.org")
    rotated = make_keys(SECRETS[0], ["the new one", SECRETS[1]], SECRETS[2])
    new = rotated.seal("contact.value", "ana@example.org")
    assert rotated.open("contact.value", old) == rotated.open("contact.value", new)
    with pytest.raises(SealBroken):
        KEYS.open("contact.value", new)
    finished = make_keys(SECRETS[0], ["the new one"], SECRETS[2])
    assert finished.open("contact.value", new) == "ana@example.org"
    with pytest.raises(SealBroken):
        finished.open("contact.value", old)


def test_person_key_needs_the_voter_secret_and_no_other() -> None:
    key = KEYS.person_key("ana@example.org")
    assert len(key) == 32
    assert key == make_keys(SECRETS[0], ["another"], "another").person_key("ana@example.org")
    assert key != make_keys("another", [SECRETS[1]], SECRETS[2]).person_key("ana@example.org")
    for digest in (hashlib.sha256, hashlib.md5, hashlib.blake2b):
        assert digest(b"ana@example.org").digest() != key


def test_one_secret_for_all_still_makes_three_keys() -> None:
    keys = make_keys("same", ["same"], "same")
    assert len({keys.voter, keys.sealing[0], keys.link}) == 3


def test_token_and_code_are_those_of_their_purpose_row_and_issue() -> None:
    asked = [("confirm", 1, 1), ("confirm", 1, 2), ("confirm", 2, 1), ("export", 1, 1)]
    tokens = {KEYS.token(*one) for one in asked}
    codes = {KEYS.code(*one) for one in asked}
    assert (len(tokens), len(codes)) == (4, 4)
    assert KEYS.token("confirm", 1, 1) == KEYS.token("confirm", 1, 1)
    assert KEYS.token("confirm", 1, 1) != replace(KEYS, link=b"other").token("confirm", 1, 1)


def test_token_fits_an_address_and_code_fits_the_fingers() -> None:
    for row in range(200):
        token, code = KEYS.token("confirm", row, 1), KEYS.code("confirm", row, 1)
        assert len(token) == 43
        assert token.replace("-", "").replace("_", "").isalnum()
        assert (len(code), code.isdigit()) == (6, True)


def test_codes_are_spread_over_all_of_them() -> None:
    codes = {KEYS.code("confirm", row, 1) for row in range(2_000)}
    assert len(codes) > 1_990
    assert {code[0] for code in codes} == set("0123456789")


def test_code_hash_tells_nothing_without_the_link_secret() -> None:
    kept = KEYS.code_hash("confirm", 1, "123456")
    assert kept != KEYS.code_hash("confirm", 2, "123456")
    assert kept != KEYS.code_hash("sign_in", 1, "123456")
    assert kept != make_keys(SECRETS[0], [SECRETS[1]], "other").code_hash("confirm", 1, "123456")
    plain = {hashlib.sha256(f"{number:06d}".encode()).digest() for number in range(123456, 123457)}
    assert kept not in plain


def test_token_hash_is_not_the_token() -> None:
    token = KEYS.token("confirm", 1, 1)
    assert token.encode() not in token_hash(token)
    assert same(token_hash(token), token_hash(token))
    assert not same(token_hash(token), token_hash(token + "x"))


def test_fingerprint_tells_voter_secrets_apart() -> None:
    assert KEYS.fingerprint() == make_keys(SECRETS[0], ["x"], "x").fingerprint()
    assert KEYS.fingerprint() != make_keys("x", [SECRETS[1]], SECRETS[2]).fingerprint()
    assert KEYS.fingerprint() not in KEYS.voter.hex()


def told(keys: Keys) -> str:
    """Everything that printing keys might say."""
    try:
        keys.open("contact.value", b"x" * 40)
    except SealBroken as error:
        trace = "".join(traceback.format_exception(error))
    return f"{keys} {keys!r} {trace}"


def test_keys_are_never_printed() -> None:
    said = told(KEYS)
    for secret in (KEYS.voter, KEYS.sealing[0], KEYS.link):
        assert repr(secret) not in said
        assert secret.hex() not in said
    for text in SECRETS:
        assert text not in said


def test_settings_are_printed_without_secrets() -> None:
    settings = Settings(
        voter_secret=SECRETS[0],
        sealing_keys=(SECRETS[1],),
        link_secret=SECRETS[2],
        smtp_password="the mail server's own",
        database_url="postgresql://board:opensesame@localhost/board",
    )
    for text in (*SECRETS, "the mail server's own", "opensesame"):
        assert text not in f"{settings} {settings!r}"
