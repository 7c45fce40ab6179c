"""Open pages that remember what they were told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from belowline.live.frames import unchunk
from belowline.live.hub import Outlet

Told = tuple[int | None, str, dict[str, Any]]


def read_frames(data: bytes) -> list[Told]:
    """The events in what was sent: number, name and data."""
    told: list[Told] = []
    for block in data.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            told.append((number, fields["event"], msgspec.json.decode(fields["data"])))
    return told


class Page(Outlet):
    """A page that reads at once, or not at all: ``unread`` bytes wait then."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[bytes] = []
        self.heard: list[Told] = []
        self.unread = 0
        self.was_cut = self.ended = False
        self._told = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Remembers a chunk."""
        self.raw.append(unchunk(data))
        self.heard += read_frames(self.raw[-1])
        self._told.set()

    def end(self) -> None:
        """Remembers that it was ended."""
        self.ended = True
        self._told.set()

    def cut(self) -> None:
        """Remembers that it was cut."""
        self.was_cut = True

    def backlog(self) -> int:
        """What the test has set."""
        return self.unread

    def taken(self) -> list[Told]:
        """What was heard since this was asked last."""
        heard, self.heard = self.heard, []
        return heard

    async def until(self, enough: Callable[[list[Told]], bool]) -> list[Told]:
        """Listens until ``enough`` was heard."""
        async with asyncio.timeout(60):
            while not enough(self.heard):
                self._told.clear()
                await self._told.wait()
        return self.heard

    async def until_number(self, number: int) -> list[Told]:
        """Listens until the numbered event ``number`` was heard."""
        return await self.until(lambda heard: any(one[0] == number for one in heard))

    @property
    def numbers(self) -> list[int]:
        """The numbers of what was heard."""
        return [number for number, _, _ in self.heard if number is not None]

    def named(self, *names: str) -> list[dict[str, Any]]:
        """The data of the events of these names."""
        return [data for _, name, data in self.heard if name in names]
