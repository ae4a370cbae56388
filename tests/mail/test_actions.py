"""The outbox: once per event and recipient, within limits; leased, tried again, emptied."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select

from board.core.db import Database
from board.core.keys import Keys
from board.mail.actions import forget_suppression, resume_stream, stop_stream, suppress
from board.mail.delivery_actions import LEASE, Claimed, accepted, claim, refused, try_again_now
from board.mail.models import outgoing_mails, stopped_streams
from board.mail.queries import is_suppressed, stopped_streams_of, suppression_of
from board.mail.rules import MOST_TRIES_OF_CODE, Limits, turn_of
from tests.mail.outbox import NOW, put

HOUR, DAY, BLINK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


def test_enqueue_takes_each_event_once_per_recipient(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        said = [
            put(conn, keys, to=to, event=event)
            for to, event in (
                ("bob@example.org", "launch:1"), ("bob@example.org", "launch:1"),
                ("alice@example.org", "launch:1"), ("bob@example.org", "launch:2"),
            )
        ]  # fmt: skip
        assert said == ["queued", "known", "queued", "queued"]
        assert conn.execute(select(func.count()).select_from(outgoing_mails)).scalar() == 3


@pytest.mark.anyio
async def test_enqueue_of_one_event_by_many_at_once_is_one_mail(
    database: Database, keys: Keys
) -> None:
    other = Database(database.url)
    try:
        acts = [own.write(put, keys) for _ in range(15) for own in (database, other)]
        said = await asyncio.gather(*acts)
    finally:
        other.close()
    assert sorted(said) == ["known"] * 29 + ["queued"]


def test_enqueue_stops_at_the_limits_of_an_hour_and_a_day(database: Database, keys: Keys) -> None:
    limits = Limits(per_hour=2, per_day=3)
    with database.transaction() as conn:
        said = [
            put(conn, keys, event=f"e:{number}", limits=limits, now=NOW + after)
            for number, after in enumerate(
                (timedelta(0), BLINK, BLINK, HOUR - BLINK, HOUR, 2 * HOUR + BLINK, 23 * HOUR, DAY,
                 DAY + BLINK)
            )
        ]  # fmt: skip
        assert said == [
            "queued", "queued", "limited", "limited", "queued", "limited", "limited", "queued",
            "queued",
        ]  # fmt: skip
        assert put(conn, keys, to="alice@example.org", limits=limits) == "queued"


def dated(conn: Connection, event: str) -> datetime:
    statement = select(outgoing_mails.c.due_at).where(outgoing_mails.c.event == event)
    due: datetime = conn.execute(statement).scalar_one()
    return due


def weekly(conn: Connection, keys: Keys, event: str, **more: Any) -> str:
    """Put a mail with a stream into the outbox, for person 1."""
    return put(conn, keys, event=event, kind="digest", stream="digest", **more)


def test_mail_of_a_stream_waits_for_its_turn_and_is_never_lost(
    database: Database, keys: Keys
) -> None:
    limits = Limits(per_hour=2, per_day=3)
    with database.transaction() as conn:
        said = [weekly(conn, keys, f"e:{n}", limits=limits) for n in range(7)]
        assert said == ["queued"] * 7
        due = [dated(conn, f"e:{n}") - NOW for n in range(7)]
    assert due == [timedelta(0)] * 2 + [HOUR, DAY, DAY, DAY + HOUR, 2 * DAY]
    assert_limits_hold([NOW + after for after in due], limits)


def assert_limits_hold(times: list[datetime], limits: Limits) -> None:
    for end in times:
        for most, window in ((limits.per_hour, HOUR), (limits.per_day, DAY)):
            assert sum(end - window < one <= end for one in times) <= most


@given(
    st.lists(st.integers(0, 3 * 24 * 60), max_size=30),
    st.integers(1, 4),
    st.integers(1, 12),
)
def test_turns_keep_every_hour_and_day_within_the_limits(
    minutes: list[int], hour: int, day: int
) -> None:
    limits, times = Limits(hour, day), list[datetime]()
    for minute in sorted(minutes):
        now = NOW + timedelta(minutes=minute)
        due = turn_of(sorted(times, reverse=True), limits, now)
        assert due >= now
        times.append(due)
    assert_limits_hold(times, limits)


def test_codes_count_together_but_those_of_the_desk_s_door(database: Database, keys: Keys) -> None:
    limits = Limits(per_hour=2, per_day=9)
    with database.transaction() as conn:
        for number in range(4):
            put(conn, keys, event=f"confirm:{number}", limits=limits)
            weekly(conn, keys, f"week:{number}", limits=limits)
        said = [
            put(conn, keys, event=f"{kind}:{n}", kind=kind, limits=limits)
            for kind in ("sign_in", "you")
            for n in range(3)
        ]
    assert said == ["queued", "queued", "limited"] + ["limited"] * 3


@pytest.mark.anyio
async def test_limit_holds_for_many_at_once(database: Database, keys: Keys) -> None:
    other, limits = Database(database.url), Limits(per_hour=3, per_day=10)
    try:
        acts = [
            own.write(put, keys, event=f"confirm:{number}:{name}", limits=limits)
            for number in range(20)
            for name, own in (("a", database), ("b", other))
        ]
        said = await asyncio.gather(*acts)
    finally:
        other.close()
    assert sorted(said) == ["limited"] * 37 + ["queued"] * 3


def test_mail_of_a_stream_needs_its_person(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        for stream, values in (("digest", {}), ("news", {"person_id": 1})):
            with pytest.raises(ValueError, match="needs a known stream"):
                put(conn, keys, stream=stream, values=values)


def test_enqueue_writes_nothing_to_who_wants_no_mail(database: Database, keys: Keys) -> None:
    key = keys.person_key("bob@example.org")
    with database.transaction() as conn:
        suppress(conn, key, "asked", NOW)
        suppress(conn, key, "asked", NOW)
        assert is_suppressed(conn, key)
        assert put(conn, keys) == "suppressed"
        assert put(conn, keys, to="alice@example.org") == "queued"
        forget_suppression(conn, key)
        assert put(conn, keys) == "queued"


def test_outbox_holds_neither_address_nor_words(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        put(conn, keys, to="bob.of.velenje@example.org", town="Velenje")
        row = conn.execute(select(outgoing_mails)).one()
    for word in (b"bob.of", b"example", b"Velenje", keys.code("confirm", 1, 1).encode()):
        assert all(word not in bytes(value) for value in row if isinstance(value, bytes))
        assert all(
            word.decode() not in value
            for name, value in row._mapping.items()
            if isinstance(value, str) and name != "message_id"
        )
    assert "bob" not in row.message_id


def test_message_id_is_that_of_event_and_recipient(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        for event in ("a", "b"):
            put(conn, keys, event=event)
        put(conn, keys, to="alice@example.org", event="a")
        ids = list(conn.execute(select(outgoing_mails.c.message_id)).scalars())
    assert len(set(ids)) == 3
    assert all(one.startswith("<") and one.endswith("@board.example.org>") for one in ids)


def test_stopped_stream_leaves_the_others(database: Database, keys: Keys) -> None:
    key = keys.person_key("bob@example.org")
    with database.transaction() as conn:
        stop_stream(conn, key, "start", NOW)
        stop_stream(conn, key, "start", NOW)
        assert stopped_streams_of(conn, key) == {"start"}
        assert put(conn, keys, event="s", stream="start") == "suppressed"
        assert weekly(conn, keys, "week:1") == "queued"
        assert put(conn, keys, event="c") == "queued"
        resume_stream(conn, key, "start")
        assert put(conn, keys, event="s", stream="start") == "queued"


def test_suppressing_takes_back_what_waits(database: Database, keys: Keys) -> None:
    with database.transaction() as conn:
        put(conn, keys)
        put(conn, keys, to="alice@example.org")
        suppress(conn, keys.person_key("bob@example.org"), "asked", NOW)
    taken = [take(database), take(database)]
    assert [mail is not None for mail in taken] == [True, False]
    with database.snapshot() as conn:
        states = conn.execute(select(outgoing_mails.c.state).order_by(outgoing_mails.c.id))
        assert list(states.scalars()) == ["stopped", "sending"]


def test_mail_queued_while_its_reader_said_stop_is_not_sent(database: Database, keys: Keys) -> None:
    key = keys.person_key("bob@example.org")
    with database.transaction() as conn:
        weekly(conn, keys, "week:1")
        put(conn, keys, event="c", now=NOW + BLINK)
        conn.execute(insert(stopped_streams).values(key=key, stream="digest", created_at=NOW))
    mail = take(database, after=BLINK)
    assert mail is not None
    assert mail.kind == "confirm"
    with database.snapshot() as conn:
        row = conn.execute(select(outgoing_mails).order_by(outgoing_mails.c.id)).first()
    assert row is not None
    assert (row.state, row.recipient, row.payload) == ("stopped", b"", b"")


def test_complaint_outlasts_what_its_owner_asks(database: Database, keys: Keys) -> None:
    key = keys.person_key("bob@example.org")
    with database.transaction() as conn:
        for reason in ("asked", "complained", "asked", "bounced"):
            suppress(conn, key, reason, NOW)
        assert suppression_of(conn, key) == "complained"
        assert not forget_suppression(conn, key)
        assert put(conn, keys) == "suppressed"


# --- delivery -------------------------------------------------------------------------------


def take(database: Database, *, after: timedelta = timedelta(0)) -> Claimed | None:
    with database.transaction() as conn:
        return claim(conn, now=NOW + after)


def queue(database: Database, keys: Keys, count: int = 1) -> None:
    with database.transaction() as conn:
        for number in range(count):
            put(conn, keys, event=f"e:{number}", now=NOW + number * BLINK)


def state_of(database: Database, mail: Claimed) -> str:
    with database.snapshot() as conn:
        statement = select(outgoing_mails.c.state).where(outgoing_mails.c.id == mail.id)
        return str(conn.execute(statement).scalar_one())


def test_claim_takes_the_oldest_that_is_due(database: Database, keys: Keys) -> None:
    queue(database, keys, 3)
    assert take(database, after=-BLINK) is None
    taken = [take(database, after=timedelta(seconds=1)) for _ in range(4)]
    ids = [mail.id for mail in taken if mail is not None]
    assert ids == sorted(ids)
    assert len(ids) == 3
    assert taken[3] is None


def test_claim_by_many_at_once_gives_each_mail_to_one(database: Database, keys: Keys) -> None:
    queue(database, keys, 20)

    async def race() -> list[Claimed | None]:
        acts = [
            own.write(claim, now=NOW + timedelta(seconds=1))
            for _ in range(15)
            for own in (database, other)
        ]
        return await asyncio.gather(*acts)

    other = Database(database.url)
    try:
        taken = [mail.id for mail in asyncio.run(race()) if mail is not None]
    finally:
        other.close()
    assert len(taken) == len(set(taken)) == 20


def test_claim_takes_over_from_a_worker_that_died(database: Database, keys: Keys) -> None:
    queue(database, keys)
    first = take(database)
    assert first is not None
    assert take(database, after=LEASE - BLINK) is None
    second = take(database, after=LEASE)
    assert second is not None
    assert (second.id, second.message_id) == (first.id, first.message_id)
    assert (first.attempts, second.attempts) == (1, 2)


def test_accepted_mail_is_emptied_and_never_taken_again(database: Database, keys: Keys) -> None:
    queue(database, keys)
    mail = take(database)
    assert mail is not None
    with database.transaction() as conn:
        accepted(conn, mail, answer="250 taken " * 50, now=NOW)
        row = conn.execute(select(outgoing_mails)).one()
    assert (row.state, row.sent_at, row.lease_until) == ("sent", NOW, None)
    assert (row.recipient, row.payload) == (b"", b"")
    assert len(row.answer) == 300
    assert take(database, after=DAY) is None


def test_refused_mail_is_tried_later_and_later_and_then_given_up(
    database: Database, keys: Keys
) -> None:
    queue(database, keys)
    at, pauses = timedelta(0), []
    for _ in range(MOST_TRIES_OF_CODE):
        mail = take(database, after=at)
        assert mail is not None
        with database.transaction() as conn:
            refused(conn, mail, answer="451 later", for_good=False, now=NOW + at)
            due = conn.execute(select(outgoing_mails.c.due_at)).scalar_one()
        if state_of(database, mail) == "waiting":
            assert take(database, after=due - NOW - BLINK) is None
            pauses.append(due - NOW - at)
            at = due - NOW
    assert [pause.total_seconds() for pause in pauses] == [15, 60, 240, 960] + [3600] * 23
    with database.snapshot() as conn:
        row = conn.execute(select(outgoing_mails)).one()
    assert (row.state, row.recipient, row.payload) == ("failed", b"", b"")
    assert take(database, after=at + 30 * DAY) is None


def test_mail_refused_for_good_is_given_up_at_once(database: Database, keys: Keys) -> None:
    queue(database, keys)
    mail = take(database)
    assert mail is not None
    with database.transaction() as conn:
        refused(conn, mail, answer="550 nobody here", for_good=True, now=NOW)
        row = conn.execute(select(outgoing_mails)).one()
    assert (row.state, row.recipient, row.payload) == ("failed", b"", b"")
    assert take(database, after=DAY) is None


def test_mailbox_that_is_gone_gets_no_more(database: Database, keys: Keys) -> None:
    queue(database, keys, 2)
    mail = take(database, after=BLINK)
    assert mail is not None
    with database.transaction() as conn:
        refused(conn, mail, answer="550 5.1.1 nobody", for_good=True, gone=True, now=NOW)
        assert suppression_of(conn, keys.person_key("bob@example.org")) == "bounced"
        states = conn.execute(select(outgoing_mails.c.state).order_by(outgoing_mails.c.id))
        assert list(states.scalars()) == ["bounced", "stopped"]


def test_try_again_now_hurries_what_failed_and_nothing_else(database: Database, keys: Keys) -> None:
    limits = Limits(per_hour=1, per_day=9)
    with database.transaction() as conn:
        for number in range(2):
            weekly(conn, keys, f"week:{number}", limits=limits)
    mail = take(database)
    assert mail is not None
    with database.transaction() as conn:
        refused(conn, mail, answer="451 later", for_good=False, now=NOW)
        assert try_again_now(conn, NOW) == 1
    again, other = take(database), take(database)
    assert again is not None
    assert again.id == mail.id
    assert other is None


def test_worker_that_is_too_late_changes_nothing(database: Database, keys: Keys) -> None:
    queue(database, keys)
    slow, quick = take(database), take(database, after=LEASE)
    assert slow is not None
    assert quick is not None
    with database.transaction() as conn:
        refused(conn, slow, answer="451 later", for_good=False, now=NOW + LEASE)
    assert state_of(database, quick) == "sending"
    with database.transaction() as conn:
        accepted(conn, quick, answer="250 taken", now=NOW + LEASE)
        refused(conn, slow, answer="550 nobody", for_good=True, now=NOW + LEASE)
        assert conn.execute(select(outgoing_mails.c.answer)).scalar_one() == "250 taken"
    assert state_of(database, quick) == "sent"
