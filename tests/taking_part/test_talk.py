"""Talk as people do it, without JavaScript: answers, permalinks, second thoughts, the open talk,
closed and heated talks, reports."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Table, select, update
from starlette.testclient import TestClient

from board.comments.lock_actions import lock_talk
from board.comments.models import comments
from board.core import clock
from board.core.http import Board
from board.moderation.models import flags
from board.people.models import waitings
from board.recount import differences
from board.towns.models import towns
from tests.invented import HERE, person, remembered, say, statements, tell, vote
from tests.post import deliver

TOWN = "/towns/si/velenje"
ALICE = "alice@example.org"


@pytest.fixture
def alice(client: TestClient, board: Board) -> TestClient:
    """Alice's browser; her vote in Velenje counts."""
    remembered(board, client, "Alice")
    with board.database.transaction() as conn:
        vote(conn, person(conn, "Alice"))
    return client


def rows(board: Board, table: Table) -> list[dict[str, object]]:
    with board.database.snapshot() as conn:
        return [
            dict(row._mapping) for row in conn.execute(table.select().order_by(*table.primary_key))
        ]


def post(client: TestClient, path: str, **form: object) -> tuple[int, str, str]:
    """Send a form; status, where it leads, and the page."""
    data = {name: str(value) for name, value in form.items()}
    answer = client.post(path, data=data, headers=HERE)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def said(board: Board, text: str = "Thursdays suit me.", **where: object) -> int:
    """A public comment by Bob, in Velenje unless said otherwise."""
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        town_id = vote(conn, bob)
        return say(conn, bob, where.pop("town_id", town_id), text, **where)  # type: ignore[arg-type]


# --- answers --------------------------------------------------------------------------------


def test_reply_link_brings_the_form_and_the_answer_hangs_below(
    alice: TestClient, board: Board
) -> None:
    first = said(board)
    page = alice.get(TOWN).text
    assert f'href="{TOWN}?reply={first}#say"' in page
    assert 'aria-label="Reply to Bob"' in page
    form = alice.get(f"{TOWN}?reply={first}").text
    assert f'name="reply_to" value="{first}"' in form
    assert form.index("Your answer to") < form.index("</ul>", form.index('class="replies"'))
    status, path, _page = post(alice, f"{TOWN}/comments", text="Me too.", reply_to=first)
    answer = rows(board, comments)[1]
    assert (status, path) == (303, f"/comments/{answer['id']}")
    assert (answer["parent_id"], answer["answers_id"]) == (first, None)
    status, _path, _page = post(alice, f"{TOWN}/comments", text="And.", reply_to=answer["id"])
    assert rows(board, comments)[2]["parent_id"] == first
    assert rows(board, comments)[2]["answers_id"] == answer["id"]
    assert "in reply to <bdi>Alice</bdi>" in alice.get(TOWN).text


def test_reply_form_stays_while_paging_and_turning(alice: TestClient, board: Board) -> None:
    began = clock.now() - timedelta(days=2)
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        town_id = vote(conn, bob)
        ids = [
            say(conn, bob, town_id, f"Number {n}.", now=began + timedelta(minutes=n))
            for n in range(45)
        ]
    page = alice.get(f"{TOWN}?reply={ids[0]}").text
    (on,) = re.findall(r'href="([^"]+)" rel="next"', page)
    for _step in range(2):
        page = alice.get(on.replace("&amp;", "&")).text
        assert f'name="reply_to" value="{ids[0]}"' in page
        (on,) = re.findall(r'href="([^"]+)" rel="next"', page) or [""]
    assert on == ""
    assert "Number 44." in page
    assert "Number 0." not in page
    newest = alice.get(f"{TOWN}?talk=newest&reply={ids[0]}").text
    assert newest.index("Number 44.") < newest.index("Number 25.")
    assert 'name="talk" value="newest"' in newest
    assert f'name="reply_to" value="{ids[0]}"' in newest


