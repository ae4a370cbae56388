"""Passkeys: what a browser is asked, and whether its answer holds. Pure but for chance.

The browser speaks the WebAuthn JSON of `PublicKeyCredential.parse…FromJSON`; a key belongs to one
host name, that of the base address.
"""

import struct
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

PREFERRED: Final = UserVerificationRequirement.PREFERRED
MOST_SENT: Final = 20_000
NAME_LENGTH: Final = 40


class Site(NamedTuple):
    """To whom a key belongs: the host, and the origin that its answers must name."""

    host: str
    origin: str
    name: str


class NewKey(NamedTuple):
    """The public half of a key that was made just now."""

    credential: bytes
    public_key: bytes
    sign_count: int


def site_of(base_url: str, name: str) -> Site | None:
    """The site of a base address; None where browsers know no passkeys.

    They want a host name, not a number, and https unless it is this very machine.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if _is_number(host) or not host or (parts.scheme != "https" and not local):
        return None
    return Site(host, f"{parts.scheme}://{parts.netloc}", name)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def making(
    site: Site, challenge: bytes, *, person_id: int, name: str, known: Sequence[bytes]
) -> str:
    """What the browser is asked to make a key; `known` keys are not made twice."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_name=name,
        user_display_name=name,
        # Tells accounts of one host apart, and nothing about who somebody is.
        user_id=person_id.to_bytes(8, "big"),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def showing(site: Site, challenge: bytes, *, known: Sequence[bytes]) -> str:
    """What the browser is asked to show a key."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=PREFERRED,
    )
    return options_to_json(options)


def made(site: Site, challenge: bytes, sent: str) -> NewKey | None:
    """The key that a browser made for our challenge; None when its answer doesn't hold."""
    try:
        new = verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except _UNTRUE:
        return None
    return NewKey(new.credential_id, new.credential_public_key, new.sign_count)


def credential_in(sent: str) -> bytes:
    """Which key an answer says it comes from; nothing when it says nothing."""
    try:
        return parse_authentication_credential_json(sent).raw_id
    except _UNTRUE:
        return b""


def shown(
    site: Site, challenge: bytes, sent: str, *, public_key: bytes, sign_count: int
) -> int | None:
    """The key's new count when it answered our challenge; None when its answer doesn't hold.

    A key that counts and didn't count on was copied: refused.
    """
    try:
        answer = verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except _UNTRUE:
        return None
    return answer.new_sign_count


# The library says most of what is wrong by its own errors; a hostile answer finds the others.
_UNTRUE: Final = (
    WebAuthnException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    RecursionError, struct.error,
)  # fmt: skip
