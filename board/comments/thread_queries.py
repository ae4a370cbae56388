"""A page of a talk: threads in order, their answers, and the marks where other pages begin.

The number of statements doesn't depend on how much was said.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from board.comments.models import comments, talk_locks
from board.comments.queries import (
    COLUMNS,
    CommentView,
    PlacedComment,
    in_talk,
    placed,
    read_placed,
)
from board.comments.rules import OLDEST, THREADS_A_PAGE, Asked, Mark, Talk
from board.stories.models import stories
from board.towns.models import towns

_c = comments.c
_answered = comments.alias("answered")


class Answer(NamedTuple):
    """An answer in a thread; `to` is who is answered, where that isn't who began it."""

    comment: CommentView
    to: str = ""
    to_id: int | None = None


class Thread(NamedTuple):
    """A comment and its answers; one that was taken away stays as a line if any hang under it."""

    root: CommentView
    answers: list[Answer]


class TalkPage(NamedTuple):
    """A page of a talk. `back` and `on` are the marks of the neighbouring pages, or None."""

    talk: Talk
    asked: Asked = OLDEST
    threads: Sequence[Thread] = ()
    said: int = 0
    lock: str = ""
    back: Mark | None = None
    on: Mark | None = None
    replied: CommentView | None = None

    @property
    def is_first(self) -> bool:
        return self.back is None


def read_talk(
    conn: Connection,
    talk: Talk,
    asked: Asked = OLDEST,
    *,
    viewer_id: int | None,
    limit: int = THREADS_A_PAGE,
) -> TalkPage:
    """A page of a talk with the viewer's own held words; four statements."""
    said, lock = conn.execute(_said_in(_kind_of(talk)), _values_of(talk)).one()
    roots, back, on = _roots(conn, talk, asked, viewer_id, limit)
    answers = _answers(conn, [root.id for root in roots], viewer_id)
    threads = [Thread(root, answers[root.id]) for root in roots]
    replied = _replied(conn, talk, asked.reply, viewer_id)
    return TalkPage(talk, asked, threads, said, lock or "", back, on, replied)


# --- the statements, each made once: making one takes longer than asking it --------------------

Kind = Literal["story", "town", "board"]


def _kind_of(talk: Talk) -> Kind:
    """What is talked about."""
    if talk.story_id is not None:
        return "story"
    return "board" if talk.town_id is None else "town"


def _values_of(talk: Talk) -> dict[str, int | None]:
    return {"town": talk.town_id, "story": talk.story_id}


def _here(kind: Kind) -> ColumnElement[bool]:
    """Said in the talk whose values are given (`queries.in_talk`)."""
    if kind == "story":
        return _c.story_id == bindparam("story")
    town = _c.town_id.is_(None) if kind == "board" else _c.town_id == bindparam("town")
    return town & _c.story_id.is_(None)


@cache
def _said_in(kind: Kind) -> Select[Any]:
    """How much was said, and why nothing more may be."""
    said = select(func.count()).select_from(comments).where(_here(kind), _c.visibility == "public")
    of = talk_locks.c.town_id
    here = of.is_(None) if kind == "board" else of == bindparam("town")
    lock = select(func.max(talk_locks.c.reason)).where(here)
    return select(said.scalar_subquery(), lock.scalar_subquery())


def _seen(own: bool, said: FromClause = comments) -> ColumnElement[bool]:
    """Public; with `own`, or held and the viewer's."""
    public: ColumnElement[bool] = said.c.visibility == "public"
    if not own:
        return public
    return or_(public, and_(said.c.visibility == "held", said.c.person_id == bindparam("viewer")))


class _Turn(NamedTuple):
    """What tells the statements for the threads of a page apart."""

    kind: Kind
    own: bool
    rising: bool
    marked: bool


def _begins_thread(kind: Kind, own: bool) -> ColumnElement[bool]:
    """Begins a thread that is shown: seen itself, or with answers that are."""
    below = comments.alias("below")
    held_up = exists().where(below.c.parent_id == _c.id, _seen(own, below))
    return and_(_here(kind), _c.parent_id.is_(None), or_(_seen(own), held_up))


@cache
def _threads(turn: _Turn) -> Select[Any]:
    """The comments that begin the threads of a page."""
    where = [_begins_thread(turn.kind, turn.own)]
    if turn.marked:
        place = tuple_(_c.created_at, _c.id)
        mark = tuple_(bindparam("at", type_=_c.created_at.type), bindparam("id", type_=_c.id.type))
        where.append(place > mark if turn.rising else place < mark)
    order = (_c.created_at, _c.id) if turn.rising else (_c.created_at.desc(), _c.id.desc())
    return select(*COLUMNS).where(*where).order_by(*order).limit(bindparam("most"))