def test_refused_answer_keeps_text_place_and_order(alice: TestClient, board: Board) -> None:
    first = said(board)
    text = "x" * 2_001
    status, _path, page = post(
        alice, f"{TOWN}/comments", text=text, reply_to=first, talk="newest", language="sl"
    )
    assert status == 422
    assert text in page
    assert f'name="reply_to" value="{first}"' in page
    assert 'name="talk" value="newest"' in page
    status, path, _page = post(
        alice, f"{TOWN}/comments", text="Short.", reply_to=first, talk="newest"
    )
    assert (status, path.endswith("?talk=newest")) == (303, True)


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 12, "²", "0"])
def test_odd_addresses_of_a_talk_are_taken_as_not_asked(client: TestClient, odd: str) -> None:
    for query in (f"reply={odd}", f"after={odd}", f"before={odd}-{odd}", f"talk={odd}"):
        assert client.get(f"/talk?{query}").status_code == 200
    assert post(client, "/talk/comments", text="Hi", reply_to=odd)[0] == 200


# --- permalinks -----------------------------------------------------------------------------


def test_permalink_leads_to_the_page_that_shows_the_comment(
    client: TestClient, board: Board
) -> None:
    began = clock.now() - timedelta(days=2)
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        town_id = vote(conn, bob)
        story_id = tell(conn, bob, town_id)
        under = say(conn, bob, town_id, "Under the story.", story_id=story_id)
        open_talk = say(conn, bob, None, "Open.")
        ids = [
            say(conn, bob, town_id, f"Number {n}.", now=began + timedelta(minutes=n))
            for n in range(30)
        ]
    where = {under: f"/stories/{story_id}#", open_talk: "/talk#", ids[0]: f"{TOWN}#"}
    for number, path in where.items():
        answer = client.get(f"/comments/{number}")
        assert answer.status_code == 302
        assert answer.headers["location"] == f"{path}comment-{number}"
    for number in (ids[19], ids[20], ids[29]):
        location = client.get(f"/comments/{number}").headers["location"]
        assert f'id="comment-{number}"' in client.get(location).text
    assert client.get("/de/comments/1").headers["location"].startswith("/de/")


def test_permalink_of_what_is_hidden_or_was_never_there(client: TestClient, board: Board) -> None:
    hidden, waits = said(board), said(board, visibility="held")
    with board.database.transaction() as conn:
        gone = update(comments).where(comments.c.id == hidden)
        conn.execute(gone.values(visibility="deleted", hidden_at=clock.now()))
    assert client.get(f"/comments/{hidden}").status_code == 410
    assert client.get(f"/comments/{waits}").status_code == 404
    assert client.get("/comments/999999").status_code == 404
    assert client.get("/comments/" + "9" * 30).status_code == 404


# --- second thoughts ------------------------------------------------------------------------


def test_author_changes_a_comment_for_a_quarter_of_an_hour(alice: TestClient, board: Board) -> None:
    path = post(alice, f"{TOWN}/comments", text="Thursdy suits me.")[1]
    assert f'href="{path}/edit"' in alice.get(TOWN).text
    assert "Thursdy suits me." in alice.get(f"{path}/edit").text
    assert post(alice, f"{path}/edit", text="Thursday suits me.", language="de")[:2] == (303, path)
    page = alice.get(TOWN).text
    assert "Thursday suits me." in page
    assert "edited" in page
    assert rows(board, comments)[0]["language"] == "de"
    for text in ("", "x" * 2_001):
        status, _path, page = post(alice, f"{path}/edit", text=text)
        assert status == 422
        assert text in page
    with board.database.transaction() as conn:
        long_ago = clock.now() - timedelta(minutes=16)
        conn.execute(update(comments).values(created_at=long_ago))
    assert f'href="{path}/edit"' not in alice.get(TOWN).text
    status, _path, page = post(alice, f"{path}/edit", text="Too late.")
    assert (status, "Too late." in page) == (409, True)
    assert alice.get(f"{path}/edit").status_code == 409


def test_edit_with_a_link_waits_for_a_look(alice: TestClient, board: Board) -> None:
    path = post(alice, f"{TOWN}/comments", text="Thursday suits me.")[1]
    assert post(alice, f"{path}/edit", text="See www.example.org")[0] == 303
    assert rows(board, comments)[0]["visibility"] == "held"
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []
    # Its author still sees it; nobody else does.
    assert alice.get(path).status_code == 302
    alice.cookies.clear()
    assert alice.get(path).status_code == 410


