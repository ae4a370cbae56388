"""Kept pages: what is kept and what never, one render for all who wait, a bounded store."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from board.core import clock
from board.core.changes import EVERYTHING, Change, Unreadable
from board.core.http import shareable
from board.core.kept_pages import OVERHEAD, Asked, Depends, Kept, Store
from board.core.news import News
from board.core.page_cache import PageCache, keep

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEVEN, NOTHING = Depends(subjects=frozenset({7})), Depends()
WORDS = b"One town, one page. " * 200


class Said:
    """A log that a test writes."""

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once
        self.new: list[Change] = []
        self.broken = False
        self.asked = 0

    def news(self) -> Sequence[Change]:
        self.asked += 1
        if self.broken:
            raise Unreadable
        new, self.new = self.new, []
        return new

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class World:
    """An application with a page cache, and what happened in it."""

    said: Said
    cache: PageCache
    client: httpx2.AsyncClient
    renders: int = 0
    text: bytes = WORDS
    depends: Any = SEVEN
    gate: asyncio.Event | None = None
    answer: Callable[[Request, bytes], Response] | None = None

    async def get(self, path: str = "/page", **more: Any) -> httpx2.Response:
        return await self.client.get(path, **more)

    async def view(self, request: Request) -> Response:
        """The page as it is now; where a gate is, it takes until that opens."""
        self.renders += 1
        keep(request, self.depends)
        body = self.text
        if self.gate is not None:
            await self.gate.wait()
        if self.answer is not None:
            return self.answer(request, body)
        return shareable(request, body, "text/html; charset=utf-8")


@pytest.fixture(params=["at once", "in a thread"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A fresh application, with a log that answers at once or from a thread."""
    said = Said(at_once=request.param == "at once")

    async def view(asked: Request) -> Response:
        return await here.view(asked)

    async def plain(_asked: Request) -> Response:
        here.renders += 1
        return PlainTextResponse("not declared")

    routes = [Route("/page", view), Route("/other", view), Route("/secret/x", view)]
    app = Starlette(
        routes=[*routes, Route("/plain", plain), Route("/form", view, methods=["POST"])],
        middleware=[Middleware(GZipMiddleware, minimum_size=500)],
    )
    cache = PageCache(app, news=News(said), megabytes=1, never=("/secret",))
    transport = httpx2.ASGITransport(cache, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        here = World(said, cache, client)
        yield here
    here.cache.news.close()


pytestmark = pytest.mark.anyio


async def under_way(world: World) -> None:
    """Return when a page is being made and everybody who asked meanwhile waits for it."""
    while not world.renders or world.said.new:
        await asyncio.sleep(0.01)
    for _turn in range(20):
        await asyncio.sleep(0.01)


async def test_page_is_made_once(world: World) -> None:
    first, again = await world.get(), await world.get()
    assert (world.renders, first.content, again.content) == (1, WORDS, WORDS)
    assert first.headers["etag"] == again.headers["etag"]
    assert again.headers["content-type"] == "text/html; charset=utf-8"
    assert again.headers["cache-control"] == "no-cache"
    assert again.headers["vary"] == "Accept-Encoding"


async def test_page_is_compressed_for_who_takes_that(world: World) -> None:
    for _time in range(2):
        packed = await world.client.send(
            world.client.build_request("GET", "/page", headers={"accept-encoding": "br, gzip"}),
            stream=True,
        )
        raw = b"".join([part async for part in packed.aiter_raw()])
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) == len(raw) < 300
        assert gzip.decompress(raw) == WORDS
        for refused in ("identity", "gzip;q=0, br", "gzip; q=0.0"):
            plain = await world.get(headers={"accept-encoding": refused})
            assert "content-encoding" not in plain.headers
            assert (plain.content, plain.headers["content-length"]) == (WORDS, str(len(WORDS)))
    assert world.renders == 1


