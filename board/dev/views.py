"""Pages that exist in development alone."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from board.core.errors import NotFound
from board.core.http import board_of, page

SHOWN = 50


class WrittenMail(NamedTuple):
    """A mail as it lies in the folder."""

    name: str
    to: str
    subject: str
    date: str
    text: str
    html: str


def read_mail(file: Path) -> WrittenMail:
    """A mail of the folder, read."""
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    return WrittenMail(
        name=file.stem,
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        date=str(mail["Date"]),
        text=plain.get_content() if plain else "",
        html=rich.get_content() if rich else "",
    )


async def mails(request: Request) -> Response:
    """The newest mails first."""
    folder = board_of(request).settings.mail_folder
    files = sorted(folder.glob("*.eml"), reverse=True)[:SHOWN] if folder.is_dir() else []
    values = {"mails": [read_mail(file) for file in files]}
    return await page(request, "dev/mails.html", values, private=True)


async def mail(request: Request) -> Response:
    """One mail: its text, and its HTML as it is."""
    file = board_of(request).settings.mail_folder / f"{request.path_params['name']}.eml"
    if not file.is_file():
        raise NotFound("No such mail.")
    return await page(request, "dev/mail.html", {"mail": read_mail(file)}, private=True)


async def parts(request: Request) -> Response:
    """Every part of the design on one page."""
    return await page(request, "dev/parts.html", {}, private=True)
