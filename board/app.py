"""The application, put together. Here and in `cli.py` alone the environment is read."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any

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
from board.circles.jobs import follow_circles
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
from board.core.migrations import is_current
from board.core.news import News
from board.core.page_cache import PageCache
from board.core.pruning import prune_forever
from board.core.refusals import BodyLimit, ForeignReferer, from_elsewhere
from board.core.rendering import make_environment
from board.core.shell import SECRET_PATHS, Shell
from board.desk.launch_jobs import look_for_launches
from board.desk.merge_actions import forget_old_merges
from board.digests.jobs import tell_forever
from board.digests.standing import stands_for
from board.drawing.atlas import atlas_for
from board.explore.freshness import Looker
from board.explore.jobs import write_visits_forever
from board.explore.visits import VisitLayer, count_visit
from board.mail.carriers import carrier_of
from board.mail.jobs import deliver_forever
from board.pages.content import load_content
from board.pages.documents import ContentError
from board.people.browser import ViewerLayer
from board.published import publish
from board.routes import routes
from board.taking_part.retention_jobs import tidy
from board.taking_part.rules import terms_of
from board.towns.cell_jobs import mend_cells
from board.updates.jobs import publish_forever

# Pictures may have 8 MiB. Whoever brings a larger one shall hear so on the form's own page, with
# every word still there: what is refused here is far beyond what a phone takes.
LIMIT_WITH_FILE = 16 * 1024 * 1024 + BODY_LIMIT
FRESH_EVERY = 300.0
SWITCH_SECONDS = 0.0005
# The finer atlas takes a third of a second to read: before somebody asks for Europe.
FINE_ZOOM = 4.0
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
        pages=make_environment(ROOT / "templates", build=static.build),
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


async def keep_fresh(board: Board) -> None:
    """Drop what has lapsed, and look for circles that answer a town.

    Whatever goes wrong is logged, and tried again; serving never stops for it.
    """
    while True:
        try:
            await asyncio.to_thread(tidy, board.database, board.settings)
            await asyncio.to_thread(look_for_launches, board.database)
            await board.database.write(forget_old_merges, clock.now())
        except Exception:
            log.exception("keeping fresh failed")
        await asyncio.sleep(FRESH_EVERY)


async def mend_map(board: Board) -> None:
    """Count in the map's cells what passed them by; without it the board serves all the same."""
    try:
        await asyncio.to_thread(mend_cells, board.database, board.settings.join_km)
    except Exception:
        log.exception("mending the map failed")


def jobs_of(board: Board) -> list[Coroutine[Any, Any, Any]]:
    """What runs beside serving: mail, telling, circles, and warming the map."""
    carrier = carrier_of(board.settings)
    return [
        deliver_forever(
            board.database, board.keys, board.settings, board.pages, carrier, stands_for(board.keys)
        ),
        keep_fresh(board),
        follow_circles(board.database, board.settings),
        publish_forever(board.database, terms_of(board.settings).answer_pause),
        write_visits_forever(board.database, board.visits),
        tell_forever(board.database, board.keys, board.settings),
        prune_forever(board.database),
        asyncio.to_thread(atlas_for, FINE_ZOOM),
        mend_map(board),
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
        tasks = [asyncio.create_task(job) for job in jobs_of(board)] if work else []
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(news.close)
        await asyncio.to_thread(board.database.close)

    app = Starlette(
        routes=routes(production=settings.production),
        exception_handlers=dict(ERROR_HANDLERS),
        lifespan=lifespan,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=settings.hosts, www_redirect=False),
            Middleware(VisitLayer, visits=board.visits),
            # Every browser since 2020 says where a form comes from. Who says nothing at all is an
            # older one (a library's PC) or a script with no cookie to misuse: both may take part.
            # One click on "unsubscribe" comes from the mail provider's own servers (RFC 8058); the
            # token in its address is the authority (taking_part.mail_views).
            Middleware(
                CrossOriginProtection, deny_app=from_elsewhere, exempt_paths=("/mail/stop",)
            ),
            Middleware(ForeignReferer, hosts=settings.hosts, exempt="/mail/stop"),
            Middleware(BodyLimit, most=BODY_LIMIT, most_with_file=LIMIT_WITH_FILE),
            Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=4),
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