async def test_page_that_is_known_is_not_sent_again(world: World) -> None:
    etag = (await world.get()).headers["etag"]
    for known in (etag, f'"other", {etag}'):
        same = await world.get(headers={"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        assert "content-length" not in same.headers
    assert (await world.get(headers={"if-none-match": '"other"'})).status_code == 200
    world.said.new.append(Change("town", 7))
    # Also the answer to who asked first: the page was made, and is what they know.
    assert (await world.get(headers={"if-none-match": etag})).status_code == 304
    assert world.renders == 2


async def test_head_is_the_page_without_its_words(world: World) -> None:
    for _time in range(2):
        head = await world.client.head("/page", headers={"accept-encoding": "identity"})
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(WORDS))
    assert (await world.get()).content == WORDS
    assert world.renders == 1


async def test_page_goes_when_what_it_shows_changes(world: World) -> None:
    await world.get()
    world.said.new.append(Change("town", 8))
    await world.get()
    assert world.renders == 1
    world.text = b"Another."
    world.said.new.append(Change("town", 7))
    assert (await world.get()).content == b"Another."
    world.said.new.append(EVERYTHING)
    await world.get()
    assert world.renders == 3


async def test_page_goes_when_it_is_too_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds, renders in ((0, 1), (59, 1), (60, 2), (0, 3)):
        moment = NOW + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        await world.get()
        assert world.renders == renders, seconds


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/page", {"cookie": "board=x"}),
        ("/page", {"cookie": "other=1"}),
        ("/page", {"authorization": "Basic eA=="}),
        ("/page?near=46.1,14.5", {}),
        ("/page?q=" + "x" * 300, {}),
        ("/secret/x", {}),
        ("/plain", {}),
    ],
)
async def test_request_that_is_nobody_elses_is_not_kept(
    world: World, path: str, headers: dict[str, str]
) -> None:
    for _time in range(2):
        assert (await world.get(path, headers=headers)).status_code == 200
    assert (world.renders, len(world.cache.store)) == (2, 0)


async def test_request_with_a_cookie_gets_no_kept_page(world: World) -> None:
    await world.get()
    world.text = b"Yours."
    assert (await world.get(headers={"cookie": "board=x"})).content == b"Yours."
    assert (await world.get()).content == WORDS


async def test_form_is_not_kept(world: World) -> None:
    for _time in range(2):
        await world.client.post("/form")
    assert (world.renders, len(world.cache.store)) == (2, 0)


@pytest.mark.parametrize(
    "answer",
    [
        lambda request, body: Response(body, 404),
        lambda request, body: Response(body, headers={"cache-control": "private, no-store"}),
    ],
)
async def test_answer_that_is_not_shared_is_not_kept(world: World, answer: Any) -> None:
    world.answer = answer
    first = await world.get()
    assert (first.content, len(world.cache.store)) == (WORDS, 0)


async def test_answer_with_a_cookie_is_whole_and_its_owners_alone(world: World) -> None:
    def answer(request: Request, body: bytes) -> Response:
        response = shareable(request, body, "text/html")
        response.set_cookie("mine", "1")
        return response

    world.answer = answer
    first = await world.get()
    assert (first.content, "mine=1" in first.headers["set-cookie"]) == (WORDS, True)
    assert len(world.cache.store) == 0


async def test_pages_of_other_addresses_and_languages_are_others(world: World) -> None:
    for path in ("/page", "/page?x=1", "/other", "/page"):
        await world.get(path)
    assert (world.renders, len(world.cache.store)) == (3, 3)


async def test_hundred_at_once_take_one_render(world: World) -> None:
    world.gate = asyncio.Event()
    asked = [asyncio.create_task(world.get()) for _n in range(100)]
    await under_way(world)
    world.gate.set()
    answers = await asyncio.gather(*asked)
    assert {answer.content for answer in answers} == {WORDS}
    assert world.renders == 1


async def test_page_that_was_overtaken_is_not_kept(world: World) -> None:
    world.gate = asyncio.Event()
    early = asyncio.create_task(world.get())
    await under_way(world)
    # The words were read; then they change, and somebody is told so, and asks.
    world.text = b"Newer."
    world.said.new.append(Change("town", 7))
    late = [asyncio.create_task(world.get()) for _n in range(5)]
    await under_way(world)
    world.gate.set()
    assert (await early).content == WORDS
    assert {answer.content for answer in await asyncio.gather(*late)} == {b"Newer."}
    assert (await world.get()).content == b"Newer."
    assert world.renders == 2


