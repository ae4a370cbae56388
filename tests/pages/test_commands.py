"""`board content check` from the outside."""

from pathlib import Path

from typer.testing import CliRunner

from board.core.config import ROOT
from board.pages.commands import content_commands

from .conftest import PATHS

commands = content_commands(lambda: PATHS, lambda: ROOT / "content")


def test_check_of_our_own_content_succeeds() -> None:
    result = CliRunner().invoke(commands, ["check"])

    assert (result.exit_code, result.output) == (0, "The content pages are whole.\n")


def test_check_prints_each_problem_and_fails(folder: Path) -> None:
    file = folder / "de" / "start.md"
    file.write_text(file.read_text().replace("Tante", "[SPRACHE]"))

    result = CliRunner().invoke(commands, ["check", str(folder)])

    line = file.read_text()[: file.read_text().index("[SPRACHE]")].count("\n") + 1
    assert result.exit_code == 1
    assert result.stdout == f"{file}:{line}: a gap was never filled in: [SPRACHE]\n"
    assert result.stderr == "Problems in the content: 1\n"


def test_check_of_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["check", str(tmp_path / "nothing")])

    assert result.exit_code == 2
    assert "Traceback" not in result.output
