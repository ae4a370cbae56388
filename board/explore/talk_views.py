"""The open talk of the whole board, and the permalinks of comments in every talk."""

from typing import NamedTuple

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from board.comments.queries import PlacedComment, get_placed
from board.comments.rules import ORDERS, Asked, Mark, Talk, read_mark
from board.comments.thread_queries import TalkPage, newest_in_towns, page_with, read_talk
from board.core import clock
from board.core.http import page, read_shown, viewer_of
from board.core.page_cache import keep
from board.explore.freshness import TALK
from board.explore.talk import TalkLinks
from board.people.queries import Viewer
from board.stories.queries import get_story
from board.taking_part.rules import STORY_LANGUAGES

NEWEST_A_PAGE = 10


class OpenTalk(NamedTuple):
    """The page `/talk`: the standing thread, then what was said last in the towns."""

    talk: TalkPage
    newest: list[PlacedComment]
    older: Mark | None


async def talk(request: Request) -> Response:
    """Where should we launch next? And the newest comments from all towns."""
    viewer = viewer_of(request)
    links = TalkLinks.read("/talk", request.query_params)
    since = read_mark(request.query_params.get("older", ""))
    shown = await read_shown(
        request, _open_talk, links.asked, since, viewer_id=viewer.id if viewer else None
    )
    keep(request, TALK)
    values = {
        "shown": shown,
        "talk": shown.talk,
        "links": links,
        "now": clock.now(),
        "typed": {},
        "errors": {},
        "story_languages": STORY_LANGUAGES,
    }
    return await page(request, "explore/talk.html", values)


def _open_talk(
    conn: Connection, asked: Asked, since: Mark | None, *, viewer_id: int | None
) -> OpenTalk:
    newest, older = newest_in_towns(conn, after=since, limit=NEWEST_A_PAGE)
    return OpenTalk(read_talk(conn, Talk(), asked, viewer_id=viewer_id), newest, older)


async def comment(request: Request) -> Response:
    """A comment's lasting address leads to the page of its talk that shows it."""
    order = request.query_params.get("talk", "")
    links = await read_shown(
        request,
        _page_of_comment,
        request.path_params["id"],
        order if order in ORDERS else ORDERS[0],
        viewer_of(request),
    )
    where = links.to(request.path_params["id"])
    return RedirectResponse(where, 302, headers={"cache-control": "private, no-store"})


def _page_of_comment(
    conn: Connection, comment_id: int, order: str, viewer: Viewer | None
) -> TalkLinks:
    """The page that shows a comment; raises NotFound or Gone, also for its story."""
    viewer_id = viewer.id if viewer else None
    may_moderate = viewer is not None and viewer.may_moderate
    found = get_placed(conn, comment_id, viewer_id=viewer_id, may_moderate=may_moderate)
    if found.comment.story_id is not None:
        get_story(conn, found.comment.story_id, viewer_id=viewer_id, may_moderate=may_moderate)
    asked = page_with(conn, found.comment, order=order, viewer_id=viewer_id)
    return TalkLinks(found.path, asked)
