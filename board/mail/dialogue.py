"""One test mail over SMTP with everything that is said on the way, for `board mail test`.

The standard library's client, because its two ends of a conversation can be listened to; what is
said is the same as of the carrier that delivers (`mail.carriers`). Passwords are never shown.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from board.core.config import Settings
from board.mail.carriers import STEP_SECONDS, envelope_sender

Say = Callable[[str], None]


class _Overheard:
    """Tells every command and answer of a client."""

    say: Say
    hidden = False

    def putcmd(self, cmd: str, args: str = "") -> None:
        """A command of ours; what follows AUTH is a secret."""
        self.hidden = cmd.upper() == "AUTH" or self.hidden
        shown = "AUTH …" if cmd.upper() == "AUTH" else f"{cmd} {args}".strip()
        self.say(f"> {'…' if self.hidden and cmd.upper() != 'AUTH' else shown}")
        super().putcmd(cmd, args)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        """The server's answer."""
        code, words = super().getreply()  # type: ignore[misc]
        if code != 334:
            # 334 asks for the next part of a password; anything else ends that.
            self.hidden = False
        for line in words.decode("utf-8", "replace").splitlines() or [""]:
            self.say(f"< {code} {'…' if code == 334 else line}")
        return code, words


class _Plain(_Overheard, smtplib.SMTP):
    """Unencrypted at first."""

    def __init__(self, say: Say, *args: Any, **more: Any) -> None:
        self.say = say
        super().__init__(*args, **more)


class _Encrypted(_Overheard, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""

    def __init__(self, say: Say, *args: Any, **more: Any) -> None:
        self.say = say
        super().__init__(*args, **more)


def converse(settings: Settings, mail: EmailMessage, say: Say) -> bool:
    """Send a mail and tell what is said; whether the server took it."""
    s = settings
    recipient = mail["To"].addresses[0].addr_spec
    say(f"# {s.smtp_host}, port {s.smtp_port}, encryption: {s.smtp_security}")
    try:
        client = _connect(s, say)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        say(f"# {_reason(error)}")
        return False
    try:
        if s.smtp_security == "starttls":
            client.starttls(context=ssl.create_default_context())
        if s.smtp_user:
            client.login(s.smtp_user, s.smtp_password)
        sender = envelope_sender(s, str(mail["Message-ID"]))
        client.sendmail(sender, [recipient], mail.as_bytes(policy=SMTP))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        say(f"# {_reason(error)}")
        return False
    finally:
        # However the server takes a goodbye, the mail was taken or refused before it.
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
    return True


def _connect(s: Settings, say: Say) -> smtplib.SMTP:
    if s.smtp_security == "tls":
        context = ssl.create_default_context()
        return _Encrypted(say, s.smtp_host, s.smtp_port, timeout=STEP_SECONDS, context=context)
    return _Plain(say, s.smtp_host, s.smtp_port, timeout=STEP_SECONDS)


def _reason(error: Exception) -> str:
    """What went wrong, for an operator; a refusal was told already."""
    if isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
        return "The server refused it, see above."
    return f"{type(error).__name__}: {error}"


def hints(settings: Settings) -> list[str]:
    """What the sender's domain has to say in the DNS, so that mails aren't taken for spam."""
    domain = settings.mail_from.rpartition("@")[2]
    bounce = settings.bounce_address.rpartition("@")[2] or domain
    server = settings.smtp_host or "your mail server"
    return [
        f"Mails come from {settings.mail_from}. Look these up once, as with: dig TXT {domain}",
        f"SPF    {bounce} TXT must begin with v=spf1 and allow {server}, for example:",
        f'       {bounce}. TXT "v=spf1 a:{server} -all"  (or include: what your provider says)',
        f"DKIM   {server} must sign as d={domain}, the headers From, Subject, Date, Message-ID,",
        "       List-Unsubscribe and List-Unsubscribe-Post among them (one click needs the last",
        f"       two); its key stands at <selector>._domainkey.{domain} TXT",
        f'DMARC  _dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:{settings.support_email}"',
        "       first; p=quarantine once the reports show only your own servers.",
        "Then open the mail you got and look at its headers: spf=pass, dkim=pass, dmarc=pass.",
    ]
