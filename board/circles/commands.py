"""`board circles …`: bringing circles and libraries in by hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from board.circles.answers import FeedError
from board.circles.fetch import Progress
from board.circles.import_actions import Report
from board.circles.import_jobs import Taken, is_address
from board.circles.import_queries import remarks_of_import
from board.circles.jobs import import_circles, import_libraries, reach_of
from board.circles.nearest_jobs import refresh_nearest
from board.circles.queries import latest_import
from board.circles.rows import ImportRemark
from board.circles.rules import reason_in_words
from board.circles.turn_actions import reading_of
from board.core.config import Settings
from board.core.db import Database
from board.core.language import gettext as _
from board.core.language import ngettext


def circle_commands(
    settings: Callable[[], Settings], open_database: Callable[[Settings], Database]
) -> typer.Typer:
    """The command group; settings and database come from above, when they are needed."""
    app = typer.Typer(help="Circles and libraries from P2PU.", no_args_is_help=True)

    @app.callback()
    def group() -> None:
        """Circles and libraries from P2PU."""

    @app.command("import")
    def import_(
        sources: Annotated[
            list[str],
            typer.Argument(
                metavar="FILE|URL...",
                help="A saved answer of P2PU's API (several files when it was saved page by page;"
                " .gz is fine), or the address of the API itself.",
            ),
        ],
        libraries: Annotated[
            bool, typer.Option("--libraries", help="The list is P2PU's teams, not circles.")
        ] = False,
        sample: Annotated[
            bool,
            typer.Option("--sample", help="Mark it on all pages as sample data; development only."),
        ] = False,
        allow_empty: Annotated[
            bool, typer.Option("--allow-empty", help="Believe a list without one usable row.")
        ] = False,
    ) -> None:
        """Take over a list of circles. The same list twice changes nothing.

        What is no longer in the list leaves the board. A row that can't be right is left out and
        named. If anything goes wrong, everything stays as it was; and within an hour the same
        command goes on with the page at which an address broke off.
        """
        chosen = settings()
        if sample and chosen.production:
            fail(_("Sample data is for development; this board serves the public."))
        bring = import_libraries if libraries else import_circles
        database = open_database(chosen)
        try:
            with progress_bar(sources) as progress:
                report = bring(
                    database,
                    sources,
                    reach_of(chosen),
                    sample=sample,
                    allow_empty=allow_empty,
                    progress=progress,
                )
        except FeedError as error:
            if not isinstance(error, Taken):
                echo_what_waits(database, "libraries" if libraries else "circles")
            fail(str(error))
        finally:
            database.close()
        tell(report)

    @app.command()
    def nearest(
        everything: Annotated[
            bool, typer.Option("--all", help="Compare every town, whatever was reckoned before.")
        ] = False,
    ) -> None:
        """Make every town's nearest circle true; the server does the same by itself."""
        database = open_database(settings())
        try:
            changed = refresh_nearest(database, everything=everything)
        finally:
            database.close()
        typer.echo(
            ngettext("%(n)s town changed.", "%(n)s towns changed.", changed) % {"n": changed}
        )

    @app.command()
    def rejected(
        libraries: Annotated[
            bool, typer.Option("--libraries", help="Of the libraries, not of the circles.")
        ] = False,
    ) -> None:
        """List the rows that the last good import left out, and those it had to put right."""
        database = open_database(settings())
        try:
            with database.snapshot() as conn:
                latest = latest_import(conn, "libraries" if libraries else "circles")
                remarks = [] if latest is None else remarks_of_import(conn, latest.id)
        finally:
            database.close()
        if latest is None:
            fail(_("Nothing was imported yet."))
        for remark in remarks:
            typer.echo(line(remark))
        words = _("Import of %(date)s: %(accepted)s taken over, %(rejected)s left out.")
        typer.echo(
            words
            % {
                "date": latest.finished_at.strftime("%Y-%m-%d %H:%M UTC"),
                "accepted": latest.accepted,
                "rejected": latest.rejected,
            }
        )

    return app


def echo_what_waits(database: Database, kind: str) -> None:
    """Say that a list which broke off is gone on with, if it is."""
    with database.snapshot() as conn:
        waiting = reading_of(conn, kind)
    if waiting is not None:
        words = _(
            "%(read)s of %(total)s rows are put aside: the same command goes on there within an"
            " hour."
        )
        typer.echo(words % {"read": waiting.read, "total": waiting.total}, err=True)


def tell(report: Report) -> None:
    """How an import went: first the rows to look at, then the numbers."""
    for mended, group in ((False, report.rejected), (True, report.mended)):
        for remark in group:
            typer.echo(line(ImportRemark(remark.upstream_id, remark.title, remark.reason, mended)))
    words = _(
        "%(accepted)s taken over (%(added)s new, %(changed)s changed), %(rejected)s left out, "
        "%(mended)s put right, %(gone)s gone."
    )
    typer.echo(
        words
        % {
            "accepted": report.accepted,
            "added": report.added,
            "changed": report.changed,
            "rejected": len(report.rejected),
            "mended": len(report.mended),
            "gone": report.gone,
        }
    )


def line(remark: ImportRemark) -> str:
    """One row that was left out or put right, for the terminal."""
    head = _("Put right") if remark.mended else _("Left out")
    number = "?" if remark.upstream_id is None else remark.upstream_id
    return f"{head}: {number} “{remark.title[:60]}”: {reason_in_words(remark.reason)}"


@contextmanager
def progress_bar(sources: Sequence[str]) -> Iterator[Progress | None]:
    """How far we are while pages come over the network; a file needs none.

    A bar in a terminal; elsewhere, as in a log, a line now and then.
    """
    if not any(is_address(source) for source in sources):
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console) as bar:
        task = bar.add_task(_("Reading"), total=None)
        # A list that changed is read again from its beginning.
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Progress:
    """Writes a line for the first page, for each tenth of the list, and for the end."""
    said = -1

    def show(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // max(1, total)
        if tenth != said:
            said = tenth
            words = _("Read %(done)s of %(total)s rows.") % {"done": done, "total": total}
            typer.echo(words, err=True)

    return show


def fail(sentence: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
