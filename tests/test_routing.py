"""A wing of addresses: opened when it is asked for, and answering like any other route."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from board.routing import Wing, both


async def say(request: Request) -> Response:
    return PlainTextResponse(
        f"{request.method} {request.scope['route'].path} {request.path_params}"
    )


def test_wing_opens_for_its_own_addresses_alone() -> None:
    opened = []

    def rooms() -> Sequence[BaseRoute]:
        opened.append(True)
        return [Route("/staff", say), both("/staff/towns/{id:id}", say, say)]

    routes = [Route("/towns", say), Wing("/staff", rooms), Route("/staffing", say)]
    client = TestClient(Starlette(routes=routes))
    assert (client.get("/towns").text, client.get("/").status_code) == ("GET /towns {}", 404)
    assert opened == []
    assert client.get("/staff").text == "GET /staff {}"
    assert client.post("/staff/towns/7").text == "POST /staff/towns/{id:id} {'id': 7}"
    assert client.get("/staffing").text == "GET /staffing {}"
    refused = client.post("/staff")
    assert (refused.status_code, "GET" in refused.headers["allow"]) == (405, True)
    assert client.get("/staff/nowhere").status_code == 404
