"""What the tests of circles stand on: a database with places, the sample, a server to read from."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from board.core.config import ROOT
from board.core.db import Database, upsert
from board.towns.models import place_names, places
from board.towns.rules import slug_of
from board.towns.spelling import spellings

SAMPLE = ROOT / "content" / "sample"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
# GeoNames id, name, country, region code, region, lat, lng, population, another name.
PLACES = (
    (3448439, "São Paulo", "BR", "27", "São Paulo", -23.5475, -46.63611, 12400232, ""),
    (1850147, "Tokyo", "JP", "40", "Tokyo", 35.6895, 139.69171, 9733276, "東京都"),
    (360630, "Cairo", "EG", "11", "Al Qāhirah", 30.06263, 31.24967, 9606916, "القاهرة"),
    (3688689, "Bogotá", "CO", "34", "Bogotá", 4.60971, -74.08175, 7674366, ""),
    (3369157, "Cape Town", "ZA", "11", "Western Cape", -33.92584, 18.42322, 4772846, ""),
    (184745, "Nairobi", "KE", "05", "Nairobi", -1.28333, 36.81667, 4397073, ""),
    (4887398, "Chicago", "US", "IL", "Illinois", 41.85003, -87.65005, 2664452, ""),
    (2988507, "Paris", "FR", "11", "Île-de-France", 48.85341, 2.3488, 2138551, ""),
    (683506, "Bucharest", "RO", "10", "București", 44.43225, 26.10626, 1877155, "București"),
    (6077243, "Montréal", "CA", "10", "Quebec", 45.50884, -73.58781, 1762949, ""),
    (232422, "Kampala", "UG", "C", "Central", 0.31628, 32.58219, 1680600, ""),
    (2886242, "Köln", "DE", "07", "Nordrhein-Westfalen", 50.93333, 6.95, 1024621, "Cologne"),
    (4460243, "Charlotte", "US", "NC", "North Carolina", 35.22709, -80.84313, 911311, ""),
    (3094802, "Kraków", "PL", "77", "Małopolskie", 50.06143, 19.93658, 816614, ""),
    (264371, "Athens", "GR", "ESYE31", "Attikí", 37.98376, 23.72784, 664046, "Αθήνα"),
    (658225, "Helsinki", "FI", "01", "Uusimaa", 60.16952, 24.93545, 658864, ""),
    (5746545, "Portland", "US", "OR", "Oregon", 45.52345, -122.67621, 652503, ""),
    (4990729, "Detroit", "US", "MI", "Michigan", 42.33143, -83.04575, 645705, ""),
    (3093133, "Łódź", "PL", "74", "Łódzkie", 51.77058, 19.47395, 639890, ""),
    (191245, "Kisumu", "KE", "26", "Kisumu", -0.10221, 34.76171, 397957, ""),
    (5206379, "Pittsburgh", "US", "PA", "Pennsylvania", 40.44062, -79.99589, 304391, ""),
    (681290, "Cluj-Napoca", "RO", "13", "Cluj", 46.76667, 23.6, 286598, ""),
    (3196359, "Ljubljana", "SI", "61", "Ljubljana", 46.05108, 14.50513, 272220, ""),
    (5992996, "Kitchener", "CA", "08", "Ontario", 43.42537, -80.5112, 256885, ""),
    (2742032, "Braga", "PT", "04", "Braga", 41.5514, -8.42311, 193324, ""),
    (4409896, "Springfield", "US", "MO", "Missouri", 37.21533, -93.29824, 170188, ""),
    (5140405, "Syracuse", "US", "NY", "New York", 43.04812, -76.14742, 144142, ""),
    (4250542, "Springfield", "US", "IL", "Illinois", 39.80172, -89.64371, 114394, ""),
    (2198148, "Suva", "FJ", "01", "Central", -18.13683, 178.42531, 77366, ""),
    (659180, "Hämeenlinna", "FI", "05", "Kanta-Häme", 60.99596, 24.46434, 68473, ""),
    (4975802, "Portland", "US", "ME", "Maine", 43.65737, -70.2589, 66881, ""),
    (3189075, "Velenje", "SI", "133", "Velenje", 46.35917, 15.11028, 26742, ""),
    (4717560, "Paris", "US", "TX", "Texas", 33.66094, -95.55551, 24782, ""),
)  # fmt: skip
ZONES = {"Detroit": "America/Detroit", "Suva": "Pacific/Fiji", "Kraków": "Europe/Warsaw"}


@pytest.fixture
def db(database: Database) -> Database:
    """A database with all towns of the sample among its places."""
    rows: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    for rank, place in enumerate(sorted(PLACES, key=lambda one: -one[7]), start=1):
        number, name, country, code, region, lat, lng, population, alias = place
        rows.append(
            {
                "geonames_id": number,
                "name": name,
                "country": country,
                "region_code": code,
                "region": region,
                "lat": lat,
                "lng": lng,
                "population": population,
                "timezone": ZONES.get(name, "UTC"),
                "rank": rank,
                "slug": f"{slug_of(name)}-{number}",
            }
        )
        names += [
            {"norm": norm, "geonames_id": number, "weight": rank}
            for norm in spellings(name, [alias] if alias else [])
        ]
    with database.transaction() as conn:
        upsert(conn, places, rows, ["geonames_id"])
        upsert(conn, place_names, names, ["norm", "geonames_id"])
    return database


@pytest.fixture(scope="session")
def sample() -> dict[int, dict[str, Any]]:
    """The bundled circles as the API sends them, by their numbers."""
    said = json.loads((SAMPLE / "circles.json").read_text(encoding="utf-8"))
    return {item["id"]: item for item in said["items"]}


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., str]:
    """Saves rows as an answer of the API, anything else as it is; answers the file's path."""

    def save(said: Any, name: str = "answer.json") -> str:
        file = tmp_path / name
        answer = {"count": len(said), "items": said} if isinstance(said, list) else said
        file.write_text(json.dumps(answer), encoding="utf-8")
        return str(file)

    return save


