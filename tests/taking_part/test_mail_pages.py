"""The pages behind a mail's links: one click stops, everything is undone without signing in, and
nobody reaches anybody else's things."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.mail.actions import Letter, enqueue, suppress
from board.mail.models import outgoing_mails, stopped_streams, suppressions
from board.mail.queries import is_suppressed, stopped_streams_of, suppression_of
from board.mail.rules import STREAMS, Limits
from board.people.models import waitings
from board.stories.models import stories
from board.towns.models import towns
from board.votes.models import votes
from tests.invented import HERE, JOENSUU, Person, person, remembered, say, tell, vote
from tests.post import deliver

TOWN = "/towns/si/velenje"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def somebody(board: Board, name: str = "Alice", **more: Any) -> Person:
    with board.database.transaction() as conn:
        return person(conn, name, **more)


def link_of(board: Board, who: Person) -> str:
    return f"/mail/{board.keys.row_token('mail', who.id)}"


def stop_link(board: Board, who: Person, stream: str = "digest") -> str:
    return f"/mail/stop/{board.keys.row_token('mail', who.id)}/{stream}"


def stopped(board: Board, who: Person) -> set[str]:
    with board.database.snapshot() as conn:
        return set(stopped_streams_of(conn, who.key))


def one(board: Board, statement: Any) -> Any:
    with board.database.snapshot() as conn:
        return conn.execute(statement).scalar()


def traces(board: Board) -> tuple[Any, ...]:
    """Everything that an act from a mail could change."""
    with board.database.snapshot() as conn:
        return tuple(
            tuple(conn.execute(select(table).order_by(*table.primary_key.columns)).all())
            for table in (votes, stories, comments, stopped_streams, suppressions, towns, waitings)
        )


# --- one click ------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/de"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://mail.example.net"}, {"sec-fetch-site": "cross-site"},
     {"origin": "null", "sec-fetch-site": "cross-site"}],
)  # fmt: skip
def test_one_click_stops_the_stream_from_wherever_it_comes(
    client: TestClient, board: Board, prefix: str, headers: dict[str, str]
) -> None:
    alice = somebody(board)
    answer = client.post(prefix + stop_link(board, alice), data=ONE_CLICK, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "set-cookie" not in answer.headers
    assert stopped(board, alice) == {"digest"}


@pytest.mark.parametrize(
    "body",
    [
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\xfe", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"{}", "headers": {"content-type": "application/json"}},
    ],
)
def test_one_click_is_understood_however_it_is_wrapped(
    client: TestClient, board: Board, body: dict[str, Any]
) -> None:
    alice = somebody(board)
    assert client.post(stop_link(board, alice), **body).status_code == 200
    assert stopped(board, alice) == {"digest"}


def test_one_click_twice_is_the_same_as_once(client: TestClient, board: Board) -> None:
    alice = somebody(board)
    for _ in range(3):
        assert client.post(stop_link(board, alice), data=ONE_CLICK).status_code == 200
    assert stopped(board, alice) == {"digest"}


def test_many_one_clicks_of_one_provider_all_pass(client: TestClient, board: Board) -> None:
    board.limiter = type(board.limiter)(2)
    for number in range(8):
        who = somebody(board, f"Alice {number}")
        assert client.post(stop_link(board, who), data=ONE_CLICK).status_code == 200


@pytest.mark.parametrize("stream", STREAMS)
def test_looking_stops_nothing(client: TestClient, board: Board, stream: str) -> None:
    alice = somebody(board)
    before = traces(board)
    for _ in range(3):
        for method in ("GET", "HEAD"):
            for path in (stop_link(board, alice, stream), link_of(board, alice)):
                answer = client.request(method, path)
                assert answer.status_code == 200
                assert answer.headers["cache-control"] == "private, no-store"
                assert "noindex" in answer.headers["x-robots-tag"]
                assert answer.headers["referrer-policy"] == "same-origin"
    assert traces(board) == before


def test_page_of_a_stream_has_one_button_that_stops_it(client: TestClient, board: Board) -> None:
    alice = somebody(board)
    html = client.get(stop_link(board, alice)).text
    assert html.count(f'action="{stop_link(board, alice)}"') == 1
    answer = client.post(stop_link(board, alice), data={"here": "1"}, headers=HERE)
    assert answer.status_code == 303
    assert "These mails stop now" in client.get(answer.headers["location"]).text
    assert stopped(board, alice) == {"digest"}
    assert "These mails are stopped" in client.get(stop_link(board, alice)).text


def test_links_that_we_never_made_do_nothing(client: TestClient, board: Board) -> None:
    alice, bob = somebody(board), somebody(board, "Bob")
    good = board.keys.row_token("mail", alice.id)
    secret = good.partition("-")[2]
    before = traces(board)
    for token in (
        f"{bob.id}-{secret}", f"{alice.id}-", f"{alice.id}", "x", good[:-1], good + "x",
        f"0{good}", board.keys.row_token("digest", alice.id), board.keys.row_token("mail", 999),
        "9" * 30 + f"-{secret}", f"-{secret}",
    ):  # fmt: skip
        for path in (f"/mail/stop/{token}/digest", f"/mail/{token}"):
            assert client.get(path).status_code == 404
            assert client.post(path, data={"act": "silence"}, headers=HERE).status_code == 404
    assert client.post(f"/mail/stop/{good}/everything").status_code == 404
    assert traces(board) == before


# --- mails that wait ------------------------------------------------------------------------


def put_mail(board: Board, who: Person, event: str, stream: str = "digest") -> str:
    letter = Letter(
        event=event,
        kind="test",
        language="en",
        address="alice@example.org",
        recipient_key=who.key,
        values={"person_id": who.id},
        stream=stream,
    )
    with board.database.transaction() as conn:
        return enqueue(
            conn, board.keys, letter, domain="example.org", limits=Limits(3, 10), now=clock.now()
        )


def test_mail_carries_the_links_that_stop_it(client: TestClient, board: Board) -> None:
    alice = somebody(board)
    assert put_mail(board, alice, "week:1") == "queued"
    (mail,) = deliver(board)
    base = board.settings.base_url
    head = mail.raw.split(b"\n\n")[0].decode()
    assert f"\nList-Unsubscribe: <{base}{stop_link(board, alice)}>\n" in head
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in head
    assert base + stop_link(board, alice) in mail.text
    assert base + link_of(board, alice) in mail.text


def test_stopped_stream_takes_what_waits_along_and_no_other(
    client: TestClient, board: Board
) -> None:
    alice = somebody(board)
    put_mail(board, alice, "week:1")
    put_mail(board, alice, "start:1", "start")
    client.post(stop_link(board, alice), data=ONE_CLICK)
    assert len(deliver(board)) == 1
    assert put_mail(board, alice, "week:2") == "suppressed"
    assert put_mail(board, alice, "start:2", "start") == "queued"
    with board.database.snapshot() as conn:
        row = conn.execute(select(outgoing_mails).order_by(outgoing_mails.c.id)).first()
    assert row is not None
    assert (row.state, row.recipient, row.payload) == ("stopped", b"", b"")


# --- the page -------------------------------------------------------------------------------


def press(client: TestClient, path: str, **form: str) -> str:
    answer = client.post(path, data=form, headers=HERE)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def test_ticks_choose_the_streams(client: TestClient, board: Board) -> None:
    alice = somebody(board)
    here = link_of(board, alice)
    press(client, here, act="choose", **{"stream-start": "1", "stream-desk": "1"})
    assert stopped(board, alice) == {"offers", "status", "digest", "words"}
    press(client, here, act="choose", **{"stream-digest": "1"})
    assert stopped(board, alice) == {"offers", "status", "start", "words"}


def test_desk_mails_are_for_who_sits_there(client: TestClient, board: Board) -> None:
    alice, sue = somebody(board), somebody(board, "Sue", role="staff")
    assert "stream-desk" not in client.get(link_of(board, alice)).text
    assert "stream-desk" in client.get(link_of(board, sue)).text
    client.post(stop_link(board, sue, "desk"), data=ONE_CLICK)
    assert stopped(board, sue) == {"desk"}


def test_all_mail_stops_and_comes_again(client: TestClient, board: Board) -> None:
    alice = somebody(board)
    here = link_of(board, alice)
    put_mail(board, alice, "week:1")
    assert "not even a code" in press(client, here, act="silence")
    assert deliver(board) == []
    assert put_mail(board, alice, "week:2") == "suppressed"
    press(client, here, act="again")
    assert put_mail(board, alice, "week:3") == "queued"


@pytest.mark.parametrize(("reason", "forgotten"), [("bounced", True), ("complained", False)])
def test_only_a_complaint_outlasts_its_owner(
    client: TestClient, board: Board, reason: Any, forgotten: bool
) -> None:
    alice = somebody(board)
    with board.database.transaction() as conn:
        suppress(conn, alice.key, reason, clock.now())
    press(client, link_of(board, alice), act="again")
    assert one(board, select(func.count()).select_from(suppressions)) == (0 if forgotten else 1)


def test_everything_said_is_taken_back_from_a_mail(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice = person(conn, "Alice")
        town = vote(conn, alice)
        story = tell(conn, alice, town, title="A table by the lake")
        comment = say(conn, alice, town, "Thursdays suit me.")
    here = link_of(board, alice)
    html = client.get(here).text
    for words in ("Velenje", "A table by the lake", "Thursdays suit me."):
        assert words in html
    press(client, here, act="take_back", what="vote", number=str(town))
    press(client, here, act="take_back", what="story", number=str(story))
    html = press(client, here, act="take_back", what="comment", number=str(comment))
    assert "Nothing stands here in your name." in html
    assert one(board, select(towns.c.vote_count)) == 0
    assert one(board, select(stories.c.visibility)) == "withdrawn"
    assert one(board, select(comments.c.visibility)) == "withdrawn"
    again = press(client, here, act="take_back", what="story", number=str(story))
    assert "You took that back already." in again


def test_page_reaches_nothing_of_anybody_else(client: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        alice, bob = person(conn, "Alice"), person(conn, "Bob")
        town = vote(conn, bob)
        there = vote(conn, alice, JOENSUU)
        story = tell(conn, bob, town, title="Of Bob alone")
        comment = say(conn, bob, town, "Bob said this.")
    here = link_of(board, alice)
    html = client.get(here).text
    assert "Of Bob alone" not in html
    assert "Bob said this." not in html
    before = traces(board)
    for what, number in (
        ("vote", town),
        ("story", story),
        ("comment", comment),
        ("person", bob.id),
    ):
        form = {"act": "take_back", "what": what, "number": str(number)}
        client.post(here, data=form, headers=HERE)
    client.post(here, data={"act": "take_back", "what": "vote", "number": "x"}, headers=HERE)
    assert traces(board) == before
    remembered(board, client, "Bob")
    client.post(here, data={"act": "take_back", "what": "vote", "number": str(there)}, headers=HERE)
    counts = select(towns.c.vote_count).where(towns.c.id == town)
    assert one(board, counts) == 1


def test_page_refuses_a_form_from_another_site(client: TestClient, board: Board) -> None:
    alice = somebody(board)
    answer = client.post(
        link_of(board, alice), data={"act": "silence"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    with board.database.snapshot() as conn:
        assert not is_suppressed(conn, alice.key)


# --- the mail with a code -------------------------------------------------------------------


def ask(client: TestClient, email: str = "bob@example.org", **form: str) -> str:
    answer = client.post(f"{TOWN}/vote", data={"email": email, **form}, headers=HERE)
    return str(answer.headers["location"])


def key_of(board: Board, email: str = "bob@example.org") -> bytes:
    return board.keys.person_key(email)


def test_confirmed_link_takes_the_vote_back_for_a_month(client: TestClient, board: Board) -> None:
    page = ask(client)
    mail = deliver(board)[-1]
    client.post(page, data={"code": mail.code, "shared": "1"}, headers=HERE)
    assert one(board, select(towns.c.vote_count)) == 1
    with time_machine.travel(clock.now() + timedelta(days=29), tick=True):
        html = client.get(mail.link).text
        assert one(board, select(towns.c.vote_count)) == 1
        assert f'action="{mail.link}/take-back"' in html
        answer = client.post(f"{mail.link}/take-back", data={"what": "vote"}, headers=HERE)
        assert answer.status_code == 303
        assert "out of the count" in client.get(mail.link).text
    assert one(board, select(towns.c.vote_count)) == 0
    with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
        assert client.get(mail.link).status_code == 410
        late = client.post(f"{mail.link}/take-back", data={"what": "vote"}, headers=HERE)
        assert late.status_code == 410


def test_confirmed_link_takes_back_its_own_and_nobody_else_s(
    client: TestClient, board: Board
) -> None:
    page = ask(client)
    mail = deliver(board)[-1]
    client.post(page, data={"code": mail.code, "shared": "1"}, headers=HERE)
    remembered(board, client, "Alice")
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    client.post(f"{mail.link}/take-back", data={"what": "vote"}, headers=HERE)
    with board.database.snapshot() as conn:
        rows = conn.execute(select(votes.c.voter_key, votes.c.state)).all()
    states = {bytes(row.voter_key): row.state for row in rows}
    assert states[key_of(board)] == "taken_back"
    assert sorted(states.values()) == ["counted", "taken_back"]
    for what in ("story", "comment", "person"):
        wrong = client.post(f"{mail.link}/take-back", data={"what": what}, headers=HERE)
        assert wrong.status_code == 404


def test_unconfirmed_link_takes_nothing_back(client: TestClient, board: Board) -> None:
    ask(client)
    link = deliver(board)[-1].link
    assert client.post(f"{link}/take-back", data={"what": "vote"}, headers=HERE).status_code == 404


def test_story_is_taken_back_by_the_link_of_its_mail(client: TestClient, board: Board) -> None:
    form = {
        "geonames_id": "3189075", "town": "Velenje", "why": "We could learn together.",
        "name": "Maja", "email": "maja@example.org", "may_show": "1",
    }  # fmt: skip
    page = str(client.post("/tell", data=form, headers=HERE).headers["location"])
    mail = deliver(board)[-1]
    client.post(page, data={"code": mail.code, "shared": "1"}, headers=HERE)
    client.post(f"{mail.link}/take-back", data={"what": "story"}, headers=HERE)
    html = client.get(mail.link).text
    assert "It&#39;s taken back." in html or "It's taken back." in html
    assert one(board, select(stories.c.visibility)) == "withdrawn"
    assert one(board, select(towns.c.vote_count)) == 1
    again = client.post(f"{mail.link}/take-back", data={"what": "story"}, headers=HERE)
    assert again.status_code == 303


def test_never_write_again_drops_what_waits_and_keeps_silent(
    client: TestClient, board: Board
) -> None:
    first = ask(client)
    ask(client, come="1", name="Eve")
    mails = deliver(board)
    html = client.get(mails[0].link).text
    assert f'action="{mails[0].link}/never"' in html
    assert 'id="never"' in html
    there = client.post(f"{mails[0].link}/never", data={"act": "never"}, headers=HERE)
    assert "nothing more to this address" in client.get(there.headers["location"]).text
    with board.database.snapshot() as conn:
        assert suppression_of(conn, key_of(board)) == "asked"
        (row,) = conn.execute(select(waitings)).all()
    assert (row.outcome, row.contact, row.payload, row.code) == ("refused", b"", b"", b"")
    assert client.get(mails[1].link).status_code == 410
    assert client.get(first).status_code == 410
    assert client.post(first, data={"code": mails[0].code}, headers=HERE).status_code == 410
    ask(client)
    assert len(deliver(board)) == 2
    assert one(board, select(func.count()).select_from(votes)) == 0


def test_never_is_undone_by_the_same_link(client: TestClient, board: Board) -> None:
    ask(client)
    link = deliver(board)[-1].link
    client.post(f"{link}/never", data={"act": "never"}, headers=HERE)
    client.post(f"{link}/never", data={"act": "again"}, headers=HERE)
    ask(client)
    assert len(deliver(board)) == 2


def test_looking_at_a_mailed_link_changes_nothing(client: TestClient, board: Board) -> None:
    page = ask(client)
    mail = deliver(board)[-1]
    for confirmed in (False, True):
        if confirmed:
            client.post(page, data={"code": mail.code, "shared": "1"}, headers=HERE)
        before = traces(board)
        for _ in range(5):
            for method in ("GET", "HEAD"):
                assert client.request(method, mail.link).status_code == 200
                assert client.request(method, f"{mail.link}/never").status_code == 405
                assert client.request(method, f"{mail.link}/take-back").status_code == 405
        assert traces(board) == before


def test_row_of_another_person_is_not_named_by_an_old_link(board: Board) -> None:
    """The number in a lasting link is signed: no other number goes with its secret."""
    tokens = {board.keys.row_token("mail", number) for number in range(1, 50)}
    assert len({token.partition("-")[2] for token in tokens}) == 49
    assert all(board.keys.row_of("mail", token) for token in tokens)