def test_nobody_touches_another_s_comment(client: TestClient, board: Board) -> None:
    number = said(board)
    paths = (f"/comments/{number}/edit", f"/comments/{number}/withdraw")
    for name in ("", "Carol"):
        if name:
            remembered(board, client, name)
        for path in paths:
            assert client.get(path).status_code == 403
            assert post(client, path, text="Mine now.", page="x" * 40)[0] == 403
    assert rows(board, comments)[0]["text"] == "Thursdays suit me."


def test_author_takes_a_comment_away_whenever_they_like(alice: TestClient, board: Board) -> None:
    path = post(alice, f"{TOWN}/comments", text="A word I regret.")[1]
    for _try in range(3):
        assert "A word I regret." in alice.get(f"{path}/withdraw").text
    assert post(alice, f"{path}/withdraw")[:2] == (303, f"{TOWN}#talk")
    (row,) = rows(board, comments)
    assert (row["visibility"], row["text"], row["html"]) == ("withdrawn", "", "")
    assert rows(board, towns)[0]["comment_count"] == 0
    assert alice.get(path).status_code == 410
    assert post(alice, f"{path}/withdraw")[0] == 410


def test_stranger_takes_the_comment_away_from_the_page_that_confirmed_it(
    client: TestClient, board: Board
) -> None:
    form = {"text": "A word.", "name": "Bob", "email": "bob@example.org"}
    page = post(client, f"{TOWN}/comments", **form)[1]
    code = deliver(board)[-1].code
    assert post(client, page, code=code, shared="1")[0] == 303
    assert not client.cookies
    html = client.get(page).text
    (path,) = re.findall(r'action="(/comments/\d+/withdraw)"', html)
    secret = page.rpartition("/")[2]
    assert post(client, path, page=secret)[:2] == (303, page)
    assert rows(board, comments)[0]["text"] == ""
    assert "withdraw" not in client.get(page).text
    # The page of one form takes away what that form made, nothing else.
    other = said(board)
    assert post(client, f"/comments/{other}/withdraw", page=secret)[0] == 403


# --- the open talk --------------------------------------------------------------------------


def test_open_talk_takes_words_without_a_town(alice: TestClient, board: Board) -> None:
    status, path, _page = post(alice, "/talk/comments", text="Begin in Maribor.")
    assert status == 303
    assert alice.get(path).headers["location"].startswith("/talk#comment-")
    assert "Begin in Maribor." in alice.get("/talk").text
    (row,) = rows(board, comments)
    assert (row["town_id"], row["story_id"], row["visibility"]) == (None, None, "public")
    assert len(rows(board, towns)) == 1
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def test_stranger_speaks_in_the_open_talk_after_a_code(client: TestClient, board: Board) -> None:
    first = post(client, "/talk/comments", text="Begin in Maribor.")
    assert first[0] == 200
    assert "Begin in Maribor." in first[2]
    form = {"text": "Begin in Maribor.", "name": "Bob", "email": "bob@example.org"}
    page = post(client, "/talk/comments", **form)[1]
    assert client.get(page).status_code == 200
    mail = deliver(board)[-1]
    assert client.get(mail.link).status_code == 200
    assert post(client, page, code=mail.code)[0] == 303
    html = client.get(page).text
    assert client.get(mail.link).status_code == 200
    # Nobody counted a vote of his anywhere, so somebody looks first.
    assert "Waiting for a pair of eyes." in html
    assert rows(board, comments)[0]["visibility"] == "held"
    assert rows(board, towns) == []


def test_who_left_a_number_in_the_open_talk_waits_for_a_call(
    client: TestClient, board: Board
) -> None:
    form = {"text": "Begin in Maribor.", "name": "Bob", "email": "", "phone": "+38641234567"}
    page = post(client, "/talk/comments", **form)[1]
    assert client.get(page).status_code == 200
    remembered(board, client, "Sue", role="staff")
    assert "Begin in Maribor." in client.get("/staff/queue").text


def test_open_talk_shows_the_newest_of_all_towns_and_the_forum_second(
    client: TestClient, board: Board
) -> None:
    for n in range(12):
        said(board, f"Number {n}.")
    page = client.get("/talk").text
    assert "Number 11." in page
    assert "Number 1." not in page
    assert f'href="{TOWN}"' in page
    assert page.index("Talk it over") < page.index(board.settings.forum_url)
    (older,) = re.findall(r'href="(/talk\?older=[^"#]+)', page)
    assert "Number 1." in client.get(older).text


