"""How a mail is drawn: subject, plain text and simple HTML from one kind's templates.

No user's text ever reaches a header: subjects are fixed words, a town's name from the gazetteer
and numbers.
"""

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from jinja2 import Environment

from board.core import language


def draw_letter(
    pages: Environment,
    kind: str,
    code: str,
    values: Mapping[str, Any],
    *,
    sender: tuple[str, str],
    recipient: str,
    message_id: str,
) -> EmailMessage:
    """A whole mail in a language; `sender` is name and address."""
    with language.speaking(code):
        text = pages.get_template(f"email/{kind}.txt").render(values)
        html = pages.get_template(f"email/{kind}.html").render({**values, "language": code})
    subject, _newline, body = text.partition("\n")
    mail = EmailMessage()
    # Python reads "=?…?=" in a subject as encoded words, and their newlines as further headers.
    mail["Subject"] = " ".join(subject.split()).replace("=?", "= ?")
    mail["From"] = Address(sender[0], addr_spec=sender[1])
    mail["To"] = recipient
    mail["Message-ID"] = message_id
    mail["Date"] = formatdate()
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body.strip() + "\n")
    mail.add_alternative(html, subtype="html")
    return mail
