"""The links of a hand-over: the one that opens the bundle, and the way to P2PU's own form. Pure."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

from board.core.keys import Keys, same
from board.mail.values import bundle_token
from board.towns.queries import TownRow

# Whoever opened a bundle can save it as a file for so long, from the page that shows it.
SAVE_FOR: Final = timedelta(hours=1)


class BundleLink(NamedTuple):
    """What a link to a bundle names: the hand-over, and which of its links it is."""

    hand_over_id: int
    issue: int


def read_bundle_link(keys: Keys, token: str) -> BundleLink | None:
    """The bundle that a link opens, or None when it is none of ours."""
    parts = token.split("-", 2)
    if len(parts) != 3 or not all(
        part.isascii() and part.isdecimal() and len(part) < 10 for part in parts[:2]
    ):
        return None
    link = BundleLink(int(parts[0]), int(parts[1]))
    return link if same(token.encode(), bundle_token(keys, *link).encode()) else None


def save_secret(keys: Keys, link: BundleLink) -> str:
    """What the opened page carries, so that it alone can be saved as a file."""
    return keys.token("bundle.save", link.hand_over_id, link.issue)


def may_save(keys: Keys, link: BundleLink, typed: str, opened_at: datetime, now: datetime) -> bool:
    """Whether this is the page that was opened, not long ago."""
    known = same(typed.encode(), save_secret(keys, link).encode())
    return known and now < opened_at + SAVE_FOR


def create_circle_link(base: str, town: TownRow, country: str, language: str) -> str:
    """P2PU's form to create a circle, with what the board knows of the town.

    The names are those of the form's own fields. At the time of writing the form reads `course_id`
    alone and passes over the others, so the page that has this link shows them to copy, too.
    """
    known = {
        "city": town.name,
        "region": town.region,
        "country": country,
        "latitude": "" if town.lat is None else f"{town.lat:.2f}",
        "longitude": "" if town.lng is None else f"{town.lng:.2f}",
        "timezone": town.timezone,
        "language": language,
    }
    given = urlencode({name: value for name, value in known.items() if value})
    return f"{base}{'&' if urlsplit(base).query else '?'}{given}"
