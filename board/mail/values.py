"""What a mail's template shows: the stored values, and links and codes derived when it is sent.

Every template has: site_name, base_url, home_url, support_email, code_minutes, link_hours,
`page_link(path)` (an absolute address in the mail's language), the letter's own values, and
"" or

- `preferences_link`, when the values hold `person_id`: what somebody said here and which mails
  they get, without signing in;
- `never_link`, in a mail with a code or a draft: its POST lets nothing reach this mailbox again;
- `stop_link`, when the letter has a stream, too: its page has one button, its POST stops at once.

A kind with codes or links of its own has a function in `_DERIVED`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from board.core import language
from board.core.config import Settings
from board.core.keys import Keys

# The purpose of the lasting links in mails to a person (Keys.row_token, Keys.row_of).
PURPOSE: Final = "mail"

# The purpose of a link in a mail that somebody asked for: never write to this mailbox again.
NEVER: Final = "never"

Derived = Callable[[Mapping[str, Any], Keys, Callable[[str], str]], dict[str, str]]


def page_address(base_url: str, code: str, path: str) -> str:
    """The absolute address of one of our pages in a language."""
    return base_url.rstrip("/") + language.localised(path, code)


def _confirm(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    row, issue = payload["waiting_id"], payload["issue"]
    token = keys.token("confirm", row, issue)
    return {"code": keys.code("confirm", row, issue), "link": page_link(f"/confirm/{token}")}


def _sign_in(
    payload: Mapping[str, Any], keys: Keys, _page_link: Callable[[str], str]
) -> dict[str, str]:
    return {"code": keys.code("confirm", payload["waiting_id"], payload["issue"])}


def _draft(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    return {"link": page_link(f"/tell/draft/{keys.row_token('draft', payload['waiting_id'])}")}


def _you(payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]) -> dict[str, str]:
    row, issue = payload["waiting_id"], payload["issue"]
    token = keys.token("confirm", row, issue)
    return {"code": keys.code("confirm", row, issue), "link": page_link(f"/you/enter/{token}")}


def _after_launch(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    token = keys.row_token(PURPOSE, payload["person_id"])
    return {"link": page_link(f"/launch/{token}/{payload['town_id']}")}


def _still_in(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    return {"link": page_link(f"/still-in/{keys.row_token(PURPOSE, payload['person_id'])}")}


def _invitation(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    token = keys.token("invitation", payload["invitation_id"], payload["made_at"])
    return {"link": page_link(f"/staff/invitation/{token}")}


def bundle_token(keys: Keys, hand_over_id: int, issue: int) -> str:
    """The secret part of the link that opens a bundle of contacts, once."""
    return f"{hand_over_id}-{issue}-{keys.token('bundle', hand_over_id, issue)}"


def _pass_on(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    token = keys.row_token(PURPOSE, payload["person_id"])
    return {"link": page_link(f"/pass-on/{token}/{payload['hand_over_id']}")}


def _bundle(
    payload: Mapping[str, Any], keys: Keys, page_link: Callable[[str], str]
) -> dict[str, str]:
    token = bundle_token(keys, payload["hand_over_id"], payload["issue"])
    return {"link": page_link(f"/bundle/{token}")}


_DERIVED: Mapping[str, Derived] = {
    "pass_on": _pass_on,
    "bundle": _bundle,
    "after_launch": _after_launch,
    "still_in": _still_in,
    "draft": _draft,
    "confirm": _confirm,
    "sign_in": _sign_in,
    "invitation": _invitation,
    "you": _you,
}


def values_of(
    kind: str,
    payload: Mapping[str, Any],
    code: str,
    *,
    keys: Keys,
    settings: Settings,
    stream: str = "",
) -> dict[str, Any]:
    """The values of one mail. Not even the outbox holds a code or a link (DECISIONS 17)."""
    page_link = partial(page_address, settings.base_url, code)
    values: dict[str, Any] = {
        **payload,
        "site_name": settings.site_name,
        "base_url": settings.base_url.rstrip("/"),
        "home_url": page_link("/"),
        "code_minutes": settings.code_minutes,
        "link_hours": settings.link_hours,
        "support_email": settings.support_email,
        "page_link": page_link,
        "preferences_link": "",
        "stop_link": "",
        "never_link": "",
    }
    if "person_id" in payload:
        token = keys.row_token(PURPOSE, payload["person_id"])
        values["preferences_link"] = page_link(f"/mail/{token}")
        if stream:
            values["stop_link"] = page_link(f"/mail/stop/{token}/{stream}")
    if "waiting_id" in payload and kind != "sign_in":
        # Nobody is known yet: the form that the mail belongs to speaks for the mailbox.
        token = keys.row_token(NEVER, payload["waiting_id"])
        values["never_link"] = page_link(f"/mail/stop/{token}/{NEVER}")
    if kind in _DERIVED:
        values |= _DERIVED[kind](payload, keys, page_link)
    return values
