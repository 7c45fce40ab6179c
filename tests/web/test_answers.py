"""How answers travel: validators, codings, headers, addresses."""

from __future__ import annotations

import gzip
import json
from urllib.parse import quote

import brotli
import httpx
import pytest

from belowline.actions import reading
from tests.web.conftest import Reader, Town

PAGES = ["/", "/stories/ferry", "/name", "/fragments/stories/ferry", "/comments.atom", "/nothing"]


def _raw(reader: Reader, path: str, coding: str) -> tuple[httpx.Response, bytes]:
    """The answer and its body as it was sent."""

    async def send() -> tuple[httpx.Response, bytes]:
        headers = {"Accept-Encoding": coding}
        async with reader.client.stream("GET", path, headers=headers) as answer:
            return answer, b"".join([part async for part in answer.aiter_raw()])

    return reader._portal.call(send)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/stories/ferry",
        "/api/v1/stories/ferry/comments",
        "/fragments/stories/ferry",
        "/stories/ferry/comments.json",
        "/openapi.json",
    ],
)
def test_an_unchanged_answer_is_not_sent_again(town: Town, path: str) -> None:
    reader = town.reader()
    first = reader.get(path)
    assert first.status_code == 200
    again = reader.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = reader.get(path, headers={"If-None-Match": '"something-else"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "path", ["/stories/ferry", "/api/v1/stories/ferry/comments", "/fragments/stories/ferry"]
)
def test_a_new_comment_makes_a_new_answer_at_once(town: Town, path: str) -> None:
    reader = town.reader()
    etag = reader.get(path).headers["etag"]
    town.reader().said("The ferry is late again.")
    answer = reader.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert "late again" in answer.text


def test_a_recommendation_and_a_new_name_make_new_answers_too(town: Town) -> None:
    ada, ben, reader = town.reader(), town.reader(), town.reader()
    number = ada.said("The fare has doubled.")
    path = "/api/v1/stories/ferry/comments"
    assert reader.get(path).json()["comments"][0]["recommendations"] == 0
    ben.ask("PUT", f"/api/v1/comments/{number}/recommendation")
    assert reader.get(path).json()["comments"][0]["recommendations"] == 1
    ada.ask("PATCH", "/api/v1/me", json={"name": "Ada L"})
    assert reader.get(path).json()["comments"][0]["author"]["name"] == "Ada L"


def test_answers_are_compressed_as_the_client_likes(town: Town) -> None:
    reader = town.reader()
    plain, body = _raw(reader, "/stories/ferry", "identity")
    assert "content-encoding" not in plain.headers
    packed, bits = _raw(reader, "/stories/ferry", "gzip, br")
    assert packed.headers["content-encoding"] == "br"
    assert brotli.decompress(bits) == body
    packed, bits = _raw(reader, "/stories/ferry", "gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bits) == body
    packed, _ = _raw(reader, "/stories/ferry", "br;q=0, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert len({one.headers["etag"] for one in (plain, packed)}) == 2


@pytest.mark.parametrize("path", PAGES)
def test_head_is_get_without_the_content(town: Town, path: str) -> None:
    reader = town.reader()
    got, head = reader.get(path), reader.ask("HEAD", path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/stories", "/api/v1/nothing"])
def test_every_answer_bears_the_headers_that_keep_readers_safe(town: Town, path: str) -> None:
    headers = town.reader().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"


def test_what_is_personal_is_never_kept_by_a_shared_cache(town: Town) -> None:
    ada = town.reader()
    ada.said("Who pays?", "budget")
    for path in ("/stories/budget", "/fragments/stories/budget/mine", "/api/v1/me"):
        assert "no-store" in ada.get(path).headers["cache-control"]
    assert "Cookie" in town.reader().get("/stories/budget").headers["vary"]
    for path in ("/embed.js", "/feed.atom"):  # the same for everybody: kept through a sign-in
        assert town.reader().get(path).headers["vary"] == "Accept-Encoding"
    for path in ("/api/v1/counts?story=budget", "/api/v1/stories", "/api/v1/stories/budget"):
        answer = ada.get(path)
        assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
        known = {"If-None-Match": answer.headers["etag"]}
        assert ada.get(path, headers=known).status_code == 304
    typing = ada.post("/api/v1/stories/budget/typing", json={"client": "page-of-ada"})
    assert (typing.status_code, typing.headers["cache-control"]) == (204, "private, no-store")


@pytest.mark.parametrize(
    "key", ["2026/05/ferry", "https://news.example/a?b=c#d", "\u00fcber uns", "a%2Fb"]
)
def test_a_storys_key_may_hold_anything_that_prints(town: Town, key: str) -> None:
    mona, ada = town.moderator(), town.reader()
    path = quote(key, safe="")
    made = mona.ask("PUT", f"/api/v1/stories/{path}", json={"title": "Far away", "mode": "open"})
    assert made.json()["key"] == key
    ada.said("I was there.", key)
    assert ada.get(f"/api/v1/stories/{path}/comments").json()["count"] == 1
    assert ada.get("/api/v1/counts", params={"story": key}).json() == {key: 1}
    page = town.reader().get(f"/stories/{path}")
    assert (page.status_code, "I was there." in page.text) == (200, True)
    assert "I was there." in town.reader().get(f"/fragments/stories/{path}").text
    assert "I was there." in town.reader().get(f"/stories/{path}/comments.atom").text
    form = {"text": "So was I.", "parent": "", "nonce": "1"}
    assert ada.post(f"/stories/{path}/comments", data=form).status_code == 303
    assert ada.get(f"/api/v1/stories/{path}").json()["count"] == 2


def test_hostile_text_is_only_text_everywhere(town: Town) -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"'&"
    number = town.reader().said(hostile)
    reader = town.reader()
    for path in (
        "/stories/ferry",
        f"/comments/{number}",
        "/fragments/stories/ferry",
        "/stories/ferry/comments.rss",
        "/stories/ferry/comments.atom",
    ):
        page = reader.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_structured_data_counts_and_quotes_what_is_published(town: Town) -> None:
    ada = town.reader()
    ada.said("The ferry is late again.")
    page = town.reader().get("/stories/ferry").text
    start = page.index('<script type="application/ld+json">') + 35
    data = json.loads(page[start : page.index("</script>", start)])
    assert "The ferry is late again." in json.dumps(data)
    assert '"commentCount": 1' in json.dumps(data)


def test_a_fault_of_ours_is_told_without_its_trace(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(reading, "counts", broken)
    answer = town.reader().get("/api/v1/counts?story=ferry")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    page = town.reader().get("/")
    assert page.status_code == 500
    assert "secret" not in answer.text + page.text


def test_the_machines_pages_answer(town: Town) -> None:
    reader = town.reader()
    for path in ("/healthz", "/readyz", "/metrics", "/robots.txt", "/sitemap.xml", "/openapi.json"):
        assert reader.get(path).status_code == 200, path
