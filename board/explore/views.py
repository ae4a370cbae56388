"""Home, map and list, a town's page, stories."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from board.comments.rules import Talk
from board.comments.thread_queries import read_talk
from board.core import clock
from board.core.http import board_of, page, read, read_long, read_shown, viewer_of
from board.core.page_cache import keep
from board.core.rendering import url
from board.core.text import tidy_line
from board.drawing.ring import ring
from board.drawing.street import street
from board.explore import freshness
from board.explore import home as home_page
from board.explore.live_map import SCRIPTS, live_map
from board.explore.rules import Question
from board.explore.story_pages import stories_page
from board.explore.talk import TalkLinks
from board.explore.town_page import TownPage, town_page
from board.explore.towns_page import towns_page
from board.pages.content import Content
from board.stories.queries import get_story, held_edit
from board.stories.search_queries import StoryFilter, story_countries, story_languages
from board.taking_part.rules import STORY_LANGUAGES, terms_of
from board.towns.queries import Address, at_address
from board.votes.queries import own_vote


async def home(request: Request) -> Response:
    """Six sections, as in 2015: what they are, where, want one, news, events, join."""
    settings = board_of(request).settings
    content: Content = board_of(request).content
    shown = await read_shown(
        request, home_page.home_page, terms_of(settings).need, now=clock.minute()
    )
    keep(request, freshness.of_home(shown))
    values = {"home": shown, **home_page.content_values(content, clock.now())}
    return await page(request, "explore/home.html", values)


async def towns(request: Request) -> Response:
    """Map and list of the same question."""
    settings = board_of(request).settings
    question = Question.read(request.query_params)
    # What isn't counted beforehand may take a moment, which belongs to nobody else.
    ask = read_long if question.q or question.language or question.near else read_shown
    found = await ask(
        request,
        towns_page,
        question,
        need=terms_of(settings).need,
        join_km=settings.join_km,
        now=clock.minute(),
    )
    keep(request, freshness.of_towns_page(found))
    # A place near somebody is never stored, also not in a cache on the way.
    values = {"found": found, "live": live_map(found, settings), "scripts": SCRIPTS}
    return await page(request, "explore/towns.html", values, private=bool(question.near))


async def town(request: Request) -> Response:
    """A town's page, or the page of a place where nobody asked yet."""
    country, slug = request.path_params["country"], request.path_params["slug"]
    address = await read_shown(request, at_address, country, slug)
    if address.moved_to:
        return RedirectResponse(url(address.moved_to), 301)
    shown = await read_town(request, address)
    keep(request, freshness.of_town_page(shown))
    return await page(request, "explore/town.html", town_values(request, shown))


async def read_town(request: Request, address: Address) -> TownPage:
    """The page of what stands at an address, as its viewer sees it."""
    viewer, settings = viewer_of(request), board_of(request).settings
    place = address.town or address.place
    if place is None:
        raise LookupError("an address that moved has no page")
    return await read_shown(
        request,
        town_page,
        place,
        viewer_id=viewer.id if viewer else None,
        viewer_key=viewer.key if viewer else None,
        need=terms_of(settings).need,
        join_km=settings.join_km,
        now=clock.minute(),
        asked=TalkLinks.read(place.path, request.query_params).asked,
    )


def town_values(request: Request, shown: TownPage) -> dict[str, object]:
    """What the town's template shows beside the page itself: drawings and the share address."""
    base = board_of(request).settings.base_url.rstrip("/")
    ready = shown.readiness
    come = shown.town.come_count if shown.town else 0
    return {
        "shown": shown,
        "talk": shown.talk,
        "links": TalkLinks(shown.place.path, shown.talk.asked),
        "now": clock.now(),
        "story_languages": STORY_LANGUAGES,
        "place": shown.place,
        "town": shown.town,
        "ring": ring(ready.learners, ready.need.learners, ready.has_facilitator, ready.has_space),
        "street": street(shown.place.slug, shown.public_stories, come, shown.votes),
        "share_address": f"{base}/t/{shown.place.code}",
        "typed": {},
        "errors": {},
    }


async def stories(request: Request) -> Response:
    """All public stories, the newest first."""
    given = request.query_params
    chosen = StoryFilter(
        q=given.get("q", "")[:100],
        country=tidy_line(given.get("country", ""))[:2].upper(),
        language=tidy_line(given.get("language", ""))[:8],
    )
    shown = await read_shown(
        request, stories_page, chosen, given.get("after", ""), given.get("before", "")
    )
    keep(request, freshness.of_stories(shown.stories))
    values = {
        "stories": shown.stories,
        "chosen": chosen,
        "after": shown.after,
        "before": shown.before,
        "languages_told": await read_shown(request, story_languages),
        "countries": await read_shown(request, story_countries),
    }
    return await page(request, "explore/stories.html", values)


async def story(request: Request) -> Response:
    """One story with its talk and the town's vote button."""
    viewer = viewer_of(request)
    viewer_id = viewer.id if viewer else None
    shown = await read_shown(
        request,
        get_story,
        request.path_params["id"],
        viewer_id=viewer_id,
        may_moderate=bool(viewer and viewer.may_moderate),
    )
    keep(request, freshness.of_story(shown))
    links = TalkLinks.read(f"/stories/{shown.id}", request.query_params)
    talk = Talk(shown.town_id, shown.id)
    own = await read(request, own_vote, shown.town_id, viewer.key) if viewer else None
    author = viewer_id is not None and shown.person_id == viewer_id
    values: dict[str, object] = {
        "story": shown,
        "own": author,
        "edit_waits": author and await read(request, held_edit, shown.id) is not None,
        "talk": await read_shown(request, read_talk, talk, links.asked, viewer_id=viewer_id),
        "links": links,
        "now": clock.now(),
        "story_languages": STORY_LANGUAGES,
        "has_own_vote": own is not None and own.state == "counted",
        "typed": {},
        "errors": {},
    }
    return await page(request, "explore/story.html", values, private=not shown.is_public)
