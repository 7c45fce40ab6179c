"""A page of another site, with the two lines of the contract."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.reading import Reader, Site

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Somebody else's page</title>
<h1>Somebody else's page</h1>
<p>Said here: <belowline-count story="{key}"></belowline-count></p>
<script type="module" src="{server}/embed.js"></script>
<belowline-discussion story="{key}">
<a href="{server}/stories/{key}">Comments</a></belowline-discussion>
"""


class _Elsewhere(BaseHTTPRequestHandler):
    def __init__(self, server: str, *arguments: Any) -> None:
        self._server = server
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """The page, about the story that its address names."""
        asked = parse_qs(urlsplit(self.path).query)
        key = asked.get("story", ["nothing"])[0]
        body = PAGE.format(key=escape(key), server=self._server).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for policy in asked.get("policy", []):
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def elsewhere(site: Site) -> Iterator[str]:
    """The address of a page of another site; the story's key goes to its end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Elsewhere, site.url)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/?story="
        finally:
            server.shutdown()
            thread.join()


def test_the_same_discussion_and_its_count_stand_on_another_site(
    site: Site, story: str, elsewhere: str, ada: Reader
) -> None:
    chidi = site.guest("Chidi")
    thread = chidi.says(story, "Said on the newspaper's own page")
    chidi.says(story, "Answered there", thread)
    ada.open(elsewhere + story)
    expect(ada.comment("Said on the newspaper's own page")).to_be_visible()
    expect(ada.comment("Answered there")).to_be_visible()
    expect(ada.count).to_have_text("2 Comments")
    expect(ada.find("belowline-count")).to_have_text("2 Comments")


def test_the_page_around_it_styles_its_parts(
    site: Site, story: str, elsewhere: str, ada: Reader
) -> None:
    site.guest("Chidi").says(story, "Said in green")
    ada.open(elsewhere + story)
    ada.page.add_style_tag(content="belowline-discussion::part(text) { color: rgb(0, 80, 0); }")
    expect(ada.part("Said in green", ".bl-text")).to_have_css("color", "rgb(0, 80, 0)")


def test_a_page_that_demands_trusted_types_shows_it_all_the_same(
    site: Site, story: str, elsewhere: str, ada: Reader
) -> None:
    ada.open(elsewhere + story + "&policy=" + "require-trusted-types-for 'script'")
    ada.says("Parsed by our own policy")
    expect(ada.comment("Parsed by our own policy")).to_be_visible()


def test_nothing_is_kept_before_the_reader_acts(
    site: Site, story: str, elsewhere: str, ada: Reader
) -> None:
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    ada.open(elsewhere + story)
    expect(ada.active).to_have_text("Active: 1")
    assert ada.context.cookies() == []
    assert json.loads(ada.page.evaluate("JSON.stringify(localStorage)")) == {}
    assert {urlsplit(url).netloc for url in asked} == {
        urlsplit(site.url).netloc,
        urlsplit(elsewhere).netloc,
    }


@pytest.mark.parametrize(
    "key", ["a-key-of-our-own", "https://elsewhere.example/2026/05/ferry?page=1"]
)
def test_the_first_comment_may_be_written_elsewhere(
    site: Site, elsewhere: str, key: str, ada: Reader, ben: Reader
) -> None:
    address = elsewhere + key.replace("?", "%3F").replace("=", "%3D")
    for reader in (ada, ben):
        reader.open(address)
        expect(reader.find(".bl-empty")).to_be_visible()
        expect(reader.find("belowline-count")).to_have_text("0 Comments")
    expect(ben.active).to_have_text("Active: 2")
    ada.says("The first word here")
    expect(ada.comment("The first word here")).to_be_visible()
    expect(ben.arrivals).to_have_text("1 new comment")
    ben.arrivals.click()
    expect(ben.comment("The first word here")).to_be_visible()
    ben.replies("The first word here", "And the second")
    expect(ada.arrivals).to_have_text("1 new comment")
    for reader in (ada, ben):
        expect(reader.find("belowline-count")).to_have_text("2 Comments")
    assert site.count(key) == 2


def test_a_reader_stays_the_same_after_a_reload(
    site: Site, story: str, elsewhere: str, ada: Reader
) -> None:
    ada.open(elsewhere + story)
    ada.says("It is me")
    expect(ada.comment("It is me")).to_be_visible()
    ada.find(".bl-setname").click()
    ada.find(".bl-who input").fill("Ada")
    ada.find(".bl-who input").press("Enter")
    expect(ada.find(".bl-myname")).to_have_text("Ada")
    ada.page.reload()
    expect(ada.find(".bl-myname")).to_have_text("Ada")
    expect(ada.part("It is me", ".bl-name")).to_have_text("Ada")
    expect(ada.find(".bl-comment.bl-mine")).to_have_count(1)
    ada.chooses("It is me", "bl-delete")
    ada.find(".bl-inline").get_by_role("button", name="Delete").click()
    expect(ada.find(".bl-comment")).to_have_count(0)
    assert ada.context.cookies() == []


def test_a_held_comment_is_shown_to_its_author_elsewhere_too(
    site: Site, elsewhere: str, ada: Reader, ben: Reader
) -> None:
    key = site.new_story("reviewed")
    for reader in (ada, ben):
        reader.open(elsewhere + key)
        expect(reader.find(".bl-empty")).to_be_visible()
    ada.says("Waiting for Mona")
    expect(ada.part("Waiting for Mona", ".bl-notice")).to_contain_text("once approved")
    ada.page.reload()
    expect(ada.part("Waiting for Mona", ".bl-notice")).to_contain_text("once approved")
    ben.page.reload()
    expect(ben.find(".bl-empty")).to_be_visible()
    assert site.count(key) == 0


def test_a_failed_discussion_says_so_and_offers_another_try(
    site: Site, story: str, elsewhere: str, ada: Reader
) -> None:
    site.guest("Chidi").says(story, "Here all the time")
    ada.page.route("**/fragments/**", lambda route: route.abort())
    ada.open(elsewhere + story)
    expect(ada.find(".bl-state")).to_contain_text("The comments could not be loaded.")
    ada.page.unroute("**/fragments/**")
    ada.find(".bl-state").get_by_role("button", name="Try again").click()
    expect(ada.comment("Here all the time")).to_be_visible()
