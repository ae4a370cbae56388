"""A small invented world, a line each: towns, people, stories, circles. Made by our own actions
where a rule is at stake, as plain rows where only a list is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event, insert, select, update
from starlette.testclient import TestClient

from board.circles.feed import CircleRow
from board.circles.kept import circle_values
from board.circles.match import Settled, Spot
from board.circles.models import circles, libraries
from board.comments.actions import Saying, add_comment
from board.comments.queries import place_of_reply
from board.comments.rules import Talk
from board.core import clock
from board.core.geo import to_mercator
from board.core.http import Board
from board.core.text import fold
from board.people.actions import open_session, remember
from board.people.browser import cookie_name, new_secret
from board.people.models import people
from board.stories.actions import submit_story
from board.stories.rules import Telling
from board.towns.actions import found_town
from board.towns.cell_actions import recell
from board.towns.models import towns
from board.towns.rules import Need, slug_of
from board.votes.actions import Ballot, cast_vote
from board.votes.rules import Offer

NEED, NO_OFFER = Need(), Offer()
VELENJE, JOENSUU, SUVA = 3189075, 656083, 2198148
NOWY_SACZ, ELK = 763166, 772339
# What our own pages send along with a form, so that nobody else's is taken for one.
HERE = {"sec-fetch-site": "same-origin"}


class Person(NamedTuple):
    """Somebody who confirmed once."""

    id: int
    key: bytes
    name: str


def person(
    conn: Connection, name: str, *, key: bytes = b"", role: str = "", trusted: bool = False
) -> Person:
    """Somebody of this name; the same name is the same person."""
    known = conn.execute(select(people.c.id, people.c.key).where(people.c.name == name)).first()
    if known is not None:
        return Person(known.id, known.key, name)
    own = key or name.encode().ljust(32, b".")
    person_id = remember(conn, own, name=name, language="en", now=clock.now())
    conn.execute(update(people).where(people.c.id == person_id).values(role=role, trusted=trusted))
    return Person(person_id, own, name)


def vote(
    conn: Connection,
    who: Person,
    place: int = VELENJE,
    *,
    offer: Offer = NO_OFFER,
    nearby: bool = False,
    now: datetime | None = None,
) -> int:
    """A counted vote in a gazetteer place; the town's id."""
    moment = now or clock.now()
    town_id = found_town(conn, place, moment)
    cast_vote(
        conn, Ballot(town_id, who.key, who.id, who.name, nearby, offer), need=NEED, now=moment
    )
    return town_id


def tell(
    conn: Connection,
    who: Person,
    town_id: int,
    why: str = "The mine is winding down. We could learn together.",
    *,
    title: str = "",
    language: str = "en",
    how: str = "",
    own: str = "",
    visibility: str = "public",
    now: datetime | None = None,
) -> int:
    """A story; its id."""
    return submit_story(
        conn,
        Telling(who.name, title, language, why, how, own),
        town_id=town_id,
        person_id=who.id,
        visibility=visibility,
        now=now or clock.now(),
    )


def say(
    conn: Connection,
    who: Person,
    town_id: int | None,
    text: str = "Thursdays suit me.",
    *,
    story_id: int | None = None,
    visibility: str = "public",
    reply_to: int | None = None,
    now: datetime | None = None,
) -> int:
    """A comment, in the open talk where there's no town; its id."""
    place = place_of_reply(conn, Talk(town_id, story_id), reply_to)
    saying = Saying(town_id, story_id, who.name, "en", text, *place)
    return add_comment(
        conn, saying, person_id=who.id, staff=False, visibility=visibility, now=now or clock.now()
    )


def row_of_town(number: int, **changes: Any) -> dict[str, Any]:
    """A listed town as a row of the table; what isn't said is the plainest there is."""
    name = changes.pop("name", f"Town {number}")
    lat, lng = changes.pop("lat", 46.0 + number % 10), changes.pop("lng", 15.0 + number % 7)
    mx, my = (None, None) if lat is None or lng is None else to_mercator(lat, lng)
    moment = changes.pop("asked_at", clock.now() - timedelta(days=number + 1))
    return {
        "geonames_id": None,
        "code": f"t{number:05}",
        "slug": f"{slug_of(name)}-{number}",
        "name": name,
        "folded": fold(name),
        "country": "SI",
        "region_code": "",
        "region": "",
        "lat": lat,
        "lng": lng,
        "mx": mx,
        "my": my,
        "population": 10_000,
        "standing": "listed",
        "status": "asking",
        "status_since": moment,
        "asked_at": moment,
        "vote_count": 1,
        "closeness": 0,
        "rising": 0.0,
        "need": 0.0,
        "nearest_km": None,
        **changes,
    }


def add_towns(conn: Connection, rows: list[dict[str, Any]]) -> list[int]:
    """Towns from rows of one shape, on the map too; their ids in the same order."""
    ids = [
        int(conn.execute(insert(towns).values(**row).returning(towns.c.id)).scalar_one())
        for row in rows
    ]
    recell(conn, ids)
    return ids


def row_of_circle(
    number: int, lat: float = 46.06, lng: float = 14.51, *, state: str = "now", **changes: Any
) -> dict[str, Any]:
    """A circle as a row of the table, meeting relative to today."""
    first, last = {"now": (-14, 21), "soon": (10, 45), "finished": (-90, -40)}[state]
    today = clock.now().date()
    row = CircleRow(
        id=number,
        title=f"Circle {number}",
        course="Spreadsheets",
        where=Spot("Ljubljana", "", "SI", lat, lng),
        online=False,
        starts_on=today + timedelta(days=first),
        ends_on=today + timedelta(days=last),
        starts_at="17:30",
        ends_at="19:00",
        utc_offset=0,
        meetings=6,
        language="en",
        signup_open=True,
        url=f"https://learningcircles.p2pu.org/en/signup/{number}/",
    )._replace(**changes)
    return {**circle_values(row, Settled(row.where)), "gone_at": None}


def add_circles(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Circles from rows of one shape."""
    conn.execute(insert(circles), rows)


def add_library(
    conn: Connection, name: str, lat: float, lng: float, *, country: str = "SI", **changes: Any
) -> int:
    """A library at a place; its id."""
    mx, my = to_mercator(lat, lng)
    row = {"name": name, "country": country, "lat": lat, "lng": lng, "mx": mx, "my": my, **changes}
    found = conn.execute(insert(libraries).values(row).returning(libraries.c.id))
    return int(found.scalar_one())


def remembered(board: Board, client: TestClient, name: str, *, role: str = "") -> Person:
    """Let this browser stand for somebody: a resident, or with a role somebody at the desk."""
    cookie, now = new_secret(), clock.now()
    with board.database.transaction() as conn:
        who = person(conn, name, role=role)
        until = now + timedelta(hours=5)
        open_session(conn, who.id, cookie, desk=bool(role), now=now, expires_at=until)
    client.cookies.clear()
    client.cookies.set(cookie_name(secure=board.settings.secure), cookie)
    return who


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that an engine runs inside the block; opening a transaction is none."""
    seen: list[str] = []

    def note(
        _conn: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
    ) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
