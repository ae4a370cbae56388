"""The application, put together. Here and in `cli.py` alone the environment is read."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import structlog
from asgi_cross_origin_protection import CrossOriginProtection
from servestatic import ServeStaticASGI
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from board.assets import missing
from board.circles.queries import latest_import
from board.core import clock, facts
from board.core.bodies import BODY_LIMIT
from board.core.changes import log_of
from board.core.config import ROOT, Settings, lacking, with_own_secrets
from board.core.db import Database
from board.core.http import ERROR_HANDLERS, Board, Marks
from board.core.keys import Keys, make_keys
from board.core.limits import PostLimiter
from board.core.logs import set_up_logs
from board.core.news import News
from board.core.page_cache import PageCache
from board.core.refusals import BodyLimit, ForeignReferer, OnlyForms, from_elsewhere
from board.core.rendering import make_environment
from board.core.schema import is_current
from board.core.shell import SECRET_PATHS, Shell
from board.explore.freshness import Looker
from board.explore.visits import VisitLayer, count_visit
from board.pages.content import load_content
from board.pages.documents import ContentError
from board.people.browser import ViewerLayer
from board.published import publish
from board.routes import routes

# Pictures may have 8 MiB. Whoever brings a larger one shall hear so on the form's own page, with
# every word still there: what is refused here is far beyond what a phone takes.
LIMIT_WITH_FILE = 16 * 1024 * 1024 + BODY_LIMIT
SWITCH_SECONDS = 0.0005
# Of what we answer with, these are packed already.
PACKED = (
    "image/jpeg",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
SETTLES_FOR = 1.0
log = structlog.get_logger("board")


class Unfit(Exception):
    """The board can't start; the text says what to do, a sentence a line."""


def keys_of(settings: Settings) -> Keys:
    """The keys that the settings' secrets make."""
    return make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)


def make_board(settings: Settings) -> Board:
    """A board from its settings; raises Unfit with what is missing."""
    if said := lacking(settings):
        raise Unfit("\n".join(said))
    settings = with_own_secrets(settings)
    try:
        content = load_content(settings.content)
    except ContentError as error:
        raise Unfit(str(error)) from error
    for problem in content.withheld:
        log.warning("content withheld", problem=str(problem))
    static = publish(ROOT / "static", settings.var)
    return Board(
        settings=settings,
        keys=keys_of(settings),
        database=Database(settings.database_url, settings.replica_url),
        pages=make_environment(
            ROOT / "templates", build=static.build, compiled=settings.var / "templates"
        ),
        limiter=PostLimiter(settings.posts_per_minute),
        static=static.folder,
        content=content,
    )


def read_marks(conn: Connection) -> Marks:
    """What the board says of its data."""
    circles = latest_import(conn)
    return Marks(
        sample=circles is not None and circles.sample,
        demo=facts.get_fact(conn, "demo") == "yes",
    )


def check_fit(board: Board) -> None:
    """Refuse to serve a database of another schema or of other secrets."""
    if not is_current(board.database):
        raise Unfit("The database has another schema than the code. Run: board migrate")
    with board.database.snapshot() as conn:
        known = facts.get_fact(conn, "keys.fingerprint")
    if known is None:
        with board.database.transaction() as conn:
            facts.keep_fact(conn, "keys.fingerprint", board.keys.fingerprint())
    elif known != board.keys.fingerprint():
        raise Unfit(
            "BOARD_VOTER_SECRET is not the one this database was made with. "
            "Set the old one again, or everybody could vote twice."
        )
    for name in missing(ROOT):
        log.warning("asset missing, run: python -m board.assets", file=name)


async def work_beside(board: Board) -> None:
    """What runs beside serving, read and begun once the first answers are given."""
    await asyncio.sleep(SETTLES_FOR)
    work = await asyncio.to_thread(_read_jobs)
    await work(board)


def _read_jobs() -> Callable[[Board], Awaitable[None]]:
    from board.jobs import work  # noqa: PLC0415 - a fifth of a second

    return work


def guards_of_forms(settings: Settings) -> list[Middleware]:
    """What stands before every form: whose page it came from, and how much it weighs."""
    return [
        # Every browser since 2020 says where a form comes from. Who says nothing at all is an
        # older one (a library's PC) or a script with no cookie to misuse: both may take part.
        # One click on "unsubscribe" comes from the mail provider's own servers (RFC 8058); the
        # token in its address is the authority (taking_part.mail_views).
        Middleware(CrossOriginProtection, deny_app=from_elsewhere, exempt_paths=("/mail/stop",)),
        Middleware(ForeignReferer, hosts=settings.hosts, exempt="/mail/stop"),
        Middleware(BodyLimit, most=BODY_LIMIT, most_with_file=LIMIT_WITH_FILE),
    ]


def make_app(board: Board, *, work: bool = True) -> ASGIApp:
    """The whole ASGI application around a board; `work` does what runs beside serving."""
    settings = board.settings
    news = News(log_of(board.database), Looker(board.database))

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(check_fit, board)
        board.marks = await board.database.read_long(read_marks)
        if board.marks.demo:
            board.content = load_content(settings.content, demo_on=clock.now().date())
        beside = asyncio.create_task(work_beside(board)) if work else None
        yield
        if beside:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
        await asyncio.to_thread(news.close)
        await asyncio.to_thread(board.database.close)

    app = Starlette(
        routes=routes(production=settings.production),
        exception_handlers=dict(ERROR_HANDLERS),
        lifespan=lifespan,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=settings.hosts, www_redirect=False),
            Middleware(VisitLayer, visits=board.visits),
            Middleware(OnlyForms, layers=guards_of_forms(settings)),
            Middleware(
                GZipMiddleware,
                minimum_size=1_000,
                compresslevel=4,
                exclude_content_types=PACKED,
            ),
            Middleware(ViewerLayer, database=board.database, secure=settings.secure),
        ],
    )
    # Its redirects to the address without a slash would lose the language (core.http has ours).
    app.router.redirect_slashes = False
    app.state.board = board
    build = str(board.pages.globals["build"])
    served = ServeStaticASGI(
        app,
        root=board.static,
        prefix=f"static/{build}",
        allow_all_origins=False,
        immutable_file_test=lambda _path, _url: True,
    )
    return PageCache(
        Shell(served, secure=settings.secure, pictures=settings.map_tiles_origin),
        news=news,
        megabytes=settings.page_cache_mb,
        never=(*SECRET_PATHS, "/healthz", "/readyz"),
        seen=partial(count_visit, board.visits),
    )


def create() -> ASGIApp:
    """The application for a server that wants a factory; reads the environment."""
    settings = Settings()
    set_up_logs(production=settings.production)
    # While the writer reckons, the event loop must not wait 5 ms after each of its own reads.
    sys.setswitchinterval(SWITCH_SECONDS)
    return make_app(make_board(settings))
