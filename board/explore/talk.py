"""Links within a talk: another order, page or answer; each keeps what it doesn't change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from board.comments.rules import OLDEST, ORDERS, Asked, Mark, read_mark
from board.core.rendering import url


@dataclass(frozen=True)
class TalkLinks:
    """The links of a talk that stands on the page at `path`."""

    path: str
    asked: Asked = OLDEST

    @classmethod
    def read(cls, path: str, given: Mapping[str, str]) -> Self:
        """What an address asks for; whatever it can't mean is taken as not asked."""
        order, reply = given.get("talk", ""), given.get("reply", "")
        plain = reply.isascii() and reply.isdecimal() and len(reply) < 10
        asked = Asked(
            order=order if order in ORDERS else ORDERS[0],
            after=read_mark(given.get("after", "")),
            before=read_mark(given.get("before", "")),
            reply=int(reply) if plain else None,
        )
        return cls(path, asked)

    def ordered(self, order: str) -> str:
        """The first page in another order."""
        return self._at(Asked(order, reply=self.asked.reply), "talk")

    def after(self, mark: Mark) -> str:
        """The page that begins behind this mark."""
        return self._at(self.asked._replace(after=mark, before=None), "talk")

    def before(self, mark: Mark) -> str:
        """The page that ends before this mark."""
        return self._at(self.asked._replace(after=None, before=mark), "talk")

    @property
    def beginning(self) -> str:
        """The first page in this order."""
        return self.ordered(self.asked.order)

    def reply(self, comment_id: int) -> str:
        """This page, with the form under a comment."""
        return self._at(self.asked._replace(reply=comment_id), "say")

    @property
    def no_reply(self) -> str:
        """This page, with the form at its end."""
        return self._at(self.asked._replace(reply=None), "talk")

    def to(self, comment_id: int) -> str:
        """A comment on this page."""
        return self._at(self.asked._replace(reply=None), f"comment-{comment_id}")

    def _at(self, asked: Asked, anchor: str) -> str:
        said = {
            "talk": asked.order if asked.order != ORDERS[0] else "",
            "after": asked.after.text if asked.after else "",
            "before": asked.before.text if asked.before else "",
            "reply": str(asked.reply or ""),
        }
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{url(self.path)}{'?' if query else ''}{query}#{anchor}"
