"""Who is who: one mailbox is one person, however it is spelled. Pure."""

import unicodedata
from typing import Final, Literal, NamedTuple

Channel = Literal["email", "phone"]
ROLES: Final = ("moderator", "organiser", "staff", "admin")
DESK_ROLES: Final = ("staff", "admin")
QUEUE_ROLES: Final = ("moderator", "staff", "admin")
ADMIN_ROLES: Final = ("admin",)
# Who prints slips and keys sheets in: organisers for their own towns.
CODES_ROLES: Final = ("organiser", "staff", "admin")

# Providers that ignore dots in the name; elsewhere a dot makes another mailbox.
_DOTLESS: Final = frozenset({"gmail.com"})
_SAME_PROVIDER: Final = {"googlemail.com": "gmail.com"}


class Reach(NamedTuple):
    """How somebody can be reached: the spelling given, and the identity behind it."""

    channel: Channel
    address: str
    canonical: str


def email_reach(typed: str) -> Reach | None:
    """A mailbox as typed, or None when mail can't go there. Needs no network.

    The domain comes out in letters that every mail server takes ("xn--bcher-kva.example").
    """
    cleaned = unicodedata.normalize("NFKC", typed).strip()
    if "=?" in cleaned:
        # Allowed by the letter, never meant: headers would be written and read as something else.
        return None
    # Read with the first address that is sent.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        checked = validate_email(
            cleaned, check_deliverability=False, allow_smtputf8=True, strict=True
        )
    except EmailNotValidError:
        return None
    address = f"{checked.local_part}@{checked.ascii_domain}"
    return Reach("email", address, canonical_mailbox(address))


def canonical_mailbox(address: str) -> str:
    """The one spelling of a mailbox: NFKC, lower, no +tag, IDNA domain, dots where they count.

    Idempotent; two addresses that differ in it are never taken for one person.
    """
    # Lower, not casefold: that would take ß for ss, and two mailboxes for one.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", address).lower()).strip()
    local, _at, domain = folded.rpartition("@")
    domain = _ascii_domain(domain.rstrip("."))
    domain = _SAME_PROVIDER.get(domain, domain)
    plain = local.split("+", 1)[0] or local
    if domain in _DOTLESS:
        plain = plain.replace(".", "") or plain
    return f"{plain}@{domain}"


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain


def phone_reach(typed: str, country: str) -> Reach | None:
    """A phone number as typed, read as one of `country` unless it begins with +; or None."""
    # Read with the first number that is sent: it knows every country's.
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Reach("phone", e164, f"tel:{e164}")


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: "w…@example.org"."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}" if at else f"…{address[-3:]}"


def is_staff(role: str) -> bool:
    """Whether this role belongs to P2PU's staff."""
    return role in DESK_ROLES


def may_moderate(role: str) -> bool:
    """Whether this role may look through the queue."""
    return role in QUEUE_ROLES
