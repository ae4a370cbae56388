"""Telling people of one thing: a town is ready, P2PU spoke. Circles are in `circle_actions`.

Each is written in the transaction that marks its announcement as done. "Told" means followers,
people with a live offer and, for a start, those who ticked the box (DECISIONS 16); who is several
of these gets one mail, for the first reason whose stream they didn't stop. What somebody asked for
themselves comes first: an offer may be taken back before its mail goes (digests.standing).
"""

from sqlalchemy import Connection, select

from board.digests.audience_actions import to_offering, to_starters
from board.digests.queries import staff_ids
from board.digests.writing import Desk, Matter, words_of, write_to
from board.follows.queries import Spot, instant_followers
from board.towns.queries import TownRow, town_by_id
from board.updates.models import updates


def tell_ready(conn: Connection, desk: Desk, town_id: int) -> int:
    """Staff and the people who offered hear that everything is there, and what comes next."""
    town = town_by_id(conn, town_id)
    if town is None or town.standing == "dropped":
        return 0
    event, words = f"ready:{town_id}", words_of(town)
    counts = {
        "town_id": town_id,
        "votes": town.vote_count,
        "come": town.come_count,
        "facilitate": town.facilitate_count,
        "host": town.host_count,
        "answer_days": desk.terms.answer_days,
    }
    values = {**words, **counts}
    told = len(write_to(conn, desk, Matter(event, "ready_desk", "desk"), staff_ids(conn), values))
    matter = Matter(event, "ready", "offers")
    return told + to_offering(conn, desk, matter, town_id, values, purpose="ready")


def tell_update(conn: Connection, desk: Desk, update_id: int) -> int:
    """P2PU's word goes, for a start, to who waits for one, at once to followers who chose that, and
    to who offered; the weekly letter has it for the others."""
    row = conn.execute(select(updates).where(updates.c.id == update_id)).first()
    town = None if row is None else town_by_id(conn, row.town_id)
    if row is None or town is None or town.standing == "dropped":
        return 0
    values = {
        **words_of(town),
        "before": row.before,
        "after": row.after,
        "reason_code": row.reason,
        "by": row.name,
        "text": row.text,
        "html": row.html,
        "said_in": row.language,
    }
    event = f"update:{update_id}"
    told = 0
    if row.after == "launched" and row.before != "launched":
        told += to_starters(conn, desk, Matter(event, "update", "start"), [town.id], values)
    followers = [one.person_id for one in instant_followers(conn, _spot_of(town))]
    status = Matter(event, "update", "status")
    told += len(write_to(conn, desk, status, followers, {**values, "because": "follow"}))
    offers = Matter(event, "update", "offers")
    return told + to_offering(conn, desk, offers, town.id, values, purpose="update")


def _spot_of(town: TownRow) -> Spot:
    """Where a town is for its followers; one typed by hand only for those who follow itself."""
    if town.standing != "listed":
        return Spot((town.id,))
    return Spot((town.id,), town.lat, town.lng, town.country)
