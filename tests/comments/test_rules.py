"""When a comment appears at once."""

import pytest

from board.comments.rules import first_visibility


@pytest.mark.parametrize(
    ("trusted", "has_vote", "links", "visibility"),
    [
        (False, True, 0, "public"),
        (False, True, 1, "held"),
        (False, False, 0, "held"),
        (False, False, 1, "held"),
        (True, False, 0, "public"),
        (True, False, 9, "public"),
    ],
)
def test_first_visibility_by_vote_links_and_trust(
    trusted: bool, has_vote: bool, links: int, visibility: str
) -> None:
    assert first_visibility(trusted=trusted, has_vote=has_vote, links=links) == visibility
