"""`board content …`: what an operator or a translator asks of the content pages."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from board.pages.check import check


def content_commands(
    known_paths: Callable[[], Iterable[str]], content_folder: Callable[[], Path]
) -> typer.Typer:
    """The command group; the routes' paths and the folder come from above, when they are needed."""
    app = typer.Typer(help="The content pages.", no_args_is_help=True)

    @app.callback()
    def group() -> None:
        """The content pages."""

    @app.command("check")
    def check_content(
        folder: Annotated[
            Path | None,
            typer.Argument(
                help="Folder to look at, instead of the board's own.",
                exists=True,
                file_okay=False,
            ),
        ] = None,
    ) -> None:
        """Look for gaps, broken links, bad dates and missing translations in the content pages."""
        problems = check(folder or content_folder(), known_paths())
        for problem in problems:
            typer.echo(str(problem))
        if problems:
            typer.echo(f"Problems in the content: {len(problems)}", err=True)
            raise typer.Exit(1)
        typer.echo("The content pages are whole.")

    return app
