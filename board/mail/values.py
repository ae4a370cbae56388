"""What a mail's template shows: the stored values, and links and codes derived when it is sent."""

from collections.abc import Mapping
from typing import Any

from board.core import language
from board.core.config import Settings
from board.core.keys import Keys


def values_of(
    kind: str, payload: Mapping[str, Any], code: str, *, keys: Keys, settings: Settings
) -> dict[str, Any]:
    """The values of one mail. Not even the outbox holds a code or a link (DECISIONS 17)."""
    base = settings.base_url.rstrip("/")
    values: dict[str, Any] = {
        **payload,
        "site_name": settings.site_name,
        "base_url": base,
        "home_url": base + language.localised("/", code),
        "code_minutes": settings.code_minutes,
        "link_hours": settings.link_hours,
        "support_email": settings.support_email,
    }
    if kind == "confirm":
        row, issue = payload["waiting_id"], payload["issue"]
        token = keys.token("confirm", row, issue)
        values["code"] = keys.code("confirm", row, issue)
        values["link"] = base + language.localised(f"/confirm/{token}", code)
    if kind == "sign_in":
        values["code"] = keys.code("confirm", payload["waiting_id"], payload["issue"])
    return values
