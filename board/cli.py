"""The `board` command. Here and in `app.py` alone the environment is read."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from board.core.config import Settings, lacking, with_own_secrets
from board.core.errors import BoardError, Refused


def read_settings() -> Settings:
    """The settings of this process."""
    return with_own_secrets(Settings())


def known_paths() -> list[str]:
    """The addresses that content pages may link to."""
    from starlette.routing import Route

    from board.routes import PUBLIC

    return [route.path for route in PUBLIC if isinstance(route, Route)]


def content_folder() -> Path:
    """The folder of the content pages."""
    return Settings().content


def _places() -> typer.Typer:
    from board.towns.commands import commands

    return commands


def _circles() -> typer.Typer:
    from board.circles.commands import circle_commands
    from board.core.db import Database

    return circle_commands(read_settings, lambda settings: Database(settings.database_url))


def _content() -> typer.Typer:
    from board.pages.commands import content_commands

    return content_commands(known_paths, content_folder)


def _staff() -> typer.Typer:
    from board.people.commands import commands

    return commands


def _mail() -> typer.Typer:
    from board.digests.standing import stands_for
    from board.mail.commands import mail_commands

    return mail_commands(stands_for)


def _codes() -> typer.Typer:
    from board.desk.commands import commands

    return commands


def _digest() -> typer.Typer:
    from board.digests.commands import commands

    return commands


FEATURES: Mapping[str, Callable[[], typer.Typer]] = {
    "places": _places,
    "circles": _circles,
    "content": _content,
    "staff": _staff,
    "mail": _mail,
    "codes": _codes,
    "digest": _digest,
}


class Commands(TyperGroup):
    """All commands; a feature's own are read when they are asked for, not in order to serve."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *FEATURES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in FEATURES:
            return super().get_command(ctx, cmd_name)
        group = get_group(FEATURES[cmd_name]())
        group.name = cmd_name
        return group


app = typer.Typer(
    name="board",
    cls=Commands,
    help="In Your Town: the board where residents ask for a learning circle in their town.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def load(context: typer.Context) -> None:
    """Read the settings once, for whatever command follows."""
    context.obj = read_settings()


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; one is enough for most.")] = 1,
) -> None:
    """Serve the board."""
    from board.serving import serve_board

    serve_board(context.obj, host=host, port=port, workers=workers)


@app.command()
def migrate(context: typer.Context) -> None:
    """Bring the database to the newest schema; safe to repeat, safe to interrupt."""
    from board.core.db import Database
    from board.core.migrations import migrate as upgrade
    from board.core.schema import newest, revision_of

    database = Database(context.obj.database_url)
    before = revision_of(database)
    upgrade(database)
    typer.echo("Nothing to do." if before == newest() else f"The schema is at {newest()}.")


@app.command()
def check(context: typer.Context) -> None:
    """Say what would stop a start, and what is merely missing; exit 1 if anything would."""
    from board.app import Unfit, check_fit, make_board
    from board.assets import missing
    from board.core.config import ROOT

    for name in missing(ROOT):
        typer.echo(f"Missing asset: {name}. Run: python -m board.assets")
    try:
        board = make_board(context.obj)
        check_fit(board)
    except Unfit as unfit:
        typer.echo(str(unfit), err=True)
        raise typer.Exit(1) from None
    typer.echo("The board is fit to serve.")


@app.command()
def sample(context: typer.Context) -> None:
    """Import the bundled sample of circles, unless some are there (development only)."""
    from board.circles.jobs import import_circles, import_libraries, reach_of
    from board.circles.queries import latest_import
    from board.core.db import Database

    settings: Settings = context.obj
    if settings.production:
        raise Refused("Sample data is for development; this board serves the public.")
    database = Database(settings.database_url)
    for kind, bring in (("circles", import_circles), ("libraries", import_libraries)):
        with database.snapshot() as conn:
            known = latest_import(conn, kind)
        if known is None:
            file = settings.content / "sample" / f"{kind}.json"
            report = bring(database, [str(file)], reach_of(settings), sample=True)
            typer.echo(f"{kind}: {report.accepted} taken over as a sample")
    database.close()


@app.command()
def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Another number makes another world.")] = 1,
) -> None:
    """Fill an empty database with an invented world, for looking at."""
    from board.demo import fill_demo

    settings: Settings = context.obj
    typer.echo(fill_demo(settings, seed=seed))


@app.command("recount")
def recount(
    context: typer.Context,
    check_only: Annotated[bool, typer.Option("--check", help="Only compare.")] = False,
) -> None:
    """Compare every counter with what it counts, and mend the differences."""
    from board.core.db import Database
    from board.recount import differences, mend

    database = Database(context.obj.database_url)
    with database.snapshot() as conn:
        found = differences(conn, context.obj)
    for line in found:
        typer.echo(line)
    typer.echo(f"{len(found)} differences")
    if found and check_only:
        raise typer.Exit(1)
    if found:
        with database.transaction() as conn:
            mend(conn, context.obj)


@app.command("tidy")
def tidy_command(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look.")] = False,
) -> None:
    """Let go what has lapsed: unconfirmed forms, contacts, old texts, and so on."""
    # Every table, so that those above its floor are found by name.
    from board import tables  # noqa: F401
    from board.core.db import Database
    from board.taking_part.retention_jobs import tidy, what_is_due

    database = Database(context.obj.database_url)
    if dry_run:
        found = what_is_due(database, context.obj)
    else:
        found = tidy(database, context.obj, everything=True)
    for gone in found:
        since = f", the oldest from {gone.oldest.date().isoformat()}" if gone.oldest else ""
        typer.echo(f"{gone.kind}: {gone.number} {'due' if dry_run else 'gone'}{since}")
        if gone.people:
            typer.echo(f"  of persons {', '.join(map(str, gone.people))}")
    database.close()


def main() -> None:
    """Run the command; what goes wrong by the operator's doing is a sentence, not a traceback."""
    from sqlalchemy.exc import DBAPIError

    if said := lacking(Settings()):
        sys.stderr.write("\n".join(said) + "\n")
        sys.exit(78)
    try:
        app()
    except BoardError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except DBAPIError as error:
        sys.stderr.write(
            f"The database said: {error.orig}\nHas it been set up? Run: board migrate\n"
        )
        sys.exit(1)
