"""Libraries of `content/libraries.yaml`: which there are, where they lie, where to see their dates.

P2PU's teams don't know all libraries that run circles, nor anybody's calendar. The file is read
every few minutes, so that a line in it needs no new start.
"""

import zlib
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import structlog
import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from board.circles.models import PARTNERS_FROM

FILE: Final = "libraries.yaml"
_NUMBERS: Final = 90_000_000
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Place = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}/[a-z0-9-]+$")]
_Link = Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$", max_length=500)]
log = structlog.get_logger("board.circles")


class Partner(BaseModel):
    """A library as it stands in the file. `place` is its town's address here ("us/pittsburgh");
    `checked` the day when somebody looked whether it is so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    place: _Place
    site: _Link = ""
    calendar: _Link = ""
    checked: date

    @property
    def id(self) -> int:
        """Its number: the same as long as name and place are."""
        return PARTNERS_FROM + zlib.crc32(f"{self.place} {self.name}".encode()) % _NUMBERS


_partners: Final = TypeAdapter(list[Partner])


def read_partners(content: Path) -> list[Partner] | None:
    """The libraries of a content folder; None where the file can't be understood, with a warning:
    then what was there stays. Without a file there are none."""
    file = content / FILE
    try:
        # Everything is text until its shape says otherwise: YAML reads the country NO as false.
        said = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
        return _partners.validate_python(said or [])
    except FileNotFoundError:
        return []
    except (OSError, UnicodeError, yaml.YAMLError, ValidationError) as error:
        log.warning("libraries of the content files can't be read", why=str(error))
        return None
