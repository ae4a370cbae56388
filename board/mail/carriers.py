"""Who carries a mail away: an SMTP server, or a folder while none is set (development)."""

import re
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple, Protocol

import aiosmtplib

from board.core import clock
from board.core.config import Settings


class Answer(NamedTuple):
    """What the carrier said; `for_good` means another try is useless."""

    taken: bool
    words: str
    for_good: bool = False


class Carrier(Protocol):
    """Takes one mail away."""

    async def carry(self, mail: EmailMessage) -> Answer: ...


class Folder:
    """Mails as files, for looking at in development (`/dev/mail`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def carry(self, mail: EmailMessage) -> Answer:
        """Write the mail under a name that sorts by time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp = clock.now().strftime("%Y%m%dT%H%M%S%f")
        (self.folder / f"{stamp}.eml").write_bytes(bytes(mail))
        return Answer(True, "written to the mail folder")


class Smtp:
    """The operator's mail server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def carry(self, mail: EmailMessage) -> Answer:
        """One connection, one mail; whatever goes wrong is an answer, not a crash."""
        s = self.settings
        try:
            _refused, words = await aiosmtplib.send(
                mail,
                hostname=s.smtp_host,
                port=s.smtp_port,
                username=s.smtp_user or None,
                password=s.smtp_password or None,
                use_tls=s.smtp_security == "tls",
                start_tls=s.smtp_security == "starttls",
                tls_context=ssl.create_default_context() if s.smtp_security != "none" else None,
                timeout=20,
            )
        except aiosmtplib.SMTPResponseException as error:
            return Answer(False, _said(f"{error.code} {error.message}"), 500 <= error.code < 600)
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [r.code for r in error.recipients]
            return Answer(False, f"recipient refused: {codes}", all(c >= 500 for c in codes))
        except (aiosmtplib.SMTPException, OSError) as error:
            return Answer(False, _said(f"{type(error).__name__}: {error}"))
        return Answer(True, _said(words))


def _said(words: str) -> str:
    """A server's words without addresses: they are kept and shown at the desk."""
    return re.sub(r"\S+@\S+", "…", words)


def carrier_of(settings: Settings) -> Carrier:
    """The carrier that the settings ask for."""
    return Smtp(settings) if settings.smtp_host else Folder(settings.mail_folder)
