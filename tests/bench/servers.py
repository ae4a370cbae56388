"""Servers as processes of their own, on loopback; begun here, and ended by their own id."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from board.app import SETTLES_FOR
from board.core.config import ROOT

# Seconds of processor time within half a second that are nothing.
_IDLE: Final = 0.02
_TICK: Final = os.sysconf("SC_CLK_TCK")
_BOARD: Final = (sys.executable, "-c", "from board.cli import main; main()")
# Secrets of a synthetic world: nobody's vote hangs on them.
_SECRET: Final = "for benches only, thirty-two letters"
ROOMY: Final = {
    "BOARD_POSTS_PER_MINUTE": "100000000",
    "BOARD_VOTES_PER_DAY": "1000000",
    "BOARD_PEOPLE_PER_HOUR": "1000000",
    "BOARD_VOTER_SECRET": _SECRET,
    "BOARD_SEALING_KEYS": _SECRET,
    "BOARD_LINK_SECRET": _SECRET,
}


class Served:
    """A running server: where it listens, and what it has used so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, start_seconds: float) -> None:
        self.process, self.port, self.start_seconds = process, port, start_seconds

    @property
    def cpu(self) -> float:
        """Seconds of processor time, of the process and those that it began."""
        return sum(cpu_of(pid) for pid in family_of(self.process.pid))

    @property
    def memory(self) -> float:
        """MB in memory, all of its processes together."""
        return sum(memory_of(pid) for pid in family_of(self.process.pid))


def cpu_of(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_of(pid: int) -> float:
    """MB of memory that a process holds and shares with no file: what it costs."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split(":")[1] for line in lines if ":" in line}
    return int(found["RssAnon"].split()[0]) / 1024


def resident_of(pid: int) -> float:
    """MB of memory that stand in the process's name, mapped files among them."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def family_of(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, env: Mapping[str, str]) -> Iterator[Served]:
    """A server process, from when it listens until the end of the block."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **env}, stdout=words, stderr=words
        )
        try:
            _wait_for(process, port, words)
            yield Served(process, port, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, words: IO[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            words.seek(0)
            raise RuntimeError(f"the server didn't start:\n{words.read().decode()}")
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError("the server didn't listen within a minute")


@contextmanager
def board_server(
    url: str,
    var: Path,
    *,
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
    module: str = "",
    at_once: bool = False,
) -> Iterator[Served]:
    """The board itself, as `board serve` serves it, or as `module` does.

    Unless it is wanted `at_once`, what it does beside serving after its start is waited for.
    """
    port = free_port()
    env = {
        **ROOMY,
        "BOARD_DATABASE_URL": url,
        "BOARD_VAR": str(var),
        "BOARD_BASE_URL": f"http://127.0.0.1:{port}",
        **(settings or {}),
    }
    command = [*_BOARD, "serve", "--port", str(port), "--workers", str(workers)]
    if module:
        command = [sys.executable, "-m", module, "--port", str(port)]
    with running(command, port, env) as served:
        if not at_once:
            let_rest(served)
        yield served


def let_rest(served: Served) -> None:
    """Wait until a server has nothing to do, but not for ever."""
    # What it does beside serving hasn't begun yet.
    time.sleep(SETTLES_FOR)
    for _look in range(60):
        before = served.cpu
        time.sleep(0.5)
        if served.cpu - before <= _IDLE:
            return


@contextmanager
def plain_server(app: str = "tests.bench.plain:app", **env: str) -> Iterator[Served]:
    """A bare Starlette application over the same uvicorn."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log",
        "--log-level", "warning", "--http", "httptools", "--loop", "uvloop", "--no-proxy-headers",
        "--no-server-header",
    ]  # fmt: skip
    with running(command, port, env) as served:
        yield served
