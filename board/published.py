"""Static files as they are served: copied once per build, compressed beforehand.

The build's name is made of the files' contents and stands in their addresses, so that browsers
may keep them for ever. What pages don't ask for (maps' sources, fonts for pictures) stays out, and
so do the comments of our own scripts and style sheets: a third of their bytes.
"""

import hashlib
import re
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from servestatic.compress import Compressor

_SERVED = frozenset({".css", ".js", ".json", ".svg", ".png", ".woff2", ".webmanifest", ".ico"})
# Shapes as they come; what browsers get is made of them (board/drawing/outline.py).
_SOURCES = Path("built/data")
_BUILT = Path("built")
# Comments that have their lines for themselves.
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.DOTALL | re.MULTILINE)


class Published(NamedTuple):
    """A folder that is ready to be served, and the name of its build."""

    folder: Path
    build: str


def publish(static: Path, var: Path) -> Published:
    """The served copy of the static files; made when this build has none yet."""
    sources = static / _SOURCES
    files = sorted(
        file
        for file in static.rglob("*")
        if file.suffix in _SERVED and not file.is_relative_to(sources)
    )
    build = _build_of(static, files)
    folder = var / "static" / build
    if not folder.is_dir():
        _make(static, files, folder)
    return Published(folder, build)


def _build_of(static: Path, files: list[Path]) -> str:
    # Another way of publishing makes other files of the same ones.
    digest = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=5)
    for file in files:
        digest.update(f"{file.relative_to(static)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _make(static: Path, files: list[Path], folder: Path) -> None:
    """Copy and compress beside the place, then move there: nobody serves half a build."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(dir=folder.parent))
    for file in files:
        target = draft / file.relative_to(static)
        target.parent.mkdir(parents=True, exist_ok=True)
        own = not file.is_relative_to(static / _BUILT)
        if own and file.suffix in {".js", ".css"}:
            target.write_text(uncommented(file.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            shutil.copyfile(file, target)
    compressor = Compressor(quiet=True)
    for file in files:
        target = draft / file.relative_to(static)
        if compressor.should_compress(target.name):
            compressor.compress(str(target))
    try:
        draft.rename(folder)
    except OSError:
        # Another process of this board was faster; its copy is the same.
        shutil.rmtree(draft)


def uncommented(text: str) -> str:
    """A script or style sheet without comments on lines of their own; all else keeps its line."""
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
