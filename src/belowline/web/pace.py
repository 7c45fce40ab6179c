"""How fast one sender may go: a bucket that leaks steadily, and may not run over.

In memory, by a keyed digest of what is done and the sender's address or id, for as long as a
bucket takes to empty, and written nowhere. What other processes of the site have counted is
brought by :mod:`belowline.live.nodes`, about once a second; what must not wait for that is looked
up where it is stored (`belowline.actions.storing`).
"""

from __future__ import annotations

import hashlib
import heapq
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

_MOST_SENDERS = 50_000
_MOST_TOLD = 2_000  # of which other processes are told, those who have done the most
_WORTH_TELLING = 4  # a fourth of what they may
_MINUTE = 60.0


class _Bucket:
    """What is in it was put there ``since``; ``spent`` is how much was, in this process."""

    __slots__ = ("inside", "per_minute", "since", "spent")

    def __init__(self, since: float) -> None:
        self.inside = 0.0
        self.since = since
        self.spent = 0
        self.per_minute = 0

    def leak(self, now: float) -> None:
        if now - self.since >= _MINUTE:  # it has been empty for some time
            self.spent = 0
        self.inside = max(0.0, self.inside - (now - self.since) * self.per_minute / _MINUTE)
        self.since = now

    def seconds(self) -> int:
        """0 when one more fits, otherwise whole seconds until it does."""
        over = self.inside + 1 - self.per_minute
        return max(1, math.ceil(over * _MINUTE / self.per_minute)) if over > 0 else 0


class Pace:
    """Buckets by what is done and who does it. ``key`` is the installation's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, key: str = "") -> None:
        self._clock = clock
        self._key = hashlib.sha256(key.encode()).digest()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._counted: dict[str, Mapping[str, int]] = {}

    def wait(self, what: str, who: str, per_minute: int) -> int:
        """0 when ``who`` may go on, otherwise the whole seconds until they may."""
        return self.wait_for_all([(what, who, per_minute)])

    def wait_for_all(self, asked: Iterable[tuple[str, str, int]]) -> int:
        """`wait` for several at once, each what, who and how many a minute (0: any number).

        All are asked before any is spent, so that who is refused has used up nobody's share.
        """
        buckets = [
            self._leaked(what, who, per_minute) for what, who, per_minute in asked if per_minute > 0
        ]
        seconds = max((bucket.seconds() for bucket in buckets), default=0)
        if not seconds:
            for bucket in buckets:
                bucket.inside += 1
                bucket.spent += 1
        return seconds

    def share(self, what: str, who: str) -> float:
        """How much of what ``who`` may is used up at the moment, from 0 to about 1."""
        bucket = self._buckets.get(self._digest(what, who))
        if bucket is None or not bucket.per_minute:
            return 0.0
        bucket.leak(self._clock())
        return bucket.inside / bucket.per_minute

    # -- other processes of the site -------------------------------------------------------

    def spent(self) -> dict[str, int]:
        """How much was done here of late, by sender, where it is a good part of what they may."""
        latest = self._clock() - _MINUTE
        found = {
            name: bucket.spent
            for name, bucket in self._buckets.items()
            if bucket.since > latest and bucket.spent * _WORTH_TELLING >= bucket.per_minute > 0
        }
        most = heapq.nlargest(_MOST_TOLD, found, key=found.__getitem__)
        return {name: found[name] for name in most}

    def spent_elsewhere(self, by_node: Mapping[str, Mapping[str, int]]) -> None:
        """Takes in how much was done elsewhere, by node and sender, each node's `spent`."""
        now = self._clock()
        for node, spent in by_node.items():
            before = self._counted.get(node, {})
            for name, number in spent.items():
                known = before.get(name, 0)
                more = number - known if number >= known else number
                if more:
                    bucket = self._bucket(name)
                    if bucket.per_minute:  # or nobody has come here yet, and it leaks when they do
                        bucket.leak(now)
                    bucket.inside += more
        self._counted = dict(by_node)

    def _leaked(self, what: str, who: str, per_minute: int) -> _Bucket:
        bucket = self._bucket(self._digest(what, who))
        bucket.per_minute = bucket.per_minute or per_minute
        bucket.leak(self._clock())
        bucket.per_minute = per_minute
        return bucket

    def _bucket(self, name: str) -> _Bucket:
        bucket = self._buckets.pop(name, None) or _Bucket(self._clock())
        self._buckets[name] = bucket
        if len(self._buckets) > _MOST_SENDERS:
            self._buckets.popitem(last=False)
        return bucket

    def _digest(self, what: str, who: str) -> str:
        said = f"{what} {who}".encode("utf-8", "replace")
        return hashlib.blake2b(said, key=self._key, digest_size=8).hexdigest()
