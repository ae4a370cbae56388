"""Delivering the outbox: claim, draw, hand over, write down. Runs beside the server or by hand."""

import asyncio
import json

import structlog
from jinja2 import Environment

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.keys import Keys, SealBroken
from board.mail.carriers import Answer, Carrier
from board.mail.delivery_actions import Claimed, Stands, accepted, always, claim, refused
from board.mail.letters import draw_letter
from board.mail.values import values_of

log = structlog.get_logger("board.mail")
PAUSE = 1.0


async def deliver_once(
    database: Database,
    keys: Keys,
    settings: Settings,
    pages: Environment,
    carrier: Carrier,
    stands: Stands = always,
) -> int:
    """Send the mail that is due first; how many were taken in hand, one or none."""
    mail = await database.write(claim, now=clock.now(), stands=stands)
    if mail is None:
        return 0
    answer = await _carry(mail, keys, settings, pages, carrier)
    log.info("mail", kind=mail.kind, taken=answer.taken, attempts=mail.attempts)
    now = clock.now()
    if answer.taken:
        await database.write(accepted, mail, answer=answer.words, now=now)
    else:
        await database.write(
            refused,
            mail,
            answer=answer.words,
            for_good=answer.for_good,
            gone=answer.gone,
            now=now,
        )
    return 1


async def _carry(
    mail: Claimed, keys: Keys, settings: Settings, pages: Environment, carrier: Carrier
) -> Answer:
    """Draw a mail and hand it over; one that can't be drawn stops none of the others."""
    try:
        payload = json.loads(keys.open("mail.payload", mail.payload))
        letter = draw_letter(
            pages,
            mail.kind,
            mail.language,
            values_of(
                mail.kind,
                payload,
                mail.language,
                keys=keys,
                settings=settings,
                stream=mail.stream,
            ),
            sender=(settings.site_name, settings.mail_from),
            recipient=keys.open("mail.recipient", mail.recipient),
            message_id=mail.message_id,
        )
    except SealBroken:
        return Answer(False, "sealed with another key", for_good=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other mails go on
        # Its name alone: what it says may hold an address.
        name = type(error).__name__
        log.error("drawing a mail failed", kind=mail.kind, error=name)
        return Answer(False, f"could not be drawn: {name}")
    return await carrier.carry(letter)


async def deliver_forever(
    database: Database,
    keys: Keys,
    settings: Settings,
    pages: Environment,
    carrier: Carrier,
    stands: Stands = always,
) -> None:
    """Deliver until cancelled; a failing round is logged and tried again."""
    while True:
        sent = 0
        try:
            sent = await deliver_once(database, keys, settings, pages, carrier, stands)
        except Exception:
            log.exception("delivering failed")
        await asyncio.sleep(0 if sent else PAUSE)
