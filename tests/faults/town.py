"""A running site of two stories: ferry, which is open, and budget, which is reviewed.

People ask it things over HTTP; `told_to_come_back` is what every one of them hears while something
is broken.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from belowline.actions import people
from belowline.app import open_site
from belowline.settings import Settings
from tests.support.server import Server, run_program

_STORY = """---
headline: The {key}
date: 2026-05-01
authors: Edgar Holm
discussion: {mode}
---
The ferry will run on Sundays again, says the harbour office.
"""
_PATIENCE = 60.0  # only ever waited out by a test that fails


@dataclass
class Town:
    """A running site and everyone who comes there."""

    server: Server
    folder: Path
    moderator: str
    _people: list[Person] = field(default_factory=list)

    def person(self, token: str = "") -> Person:
        """Somebody new, with an empty cookie jar."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(
            base_url=self.server.url, headers=headers, timeout=_PATIENCE, trust_env=False
        )
        self._people.append(Person(client))
        return self._people[-1]

    def guest(self) -> Person:
        """Somebody who has a credential."""
        token: str = self.person().client.post("/api/v1/guests").json()["token"]
        return self.person(token)

    def mona(self) -> Person:
        """A moderator."""
        return self.person(self.moderator)

    def becomes(self, state: str) -> bool:
        """Waits until ``/readyz`` says so: "ready", or the reason why it is not."""
        somebody = self.person().client
        while somebody.get("/readyz").json().get("reason", "ready") != state:
            time.sleep(0.05)
        return True

    def until_stored(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Does what a patient reader does: sends it again until it is taken."""
        while (answer := send()).status_code == 503:
            time.sleep(0.05)
        assert answer.status_code < 400, answer.text
        return answer

    def leave(self) -> None:
        """Closes every connection."""
        for one in self._people:
            one.client.close()


@dataclass
class Person:
    """Somebody with a browser."""

    client: httpx.Client

    def say(self, text: str, *, story: str = "ferry", key: str = "") -> httpx.Response:
        """Says something by the API; the same text has the same key."""
        path = f"/api/v1/stories/{story}/comments"
        headers = {"Idempotency-Key": key or re.sub("[^A-Za-z0-9]", "-", text)[:100]}
        return self.client.post(path, json={"text": text}, headers=headers)

    def said(self, text: str, **more: str) -> dict[str, Any]:
        """`say`, which has to succeed; the comment."""
        answer = self.say(text, **more)
        assert answer.status_code == 201, answer.text
        comment: dict[str, Any] = answer.json()["comment"]
        return comment

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Sends a form, as a browser without JavaScript does."""
        return self.client.post(path, data=fields)

    def texts(self, story: str = "ferry") -> list[str]:
        """The texts under a story, the newest first."""
        answer = self.client.get(f"/api/v1/stories/{story}/comments?limit=100")
        assert answer.status_code == 200, answer.text
        return [one["text"] for one in answer.json()["comments"]]


def make_town(folder: Path) -> Path:
    """Makes the site's folder."""
    stories = folder / "stories"
    stories.mkdir(parents=True, exist_ok=True)
    for key, mode in (("ferry", "open"), ("budget", "reviewed")):
        (stories / f"{key}.md").write_text(_STORY.format(key=key, mode=mode), encoding="utf-8")
    (folder / "belowline.toml").write_text('site_name = "The Harbour Post"\n', encoding="utf-8")
    return folder


@contextmanager
def run_town(folder: Path, database: str = "") -> Iterator[Town]:
    """A new town that is served, where one may write as fast as one likes."""
    make_town(folder)
    with serve_town(folder, session(folder, database), database) as town:
        yield town


@contextmanager
def serve_town(
    folder: Path,
    moderator: str,
    database: str = "",
    *,
    log: Path | None = None,
    awaited: str = "/readyz",
    python: Path = Path(sys.executable),
    **settings: str,
) -> Iterator[Town]:
    """A town that is there already, served by the program that ``python`` runs."""
    command = ("serve", str(folder), *(("--database", database) if database else ()))
    settings = {"posts_per_minute": "0"} | settings
    log = log or folder.parent / f"{folder.name}.log"
    with run_program(command, log, None, settings, python, awaited) as server:
        town = Town(server, folder, moderator)
        try:
            yield town
        finally:
            town.leave()


def session(folder: Path, database: str) -> str:
    """A moderator's credential, made before anything is served."""
    site = open_site(Settings(database=database), folder)

    async def sign_in() -> str:
        return await people.enter(site, await people.add_staff(site, "Mona", "moderator"))

    try:
        return asyncio.run(sign_in())
    finally:
        site.storage.close()


def told_to_come_back(answer: httpx.Response) -> bool:
    """Whether a program was refused as documented: unavailable, and when to try again."""
    assert answer.status_code == 503, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "unavailable"
    return "Traceback" not in answer.text


def has_it_back(answer: httpx.Response, text: str) -> bool:
    """Whether a person was refused with a page that holds what they wrote, ready to be sent."""
    assert answer.status_code == 503, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("text/html")
    assert int(answer.headers["retry-after"]) > 0
    assert "Try again soon." in answer.text
    field, _, rest = answer.text.partition("</textarea>")
    assert "<form" in field
    assert "</form>" in rest
    return field.rstrip().endswith(text) and "Traceback" not in answer.text
