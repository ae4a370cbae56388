"""The small street that stands beside a town's name on the way of taking part."""

from board.drawing.street import Street, street
from board.towns.queries import TownRow

_HOUSES = 4


def short_street(town: TownRow | None) -> Street | None:
    """The first houses of a town's street; none for a town that nobody asked for yet."""
    if town is None:
        return None
    return street(town.slug, town.story_count, town.come_count, town.vote_count, cap=_HOUSES)
