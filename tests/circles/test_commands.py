"""`board circles …`, as an operator types it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from board.circles.commands import circle_commands
from board.core.config import ROOT, Settings
from board.core.db import Database

SAMPLE = str(ROOT / "content" / "sample" / "circles.json")
TEAMS = str(ROOT / "content" / "sample" / "libraries.json")

Run = Callable[..., Result]


@pytest.fixture
def run(db: Database) -> Run:
    """Types a command; `environment` says which board it is."""

    def type_in(*words: str, **more: str) -> Result:
        settings = Settings.model_validate({"database_url": db.url, **more})
        commands = circle_commands(lambda: settings, lambda chosen: Database(chosen.database_url))
        return CliRunner().invoke(commands, list(words))

    return type_in


def test_import_says_what_happened(run: Run) -> None:
    result = run("import", SAMPLE, "--sample")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Left out: 93 “{'x' * 60}”: Its name is one letter again and again."
        " That looks like a test.",
        "Left out: 99 “Math for GED”: It ends before it starts.",
        "Put right: 83 “English conversation”: Latitude and longitude were swapped;"
        " we turned them round.",
        "102 taken over (102 new, 0 changed), 2 left out, 1 put right, 0 gone.",
    ]
    assert "102 taken over (0 new, 0 changed)" in run("import", SAMPLE).stdout


def test_import_of_libraries(run: Run) -> None:
    assert "5 taken over (5 new" in run("import", "--libraries", TEAMS).stdout


def test_import_of_an_address_shows_how_far_it_is(
    run: Run, feed: Any, sample: dict[int, Any]
) -> None:
    feed.items = list(sample.values())
    result = run("import", feed.url)

    assert result.exit_code == 0
    assert "102 taken over" in result.stdout
    assert len(feed.asked) == 2


def test_production_doesnt_ask_its_own_machine(run: Run, feed: Any) -> None:
    result = run("import", feed.url, environment="production")

    assert result.exit_code == 1
    assert "Only https addresses are asked." in result.stderr
    assert feed.asked == []


def test_production_takes_no_sample(run: Run) -> None:
    result = run("import", SAMPLE, "--sample", environment="production")

    assert result.exit_code == 1
    assert "for development" in result.stderr


@pytest.mark.parametrize("source", ["/nowhere/circles.json", "https://example.org/api/", TEAMS])
def test_failure_is_a_sentence_and_exit_code_1(run: Run, source: str) -> None:
    result = run("import", source)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.removeprefix("Reading\n").count("\n") == 1
    assert "Traceback" not in result.stderr


def test_empty_list_needs_to_be_meant(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text('{"count": 0, "items": []}')
    run("import", SAMPLE)

    assert run("import", str(empty)).exit_code == 1
    assert "102 gone" in run("import", str(empty), "--allow-empty").stdout


def test_rejected_lists_the_last_good_import(run: Run) -> None:
    nothing = run("rejected")
    run("import", SAMPLE)
    run("import", TEAMS)
    result = run("rejected")

    assert nothing.exit_code == 1
    assert "Nothing was imported yet." in nothing.stderr
    lines = result.stdout.splitlines()
    assert [line.split(" “")[0] for line in lines[:3]] == [
        "Left out: 93",
        "Left out: 99",
        "Put right: 83",
    ]
    assert lines[3].endswith("102 taken over, 2 left out.")
    assert run("rejected", "--libraries").exit_code == 1


def test_help_names_the_commands(run: Run) -> None:
    help_text = run("--help").stdout

    assert "import" in help_text
    assert "rejected" in help_text
