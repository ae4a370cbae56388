"""`board circles …`: bringing circles and libraries in by hand."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from board.circles.actions import Report
from board.circles.answers import FeedError
from board.circles.fetch import Progress
from board.circles.jobs import import_circles, import_libraries, is_address, reach_of
from board.circles.queries import latest_import, remarks_of_import
from board.circles.rows import ImportRemark
from board.circles.rules import reason_in_words
from board.core.config import Settings
from board.core.db import Database
from board.core.language import gettext as _


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
        named. If anything goes wrong, everything stays as it was.
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
            fail(str(error))
        finally:
            database.close()
        tell(report)

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
    """A bar while pages come over the network; a file needs none."""
    if not any(is_address(source) for source in sources):
        yield None
        return
    with typer.progressbar(length=1, label=_("Reading"), show_pos=True, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            # A list that changed is read again from its beginning.
            bar.update(done - bar.pos)

        yield show


def fail(sentence: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
