"""What somebody chooses who wants to follow."""

from typing import Annotated

from pydantic import Field

from board.core.errors import Mistake
from board.core.forms import Form, Line
from board.core.language import gettext as _
from board.follows.rules import AREAS, PACES, Kind, Pace


class FollowForm(Form):
    """What (town · 10 · 25 · 50 · 100 · country), how often, and where to.

    `at` is the town's address ("si/velenje"), empty when a country alone is followed.
    """

    at: Annotated[Line, Field(max_length=140)] = ""
    country: Annotated[Line, Field(max_length=2)] = ""
    what: Annotated[Line, Field(max_length=8)] = ""
    pace: Annotated[Line, Field(max_length=8)] = "weekly"
    email: Annotated[Line, Field(max_length=254)] = ""

    @property
    def kind(self) -> Kind:
        """What is followed; raises Mistake where nothing that we know was chosen."""
        if self.what in {str(km) for km in AREAS}:
            return "area"
        if self.what == "town":
            return "town"
        if self.what == "country":
            return "country"
        raise Mistake({"what": _("Choose what you would like to hear about.")})

    @property
    def km(self) -> int:
        """How far around; 0 where it isn't an area."""
        return int(self.what) if self.kind == "area" else 0

    @property
    def how_often(self) -> Pace:
        """The pace; raises Mistake for one that we don't know."""
        for pace in PACES:
            if pace == self.pace:
                return pace
        raise Mistake({"pace": _("Choose one of the two.")})
