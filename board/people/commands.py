"""`board staff`: who sits at the desk."""

import secrets
from typing import Annotated

import typer

from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.keys import make_keys
from board.people.actions import invite
from board.people.queries import anybody_at_desk
from board.people.rules import ROLES, email_reach

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
