"""What the picker says about a place, in the language of the page."""

from typing import NamedTuple

from board.core.language import gettext as _
from board.core.language import ngettext
from board.core.rendering import country_name, number, url
from board.towns.place_queries import Found


class Suggestion(NamedTuple):
    """One line of the picker's list, and what is said once it is chosen.

    `where` is "Oklahoma, United States"; `asked` is "12 votes, 3 stories" or "nobody yet";
    `company` is the sentence for a town that has votes already, else empty.
    """

    id: int
    name: str
    where: str
    asked: str
    company: str
    path: str


def suggestion_of(place: Found) -> Suggestion:
    """A found place in words."""
    return Suggestion(
        id=place.geonames_id,
        name=place.name,
        where=where_it_lies(place),
        asked=_asked(place) or _("nobody yet"),
        company=_company(place),
        path=url(place.path),
    )


def where_it_lies(place: Found) -> str:
    """Region and country; a region of the town's own name would say nothing."""
    country = country_name(place.country)
    if place.region in ("", place.name, country):
        return country
    return f"{place.region}, {country}"


def how_many_fit(count: int) -> str:
    """What a screen reader hears when the list changes."""
    if not count:
        return _("We know no place of this name.")
    return ngettext("%(n)s place fits.", "%(n)s places fit.", count) % {"n": number(count)}


def _asked(place: Found) -> str:
    counts = []
    if place.vote_count:
        votes = ngettext("%(n)s vote", "%(n)s votes", place.vote_count)
        counts.append(votes % {"n": number(place.vote_count)})
    if place.story_count:
        stories = ngettext("%(n)s story", "%(n)s stories", place.story_count)
        counts.append(stories % {"n": number(place.story_count)})
    return ", ".join(counts)


def _company(place: Found) -> str:
    asked = _asked(place)
    if not asked:
        return ""
    said = _("You're not alone. In %(town)s so far: %(asked)s. Add yours.")
    return said % {"town": place.name, "asked": asked}
