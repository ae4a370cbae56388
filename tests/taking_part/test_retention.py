"""Everything goes on its day: the run, the dry run, the privacy page speak of the same periods."""

import re
from datetime import datetime, timedelta

import time_machine
from sqlalchemy import func, insert, select, update
from starlette.testclient import TestClient
from typer.testing import CliRunner

from board.cli import app
from board.comments.models import comments
from board.core import clock, quotas
from board.core.http import Board
from board.follows.models import follows
from board.mail.models import outgoing_mails
from board.moderation.models import flags
from board.people.actions import invite, keep_contact, open_session
from board.people.browser import new_secret
from board.people.models import contact_uses, contacts, invitations, sessions, waitings
from board.people.rules import email_reach
from board.record.actions import Act, write_down
from board.record.models import decisions
from board.recount import differences
from board.stories.models import stories
from board.taking_part.mailbox import table
from board.taking_part.retention import keep_for, periods_of
from board.taking_part.retention_jobs import AT_ONCE, tidy, what_is_due
from board.taking_part.rules import VoteWish, Where, terms_of
from board.taking_part.waiting_actions import Sender, wait
from board.towns.models import towns
from board.votes.models import votes
from board.votes.offer_actions import ask_for
from board.votes.rules import Offer
from tests.invented import VELENJE, person, say, tell, vote


def how_many(board: Board, name: str) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(table(name))).scalar_one())


def counts(board: Board) -> dict[str, int]:
    """What is due, by kind; kinds of which nothing is are left out."""
    found = what_is_due(board.database, board.settings)
    return {gone.kind: gone.number for gone in found if gone.number}


def furnish(board: Board) -> datetime:
    """One thing of every kind; the moment."""
    now, keys = clock.now(), board.keys
    terms = terms_of(board.settings)
    with board.database.transaction() as conn:
        ana = person(conn, "Ana")
        town = vote(conn, ana, offer=Offer(come=True))
        ask_for(conn, town, ana.key, topics=["Knitting"], slots=["mon_evening"])
        network = quotas.network_key(conn, "192.0.2.0/24", now)
        conn.execute(update(votes).values(network=network))
        sealed = keys.seal("contact.value", "ana@example.org")
        until = now + keep_for(board.settings, "contacts")
        keep_contact(conn, ana.id, "email", sealed, now=now, expires_at=until)
        about = {"about": "town:1", "kind": "town", "town_id": town}
        conn.execute(insert(follows).values(person_id=ana.id, created_at=now, **about))
        reach = email_reach("bob@example.org")
        assert reach is not None
        sender = Sender(reach, keys.person_key(reach.canonical), "page", "en")
        wish = VoteWish(where=Where(geonames_id=VELENJE))
        wait(conn, keys, wish, sender, terms=terms, now=now)
        conn.execute(update(outgoing_mails).values(state="sent", recipient=b"", payload=b""))
        for visibility in ("deleted", "archived", "held"):
            tell(conn, ana, town, f"A {visibility} one", visibility=visibility)
            say(conn, ana, town, f"A {visibility} word", visibility=visibility)
        conn.execute(update(comments).values(hidden_at=now, held_for="first"))
        open_session(
            conn, ana.id, new_secret(), desk=False, now=now, expires_at=now + timedelta(days=90)
        )
        sealed = keys.seal("invitation.email", "sue@example.org")
        invite(conn, "token", sealed, "staff", now=now)
        flag = {"subject": "story", "subject_id": 1, "flagger": b"x", "reason": "spam"}
        conn.execute(insert(flags).values(created_at=now, settled_at=now, note="Look!", **flag))
        use = {"person_id": ana.id, "purpose": "contact", "at": now}
        conn.execute(insert(contact_uses).values(**use))
        write_down(conn, Act(ana.id, "keep", "story", 1), now)
    return now


def test_each_kind_goes_on_its_day_and_not_before(board: Board) -> None:
    began = furnish(board)
    assert counts(board) == {}
    seen: dict[str, int] = {}
    for day in (0.9, 1.1, 7.1, 13, 14.1, 30.1, 89, 90.1, 366, 3 * 365 + 1):
        with time_machine.travel(began + timedelta(days=day)):
            due = counts(board)
            gone = {
                one.kind: one.number
                for one in tidy(board.database, board.settings, everything=True)
                if one.number
            }
            assert due == gone
            for kind in gone:
                seen.setdefault(kind, int(day))
            assert counts(board) == {}
    assert {kind: day for kind, day in seen.items() if kind != "counters"} == {
        "forms": 1, "texts": 1, "invitations": 7, "networks": 14, "browsers": 90, "mails": 90,
        "flags": 90, "contacts": 366, "uses": 3 * 365 + 1, "record": 3 * 365 + 1,
    }  # fmt: skip
    for model in (
        waitings,
        sessions,
        invitations,
        contacts,
        contact_uses,
        decisions,
        flags,
        follows,
    ):
        assert how_many(board, model.name) == 0, model.name
    with board.database.snapshot() as conn:
        assert set(conn.execute(select(stories.c.why)).scalars()) == {""}
        assert set(conn.execute(select(comments.c.text)).scalars()) == {""}
        assert conn.execute(select(votes.c.network)).scalar_one() is None
        assert differences(conn, board.settings) == []


