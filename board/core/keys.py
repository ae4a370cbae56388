"""The board's secrets at work: who is who without keeping addresses, and what mails carry.

- a person is known by an HMAC of the mailbox (`person_key`), under a secret that never rotates;
- contacts and forms that wait are sealed (AES-256-GCM, the label as associated data);
- codes and links are derived, so that a retried mail carries the same ones and the database
  holds only their hashes.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType

Sealed = NewType("Sealed", bytes)
_NONCE = 12


class SealBroken(Exception):
    """A sealed value doesn't open: another key, another label, or it was changed."""


@dataclass(frozen=True, repr=False)
class Keys:
    """Everything secret that the board computes with; never printed."""

    voter: bytes
    sealing: tuple[bytes, ...]
    link: bytes

    def person_key(self, canonical: str) -> bytes:
        """The 32 bytes by which a mailbox ("ana@example.org"), number or desk code is known."""
        return hmac.digest(self.voter, b"person\0" + canonical.encode(), "sha256")

    def seal(self, label: str, text: str) -> Sealed:
        """Encrypt `text` for the place that `label` names ("contact.value")."""
        return self.seal_bytes(label, text.encode())

    def seal_bytes(self, label: str, plain: bytes) -> Sealed:
        """Encrypt what is no text, a picture."""
        # Here and below: who only reads pages needs none of it, and it is large.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        nonce = os.urandom(_NONCE)
        return Sealed(nonce + AESGCM(self.sealing[0]).encrypt(nonce, plain, label.encode()))

    def open(self, label: str, sealed: bytes) -> str:
        """The text again; raises SealBroken when no key of ours opens it."""
        return self.open_bytes(label, sealed).decode()

    def open_bytes(self, label: str, sealed: bytes) -> bytes:
        """What was sealed; raises SealBroken when no key of ours opens it."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        for key in self.sealing:
            try:
                return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
            except (InvalidTag, ValueError):
                # ValueError: not even a nonce is left, as in a row that was emptied.
                continue
        raise SealBroken(f"a sealed {label} does not open with the keys that are set")

    def token(self, purpose: str, row: int, issue: int) -> str:
        """The secret part of a mailed link, 43 URL-safe characters."""
        digest = hmac.digest(self.link, f"token\0{purpose}\0{row}\0{issue}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def code(self, purpose: str, row: int, issue: int) -> str:
        """Six digits to type on the page that somebody is on."""
        digest = hmac.digest(self.link, f"code\0{purpose}\0{row}\0{issue}".encode(), "sha256")
        return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"

    def code_hash(self, purpose: str, row: int, code: str) -> bytes:
        """What is kept of a code: useless without the link secret, unlike a bare hash."""
        return hmac.digest(self.link, f"typed\0{purpose}\0{row}\0{code}".encode(), "sha256")

    def row_token(self, purpose: str, row: int) -> str:
        """A lasting secret part of a link that names its row; nothing of it is stored."""
        return f"{row}-{self.token(purpose, row, 0)}"

    def row_of(self, purpose: str, token: str) -> int | None:
        """The row that a lasting link names, or None when it isn't one of ours."""
        digits, _dash, _secret = token.partition("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            return None
        row = int(digits)
        return row if same(token.encode(), self.row_token(purpose, row).encode()) else None

    def text_key(self, folded: str) -> bytes:
        """Tells that two texts are the same without keeping either."""
        return hmac.digest(self.link, b"text\0" + folded.encode(), "sha256")

    def slip_hash(self, code: str) -> bytes:
        """What is kept of a desk code: without the link secret nobody can try them all."""
        return hmac.digest(self.link, b"slip\0" + code.encode(), "sha256")

    def fingerprint(self) -> str:
        """Tells two voter secrets apart without telling either."""
        return hmac.digest(self.voter, b"fingerprint", "sha256").hex()[:16]


def make_keys(voter: str, sealing: Sequence[str], link: str) -> Keys:
    """Keys from the settings' texts, each stretched to 32 bytes for its own purpose."""
    return Keys(
        voter=_derived("voter", voter),
        sealing=tuple(_derived("sealing", text) for text in sealing),
        link=_derived("link", link),
    )


def _derived(purpose: str, text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=32, person=purpose.encode()).digest()


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)
