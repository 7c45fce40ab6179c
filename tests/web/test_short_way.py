"""A new comment's short way gives the answers that the framework's handler gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from belowline.web.api import posts
from tests.web.conftest import Reader, Town, town_at

SAID = json.dumps({"text": "Does the ferry still run on Sundays?"})
CASES: dict[str, dict[str, Any]] = {
    "a comment": {"content": SAID},
    "with its list item": {"content": SAID, "params": {"html": "de"}},
    "in words of the reader's language": {"content": SAID, "headers": {"Accept-Language": "ar"}},
    "with a stamp that is none": {"content": json.dumps({"text": "No.", "sender": {"stamp": "x"}})},
    "with a sender that is none": {"content": json.dumps({"text": "No.", "sender": {"age": 7}})},
    "held": {"content": json.dumps({"text": "See https://a.example"})},
    "of a reviewed story": {"content": SAID, "story": "budget"},
    "of a closed story": {"content": SAID, "story": "mill"},
    "of no story": {"content": SAID, "story": "nothing"},
    "of a story with a slash": {"content": SAID, "story": "a%2Fb"},
    "with nothing in it": {"content": json.dumps({"text": " \n "})},
    "too long": {"content": json.dumps({"text": "long " * 4_000})},
    "a reply to nothing": {"content": json.dumps({"text": "No.", "parent": "0000000000000"})},
    "a reply to what is no id": {"content": json.dumps({"text": "No.", "parent": "x"})},
    "with an unknown field": {"content": json.dumps({"text": "No.", "colour": "red"})},
    "with a text that is none": {"content": json.dumps({"text": 5})},
    "that is no object": {"content": "[]"},
    "that is no JSON": {"content": "{"},
    "that is not UTF-8": {"content": b'{"text": "\xff"}'},
    "with nothing at all": {"content": ""},
    "with a bad key": {"content": SAID, "headers": {"Idempotency-Key": "a b"}},
    "with a bad token": {"content": SAID, "headers": {"Authorization": "Bearer guest.x"}},
    "from another site": {
        "content": SAID,
        "headers": {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    },
    "from a page that embeds it": {
        "content": json.dumps({"text": "No.", "page": {"url": "https://a.example/x"}}),
        "headers": {"Origin": "https://b.example"},
    },
    "in another type": {"content": SAID, "headers": {"Content-Type": "text/plain"}},
}


def _ask(reader: Reader, story: str = "ferry", **request: Any) -> httpx.Response:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "once"}
    headers |= request.pop("headers", {})
    return reader.post(f"/api/v1/stories/{story}/comments", headers=headers, **request)


def _plain(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """The answer without what differs from one comment, guest or moment to the next."""
    headers = {
        name: re.sub(r"belowline=[^;]*", "belowline=…", value)
        for name, value in answer.headers.items()
        if name not in ("content-length", "x-request-id", "date")
    }
    body = re.sub(r'"request_id":"[0-9a-f]+"', "", answer.text)
    body = re.sub(r"\b[0-7][0-9A-HJKMNP-TV-Z]{12}\b", "ID", body)
    return answer.status_code, headers, re.sub(r"\d\d:\d\d:\d\d(\.\d+)?", "TIME", body)


Taken = list[str]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """The stories for which the short way was taken to its end."""
    stories: Taken = []
    answer = posts._answer

    async def watch(request: Any, data: Any, story: str, *more: Any) -> None:
        stories.append(story)
        await answer(request, data, story, *more)

    monkeypatch.setattr(posts, "_answer", watch)
    return stories


def _long_way(monkeypatch: pytest.MonkeyPatch, folder: Path, ask: Callable[[Town], Any]) -> Any:
    with monkeypatch.context() as patched, town_at(folder) as town:
        patched.setattr(posts, "_usual", lambda scope: None)
        return ask(town)


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_both_ways_give_the_same_answers(
    tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    def ask(town: Town) -> dict[str, Any]:
        answers = {}
        for name, request in CASES.items():
            reader = town.reader()
            if known:
                reader.post("/api/v1/guests")
            answers[name] = _plain(_ask(reader, **request))
        return answers

    assert ask(town) == _long_way(monkeypatch, tmp_path / "other", ask)


def test_both_ways_give_the_same_answer_to_what_is_sent_again(
    tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(town: Town) -> list[Any]:
        reader = town.reader()
        other = json.dumps({"text": "Something else."})
        return [_plain(_ask(reader, content=content)) for content in (SAID, SAID, other)]

    assert ask(town) == _long_way(monkeypatch, tmp_path / "other", ask)


def test_both_ways_tell_a_hurried_sender_to_wait(
    tmp_path: Path, town_with: Callable[..., Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = []
    for way in ("short", "long"):
        with monkeypatch.context() as patched, town_at(tmp_path / way, posts_per_minute=2) as town:
            if way == "long":
                patched.setattr(posts, "_usual", lambda scope: None)
            reader = town.reader()
            answers = [reader.say(f"Point {number}.") for number in range(4)]
            statuses.append([(one.status_code, "retry-after" in one.headers) for one in answers])
    assert statuses[0] == statuses[1]
    assert statuses[0][-1] == (429, True)


def test_a_fault_is_told_without_its_trace(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise ZeroDivisionError("the divisor was the ferry's fare")

    monkeypatch.setattr(posts, "take_comment", broken)
    answer = _ask(town.reader(), content=SAID)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "fare" not in answer.text


def test_the_usual_takes_the_short_way_and_what_is_unusual_does_not(
    town: Town, taken: Taken
) -> None:
    reader = town.reader()
    assert _ask(reader, content=SAID).status_code == 201
    assert reader.say("As the widget says it.").status_code == 201
    assert taken == ["ferry", "ferry"]
    unusual = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": "another"}
    assert _ask(reader, content=SAID, headers=unusual).status_code == 201
    assert reader.get("/api/v1/stories/ferry/comments").status_code == 200
    assert taken == ["ferry", "ferry"]


def test_a_body_that_comes_in_pieces_is_read_whole(town: Town) -> None:
    async def pieces() -> Any:
        for start in range(0, len(SAID), 7):
            yield SAID.encode()[start : start + 7]

    answer = _ask(town.reader(), content=pieces())
    assert answer.json()["comment"]["text"] == json.loads(SAID)["text"]