def invented_circles(many: int) -> list[dict[str, Any]]:
    """Circles as the API sends them, numbered from 1, in the towns of PLACES."""
    return [
        {
            "id": number,
            "name": f"Circle {number}",
            "course": {"id": 1, "title": "Public speaking", "link": "https://example.org/course"},
            "facilitator": "Somebody Invented",
            "venue": "Library",
            "venue_address": "1 Invented Street",
            "city": place[1],
            "region": place[4],
            "country": "",
            "country_en": "",
            "latitude": f"{place[5] + number % 50 / 100:.6f}",
            "longitude": f"{place[6]:.6f}",
            "place_id": str(place[0]),
            "online": number % 20 == 0,
            "start_date": "2026-11-02",
            "start_datetime": "2026-11-02T17:00:00+00:00",
            "last_meeting_date": f"20{27 + number % 5}-01-04",
            "meeting_time": "17:00",
            "end_time": "18:30",
            "weeks": 8,
            "language": "en",
            "signup_open": True,
            "signup_count": 4,
            "url": f"https://learningcircles.p2pu.org/en/signup/{number}/",
        }
        for number in range(1, many + 1)
        for place in (PLACES[number % len(PLACES)],)
    ]


class Asked(NamedTuple):
    """One request that reached the server."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


Act = Callable[[BaseHTTPRequestHandler, Asked], None]


class FeedServer:
    """A real HTTP server on loopback. `act` answers; by default the list `items`, in pages."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.asked: list[Asked] = []
        self.act: Act = self.page
        self.done = threading.Event()
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                asked = Asked(parts.path, query, dict(self.headers))
                feed.asked.append(asked)
                try:
                    feed.act(self, asked)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def send(self, handler: BaseHTTPRequestHandler, body: bytes, **more: Any) -> None:
        """One whole answer."""
        send(handler, body, **more)

    @property
    def url(self) -> str:
        """The address of the list."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/api/learningcircles/"

    def page(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        """Answer like P2PU's API: the asked page of the list."""
        offset = int(asked.query.get("offset", "0"))
        limit = int(asked.query.get("limit", str(len(self.items) or 1)))
        said = {
            "count": len(self.items),
            "offset": offset,
            "limit": limit,
            "items": self.items[offset : offset + limit],
        }
        send(handler, json.dumps(said).encode())

    def slow_page(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        """Answer as `page`, a little later."""
        time.sleep(0.1)
        self.page(handler, asked)

    def close(self) -> None:
        """Let whoever waits go, and stop."""
        self.done.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    *,
    status: int = 200,
    kind: str = "application/json",
    **headers: str,
) -> None:
    """One whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    """A server to read circles from."""
    server = FeedServer()
    yield server
    server.close()


@pytest.fixture
def answer() -> Callable[..., None]:
    """Sends one whole answer from a handler: `answer(handler, body, status=…, kind=…)`."""
    return send
