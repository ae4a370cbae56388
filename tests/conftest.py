"""What every test stands on: real databases, a real board, a real mail server, a real browser."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import uvicorn
from aiosmtpd.controller import Controller
from jinja2 import Environment
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Connection
from starlette.testclient import TestClient

from board.app import keys_of, make_app
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.http import Board
from board.core.keys import Keys
from board.core.limits import PostLimiter
from board.core.migrations import migrate
from board.core.rendering import country_name, make_environment
from board.core.text import fold
from board.pages.content import Content, load_content
from board.published import Published, publish
from board.towns.gazetteer import Gazetteer, GazetteerPlace
from board.towns.jobs import write_gazetteer
from board.towns.readings import Area
from board.towns.spelling import spellings, weight_of
from tests.free_ports import free_port
from tests.postgres import PostgresDatabase, postgres_server

SECRET = "for tests only, thirty-two letters"
DATABASES = ("sqlite", "postgresql")
# Real places, under their GeoNames ids: name, country, region code, region, lat, lng, population.
PLACES = (
    (3189075, "Velenje", "SI", "133", "Velenje", 46.3592, 15.1103, 26742, "Europe/Ljubljana"),
    (3196359, "Ljubljana", "SI", "61", "Ljubljana", 46.0511, 14.5051, 272220, "Europe/Ljubljana"),
    (763166, "Nowy Sącz", "PL", "77", "Lesser Poland", 49.6218, 20.6970, 84041, "Europe/Warsaw"),
    (772339, "Ełk", "PL", "85", "Warmia-Masuria", 53.8286, 22.3647, 55769, "Europe/Warsaw"),
    (4534928, "Elk City", "US", "OK", "Oklahoma", 35.4120, -99.4043, 12189, "America/Chicago"),
    (2921466, "Görlitz", "DE", "13", "Saxony", 51.1551, 14.9885, 57111, "Europe/Berlin"),
    (656083, "Joensuu", "FI", "13", "North Karelia", 62.6012, 29.7632, 76514, "Europe/Helsinki"),
    (5206379, "Pittsburgh", "US", "PA", "Pennsylvania", 40.4406, -79.9959, 302971,
     "America/New_York"),
    (2198148, "Suva", "FJ", "01", "Central", -18.1416, 178.4415, 88271, "Pacific/Fiji"),
)  # fmt: skip

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile("board", deadline=None)
hypothesis.settings.load_profile("board")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sqlite-only` leaves PostgreSQL out, for the quick run."""
    parser.addoption("--sqlite-only", action="store_true", help="leave PostgreSQL out")


