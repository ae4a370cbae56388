"""What the page tells the live map: where it opens, what it asks for, and every word it says.

Scripts hold no words. What depends on a number comes in every form of the page's language, one
for each of its plural categories ("one", "few", …): the browser knows which number takes which.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from board.core.config import Settings
from board.core.language import catalogue, current, ngettext
from board.core.language import gettext as _
from board.core.rendering import locale_of, url
from board.drawing.view import MAX_ZOOM
from board.explore.towns_page import TownsAndMap
from board.towns.rules import STATUSES
from board.towns.status_words import status_word

# Every script that the live map needs before it shows its markers, so that a page can ask for all
# of them at once; without it a browser would find them one behind the other.
SCRIPTS: Final = tuple(
    f"js/{name}.js"
    for name in (
        "map", "live-map", "app", "card", "choice", "clusters", "follow", "hands", "land", "legend",
        "markers", "picture", "pointing", "rows", "shapes", "sight", "stage", "tiles", "travel",
        "view", "words",
    )
)  # fmt: skip
# Every category of every language that we speak begins within these.
_SAMPLES: Final = (*range(201), 1_000, 1_000_000)
# What the tiles are asked for; where and how a list goes on is no question of theirs.
_ASKED: Final = ("q", "country", "status", "language", "circle")


def live_map(found: TownsAndMap, settings: Settings) -> dict[str, Any]:
    """For `data-live`; an operator may have pictures of their own instead of our shapes."""
    question, view, nobody = found.question, found.map.view, _nobody(found)
    # Where nobody asked the map shows who asked around.
    shown = question.but(q="") if nobody else question
    asked = {name: value for name in _ASKED if (value := getattr(shown, name))}
    return {
        "tiles": "/map/{z}/{x}/{y}" + (f"?{urlencode(asked)}" if asked else ""),
        "popup": url("/map/popup"),
        "view": [view.lat, view.lng, view.zoom, view.width, view.height],
        "moved": found.in_window,
        "most": int(MAX_ZOOM),
        "towns": question.shows_towns,
        "circles": question.shows_circles,
        "libraries": question.shows_libraries,
        "nobody": nobody,
        "tilesUrl": settings.map_tiles_url,
        "credit": settings.map_tiles_credit,
        "words": words(),
    }


def _nobody(found: TownsAndMap) -> dict[str, Any] | None:
    """The place that was looked for and that nobody asked for yet, as a marker."""
    if not found.places or found.towns.total or found.circles.total:
        return None
    place = found.places[0]
    return {
        "lat": place.lat,
        "lng": place.lng,
        "tag": place.name,
        "name": _("%(town)s: nobody has asked yet") % {"town": place.name},
        "href": url(place.path),
    }


def words() -> dict[str, Any]:
    """What the live map says, in the page's language; `%(n)s` and the like stay to be filled."""
    return _words_in(catalogue(current()))


@cache
def _words_in(_words: object) -> dict[str, Any]:
    return {
        "town": forms(lambda n: ngettext("%(n)s town asking", "%(n)s towns asking", n)),
        "circle": forms(lambda n: ngettext("%(n)s circle", "%(n)s circles", n)),
        "finishedCircle": forms(
            lambda n: ngettext("%(n)s finished circle", "%(n)s finished circles", n)
        ),
        "library": forms(lambda n: ngettext("%(n)s library", "%(n)s libraries", n)),
        "vote": forms(lambda n: ngettext("%(n)s vote", "%(n)s votes", n)),
        "townWord": forms(lambda n: ngettext("town", "towns", n)),
        "circleWord": forms(lambda n: ngettext("circle", "circles", n)),
        "libraryWord": forms(lambda n: ngettext("library", "libraries", n)),
        "thousands": _("%(thousands)sk"),
        "both": _("%(towns)s and %(circles)s"),
        "closer": _("%(things)s here, zoom in"),
        "list": _("%(things)s here, see the list"),
        "inView": _("%(things)s in this part of the map"),
        "nothing": _("Nothing in this part of the map"),
        "townName": _("%(town)s: %(votes)s, %(status)s"),
        "circleName": _("%(circle)s: %(state)s"),
        "libraryName": _("%(name)s: library"),
        "aTown": _("A town"),
        "aCircle": _("A circle"),
        "aLibrary": _("A library that runs circles"),
        "now": _("meeting now"),
        "soon": _("starting soon"),
        "finished": _("finished"),
        "selected": _("%(name)s, selected"),
        "fingers": _("Use two fingers to move the map"),
        "failed": _("Parts of the map didn't come. The list has everything."),
        "stayed": _("The list didn't come along with the map. Load it anew."),
        "status": {status: status_word(status).lower() for status in STATUSES},
    }


def forms(of: Callable[[int], str]) -> dict[str, str]:
    """A message in every form of the page's language, by plural category."""
    rule = locale_of(current()).plural_form
    samples = {rule(n): n for n in reversed(_SAMPLES)}
    return {category: of(n) for category, n in samples.items()}
