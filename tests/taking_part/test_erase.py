"""Erasing oneself: what goes, what stays, and that it is final."""

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from board.comments.actions import Saying, add_comment
from board.comments.models import comments
from board.core import clock
from board.core.errors import BoardError, Gone
from board.core.http import Board
from board.mail.actions import Letter, enqueue, stop_stream
from board.mail.models import outgoing_mails, stopped_streams
from board.mail.rules import Limits
from board.people.actions import block, remember
from board.people.models import people
from board.people.queries import is_blocked, person_by_key
from board.recount import differences
from board.stories.models import stories
from board.taking_part.actions import act_as
from board.taking_part.erase_actions import erase_person
from board.taking_part.rules import VoteWish, Where, terms_of
from board.towns.models import towns
from board.votes.models import votes
from board.votes.rules import Offer
from tests.invented import HERE, JOENSUU, NEED, VELENJE, person, remembered, say, tell, vote
from tests.post import deliver
from tests.taking_part.test_you import ANA, ask, browser

TOWN = "/towns/si/velenje"
PHONE = "+38641765431"


def take_part(client: TestClient, board: Board) -> None:
    """Somebody tells, offers and comments, with a phone number too."""
    form = {
        "town": "Velenje", "why": "Kanarček piše, that learning alone is hard.", "name": "Kanarček",
        "may_show": "1", "email": ANA, "phone": PHONE, "facilitate": "1",
    }  # fmt: skip
    page = client.post("/tell", data=form, headers=HERE).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code}, headers=HERE)
    said = {"text": "A canary's word.", "name": "Kanarček"}
    client.post(f"{TOWN}/comments", data=said, headers=HERE)


def erase(client: TestClient, choice: str = "keep") -> Any:
    """Press the button."""
    return client.post("/you/erase", data={"votes": choice, "sure": "1"}, headers=HERE)


def count(board: Board, name: str = "vote_count") -> int:
    with board.database.snapshot() as conn:
        found: int = conn.execute(select(towns.c[name]).where(towns.c.id == 1)).scalar_one()
        return found


def test_one_says_what_becomes_of_votes_and_that_one_means_it(
    client: TestClient, board: Board
) -> None:
    take_part(client, board)
    assert "This stays" in client.get("/you/erase").text
    for form, said in (
        ({}, 2), ({"votes": "keep"}, 1), ({"sure": "1"}, 1), ({"votes": "all", "sure": "1"}, 1),
    ):  # fmt: skip
        answer = client.post("/you/erase", data=form, headers=HERE)
        assert answer.status_code == 422
        assert len(re.findall(r'class="error"', answer.text)) == said, form
    assert count(board) == 1
    assert client.get("/you").status_code == 200


