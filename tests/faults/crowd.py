"""Readers who write, edit, recommend and decide as fast as they can, and never give up.

Each request is sent again, with the same key, until it is answered. What was answered is written
down, and `tests.faults.ledger` compares it with what is stored.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.wire import Answer, Broken, Lines, Wire

OPEN, REVIEWED = "ferry", "budget"
_WRITERS = 12
_FROM_A_PROXY = (502, 504)
_PAUSE = 0.1  # seconds before a request is sent again
_COMMENTS = "/api/v1/stories/{}/comments"


@dataclass
class Said:
    """A comment and what was acknowledged of it."""

    author: int
    key: str
    story: str
    text: str
    parent: str | None
    id: str = ""


@dataclass
class Ledger:
    """Everything that was acknowledged."""

    said: list[Said] = field(default_factory=list)
    recommended: set[tuple[int, str]] = field(default_factory=set)
    decided: dict[str, str] = field(default_factory=dict)
    answers: int = 0
    sent_again: int = 0
    doubled: list[str] = field(default_factory=list)


class Crowd:
    """Several programs, each with a connection of its own, on the server at ``port``."""

    def __init__(self, port: int, chance: random.Random, moderator: str) -> None:
        self.ledger = Ledger()
        self.followers = [Follower(port, OPEN), Follower(port, REVIEWED)]
        self._port = port
        self._chance = chance
        self._moderator = Wire(port, moderator)
        self._wires: list[Wire] = []
        self._held: list[Said] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def come(self) -> None:
        """Everybody becomes a guest; the streams are opened; the writing begins."""
        door = Wire(self._port)
        for _ in range(_WRITERS):
            answer = await door.ask("POST", "/api/v1/guests")
            self._wires.append(Wire(self._port, answer.json["token"]))
        door.close()
        work = [self._write(number) for number in range(_WRITERS)]
        work += [self._moderate(), *(one.run() for one in self.followers)]
        self._tasks = [asyncio.create_task(one) for one in work]

    async def acknowledged(self, number: int) -> None:
        """Returns when ``number`` more requests were answered. Raises what went wrong."""
        wanted = self.ledger.answers + number
        await self._until(lambda: self.ledger.answers >= wanted)

    async def leave(self) -> None:
        """Everybody finishes what they began; the streams hear the rest."""
        self._stopping = True
        writers = self._tasks[: -len(self.followers)]
        await asyncio.gather(*writers)
        for follower in self.followers:
            answer = await self._persist(self._moderator, "GET", _COMMENTS.format(follower.story))
            version = answer.json["version"]
            await self._until(lambda one=follower, end=version: one.seen >= end)  # type: ignore[misc]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wire in (*self._wires, self._moderator):
            wire.close()
        for follower in self.followers:
            follower.close()
        await asyncio.sleep(0)  # for the transports to be gone before the loop is

    async def _until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            for task in self._tasks:
                if task.done() and not task.cancelled() and (error := task.exception()):
                    raise error
            await asyncio.sleep(_PAUSE / 20)

    # -- what they do --------------------------------------------------------------------------

    async def _write(self, author: int) -> None:
        while not self._stopping:
            await self._chance.choices(
                (self._say, self._edit, self._recommend, self._say_again), (70, 10, 15, 5)
            )[0](author)

    async def _say(self, author: int) -> None:
        number = len(self.ledger.said)
        story = OPEN if self._chance.random() < 0.8 else REVIEWED
        parent = self._somebodys(lambda one: one.story == OPEN) if story == OPEN else None
        said = Said(
            author=author,
            key=f"key-{number}",
            story=story,
            text=f"Note {number}: the boat was late again, says {self._chance.random()}.",
            parent=parent.id if parent and self._chance.random() < 0.5 else None,
        )
        self.ledger.said.append(said)
        said.id = await self._send(said)
        if story == REVIEWED:
            self._held.append(said)

    async def _say_again(self, author: int) -> None:
        said = self._somebodys(lambda one: one.author == author and "edited" not in one.text)
        if said is not None:
            again = await self._send(said)
            if again != said.id:
                self.ledger.doubled.append(said.key)

    async def _send(self, said: Said) -> str:
        body = {"text": said.text} | ({"parent": said.parent} if said.parent else {})
        answer = await self._persist(
            self._wires[said.author],
            "POST",
            _COMMENTS.format(said.story),
            body,
            idempotency_key=said.key,
        )
        assert answer.status == 201, answer
        number: str = answer.json["comment"]["id"]
        return number

    async def _edit(self, author: int) -> None:
        said = self._somebodys(lambda one: one.author == author and one.story == OPEN)
        if said is None:
            return
        text = f"{said.text[:40]} (edited {self._chance.random()})"
        path = f"/api/v1/comments/{said.id}"
        answer = await self._persist(self._wires[author], "PATCH", path, {"text": text})
        assert answer.status == 200, answer
        said.text = text

    async def _recommend(self, author: int) -> None:
        said = self._somebodys(lambda one: one.author != author and one.story == OPEN)
        if said is None:
            return
        path = f"/api/v1/comments/{said.id}/recommendation"
        answer = await self._persist(self._wires[author], "PUT", path)
        assert answer.status in (200, 429), answer
        if answer.status == 200:
            self.ledger.recommended.add((author, said.id))

    async def _moderate(self) -> None:
        while not self._stopping:
            if not self._held:
                await asyncio.sleep(_PAUSE)
                continue
            said = self._held.pop(0)
            status = self._chance.choice(("published", "rejected"))
            body = {"comments": [{"id": said.id, "revision": 1}]} | (
                {"decision": "publish"}
                if status == "published"
                else {"decision": "reject", "reason": "spam"}
            )
            before = self.ledger.sent_again
            answer = await self._persist(self._moderator, "POST", "/api/v1/desk/decisions", body)
            # An answer that was lost is told by 409 the next time: it is decided already.
            again = self.ledger.sent_again > before
            assert answer.status == 201 or (again and answer.status == 409), answer
            self.ledger.decided[said.id] = status

    def _somebodys(self, fits: Callable[[Said], bool]) -> Said | None:
        """One of the latest acknowledged comments."""
        latest = [one for one in self.ledger.said[-200:] if one.id and fits(one)]
        return self._chance.choice(latest) if latest else None

    async def _persist(
        self, wire: Wire, method: str, path: str, body: object = None, **headers: str
    ) -> Answer:
        while True:
            try:
                answer = await wire.ask(method, path, body, **headers)
            except Broken:
                self.ledger.sent_again += 1
                await asyncio.sleep(_PAUSE)
                continue
            if answer.status in _FROM_A_PROXY:
                self.ledger.sent_again += 1
                await asyncio.sleep(_PAUSE)
                continue
            if answer.status != 503:
                self.ledger.answers += 1
                return answer
            assert answer.headers["retry-after"]
            self.ledger.sent_again += 1
            await asyncio.sleep(_PAUSE)


class Follower:
    """A page's live stream, which comes back with the number of the last event it has seen."""

    def __init__(self, port: int, story: str, host: str = "127.0.0.1") -> None:
        self.story = story
        self.seen = 0
        self.numbers: list[int] = []
        self.appeared: list[str] = []
        self.resets = 0
        self.returns = 0
        self._kind = ""
        self._wire = Wire(port, host=host)
        self._snapshot = Wire(port, host=host)

    async def run(self) -> None:
        """Follows until cancelled."""
        path = f"/api/v1/stories/{self.story}/live"
        while True:
            try:
                stream = await self._wire.follow(path, last_event_id=str(self.seen))
                lines = Lines(stream)
                while True:
                    await self._hear(await lines.next())
            except Broken:
                self._wire.close()
                self.returns += 1
                await asyncio.sleep(_PAUSE)

    def close(self) -> None:
        """Ends its connections."""
        self._wire.close()
        self._snapshot.close()

    async def _hear(self, line: bytes) -> None:
        name, _, value = line.decode().strip().partition(": ")
        if name == "id":
            self.seen = int(value)
            self.numbers.append(self.seen)
        elif name == "event":
            self._kind = value
            if value == "reset":
                await self._start_anew()
        elif name == "data" and self._kind == "comment":
            self.appeared.append(json.loads(value)["id"])

    async def _start_anew(self) -> None:
        """As a page does: it loads the discussion and listens from its version on."""
        self.resets += 1
        answer = await self._snapshot.ask("GET", _COMMENTS.format(self.story))
        if answer.status != 200:
            raise ConnectionError("no snapshot yet")
        self.seen = answer.json["version"]
        raise ConnectionError("begins again from there")
