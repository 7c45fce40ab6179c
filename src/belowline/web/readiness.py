"""Whether this process can do its work, found out seldom and told to all who ask."""

from __future__ import annotations

import asyncio
import time

from belowline.actions import health
from belowline.actions.site import Site

_LIFE = 1.0  # seconds
_STUCK = 5.0  # seconds


class Readiness:
    """Whether this process can do its work. It finds out once a second at most, for all who ask."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._file = health.database_file(site)
        self._asked: asyncio.Task[str] | None = None
        self._until = 0.0
        self.draining = False

    async def reason(self) -> str:
        """The word for what is wrong, "" when nothing is."""
        if self.draining:
            return "draining"
        if self._asked is None or (self._asked.done() and time.monotonic() > self._until):
            self._asked = asyncio.create_task(self._find_out())
        return await asyncio.shield(self._asked)

    async def _find_out(self) -> str:
        try:
            return await health.trouble(self._site, self._file, stuck=_STUCK)
        finally:
            self._until = time.monotonic() + _LIFE
