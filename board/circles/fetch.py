"""Reading P2PU's API over the network: page by page, with an end to time and size.

Where it may go is `reach`'s business. The address that was checked is the one that is connected
to, and a redirect is checked like a first address.

A page begins with the last row of the page before. Where it doesn't, rows moved on behind our
back, and another one was jumped over: the list must be read anew.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

import httpx2

from board.circles.answers import (
    LARGEST_PAGE,
    MOST_ROWS,
    Answer,
    FeedError,
    ListBroken,
    ListMoved,
    read_page,
    too_few,
    too_large,
)
from board.circles.reach import Reach, addresses_of, checked, port_of
from board.core.language import gettext as _
from board.core.text import excerpt

PAGE: Final = 100
_REDIRECTS: Final = 3
# They would show drafts, members-only and deleted circles.
_NEVER_SENT: Final = frozenset({"draft", "id"})
_HEADERS: Final = {
    "Accept": "application/json",
    # The language changes the addresses of circles; and what comes packed can be a bomb.
    "Accept-Language": "en",
    "Accept-Encoding": "identity",
    "User-Agent": "InYourTown (learning circles importer)",
}

# Told how many rows are read, and how many there are.
Progress = Callable[[int, int], None]


class Bookmark(NamedTuple):
    """How far a list was read: how many of how many rows, and which was the last of them."""

    read: int = 0
    total: int = 0
    last: str = ""


class Page(NamedTuple):
    """Rows of the list, from its `first`th on (from 0), and how far we are with them."""

    first: int
    items: list[Any]
    here: Bookmark


START: Final = Bookmark()


def read_pages(url: str, reach: Reach, *, paged: bool, start: Bookmark = START) -> Iterator[Page]:
    """The list at `url` from `start` on, in pages where the API has pages; raises FeedError.

    ListMoved when the list isn't what it was when the bookmark was put in. Runs its own event
    loop: use it in a command or a thread, never in a handler.
    """
    visit = _Visit(reach)
    until = monotonic() + reach.whole_seconds
    with asyncio.Runner() as runner:

        def ask(more: dict[str, str]) -> Answer:
            return runner.run(_in_time(visit.get(_with(url, more)), reach, until))

        try:
            if paged:
                yield from _pages(ask, start)
            else:
                answer = ask({})
                if answer.total not in (None, len(answer.items)):
                    raise too_few(answer.total or 0, len(answer.items))
                yield _whole(answer)
        finally:
            runner.run(visit.client.aclose())


async def _in_time(asking: Coroutine[Any, Any, Answer], reach: Reach, until: float) -> Answer:
    """The answer, if it comes in time; whatever goes wrong on the way is a FeedError."""
    try:
        async with asyncio.timeout(min(reach.answer_seconds, max(0.0, until - monotonic()))):
            return await asking
    except (TimeoutError, httpx2.TimeoutException):
        raise FeedError(_("The other side took too long.")) from None
    except httpx2.HTTPError as error:
        words = _("The connection to the other side broke (%(why)s).")
        why = excerpt(str(error), 120) or type(error).__name__
        raise FeedError(words % {"why": why}) from None


def _pages(ask: Callable[[dict[str, str]], Answer], here: Bookmark) -> Iterator[Page]:
    begins_with = ""
    while True:
        known = min(1, here.read)
        answer = ask({"limit": str(PAGE + known), "offset": str(here.read - known)})
        if answer.total is None and not here.read:
            yield _whole(answer)
            return
        page = _next_page(answer, here, begins_with)
        if page.items or not here.read:
            yield page
        begins_with = begins_with or (name_of(page.items[0]) if page.items else "")
        here = page.here
        if here.read == answer.total:
            return


def _next_page(answer: Answer, here: Bookmark, begins_with: str) -> Page:
    """What an answer has beyond the bookmark; raises ListMoved where it doesn't fit."""
    if answer.total is None or (here.read and answer.total != here.total):
        raise ListMoved
    if answer.total > MOST_ROWS:
        words = _("The list claims to have %(total)s rows. We don't believe it.")
        raise ListBroken(words % {"total": answer.total})
    fresh = answer.items
    if here.read:
        overlap, fresh = [name_of(item) for item in fresh[:1]], fresh[1:]
        if overlap == [begins_with] != [here.last]:
            words = _("The same page came twice: the other side doesn't count pages.")
            raise ListBroken(words)
        if overlap and overlap != [here.last]:
            raise ListMoved
    read = here.read + len(fresh)
    if read > answer.total or (not fresh and read < answer.total):
        raise too_few(answer.total, read)
    last = name_of(fresh[-1]) if fresh else here.last
    return Page(here.read, fresh, Bookmark(read, answer.total, last))