async def test_page_that_something_else_overtook_is_kept(world: World) -> None:
    world.gate = asyncio.Event()
    early = asyncio.create_task(world.get())
    await under_way(world)
    world.said.new.append(Change("town", 8))
    late = asyncio.create_task(world.get())
    await under_way(world)
    world.gate.set()
    await asyncio.gather(early, late)
    assert (world.renders, len(world.cache.store)) == (1, 1)


async def test_render_that_fails_wakes_who_waits(world: World) -> None:
    world.gate = asyncio.Event()

    def fail(_request: Request, _body: bytes) -> Response:
        raise RuntimeError("lights out")

    world.answer = fail
    asked = [asyncio.create_task(world.get()) for _n in range(5)]
    await under_way(world)
    world.gate.set()
    answers = await asyncio.wait_for(asyncio.gather(*asked), 5)
    assert {answer.status_code for answer in answers} == {500}
    world.answer = None
    assert (await world.get()).content == WORDS
    assert len(world.cache.store) == 1


async def test_render_that_is_given_up_wakes_who_waits(world: World) -> None:
    world.gate = asyncio.Event()
    first = asyncio.create_task(world.get())
    await under_way(world)
    second = asyncio.create_task(world.get())
    await under_way(world)
    first.cancel()
    world.gate.set()
    assert (await asyncio.wait_for(second, 5)).content == WORDS


async def test_nothing_is_kept_while_the_log_cant_be_read(world: World) -> None:
    await world.get()
    world.said.broken = True
    for _time in range(2):
        assert (await world.get()).content == WORDS
    assert (world.renders, len(world.cache.store)) == (3, 0)
    # It rests a moment before it is asked again.
    asked = world.said.asked
    await world.get()
    assert world.said.asked == asked
    world.said.broken = False
    world.cache.news._rests_until = 0.0
    for _time in range(2):
        await world.get()
    assert world.renders == 5


async def test_questions_to_the_log_are_shared_and_begin_after_who_asks() -> None:
    said = Said(at_once=False)
    heard: list[Change] = []
    news = News(said)
    news.hear = heard.extend
    said.new.append(Change("town", 1))
    assert all(await asyncio.gather(*(news.heard() for _n in range(50))))
    assert (said.asked, heard) == (1, [Change("town", 1)])
    first = asyncio.create_task(news.heard())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    # Whoever comes while a question is under way needs one of their own.
    second = asyncio.create_task(news.heard())
    await asyncio.gather(first, second)
    assert said.asked == 3
    news.close()


def kept(size: int, depends: Any = NOTHING) -> Kept:
    return Kept(bytes(size), [(b"etag", b'"x"')], depends)


def key_of(path: str) -> Any:
    return (b"testserver", path, b"")


async def test_store_lets_the_longest_unasked_go_first() -> None:
    store = Store(4 * (900 + OVERHEAD))
    for path in "abcd":
        store.put(key_of(path), kept(900))
    assert store.find(key_of("a")) is not None
    store.put(key_of("e"), kept(900))
    assert [path for path in "abcde" if store.find(key_of(path))] == ["a", "c", "d", "e"]
    assert store.size <= store.most


async def test_store_stays_within_its_bounds_and_forgets_whole() -> None:
    store = Store(200_000)
    for n in range(2_000):
        depends = Depends(frozenset({"circles", f"k{n % 7}"}), frozenset({n, n % 50}))
        store.put(key_of(str(n % 300)), kept(n * 37 % 9_000, depends))
        assert store.size <= store.most
        if n % 97 == 0:
            store.drop_touched([Change("town", n % 50), Change(f"k{n % 7}")])
    assert len(store) > 5
    store.drop_touched([Change("circles")])
    assert (len(store), store.size, store._by_kind, store._by_subject) == (0, 0, {}, {})


async def test_page_larger_than_the_store_is_not_kept() -> None:
    store = Store(5_000)
    store.put(key_of("a"), kept(100))
    store.put(key_of("b"), kept(4_000))
    assert (store.find(key_of("b")), store.find(key_of("a")) is not None) == (None, True)


async def test_asked_without_an_etag_is_answered_whole() -> None:
    page = Kept(b"short", [], Depends())
    assert page.answer(Asked(key_of("a"))).start["status"] == 200
