"""Reading the invented world from its files."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]
from pydantic import TypeAdapter

from board.demo.forms import Desk, InventedCountry

_names: TypeAdapter[dict[str, list[str]]] = TypeAdapter(dict[str, list[str]])


class World(NamedTuple):
    """Everything invented: countries with their towns, first names by country, the desk's queue."""

    countries: list[InventedCountry]
    names: dict[str, list[str]]
    desk: Desk


def read_world(folder: Path) -> World:
    """The world of a folder (`content/demo`); raises pydantic's ValidationError for a slip."""
    towns = sorted((folder / "towns").glob("*.yaml"))
    return World(
        countries=[InventedCountry.model_validate(_load(file)) for file in towns],
        names=_names.validate_python(_load(folder / "names.yaml")),
        desk=Desk.model_validate(_load(folder / "desk.yaml")),
    )


def _load(file: Path) -> Any:
    # Everything is text until its shape says otherwise: YAML reads the country NO as false.
    return yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
