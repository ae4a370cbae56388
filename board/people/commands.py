"""`board staff`: who sits at the desk."""

import secrets
from contextlib import closing
from typing import Annotated

import typer

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.keys import make_keys
from board.people.actions import invite
from board.people.queries import anybody_at_desk
from board.people.rules import ROLES, email_reach
from board.people.seat_actions import reset_factors
from board.people.seat_queries import seat_of_mailbox
from board.record.actions import Act, write_down

commands = typer.Typer(help="Who sits at the desk.", no_args_is_help=True)


@commands.callback()
def staff() -> None:
    """Who sits at the desk."""


@commands.command("invite")
def invite_command(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The mailbox of who is invited.")],
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(ROLES)}.")] = "admin",
) -> None:
    """Print a one-time link that lets somebody in, for seven days."""
    settings: Settings = context.obj
    reach = email_reach(email)
    if reach is None:
        typer.echo(f"Mail can't go to {email!r}. Like name@example.org", err=True)
        raise typer.Exit(2)
    if role not in ROLES:
        typer.echo(f"There is no role {role!r}. Choose one of: {', '.join(ROLES)}", err=True)
        raise typer.Exit(2)
    typer.echo(_invite(settings, reach.address, role))


@commands.command("reset")
def reset_command(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The mailbox of who lost phone, key and paper.")],
) -> None:
    """Delete somebody's second factors; they set up new ones the next time they come in."""
    settings: Settings = context.obj
    keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
    with closing(Database(settings.database_url)) as database, database.transaction() as conn:
        person_id = seat_of_mailbox(conn, keys, email)
        if person_id is None:
            typer.echo(f"Nobody at the desk has the mailbox {email!r}.", err=True)
            raise typer.Exit(2)
        reset_factors(conn, person_id)
        write_down(conn, Act(None, "ways_reset", "person", person_id), clock.now())
    typer.echo("Done: their mailbox alone opens the door now, until they set up a new key there.")


@commands.command("first")
def first(context: typer.Context) -> None:
    """Print an invitation for the first admin, unless somebody sits at the desk already."""
    settings: Settings = context.obj
    with Database(settings.database_url).snapshot() as conn:
        if anybody_at_desk(conn):
            return
    typer.echo("Nobody sits at the desk yet. This link lets the first admin in, once:")
    typer.echo(_invite(settings, settings.support_email, "admin"))


def _invite(settings: Settings, address: str, role: str) -> str:
    keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
    token = secrets.token_urlsafe(32)
    with Database(settings.database_url).transaction() as conn:
        invite(conn, token, keys.seal("invitation.email", address), role, now=clock.now())
    return f"{settings.base_url.rstrip('/')}/staff/invitation/{token}"
