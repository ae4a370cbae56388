"""What of a question the map's cells can answer, without looking at one town."""

from board.explore.rules import Question
from board.towns.cells import Facets
from board.towns.word_queries import parts_of


def facets_of(question: Question) -> Facets | None:
    """The question as facets of cells; None where words or a language must be looked up.

    What has no letter in it looks for no word: it asks for every town, as nothing typed does.
    """
    if question.language or (question.q and parts_of(question.q)):
        return None
    return Facets(question.statuses, question.country, lonely=question.circle == "none")
