"""Parts of pages, rendered once for what they show.

A row of a list is the same for everybody who sees it in a language, until one of its values
changes. `{{ fragment("explore/_town_row.html", row=row) }}` renders that template on its own, with
nothing but these values, and keeps the result under them: who changes a value asks for another
fragment, so nothing ever has to be told that something changed. What depends on the moment ("3 days
ago") or on who looks has no place in such a template, and of people's words only titles and topics
that several named.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from board.core import language

# In letters: some four thousand rows of a list, or a hundred maps.
ROOM: Final = 6_000_000


class Fragments:
    """The fragments of one environment; those that nobody asked for the longest go first."""

    def __init__(self, pages: Environment, mark: Callable[[str], Markup], room: int = ROOM) -> None:
        """`mark` says of HTML that it is ready: escaping it again would show its tags."""
        self.pages, self.mark, self.room = pages, mark, room
        self._letters = 0
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = Lock()

    def __call__(self, template: str, **values: Hashable) -> Markup:
        """The template with these values, which must be frozen through and through."""
        spoken = language.current()
        # By the words themselves: who gives a language other words is not answered with these.
        key = (template, language.catalogue(spoken), *values.items())
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        html = self.pages.get_template(template).render(**values, language=spoken)
        fresh = self.mark(html)
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = fresh
            self._letters += len(fresh) - len(before or "")
            while self._letters > self.room:
                _key, gone = self._kept.popitem(last=False)
                self._letters -= len(gone)
        return fresh

    def __len__(self) -> int:
        return len(self._kept)
