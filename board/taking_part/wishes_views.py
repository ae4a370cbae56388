"""What would you like to learn? Which days? Asked after confirming, changed at any time."""

from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core.bodies import form_of
from board.core.errors import Mistake, Refused
from board.core.forms import read_form
from board.core.http import page, read, see_other, viewer_of, write
from board.core.language import gettext as _
from board.taking_part.sending import at_of
from board.taking_part.where import Meant, where_at
from board.taking_part.whose import voter_key
from board.taking_part.wishes_forms import WishesForm
from board.towns.queries import TownRow
from board.votes.offer_actions import ask_for
from board.votes.queries import own_vote, own_wishes
from board.votes.rules import slots_in


async def wishes(request: Request) -> Response:
    """My topics and times in this town; who has no vote here is led to voting."""
    meant, viewer = await read(request, where_at, at_of(request)), viewer_of(request)
    if viewer is None or meant.town is None:
        return see_other(f"{meant.path}/vote")
    own = await read(request, own_vote, meant.town.id, viewer.key)
    if own is None or own.state != "counted":
        return see_other(f"{meant.path}/vote")
    kept = await read(request, own_wishes, meant.town.id, viewer.key)
    return await _wishes_page(request, meant, "\n".join(kept.topics), kept.slots, {})


async def _wishes_page(
    request: Request,
    meant: Meant,
    topics: str,
    slots: Iterable[str],
    errors: Mapping[str, str],
    *,
    secret: str = "",
    status: int = 200,
) -> Response:
    values = {
        "meant": meant,
        "topics": topics,
        "slots": tuple(slots),
        "errors": errors,
        "page_secret": secret,
    }
    return await page(request, "taking_part/wishes.html", values, status=status, private=True)


async def keep_wishes(request: Request) -> Response:
    """Keep them with the vote: of a remembered person, or from the page that confirmed it."""
    values = await form_of(request)
    meant = await read(request, where_at, at_of(request))
    town, slots = _town_of(meant), slots_in(values)
    secret = values.get("page", "")[:100]
    key = await voter_key(request, secret, town.id)
    try:
        form = read_form(WishesForm, values)
    except Mistake as mistake:
        topics = values.get("topics", "")
        return await _wishes_page(
            request, meant, topics, slots, mistake.fields, secret=secret, status=422
        )
    kept = await write(request, ask_for, town.id, key, topics=form.words, slots=slots)
    if not kept:
        raise Refused(_("Your vote doesn't count here at the moment. Vote again first."))
    return see_other(f"/confirm/wait/{secret}#wishes" if secret else f"{meant.path}#wishes")


def _town_of(meant: Meant) -> TownRow:
    if meant.town is None:
        raise Refused(_("Nobody has a vote here yet. Vote first."))
    return meant.town
