"""Following a town, what lies around it, or a country. Off until somebody asks for it."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from board.circles.countries import country_of
from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import page, read, see_other, viewer_of
from board.core.language import gettext as _
from board.follows.forms import FollowForm
from board.follows.rules import AREAS
from board.people.queries import has_email
from board.people.rules import email_reach
from board.taking_part.rules import FollowWish, Where
from board.taking_part.sending import send
from board.taking_part.where import Meant, where_at


class Around(NamedTuple):
    """What can be followed from here: a town with what lies around it, or a country alone."""

    meant: Meant | None
    country: str

    @property
    def areas(self) -> tuple[int, ...]:
        """How far around can be followed: a town typed by hand lies we don't know where."""
        where = None if self.meant is None else self.meant.where
        return AREAS if where is not None and where.geonames_id is not None else ()

    @property
    def at(self) -> str:
        """The town's address without its room ("si/velenje")."""
        return "" if self.meant is None else self.meant.path.removeprefix("/towns/")

    @property
    def path(self) -> str:
        """Where somebody came from."""
        if self.meant is None:
            return f"/towns?country={self.country}"
        return self.meant.path


async def follow(request: Request) -> Response:
    """Write to me: about what, and how often."""
    asked = request.query_params
    around = await _around(request, asked.get("town", ""), asked.get("country", ""))
    if around is None:
        return see_other("/towns")
    typed = typed_values(FollowForm, {"what": "town" if around.meant else "country"})
    return await _page(request, around, {**typed, "pace": "weekly"}, {})


async def send_follow(request: Request) -> Response:
    """Follow: at once for who is remembered and can be written to, otherwise after the code."""
    values = await form_of(request)
    around = await _around(request, values.get("at", ""), values.get("country", ""))
    if around is None:
        return see_other("/towns")
    try:
        form = read_form(FollowForm, values)
        wish = _wish(form, around)
        reach = email_reach(form.email) if form.email else None
        if form.email and reach is None:
            sentence = _("Something is missing or odd in this address. Like name@example.org")
            raise Mistake({"email": sentence})
        if reach is None and not await _is_known(request):
            raise Mistake({"email": _("We need an e-mail address to write to.")})
        # A slip has no mailbox: it can't follow, whatever a form says of one.
        sent = {name: value for name, value in values.items() if name != "slip"}
        back = f"/follow?{'town=' + around.at if around.at else 'country=' + around.country}&kept=1"
        return await send(request, wish, [reach] if reach else [], sent, back=back)
    except Mistake as mistake:
        typed = typed_values(FollowForm, values)
        return await _page(request, around, typed, mistake.fields, status=422)


async def _around(request: Request, at: str, country: str) -> Around | None:
    """What is to be followed; None when neither a town nor a country is named."""
    if at:
        meant = await read(request, where_at, at)
        return Around(meant, meant.country)
    code = country_of(country) if len(country) == 2 else ""
    return Around(None, code) if code else None


def _wish(form: FollowForm, around: Around) -> FollowWish:
    kind, pace = form.kind, form.how_often
    where = Where(country=around.country) if kind == "country" else None
    if where is None and around.meant is not None:
        where = around.meant.where
    if where is None or kind == "start" or (kind == "area" and not around.areas):
        raise Mistake({"what": _("Choose what you would like to hear about.")})
    return FollowWish(where=where, language=language.current(), what=kind, km=form.km, pace=pace)


async def _is_known(request: Request) -> bool:
    """Whether this browser's person can be written to already."""
    viewer = viewer_of(request)
    return viewer is not None and await read(request, has_email, viewer.id, clock.now())


async def _page(
    request: Request,
    around: Around,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    values = {
        "around": around,
        "typed": typed,
        "errors": errors,
        "known": await _is_known(request),
        "kept": "kept" in request.query_params,
    }
    return await page(request, "taking_part/follow.html", values, status=status, private=True)
