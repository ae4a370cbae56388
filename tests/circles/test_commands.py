"""`board circles …`, as an operator types it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from board.circles.commands import circle_commands
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.towns.actions import found_town
from board.towns.models import towns
from tests.circles.conftest import invented_circles

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


def test_import_in_a_log_writes_a_line_now_and_then(run: Run, feed: Any) -> None:
    feed.items = invented_circles(2_500)
    result = run("import", feed.url)
    lines = result.stderr.splitlines()

    assert lines[0] == "Read 100 of 2500 rows."
    assert lines[-1] == "Read 2500 of 2500 rows."
    assert len(lines) == 11


def test_import_in_a_terminal_draws_a_bar(
    run: Run, feed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    feed.items = invented_circles(250)
    result = run("import", feed.url)

    assert "250/250" in result.stderr
    assert "━" in result.stderr
    assert "250 taken over" in result.stdout


def test_import_that_breaks_off_says_that_it_is_gone_on_with(run: Run, feed: Any) -> None:
    feed.items = invented_circles(250)
    feed.act = lambda handler, asked: (
        feed.send(handler, b"", status=500)
        if asked.query["offset"] == "199"
        else feed.page(handler, asked)
    )
    broken = run("import", feed.url)
    feed.act = feed.page
    whole = run("import", feed.url)

    assert broken.exit_code == 1
    assert broken.stderr.splitlines()[-2:] == [
        "200 of 250 rows are put aside: the same command goes on there within an hour.",
        "The other side answers with 500.",
    ]
    assert whole.stderr.splitlines() == ["Read 200 of 250 rows.", "Read 250 of 250 rows."]
    assert "250 taken over (250 new" in whole.stdout


def test_nearest_says_how_many_towns_changed(run: Run, db: Database) -> None:
    with db.transaction() as conn:
        found_town(conn, 3189075, datetime(2026, 11, 22, tzinfo=UTC))
    run("import", SAMPLE)
    with db.transaction() as conn:
        conn.execute(update(towns).values(nearest_km=3.0))

    assert run("nearest", "--all").stdout == "1 town changed.\n"
    assert run("nearest").stdout == "0 towns changed.\n"


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
