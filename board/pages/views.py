"""The content pages over HTTP: about, start, rules, privacy, how we count, news and events."""

from collections.abc import Mapping
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.http import board_of, page
from board.core.kept_pages import Depends
from board.core.page_cache import keep
from board.drawing.ring import ring
from board.drawing.street import street
from board.pages.content import Content
from board.pages.numbers import numbers_of, with_numbers
from board.taking_part.retention import periods_of


def content_of(request: Request) -> Content:
    """The content of the board that answers."""
    return cast(Content, board_of(request).content)


async def about(request: Request) -> Response:
    """How it works, and the questions."""
    shown = content_of(request).page("about", language.current())
    values = {"page": shown, "street": street("lernteam", 3, 1, 2, cap=3), "ring": ring(6, 6, 1, 1)}
    return await _kept(request, "pages/about.html", values)


async def start(request: Request) -> Response:
    """Start one yourself."""
    return await _prose(request, "start")


async def guidelines(request: Request) -> Response:
    """Community rules."""
    return await _prose(request, "guidelines")


async def privacy(request: Request) -> Response:
    """Privacy, in plain words."""
    return await _prose(request, "privacy")


async def how_we_count(request: Request) -> Response:
    """What each number means, with the settings of this board."""
    shown = content_of(request).page("how-we-count", language.current())
    numbers = numbers_of(board_of(request).settings)
    return await _kept(request, "pages/prose.html", {"page": with_numbers(shown, numbers)})


async def _prose(request: Request, slug: str) -> Response:
    shown = content_of(request).page(slug, language.current())
    values = {"page": shown, "periods": periods_of(board_of(request).settings)}
    return await _kept(request, "pages/prose.html", values)


async def news_index(request: Request) -> Response:
    """All news."""
    posts = content_of(request).news(language.current())
    return await _kept(request, "pages/news_index.html", {"posts": posts})


async def news_show(request: Request) -> Response:
    """One piece of news."""
    post = content_of(request).news_post(request.path_params["slug"], language.current())
    return await _kept(request, "pages/news_show.html", {"post": post})


async def events_index(request: Request) -> Response:
    """What is coming, then what has been."""
    content, now = content_of(request), clock.now()
    values = {
        "upcoming": content.upcoming_events(language.current(), now),
        "past": content.past_events(language.current(), now),
    }
    return await _kept(request, "pages/events_index.html", values)


async def events_show(request: Request) -> Response:
    """One event."""
    event = content_of(request).event(request.path_params["slug"], language.current())
    values = {"event": event, "over": event.end <= clock.now()}
    return await _kept(request, "pages/events_show.html", values)


async def _kept(request: Request, template: str, values: Mapping[str, object]) -> Response:
    """A page of words that were read at the start: nothing but the clock changes it."""
    keep(request, Depends())
    return await page(request, template, values)
