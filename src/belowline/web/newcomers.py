"""Guests of a moment ago, by what they sent: a form that is clicked twice is one sender's.

Without scripts a browser sends the second click before the first answer has brought it a cookie,
so that both come from nobody. In memory and for seconds only. Should another process be sent the
second click, it makes the same guest of it (`belowline.signin.guests.number`).
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from belowline.domain.users import User

_SECONDS = 5.0
_MOST = 10_000

Guest = tuple[User, str]
"""Somebody new and their token."""


class Newcomers:
    """Remembers guests by a digest of what they sent and from where."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._guests: OrderedDict[bytes, tuple[float, Guest]] = OrderedDict()

    def same(self, *sent: str) -> Guest | None:
        """The guest who sent exactly this a moment ago."""
        since, guest = self._guests.get(_digest(sent), (0.0, None))
        return guest if guest and self._clock() - since < _SECONDS else None

    def are_known(self, *sent: str) -> bool:
        """Whether somebody has sent exactly this before: they are not the same any more."""
        return _digest(sent) in self._guests

    def remember(self, guest: Guest, *sent: str) -> None:
        """``guest`` has just sent this."""
        self._guests[_digest(sent)] = (self._clock(), guest)
        if len(self._guests) > _MOST:
            self._guests.popitem(last=False)


def _digest(sent: tuple[str, ...]) -> bytes:
    joined = "\x00".join(sent).encode("utf-8", "replace")
    return hashlib.blake2b(joined, digest_size=16).digest()
