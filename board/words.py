"""Collecting texts for translation and compiling the translations; run at set-up.

`python -m board.words collect` brings every language's file up to date (and writes the template,
for who begins a language); `python -m board.words compile` makes what the board reads. Compiled
files and the template are not committed. Collecting twice changes nothing: the files hold no dates
and no line numbers, so that a difference in them is always a difference in words.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from board.core.config import ROOT
from board.core.language import DEFAULT, DOMAIN, LOCALES, NAMES

TEMPLATE = LOCALES / f"{DOMAIN}.pot"
WIDTH = 98
HEADER = """\
# The words of In Your Town: {name}.
msgid ""
msgstr ""
"Project-Id-Version: In Your Town\\n"
"Language: {code}\\n"
"Language-Team: In Your Town\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def catalogue_file(code: str, locales: Path = LOCALES) -> Path:
    """Where a language's texts lie."""
    return locales / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def _may_hold_texts(folder: str) -> bool:
    """Whether to look into a folder; Babel's own rule would leave `templates/_ui` out."""
    name = Path(folder).name
    return not name.startswith((".", "__")) and name not in {"var", "node_modules"}


def texts_in_code(root: Path = ROOT) -> Catalog:
    """Every text in code and templates, as babel.cfg says where to look."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog(charset="utf-8")
    for _file, _line, message, comments, context in extract_from_dir(
        root, methods, options, directory_filter=_may_hold_texts
    ):
        found.add(message, auto_comments=comments, context=context)
    return found


def read_texts(file: Path, code: str) -> Catalog:
    """A language's file as it stands; an empty catalogue where there is none yet."""
    if not file.exists():
        return Catalog(locale=code, charset="utf-8")
    with file.open("rb") as opened:
        return read_po(opened, locale=code, charset="utf-8")


def write_texts(file: Path, texts: Catalog, header: str = "") -> None:
    """Write a catalogue, the same words always as the same bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        out.write(header.encode())
        write_po(
            out, texts, width=WIDTH, no_location=True, omit_header=True, sort_output=True,
            ignore_obsolete=True,
        )  # fmt: skip


def collect(locales: Path = LOCALES) -> None:
    """Find every text in code and templates, and bring the languages' files up to date."""
    found = texts_in_code()
    write_texts(locales / TEMPLATE.name, found)
    for code, name in NAMES.items():
        if code == DEFAULT:
            continue
        file = catalogue_file(code, locales)
        texts = read_texts(file, code)
        texts.update(found, no_fuzzy_matching=True)
        head = HEADER.format(name=name, code=code, plurals=texts.plural_forms)
        write_texts(file, texts, head)


def compile_all() -> None:
    """Make each language's compiled file, where its texts are newer."""
    for code in NAMES:
        source = catalogue_file(code)
        target = source.with_suffix(".mo")
        if code == DEFAULT or not source.exists():
            continue
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with target.open("wb") as out:
            write_mo(out, read_texts(source, code))


if __name__ == "__main__":
    if sys.argv[1:] == ["collect"]:
        collect()
    elif sys.argv[1:] == ["compile"]:
        compile_all()
    else:
        sys.exit("Say what to do: collect or compile.")
