"""Authors change their stories and take them back: what was approved stays approved, what people
answered to stays readable, and every counter is true (DECISIONS 7)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update
from starlette.testclient import TestClient

from board.comments.models import comments
from board.core import clock
from board.core.config import Settings
from board.core.db import Database
from board.core.errors import Conflict, Gone, Mistake, NotFound, Refused
from board.core.http import Board
from board.core.keys import Keys
from board.desk.actions import handle
from board.desk.forms import QueueForm
from board.people.models import people
from board.recount import differences
from board.stories.actions import destroy_due, hide_story, show_story
from board.stories.models import photos, revisions, stories
from board.stories.queries import any_story, earlier_wordings, held_edit
from board.stories.rules import Telling
from board.taking_part.rules import terms_of
from board.taking_part.story_actions import Edit, edit_story, seen_of, withdraw
from board.towns.models import towns
from board.towns.queries import languages_of_town
from board.updates.actions import Word, publish
from tests.invented import HERE, Person, person, remembered, say, tell, vote
from tests.pictures import plain
from tests.post import deliver
from tests.taking_part.test_tell import STORY, Form, confirm, errors, rows

NEW = Telling("Alice", "A new title", "sl", why="Nov začetek.")


class Author:
    """Alice, her story, and what she does with it."""

    def __init__(self, conn: Connection, keys: Keys, settings: Settings, **story: Any) -> None:
        self.conn, self.keys, self.terms = conn, keys, terms_of(settings)
        self.me = person(conn, "Alice")
        self.town_id = vote(conn, self.me)
        self.story_id = tell(conn, self.me, self.town_id, **story)

    @property
    def seen(self) -> str:
        return seen_of(any_story(self.conn, self.story_id), held_edit(self.conn, self.story_id))

    def edit(self, telling: Telling = NEW, *, who: Person | None = None, **more: Any) -> str:
        me = who or self.me
        edit = Edit(self.story_id, more.pop("seen", self.seen), telling, **more)
        return edit_story(
            self.conn, self.keys, edit, person_id=me.id, key=me.key, terms=self.terms,
            now=clock.now(),
        )  # fmt: skip

    def trust(self) -> "Author":
        self.conn.execute(update(people).values(trusted=True))
        return self

    @property
    def row(self) -> Any:
        return self.conn.execute(stories.select().where(stories.c.id == self.story_id)).one()

    @property
    def past(self) -> list[str]:
        return [wording.title for wording in earlier_wordings(self.conn, self.story_id)]


# --- what an edit does ----------------------------------------------------------------------


def test_held_story_is_edited_in_place_and_stays_held(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings, visibility="held")
        say(conn, person(conn, "Bob"), alice.town_id, story_id=alice.story_id)
        assert alice.edit() == "in place"
        assert (alice.row.visibility, alice.row.title) == ("held", "A new title")
        assert (alice.row.folded, alice.row.why_html) == (
            "a new title nov zacetek alice", "<p>Nov začetek.</p>",
        )  # fmt: skip
        assert alice.past == []
        assert differences(conn, settings) == []


def test_edit_of_somebody_trusted_stands_at_once_and_moves_the_language(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings).trust()
        conn.execute(update(stories).values(kept_at=clock.now()))
        assert alice.edit() == "now"
        assert (alice.row.title, alice.row.edited_at, alice.row.kept_at) == (
            "A new title", None, None,
        )  # fmt: skip
        assert alice.past == []
        assert languages_of_town(conn, alice.town_id) == ["sl"]
        assert differences(conn, settings) == []
        assert alice.edit() == "same"


def test_edit_without_a_title_gets_one(database: Database, keys: Keys, settings: Settings) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings).trust()
        alice.edit(NEW._replace(title=""))
        assert alice.row.title == "Nov začetek"


@pytest.mark.parametrize("answer", ["comment", "update"])
def test_edit_after_somebody_answered_keeps_the_words_they_answered_to(
    database: Database, keys: Keys, settings: Settings, answer: str
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings, title="As it was").trust()
        if answer == "comment":
            say(conn, person(conn, "Bob"), alice.town_id, story_id=alice.story_id)
        else:
            _p2pu_says(conn, alice.town_id, clock.now() + timedelta(minutes=1))
        alice.edit()
        alice.edit(NEW._replace(title="Once more"))
        assert alice.past == ["A new title", "As it was"]
        assert alice.row.edited_at is not None
        assert differences(conn, settings) == []


def test_edit_is_free_of_what_was_said_before_or_is_held(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings).trust()
        _p2pu_says(conn, alice.town_id, clock.now() - timedelta(days=1))
        bob = person(conn, "Bob")
        say(conn, bob, alice.town_id)
        say(conn, bob, alice.town_id, story_id=alice.story_id, visibility="held")
        alice.edit()
        assert (alice.past, alice.row.edited_at) == ([], None)


def _p2pu_says(conn: Connection, town_id: int, at: datetime) -> None:
    staff = person(conn, "Grif", role="staff")
    word = Word(town_id, "asking", "asking", "", "We read you.", "en")
    publish(conn, word, person_id=staff.id, name="Grif", now=at)


def test_approved_text_stays_while_the_edit_waits(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings, title="As it was")
        assert alice.edit() == "held"
        assert alice.edit(NEW._replace(title="Newer")) == "held"
        assert alice.row.title == "As it was"
        held = [r.title for r in conn.execute(revisions.select())]
        assert held == ["Newer"]
        # Changed back to what stands: nothing waits any more.
        story = any_story(conn, alice.story_id)
        assert alice.edit(story.telling) == "same"
        assert conn.execute(revisions.select()).all() == []


def test_who_may_not_edit(database: Database, keys: Keys, settings: Settings) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        bob = person(conn, "Bob", role="admin")
        with pytest.raises(NotFound):
            alice.edit(who=bob)
        hide_story(conn, alice.story_id, "unlisted", "spam", clock.now())
        with pytest.raises(Refused):
            alice.edit()
        conn.execute(update(people).values(blocked_at=clock.now()))
        with pytest.raises(Refused):
            alice.edit()


def test_second_of_two_edits_hears_that_it_was_changed(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        seen = alice.seen
        alice.edit(seen=seen)
        with pytest.raises(Conflict):
            alice.edit(NEW._replace(title="Other"), seen=seen)
        with pytest.raises(Conflict):
            alice.edit(seen="")


def test_edits_of_a_day_are_counted(database: Database, keys: Keys, settings: Settings) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings).trust()
        for number in range(40):
            alice.edit(NEW._replace(title=f"Title {number}"))
        with pytest.raises(Mistake):
            alice.edit(NEW._replace(title="One more"))


# --- what a moderator does with one ---------------------------------------------------------


def judged(alice: Author, act: str, reason: str = "", edit_id: int = 0) -> None:
    waiting = held_edit(alice.conn, alice.story_id)
    subject_id = edit_id or (waiting.id if waiting else 0)
    mo = person(alice.conn, "Mo", role="moderator")
    form = QueueForm(subject="edit", subject_id=subject_id, act=act, reason=reason)
    handle(alice.conn, alice.keys, form, actor_id=mo.id, terms=alice.terms, now=clock.now())


def test_kept_edit_takes_its_place_with_history_and_true_counters(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings, title="As it was")
        alice.edit()
        say(conn, person(conn, "Bob"), alice.town_id, story_id=alice.story_id)
        judged(alice, "keep")
        assert (alice.row.title, alice.past) == ("A new title", ["As it was"])
        assert alice.row.kept_at is not None
        assert held_edit(conn, alice.story_id) is None
        assert differences(conn, settings) == []
        assert not conn.execute(select(people.c.trusted).where(people.c.name == "Alice")).scalar()


def test_trusted_from_now_on(database: Database, keys: Keys, settings: Settings) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        alice.edit()
        judged(alice, "trust")
        assert alice.edit(NEW._replace(title="Newer")) == "now"


def test_refused_edit_leaves_the_story_alone(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings, title="As it was")
        alice.edit()
        with pytest.raises(Mistake):
            judged(alice, "refuse")
        judged(alice, "refuse", "charges")
        assert (alice.row.title, alice.row.visibility) == ("As it was", "public")
        assert conn.execute(revisions.select()).all() == []
        with pytest.raises(NotFound):
            judged(alice, "archive", "spam", edit_id=1)


def test_edit_that_was_replaced_or_decided_is_a_conflict(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        alice.edit()
        first = held_edit(conn, alice.story_id)
        assert first is not None
        alice.edit(NEW._replace(title="Newer"))
        second = held_edit(conn, alice.story_id)
        assert second is not None
        if second.id != first.id:
            with pytest.raises(Conflict):
                judged(alice, "keep", edit_id=first.id)
        judged(alice, "keep", edit_id=second.id)
        with pytest.raises(Conflict):
            judged(alice, "keep", edit_id=second.id)


# --- taking back ----------------------------------------------------------------------------


def test_story_taken_back_is_destroyed_with_all_that_hangs_on_it(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings).trust()
        bob = person(conn, "Bob")
        for visibility in ("public", "held", "deleted"):
            say(conn, bob, alice.town_id, story_id=alice.story_id, visibility=visibility)
        elsewhere = say(conn, bob, alice.town_id)
        alice.edit()
        withdraw(conn, alice.story_id, alice.me.id, clock.now())
        row = alice.row
        assert (row.visibility, row.comment_count, row.hidden_at is None) == (
            "withdrawn", 0, False,
        )  # fmt: skip
        words = (row.name, row.title, row.why, row.how, row.own, row.why_html, row.folded)
        assert words == ("",) * 7
        assert conn.execute(revisions.select()).all() == []
        seen = dict(conn.execute(select(comments.c.id, comments.c.visibility)).all())
        assert seen.pop(elsewhere) == "public"
        assert sorted(seen.values()) == ["archived", "archived", "deleted"]
        town = conn.execute(select(towns.c.story_count, towns.c.vote_count)).one()
        assert tuple(town) == (0, 1)
        assert differences(conn, settings) == []
        with pytest.raises(Gone):
            withdraw(conn, alice.story_id, alice.me.id, clock.now())


def test_nobody_else_takes_a_story_back(database: Database, keys: Keys, settings: Settings) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        with pytest.raises(NotFound):
            withdraw(conn, alice.story_id, person(conn, "Bob").id, clock.now())
        assert alice.row.visibility == "public"


def test_what_is_due_is_destroyed_and_nothing_else(
    database: Database, keys: Keys, settings: Settings
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        now = clock.now()
        ids = {"public": alice.story_id}
        for name, visibility in (
            ("held", "held"), ("deleted", "public"), ("archived", "public"),
            ("unlisted", "public"), ("refused", "held"),
        ):  # fmt: skip
            ids[name] = tell(conn, alice.me, alice.town_id, visibility=visibility)
        for name in ("deleted", "archived", "unlisted"):
            hide_story(conn, ids[name], name, "spam", now)
        hide_story(conn, ids["refused"], "unlisted", "spam", now)

        def names() -> set[str]:
            kept = set(conn.execute(select(stories.c.id).where(stories.c.title != "")).scalars())
            return {name for name, story_id in ids.items() if story_id in kept}

        assert destroy_due(conn, now + timedelta(hours=23)).stories == 0
        destroy_due(conn, now + timedelta(hours=25))
        assert names() == set(ids) - {"deleted"}
        assert destroy_due(conn, now + timedelta(days=91)).stories == 3
        assert names() == {"public", "unlisted"}
        assert destroy_due(conn, now + timedelta(days=91)).stories == 0
        assert differences(conn, settings) == []
        with pytest.raises(Conflict):
            hide_story(conn, ids["archived"], "unlisted", "spam", now)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "keep", "refuse", "trust", "hide", "show", "say", "withdraw"]),
        st.sampled_from(["en", "sl", "de"]),
    ),
    max_size=14,
)


@examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_counters_are_true_whatever_authors_and_moderators_do(
    database: Database, keys: Keys, settings: Settings, steps: list[tuple[str, str]]
) -> None:
    with database.snapshot() as conn:
        alice = Author(conn, keys, settings)
        for number, (act, code) in enumerate(steps):
            try:
                if act == "edit":
                    alice.edit(NEW._replace(title=f"Title {number}", language=code))
                elif act in ("keep", "refuse"):
                    judged(alice, act, "spam" if act == "refuse" else "")
                elif act == "trust":
                    alice.trust()
                elif act == "hide":
                    hide_story(conn, alice.story_id, "unlisted", "spam", clock.now())
                elif act == "show":
                    show_story(conn, alice.story_id, clock.now())
                elif act == "say":
                    say(conn, person(conn, "Bob"), alice.town_id, story_id=alice.story_id)
                else:
                    withdraw(conn, alice.story_id, alice.me.id, clock.now())
            except (Conflict, Gone, NotFound, Refused):
                pass
        assert differences(conn, settings) == []


# --- in the browser -------------------------------------------------------------------------


def own_story(board: Board, client: TestClient, *, trusted: bool = False, **story: Any) -> str:
    alice = remembered(board, client, "Alice")
    with board.database.transaction() as conn:
        conn.execute(update(people).values(trusted=trusted))
        story_id = tell(conn, alice, vote(conn, alice), **story)
    return f"/stories/{story_id}"


def test_author_changes_a_story_and_its_history_is_read_by_all(
    client: TestClient, board: Board
) -> None:
    path = own_story(board, client, trusted=True, title="As it was")
    with board.database.transaction() as conn:
        bob = person(conn, "Bob")
        town_id = conn.execute(select(towns.c.id)).scalar_one()
        say(conn, bob, town_id, story_id=int(path.rpartition("/")[2]))
    assert f'href="{path}/edit"' in client.get(path).text
    page = client.get(f"{path}/edit")
    assert page.headers["cache-control"] == "private, no-store"
    typed = Form(page.text, f"{path}/edit").fields
    assert typed["title"] == "As it was"
    answer = client.post(f"{path}/edit", data={**typed, "title": "As it is"}, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    client.cookies.clear()
    html = client.get(path).text
    assert "As it is" in html
    assert f'href="{path}/history"' in html
    assert f'href="{path}/edit"' not in html
    history = client.get(f"{path}/history")
    assert history.status_code == 200
    assert "As it was" in history.text


def test_history_is_only_where_there_is_one_to_be_seen(client: TestClient, board: Board) -> None:
    path = own_story(board, client, trusted=True)
    assert client.get(f"{path}/history").status_code == 404
    assert client.get("/stories/999/history").status_code == 404
    with board.database.transaction() as conn:
        story_id = int(path.rpartition("/")[2])
        conn.execute(
            revisions.insert().values(
                story_id=story_id, state="past", title="Old", language="en", why="x", how="",
                own="", alt="", width=0, height=0, created_at=clock.now(),
            )
        )  # fmt: skip
        hide_story(conn, story_id, "unlisted", "spam", clock.now())
    assert client.get(f"{path}/history").status_code == 200
    client.cookies.clear()
    assert client.get(f"{path}/history").status_code == 410


def test_untrusted_edit_waits_and_its_author_is_told(client: TestClient, board: Board) -> None:
    path = own_story(board, client, title="As it was")
    typed = Form(client.get(f"{path}/edit").text, f"{path}/edit").fields
    answer = client.post(f"{path}/edit", data={**typed, "title": "As it is"}, headers=HERE)
    assert answer.status_code == 303
    html = client.get(answer.headers["location"]).text
    assert "Your edit waits" in html
    assert "As it was" in html
    assert Form(client.get(f"{path}/edit").text, f"{path}/edit").fields["title"] == "As it is"
    stranger = TestClient(client.app)
    html = stranger.get(path).text
    assert "As it is" not in html
    assert "waits" not in html


def test_edit_page_is_its_author_s_alone(client: TestClient, board: Board) -> None:
    path = own_story(board, client)
    for name, role in (("Bob", ""), ("Mo", "moderator"), ("Grif", "admin")):
        remembered(board, client, name, role=role)
        for page in ("edit", "withdraw"):
            assert client.get(f"{path}/{page}").status_code == 404
            assert client.post(f"{path}/{page}", data={}, headers=HERE).status_code == 404
    client.cookies.clear()
    for page in ("edit", "withdraw"):
        assert client.get(f"{path}/{page}").status_code == 404
        assert client.post(f"{path}/{page}", data={}, headers=HERE).status_code == 404
    (row,) = rows(board, stories)
    assert row.visibility == "public"


def test_edit_with_mistakes_keeps_every_word(client: TestClient, board: Board) -> None:
    path = own_story(board, client)
    typed = Form(client.get(f"{path}/edit").text, f"{path}/edit").fields
    for change, field in (
        ({"why": "", "how": "", "own": "", "title": "Kept title"}, "why"),
        ({"own": "x" * 2_001}, "own"),
        ({"title": "x" * 121}, "title"),
    ):
        answer = client.post(f"{path}/edit", data={**typed, **change}, headers=HERE)
        assert (answer.status_code, errors(answer.text)) == (422, [field])
        assert all(value in answer.text for value in change.values())


def test_second_window_hears_of_the_first_and_may_send_again(
    client: TestClient, board: Board
) -> None:
    path = own_story(board, client, trusted=True)
    typed = Form(client.get(f"{path}/edit").text, f"{path}/edit").fields
    client.post(f"{path}/edit", data={**typed, "title": "First"}, headers=HERE)
    late = client.post(f"{path}/edit", data={**typed, "title": "Second"}, headers=HERE)
    assert late.status_code == 409
    typed = Form(late.text, f"{path}/edit").fields
    assert typed["title"] == "Second"
    assert client.post(f"{path}/edit", data=typed, headers=HERE).status_code == 303
    assert rows(board, stories)[0].title == "Second"


def test_edit_changes_neither_town_nor_name(client: TestClient, board: Board) -> None:
    path = own_story(board, client, trusted=True)
    typed = Form(client.get(f"{path}/edit").text, f"{path}/edit").fields
    more = {"town_id": "9", "country": "DE", "name": "Eve", "visibility": "public", "id": "9"}
    client.post(f"{path}/edit", data={**typed, **more, "title": "Mine"}, headers=HERE)
    (row,) = rows(board, stories)
    assert (row.title, row.country, row.name) == ("Mine", "SI", "Alice")


def test_picture_of_an_edit_waits_with_it_and_removal_does_not(
    client: TestClient, board: Board
) -> None:
    path = own_story(board, client)
    page = f"{path}/edit"
    typed = Form(client.get(page).text, page).fields
    files = {"picture": ("room.jpg", plain(), "image/jpeg")}
    answer = client.post(page, data=typed, files=files, headers=HERE)
    assert (answer.status_code, errors(answer.text)) == (422, ["alt"])
    typed = {**Form(answer.text, page).fields, "alt": "A red room"}
    assert client.post(page, data=typed, headers=HERE).status_code == 303
    assert rows(board, photos) == []
    (edit,) = rows(board, revisions)
    assert edit.width == 400
    own = client.cookies
    shown = f"/photos/edits/{edit.id}"
    assert client.get(shown).headers["content-type"] == "image/jpeg"
    assert shown in client.get(page).text
    remembered(board, client, "Bob")
    assert client.get(shown).status_code == 404
    mo = TestClient(client.app, follow_redirects=False)
    remembered(board, mo, "Mo", role="moderator")
    assert mo.get(shown).status_code == 200
    assert shown in mo.get("/staff/queue").text
    form = {"subject": "edit", "subject_id": str(edit.id), "act": "keep"}
    assert mo.post("/staff/queue", data=form, headers=HERE).status_code == 303
    (photo,) = rows(board, photos)
    assert (photo.alt, photo.width) == ("A red room", 400)
    assert client.get(shown).status_code == 404
    remembered(board, client, "Alice")
    assert own is not None
    typed = {**Form(client.get(page).text, page).fields, "without_photo": "1"}
    assert client.post(page, data=typed, headers=HERE).status_code == 303
    assert rows(board, photos) == []
    assert rows(board, revisions) == []


def test_moderator_who_read_older_words_is_stopped(client: TestClient, board: Board) -> None:
    path = own_story(board, client, visibility="held")
    story_id = path.rpartition("/")[2]
    mo = TestClient(client.app, follow_redirects=False)
    remembered(board, mo, "Mo", role="moderator")
    form = Form(mo.get("/staff/queue").text, "/staff/queue").fields
    assert form["wording"]
    typed = Form(client.get(f"{path}/edit").text, f"{path}/edit").fields
    client.post(f"{path}/edit", data={**typed, "why": "Buy my course."}, headers=HERE)
    keep = {**form, "subject": "story", "subject_id": story_id, "act": "keep"}
    assert mo.post("/staff/queue", data=keep, headers=HERE).status_code == 409
    assert rows(board, stories)[0].visibility == "held"
    fresh = {**keep, "wording": Form(mo.get("/staff/queue").text, "/staff/queue").fields["wording"]}
    assert mo.post("/staff/queue", data=fresh, headers=HERE).status_code == 303


# --- taking back, in the browser ------------------------------------------------------------


def test_author_takes_a_story_back_and_then_the_vote(client: TestClient, board: Board) -> None:
    path = own_story(board, client)
    with board.database.transaction() as conn:
        town_id = conn.execute(select(towns.c.id)).scalar_one()
        say(conn, person(conn, "Bob"), town_id, story_id=int(path.rpartition("/")[2]))
    page = client.get(f"{path}/withdraw")
    assert "1 comment under it goes with it" in page.text
    assert rows(board, stories)[0].visibility == "public"
    answer = client.post(f"{path}/withdraw", headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/withdraw")
    gone = client.get(f"{path}/withdraw")
    assert "still counts" in gone.text
    for method in (client.get, TestClient(client.app).get):
        answer = method(path)
        assert answer.status_code == 410
    assert "mine is winding down" not in client.get("/stories").text
    typed = Form(gone.text, "/take-back").fields
    assert client.post("/take-back", data=typed, headers=HERE).status_code == 303
    assert rows(board, towns)[0].vote_count == 0
    assert client.post(f"{path}/withdraw", headers=HERE).status_code == 410


def test_story_is_taken_back_from_the_page_that_confirmed_it(
    client: TestClient, board: Board
) -> None:
    answer = client.post("/tell", data=STORY, headers=HERE)
    page = answer.headers["location"]
    code = deliver(board)[-1].code
    client.post(page, data={"code": code, "shared": "1"}, headers=HERE)
    done = client.get(page).text
    (story,) = rows(board, stories)
    form = Form(done, f"/stories/{story.id}/withdraw").fields
    other = {**form, "page": "something-else"}
    path = f"/stories/{story.id}/withdraw"
    assert client.post(path, data=other, headers=HERE).status_code == 404
    assert client.post(path, data={}, headers=HERE).status_code == 404
    assert client.post("/stories/999/withdraw", data=form, headers=HERE).status_code == 404
    answer = client.post(path, data=form, headers=HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    after = client.get(page).text
    assert "taken back" in after
    assert path not in after
    assert rows(board, stories)[0].visibility == "withdrawn"
    assert rows(board, towns)[0].vote_count == 1


def test_unconfirmed_story_s_page_takes_nothing_back(client: TestClient, board: Board) -> None:
    first = client.post("/tell", data=STORY, headers=HERE).headers["location"]
    confirm(client, board, first)
    client.cookies.clear()
    (story,) = rows(board, stories)
    second = client.post("/tell", data={**STORY, "email": "bob@example.org"}, headers=HERE)
    secret = second.headers["location"].rpartition("/")[2]
    path = f"/stories/{story.id}/withdraw"
    assert client.post(path, data={"page": secret}, headers=HERE).status_code == 404
    assert rows(board, stories)[0].visibility == "held"