def _whole(answer: Answer) -> Page:
    """All of a list that comes without pages."""
    count = len(answer.items)
    return Page(0, answer.items, Bookmark(count, count, ""))


def name_of(item: Any) -> str:
    """By what a row is known again: its number, or all of it where it has none."""
    number = item.get("id") if isinstance(item, dict) else None
    if isinstance(number, int | str) and len(str(number)) <= 30:
        return f"#{number}"
    said = json.dumps(item, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _with(url: str, more: dict[str, str]) -> str:
    """The address with our page asked for; refuses what must never be asked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise FeedError(_("This is no web address.")) from None
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if any(name.strip().lower() in _NEVER_SENT for name, _value in asked):
        raise FeedError(_("Take draft= and id= out of the address: they show what isn't public."))
    query = [(name, value) for name, value in asked if name not in more] + list(more.items())
    return parts._replace(query=urlencode(query), fragment="").geturl()


def _onward(url: str, to: str) -> str:
    """Where a redirect leads."""
    try:
        return urljoin(url, to)
    except ValueError:
        raise FeedError(_("The other side sends us to what is no web address.")) from None


class _Visit:
    """One import's way out: a client, and where it may go."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        # Nothing of the environment: a proxy would connect where we didn't look.
        self.client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(reach.read_seconds, connect=reach.connect_seconds),
            headers=_HEADERS,
        )

    async def get(self, url: str) -> Answer:
        """The list behind an address, through few redirects, each one checked."""
        first: SplitResult | None = None
        for _hop in range(_REDIRECTS + 1):
            parts = checked(_with(url, {}), self.reach, first)
            first = first or parts
            async with self._asked(parts) as response:
                if not response.has_redirect_location:
                    return read_page(await self._body(response))
                url = _onward(url, response.headers["location"])
        raise FeedError(_("The other side sends us from address to address."))

    @asynccontextmanager
    async def _asked(self, parts: SplitResult) -> AsyncIterator[httpx2.Response]:
        """The answer of the first of the host's addresses that can be connected to."""
        host, port = parts.hostname or "", port_of(parts)
        addresses = await addresses_of(host, port, public=parts.scheme == "https")
        for address in addresses:
            literal = f"[{address}]" if address.version == 6 else str(address)
            request = self.client.build_request(
                "GET",
                parts._replace(netloc=f"{literal}:{port}").geturl(),
                headers={"Host": parts.netloc},
                extensions={"sni_hostname": host},
            )
            try:
                response = await self.client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if address == addresses[-1]:
                    raise
                continue
            try:
                yield response
            finally:
                await response.aclose()
            return

    async def _body(self, response: httpx2.Response) -> bytes:
        if response.status_code != 200:
            words = _("The other side answers with %(code)s.")
            raise FeedError(words % {"code": response.status_code})
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise FeedError(_("The answer comes packed, though we asked for it plain."))
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise FeedError(_("The answer is not JSON but %(kind)s.") % {"kind": kind[:60] or "?"})
        body = bytearray()
        async for chunk in response.aiter_raw():
            if len(body) + len(chunk) > LARGEST_PAGE:
                raise FeedError(too_large(LARGEST_PAGE))
            body += chunk
        return bytes(body)
