"""What somebody would like to learn and when they could come; and what they offer, anew."""

from typing import Annotated

from pydantic import Field, field_validator

from board.core.forms import Form, Text
from board.core.language import gettext as _
from board.taking_part.forms import VoteForm
from board.votes.rules import TOPIC_LENGTH, TOPICS, topics_in


class WishesForm(Form):
    """Topics in a free field, parted by commas or lines; the times are ticks (votes.rules)."""

    topics: Annotated[Text, Field(max_length=1_000)] = ""
    # The secret of the page that confirmed the vote, for who isn't remembered.
    page: Annotated[str, Field(max_length=100)] = ""

    @field_validator("topics")
    @classmethod
    def few_and_short(cls, typed: str) -> str:
        """A handful of words or two, not a letter."""
        words = topics_in(typed)
        if len(words) > TOPICS:
            raise ValueError(_("Choose the %(most)s you want most.") % {"most": TOPICS})
        long = next((word for word in words if len(word) > TOPIC_LENGTH), "")
        if long:
            sentence = _("“%(begin)s…” is long. A word or two is enough, parted by commas.")
            raise ValueError(sentence % {"begin": long[:20]})
        return typed

    @property
    def words(self) -> list[str]:
        """The topics, each once."""
        return topics_in(self.topics)


class OfferForm(VoteForm):
    """What somebody offers from now on; empty ticks end what they offered before."""
