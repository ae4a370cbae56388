"""The content pages on a small application of their own: the real shell, pages and templates."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from board.core import clock, language
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.http import ERROR_HANDLERS, Board, page
from board.core.keys import Keys
from board.core.limits import PostLimiter
from board.core.rendering import make_environment
from board.core.shell import Shell
from board.pages import views
from board.pages.content import Content, load_content

HOME = """
{%- from "pages/_parts.html" import section_head, section_rest with context -%}
{% include "pages/_home_about.html" %}
<section id="where">{{ section_head(words, "where") }}{{ section_rest(words, "where") }}</section>
<section id="want">{{ section_head(words, "want") }}{{ section_rest(words, "want") }}
{% include "explore/_doors.html" %}</section>
{% include "pages/_home_news.html" %}
{% include "pages/_home_events.html" %}
{% include "pages/_home_discussion.html" %}
"""
PARTNER = '{% include "pages/_prose.html" %}'
PATHS = (
    "/",
    "/towns",
    "/towns/{cc}/{slug}",
    "/tell",
    "/about",
    "/start",
    "/partner",
    "/you",
    "/guidelines",
    "/privacy",
    "/how-we-count",
    "/news",
    "/news/{slug}",
    "/events",
    "/events/{slug}",
)


@pytest.fixture(scope="session")
def content() -> Content:
    """The board's own content, as a start without the demo reads it."""
    return load_content(ROOT / "content")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the board's content to plant faults in."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Content], TestClient]]:
    """Serve some content: the pages of this feature, home's sections and the partner's words."""
    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.stdlib.LoggerFactory(),
        )
    database = Database(f"sqlite:///{tmp_path / 'board.sqlite3'}")

    def client(content: Content) -> TestClient:
        app = Starlette(routes=_routes(content), exception_handlers=ERROR_HANDLERS)
        app.state.board = Board(
            Settings.model_validate({}),
            Keys(b"v" * 32, (b"s" * 32,), b"l" * 32),
            database,
            make_environment(ROOT / "templates", build="test"),
            PostLimiter(1_000),
            ROOT / "static",
            content,
        )
        return TestClient(Shell(app, secure=False))

    yield client
    database.close()


@pytest.fixture
def browser(serve: Callable[[Content], TestClient], content: Content) -> TestClient:
    """A visitor of the board's own content pages."""
    return serve(content)


def demo_content() -> Content:
    """The content with the invented news and events of the demo, as of a fixed day."""
    return load_content(ROOT / "content", demo_on=date(2026, 11, 22))


def _routes(content: Content) -> list[Route]:
    env = make_environment(ROOT / "templates", build="test")

    async def home(request: Request) -> Response:
        code = language.current()
        values = {
            "words": content.page("home", code),
            "posts": content.news(code),
            "events": content.upcoming_events(code, clock.now()),
        }
        return await page(request, env.from_string(HOME), values)  # type: ignore[arg-type]

    async def partner(request: Request) -> Response:
        values = {"page": content.page("partner", language.current())}
        return await page(request, env.from_string(PARTNER), values)  # type: ignore[arg-type]

    return [
        Route("/", home),
        Route("/partner", partner),
        Route("/about", views.about),
        Route("/start", views.start),
        Route("/guidelines", views.guidelines),
        Route("/privacy", views.privacy),
        Route("/how-we-count", views.how_we_count),
        Route("/news", views.news_index),
        Route("/news/{slug}", views.news_show),
        Route("/events", views.events_index),
        Route("/events/{slug}", views.events_show),
    ]
