"""`board mail`: delivering by hand, and trying the mail server."""

import asyncio
from typing import Annotated

import typer

from board.core import clock
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.keys import make_keys
from board.core.rendering import make_environment
from board.mail.carriers import carrier_of
from board.mail.jobs import deliver_once
from board.mail.letters import draw_letter

commands = typer.Typer(help="The outbox and the mail server.", no_args_is_help=True)


@commands.callback()
def mail() -> None:
    """The outbox and the mail server."""


@commands.command("deliver")
def deliver(context: typer.Context) -> None:
    """Send everything that is due, then stop."""
    settings: Settings = context.obj

    async def all_of_it() -> int:
        database = Database(settings.database_url)
        keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
        pages = make_environment(ROOT / "templates", build="mail")
        sent = 0
        while done := await deliver_once(database, keys, settings, pages, carrier_of(settings)):
            sent += done
        database.close()
        return sent

    typer.echo(f"{asyncio.run(all_of_it())} mails taken in hand")


@commands.command("test")
def test(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where the test mail goes.")],
) -> None:
    """Send one test mail and print what the server said; exit 1 if it refused."""
    settings: Settings = context.obj
    letter = draw_letter(
        make_environment(ROOT / "templates", build="mail"),
        "test",
        "en",
        {"site_name": settings.site_name, "home_url": settings.base_url},
        sender=(settings.site_name, settings.mail_from),
        recipient=address,
        message_id=f"<test-{clock.now().timestamp()}@{settings.mail_from.rpartition('@')[2]}>",
    )
    answer = asyncio.run(carrier_of(settings).carry(letter))
    typer.echo(answer.words)
    if not answer.taken:
        raise typer.Exit(1)
