"""What is served of our scripts and style sheets: all of them, without what only we read."""

from pathlib import Path

import pytest

from board.core.config import ROOT
from board.published import Published, uncommented

OWN = sorted((*(ROOT / "static/js").glob("*.js"), *(ROOT / "static/css").glob("*.css")))

SCRIPT = """// @ts-check
/** A name. @param {string} name */
const link = "https://example.org//a"; // stays
/**
 * Longer.
 */
  // also this
const made = /** @type {any} */ (null);
  /** @type {any} */ (made).go("/* not one */");
const share = 4 / 2;
"""


def test_comments_go_and_lines_stay() -> None:
    assert uncommented(SCRIPT).splitlines() == [
        "",
        "",
        'const link = "https://example.org//a"; // stays',
        "",
        "",
        "",
        "",
        "const made = /** @type {any} */ (null);",
        '  /** @type {any} */ (made).go("/* not one */");',
        "const share = 4 / 2;",
    ]


@pytest.mark.parametrize("source", OWN, ids=lambda file: file.name)
def test_own_files_are_served_line_by_line(source: Path, published: Published) -> None:
    text = source.read_text()
    served = (published.folder / source.relative_to(ROOT / "static")).read_text()
    lines = list(zip(text.splitlines(), served.splitlines(), strict=True))
    assert all(there in (here, "") for here, there in lines)
    gone = [here.strip() for here, there in lines if here.strip() and not there]
    assert all(line.startswith(("//", "/*", "*")) or line.endswith("*/") for line in gone)
    # In a string of more than one line a comment would be none.
    assert source.suffix == ".css" or all(line.count("`") % 2 == 0 for line in text.splitlines())
