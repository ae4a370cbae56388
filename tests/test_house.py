"""The house: floors look down, rooms keep their names, every address is guarded or named.

Each rule reads the code as it is; ARCHITECTURE.md says why.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Route

from board.core.config import ROOT, Settings
from board.core.http import DRAWN_ERRORS
from board.core.rendering import make_environment
from board.desk_routes import DESK
from board.routes import DEVELOPMENT, PUBLIC
from board.tables import metadata

BOARD = ROOT / "board"
# From the ground up; a feature imports from its own floor's rooms and from the floors below.
FLOORS = (
    "core", "drawing", "record", "mail", "people", "towns", "circles", "follows", "stories",
    "votes", "comments", "updates", "moderation", "digests", "taking_part", "pages", "desk", "door",
    "explore", "share", "health", "dev",
)  # fmt: skip
# What stands beside the features: composition, set-up, and what looks over all of them.
ROOF = {
    "app", "jobs", "cli", "routes", "desk_routes", "routing", "tables", "serving", "published",
    "assets", "words", "demo", "recount", "watched",
    "__init__",
}  # fmt: skip
ROOMS = {
    "views", "actions", "queries", "forms", "models", "rules", "jobs", "commands", "__init__",
}  # fmt: skip
# What a room of this name may import from its own feature and from lower ones.
LOWER_ROOMS = {
    "models": {"rules", "models"},
    "rules": {"rules", "actions"},
    "forms": {"rules", "forms"},
    "queries": {"queries", "models", "rules"},
}
OPEN_POSTS = {
    "/tell", "/towns/{country:str}/{slug:str}/vote", "/towns/{country:str}/{slug:str}/comments",
    "/talk/comments", "/comments/{id:id}/edit", "/comments/{id:id}/withdraw",
    "/report/story/{id:id}", "/report/comment/{id:id}",
    "/stories/{id:id}/edit", "/stories/{id:id}/withdraw", "/tell/draft/{token:str}",
    "/tell/draft/{token:str}/drop",
    "/stories/{id:id}/comments", "/confirm/wait/{page:str}", "/confirm/wait/{page:str}/again",
    "/confirm/{token:str}", "/slip", "/take-back", "/forget",
    "/confirm/{token:str}/take-back", "/confirm/{token:str}/never", "/mail/{token:str}",
    "/mail/stop/{token:str}/{stream:str}",
    "/follow", "/launch/{token:str}/{town:id}", "/still-in/{token:str}", "/you",
    "/pass-on/{token:str}/{hand_over:id}", "/bundle/{token:str}", "/you/wait/{page:str}",
    "/you/enter/{token:str}", "/you/name", "/you/browsers", "/you/unfollow", "/you/pace",
    "/you/export", "/you/erase", "/towns/{country:str}/{slug:str}/wishes",
    "/towns/{country:str}/{slug:str}/offer",
    "/partner", "/staff/sign-in",
    "/staff/sign-in/{page:str}", "/staff/invitation/{token:str}", "/staff/sign-out",
    # Who stands at the door hasn't passed the second factor yet (people.guards.at_door).
    "/staff/door", "/staff/door/set-up", "/staff/door/question", "/staff/door/passkey",
}  # fmt: skip
OPEN_DESK = {path for path in OPEN_POSTS if path.startswith("/staff")}


def modules() -> Iterator[tuple[str, str, Path]]:
    """Feature, room and file of every module under board/."""
    for file in sorted(BOARD.rglob("*.py")):
        parts = file.relative_to(BOARD).with_suffix("").parts
        yield (parts[0], parts[-1], file)


def imports_of(file: Path) -> Iterator[tuple[str, str]]:
    """Feature and room of every import of ours in a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("board."):
            parts = node.module.split(".")
            if len(parts) == 2:
                for name in node.names:
                    yield parts[1], name.name
            else:
                yield parts[1], parts[2]


def test_every_folder_is_a_floor() -> None:
    folders = {path.name for path in BOARD.iterdir() if path.is_dir() and path.name[0] not in "_l"}
    assert folders - ROOF == set(FLOORS)


def test_imports_look_down() -> None:
    height = {floor: number for number, floor in enumerate(FLOORS)}
    up = [
        f"{file.relative_to(ROOT)} imports {feature}"
        for own, _room, file in modules()
        if own in height
        for feature, _other in imports_of(file)
        if height.get(feature, 99) > height[own]
    ]
    assert up == []


def test_views_are_imported_by_routes_alone() -> None:
    found = {
        str(file.relative_to(BOARD))
        for _own, _room, file in modules()
        for _feature, other in imports_of(file)
        if other == "views" or other.endswith("_views")
    }
    assert found <= {"routes.py", "desk_routes.py"}


def test_commands_are_imported_by_cli_alone() -> None:
    found = {
        str(file.relative_to(BOARD))
        for _own, _room, file in modules()
        for _feature, other in imports_of(file)
        if other == "commands"
    }
    assert found <= {"cli.py"}


@pytest.mark.parametrize("room", ["models", "queries"])
def test_reading_rooms_import_no_writing_rooms(room: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)} imports {feature}.{other}"
        for own, here, file in modules()
        if here == room and own not in ("desk", "explore")
        for feature, other in imports_of(file)
        if other in ("actions", "views", "jobs", "commands")
    ]
    assert wrong == []