@cache
def _below(own: bool) -> Select[Any]:
    """What answers some comments, and whom."""
    named = case((_answered.c.visibility == "public", _answered.c.name), else_="")
    return (
        select(*COLUMNS, func.coalesce(named, ""), _answered.c.id)
        .outerjoin(_answered, _answered.c.id == _c.answers_id)
        .where(_c.parent_id.in_(bindparam("roots", expanding=True)), _seen(own))
        # Left to itself SQLite reads all public comments of the board by their dates.
        .with_hint(comments, "INDEXED BY ix_comment_parent_id", "sqlite")
    )


# --- what they find ---------------------------------------------------------------------------


def _roots(
    conn: Connection, talk: Talk, asked: Asked, viewer_id: int | None, limit: int
) -> tuple[list[CommentView], Mark | None, Mark | None]:
    """The comments that begin the threads of a page, and the marks of the pages around it."""
    rising = (asked.order == "oldest") != (asked.before is not None)
    mark = asked.before or asked.after
    turn = _Turn(_kind_of(talk), viewer_id is not None, rising, mark is not None)
    values = {**_values_of(talk), "viewer": viewer_id, "most": limit + 1}
    behind = {"at": mark.at, "id": mark.id} if mark else {}
    rows = conn.execute(_threads(turn), {**values, **behind}).all()
    found = [CommentView._make(row) for row in rows[:limit]]
    more = len(rows) > limit
    if asked.before is not None:
        found.reverse()
        return found, _mark(found, 0) if more else None, _mark(found, -1)
    return found, _mark(found, 0) if asked.after else None, _mark(found, -1) if more else None


def _mark(found: list[CommentView], nth: int) -> Mark | None:
    return Mark(found[nth].created_at, found[nth].id) if found else None


def _answers(
    conn: Connection, root_ids: Sequence[int], viewer_id: int | None
) -> defaultdict[int, list[Answer]]:
    """The answers below these comments, the oldest first, by comment."""
    own = viewer_id is not None
    rows = conn.execute(_below(own), {"roots": list(root_ids), "viewer": viewer_id})
    below: defaultdict[int, list[Answer]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.created_at, row.id)):
        answer = Answer(CommentView(*row[:-2]), *row[-2:])
        below[answer.comment.parent_id or 0].append(answer)
    return below


def _replied(
    conn: Connection, talk: Talk, reply: int | None, viewer_id: int | None
) -> CommentView | None:
    """The comment that is being answered, wherever in this talk it stands."""
    if reply is None:
        return None
    row = conn.execute(
        select(*COLUMNS).where(_c.id == reply, in_talk(talk), _seen(viewer_id is not None)),
        {"viewer": viewer_id},
    ).first()
    return None if row is None else CommentView._make(row)


def page_with(
    conn: Connection,
    comment: CommentView,
    *,
    order: str,
    viewer_id: int | None,
    limit: int = THREADS_A_PAGE,
) -> Asked:
    """Which page of its talk shows this comment; three statements."""
    root_id = comment.parent_id or comment.id
    at: datetime = conn.execute(select(_c.created_at).where(_c.id == root_id)).scalar_one()
    shown = _begins_thread(_kind_of(comment.talk), viewer_id is not None)
    values = {**_values_of(comment.talk), "viewer": viewer_id}
    place = tuple_(_c.created_at, _c.id)
    root = tuple_(literal(at, _c.created_at.type), literal(root_id))
    ahead = place < root if order == "oldest" else place > root
    before: int = conn.execute(
        select(func.count()).select_from(comments).where(shown, ahead), values
    ).scalar_one()
    nth = before // limit * limit - 1
    if nth < 0:
        return Asked(order)
    columns = (_c.created_at, _c.id)
    by = columns if order == "oldest" else tuple(column.desc() for column in columns)
    page_before = select(*columns).where(shown).order_by(*by).offset(nth).limit(1)
    last = conn.execute(page_before, values).one()
    return Asked(order, after=Mark(*last))


# --- the newest from everywhere -------------------------------------------------------------


def newest_in_towns(
    conn: Connection, *, after: Mark | None = None, limit: int = THREADS_A_PAGE
) -> tuple[list[PlacedComment], Mark | None]:
    """What was said last under any listed town or its public stories, and where the rest begins."""
    told = _c.story_id.is_(None) | (stories.c.visibility == "public")
    where = [_c.visibility == "public", towns.c.standing == "listed", told]
    if after is not None:
        bound = tuple_(literal(after.at, _c.created_at.type), literal(after.id))
        where.append(tuple_(_c.created_at, _c.id) < bound)
    statement = placed(*where).order_by(_c.created_at.desc(), _c.id.desc()).limit(limit + 1)
    found = read_placed(conn, statement)
    last = found[limit - 1].comment if len(found) > limit else None
    return found[:limit], Mark(last.created_at, last.id) if last else None
