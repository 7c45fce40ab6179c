"""Where the worker processes of one machine read each other's numbers.

A scrape meets one of them. So each puts its numbers into a file of its own once a second, and the
one that is asked reads all the files, its own included: whoever answers, a number never goes back.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

_GONE = 10.0  # seconds after which a worker that says nothing is left out


class Shared(msgspec.Struct, array_like=True):
    """A histogram: its upper bounds, how many values fell under each and above, their sum."""

    bounds: tuple[float, ...]
    counts: list[int]
    total: float


class Numbers(msgspec.Struct):
    """What one process has counted.

    ``at`` is the time in seconds since 1970; ``families`` has, by the name of a metric, its values
    with those of its labels; ``process`` is what the system counts.
    """

    at: float
    families: dict[str, list[tuple[tuple[str, ...], float | Shared]]]
    process: dict[str, float]


class Board:
    """The numbers of all workers.

    ``folder`` is one that they share and nobody else writes to; None for a process that is alone.
    """

    def __init__(self, worker: str = "0", folder: Path | None = None) -> None:
        self.worker = worker
        self._folder = folder

    @property
    def is_shared(self) -> bool:
        """Whether there are others."""
        return self._folder is not None

    def pin(self, numbers: Numbers) -> None:
        """Puts this worker's numbers where the others find them."""
        if self._folder is not None:
            fresh = self._folder / f"{self.worker}.new"
            fresh.write_bytes(msgspec.json.encode(numbers))
            os.replace(fresh, self._folder / f"{self.worker}.json")

    def everyone(self, own: Callable[[], Numbers]) -> Iterator[tuple[str, Numbers]]:
        """Each worker's name and numbers; ``own`` gives those of a process that is alone."""
        if self._folder is None:
            yield self.worker, own()
            return
        for path in sorted(self._folder.glob("*.json")):
            numbers = msgspec.json.decode(path.read_bytes(), type=Numbers)
            if time.time() - numbers.at < _GONE:
                yield path.stem, numbers