# --- closed, heated, enough -----------------------------------------------------------------


@pytest.mark.parametrize("where", ["town", "story", "open"])
def test_closed_talk_shows_the_reason_and_keeps_what_was_typed(
    alice: TestClient, board: Board, where: str
) -> None:
    with board.database.transaction() as conn:
        sue = person(conn, "Sue", role="staff")
        town_id = None if where == "open" else vote(conn, sue)
        story_id = tell(conn, sue, vote(conn, sue))
        lock_talk(conn, town_id, "Until Monday.", actor_id=sue.id, now=clock.now())
    path = {"town": TOWN, "story": f"/stories/{story_id}", "open": "/talk"}[where]
    page = alice.get(path).text
    assert "Until Monday." in page
    assert 'id="say"' not in page
    form = {"text": "One more thing.", "name": "Bob", "email": "bob@example.org"}
    status, _path, page = post(alice, f"{path}/comments", text=form["text"])
    assert status == 409
    assert "One more thing." in page
    assert "Until Monday." in page
    alice.cookies.clear()
    status, _path, page = post(alice, f"{path}/comments", **form)
    assert (status, "One more thing." in page) == (409, True)
    assert rows(board, comments) == []
    assert rows(board, waitings) == []
    assert alice.get(path).status_code == 200


def test_closed_talk_takes_no_changed_words_but_lets_them_go(
    alice: TestClient, board: Board
) -> None:
    path = post(alice, f"{TOWN}/comments", text="A word.")[1]
    with board.database.transaction() as conn:
        sue = person(conn, "Sue", role="staff")
        lock_talk(conn, vote(conn, sue), "Until Monday.", actor_id=sue.id, now=clock.now())
    status, _path, page = post(alice, f"{path}/edit", text="Another word.")
    assert (status, "Another word." in page, "Until Monday." in page) == (409, True, True)
    assert rows(board, comments)[0]["text"] == "A word."
    assert post(alice, f"{path}/withdraw")[0] == 303


def test_word_confirmed_after_the_talk_was_closed_waits_for_a_look(
    client: TestClient, board: Board
) -> None:
    form = {"text": "A word.", "name": "Bob", "email": "bob@example.org"}
    with board.database.transaction() as conn:
        bob = person(conn, "Bob", key=board.keys.person_key("bob@example.org"))
        town_id = vote(conn, bob)
    page = post(client, f"{TOWN}/comments", **form)[1]
    with board.database.transaction() as conn:
        lock_talk(conn, town_id, "Until Monday.", actor_id=bob.id, now=clock.now())
    assert post(client, page, code=deliver(board)[-1].code)[0] == 303
    assert rows(board, comments)[0]["visibility"] == "held"


def test_everybody_takes_a_breath_in_a_heated_talk(alice: TestClient, board: Board) -> None:
    assert post(alice, f"{TOWN}/comments", text="First.")[0] == 303
    for n in range(11):
        said(board, f"Number {n}.")
    status, _path, page = post(alice, f"{TOWN}/comments", text="Second.")
    assert status == 429
    assert "Second." in page
    assert "10 minutes" in page
    # Elsewhere she may go on, and who hasn't spoken here may, too.
    assert post(alice, "/talk/comments", text="Elsewhere.")[0] == 303
    remembered(board, alice, "Carol")
    assert post(alice, f"{TOWN}/comments", text="Mine.", name="Carol")[0] == 303
    remembered(board, alice, "Alice")
    with board.database.transaction() as conn:
        conn.execute(
            update(comments)
            .where(comments.c.text == "First.")
            .values(created_at=clock.now() - timedelta(minutes=11))
        )
    assert post(alice, f"{TOWN}/comments", text="Second.")[0] == 303


def test_so_many_comments_a_day_and_not_one_more(alice: TestClient, board: Board) -> None:
    board.settings = board.settings.model_copy(update={"comments_per_day": 2})
    for text in ("One.", "Two."):
        assert post(alice, f"{TOWN}/comments", text=text)[0] == 303
    status, _path, page = post(alice, f"{TOWN}/comments", text="Three.")
    assert (status, "Three." in page) == (429, True)
    assert len(rows(board, comments)) == 2


