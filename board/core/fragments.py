"""Rows of lists, rendered once for what they show.

A row of a list is the same for everybody who sees it in a language, until one of its values
changes. `{{ fragment("explore/_town_row.html", row=row) }}` renders that template on its own, with
nothing but these values, and keeps the result under them: who changes a value asks for another
fragment, so nothing ever has to be told that something changed. What depends on the moment ("3 days
ago") or on who looks has no place in such a template, and nobody's words beyond a title, or a topic that several people named.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from board.core import language

# A town's row is about 1.5 KB of HTML, so that all of them stay below some ten megabytes.
MOST: Final = 4_000


class Fragments:
    """The fragments of one environment; those that nobody asked for the longest go first."""

    def __init__(self, pages: Environment, mark: Callable[[str], Markup], most: int = MOST) -> None:
        """`mark` says of HTML that it is ready: escaping it again would show its tags."""
        self.pages, self.mark, self.most = pages, mark, most
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = Lock()

    def __call__(self, template: str, **values: Hashable) -> Markup:
        """The template with these values, which must be frozen through and through."""
        spoken = language.current()
        key = (template, spoken, *values.items())
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        html = self.pages.get_template(template).render(**values, language=spoken)
        fresh = self.mark(html)
        with self._lock:
            self._kept[key] = fresh
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return fresh

    def __len__(self) -> int:
        return len(self._kept)
