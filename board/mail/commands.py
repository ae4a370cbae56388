"""`board mail`: delivering by hand, trying the mail server, reading what came back."""

import asyncio
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from board.core import clock
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.keys import Keys, make_keys
from board.core.rendering import make_environment
from board.mail.carriers import carrier_of
from board.mail.delivery_actions import Heard, Stands, hear_back
from board.mail.dialogue import converse, hints
from board.mail.jobs import deliver_once
from board.mail.letters import draw_letter
from board.mail.reports import MOST_BYTES, read_report


def mail_commands(stands_for: Callable[[Keys], Stands]) -> typer.Typer:
    """The command group; what says whether a mail's reason still holds comes from above."""
    app = typer.Typer(help="The outbox and the mail server.", no_args_is_help=True)

    @app.callback()
    def group() -> None:
        """The outbox and the mail server."""

    @app.command("deliver")
    def deliver(context: typer.Context) -> None:
        """Send everything that is due, then stop."""
        sent = asyncio.run(_all_of_it(context.obj, stands_for))
        typer.echo(f"{sent} mails taken in hand")

    app.command("test")(test)
    app.command("bounces")(bounces)
    return app


async def _all_of_it(settings: Settings, stands_for: Callable[[Keys], Stands]) -> int:
    database = Database(settings.database_url)
    keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
    pages = make_environment(ROOT / "templates", build="mail")
    carrier, stands, sent = carrier_of(settings), stands_for(keys), 0
    while done := await deliver_once(database, keys, settings, pages, carrier, stands):
        sent += done
    database.close()
    return sent


def test(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="Where the test mail goes.")],
) -> None:
    """Send one test mail, print what is said on the way and what the sender's domain needs.

    Exit 1 if the mail server refused it.
    """
    settings: Settings = context.obj
    if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", address):
        typer.echo(f"Mail can't go to {address!r}. Like name@example.org", err=True)
        raise typer.Exit(2)
    domain = settings.mail_from.rpartition("@")[2]
    home = {"home_url": settings.base_url, "support_email": settings.support_email}
    letter = draw_letter(
        make_environment(ROOT / "templates", build="mail"),
        "test",
        "en",
        {"site_name": settings.site_name, **home},
        sender=(settings.site_name, settings.mail_from),
        recipient=address,
        message_id=f"<test-{secrets.token_hex(8)}@{domain}>",
    )
    if settings.smtp_host:
        taken = converse(settings, letter, typer.echo)
        typer.echo("The server took the mail." if taken else "The mail did not go out.")
    else:
        taken = asyncio.run(carrier_of(settings).carry(letter)).taken
        typer.echo(f"BOARD_SMTP_HOST isn't set: the mail was written to {settings.mail_folder}")
    typer.echo("\n" + "\n".join(hints(settings)))
    if not taken:
        raise typer.Exit(1)


def bounces(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="A message, or a maildir folder; without: stdin.")
    ] = None,
) -> None:
    """Read what came back to BOARD_BOUNCE_ADDRESS: who isn't there or complains gets no more mail.

    Forged and unknown reports change nothing. Always exit 0, so that a mail server which pipes
    into this never sends a report about the report.
    """
    database = Database(context.obj.database_url)
    try:
        for name, raw in messages_in(path):
            with database.transaction() as conn:
                report = read_report(raw)
                heard = hear_back(conn, report, clock.now())
            typer.echo(f"{name}: {_SAID[heard]} ({report.verdict})")
    finally:
        database.close()


_SAID: Mapping[Heard, str] = {
    "done": "this mailbox gets no more mail",
    "noted": "that mail counts as failed, its mailbox stays open",
    "unknown": "nothing changed: no final report about a mail of this board",
}


def messages_in(path: Path | None) -> Iterator[tuple[str, bytes]]:
    """The messages to read: stdin's, a file's, or a maildir's new ones, which are seen then."""
    if path is None:
        yield "stdin", sys.stdin.buffer.read(MOST_BYTES)
    elif path.is_dir():
        (path / "cur").mkdir(exist_ok=True)
        for file in sorted((path / "new").glob("*")):
            yield file.name, file.read_bytes()[:MOST_BYTES]
            file.rename(path / "cur" / f"{file.name}:2,S")
    else:
        yield path.name, path.read_bytes()[:MOST_BYTES]
