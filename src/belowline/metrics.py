"""What is counted while serving; ``/metrics`` shows it.

Plain numbers, because the hot path adds to them tens of thousands of times a second. They belong
to the process; each worker process has its own. Each is added to by one thread only.
"""

from __future__ import annotations

from bisect import bisect_left

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OUTCOMES = ("published", "held", "refused", "repeated")
_SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)


class Histogram:
    """How often values fell at or under each bound, their sum and their number."""

    __slots__ = ("bounds", "counts", "number", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        self.number = 0

    def observe(self, value: float) -> None:
        """Counts one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value
        self.number += 1


class Metrics:
    """All of them. Times in seconds."""

    def __init__(self) -> None:
        self.ready_reads = 0  # answered below ASGI, from ready bytes, 304 included
        self.not_modified = 0  # of those: answered with 304
        self.cache_hits = 0
        self.cache_builds = 0
        self.requests: dict[tuple[str, int], int] = {}  # (method, status) -> number, through ASGI
        self.request_time = Histogram(_SECONDS)  # until an answer through ASGI began
        self.posts = dict.fromkeys(_OUTCOMES, 0)  # what became of a new comment -> number
        self.deliveries = 0  # frames written to an open stream
        self.slow_readers_cut = 0
        self.delivery_lag = Histogram(_SECONDS)  # from the commit to the write to the streams
        self.queue_wait = Histogram(_SECONDS)  # a write's wait for the writer
        self.commit_time = Histogram(_SECONDS)  # one commit, its flush to disk included
        self.group_size = Histogram(_SIZES)  # writes in one commit
        self.nodes = 1  # processes of the site that this one knows of, itself included

    def answered(self, method: str, status: int) -> None:
        """Counts an answer. Methods that nobody knows share a name: a scanner can send any."""
        key = (method if method in _METHODS else "other", status)
        self.requests[key] = self.requests.get(key, 0) + 1

    def posted(self, outcome: str) -> None:
        """Counts a new comment by what became of it: a key of ``posts``."""
        self.posts[outcome] += 1


counts = Metrics()
