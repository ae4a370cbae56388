"""What the page behind a mail's lasting link shows: which mails somebody gets, what they said."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from board.comments.models import comments
from board.comments.queries import PlacedComment, comments_by
from board.mail.queries import stopped_streams_of, suppression_of
from board.mail.rules import DESK_STREAMS, STREAMS
from board.people.models import people
from board.people.queries import WaitingForm
from board.stories.models import stories
from board.stories.queries import StoryView, stories_by
from board.votes.queries import TownVote, votes_of


class Reader(NamedTuple):
    """The person whom a lasting link names."""

    id: int
    key: bytes
    name: str
    role: str

    @property
    def streams(self) -> tuple[str, ...]:
        """The kinds of mail that this person may get: the desk's are for who sits there."""
        return tuple(name for name in STREAMS if name not in DESK_STREAMS or self.role)


class ReaderPage(NamedTuple):
    """Everything on the page, of one person alone; `suppressed` says why no mail goes there."""

    reader: Reader
    stopped: frozenset[str]
    suppressed: str
    votes: list[TownVote]
    stories: list[StoryView]
    comments: list[PlacedComment]


def reader_of(conn: Connection, person_id: int) -> Reader | None:
    """The person of this id."""
    p = people.c
    row = conn.execute(select(p.id, p.key, p.name, p.role).where(p.id == person_id)).first()
    return None if row is None else Reader._make(row)


def reader_page(conn: Connection, reader: Reader) -> ReaderPage:
    """The page of a person, in a fixed number of statements."""
    return ReaderPage(
        reader=reader,
        stopped=stopped_streams_of(conn, reader.key),
        suppressed=suppression_of(conn, reader.key),
        votes=[vote for vote in votes_of(conn, reader.key) if vote.counts],
        stories=[s for s in stories_by(conn, reader.id) if s.visibility in _THERE],
        comments=[c for c in comments_by(conn, reader.id) if c.comment.visibility in _THERE],
    )


def is_withdrawn(conn: Connection, form: WaitingForm) -> bool:
    """Whether the story or comment that a confirmed form made was taken back since."""
    table = {"story": stories, "comment": comments}.get(form.kind)
    if table is None or form.outcome_id is None:
        return False
    seen: str | None = conn.execute(
        select(table.c.visibility).where(table.c.id == form.outcome_id)
    ).scalar()
    return seen == "withdrawn"


# What its author still can take away; the rest left the pages already.
_THERE = frozenset({"held", "public", "unlisted"})
