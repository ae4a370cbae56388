"""Who sits at the desk: invited, given another role, sent away; each act stands in the record."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, insert, select, update
from starlette.testclient import TestClient
from typer.testing import CliRunner

from board import cli
from board.core import clock
from board.core.config import Settings
from board.core.http import Board
from board.door.people_actions import change_seat
from board.door.people_forms import PersonForm
from board.people.models import (
    contacts,
    desk_languages,
    invitations,
    organiser_towns,
    passkeys,
    people,
    recovery_codes,
    second_factors,
    sessions,
)
from board.record.models import decisions
from board.taking_part.rules import terms_of
from board.towns.models import towns
from tests.door.coming_in import SET_UP, at_the_door, begin, invited, seated
from tests.invented import HERE, VELENJE, person, remembered, statements, vote
from tests.post import deliver

PEOPLE = "/staff/people"
BOB = "bob@example.org"


def ask(client: TestClient, path: str, **form: str) -> Any:
    return client.post(path, data=form, headers=HERE)


def acts(board: Board) -> list[tuple[str, str, str]]:
    """What the record says: act, before, after."""
    d = decisions.c
    with board.database.snapshot() as conn:
        rows = conn.execute(select(d.act, d.before, d.after).order_by(d.id))
        return [(row.act, row.before, row.after) for row in rows]


def role_of(board: Board, name: str) -> str:
    with board.database.snapshot() as conn:
        return str(conn.execute(select(people.c.role).where(people.c.name == name)).scalar_one())


def id_of(board: Board, name: str) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(people.c.id).where(people.c.name == name)).scalar_one())


def colleague(board: Board, name: str, role: str) -> str:
    """Somebody with a role, an app, a passkey and paper; the path of their page."""
    with board.database.transaction() as conn:
        who, now = person(conn, name, role=role), clock.now()
        made = {"person_id": who.id, "made_at": now}
        conn.execute(insert(second_factors).values(secret=b"x", last_step=0, **made))
        key = {"credential": name.encode(), "public_key": b"x", "sign_count": 2**32 - 1}
        conn.execute(insert(passkeys).values(name="Laptop", **key, **made))
        conn.execute(insert(recovery_codes).values(hash=name.encode(), **made))
    return f"{PEOPLE}/{who.id}"


def count(board: Board, table: Any) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


# --- inviting -------------------------------------------------------------------------------


def test_invitation_is_mailed_and_leads_to_a_seat(client: TestClient, board: Board) -> None:
    remembered(board, client, "Ada", role="admin")
    answer = ask(client, PEOPLE, email="Lea@Example.org", role="organiser", language="de")
    assert (answer.status_code, answer.headers["location"]) == (303, PEOPLE)
    mail = deliver(board)[-1]
    assert mail.to == "Lea@example.org"
    link = re.search(r"http://testserver(/de/staff/invitation/\S+)", mail.text)
    assert link
    shown = client.get(PEOPLE).text
    assert link.group(1).removeprefix("/de") in shown
    client.cookies.clear()
    assert client.get(link.group(1)).status_code == 200
    assert ask(client, link.group(1), name="Lea").status_code == 303
    begin(client)
    assert client.get("/staff/queue").status_code == 200
    assert client.get(PEOPLE).status_code == 403
    assert acts(board)[0] == ("invited", "", "organiser")


@pytest.mark.parametrize(
    ("form", "field"),
    [({"email": "lea@"}, "email"), ({"email": ""}, "email"), ({"email": "x" * 400}, "email"),
     ({"role": "king"}, "role"), ({"role": ""}, "role"), ({"language": "xx"}, "language")],
)  # fmt: skip
def test_odd_invitation_is_said_beside_its_field(
    client: TestClient, board: Board, form: dict[str, str], field: str
) -> None:
    remembered(board, client, "Ada", role="admin")
    whole = {"email": "lea@example.org", "role": "staff", "language": "en", **form}
    answer = ask(client, PEOPLE, **whole)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    assert whole["email"] in answer.text
    assert count(board, invitations) == 0


def test_who_sits_here_already_is_not_invited_again(client: TestClient, board: Board) -> None:
    """Or an admin's invitation as moderator would take the last admin away."""
    seated(client, board, "admin")
    answer = ask(client, PEOPLE, email="Sue+x@example.org", role="moderator", language="en")
    assert answer.status_code == 422
    assert role_of(board, "Sue") == "admin"


def test_invitation_of_the_seated_changes_no_role(client: TestClient, board: Board) -> None:
    seated(client, board, "admin")
    path = invited(board, "moderator")
    assert ask(client, path, name="Sue").status_code == 409
    assert role_of(board, "Sue") == "admin"
    assert client.get(PEOPLE).status_code == 200


