"""Everything on a town's dossier, from one snapshot and a fixed number of statements."""

import json
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from board.circles.queries import circles_near
from board.circles.rows import ShownCircle
from board.comments.models import comments
from board.comments.queries import PlacedComment, placed, read_placed
from board.core.keys import Keys
from board.desk.contact_queries import FirstOffering, first_offering
from board.desk.hand_over_queries import HandOverRow, hand_overs_of
from board.desk.launch_queries import Suggestion, open_launches
from board.desk.merge_queries import MergeRow, merges_into, perhaps_same
from board.desk.models import partner_messages
from board.desk.note_actions import Note, notes_of
from board.desk.owner_queries import Owned, owner_of
from board.desk.standing_queries import Reaches, reaches
from board.desk.vote_queries import hints_of_town
from board.desk.write_queries import SentLetter, letters_to
from board.digests.queries import Answers, NearTown, answers_of_town, towns_near
from board.drawing.bars import Spark, spark
from board.stories.queries import StoryView, stories_of_town
from board.towns.queries import TownRow
from board.updates.queries import (
    DeskWord,
    PlanView,
    Template,
    plans_of_town,
    templates,
    words_of_town,
)
from board.votes.momentum_queries import votes_by_day
from board.votes.queries import TownWishes, wishes_of_town

WEEKS: Final = 26
NEAR_KM: Final = 50.0
PEOPLE_SHOWN: Final = 6


class Letter(NamedTuple):
    """A partner's letter about the town."""

    organisation: str
    name: str
    message: str
    created_at: datetime
    answered_at: datetime | None


class Dossier(NamedTuple):
    """A town as staff see it, all of it on one page."""

    town: TownRow
    reaches: Reaches
    wishes: TownWishes
    owned: Owned
    words: list[DeskWord]
    plans: list[PlanView]
    templates: list[Template]
    notes: list[Note]
    offered: FirstOffering
    letters_sent: list[SentLetter]
    hand_overs: list[HandOverRow]
    launches: list[Suggestion]
    stories: list[StoryView]
    talk: list[PlacedComment]
    letters: list[Letter]
    circles: list[ShownCircle]
    neighbours: list[NearTown]
    merges: list[MergeRow]
    similar: list[TownRow]
    hints: int
    answers: Answers
    weeks: tuple[int, ...]
    history: Spark


def dossier_of(conn: Connection, town: TownRow, keys: Keys, *, now: datetime) -> Dossier:
    """Read the dossier of a town."""
    weeks, history = _history(conn, town, now)
    return Dossier(
        town=town,
        reaches=reaches(conn, town),
        wishes=wishes_of_town(conn, town.id, asked_by=1),
        owned=owner_of(conn, town.id),
        words=words_of_town(conn, town.id),
        plans=plans_of_town(conn, town.id),
        templates=templates(conn),
        notes=notes_of(conn, town.id),
        offered=first_offering(conn, town.id, now, PEOPLE_SHOWN),
        letters_sent=letters_to(conn, town.id),
        hand_overs=hand_overs_of(conn, town.id),
        launches=open_launches(conn, now, town_id=town.id),
        stories=stories_of_town(conn, town.id, viewer_id=None, limit=10),
        talk=_newest_talk(conn, town.id),
        letters=_letters(conn, town.id, keys, now),
        circles=_circles(conn, town, now),
        neighbours=_neighbours(conn, town),
        merges=merges_into(conn, town.id),
        similar=perhaps_same(conn, town),
        hints=sum(not hint.calm for hint in hints_of_town(conn, town.id)),
        answers=answers_of_town(conn, town.id),
        weeks=weeks,
        history=history,
    )


class OwnTown(NamedTuple):
    """A town as its organiser sees it: what P2PU said and people told, its numbers, what is near.

    Nobody's contact, no notes and no drafts of P2PU's, nor anything to decide: that is for staff
    (DECISIONS 27, 30).
    """

    town: TownRow
    wishes: TownWishes
    words: list[DeskWord]
    stories: list[StoryView]
    talk: list[PlacedComment]
    circles: list[ShownCircle]
    neighbours: list[NearTown]
    answers: Answers
    weeks: tuple[int, ...]
    history: Spark
    letters: tuple[Letter, ...] = ()
    hints: int = 0


def own_town(conn: Connection, town: TownRow, *, now: datetime) -> OwnTown:
    """Read what an organiser sees of a town of theirs."""
    weeks, history = _history(conn, town, now)
    return OwnTown(
        town=town,
        wishes=wishes_of_town(conn, town.id, asked_by=1),
        words=words_of_town(conn, town.id),
        stories=stories_of_town(conn, town.id, viewer_id=None, limit=10),
        talk=_newest_talk(conn, town.id),
        circles=_circles(conn, town, now),
        neighbours=_neighbours(conn, town),
        answers=answers_of_town(conn, town.id),
        weeks=weeks,
        history=history,
    )


def _history(conn: Connection, town: TownRow, now: datetime) -> tuple[tuple[int, ...], Spark]:
    """Counted votes by week, and the drawing of them."""
    days = votes_by_day(conn, [town.id], days=7 * WEEKS, now=now)[town.id].days
    weeks = tuple(sum(days[week * 7 : week * 7 + 7]) for week in range(WEEKS))
    return weeks, spark(weeks, latest=4, height=40)


def _newest_talk(conn: Connection, town_id: int) -> list[PlacedComment]:
    c = comments.c
    here = placed(c.town_id == town_id, c.visibility == "public")
    return read_placed(conn, here.order_by(c.created_at.desc(), c.id.desc()).limit(8))


def _letters(conn: Connection, town_id: int, keys: Keys, now: datetime) -> list[Letter]:
    """What partners wrote about the town; their addresses are on the queue's page alone."""
    p = partner_messages.c
    rows = conn.execute(
        select(p.content, p.created_at, p.answered_at)
        .where(p.town_id == town_id, p.expires_at > now)
        .order_by(p.created_at.desc())
        .limit(20)
    )
    letters = []
    for row in rows:
        content = json.loads(keys.open("partner.content", row.content))
        said = (content["organisation"], content["name"], content["message"])
        letters.append(Letter(*said, row.created_at, row.answered_at))
    return letters


def _circles(conn: Connection, town: TownRow, now: datetime) -> list[ShownCircle]:
    if town.lat is None or town.lng is None:
        return []
    return circles_near(conn, town.lat, town.lng, now, limit=4)


def _neighbours(conn: Connection, town: TownRow) -> list[NearTown]:
    if town.lat is None or town.lng is None:
        return []
    near = towns_near(conn, town.lat, town.lng, NEAR_KM, asking=True)
    return [one for one in near if one.town.id != town.id][:6]
