"""What came back of a mail: delivery reports (RFC 3464) and spam complaints (RFC 5965). Pure.

Anybody may send anything to the bounce mailbox. A report is believed for one reason only: it
returns the Message-ID of a mail of ours, which is an HMAC that nobody else could have made up.
"""

import re
from email import message_from_bytes, policy
from email.message import Message
from typing import Any, Final, Literal, NamedTuple

from board.mail.rules import mailbox_is_gone

# Longer ones are read to here: what matters of a report stands at its beginning.
MOST_BYTES: Final = 512 * 1024
_OUR_ID: Final = re.compile(r"<?\b([0-9a-f]{32})@([A-Za-z0-9.-]{1,190})>?")
_NAME_IN_ADDRESS: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "miscategorized"})
# Where a mail server notes to which address a report was sent.
_SENT_TO: Final = ("to", "delivered-to", "x-original-to", "original-recipient", "envelope-to")

Verdict = Literal["gone", "refused", "complained", "later", "unknown"]


class Report(NamedTuple):
    """What a report says: the verdict, in the server's words, about which of our mails.

    `names` are the 32 letters and figures before the @ of a Message-ID, `ids` whole ones.
    """

    verdict: Verdict
    words: str
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def read_report(raw: bytes) -> Report:
    """Whatever arrived in the bounce mailbox, as a report; never raises."""
    try:
        mail = message_from_bytes(raw[:MOST_BYTES], policy=policy.compat32)
        parts = list(mail.walk())
        verdict, words = _verdict(parts)
        return Report(verdict, words, _ids(parts), _names(mail))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The library stumbles over some broken mails; what it can't read says nothing.
        return Report("unknown", "")


def _verdict(parts: list[Message]) -> tuple[Verdict, str]:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            return _complaint(_fields(part))
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            return _delivery(_groups(part))
    return "unknown", ""


def _complaint(fields: dict[str, str]) -> tuple[Verdict, str]:
    kind = fields.get("feedback-type", "").strip().lower()
    return ("complained" if kind in _COMPLAINTS else "unknown"), f"complaint: {kind[:40]}"


def _delivery(groups: list[dict[str, str]]) -> tuple[Verdict, str]:
    """Of one mail to one mailbox there is one group that matters: the first with an action."""
    for group in groups:
        action = group.get("action", "").strip().lower()
        if not action:
            continue
        status = group.get("status", "").strip()[:20]
        words = " ".join(group.get("diagnostic-code", "").split())
        said = f"{status} {words}".strip()
        if action != "failed" or not status.startswith("5"):
            return "later" if action in ("delayed", "failed") else "unknown", said
        gone = mailbox_is_gone(_code_in(words), words, status)
        return "gone" if gone else "refused", said
    return "unknown", ""


def _code_in(words: str) -> int:
    found = re.search(r"(?<![\d.])([245]\d\d)(?![\d.])", words)
    return int(found.group(1)) if found else 0


def _groups(part: Message) -> list[dict[str, str]]:
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return [_fields(one) for one in payload]
    return []


def _fields(part: Message) -> dict[str, str]:
    """The fields of a machine-readable part, however the library took it apart."""
    payload: Any = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else part
    return {name.lower(): str(value) for name, value in inner.items()}


def _ids(parts: list[Message]) -> tuple[str, ...]:
    """Message-IDs of the form of ours in what was returned; never the report's own."""
    found: dict[str, None] = {}
    for part in parts[1:]:
        said = [str(part.get("message-id", ""))]
        if part.get_content_type() in ("text/rfc822-headers", "text/rfc822"):
            payload: Any = part.get_payload(decode=True)
            text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
            said += re.findall(r"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(\S+)", text)
        for one in said:
            if match := _OUR_ID.search(one):
                found[f"<{match[1]}@{match[2]}>"] = None
    return tuple(found)[:5]


def _names(mail: Message) -> tuple[str, ...]:
    """The names that stand in the address a report was sent to (BOARD_BOUNCE_ADDRESS with {id})."""
    to = " ".join(str(value) for name in _SENT_TO for value in mail.get_all(name, []))
    return tuple(dict.fromkeys(_NAME_IN_ADDRESS.findall(to)))[:5]