def test_invitation_is_taken_back(client: TestClient, board: Board) -> None:
    remembered(board, client, "Ada", role="admin")
    ask(client, PEOPLE, email=BOB, role="staff", language="en")
    link = re.search(r"/staff/invitation/[\w-]+", client.get(PEOPLE).text)
    assert link
    with board.database.snapshot() as conn:
        row = conn.execute(select(invitations.c.id)).scalar_one()
    assert ask(client, PEOPLE, act="withdraw", invitation=str(row)).status_code == 303
    assert client.get(link.group()).status_code == 410
    assert ask(client, PEOPLE, act="withdraw", invitation=str(row)).status_code == 409
    assert [act for act, _before, _after in acts(board)] == ["invited", "withdrawn"]


def test_link_that_the_command_printed_is_not_shown_again(client: TestClient, board: Board) -> None:
    path = invited(board, "staff", BOB)
    remembered(board, client, "Ada", role="admin")
    shown = client.get(PEOPLE).text
    assert BOB in shown
    assert path not in shown
    assert "/staff/invitation/" not in shown


# --- roles ----------------------------------------------------------------------------------


def test_other_role_signs_out_and_is_written_down(client: TestClient, board: Board) -> None:
    path = colleague(board, "Mo", "moderator")
    remembered(board, client, "Mo", role="moderator")
    theirs = client.cookies["board"]
    remembered(board, client, "Ada", role="admin")
    assert ask(client, path, act="role", seen="moderator", role="staff").status_code == 303
    assert role_of(board, "Mo") == "staff"
    assert acts(board) == [("role_changed", "moderator", "staff")]
    client.cookies.clear()
    client.cookies.set("board", theirs)
    assert client.get("/staff/queue").headers["location"] == "/staff/sign-in"
    # Their ways in stay: they come in again with the new role.
    assert count(board, second_factors) == 1


def test_role_that_changed_meanwhile_is_not_overwritten(client: TestClient, board: Board) -> None:
    path = colleague(board, "Mo", "moderator")
    remembered(board, client, "Ada", role="admin")
    answer = ask(client, path, act="role", seen="staff", role="admin")
    assert answer.status_code == 409
    assert role_of(board, "Mo") == "moderator"
    for role in ("king", "", "x" * 300):
        assert ask(client, path, act="role", seen="moderator", role=role).status_code == 422
    for act in ("", "promote", "x" * 300):
        assert ask(client, path, act=act, seen="moderator").status_code == 422
    assert acts(board) == []


def test_end_of_a_role_takes_every_way_in(client: TestClient, board: Board) -> None:
    path = colleague(board, "Mo", "staff")
    with board.database.transaction() as conn:
        forever = clock.now() + timedelta(days=36_500)
        conn.execute(
            insert(contacts).values(
                person_id=id_of(board, "Mo"), kind="email", value=b"x", kept_at=clock.now(),
                expires_at=forever,
            )
        )  # fmt: skip
    remembered(board, client, "Mo", role="staff")
    remembered(board, client, "Ada", role="admin")
    assert ask(client, path, act="remove", seen="staff").headers["location"] == PEOPLE
    assert role_of(board, "Mo") == ""
    assert (count(board, second_factors), count(board, passkeys)) == (0, 0)
    assert (count(board, recovery_codes), count(board, sessions)) == (0, 1)
    with board.database.snapshot() as conn:
        until = conn.execute(select(contacts.c.expires_at)).scalar_one()
    assert until < clock.now() + timedelta(days=400)
    assert acts(board) == [("role_ended", "staff", "")]
    assert client.get(path).status_code == 404
    assert ask(client, path, act="remove", seen="").status_code == 404


def test_last_admin_stays(client: TestClient, board: Board) -> None:
    ada = remembered(board, client, "Ada", role="admin")
    path = f"{PEOPLE}/{ada.id}"
    assert ask(client, path, act="role", seen="admin", role="staff").status_code == 409
    assert ask(client, path, act="remove", seen="admin").status_code == 409
    with board.database.transaction() as conn:
        blocked = person(conn, "Eve", role="admin")
        conn.execute(update(people).where(people.c.id == blocked.id).values(blocked_at=clock.now()))
    # A blocked admin is none.
    assert ask(client, path, act="remove", seen="admin").status_code == 409
    colleague(board, "Bo", "admin")
    assert ask(client, path, act="remove", seen="admin").status_code == 303
    assert role_of(board, "Ada") == ""


@pytest.mark.anyio
async def test_two_admins_who_send_each_other_away_leave_one(board: Board) -> None:
    with board.database.transaction() as conn:
        ada, bo = person(conn, "Ada", role="admin"), person(conn, "Bo", role="admin")
    form, terms = PersonForm(act="remove", seen="admin"), terms_of(board.settings)
    tries = (
        asyncio.to_thread(
            lambda a=a, b=b: _in_own_transaction(  # type: ignore[misc]
                board, b, form, actor_id=a, terms=terms
            )
        )
        for a, b in ((ada.id, bo.id), (bo.id, ada.id))
    )
    await asyncio.gather(*tries, return_exceptions=True)
    with board.database.snapshot() as conn:
        left = conn.execute(select(func.count()).where(people.c.role == "admin")).scalar_one()
    assert left == 1


