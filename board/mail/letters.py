"""How a mail is drawn: subject, plain text and simple HTML from one kind's two templates.

A kind is `templates/email/<kind>.txt`, extending `email/_base.txt` (blocks subject, words,
reason), and `<kind>.html`, extending `email/_base.html` (blocks words, reason); both say the same
words. What they are given is in `mail.values`. No user's text ever reaches a header: subjects are
fixed words, a town's name from the gazetteer and numbers.
"""

import re
from collections.abc import Mapping
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate
from typing import Any

from jinja2 import Environment

from board.core import language


class WholeLine(UnstructuredHeader):
    """A header of ours that goes out as it is: Python would fold a long address into encoded
    words ("=?utf-8?q?=3Chttps…"), which no mail program takes for an address."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """The header on one line, well under the 998 characters that mail allows."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_headers = HeaderRegistry()
for _name in ("message-id", "list-unsubscribe"):
    _headers.map_to_type(_name, WholeLine)  # type: ignore[arg-type]
_POLICY = EmailPolicy(header_factory=_headers)
# What a kind says nothing of: a template may ask for it all the same.
_NOTHING: Mapping[str, Any] = {
    "stop_link": "",
    "never_link": "",
    "preferences_link": "",
    "support_email": "",
}


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
    """A whole mail in a language; `sender` is name and address.

    With a `stop_link` or `never_link` among the values it carries the headers of one-click
    unsubscribe (RFC 2369, RFC 8058).
    """
    given = {**_NOTHING, **values, "language": code}
    with language.speaking(code):
        text = pages.get_template(f"email/{kind}.txt").render(given)
        html = pages.get_template(f"email/{kind}.html").render(given)
    subject, _newline, body = text.lstrip().partition("\n")
    mail = EmailMessage(policy=_POLICY)
    # Python reads "=?…?=" in a subject as encoded words, and their newlines as further headers.
    mail["Subject"] = " ".join(subject.split()).replace("=?", "= ?")
    mail["From"] = Address(sender[0], addr_spec=sender[1])
    mail["To"] = recipient
    mail["Message-ID"] = message_id
    mail["Date"] = formatdate()
    mail["Auto-Submitted"] = "auto-generated"
    if stops_at := given["stop_link"] or given["never_link"]:
        mail["List-Unsubscribe"] = f"<{stops_at}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(re.sub(r"\n{3,}", "\n\n", body).strip() + "\n")
    mail.add_alternative(html, subtype="html")
    return mail
