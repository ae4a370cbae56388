"""The envelope around the rows, and files that hold it."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.circles.answers import LARGEST, Answer, FeedError, opened, read_answer, whole_list


def test_read_answer_of_the_api_and_of_a_bare_list() -> None:
    assert read_answer(b'{"count": 3, "items": [1], "limit": 1, "new": {}}') == Answer([1], 3)
    assert read_answer(b"[1, 2]") == Answer([1, 2], None)
    assert read_answer(b'\xef\xbb\xbf{"count": 0, "items": []}') == Answer([], 0)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><title>Server Error (500)</title>", "not JSON"),
        (b'{"count": 3, "items": [{"id": 1}, {"i', "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'"hello"', "no list"),
        (b"null", "no list"),
        (b"{}", "no list"),
        (b'{"item": {"id": 1}}', "no list"),
        (b'{"count": 1, "items": {"id": 1}}', "no list"),
        (b'{"items": []}', "doesn't say how many"),
        (b'{"count": "3", "items": []}', "doesn't say how many"),
        (b'{"count": true, "items": []}', "doesn't say how many"),
        (b'{"count": -1, "items": []}', "doesn't say how many"),
        (b'{"status": "error", "errors": {"limit": ["Not a valid integer"]}}', "Not a valid"),
    ],
)
def test_read_answer_refuses(body: bytes, says: str) -> None:
    with pytest.raises(FeedError, match=says):
        read_answer(body)


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: json.dumps({"items": text, "count": 1}).encode()))
def test_read_answer_raises_nothing_else(body: bytes) -> None:
    try:
        answer = read_answer(body)
    except FeedError:
        return
    assert isinstance(answer.items, list)


def test_whole_list_of_pages() -> None:
    assert whole_list([Answer([1, 2], 3), Answer([3], 3), Answer([], 3)]) == [1, 2, 3]
    assert whole_list([Answer([1], None), Answer([2], None)]) == [1, 2]


@pytest.mark.parametrize(
    "answers",
    [
        [Answer([1, 2], 3)],
        [Answer([1, 2], 1)],
        [Answer([1], 2), Answer([2], 3)],
        [Answer([], 5)],
    ],
)
def test_whole_list_refuses_a_part(answers: list[Answer]) -> None:
    with pytest.raises(FeedError):
        whole_list(answers)


def test_opened_unpacks() -> None:
    assert opened(gzip.compress(b"[1]")) == b"[1]"
    assert opened(b"[1]") == b"[1]"


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(b"[1]")[:-4],
        b"\x1f\x8bnonsense",
        gzip.compress(bytes(LARGEST + 1)),
        bytes(LARGEST + 1),
    ],
    ids=["cut off", "damaged", "bomb", "large"],
)
def test_opened_refuses(body: bytes) -> None:
    with pytest.raises(FeedError):
        opened(body)


def test_error_answer_is_told_in_one_short_line() -> None:
    said: dict[str, Any] = {"status": "error", "errors": {"x": ["\n" + "long " * 500 + "\u202e"]}}
    with pytest.raises(FeedError) as caught:
        read_answer(json.dumps(said).encode())
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
