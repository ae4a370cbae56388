"""The one place where HTML is cleaned, so that bleach can be replaced in a day."""

import re
from collections.abc import Callable

from bleach.sanitizer import Cleaner

_TAGS = frozenset(
    {"p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "a", "code", "pre"}
)
_PAGE_TAGS = _TAGS | {"h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td"}
_HREF = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PAGE_HREF = re.compile(r"(https?://|mailto:|/(?!/)|#)", re.IGNORECASE)


def _allow(pattern: re.Pattern[str], *more: str) -> Callable[[str, str, str], bool]:
    """Which attributes stay; bleach alone would let href="javascript:123" through."""

    def stays(tag: str, name: str, value: str) -> bool:
        if tag == "a":
            return name == "rel" or (name == "href" and pattern.match(value) is not None)
        return name in more

    return stays


_resident = Cleaner(
    tags=_TAGS, attributes=_allow(_HREF), protocols={"http", "https", "mailto"}, strip=True
)
_page = Cleaner(
    tags=_PAGE_TAGS,
    attributes=_allow(_PAGE_HREF, "id", "scope"),
    protocols={"http", "https", "mailto"},
    strip=True,
)


def clean_html(html: str) -> str:
    """HTML made of residents' or staff's words, with nothing outside the small allow-list."""
    return str(_resident.clean(html))


def clean_page(html: str) -> str:
    """HTML made of our own content pages: headings, tables and local links too."""
    return str(_page.clean(html))