# What takes its time: `make test` runs it, `make quick` leaves it out. Whole rooms, whose tests go
# through page after page, and single files.
SLOW_FOLDERS = frozenset({"desk", "taking_part", "door", "digests", "nodes"})
SLOW_FILES = frozenset(
    {
        "circles/test_fetch.py", "circles/test_hostile.py", "circles/test_import_jobs.py",
        "circles/test_nearest.py", "core/test_http.py", "core/test_migrations.py",
        "core/test_page_cache.py", "explore/test_kept_language.py", "explore/test_list_pages.py",
        "explore/test_map.py", "explore/test_queries.py", "explore/test_search.py",
        "explore/test_views.py", "mail/test_durability.py", "mail/test_jobs.py",
        "pages/test_facts.py", "pages/test_views.py", "people/test_sessions.py", "test_demo.py",
        "test_every_word.py", "test_never_stale.py", "test_privacy.py", "test_recount.py",
        "test_serving.py", "test_start.py", "test_statements.py", "test_words.py",
        "towns/test_cell_actions.py", "towns/test_gazetteer.py", "towns/test_picker.py",
    }
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    for item in items:
        place = item.path.relative_to(ROOT / "tests")
        if place.parts[0] in SLOW_FOLDERS or str(place) in SLOW_FILES:
            item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever touches the database is tried on both."""
    if "database_kind" in metafunc.fixturenames:
        # In front of a browser one database is enough: what differs is tested below it.
        one = metafunc.config.getoption("--sqlite-only") or "live" in metafunc.fixturenames
        kinds = DATABASES[:1] if one else DATABASES
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.fixture(scope="session")
def content() -> Content:
    """The content pages, read once."""
    return load_content(ROOT / "content")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The static files as they are served."""
    return publish(ROOT / "static", tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with a few places, to copy."""
    file = tmp_path_factory.mktemp("template") / "board.sqlite3"
    fill_database(f"sqlite:///{file}")
    database = Database(f"sqlite:///{file}")
    with database.snapshot() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server."""
    with postgres_server(tmp_path_factory.mktemp("pg")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Iterator[PostgresDatabase]:
    """The database that the tests of this process have in turn."""
    database = PostgresDatabase(postgres_url, fill_database)
    yield database
    database.drop()


def fill_database(url: str) -> None:
    """Schema and a few places, in an empty database."""
    database = Database(url)
    migrate(database)
    with database.transaction() as conn:
        add_places(conn)
    database.close()


def add_places(conn: Connection) -> None:
    """A handful of real places, findable as the whole gazetteer's are."""
    found = [GazetteerPlace(*place) for place in sorted(PLACES, key=lambda place: -place[7])]
    names = [
        (spelling, place.geonames_id, weight_of(place.population) - loss)
        for place in found
        for spelling, loss in spellings(place.name, ()).items()
    ]
    words = [(fold(country_name(place.country)), Area(place.country)) for place in found] + [
        (fold(place.region), Area(place.country, place.region_code)) for place in found
    ]
    write_gazetteer(conn, Gazetteer(found, sorted(names), sorted(set(words))), "tests")


@pytest.fixture
def database_url(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A fresh database of either kind, with schema and places."""
    if database_kind == "sqlite":
        file = tmp_path / "board.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    with request.getfixturevalue("postgres_database").renewed() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database, both kinds in turn."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a development board; the environment is not asked."""
    return Settings(
        database_url=database_url,
        var=tmp_path / "var",
        base_url="http://testserver",
        voter_secret=SECRET,
        sealing_keys=(SECRET,),
        link_secret=SECRET,
        posts_per_minute=10_000,
    )


@pytest.fixture
def keys(settings: Settings) -> Keys:
    """The keys of the test board."""
    return keys_of(settings)


@pytest.fixture(scope="session")
def pages(published: Published) -> Environment:
    """The templates, compiled once for all tests of a process."""
    return make_environment(ROOT / "templates", build=published.build)


@pytest.fixture
def board(
    settings: Settings,
    database: Database,
    keys: Keys,
    content: Content,
    published: Published,
    pages: Environment,
) -> Board:
    """A board around the test database."""
    limiter = PostLimiter(settings.posts_per_minute)
    return Board(settings, keys, database, pages, limiter, published.folder, content)


@pytest.fixture
def client(board: Board) -> Iterator[TestClient]:
    """A browser without JavaScript, as far as HTTP goes; it keeps cookies, follows nothing."""
    with TestClient(make_app(board, work=False), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def live(board: Board) -> Iterator[str]:
    """The board served on a loopback port; its address."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    board.settings = board.settings.model_copy(update={"base_url": base})
    config = uvicorn.Config(make_app(board), port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield base
    server.should_exit = True
    thread.join(10)


def wait_until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait for something to become true, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.02)


class MailServer:
    """A real SMTP server on loopback; `mails` are the envelopes it took."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuse_with = ""
        # A port of its own beforehand: the controller would knock at port 0 to see that it runs.
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail, or refuse it as the test asks."""
        if self.refuse_with:
            return self.refuse_with
        self.mails.append(envelope)
        return "250 taken"

    @property
    def port(self) -> int:
        """The port it listens on."""
        server: Any = self.controller.server
        return int(server.sockets[0].getsockname()[1])


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server for the test."""
    server = MailServer()
    server.controller.start()
    yield server
    server.controller.stop()


BROWSER_FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium for a module: the installed one, or Playwright's own.

    Not for the session: while Playwright runs, no other test of the process can run a loop.
    """
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome")
         if (found := shutil.which(name))), None,
    )  # fmt: skip
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """Opens pages on the live board: `new_page(width=390, js=False)`."""
    contexts = []

    def open_page(*, width: int = 1280, js: bool = True, **more: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=js,
            base_url=live,
            **more,
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
