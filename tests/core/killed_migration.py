"""Run as a program: migrates a SQLite file again and again, and dies at every nth statement.

    python tests/core/killed_migration.py FOLDER EVERY

Each round works on a copy of FOLDER/before.sqlite3 in a process of its own, which ends at once,
as by kill -9, in front of one statement. Then the copy must be what it was, and migrate whole. A
line per round tells: the statement, the revision found afterwards, the one after migrating again.
"""

import os
import shutil
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from board.core.db import Database
from board.core.migrations import migrate, step_back
from board.core.schema import revision_of


def move(database: Database, direction: str) -> None:
    """Migrate up, or down to nothing."""
    if direction == "up":
        migrate(database)
    else:
        step_back(database, "base")


def die_at(file: Path, nth: int, direction: str) -> bool:
    """Migrate in a process that dies in front of the nth statement; whether it came so far."""
    child = os.fork()
    if child == 0:
        database = Database(f"sqlite:///{file}")
        seen = 0

        def count(*_of_the_statement: object) -> None:
            nonlocal seen
            seen += 1
            if seen == nth:
                os._exit(9)

        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        move(database, direction)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 9):
        raise RuntimeError(f"the migration ended with {code}")
    return code == 9


def main(folder: Path, every: int, direction: str) -> None:
    """Die at each place in turn until the migration comes through."""
    nth, died = 1, True
    while died:
        file = folder / f"{nth}.sqlite3"
        shutil.copy(folder / "before.sqlite3", file)
        died = die_at(file, nth, direction)
        database = Database(f"sqlite:///{file}")
        left = revision_of(database)
        move(database, direction)
        sys.stdout.write(f"{nth} {int(died)} {left or '-'} {revision_of(database) or '-'}\n")
        database.close()
        nth += every


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