def test_contact_ends_with_its_offers_and_follows_and_the_counters(board: Board) -> None:
    began = furnish(board)
    with time_machine.travel(began + timedelta(days=370)):
        tidy(board.database, board.settings)
    with board.database.snapshot() as conn:
        row = conn.execute(select(towns.c.vote_count, towns.c.come_count)).one()
        own = conn.execute(select(votes.c.state, votes.c.come)).one()
        assert (tuple(row), tuple(own)) == ((1, 0), ("counted", False))
        assert conn.execute(select(follows.c.id)).first() is None
        assert differences(conn, board.settings) == []


def test_second_contact_keeps_the_offers(board: Board) -> None:
    began = furnish(board)
    with board.database.transaction() as conn:
        who, sealed = person(conn, "Ana"), board.keys.seal("contact.value", "+38641765431")
        until = began + timedelta(days=500)
        keep_contact(conn, who.id, "phone", sealed, now=began, expires_at=until)
    with time_machine.travel(began + timedelta(days=370)):
        gone = {one.kind: one for one in tidy(board.database, board.settings)}
    assert (gone["contacts"].number, gone["contacts"].people) == (1, (who.id,))
    with board.database.snapshot() as conn:
        assert conn.execute(select(towns.c.come_count)).scalar_one() == 1


def test_looking_changes_nothing(board: Board) -> None:
    began = furnish(board)
    with time_machine.travel(began + timedelta(days=400)):
        first, second = counts(board), counts(board)
    assert first == second
    assert first["contacts"] == 1
    assert how_many(board, "contact") == 1


def test_many_go_in_small_steps(board: Board) -> None:
    now = clock.now()
    with board.database.transaction() as conn:
        who = person(conn, "Ana")
        for _number in range(AT_ONCE + 20):
            until = now - timedelta(days=1)
            open_session(conn, who.id, new_secret(), desk=False, now=now, expires_at=until)
    gone = {one.kind: one.number for one in tidy(board.database, board.settings)}
    assert gone["browsers"] == AT_ONCE + 20
    assert how_many(board, "browser_session") == 0


def test_whole_tables_are_looked_through_once_a_day(board: Board) -> None:
    began = furnish(board)
    tidy(board.database, board.settings)
    with time_machine.travel(began + timedelta(days=15)):
        kinds = {one.kind for one in tidy(board.database, board.settings)}
        again = {one.kind for one in tidy(board.database, board.settings)}
    assert "networks" in kinds
    assert "networks" not in again
    assert "contacts" in again


def test_command_lists_and_then_does(board: Board) -> None:
    began = furnish(board)
    with time_machine.travel(began + timedelta(days=370), tick=False):
        runner = CliRunner(env=environment(board))
        looked = runner.invoke(app, ["tidy", "--dry-run"])
        assert looked.exit_code == 0, looked.output
        assert re.search(r"contacts: 1 due, the oldest from \d{4}-\d\d-\d\d", looked.output)
        assert "of persons 1" in looked.output
        assert "@" not in looked.output
        assert how_many(board, "contact") == 1
        done = runner.invoke(app, ["tidy"])
        assert "contacts: 1 gone" in done.output
        assert how_many(board, "contact") == 0


def environment(board: Board) -> dict[str, str]:
    """The settings of the test board, as an operator sets them."""
    secret = board.settings.link_secret
    return {
        "BOARD_DATABASE_URL": board.settings.database_url,
        "BOARD_VAR": str(board.settings.var),
        "BOARD_VOTER_SECRET": secret,
        "BOARD_SEALING_KEYS": secret,
        "BOARD_LINK_SECRET": secret,
    }


def test_privacy_page_tells_the_same_periods(client: TestClient, board: Board) -> None:
    shown = client.get("/privacy").text
    table_shown = shown[shown.index('class="periods"') :]
    rows = re.findall(r'id="keep-(\w+)"[^>]*>.*?<dd>(.*?)</dd>', table_shown, re.S)
    periods = periods_of(board.settings)
    assert [kind for kind, _words in rows] == [period.kind for period in periods]
    for (_kind, words), period in zip(rows, periods, strict=True):
        assert str(period.months or period.days) in words
    board.settings = board.settings.model_copy(update={"contact_months": 6})
    assert "6 months" in client.get("/privacy").text
    assert 'class="periods"' in client.get("/de/privacy").text
