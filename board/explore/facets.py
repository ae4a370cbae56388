"""What of a question the map's cells can answer, without looking at one town."""

from board.explore.rules import Question
from board.towns.cells import Facets


def facets_of(question: Question) -> Facets | None:
    """The question as facets of cells; None where words or a language must be looked up."""
    if question.q or question.language:
        return None
    return Facets(question.statuses, question.country, lonely=question.circle == "none")
