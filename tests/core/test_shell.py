"""The shell around every answer: its headers, its one log line, its language."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from board.app import make_app
from board.core import shell
from board.core.config import ROOT
from board.core.http import Board
from board.core.limits import PostLimiter
from board.core.page_cache import KEPT_PER_LINE
from board.core.shell import dressed
from tests.loglines import logged

HERE = {"sec-fetch-site": "same-origin"}
VOTE = "/towns/si/velenje/vote"
# Written down a second time on purpose: what browsers are told must not change by accident.
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
    "img-src": "'self' data:", "font-src": "'self'", "connect-src": "'self'",
    "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
READ = (
    "/", "/de", "/towns", "/de/towns?q=Velenje", "/towns?layer=circles&view=map",
    "/towns/si/velenje", VOTE, "/towns/suggest?q=vel", "/stories", "/tell",
    "/tell?town=si/velenje", "/partner", "/about", "/start", "/guidelines", "/privacy",
    "/how-we-count", "/news", "/events", "/healthz", "/readyz", "/staff/sign-in",
)  # fmt: skip


class Ask(NamedTuple):
    """A request and the status of its answer."""

    status: int
    method: str
    path: str
    site: str = "same-origin"
    host: str = "testserver"
    form: dict[str, str] | None = None


ASKED = (
    *(Ask(200, "GET", path) for path in READ),
    *(Ask(200, "HEAD", path) for path in ("/", "/de/towns", "/towns/si/velenje", "/tell")),
    Ask(301, "GET", "/de/towns/"),
    Ask(303, "GET", "/staff"),
    Ask(400, "GET", "/", host="stranger.example"),
    Ask(403, "POST", VOTE, site="cross-site"),
    Ask(404, "GET", "/nowhere"),
    Ask(404, "HEAD", "/de/nowhere"),
    Ask(404, "GET", "/xx/towns"),
    Ask(404, "GET", "/towns/si/nowhere"),
    Ask(404, "GET", "/static/other-build/css/base.css"),
    Ask(405, "PUT", "/towns"),
    Ask(405, "POST", "/about"),
    Ask(410, "GET", "/confirm/of-another-day"),
    Ask(410, "POST", "/confirm/of-another-day"),
    Ask(413, "POST", VOTE, form={"name": "x" * 140_000}),
    Ask(422, "POST", VOTE, form={"email": "bob@"}),
)


@pytest.fixture
def calm(board: Board) -> Iterator[TestClient]:
    """A client that gets the page of a crash instead of the exception."""
    app = make_app(board, work=False)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as opened:
        yield opened


def missing(headers: dict[str, str]) -> list[str]:
    """What an answer's headers lack."""
    said = dict(
        part.strip().partition(" ")[::2]
        for part in headers.get("content-security-policy", "").split(";")
    )
    lacking = [f"policy: {name}" for name, value in POLICY.items() if said.get(name) != value]
    lacking += [f"policy: {name} is one too many" for name in said.keys() - POLICY.keys()]
    lacking += [name for name, value in ALWAYS.items() if headers.get(name) != value]
    if "geolocation=(self)" not in headers.get("permissions-policy", ""):
        lacking.append("permissions-policy")
    if headers.get("referrer-policy") not in ("strict-origin-when-cross-origin", "same-origin"):
        lacking.append("referrer-policy")
    if not headers.get("cache-control"):
        lacking.append("cache-control")
    return lacking


def test_headers_are_whole_and_no_cookie_is_set_on_every_answer(
    calm: TestClient, board: Board
) -> None:
    wrong = {}
    stylesheet = f"/static/{board.static.name}/css/base.css"
    for ask in (*ASKED, Ask(200, "GET", stylesheet), Ask(200, "HEAD", stylesheet)):
        headers = {"sec-fetch-site": ask.site, "host": ask.host}
        answer = calm.request(ask.method, ask.path, headers=headers, data=ask.form)
        lacking = missing(dict(answer.headers))
        lacking += ["it sets a cookie"] if "set-cookie" in answer.headers else []
        if lacking or answer.status_code != ask.status:
            wrong[ask[:3]] = (answer.status_code, lacking)
    assert wrong == {}


