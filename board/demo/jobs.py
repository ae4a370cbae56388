"""Filling an empty database with the invented world, all of it or nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from board.circles.actions import refresh_nearest
from board.comments.models import comments
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict, NotFound, Refused
from board.core.facts import get_fact, keep_fact
from board.core.keys import make_keys
from board.core.language import gettext as _
from board.core.text import search_form
from board.demo.actions import STAFF, Stage, key_of
from board.demo.forms import InventedCountry
from board.demo.script import Act, Spot, acts_of_world
from board.demo.world import World, read_world
from board.digests.notice_actions import take_as_told
from board.people.actions import remember
from board.people.models import people
from board.stories.models import stories
from board.taking_part.rules import terms_of
from board.towns.models import place_names, places, towns
from board.updates.models import updates
from board.votes.models import votes

FACT: Final = "demo"


def fill_demo(settings: Settings, *, seed: int = 1) -> str:
    """Fill an empty board with the invented world; a sentence that says what was made.

    On a board that holds that world already nothing happens. Raises Conflict on a board with real
    people, Refused on a production board, NotFound while no places are loaded.
    """
    if settings.production:
        raise Refused(_("This board serves the public. Invented people would be taken for real."))
    world = read_world(settings.content / "demo")
    database = Database(settings.database_url)
    try:
        # One transaction: a world that was interrupted half-way is none at all.
        with database.transaction() as conn:
            if get_fact(conn, FACT) == "yes":
                return _("The invented world is there already. Nothing was changed.")
            _refuse_the_living(conn)
            _play(conn, settings, world, seed=seed, now=clock.now())
            return _summary(conn, world)
    finally:
        database.close()


def _refuse_the_living(conn: Connection) -> None:
    for table in (people, votes, stories):
        if conn.execute(select(table.c.id).limit(1)).first() is not None:
            raise Conflict(
                _("This board has real people in it. An invented world needs an empty database.")
            )


def _play(conn: Connection, settings: Settings, world: World, *, seed: int, now: datetime) -> None:
    spots = spots_of(conn, world.countries)
    if not spots:
        raise NotFound(_("There are no places to invent people in. Run: board places load"))
    acts = acts_of_world(world, spots, seed=seed, now=now)
    stage = _stage(conn, settings, acts[0])
    for act in acts:
        act.do(conn, stage, now=act.at)
    refresh_nearest(conn, now)
    # An invented past is told to nobody, least of all by mail.
    take_as_told(conn, now, timedelta(days=settings.stall_days))
    keep_fact(conn, FACT, "yes")


def _stage(conn: Connection, settings: Settings, first: Act) -> Stage:
    keys = make_keys(settings.voter_secret, settings.sealing_keys, settings.link_secret)
    # She has no role and no way in: real staff come by invitation.
    staff_id = remember(
        conn, key_of(keys, STAFF), name=STAFF.name, language=STAFF.language, now=first.at
    )
    return Stage(keys, terms_of(settings), staff_id)


def spots_of(conn: Connection, countries: Iterable[InventedCountry]) -> dict[int, Spot]:
    """Where the invented towns lie: by GeoNames id, else by name and country.

    A town that this gazetteer doesn't know is left out.
    """
    found: dict[int, Spot] = {}
    columns = (places.c.geonames_id, places.c.timezone)
    for country in countries:
        here = select(*columns).where(places.c.country == country.country)
        for town in country.towns:
            row = conn.execute(here.where(places.c.geonames_id == town.geonames)).first()
            if row is None:
                named = place_names.c.norm == search_form(town.place)
                row = conn.execute(
                    here.join(place_names, place_names.c.geonames_id == places.c.geonames_id)
                    .where(named)
                    .order_by(places.c.rank)
                    .limit(1)
                ).first()
            if row is not None:
                found[town.geonames] = Spot(row.geonames_id, row.timezone)
    return found


def _summary(conn: Connection, world: World) -> str:
    t = towns.c
    count = select(func.count())
    there = conn.execute(
        select(func.count(), func.count(t.country.distinct()), func.sum(t.vote_count))
    ).one()
    words = _(
        "An invented world is in place: %(towns)s towns in %(countries)s countries, %(votes)s "
        "votes, %(stories)s stories, %(comments)s comments and %(updates)s official updates. "
        "%(missing)s towns are missing from this gazetteer."
    )
    planned = sum(len(country.towns) for country in world.countries) + len(world.desk.hand_typed)
    return words % {
        "towns": there[0],
        "countries": there[1],
        "votes": there[2],
        "stories": conn.execute(count.select_from(stories)).scalar_one(),
        "comments": conn.execute(count.select_from(comments)).scalar_one(),
        "updates": conn.execute(count.select_from(updates)).scalar_one(),
        "missing": planned - there[0],
    }
