"""A made-up little world to draw, and the templates."""

import json
from pathlib import Path

import pytest
from jinja2 import Environment

from board.core.config import ROOT
from board.core.rendering import make_environment
from board.drawing import atlas

# Arcs in steps of one degree, from (180 W, 90 S): two countries share a border (arc 0), one island
# lies over the antimeridian (arc 3), and the last one is Antarctica.
_ARCS = [
    [[190, 130], [0, 20]],
    [[190, 150], [10, 0], [0, -20], [-10, 0]],
    [[190, 130], [-10, 0], [0, 20], [10, 0]],
    [[355, 70], [-351, 0], [0, 10], [351, 0], [0, -10]],
    [[0, 10], [360, 0]],
    [[100, 150], [5, 0], [0, -5], [-5, 5]],
]
_COUNTRIES = [
    {"type": "Polygon", "id": "276", "properties": {"name": "East"}, "arcs": [[0, 1]]},
    {"type": "Polygon", "id": "250", "properties": {"name": "West"}, "arcs": [[~0, 2]]},
    {"type": "MultiPolygon", "id": "242", "properties": {"name": "Isle"}, "arcs": [[[3]], [[5]]]},
    {"type": "Polygon", "id": "010", "properties": {"name": "Ice"}, "arcs": [[4]]},
    {"type": "Polygon", "properties": {"name": "Kosovo"}, "arcs": [[5]]},
]
_LAND = {"type": "MultiPolygon", "arcs": [[[1, 2]], [[3]], [[4]], [[5]]]}


@pytest.fixture
def little_world(tmp_path: Path) -> Path:
    """A folder with a TopoJSON file of four made-up countries and the ice."""
    topology = {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [-180, -90]},
        "arcs": _ARCS,
        "objects": {
            "countries": {"type": "GeometryCollection", "geometries": _COUNTRIES},
            "land": {"type": "GeometryCollection", "geometries": [_LAND]},
        },
    }
    (tmp_path / "countries-110m.json").write_text(json.dumps(topology))
    return tmp_path


@pytest.fixture(scope="session")
def world_file() -> Path:
    """The real shapes, brought by set-up."""
    return atlas.DATA / "countries-110m.json"


@pytest.fixture(scope="session")
def templates() -> Environment:
    """The project's templates."""
    return make_environment(ROOT / "templates", build="test")
