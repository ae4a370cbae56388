"""Stories as cards, with what their authors offer; stories and votes know nothing of each other."""

from collections.abc import Sequence

from sqlalchemy import Connection

from board.stories.queries import StoryView
from board.votes.queries import offers_of
from board.votes.rules import Offer


def with_offers(conn: Connection, stories: Sequence[StoryView]) -> list[StoryView]:
    """The same stories, each with its author's offers in that town."""
    authors = [(s.town_id, s.person_id) for s in stories if s.person_id is not None]
    offers = offers_of(conn, authors)
    return [_with(story, offers.get((story.town_id, story.person_id or 0))) for story in stories]


def _with(story: StoryView, offer: Offer | None) -> StoryView:
    if offer is None:
        return story
    return story._replace(come=offer.come, facilitate=offer.facilitate, host=offer.host)
