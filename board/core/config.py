"""Settings: one frozen object, made from the environment by `app.py` and `cli.py` alone.

Every name is read with the prefix BOARD_, lists with commas. What a production board lacks is
said in sentences (`lacking`), never guessed; development makes its own secrets under `var/`.
"""

import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).parents[2]
_TILES = re.compile(
    r"https?://(?:\{s\}\.)?[A-Za-z0-9.-]+(?::\d{1,5})?/[A-Za-z0-9._~/{}@?=&%-]*", re.ASCII
)
SECRET_NAMES = ("voter_secret", "sealing_keys", "link_secret")


class Settings(BaseSettings):
    """What an operator may set; each field says what it is for."""

    model_config = SettingsConfigDict(env_prefix="BOARD_", frozen=True, extra="ignore")

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses to start while something needed is missing"
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="the address people reach the board at, in all links"
    )
    database_url: str = Field(
        "sqlite:///var/board.sqlite3", repr=False, description="sqlite:///path or postgresql://…"
    )
    replica_url: str = Field(
        "",
        repr=False,
        description="a PostgreSQL replica to read from what everybody may see; empty: none",
    )
    var: Path = Field(Path("var"), description="folder for the database, mails and secrets")
    content: Path = Field(ROOT / "content", description="folder of the content pages")
    voter_secret: str = Field(
        "", repr=False, description="keys votes to mailboxes; never changes, belongs to the backup"
    )
    sealing_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (), repr=False, description="encrypt contacts: the newest first, older ones still open"
    )
    link_secret: str = Field("", repr=False, description="makes the codes and links in mails")
    site_name: str = Field("In Your Town", description="the name in the header and in mails")
    forum_url: str = Field(
        "https://community.p2pu.org/t/learningcircles", description="the community forum"
    )
    blog_url: str = Field(
        "https://info.p2pu.org/category/learning-circles/", description="P2PU's blog"
    )
    support_email: str = Field("support@p2pu.org", description="where questions go")
    courses_url: str = Field("https://www.p2pu.org/courses/", description="list of free courses")
    create_circle_url: str = Field(
        "https://learningcircles.p2pu.org/en/studygroup/create/",
        description="where somebody starts a circle themselves",
    )
    smtp_host: str = Field(
        "", description="mail server; empty in development: mails go to a folder"
    )
    smtp_port: int = Field(587, description="mail server's port")
    smtp_user: str = Field("", description="mail server's user")
    smtp_password: str = Field("", repr=False, description="mail server's password")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="how the connection to the mail server is encrypted"
    )
    mail_from: str = Field("hello@example.org", description="sender of every mail")
    bounce_address: str = Field(
        "",
        description="where mail servers report what didn't arrive, empty: the sender; with {id} "
        "(bounces+{id}@…) each mail has its own, for servers that take +names",
    )
    mail_per_hour: int = Field(3, description="mails to one mailbox within an hour")
    mail_per_day: int = Field(10, description="mails to one mailbox within a day")
    learners_needed: int = Field(6, ge=1, description="learners a launch needs")
    facilitators_needed: int = Field(1, ge=0, description="facilitators a launch needs")
    spaces_needed: int = Field(1, ge=0, description="spaces a launch needs")
    answer_days: int = Field(30, ge=1, description="days within which P2PU owes a town an answer")
    answer_votes: int = Field(20, ge=1, description="votes from which P2PU owes a town an answer")
    answer_pause_minutes: int = Field(
        10,
        ge=0,
        description="minutes after which people are told of an answer; until then it "
        "can be taken back",
    )
    join_km: int = Field(
        25,
        ge=1,
        description="an open circle within so many km stands above the vote and counts as near; "
        "a change takes hold at the next start",
    )
    contacts_per_day: int = Field(
        30, ge=1, description="contacts that one of the team may open in a day"
    )
    code_minutes: int = Field(30, ge=5, description="how long a code from a mail lives")
    link_hours: int = Field(24, ge=1, description="how long a link from a mail lives")
    code_tries: int = Field(5, ge=1, description="how often a code may be typed")
    contact_months: int = Field(12, ge=1, description="how long a contact is kept after last use")
    call_days: int = Field(30, ge=1, description="how long a phone number waits to be called")
    publish_first: bool = Field(
        False, description="first stories appear at once and are read afterwards"
    )
    circles_url: str = Field(
        "", description="P2PU's learning circles API; empty: circles are imported by hand"
    )
    libraries_url: str = Field("", description="P2PU's teams API; empty: imported by hand")
    circles_minutes: int = Field(60, ge=15, description="minutes between two imports of circles")
    circles_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("learningcircles.p2pu.org",), description="hosts that circles may be fetched from"
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="host names answered beside the base address's own"
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="addresses of proxies whose forwarded headers are believed"
    )
    people_per_hour: int = Field(
        60, ge=1, description="people of one network within an hour; more wait for a look"
    )
    held_per_hour: int = Field(
        200, ge=1, description="forms of one network that may wait for a look within an hour"
    )
    stories_per_day: int = Field(5, ge=1, description="stories by one person within a day")
    comments_per_day: int = Field(20, ge=1, description="comments by one person within a day")
    heated_comments: int = Field(
        12, ge=1, description="comments within an hour from which on a talk is heated"
    )
    heated_flags: int = Field(
        3, ge=1, description="flags within a day from which on a talk is heated"
    )
    cool_minutes: int = Field(
        10, ge=1, description="minutes between two comments of one person in a heated talk"
    )
    flags_per_hour: int = Field(20, ge=1, description="flags of one network within an hour")
    votes_per_day: int = Field(30, ge=1, description="towns one person may vote for within a day")
    disposable_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="domains of throw-away mailboxes: what they say waits for a look"
    )
    disposable_file: Path | None = Field(None, description="a file with such domains, one a line")
    slip_days: int = Field(365, ge=1, description="days after which unused desk codes lapse")
    slip_tries: int = Field(
        20, ge=1, description="wrong desk codes that one network may type within an hour"
    )
    posts_per_minute: int = Field(60, ge=1, description="forms one network may send in a minute")
    page_cache_mb: int = Field(
        64, ge=0, description="memory for pages kept ready for readers, in megabytes; 0: keep none"
    )

    digest_day: int = Field(1, ge=1, le=7, description="weekday of the weekly letter; 1 is Monday")
    digest_hour: int = Field(6, ge=0, le=23, description="hour of the weekly letter, in UTC")
    rescue_km: int = Field(
        50, ge=1, description="a circle that starts this near is told to people who offered"
    )
    map_tiles_url: str = Field(
        "",
        description="map pictures of your own server instead of our drawn land, for example "
        "https://tiles.example.org/{z}/{x}/{y}.png; empty: none, nothing is fetched from elsewhere",
    )
    map_tiles_credit: str = Field(
        "", description="whom these map pictures are from, as their licence wants it said"
    )
    stall_days: int = Field(
        180, ge=1, description="days without a vote after which a town's people are pointed on"
    )

    @field_validator(
        "sealing_keys",
        "circles_hosts",
        "trusted_hosts",
        "proxies",
        "disposable_domains",
        mode="before",
    )
    @classmethod
    def split_commas(cls, value: object) -> object:
        """Lists are written with commas in the environment."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("map_tiles_url")
    @classmethod
    def check_tiles(cls, value: str) -> str:
        """An address of tiles; its host goes into a header, so nothing else may hide in it."""
        if value and not _TILES.fullmatch(value):
            raise ValueError("write it like https://tiles.example.org/{z}/{x}/{y}.png")
        return value

    @property
    def map_tiles_origin(self) -> str:
        """Where map pictures come from, as the content security policy says it."""
        if not self.map_tiles_url:
            return ""
        parts = urlsplit(self.map_tiles_url)
        return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"

    @property
    def production(self) -> bool:
        """Whether this board serves the public."""
        return self.environment == "production"

    @property
    def secure(self) -> bool:
        """Whether people reach the board over https."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """Host names that are answered at all."""
        own = urlsplit(self.base_url).hostname or "localhost"
        local = () if self.production else ("localhost", "127.0.0.1", "testserver")
        return sorted({own, *local, *self.trusted_hosts})

    @property
    def mail_folder(self) -> Path:
        """Where mails land while no mail server is set."""
        return self.var / "mail"


def lacking(settings: Settings) -> list[str]:
    """What stops a production start, each as a sentence that says what to set."""
    if not settings.production:
        return []
    said = [
        f"Set BOARD_{name.upper()} to a long random text, for example: openssl rand -hex 32"
        for name in SECRET_NAMES
        if not getattr(settings, name)
    ]
    said += [
        f"BOARD_{name.upper()} is too short: use at least 32 characters."
        for name in SECRET_NAMES
        for value in _texts(getattr(settings, name))
        if 0 < len(value) < 32
    ]
    if not settings.secure:
        said.append("Set BOARD_BASE_URL to the https:// address that people reach the board at.")
    if not settings.smtp_host:
        said.append(
            "Set BOARD_SMTP_HOST (and BOARD_SMTP_USER, …): nobody can confirm without mail."
        )
    if settings.mail_from.endswith("@example.org"):
        said.append("Set BOARD_MAIL_FROM to the address that the board's mails come from.")
    return said


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def with_own_secrets(settings: Settings) -> Settings:
    """Development settings with secrets kept in `var/`, made at the first start."""
    if settings.production:
        return settings
    missing: dict[str, Any] = {
        name: _own_secret(settings.var / "secrets" / name)
        for name in SECRET_NAMES
        if not getattr(settings, name)
    }
    if "sealing_keys" in missing:
        return settings.model_copy(update={**missing, "sealing_keys": (missing["sealing_keys"],)})
    return settings.model_copy(update=missing)


def _own_secret(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        # Written beside its place and linked there whole: of two processes that start at once one
        # is faster, and the other must not read half of its secret. `mkstemp` makes it ours alone.
        handle, draft = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "w", encoding="ascii") as new:
            new.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        os.unlink(draft)
    return file.read_text(encoding="ascii").strip()
