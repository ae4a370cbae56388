"""`board codes`: slips for a library without the desk's pages."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer
from sqlalchemy import Connection

from board.core import clock, language
from board.core.config import ROOT, Settings
from board.core.db import Database
from board.core.keys import make_keys
from board.core.rendering import country_name, make_environment
from board.core.text import fold
from board.desk.codes_actions import Order, make_codes, recall_codes, restore_codes
from board.desk.codes_queries import BatchLine, batch_lines
from board.desk.codes_rules import REASONS
from board.desk.codes_sheet import draw_file, draw_sheet
from board.people.slip_actions import MOST_SLIPS, NewBatch
from board.people.slip_queries import get_batch
from board.people.slips import show
from board.taking_part.forms import TownFields
from board.taking_part.rules import terms_of
from board.taking_part.where import Meant, town_meant, where_at
from board.towns.place_queries import Found

commands = typer.Typer(help="Slips with codes, for people without e-mail.", no_args_is_help=True)


@commands.callback()
def codes() -> None:
    """Slips with codes, for people without e-mail."""


@commands.command("print")
def print_(
    context: typer.Context,
    place: Annotated[str, typer.Option(help='The town: "Velenje, Slovenia", or si/velenje.')],
    count: Annotated[int, typer.Option(min=1, max=MOST_SLIPS, help="How many slips.")] = 60,
    label: Annotated[str, typer.Option(help="What for; only the desk reads it.")] = "",
    spoken: Annotated[str, typer.Option("--language", help="Language of the slips.")] = "en",
    out: Annotated[Path | None, typer.Option(help="The file to write; a new one.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Print the codes here, too.")] = False,
) -> None:
    """Make a batch and write its sheet: an HTML file to print on A4 or Letter.

    The codes stand in this file alone. If it is lost, revoke the batch and print another one.
    """
    settings: Settings = context.obj
    if spoken not in language.NAMES:
        _stop(f"There are no words in {spoken!r}. Choose one of: {', '.join(language.NAMES)}")
    keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
    with closing(Database(settings.database_url)) as database, database.transaction() as conn:
        meant = _town(conn, place)
        if meant.where is None:
            _stop(_which(meant, place))
        lives = terms_of(settings).slips_live
        order = Order(meant.where, label[:120], count, lives)
        batch = make_codes(conn, keys, order, actor_id=None, now=clock.now())
        file = out or Path(f"codes-{batch.id}.html")
        # Written before the commit: without a file there is no batch either.
        _write(conn, settings, batch, file, town=meant.name, label=label, spoken=spoken)
    typer.echo(f"Batch {batch.id}: {count} slips for {meant.name} in {file}", err=plain)
    if plain:
        for code in batch.codes:
            typer.echo(show(code))


def _town(conn: Connection, place: str) -> Meant:
    """The town that is meant; of several the only one that is called exactly so."""
    if "/" in place:
        return where_at(conn, place)
    meant = town_meant(conn, TownFields(town=place))
    name = fold(place.partition(",")[0])
    exact = [choice for choice in meant.choices if fold(choice.name) == name]
    if len(exact) == 1:
        return town_meant(conn, TownFields(geonames_id=exact[0].geonames_id))
    return meant


def _which(meant: Meant, place: str) -> str:
    if not meant.choices:
        return f"No place fits {place!r}. Look with: board places find"
    return "\n".join(
        [f"Several places fit {place!r}. Name one of them:", *map(_choice, meant.choices)]
    )


def _choice(found: Found) -> str:
    area = f"{found.region}, " if found.region else ""
    return f"  {found.path.removeprefix('/towns/')}  {area}{country_name(found.country)}"


def _write(
    conn: Connection,
    settings: Settings,
    batch: NewBatch,
    file: Path,
    *,
    town: str,
    label: str,
    spoken: str,
) -> None:
    sheet = draw_sheet(
        batch.id,
        batch.codes,
        town=town,
        label=label,
        spoken=spoken,
        base_url=settings.base_url,
        until=get_batch(conn, batch.id).expires_at,
    )
    pages = make_environment(ROOT / "templates", build="file")
    drawn = draw_file(pages, sheet, ROOT / "static", {"site_name": settings.site_name})
    with _new_file(file) as opened:
        opened.write(drawn)


@contextmanager
def _new_file(file: Path) -> Iterator[TextIO]:
    """A file that isn't there yet, for its owner's eyes: whoever has it has the codes."""
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        _stop(f"{file} can't be written: {error.strerror}")
    with os.fdopen(number, "w", encoding="utf-8") as opened:
        yield opened


@commands.command("list")
def list_(context: typer.Context) -> None:
    """List the batches: number, town, used of all, state."""
    settings: Settings = context.obj
    with closing(Database(settings.database_url)) as database, database.snapshot() as conn:
        lines = batch_lines(conn)
    for line in lines:
        typer.echo(_line(line))
    if not lines:
        typer.echo("No slips were made yet.")


def _line(line: BatchLine) -> str:
    batch, now = line.batch, clock.now()
    state = {"open": "good", "expired": "had their time", "revoked": f"revoked ({batch.reason})"}
    return (
        f"{batch.id:>5}  {line.town}  {batch.used} of {batch.size} used  "
        f"{state.get(batch.state(now), '')}  {batch.created_at:%Y-%m-%d}  {batch.label}".rstrip()
    )


@commands.command()
def revoke(
    context: typer.Context,
    batch: Annotated[int, typer.Argument(help="The batch's number.")],
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(REASONS)}.")],
) -> None:
    """Call a batch back: unused slips die, its votes leave the count, its texts wait for a look."""
    settings: Settings = context.obj
    if reason not in REASONS:
        _stop(f"There is no reason {reason!r}. Choose one of: {', '.join(REASONS)}")
    with closing(Database(settings.database_url)) as database, database.transaction() as conn:
        gone = recall_codes(
            conn, batch, reason, actor_id=None, need=terms_of(settings).need, now=clock.now()
        )
    typer.echo(
        f"Batch {batch} is called back: {gone.votes} votes out of the count,"
        f" {gone.texts} texts wait for a look."
    )


@commands.command()
def unrevoke(
    context: typer.Context,
    batch: Annotated[int, typer.Argument(help="The batch's number.")],
) -> None:
    """A batch was called back by mistake: its votes count again, its unused slips are good."""
    settings: Settings = context.obj
    with closing(Database(settings.database_url)) as database, database.transaction() as conn:
        need = terms_of(settings).need
        again = restore_codes(conn, batch, actor_id=None, need=need, now=clock.now())
    typer.echo(f"Batch {batch} is good again: {again} votes are back in the count.")


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
