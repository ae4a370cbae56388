"""A primary and its streaming replica: real servers on loopback ports, to kill and to promote."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg

from tests.free_ports import free_port
from tests.postgres import wheel

_SETTINGS: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 60
hot_standby = on
wal_level = replica
max_wal_senders = 5
wal_retrieve_retry_interval = 200ms
"""
# A write is acknowledged when the replica can show it; without one the primary goes on alone.
_IN_STEP: Final = ("synchronous_standby_names = '*'", "synchronous_commit = remote_apply")


class Server:
    """One PostgreSQL server in a folder, on a port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> str:
        """Host and port, as an address's `host=` takes them."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run until it answers."""
        command = [_program("postgres"), "-D", str(self.folder), "-p", str(self.port)]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, **_as_owner()
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def run(self, statement: str, database: str = "postgres") -> str:
        """The first value of a statement's answer."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True,
            connect_timeout=2,
        ) as conn:  # fmt: skip
            cursor = conn.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return str(row[0]) if row else ""

    def kill(self) -> None:
        """End the server and all its processes at once, as by a power cut."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the server without waiting for who is connected."""
        self._end(signal.SIGINT)

    def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if sign == signal.SIGKILL:
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.send_signal(sign)
        process.wait(20)


class Pair:
    """A primary with a replica that follows it; `url` finds whichever of the two takes writes."""

    def __init__(self, folder: Path) -> None:
        _let_the_owner_in(folder)
        self.primary = Server(folder / "primary")
        self.replica = Server(folder / "replica")

    @property
    def url(self) -> str:
        """Both servers in one address: a new connection goes to the one that takes writes."""
        hosts = f"host={self.primary.place}&host={self.replica.place}"
        return f"postgresql://postgres@/board?{hosts}&target_session_attrs=read-write&connect_timeout=2"

    @property
    def replica_url(self) -> str:
        """The replica alone, for pages that everybody may see."""
        return f"postgresql://postgres@{self.replica.place}/board?connect_timeout=2"

    def start(self) -> None:
        """Both servers, in step with each other, with an empty database."""
        run = _as_owner()
        subprocess.run(
            [_program("initdb"), "-D", self.primary.folder, "-A", "trust", "-U", "postgres",
             "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, **run,
        )  # fmt: skip
        with (self.primary.folder / "postgresql.conf").open("a") as file:
            file.write(_SETTINGS)
        self.primary.start()
        self.primary.run("CREATE DATABASE board")
        subprocess.run(
            [_program("pg_basebackup"), "-D", self.replica.folder, "-h", "127.0.0.1",
             "-p", str(self.primary.port), "-U", "postgres", "-R", "-X", "stream",
             "-c", "fast", "--no-sync"],
            check=True, capture_output=True, **run,
        )  # fmt: skip
        self.replica.start()
        for setting in _IN_STEP:
            self.primary.run(f"ALTER SYSTEM SET {setting}")
        self.primary.run("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Make the replica the one that takes writes; it has nobody behind it to wait for."""
        self.replica.run("ALTER SYSTEM SET synchronous_standby_names = ''")
        self.replica.run("SELECT pg_reload_conf()")
        self.replica.run("SELECT pg_promote(true, 20)")

    def stop(self) -> None:
        """End both."""
        for server in (self.replica, self.primary):
            server.stop()


def _program(name: str) -> str:
    """A program of PostgreSQL's: of the wheel that brings all of them."""
    tools = wheel().utils
    return str(tools.POSTGRES_VERSIONS[tools.TARGET_POSTGRES_VERSION] / name)


def _as_owner() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; whoever else runs the tests runs it too."""
    if os.geteuid() != 0:
        return {}
    wheel().utils.ensure_user_exists("pgserver")
    return {"user": "pgserver", "group": "pgserver"}


def _let_the_owner_in(folder: Path) -> None:
    """The folder belongs to who runs the servers, and can be reached by them."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = _as_owner()
    if owner:
        wheel().utils.ensure_prefix_permissions(folder)
        shutil.chown(folder, owner["user"], owner["group"])
