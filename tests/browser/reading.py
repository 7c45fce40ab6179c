"""A site of the tests, and the people who read it: each in a browser of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from playwright.sync_api import Browser, Locator, Page

from tests.support.server import Server, run_server

_STORIES = 40  # of each mode, so that each test has one of its own
_QUICK = {"posts_per_minute": "600", "risk_hold": "1"}

_SETTINGS = """\
site_name = "The Test Courier"
mode = "open"
"""

_STORY = """\
---
headline: "{headline}"
date: 2026-05-04T09:00:00Z
author: Edgar Winter
tags: [Harbour]
summary: "What happened at the harbour, and what did not."
language: {language}
discussion: {mode}
---

{body}
"""

_PARAGRAPH = "The ferry left at nine, with forty people and one bicycle on board. " * 6


def remarks(number: int) -> list[str]:
    """So many texts that no check takes for repeats of one another."""
    people = ("Ada", "Ben", "Chidi", "Mona", "Edgar", "Dele", "Priya")
    return [f"{one} answers {other}" for one in people for other in people][:number]


@dataclass
class Site:
    """A running site. Keys are given out one by one: no two tests meet in one discussion."""

    server: Server
    folder: Path
    _used: dict[str, Iterator[int]] = field(default_factory=dict)
    _guests: list[Guest] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return self.server.url

    def new_story(self, mode: str = "open") -> str:
        """The key of a story under which nobody has written."""
        return f"{mode}-{next(self._used.setdefault(mode, count(1)))}"

    def page_of(self, key: str) -> str:
        """The address of a story's page."""
        return f"{self.url}/stories/{quote(key, safe='')}"

    def guest(self, name: str = "") -> Guest:
        """Somebody who speaks by the API."""
        guest = Guest(self.url, name)
        self._guests.append(guest)
        return guest

    def close(self) -> None:
        """Lets the guests go."""
        for guest in self._guests:
            guest.close()

    def staff_link(self, name: str = "Mona", role: str = "moderator") -> str:
        """A one-time link to the desk, as the command prints it."""
        command = ["staff", "add", name, "--role", role, "--site", str(self.folder)]
        printed = subprocess.run(
            [sys.executable, "-m", "belowline", *command],
            env=os.environ | {"BELOWLINE_BASE_URL": self.url},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return next(word for word in printed.split() if "/desk/enter" in word)

    def count(self, key: str) -> int:
        """The number of comments, as the API tells it."""
        return int(self._told("/api/v1/counts", story=key)[key])

    def texts(self, key: str) -> list[str]:
        """The texts of the newest threads, as the API tells them."""
        told = self._told(f"/api/v1/stories/{quote(key, safe='')}/comments", limit="100")
        return [comment["text"] for comment in told["comments"]]

    def _told(self, path: str, **query: str) -> Any:
        return httpx.get(self.url + path, params=query, trust_env=False).raise_for_status().json()


class Guest:
    """Somebody without a browser: writes by the API."""

    def __init__(self, url: str, name: str = "") -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        token = self._http.post("/api/v1/guests").raise_for_status().json()["token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        self._keys = count(1)
        if name:
            self.is_called(name)

    def close(self) -> None:
        """Hangs up."""
        self._http.close()

    def is_called(self, name: str) -> None:
        """Takes a display name."""
        self._http.patch("/api/v1/me", json={"name": name}).raise_for_status()

    def says(self, story: str, text: str, parent: str | None = None) -> str:
        """Writes a comment; answers its id."""
        body = {"text": text} | ({"parent": parent} if parent else {})
        answer = self._http.post(
            f"/api/v1/stories/{quote(story, safe='')}/comments",
            json=body,
            headers={"Idempotency-Key": f"key-{next(self._keys)}"},
        )
        found: str = answer.raise_for_status().json()["comment"]["id"]
        return found

    def edits(self, comment: str, text: str) -> None:
        """Gives a comment another text."""
        self._http.patch(f"/api/v1/comments/{comment}", json={"text": text}).raise_for_status()

    def deletes(self, comment: str) -> None:
        """Takes a comment back."""
        self._http.delete(f"/api/v1/comments/{comment}").raise_for_status()


class Reader:
    """Somebody with a browser: a context of their own, so nothing is shared with others."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        options = {"viewport": {"width": 1000, "height": 900}, "locale": "en-GB"} | options
        self.context = browser.new_context(**options)
        self.errors: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab; from now on it is the one that is read."""
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        return self.page

    def open(self, address: str) -> Page:
        """Goes to a page."""
        self.page.goto(address)
        return self.page

    def find(self, selector: str, **how: Any) -> Locator:
        """Something on the page."""
        return self.page.locator(selector, **how)

    @property
    def box(self) -> Locator:
        """The box above all comments, to write in."""
        return self.find(".bl-root > .bl-composer textarea, .bl-page .bl-composer textarea")

    @property
    def sends(self) -> Locator:
        """The button below that box."""
        return self.find(".bl-root > .bl-composer .bl-send, .bl-page .bl-composer .bl-send")

    @property
    def status(self) -> Locator:
        """What is said below that box."""
        return self.find(".bl-root > .bl-composer .bl-status")

    @property
    def arrivals(self) -> Locator:
        """ "3 new comments"."""
        return self.find(".bl-arrivals")

    @property
    def count(self) -> Locator:
        """The number of comments at the discussion's head."""
        return self.find(".bl-count")

    @property
    def active(self) -> Locator:
        """How many have the discussion open."""
        return self.find(".bl-active")

    def typing(self, parent: str = "") -> Locator:
        """The line that says that someone is typing."""
        return self.find(f".bl-typing[data-parent='{parent}']")

    def comment(self, text: str) -> Locator:
        """The comment that says ``text``, with its replies."""
        return self.find(f'.bl-comment:has(> .bl-body > .bl-text:has-text("{text}"))')

    def part(self, text: str, selector: str) -> Locator:
        """A part of that comment itself."""
        return self.comment(text).locator(f":scope > .bl-body {selector}")

    def says(self, text: str) -> None:
        """Writes above all comments and sends."""
        self.box.fill(text)
        self.sends.click()

    def replies(self, to: str, text: str) -> None:
        """Writes below a comment and sends."""
        self.part(to, ".bl-reply").click()
        form = self.comment(to).locator(":scope > form.bl-inline")
        form.locator("textarea").fill(text)
        form.locator(".bl-send").click()

    def chooses(self, text: str, action: str) -> None:
        """Opens a comment's menu and takes one of its actions: "bl-edit"."""
        self.part(text, ".bl-menu summary").click()
        self.part(text, f".{action}").click()

    def close(self) -> None:
        """Leaves. Fails when a script of ours broke meanwhile."""
        self.context.close()
        assert self.errors == []


@contextmanager
def running_site(folder: Path, *, port: int | None = None, **settings: str) -> Iterator[Site]:
    """Serves the site in ``folder``, which is made when it is not there yet."""
    if not folder.exists():
        _make(folder)
    together: dict[str, Any] = _QUICK | settings
    with run_server(folder, port=port, **together) as server:
        running = Site(server, folder)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def reading(browser: Browser, **options: Any) -> Iterator[Reader]:
    """A reader, gone at the end."""
    reader = Reader(browser, **options)
    try:
        yield reader
    except BaseException:
        with suppress(AssertionError):
            reader.close()
        raise
    reader.close()


def _make(folder: Path) -> None:
    (folder / "stories").mkdir(parents=True)
    (folder / "belowline.toml").write_text(_SETTINGS, encoding="utf-8")
    for mode in ("open", "reviewed"):
        for number in range(1, _STORIES + 1):
            _write_story(folder, f"{mode}-{number}", mode)
    _write_story(folder, "closed-1", "closed")
    _write_story(folder, "arabic", "open", "ar")


def _write_story(folder: Path, key: str, mode: str, language: str = "en") -> None:
    text = _STORY.format(
        headline=f"The ferry, part {key}",
        mode=mode,
        language=language,
        body="\n\n".join([_PARAGRAPH] * 3),
    )
    (folder / "stories" / f"{key}.md").write_text(text, encoding="utf-8")
