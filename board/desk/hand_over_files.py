"""A bundle to save: the people as CSV, or everything as a page without anything around it."""

from collections.abc import Mapping
from typing import Final

from jinja2 import Environment
from starlette.responses import Response

from board.core import language
from board.desk.hand_over_bundle import Bundle, bundle_csv

FILES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


def bundle_file(pages: Environment, bundle: Bundle, kind: str) -> Response:
    """The answer that saves a bundle as a file of this kind."""
    if kind == "csv":
        body = bundle_csv(bundle.people)
    else:
        values = {"bundle": bundle, "language": language.current()}
        body = pages.get_template("desk/hand_over_file.html").render(values).encode()
    headers = {
        "content-disposition": f'attachment; filename="{bundle.town.slug}-circle.{kind}"',
        "cache-control": "private, no-store",
    }
    return Response(body, media_type=FILES[kind], headers=headers)
