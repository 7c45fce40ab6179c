"""A running site in this process, and people with a browser's cookies who ask it things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from belowline.actions import people
from belowline.app import Application
from belowline.settings import Settings
from tests.cast import Clock, lay_schema

STORY = """---
headline: {title}
date: 2026-05-01
authors: Edgar Holm
discussion: {mode}
---
The ferry will run on Sundays again, says the harbour office.
"""


class Reader:
    """Somebody with a cookie jar. Answers are httpx's; redirects are not followed."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self.client = client

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any request."""

        async def send() -> httpx.Response:
            return await self.client.request(method, path, **more)

        return self._portal.call(send)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """POST."""
        return self.ask("POST", path, **more)

    def say(
        self, text: str, story: str = "ferry", *, key: str = "", parent: str | None = None
    ) -> httpx.Response:
        """Says something by the API, each text with a key of its own."""
        key = key or f"key-{re.sub(r'[^A-Za-z0-9]', '-', text)[:150]}"
        body = {"text": text} | ({"parent": parent} if parent else {})
        path = f"/api/v1/stories/{quote(story, safe='')}/comments"
        return self.post(path, json=body, headers={"Idempotency-Key": key})

    def said(self, text: str, story: str = "ferry", **more: Any) -> str:
        """`say`, which has to succeed; the comment's id."""
        answer = self.say(text, story, **more)
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["comment"]["id"]
        return number


class Town:
    """A running site and everyone who comes there."""

    def __init__(self, portal: BlockingPortal, application: Application, clock: Clock) -> None:
        self.portal = portal
        self.application = application
        self.clock = clock
        self.address = "127.0.0.1"  # from which whoever comes next comes
        self._people: list[Reader] = []

    def reader(self, **headers: str) -> Reader:
        """Somebody new, with an empty cookie jar."""
        app: Any = self.application.asgi
        transport = httpx.ASGITransport(app=app, client=(self.address, 123))
        client = httpx.AsyncClient(
            transport=transport, base_url="http://post.example", headers=headers
        )
        self._people.append(Reader(self.portal, client))
        return self._people[-1]

    def moderator(self, name: str = "Mona", role: str = "moderator") -> Reader:
        """A moderator who has come in by a one-time link."""
        token = self.portal.call(people.add_staff, self.application.site, name, role)
        somebody = self.reader()
        assert somebody.get(f"/desk/enter?token={token}").status_code == 303
        return somebody

    def editor(self) -> Reader:
        """Edgar."""
        return self.moderator("Edgar", "editor")

    def leave(self) -> None:
        """Closes every connection."""
        for one in self._people:
            self.portal.call(one.client.aclose)


@contextmanager
def town_at(folder: Path, **values: Any) -> Iterator[Town]:
    """A running site with three stories: ferry (open), budget (reviewed), mill (closed)."""
    lay_schema(folder / "data" / "belowline.sqlite")
    stories = folder / "stories"
    stories.mkdir(parents=True)
    for key, mode in (("ferry", "open"), ("budget", "reviewed"), ("mill", "closed")):
        text = STORY.format(title=f"The {key}", mode=mode)
        (stories / f"{key}.md").write_text(text, encoding="utf-8")
    defaults: dict[str, Any] = {
        "posts_per_minute": 0,
        "risk_hold": 1,
        "breaker": False,
        "site_name": "The Harbour Post",
    }
    wanted = Settings(**(defaults | values))
    clock = Clock()
    with start_blocking_portal() as portal:
        application = Application(wanted, folder)
        application.site = msgspec.structs.replace(application.site, now=clock)
        application.services.site = application.site
        with portal.wrap_async_context_manager(application.running()):
            town = Town(portal, application, clock)
            yield town
            town.leave()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A running site, where one may write as fast as one likes."""
    with town_at(tmp_path / "site") as opened:
        yield opened


@pytest.fixture
def town_with(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Makes a running site with other settings."""
    opened = []

    def make(**values: Any) -> Town:
        manager = town_at(tmp_path / "site", **values)
        opened.append(manager)
        return manager.__enter__()

    yield make
    for manager in opened:
        manager.__exit__(None, None, None)
