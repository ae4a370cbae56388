"""What is refused before a view is asked: forms from elsewhere, other hosts, too much at once."""

import re
from collections.abc import Iterator

from sqlalchemy import func, select
from starlette.routing import Route
from starlette.testclient import TestClient

from board.app import make_app
from board.core.http import Board
from board.desk_routes import DESK
from board.people.models import waitings
from board.routes import routes

VOTE = "/towns/si/velenje/vote"
FORM = {"email": "bob@example.org"}
OWN, OTHER = "http://testserver", "https://stranger.example"
FETCHED, ORIGIN = "sec-fetch-site", "origin"
# What a browser says of where a form comes from, and whether the form is taken.
SAID: tuple[tuple[dict[str, str], bool], ...] = (
    ({FETCHED: "same-origin"}, True),
    ({FETCHED: "same-origin", ORIGIN: OWN}, True),
    ({FETCHED: "none"}, True),
    ({FETCHED: "same-site", ORIGIN: OWN}, False),
    ({FETCHED: "cross-site", ORIGIN: OTHER}, False),
    ({FETCHED: "cross-site", ORIGIN: OWN}, False),
    ({FETCHED: "cross-site"}, False),
    ({FETCHED: "something-new"}, False),
    ({ORIGIN: OWN}, True),
    ({ORIGIN: OTHER}, False),
    ({ORIGIN: "http://testserver:8080"}, False),
    ({ORIGIN: "http://testserver.stranger.example"}, False),
    ({ORIGIN: "null"}, False),
    ({ORIGIN: "//testserver"}, False),
    # No browser of today: an old library PC, or a script that carries nobody's cookie.
    ({}, True),
)


def forms_waiting(board: Board) -> int:
    with board.database.snapshot() as conn:
        return int(conn.execute(select(func.count()).select_from(waitings)).scalar_one())


def test_form_is_taken_from_our_own_pages_alone(client: TestClient, board: Board) -> None:
    for number, (said, taken) in enumerate(SAID):
        before = forms_waiting(board)
        form = {"email": f"bob{number}@example.org"}
        answer = client.post(VOTE, data=form, headers=said)
        assert answer.status_code == (303 if taken else 403), said
        assert forms_waiting(board) == before + taken, said


def test_form_from_elsewhere_gets_a_page_in_its_language(client: TestClient) -> None:
    answer = client.post(f"/de{VOTE}", data=FORM, headers={FETCHED: "cross-site"})
    assert '<html lang="de"' in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def test_no_form_of_the_board_is_taken_from_elsewhere(client: TestClient) -> None:
    posts = [
        route.path.replace(":str", "").replace(":id", "")
        for route in (*routes(production=True), *DESK)
        if isinstance(route, Route) and "POST" in (route.methods or ())
    ]
    assert len(posts) > 10
    # Mail providers post here for their readers, from elsewhere by design: the token decides.
    posts.remove("/mail/stop/{token}/{stream}")
    for path in posts:
        real = re.sub(r"\{[a-z_]+\}", "1", path)
        assert client.post(real, headers={FETCHED: "cross-site"}).status_code == 403, path


def test_page_is_shown_to_who_comes_from_elsewhere(client: TestClient) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, VOTE, headers={FETCHED: "cross-site", ORIGIN: OTHER})
        assert answer.status_code == 200


# --- too much -------------------------------------------------------------------------------


def chunks(size: int) -> Iterator[bytes]:
    """A body in pieces, whose length nobody declared."""
    yield b"name="
    for _ in range(size // 1_000):
        yield b"x" * 1_000


def test_body_over_the_limit_gets_a_page(client: TestClient, board: Board) -> None:
    kind = {FETCHED: "same-origin", "content-type": "application/x-www-form-urlencoded"}
    bodies = (
        client.post(VOTE, content=b"name=" + b"x" * 131_072, headers=kind),
        client.post(VOTE, content=chunks(140_000), headers=kind),
        client.post(f"/de{VOTE}", content=chunks(140_000), headers=kind),
        client.post("/nowhere", content=b"x" * 140_000, headers=kind),
        client.post(VOTE, content=b"x", headers={**kind, "content-length": "9" * 40}),
    )
    for answer in bodies:
        assert answer.status_code == 413
        assert "<h1>" in answer.text
    assert forms_waiting(board) == 0


def test_body_of_who_only_asks_is_not_read(client: TestClient) -> None:
    assert client.request("GET", VOTE, content=b"x" * 140_000).status_code == 200


def test_body_just_under_the_limit_is_read(client: TestClient) -> None:
    kind = {FETCHED: "same-origin", "content-type": "application/x-www-form-urlencoded"}
    body = b"email=bob@&name=".ljust(131_072, b"x")
    assert client.post(VOTE, content=body, headers=kind).status_code == 422
    assert client.post(VOTE, content=chunks(130_000), headers=kind).status_code == 422


def test_longest_story_in_a_script_of_many_bytes_fits(client: TestClient) -> None:
    text = "ძ" * 2_000
    form = {
        "town": "Velenje", "why": text, "how": text, "own": text, "name": "ნინო",
        "email": "nino@example.org", "may_show": "1",
    }  # fmt: skip
    assert client.post("/tell", data=form, headers={FETCHED: "same-origin"}).status_code == 303


# --- hosts ----------------------------------------------------------------------------------


def test_strange_host_is_refused_and_not_repeated(client: TestClient) -> None:
    for host in ("stranger.example", "testserver.stranger.example", "www.testserver", "", "a b"):
        answer = client.get("/", headers={"host": host})
        assert answer.status_code == 400, host
        assert "stranger" not in answer.text
        assert "location" not in answer.headers


def test_production_answers_to_its_own_names_alone(board: Board) -> None:
    changes = {
        "environment": "production",
        "base_url": "https://board.example.org",
        "trusted_hosts": ("www.example.org",),
    }
    board.settings = board.settings.model_copy(update=changes)
    with TestClient(make_app(board, work=False), base_url="https://board.example.org") as client:
        for host, status in (
            ("board.example.org", 200), ("BOARD.example.org:443", 200), ("www.example.org", 200),
            ("testserver", 400), ("localhost", 400), ("127.0.0.1", 400),
        ):  # fmt: skip
            assert client.get("/healthz", headers={"host": host}).status_code == status, host
        assert client.get("/dev/mail").status_code == 404


def test_forwarded_headers_of_a_stranger_change_nothing(client: TestClient) -> None:
    plain = client.get("/about")
    forwarded = {
        "x-forwarded-host": "stranger.example", "x-forwarded-proto": "https",
        "forwarded": "host=stranger.example", "x-original-url": "/staff", "x-rewrite-url": "/staff",
        "x-forwarded-prefix": "/stranger", "x-http-method-override": "DELETE",
    }  # fmt: skip
    assert client.get("/about", headers=forwarded).text == plain.text
