"""`board digest`: telling by hand what the server tells by itself."""

from typing import Annotated

import typer

from board.core.config import Settings
from board.core.db import Database
from board.core.keys import make_keys
from board.digests.jobs import dry_run, tell_all

commands = typer.Typer(help="Mails that several people get.")


@commands.callback(invoke_without_command=True)
def digest(
    context: typer.Context,
    only_look: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many mails would go.")
    ] = False,
) -> None:
    """Put what is to be told, and the weekly letter when it is due, into the outbox."""
    settings: Settings = context.obj
    keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
    database = Database(settings.database_url)
    told = (
        dry_run(database, keys, settings)
        if only_look
        else tell_all(database, keys, settings, look=True)
    )
    database.close()
    verb = "would go" if only_look else "put into the outbox"
    typer.echo(f"{told.mails} mails {verb}:")
    typer.echo(
        f"  {told.at_once} about one thing (ready, P2PU's word, a circle, a stall, a launch)"
    )
    typer.echo(f"  {told.still_in} that ask whether somebody is still in")
    typer.echo(f"  {told.weekly} weekly letters")