def _in_own_transaction(board: Board, person_id: int, form: PersonForm, **more: Any) -> None:
    with board.database.transaction() as conn:
        change_seat(conn, person_id, form, None, now=clock.now(), **more)


# --- what they look after -------------------------------------------------------------------


def test_organiser_gets_towns_and_loses_them_with_the_role(
    client: TestClient, board: Board
) -> None:
    path = colleague(board, "Lea", "organiser")
    remembered(board, client, "Ada", role="admin")
    assert ask(client, path, act="town", town="Velenje").status_code == 303
    assert "Velenje" in client.get(path).text
    assert "Velenje" in client.get(PEOPLE).text
    again = ask(client, path, act="town", town="Velenje")
    assert again.status_code == 422
    assert 'id="error-town"' in again.text
    for typed in ("Atlantis", ""):
        assert ask(client, path, act="town", town=typed).status_code == 422
    with board.database.snapshot() as conn:
        town = conn.execute(select(towns.c.id).where(towns.c.name == "Velenje")).scalar_one()
    assert ask(client, path, act="untown", town_id=str(town)).status_code == 303
    assert ask(client, path, act="untown", town_id=str(town)).status_code == 409
    ask(client, path, act="town", town="Velenje")
    ask(client, path, act="role", seen="organiser", role="moderator")
    assert count(board, organiser_towns) == 0
    assert ask(client, path, act="town", town="Velenje").status_code == 409
    names = [act for act, _before, _after in acts(board)]
    assert names == ["town_given", "town_taken", "town_given", "role_changed"]


def test_moderator_gets_languages(client: TestClient, board: Board) -> None:
    path = colleague(board, "Mo", "moderator")
    remembered(board, client, "Ada", role="admin")
    form = {"act": "languages", "lang-sl": "1", "lang-de": "1"}
    assert client.post(path, data=form, headers=HERE).status_code == 303
    with board.database.snapshot() as conn:
        kept = conn.execute(select(desk_languages.c.language)).scalars().all()
    assert sorted(kept) == ["de", "sl"]
    assert acts(board) == [("languages_set", "moderator", "de sl")]
    form = {"act": "languages", "lang-klingon": "1"}
    assert client.post(path, data=form, headers=HERE).status_code == 422
    assert client.post(path, data={"act": "languages"}, headers=HERE).status_code == 303
    assert count(board, desk_languages) == 0


# --- lost everything ------------------------------------------------------------------------


def test_reset_lets_a_colleague_set_up_anew(client: TestClient, board: Board) -> None:
    seated(client, board, "staff", BOB)
    with board.database.transaction() as conn:
        conn.execute(update(people).values(name="Bob"))
    theirs = client.cookies["board"]
    remembered(board, client, "Ada", role="admin")
    assert ask(client, f"{PEOPLE}/{id_of(board, 'Bob')}", act="reset").status_code == 303
    assert acts(board)[-1] == ("ways_reset", "staff", "")
    client.cookies.clear()
    client.cookies.set("board", theirs)
    assert client.get("/staff").headers["location"] == "/staff/sign-in"
    at_the_door(client, board, BOB)
    assert client.get("/staff/door").headers["location"] == SET_UP
    begin(client)
    assert client.get("/staff").status_code == 200


def test_admin_does_not_reset_themself(client: TestClient, board: Board) -> None:
    ada = remembered(board, client, "Ada", role="admin")
    assert ask(client, f"{PEOPLE}/{ada.id}", act="reset").status_code == 409
    assert client.get(PEOPLE).status_code == 200


def test_command_resets_by_mailbox(
    client: TestClient, board: Board, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seated(client, board)
    monkeypatch.setattr(cli, "read_settings", lambda: settings)
    run = CliRunner().invoke(cli.app, ["staff", "reset", "Sue+desk@example.org"])
    assert run.exit_code == 0, run.output
    assert (count(board, second_factors), count(board, sessions)) == (0, 0)
    assert acts(board)[-1] == ("ways_reset", "", "")
    assert CliRunner().invoke(cli.app, ["staff", "reset", "eve@example.org"]).exit_code == 2


def test_page_of_a_colleague_costs_the_same_for_many(client: TestClient, board: Board) -> None:
    remembered(board, client, "Ada", role="admin")
    with statements(board.database.reader) as few:
        client.get(PEOPLE)
    with board.database.transaction() as conn:
        town = vote(conn, person(conn, "Maja"), VELENJE)
        for number in range(12):
            who = person(conn, f"Lea {number}", role="organiser")
            conn.execute(insert(organiser_towns).values(person_id=who.id, town_id=town))
    with statements(board.database.reader) as many:
        client.get(PEOPLE)
    assert len(many) == len(few)


def test_invitation_lapses_from_the_list(client: TestClient, board: Board) -> None:
    remembered(board, client, "Ada", role="admin")
    ask(client, PEOPLE, email=BOB, role="staff", language="en")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8), tick=True):
        remembered(board, client, "Ada", role="admin")
        assert BOB not in client.get(PEOPLE).text
