"""Partner with us: the page, and the letter to the desk."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.bodies import form_of
from board.core.errors import Mistake
from board.core.forms import read_form, typed_values
from board.core.http import board_of, page, read, see_other, write
from board.core.language import gettext as _
from board.desk.actions import take_partner_message
from board.desk.forms import PartnerForm
from board.pages.content import Content
from board.taking_part.forms import contact_mistakes
from board.taking_part.rules import terms_of
from board.taking_part.where import Meant, town_meant, where_at


async def partner(request: Request) -> Response:
    """Partner with us: why, and a form."""
    at = request.query_params.get("town", "")
    meant = await read(request, where_at, at) if at else Meant(None)
    return await _partner_page(request, typed_values(PartnerForm, {"at": at}), meant, {})


async def send_partner(request: Request) -> Response:
    """A partner's message goes to the desk."""
    values = await form_of(request)
    meant = Meant(None)
    try:
        form = read_form(PartnerForm, values)
        named = bool(form.town or form.at or form.geonames_id)
        meant = await read(request, town_meant, form) if named else meant
        said = _partner_mistakes(form, meant)
        if said:
            raise Mistake(said)
    except Mistake as mistake:
        typed = typed_values(PartnerForm, values)
        return await _partner_page(request, typed, meant, mistake.fields, status=422)
    board = board_of(request)
    await write(
        request,
        take_partner_message,
        board.keys,
        form,
        town_id=meant.where.town_id if meant.where else None,
        town=meant.name or form.town,
        language=language.current(),
        keep_for=terms_of(board.settings).contact_for,
        now=clock.now(),
    )
    return see_other("/partner?sent=1")


def _partner_mistakes(form: PartnerForm, meant: Meant) -> dict[str, str]:
    said: dict[str, str] = {}
    if not form.organisation:
        said["organisation"] = _("Who are you? A library, a school, a group of neighbours?")
    if not form.message:
        said["message"] = _("Tell us in a sentence what you have in mind.")
    if not form.name:
        said["name"] = _("Tell us whom to ask for.")
    if meant.sentence and meant.choices:
        said["town"] = meant.sentence
    return said | contact_mistakes(form, meant.country)


async def _partner_page(
    request: Request,
    typed: Mapping[str, str],
    meant: Meant,
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    content: Content = board_of(request).content
    values = {
        "page": content.page("partner", language.current()),
        "typed": typed,
        "meant": meant,
        "errors": errors,
        "sent": "sent" in request.query_params,
    }
    return await page(request, "desk/partner.html", values, status=status)
