"""Delivering the outbox: claim, draw, hand over, write down. Runs beside the server or by hand."""

import asyncio
import json

import structlog
from jinja2 import Environment

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.keys import Keys, SealBroken
from board.mail.actions import Claimed, accepted, claim, refused
from board.mail.carriers import Carrier
from board.mail.letters import draw_letter
from board.mail.values import values_of

log = structlog.get_logger("board.mail")
PAUSE = 1.0


async def deliver_once(
    database: Database, keys: Keys, settings: Settings, pages: Environment, carrier: Carrier
) -> int:
    """Send what is due; how many mails were taken in hand."""
    mails = await database.write(claim, now=clock.now())
    for mail in mails:
        await _deliver(mail, database, keys, settings, pages, carrier)
    return len(mails)


async def _deliver(
    mail: Claimed,
    database: Database,
    keys: Keys,
    settings: Settings,
    pages: Environment,
    carrier: Carrier,
) -> None:
    try:
        recipient = keys.open("mail.recipient", mail.recipient)
        payload = json.loads(keys.open("mail.payload", mail.payload))
    except SealBroken:
        await database.write(
            refused,
            mail.id,
            answer="sealed with another key",
            attempts=mail.attempts,
            for_good=True,
            now=clock.now(),
        )
        return
    letter = draw_letter(
        pages,
        mail.kind,
        mail.language,
        values_of(mail.kind, payload, mail.language, keys=keys, settings=settings),
        sender=(settings.site_name, settings.mail_from),
        recipient=recipient,
        message_id=mail.message_id,
    )
    answer = await carrier.carry(letter)
    log.info("mail", kind=mail.kind, taken=answer.taken, attempts=mail.attempts)
    if answer.taken:
        await database.write(accepted, mail.id, answer=answer.words, now=clock.now())
    else:
        await database.write(
            refused,
            mail.id,
            answer=answer.words,
            attempts=mail.attempts,
            for_good=answer.for_good,
            now=clock.now(),
        )


async def deliver_forever(
    database: Database, keys: Keys, settings: Settings, pages: Environment, carrier: Carrier
) -> None:
    """Deliver until cancelled; a failing round is logged and tried again."""
    while True:
        sent = 0
        try:
            sent = await deliver_once(database, keys, settings, pages, carrier)
        except Exception:
            log.exception("delivering failed")
        await asyncio.sleep(0 if sent else PAUSE)
