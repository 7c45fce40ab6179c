"""How fast one sender may go: a bucket of tokens that fills steadily.

In memory and by the sender's address or id; addresses are kept as long as a bucket takes to fill
and written nowhere.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_SENDERS = 50_000


class Pace:
    """Token buckets by (what, who)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def wait(self, what: str, who: str, per_minute: int) -> int:
        """0 when ``who`` may go on, otherwise the whole seconds until they may."""
        if per_minute <= 0:
            return 0
        now = self._clock()
        tokens, since = self._buckets.pop((what, who), (float(per_minute), now))
        tokens = min(per_minute, tokens + (now - since) * per_minute / 60)
        allowed = tokens >= 1
        self._buckets[what, who] = (tokens - allowed, now)
        if len(self._buckets) > _MOST_SENDERS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - tokens) * 60 / per_minute))
