"""What may happen on a board, one act each, drawn at random: done by our own actions.

An act that doesn't fit the moment (take back a vote that isn't there) is refused by its action,
as it would be on the board; then nothing happened.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from board.circles.models import circle_imports, circles, libraries
from board.comments.actions import keep_comment, move_comment
from board.comments.lock_actions import lock_talk, unlock_talk
from board.comments.models import comments
from board.comments.own_actions import Wording, edit_comment, withdraw_comment
from board.core import clock
from board.core.errors import BoardError
from board.desk.merge_actions import merge_towns, undo_merge
from board.desk.models import town_merges
from board.people.models import people
from board.stories.actions import hide_story, keep_story, withdraw_story
from board.stories.edit_actions import Change, rewrite
from board.stories.models import stories
from board.stories.photo_actions import drop_photo, put_photo
from board.stories.picture_rules import Picture
from board.stories.queries import any_story
from board.towns.actions import found_by_hand, set_nearest
from board.towns.by_hand_actions import list_by_hand
from board.towns.models import towns
from board.towns.rules import STATUSES
from board.updates.actions import Word, publish
from board.updates.rules import REASONS
from board.votes.actions import take_back_vote
from board.votes.models import votes
from board.votes.offer_actions import ask_for, end_offers, set_offer
from board.votes.rules import Offer
from board.votes.void_actions import restore_votes, void_votes
from tests.invented import (
    ELK,
    JOENSUU,
    NEED,
    NOWY_SACZ,
    SUVA,
    VELENJE,
    Person,
    add_circles,
    add_library,
    person,
    row_of_circle,
    say,
    tell,
    vote,
)  # fmt: skip

PLACES = (VELENJE, JOENSUU, SUVA, NOWY_SACZ, ELK, 3196359, 2921466, 5206379)
PEOPLE = ("Ana", "Bo", "Cy", "Dea", "Emil", "Fay", "Gus", "Hana")
WORDS = ("bread", "stars", "bicycles", "letters", "maps", "gardens")
Act = Callable[[Connection, Random], object]


def somebody(conn: Connection, draw: Random) -> Person:
    return person(conn, draw.choice(PEOPLE))


def any_row(conn: Connection, draw: Random, table: Table, *where: Any) -> Any:
    """A row of a table; None while there is none."""
    return draw.choice(conn.execute(select(table).where(*where)).all() or [None])


def some_offer(draw: Random) -> Offer:
    return Offer(*(draw.random() < 0.4 for _name in Offer._fields))


def votes_for(conn: Connection, draw: Random) -> None:
    vote(conn, somebody(conn, draw), draw.choice(PLACES), offer=some_offer(draw))


def takes_back(conn: Connection, draw: Random) -> None:
    row = any_row(conn, draw, votes, votes.c.state == "counted")
    take_back_vote(conn, row.town_id, row.voter_key, need=NEED, now=clock.now())


def voids(conn: Connection, draw: Random) -> None:
    act = draw.choice((void_votes, restore_votes))
    ids = [any_row(conn, draw, votes).id]
    if act is void_votes:
        void_votes(conn, ids, "spam", need=NEED, now=clock.now())
    else:
        restore_votes(conn, ids, need=NEED, now=clock.now())


def offers(conn: Connection, draw: Random) -> None:
    row = any_row(conn, draw, votes)
    offer, near = some_offer(draw), draw.random() < 0.3
    set_offer(conn, row.town_id, row.voter_key, offer, nearby=near, need=NEED, now=clock.now())


def stops_offering(conn: Connection, draw: Random) -> None:
    end_offers(conn, somebody(conn, draw).id, need=NEED, now=clock.now())


def wishes(conn: Connection, draw: Random) -> None:
    row = any_row(conn, draw, votes)
    topics, slots = draw.sample(WORDS, 2), draw.sample(("thu_evening", "sat_morning"), 1)
    ask_for(conn, row.town_id, row.voter_key, topics=topics, slots=slots)


def tells(conn: Connection, draw: Random) -> None:
    told = draw.choice(("public", "public", "held"))
    title, spoken = draw.choice(WORDS).title(), draw.choice(("en", "sl", "de"))
    town_id = any_row(conn, draw, towns).id
    tell(conn, somebody(conn, draw), town_id, title=title, language=spoken, visibility=told)


def moderates_story(conn: Connection, draw: Random) -> None:
    story_id, now = any_row(conn, draw, stories).id, clock.now()
    after = draw.choice(("keep", "unlisted", "archived", "deleted", "withdrawn"))
    if after == "keep":
        keep_story(conn, story_id, now)
    elif after == "withdrawn":
        withdraw_story(conn, story_id, now)
    else:
        hide_story(conn, story_id, after, "spam", now)


def edits_story(conn: Connection, draw: Random) -> None:
    story = any_story(conn, any_row(conn, draw, stories).id)
    telling = story.telling._replace(why=f"Because of {draw.choice(WORDS)}.")
    if draw.random() < 0.3:
        telling = telling._replace(language=draw.choice(("en", "fr")))
    rewrite(conn, story, Change(telling, "A shelf."), trace=draw.random() < 0.5, now=clock.now())


def shows_picture(conn: Connection, draw: Random) -> None:
    story_id = any_row(conn, draw, stories).id
    if draw.random() < 0.3:
        drop_photo(conn, story_id)
    else:
        picture = Picture(jpeg=b"not looked at", width=draw.randint(40, 90), height=40)
        put_photo(conn, story_id, picture, draw.choice(WORDS), clock.now())


def says(conn: Connection, draw: Random) -> None:
    who, told = somebody(conn, draw), draw.choice(("public", "public", "held"))
    words = f"I like {draw.choice(WORDS)}."
    story = any_row(conn, draw, stories) if draw.random() < 0.3 else None
    town_id = None if draw.random() < 0.2 else any_row(conn, draw, towns).id
    if story is not None:
        say(conn, who, story.town_id, words, story_id=story.id, visibility=told)
    else:
        above = any_row(conn, draw, comments, comments.c.town_id == town_id)
        reply = above.id if above is not None and above.story_id is None else None
        say(conn, who, town_id, words, visibility=told, reply_to=reply)


def moderates_comment(conn: Connection, draw: Random) -> None:
    row, now = any_row(conn, draw, comments), clock.now()
    after = draw.choice(("keep", "unlisted", "deleted", "archived", "edit", "withdraw"))
    if after == "keep":
        keep_comment(conn, row.id, now)
    elif after == "withdraw":
        withdraw_comment(conn, row.id, person_id=row.person_id, now=now)
    elif after == "edit":
        wording = Wording(f"Or {draw.choice(WORDS)}.", "en")
        edit_comment(conn, row.id, wording, person_id=row.person_id, anew="public", now=now)
    else:
        move_comment(conn, row.id, after, "spam", now=now)


def locks_talk(conn: Connection, draw: Random) -> None:
    town_id = None if draw.random() < 0.3 else any_row(conn, draw, towns).id
    actor = somebody(conn, draw).id
    if draw.random() < 0.6:
        lock_talk(conn, town_id, draw.choice(WORDS), actor_id=actor, now=clock.now())
    else:
        unlock_talk(conn, town_id, actor_id=actor, now=clock.now())


def speaks_officially(conn: Connection, draw: Random) -> None:
    town = any_row(conn, draw, towns)
    word = Word(
        town.id, town.status, draw.choice(STATUSES), draw.choice([*REASONS]),
        f"About {draw.choice(WORDS)}.", "en",
    )  # fmt: skip
    publish(conn, word, person_id=somebody(conn, draw).id, name="Sue", now=clock.now())


def types_town(conn: Connection, draw: Random) -> None:
    lat, lng = draw.uniform(40, 60), draw.uniform(0, 30)
    name = f"{draw.choice(WORDS)}ville".title()
    town_id = found_by_hand(conn, name=name, country="SI", lat=lat, lng=lng, now=clock.now())
    if draw.random() < 0.5:
        list_by_hand(conn, town_id)


def merges(conn: Connection, draw: Random) -> None:
    one, other = (any_row(conn, draw, towns).id for _n in range(2))
    actor = somebody(conn, draw).id
    merge_towns(conn, one, other, actor_id=actor, need=NEED, now=clock.now())


def unmerges(conn: Connection, draw: Random) -> None:
    row = any_row(conn, draw, town_merges)
    undo_merge(conn, row.id, actor_id=somebody(conn, draw).id, need=NEED, now=clock.now())


def circle_appears(conn: Connection, draw: Random) -> None:
    number = conn.execute(select(func.coalesce(func.max(circles.c.id), 0))).scalar_one() + 1
    state = draw.choice(("now", "soon", "finished"))
    row = row_of_circle(number, draw.uniform(40, 60), draw.uniform(0, 30), state=state)
    add_circles(conn, [row])


def circle_changes(conn: Connection, draw: Random) -> None:
    row = any_row(conn, draw, circles)
    ways: list[dict[str, object]] = [
        {"title": draw.choice(WORDS)},
        {"gone_at": clock.now()},
        {"signup_open": False},
    ]
    values = draw.choice(ways)
    conn.execute(update(circles).where(circles.c.id == row.id).values(**values))


def nearest_changes(conn: Connection, draw: Random) -> None:
    set_nearest(conn, any_row(conn, draw, towns).id, None, draw.uniform(1, 300))


def import_ends(conn: Connection, draw: Random) -> None:
    now: datetime = clock.now()
    conn.execute(
        insert(circle_imports).values(
            kind=draw.choice(("circles", "libraries")), source="a feed",
            sample=draw.random() < 0.5, started_at=now, finished_at=now, outcome="done",
        )
    )  # fmt: skip


def library_appears(conn: Connection, draw: Random) -> None:
    near = any_row(conn, draw, towns)
    name = f"{draw.choice(WORDS)} library".title()
    add_library(conn, name, near.lat or 46.36, near.lng or 15.11, circle_count=1)


def library_goes(conn: Connection, draw: Random) -> None:
    row = any_row(conn, draw, libraries)
    conn.execute(update(libraries).where(libraries.c.id == row.id).values(gone_at=clock.now()))


def changes_name(conn: Connection, draw: Random) -> None:
    who = somebody(conn, draw)
    conn.execute(update(people).where(people.c.id == who.id).values(trusted=True))


ACTS: tuple[Act, ...] = (
    *(votes_for, votes_for, votes_for, takes_back, voids, offers, stops_offering, wishes),
    *(tells, tells, moderates_story, edits_story, shows_picture),
    *(says, says, moderates_comment, locks_talk, speaks_officially),
    *(types_town, merges, unmerges, circle_appears, circle_changes, nearest_changes),
    *(import_ends, library_appears, library_goes, changes_name),
)


def happens(conn: Connection, draw: Random) -> str:
    """Let something happen, whatever fits; its name, "" when the board refused it."""
    act = draw.choice(ACTS)
    with suppress(BoardError, AttributeError), conn.begin_nested():
        act(conn, draw)
        return act.__name__
    return ""