@pytest.mark.parametrize(("choice", "left"), [("keep", 1), ("take_back", 0)])
def test_erased_whole_and_no_second_vote(
    client: TestClient, board: Board, choice: str, left: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    take_part(client, board)
    done = erase(client, choice)
    assert (done.status_code, done.headers["location"]) == (303, "/you/erased")
    assert "Max-Age=0" in done.headers["set-cookie"]
    assert client.get("/you/erased").status_code == 200
    assert (count(board), count(board, "facilitate_count")) == (left, 0)
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []
    words = ("Kanar", "canary", "ana@example", PHONE[1:], "learning alone")
    assert not any(word in caplog.text for word in words)
    if board.database.is_sqlite:
        file = Path(str(make_url(board.database.url).database))
        raw = b"".join(one.read_bytes() for one in file.parent.glob(file.name + "*"))
        assert not any(word.encode() in raw for word in words)
    # Voting again neither counts twice nor brings the erased person back.
    page = client.post(f"{TOWN}/vote", data={"email": ANA}, headers=HERE).headers["location"]
    client.post(page, data={"code": deliver(board)[-1].code, "shared": "1"}, headers=HERE)
    shown = client.get(page).text
    assert count(board) == 1
    if choice == "keep":
        assert "counted already" in shown
        assert "Take my vote back" in shown
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def test_debate_stays_readable_under_one_neutral_line(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        ana, bob = person(conn, "Ana"), person(conn, "Bob")
        town = vote(conn, ana)
        story = tell(conn, ana, town, "Ana's why", title="Ana's title")
        lonely = tell(conn, ana, town, "Nobody answered", title="Lonely")
        say(conn, bob, town, "Bob on the story", story_id=story)
        top = say(conn, ana, town, "Ana asks")
        reply = Saying(town, None, "Bob", "en", "Bob replies", top, top)
        add_comment(
            conn, reply, person_id=bob.id, staff=False, visibility="public", now=clock.now()
        )
    remembered(board, client, "Ana")
    erase(client)
    page = client.get(TOWN).text
    assert "Bob replies" in page
    assert "Ana" not in page.replace("Anagram", "")
    under = client.get(f"/stories/{story}")
    assert under.status_code == 200
    assert "Removed at its author" in under.text
    assert "Bob on the story" in under.text
    assert client.get(f"/stories/{lonely}").status_code == 410
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []
        assert set(conn.execute(select(stories.c.person_id)).scalars()) == {None}
        texts = {row.id: row.text for row in conn.execute(select(comments.c.id, comments.c.text))}
    assert sorted(filter(None, texts.values())) == ["Bob on the story", "Bob replies"]


def test_mails_on_their_way_are_dropped_and_sent_ones_lead_nowhere(board: Board) -> None:
    key, now = board.keys.person_key(ANA), clock.now()
    with board.database.transaction() as conn:
        who = person(conn, "Ana", key=key)
        for event in ("one", "two"):
            letter = Letter(event, "you", "en", ANA, key, {"waiting_id": 1, "issue": 1})
            enqueue(conn, board.keys, letter, domain="example.org", limits=Limits(9, 9), now=now)
        conn.execute(
            update(outgoing_mails)
            .where(outgoing_mails.c.event == "one")
            .values(state="sent", recipient=b"", payload=b"", answer="250 ok ana@example.org")
        )
        stop_stream(conn, key, "digest", now)
        erase_person(conn, board.keys, who.id, key, take_back=False, need=NEED, now=now)
        rows = conn.execute(select(outgoing_mails)).mappings().all()
        assert [row["event"] for row in rows] == ["one"]
        assert rows[0]["recipient_key"] != key
        assert (rows[0]["answer"], rows[0]["message_id"]) == ("", "")
        assert conn.execute(select(stopped_streams.c.key)).scalar_one() == key


def test_blocked_stays_blocked(board: Board) -> None:
    key, now = board.keys.person_key(ANA), clock.now()
    with board.database.transaction() as conn:
        who = person(conn, "Ana", key=key)
        vote(conn, who)
        block(conn, who.id, now)
        erase_person(conn, board.keys, who.id, key, take_back=False, need=NEED, now=now)
        assert is_blocked(conn, key)
        assert conn.execute(select(people.c.name)).scalar_one() == ""


def test_role_at_the_desk_has_to_end_first(client: TestClient, board: Board) -> None:
    remembered(board, client, "Sue", role="moderator")
    answer = erase(client)
    assert (answer.status_code, "Ask another admin" in answer.text) == (403, True)
    with board.database.snapshot() as conn:
        assert conn.execute(select(people.c.name)).scalar_one() == "Sue"


def test_erasing_twice_says_so(board: Board) -> None:
    key, now = board.keys.person_key(ANA), clock.now()
    with board.database.transaction() as conn:
        who = person(conn, "Ana", key=key)
        erase_person(conn, board.keys, who.id, key, take_back=False, need=NEED, now=now)
    with pytest.raises(Gone), board.database.transaction() as conn:
        erase_person(conn, board.keys, who.id, key, take_back=False, need=NEED, now=now)


def test_number_of_an_erased_person_is_nobody_elses(board: Board) -> None:
    """Links in old mails name it."""
    key, now = board.keys.person_key(ANA), clock.now()
    with board.database.transaction() as conn:
        who = person(conn, "Ana", key=key)
        erase_person(conn, board.keys, who.id, key, take_back=False, need=NEED, now=now)
        again = remember(conn, key, name="Ana", language="en", now=now)
        other = remember(conn, b"other", name="Eve", language="en", now=now)
    assert len({who.id, again, other}) == 3


def test_vote_that_comes_while_one_is_erased_brings_nothing_back(board: Board) -> None:
    """A remembered browser votes in the same moment: one of the two comes first, both whole."""
    key, terms, now = board.keys.person_key(ANA), terms_of(board.settings), clock.now()
    with board.database.transaction() as conn:
        who = person(conn, "Ana", key=key)
        vote(conn, who, offer=Offer(come=True))

    def cast(number: int) -> Any:
        place = (VELENJE, JOENSUU, 656083, 763166)[number % 4]
        wish = VoteWish(where=Where(geonames_id=place), name="Ana", offer=Offer(come=True))
        return board.database.write(
            act_as, board.keys, wish, person_id=who.id, key=key, reach=None, staff=False,
            terms=terms, now=now,
        )  # fmt: skip

    def goodbye() -> Any:
        return board.database.write(
            erase_person, board.keys, who.id, key, take_back=False, need=NEED, now=now
        )

    async def all_at_once() -> list[Any]:
        acts = [cast(0), cast(1), goodbye(), cast(2), cast(3), cast(0)]
        return list(await asyncio.gather(*acts, return_exceptions=True))

    answers = asyncio.run(all_at_once())
    assert all(not isinstance(one, Exception) or isinstance(one, BoardError) for one in answers)
    with board.database.snapshot() as conn:
        rows = conn.execute(select(votes.c.person_id, votes.c.name, votes.c.come)).all()
        assert {tuple(row) for row in rows} == {(None, "", False)}
        assert person_by_key(conn, key) is None
        assert differences(conn, board.settings) == []


def test_form_that_waits_dies_with_its_person(client: TestClient, board: Board) -> None:
    take_part(client, board)
    other = browser(board)
    other.post("/towns/fi/joensuu/vote", data={"email": ANA}, headers=HERE)
    link = deliver(board)[-1].link
    erase(client)
    assert other.get(link).status_code == 410
    assert other.post(link, headers=HERE).status_code == 410
    ask(other, board)
