"""Collecting texts for translation and compiling the translations; run at set-up.

`python -m board.words collect` writes the template and updates every language's file;
`python -m board.words compile` makes what the board reads. Compiled files are not committed.
"""

import sys
from pathlib import Path

from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from board.core.config import ROOT
from board.core.language import DEFAULT, DOMAIN, LOCALES, NAMES

TEMPLATE = LOCALES / f"{DOMAIN}.pot"


def catalogue_file(code: str) -> Path:
    """Where a language's texts lie."""
    return LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def run(*arguments: str) -> None:
    """Run a command of Babel's."""
    CommandLineInterface().run(["pybabel", "--quiet", *arguments])  # type: ignore[no-untyped-call]


def collect() -> None:
    """Find every text in code and templates, and bring the languages' files up to date."""
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    run(
        "extract", "-F", str(ROOT / "babel.cfg"), "-o", str(TEMPLATE), "--no-location",
        "--sort-output", "--omit-header", "-k", "_", "--project", "in-your-town", str(ROOT),
    )  # fmt: skip
    for code in NAMES:
        if code != DEFAULT:
            verb = "update" if catalogue_file(code).exists() else "init"
            more = ["--no-fuzzy-matching", "--ignore-obsolete"] if verb == "update" else []
            run(verb, "-i", str(TEMPLATE), "-d", str(LOCALES), "-D", DOMAIN, "-l", code, *more)


def compile_all() -> None:
    """Make each language's compiled file, where its texts are newer."""
    for code in NAMES:
        source = catalogue_file(code)
        target = source.with_suffix(".mo")
        if code == DEFAULT or not source.exists():
            continue
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            texts = read_po(file, locale=code)
        with target.open("wb") as out:
            write_mo(out, texts)


if __name__ == "__main__":
    if sys.argv[1:] == ["collect"]:
        collect()
    elif sys.argv[1:] == ["compile"]:
        compile_all()
    else:
        sys.exit("Say what to do: collect or compile.")