def test_headers_are_whole_when_a_limit_was_reached(calm: TestClient, board: Board) -> None:
    board.limiter = PostLimiter(1)
    calm.post(VOTE, headers=HERE)
    answer = calm.post(VOTE, headers=HERE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert missing(dict(answer.headers)) == []


def test_headers_are_whole_when_something_broke(calm: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        conn.execute(text("ALTER TABLE town RENAME TO lost"))
    answer = calm.get("/de/towns")
    assert answer.status_code == 500
    assert missing(dict(answer.headers)) == []
    assert answer.headers["cache-control"] == "private, no-store"
    assert '<html lang="de"' in answer.text
    assert "Traceback" not in answer.text


def test_headers_of_a_secure_board_demand_https(board: Board) -> None:
    board.settings = board.settings.model_copy(update={"base_url": "https://board.example.org"})
    app = make_app(board, work=False)
    with TestClient(app, base_url="https://board.example.org") as client:
        for path in ("/", "/nowhere", "/healthz", f"/static/{board.static.name}/css/base.css"):
            assert client.get(path).headers["strict-transport-security"].startswith("max-age=63")


def test_policy_lets_pictures_come_from_the_operators_tiles_alone(board: Board) -> None:
    address = "https://{s}.tiles.example.org:8443/{z}/{x}/{y}.png"
    board.settings = board.settings.model_copy(update={"map_tiles_url": address})
    with TestClient(make_app(board, work=False)) as client:
        policy = client.get("/towns").headers["content-security-policy"]
    assert policy == shell.POLICY.replace(
        "img-src 'self' data:", "img-src 'self' data: https://*.tiles.example.org:8443"
    )


@pytest.mark.parametrize("path", ["/confirm/x", "/confirm/wait/x", "/staff/sign-in", "/dev/mail"])
def test_secret_pages_tell_no_other_site_and_no_index(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    # "no-referrer" would make browsers send `Origin: null` with our own forms.
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["cache-control"] == "private, no-store"


def test_dressed_lets_an_answer_speak_for_itself() -> None:
    own = [(b"Cache-Control", b"public"), (b"X-Frame-Options", b"SAMEORIGIN")]
    extra = [(b"x-frame-options", b"DENY"), (b"x-more", b"1")]
    assert dressed(own, extra) == [*own, (b"x-more", b"1")]


# --- language -------------------------------------------------------------------------------


def test_prefix_chooses_the_language(client: TestClient) -> None:
    shown = {path: client.get(path).text for path in ("/about", "/de/about")}
    assert '<html lang="en"' in shown["/about"]
    assert '<html lang="de"' in shown["/de/about"]
    assert 'href="/de/towns"' in shown["/de/about"]
    assert 'href="/towns"' in shown["/about"]


@pytest.mark.parametrize("path", ["/xx/about", "/en/about", "/DE/about", "/de/de/about", "/dex"])
def test_prefix_of_no_language_is_an_address_like_any(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_language_is_forgotten_after_the_answer(client: TestClient) -> None:
    assert '<html lang="de"' in client.get("/de/nowhere").text
    assert '<html lang="en"' in client.get("/nowhere").text


def test_slash_at_the_end_leads_to_the_address_in_its_language(client: TestClient) -> None:
    answer = client.get("/de/towns/?q=Elk&sort=new")
    assert (answer.status_code, answer.headers["location"]) == (301, "/de/towns?q=Elk&sort=new")


@pytest.mark.parametrize(
    "path", ["//stranger.example/", "/de//stranger.example/", "/%5Cstranger.example/"]
)
def test_slash_at_the_end_leads_to_no_other_site(client: TestClient, path: str) -> None:
    answer = client.get(f"http://testserver{path}")
    location = answer.headers.get("location", "/nothing")
    assert re.match(r"/(?![/\\])", location), location


def test_links_of_a_page_lead_to_no_other_site(client: TestClient) -> None:
    shown = client.get("http://testserver//stranger.example/x%22onload=%22").text
    assert "stranger.example" in shown
    assert not re.search(r'href="(?:/de)?(?://|/?\\|https?://stranger)', shown)


# --- logs -----------------------------------------------------------------------------------


def test_each_answer_is_one_line_of_patterns(calm: TestClient, board: Board) -> None:
    with logged() as log:
        calm.get("/de/towns/si/velenje?near=46.1,14.5")
        calm.get("/confirm/secret-token?x=secret-query")
        calm.post(VOTE, data={"email": "bob@example.org", "name": "secret-name"}, headers=HERE)
        calm.post(VOTE, data={"email": "bob@"}, headers={"sec-fetch-site": "cross-site"})
        calm.get("/secret-nowhere", headers={"cookie": "board=secret-cookie"})
    lines = log.about("answered")
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/towns/{country:str}/{slug:str}", 200),
        ("GET", "/confirm/{token:str}", 410),
        ("POST", "/towns/{country:str}/{slug:str}/vote", 303),
        ("POST", "-", 403),
        ("GET", "-", 404),
    ]
    assert len(log.lines) == len({line["request"] for line in lines}) == 5
    for word in ("secret", "velenje", "bob", "46.1", "testclient"):
        assert word not in log.text


def test_crash_is_logged_once_without_what_was_asked(calm: TestClient, board: Board) -> None:
    with board.database.transaction() as conn:
        conn.execute(text("ALTER TABLE waiting RENAME TO lost"))
    form = {"email": "bob@example.org", "name": "secret-name", "come": "1"}
    with logged() as log:
        answer = calm.post(VOTE, data=form, headers=HERE)
    assert answer.status_code == 500
    unexpected = log.about("unexpected")
    assert len(unexpected) == 1
    assert "Error" in unexpected[0]["exception"]
    for word in ("bob", "secret", str(ROOT / "var")):
        assert word not in log.text


def test_kept_pages_have_a_line_now_and_then(client: TestClient) -> None:
    with logged() as log:
        for _time in range(1 + 2 * KEPT_PER_LINE):
            assert client.get("/about").status_code == 200
    # The first was made; the others were there.
    assert len(log.about("answered")) == 3
