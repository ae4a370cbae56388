"""What staff fill in around the table."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from board.core.forms import Form, Line, Number, Tick
from board.desk.table_rules import PER_PAGE

_TICK = re.compile(r"town-([0-9]{1,9})")


class ViewForm(Form):
    """A view to keep or to change; `query` is what the table was asked for."""

    name: Annotated[Line, Field(max_length=40)] = ""
    shared: Tick = False
    query: Annotated[Line, Field(max_length=1_000)] = ""
    act: Annotated[Line, Field(max_length=10)] = ""


class OwnerForm(Form):
    """Whom towns are given to (nobody, if empty), and where to go on from."""

    owner: Number = None
    query: Annotated[Line, Field(max_length=1_000)] = ""
    back: Annotated[Line, Field(max_length=60)] = ""


def ticked_towns(values: Mapping[str, str]) -> list[int]:
    """The towns that are ticked in a form: fields of their own ("town-12")."""
    found = (_TICK.fullmatch(name) for name in values)
    return sorted({int(match[1]) for match in found if match})[:PER_PAGE]
