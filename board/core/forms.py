"""Reading forms: what was typed becomes a frozen model, or a sentence per field.

Validators raise ValueError with a translated sentence; pydantic's own English messages never
reach a page.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from board.core.errors import Mistake
from board.core.language import gettext as _
from board.core.text import tidy, tidy_line

F = TypeVar("F", bound="Form")


def _ticked(value: object) -> bool:
    return value in (True, "1", "on", "true", "yes")


def _number(value: object) -> int | None:
    if isinstance(value, int):
        return value
    text = str(value or "").strip()
    # Ids are numbers of 32 bits: PostgreSQL fails at a larger one instead of not finding it.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _decimal(value: object) -> float | None:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _line(value: object) -> str:
    return tidy_line(str(value or ""))


def _text(value: object) -> str:
    return tidy(str(value or ""))


Line = Annotated[str, BeforeValidator(_line)]
Text = Annotated[str, BeforeValidator(_text)]
Tick = Annotated[bool, BeforeValidator(_ticked)]
Number = Annotated[int | None, BeforeValidator(_number)]
Decimal = Annotated[float | None, BeforeValidator(_decimal)]


class Form(BaseModel):
    """What every form shares: frozen, and unknown fields are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read_form(form: type[F], values: Mapping[str, str]) -> F:
    """The form filled with what was typed; raises Mistake with a sentence for each field."""
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        raise Mistake(_sentences(error)) from error


def _sentences(error: ValidationError) -> dict[str, str]:
    said: dict[str, str] = {}
    for detail in error.errors():
        name = str(detail["loc"][0]) if detail["loc"] else _field_of(detail)
        said.setdefault(name, _sentence(detail))
    return said


def _field_of(detail: ErrorDetails) -> str:
    """A rule about several fields names the one to look at: ValueError(sentence, field)."""
    problem = detail.get("ctx", {}).get("error")
    args: tuple[object, ...] = getattr(problem, "args", ())
    return str(args[1]) if len(args) > 1 else ""


def _sentence(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"].args[0])
    # pydantic says "too_long" where a field has a validator of ours before its limit.
    if detail["type"] in ("string_too_long", "too_long"):
        return _("That is too long. Please keep it under %(most)s characters.") % {
            "most": context["max_length"]
        }
    if detail["type"] in ("missing", "string_too_short", "too_short"):
        return _("Please fill this in.")
    return _("Please look at this again.")


def typed_values(form: type[BaseModel], values: Mapping[str, str]) -> dict[str, str]:
    """Every field of a form as it was typed, to show it again: nothing is lost."""
    return {name: values.get(name, "") for name in form.model_fields}
