"""Who carries a mail away: an SMTP server, or a folder while none is set (development)."""

import asyncio
import re
import secrets
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple, Protocol

from board.core import clock
from board.core.config import Settings
from board.mail.rules import mailbox_is_gone


class Answer(NamedTuple):
    """What the carrier said; `for_good` means another try is useless, `gone` no such mailbox."""

    taken: bool
    words: str
    for_good: bool = False
    gone: bool = False


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
        # The clock alone might name two mails of two processes alike.
        name = f"{stamp}-{secrets.token_hex(2)}.eml"
        # Written beside its name first: whoever looks into the folder finds whole mails.
        draft = self.folder / f"{name}.part"
        draft.write_bytes(bytes(mail))
        draft.rename(self.folder / name)
        return Answer(True, "written to the mail folder")


# Ends well before the lease on a mail does (mail.actions.LEASE), however slow the server is.
CARRY_SECONDS = 60.0
STEP_SECONDS = 20.0


class Smtp:
    """The operator's mail server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def carry(self, mail: EmailMessage) -> Answer:
        """One connection, one mail; whatever goes wrong is an answer, not a crash.

        Final is only what the server says of this mail or its recipient: a wrong password or a
        refused sender is the operator's to mend, and the mails wait for it.
        """
        import aiosmtplib  # noqa: PLC0415 - read with the first mail

        recipient = mail["To"].addresses[0].addr_spec
        try:
            async with asyncio.timeout(CARRY_SECONDS):
                words = await self._send(mail, recipient)
        except aiosmtplib.SMTPDataError as error:
            return Answer(False, _said(f"{error.code} {error.message}"), error.code >= 500)
        except aiosmtplib.SMTPResponseException as error:
            return Answer(False, _said(f"{error.code} {error.message}"))
        except aiosmtplib.SMTPRecipientsRefused as error:
            code, words = error.recipients[0].code, error.recipients[0].message
            said = _said(f"recipient refused: {code} {words}")
            return Answer(False, said, code >= 500, mailbox_is_gone(code, words))
        except aiosmtplib.SMTPNotSupported as error:
            # Said of the name before the @, where the server knows ASCII alone.
            return Answer(False, _said(str(error)), not recipient.isascii())
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Answer(False, _said(f"{type(error).__name__}: {error}"))
        return Answer(True, _said(words))

    async def _send(self, mail: EmailMessage, recipient: str) -> str:
        import aiosmtplib  # noqa: PLC0415 - the same

        s = self.settings
        _refused, words = await aiosmtplib.send(
            mail,
            sender=envelope_sender(s, str(mail["Message-ID"])),
            # Said here, so that no header can ever add another recipient.
            recipients=[recipient],
            hostname=s.smtp_host,
            port=s.smtp_port,
            username=s.smtp_user or None,
            password=s.smtp_password or None,
            use_tls=s.smtp_security == "tls",
            start_tls=s.smtp_security == "starttls",
            tls_context=ssl.create_default_context() if s.smtp_security != "none" else None,
            timeout=STEP_SECONDS,
        )
        return words


def envelope_sender(settings: Settings, message_id: str) -> str:
    """Where reports about a mail go (MAIL FROM); "{id}" becomes the name in its Message-ID, so
    that even a report which returns nothing of the mail says which one it means."""
    name = message_id.strip("<>").rpartition("@")[0]
    return settings.bounce_address.replace("{id}", name) or settings.mail_from


def _said(words: str) -> str:
    """A server's words without addresses: they are kept and shown at the desk."""
    return re.sub(r"\S+@\S+", "…", " ".join(words.split()))


def carrier_of(settings: Settings) -> Carrier:
    """The carrier that the settings ask for."""
    return Smtp(settings) if settings.smtp_host else Folder(settings.mail_folder)
