"""Reading P2PU's API over the network: page by page, with an end to time and size.

Where it may go is `reach`'s business. The address that was checked is the one that is connected
to, and a redirect is checked like a first address.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

import httpx2

from board.circles.answers import LARGEST, Answer, FeedError, read_answer, too_large, whole_list
from board.circles.reach import Reach, addresses_of, checked, port_of
from board.core.language import gettext as _
from board.core.text import excerpt

PAGE: Final = 100
TRIES: Final = 3
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

Progress = Callable[[int, int], None]


class _Moved(Exception):
    """The list changed while we read it."""


def fetch_list(
    url: str, reach: Reach, *, paged: bool, progress: Progress | None = None
) -> list[Any]:
    """All rows of the list at `url`, in pages where the API has pages; raises FeedError.

    Runs its own event loop: call it from a command or a thread, never from a handler. The list
    may change while it is read: then it is read again, three times at most.
    """
    return asyncio.run(_fetch_list(url, reach, paged=paged, progress=progress))


async def _fetch_list(
    url: str, reach: Reach, *, paged: bool, progress: Progress | None
) -> list[Any]:
    try:
        async with asyncio.timeout(reach.whole_seconds), _Visit(reach) as visit:
            if not paged:
                return whole_list([await visit.get(_with(url, {}))])
            for attempt in range(TRIES):
                try:
                    return await _read_pages(url, visit, progress, last=attempt == TRIES - 1)
                except _Moved:
                    continue
    except (TimeoutError, httpx2.TimeoutException):
        raise FeedError(_("The other side took too long.")) from None
    except httpx2.HTTPError as error:
        words = _("The connection to the other side broke (%(why)s).")
        why = excerpt(str(error), 120) or type(error).__name__
        raise FeedError(words % {"why": why}) from None
    raise FeedError(_("The list kept changing while we read it. The next try will do."))


async def _read_pages(
    url: str, visit: "_Visit", progress: Progress | None, *, last: bool
) -> list[Any]:
    answers: list[Answer] = []
    seen: set[int | str] = set()
    twice = False
    offset = 0
    visit.bytes_left = LARGEST
    while True:
        answer = await visit.get(_with(url, {"limit": str(PAGE), "offset": str(offset)}))
        if answer.total is None:
            return whole_list([answer])
        if answers and answer.total != answers[0].total:
            raise _Moved
        ids = _ids(answer)
        if ids and ids <= seen:
            raise FeedError(_("The same page came twice: the other side doesn't count pages."))
        twice = twice or bool(ids & seen)
        seen |= ids
        answers.append(answer)
        offset += len(answer.items)
        if progress is not None:
            progress(min(offset, answer.total), answer.total)
        if not answer.items or offset >= answer.total:
            break
    # A row on two pages: rows moved on behind our back, and another one was jumped over. If it
    # is so every time, it really stands there twice.
    if twice and not last:
        raise _Moved
    return whole_list(answers)


def _ids(answer: Answer) -> set[int | str]:
    ids = (item.get("id") for item in answer.items if isinstance(item, dict))
    return {number for number in ids if isinstance(number, int | str)}


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
    """One import's way out: a client, where it may go, and how many bytes it still takes."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.bytes_left = LARGEST
        # Nothing of the environment: a proxy would connect where we didn't look.
        self.client = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(reach.read_seconds, connect=reach.connect_seconds),
            headers=_HEADERS,
        )

    async def __aenter__(self) -> "_Visit":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.client.aclose()

    async def get(self, url: str) -> Answer:
        """The list behind an address, through few redirects, each one checked."""
        first: SplitResult | None = None
        for _hop in range(_REDIRECTS + 1):
            parts = checked(_with(url, {}), self.reach, first)
            first = first or parts
            async with self._asked(parts) as response:
                if not response.has_redirect_location:
                    return read_answer(await self._body(response))
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
            self.bytes_left -= len(chunk)
            if self.bytes_left < 0:
                raise FeedError(too_large())
            body += chunk
        return bytes(body)