# --- reports --------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_anybody_reports_and_is_thanked_the_same_way(
    client: TestClient, board: Board, subject: str
) -> None:
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        town_id = vote(conn, bob)
        number = tell(conn, bob, town_id) if subject == "story" else say(conn, bob, town_id)
    path = f"/report/{subject}/{number}"
    assert f'href="{path}"' in client.get(TOWN).text
    page = client.get(path).text
    for reason in ("spam", "inappropriate", "charges", "not_a_circle"):
        assert f'name="reason" value="{reason}"' in page
    for reason, note in (("", "An ad."), ("karma", "An ad."), ("spam", "x" * 301)):
        status, _path, page = post(client, path, reason=reason, note=note)
        assert status == 422
        assert note in page
    for _again in range(2):
        status, thanks, _page = post(client, path, reason="spam", note="An ad.")
        assert (status, thanks) == (303, f"{path}?sent=1")
        assert "Thank you, somebody looks at it." in client.get(thanks).text
    (row,) = rows(board, flags)
    assert (row["subject"], row["subject_id"], row["note"]) == (subject, number, "An ad.")
    assert row["person_id"] is None
    assert client.get(f"/report/{subject}/99999").status_code == 404
    assert post(client, f"/report/{subject}/99999", reason="spam")[0] == 404


@pytest.mark.parametrize("subject", ["story", "comment"])
def test_three_confirmed_readers_hide_it_until_somebody_looked(
    client: TestClient, board: Board, subject: str
) -> None:
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        town_id = vote(conn, bob)
        number = tell(conn, bob, town_id) if subject == "story" else say(conn, bob, town_id)
    path = f"/report/{subject}/{number}"
    shown = f"/stories/{number}" if subject == "story" else f"/comments/{number}"
    for name in ("Alice", "Carol", "Dan"):
        client.cookies.clear()
        assert client.get(shown).status_code in (200, 302)
        remembered(board, client, name)
        status, thanks, _page = post(client, path, reason="spam")
        assert status == 303
        assert client.get(thanks).status_code == 200
    client.cookies.clear()
    assert client.get(shown).status_code in (404, 410)
    # Whoever had the page open meanwhile hears the same.
    assert post(client, path, reason="spam")[1] == f"{path}?sent=1"
    with board.database.snapshot() as conn:
        assert differences(conn, board.settings) == []


def test_machine_that_fills_the_trap_is_thanked_and_forgotten(
    client: TestClient, board: Board
) -> None:
    path = f"/report/comment/{said(board)}"
    assert post(client, path, reason="spam", website="example.org")[0] == 303
    assert rows(board, flags) == []


def test_one_network_reports_so_often_in_an_hour(client: TestClient, board: Board) -> None:
    board.settings = board.settings.model_copy(update={"flags_per_hour": 1})
    path = f"/report/comment/{said(board)}"
    assert post(client, path, reason="spam")[0] == 303
    status, _path, page = post(client, path, reason="spam", note="Once more.")
    assert (status, "Once more." in page) == (429, True)


# --- statements -----------------------------------------------------------------------------


def test_talks_take_as_many_statements_for_thirty_threads_as_for_one(
    client: TestClient, board: Board
) -> None:
    found: list[dict[str, int]] = []
    # What pages keep of each other's answers is there from the second look on.
    for size in (1, 2, 3, 30):
        with board.database.transaction() as conn:
            bob = person(conn, "Bob")
            town_id = vote(conn, bob)
            while len(conn.execute(select(comments.c.id)).all()) < 4 * size:
                for place in (town_id, None):
                    root = say(conn, bob, place)
                    say(conn, bob, place, reply_to=root)
            last = conn.execute(select(comments.c.id).order_by(comments.c.id.desc())).scalar()
        counts = {}
        for path in (TOWN, f"{TOWN}?talk=newest", "/talk", "/talk?reply=1", f"/comments/{last}"):
            with statements(board.database.reader) as seen:
                assert client.get(path).status_code in (200, 302)
            counts[path.partition("/comments/")[1] or path] = len(seen)
        found.append(counts)
    # A comment of the first page needs no look for where its page begins.
    permalinks = {counts.pop("/comments/") for counts in found}
    assert max(permalinks) <= 6
    assert found[1] == found[2] == found[3]
