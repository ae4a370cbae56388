"""How P2PU's word begins when a circle that appeared is the one. Pure."""

import re

from board.core.language import gettext as _
from board.core.rendering import long_date
from board.desk.launch_queries import Suggestion


def first_words(found: Suggestion) -> str:
    """A sentence with the circle's link, in the composer's Markdown, for staff to go on with."""
    title = re.sub(r"[\[\]\\`*_<>]", " ", found.title).strip()
    link = f"[{title}]({found.url})" if found.url else title
    day = long_date(found.starts_on)
    words = _("It starts: %(circle)s, in %(town)s, on %(day)s.")
    return words % {"circle": link, "town": found.town, "day": day}
