"""`board places`: loading the gazetteer, and asking it what it would find."""

import time
from contextlib import closing
from typing import Annotated

import typer

from board.core.config import Settings
from board.core.db import Database
from board.towns.gazetteer import MINIMA
from board.towns.jobs import Loaded, load_places
from board.towns.place_queries import Found, find_places
from board.towns.suggestions import suggestion_of

commands = typer.Typer(
    help="The gazetteer: all towns that people can ask for.", no_args_is_help=True
)

STEPS = {"read": "Reading place names", "write": "Writing them down"}


@commands.callback()
def places() -> None:
    """The gazetteer: all towns that people can ask for."""


@commands.command("load")
def load(
    context: typer.Context,
    minimum: Annotated[
        int, typer.Option(help="Least inhabitants of a place: 500, 1000, 5000 or 15000.")
    ] = 1000,
) -> None:
    """Load the places of the world; does nothing when they are there already."""
    if minimum not in MINIMA:
        raise typer.BadParameter("choose 500, 1000, 5000 or 15000", param_hint="--minimum")
    with closing(open_database(context.obj)) as database:
        loaded = load_with_bar(database, minimum)
    if loaded.places:
        typer.echo(f"{loaded.places:,} places are here ({loaded.edition}).")
    else:
        typer.echo(f"All places were here already ({loaded.edition}).")


@commands.command("find")
def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help='What somebody types, like "springfield il".')],
    country: Annotated[str, typer.Option(help="Where they probably are, like PL.")] = "",
) -> None:
    """Show what the town picker finds, and how long that took; exit 1 if nothing."""
    with closing(open_database(context.obj)) as database, database.snapshot() as conn:
        find_places(conn, text, country=country)
        started = time.perf_counter()
        found = find_places(conn, text, country=country)
        took = (time.perf_counter() - started) * 1000
    for place in found:
        typer.echo(line_of(place))
    typer.echo(f"{len(found)} found in {took:.2f} ms", err=True)
    if not found:
        raise typer.Exit(1)


def open_database(settings: Settings) -> Database:
    """The database that the settings name."""
    return Database(settings.database_url)


def load_with_bar(database: Database, minimum: int) -> Loaded:
    """Load, with a bar for each step on the terminal; on a pipe nothing is drawn."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {
            step: bars.add_task(title, total=None, visible=False, start=False)
            for step, title in STEPS.items()
        }

        def show(step: str, done: int, total: int) -> None:
            bars.start_task(tasks[step])
            bars.update(tasks[step], completed=done, total=total, visible=True)

        return load_places(database, minimum=minimum, on_progress=show)


def line_of(place: Found) -> str:
    """A found place in one line."""
    shown = suggestion_of(place)
    return (
        f"{place.geonames_id:>9}  {shown.name}, {shown.where} ({place.population:,}): {shown.asked}"
    )
