"""A form that is signed with a slip: confirmed as it is sent, or told why not."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from board.core import clock, language
from board.core.errors import Mistake
from board.core.http import board_of, see_other, write
from board.core.language import gettext as _
from board.core.limits import network_of
from board.core.stamps import FIELD
from board.people.rules import Reach
from board.taking_part.rules import AnyWish, terms_of
from board.taking_part.slip_actions import SlipSender, Typed, Verdict, send_with_slip


def typed_slip(request: Request, code: str) -> Typed:
    """A code with the network it was typed in, for counting the wrong ones."""
    network = network_of(request.client.host) if request.client else ""
    return Typed(code, network, board_of(request).settings.slip_tries)


async def send_slip(
    request: Request, wish: AnyWish, reaches: Sequence[Reach], values: Mapping[str, str]
) -> Response:
    """Do what the form asks for in the name of the slip; its page says what became of it.

    Whoever else this browser remembers: the words are those of the slip's person.
    """
    board = board_of(request)
    sender = SlipSender(
        typed_slip(request, values["slip"]),
        tuple(reaches),
        language.current(),
        values.get(FIELD, ""),
    )
    answer = await write(
        request,
        send_with_slip,
        board.keys,
        wish,
        sender,
        terms=terms_of(board.settings),
        now=clock.now(),
    )
    if answer.verdict != "done":
        raise Mistake({"slip": slip_sentence(answer.verdict)})
    return see_other(f"/confirm/wait/{answer.page}")


def slip_sentence(verdict: Verdict) -> str:
    """Why a slip doesn't confirm anything, and what to do instead.

    One sentence for every code that isn't ours: it tells nothing about those that are.
    """
    sentences: dict[Verdict, str] = {
        "used": _(
            "This slip was used already, and each one counts once. Ask for another slip, or leave"
            " an e-mail or a phone number instead."
        ),
        "expired": _(
            "This slip had its time. Ask for a new one, or leave an e-mail or a phone number"
            " instead."
        ),
        "revoked": _(
            "These slips were called back. Ask for a new one, or leave an e-mail or a phone number"
            " instead."
        ),
        "over": _(
            "Many codes that aren't ours came from your network. Try again in an hour, or leave an"
            " e-mail or a phone number instead."
        ),
    }
    return sentences.get(verdict) or _(
        "We don't know this code. Look at the slip once more, letter by letter: a number, then"
        " twice four signs, like 17-7K3M-Q9XZ."
    )