def test_actions_never_commit_and_know_no_request() -> None:
    for _own, room, file in modules():
        if room == "actions":
            source = file.read_text(encoding="utf-8")
            assert ".commit(" not in source, file
            assert "Request" not in source, file


def test_only_app_and_cli_read_the_environment() -> None:
    readers = {
        file.name
        for _own, _room, file in modules()
        if re.search(r"os\.environ|getenv|(?<![\w.])Settings\(\)", file.read_text(encoding="utf-8"))
    }
    assert readers <= {"app.py", "cli.py", "assets.py"}


def test_markup_is_made_in_one_file() -> None:
    makers = {
        str(file.relative_to(BOARD))
        for _own, _room, file in modules()
        if "Markup(" in file.read_text(encoding="utf-8")
    }
    assert makers == {"core/rendering.py"}


def test_no_module_grew_into_a_hall() -> None:
    large = {
        str(file.relative_to(BOARD)): lines
        for _own, _room, file in modules()
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 330
    }
    assert large == {}


def test_every_setting_is_documented() -> None:
    undescribed = [n for n, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []


# --- addresses ------------------------------------------------------------------------------


def routes(of: list[object]) -> list[Route]:
    return [route for route in of if isinstance(route, Route)]


def test_one_route_per_path() -> None:
    paths = [route.path for route in routes([*PUBLIC, *DESK, *DEVELOPMENT])]
    assert len(paths) == len(set(paths))


def test_every_desk_route_is_guarded_or_named() -> None:
    open_ones = set()
    for route in routes([*DESK]):
        views = [getattr(route.endpoint, name, None) for name in ("get", "post")]
        guarded = [view for view in views if view] or [route.endpoint]
        if not all(hasattr(view, "roles") for view in guarded):
            open_ones.add(route.path)
    assert open_ones == OPEN_DESK


def test_every_open_post_is_named() -> None:
    posts = {
        route.path
        for route in routes([*PUBLIC, *DESK])
        if "POST" in (route.methods or set())
        and not hasattr(getattr(route.endpoint, "post", route.endpoint), "roles")
    }
    assert posts == OPEN_POSTS


# What a test fills into an address while it runs.
FILLED = "{}"


def addresses_in(file: Path) -> Iterator[str]:
    """The addresses that stand in a module, without query; what isn't known yet is FILLED."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    known = {
        target.id: str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(_piece(part, known) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = "" if id(node) in parts else node.value
        if re.match(r"/|{}/[a-z]", text):
            yield re.split(r"[?#\s]", text)[0]


def _piece(part: ast.expr, known: dict[str, str]) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        return known.get(part.value.id, FILLED)
    return FILLED


def leads_to(address: str, route: Route) -> bool:
    """Whether an address, whatever is filled in, is one of this route's."""
    if FILLED not in address:
        return route.path_regex.match(address) is not None
    pattern = ".+".join(re.escape(part) for part in address.split(FILLED))
    return re.fullmatch(pattern, re.sub(r"{\w+:\w+}", "1", route.path)) is not None


def test_every_route_is_visited_by_some_test() -> None:
    visited = {
        address.removeprefix("/de")
        for file in (ROOT / "tests").rglob("*.py")
        if file != Path(__file__)
        for address in addresses_in(file)
    }
    unseen = [
        route.path
        for route in routes([*PUBLIC, *DESK, *DEVELOPMENT])
        if not any(leads_to(address, route) for address in visited)
    ]
    assert unseen == []


# --- templates ------------------------------------------------------------------------------

TEMPLATES = sorted((ROOT / "templates").rglob("*.html")) + sorted(
    (ROOT / "templates").rglob("*.txt")
)
INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son(?:click|load|change|submit|error)="
)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_template_compiles_and_holds_nothing_inline(file: Path) -> None:
    name = str(file.relative_to(ROOT / "templates"))
    make_environment(ROOT / "templates", build="test").get_template(name)
    source = file.read_text(encoding="utf-8")
    assert "|safe" not in source.replace(" ", "")
    if not name.startswith("email/"):
        assert not INLINE.search(source)


def test_every_template_is_used() -> None:
    sources = [file.read_text(encoding="utf-8") for _own, _room, file in modules()]
    named = {
        name
        for text in (*sources, *(file.read_text(encoding="utf-8") for file in TEMPLATES))
        for name in re.findall(r"[\w/]+\.(?:html|txt)\b", text)
    }
    # Two kinds are named by what they are for: an error's number, a mail's kind.
    named |= {f"errors/{status}.html" for status in DRAWN_ERRORS}
    kinds = {kind for text in sources for kind in re.findall(r'"([a-z_]+)"', text)}
    named |= {f"email/{kind}.{form}" for kind in kinds for form in ("html", "txt")}
    unused = {str(file.relative_to(ROOT / "templates")) for file in TEMPLATES} - named
    assert unused == set()


# --- tables ---------------------------------------------------------------------------------


def test_every_model_is_in_tables() -> None:
    declared = {
        node.name
        for _own, _room, file in modules()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(kw.arg == "table" for kw in node.keywords)
    }
    assert len(metadata.tables) == len(declared)


def test_lock_holds_no_address() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
