"""The numbers of `belowline.metrics` as Prometheus reads them, those of all workers together.

docs/grafana.json draws them; a test compares.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from belowline.domain.events import DESK_STREAM, stored_stream
from belowline.metrics import Histogram, counts
from belowline.web.board import Numbers, Shared
from belowline.web.services import Services

Plain = tuple[tuple[str, ...], float]
"""The values of a family's labels, and the number."""


class _Family(NamedTuple):
    """Numbers of one kind: ``read`` gives those of this process, once for each set of labels."""

    name: str
    kind: Callable[..., Any]
    help: str
    labels: tuple[str, ...]
    read: Callable[[Services], Iterable[Any]]


class OfSite(NamedTuple):
    """What is true of the whole site, whichever process is asked."""

    ready: bool
    waiting: int | None


def _one(value: float) -> list[Plain]:
    return [((), value)]


def _requests(_: Services) -> Iterator[Plain]:
    """All answers, those from ready bytes among them."""
    answered = dict(counts.requests)
    for status, ready in (
        (200, counts.ready_reads - counts.not_modified),
        (304, counts.not_modified),
    ):
        if ready:
            answered["GET", status] = answered.get(("GET", status), 0) + ready
    for (method, status), number in answered.items():
        yield (method, str(status)), number


def _streams(services: Services) -> Iterator[Plain]:
    open_now = services.hub.streams()
    desk = sum(services.hub.size(one) for one in open_now if stored_stream(one) == DESK_STREAM)
    yield ("desk",), desk
    yield ("story",), services.hub.total() - desk


def _release() -> str:
    try:
        return version("belowline")
    except PackageNotFoundError:
        return "unknown"  # it runs from its sources


_FAMILIES = (
    _Family(
        "belowline_requests",
        CounterMetricFamily,
        "Requests answered.",
        ("method", "status"),
        _requests,
    ),
    _Family(
        "belowline_ready_reads",
        CounterMetricFamily,
        "Requests answered from ready bytes, below ASGI.",
        (),
        lambda _: _one(counts.ready_reads),
    ),
    _Family(
        "belowline_cache_hits",
        CounterMetricFamily,
        "Answers that were found ready.",
        (),
        lambda _: _one(counts.cache_hits),
    ),
    _Family(
        "belowline_cache_builds",
        CounterMetricFamily,
        "Answers that had to be built.",
        (),
        lambda _: _one(counts.cache_builds),
    ),
    _Family(
        "belowline_request_seconds",
        HistogramMetricFamily,
        "Time until an answer through ASGI began.",
        (),
        lambda _: [((), counts.request_time)],
    ),
    _Family(
        "belowline_posts",
        CounterMetricFamily,
        "New comments by what became of them.",
        ("outcome",),
        lambda _: [((outcome,), number) for outcome, number in counts.posts.items()],
    ),
    _Family(
        "belowline_open_streams",
        GaugeMetricFamily,
        "Open event streams.",
        ("kind",),
        _streams,
    ),
    _Family(
        "belowline_deliveries",
        CounterMetricFamily,
        "Frames written to open streams.",
        (),
        lambda _: _one(counts.deliveries),
    ),
    _Family(
        "belowline_slow_readers_cut",
        CounterMetricFamily,
        "Streams let go because their reader was too slow.",
        (),
        lambda _: _one(counts.slow_readers_cut),
    ),
    _Family(
        "belowline_delivery_lag_seconds",
        HistogramMetricFamily,
        "Time from a commit to the writing of its news to the open streams.",
        (),
        lambda _: [((), counts.delivery_lag)],
    ),
    _Family(
        "belowline_write_age_seconds",
        GaugeMetricFamily,
        "How long the oldest unfinished write has been waiting now.",
        (),
        lambda services: _one(services.site.storage.write_age()),
    ),
    _Family(
        "belowline_write_wait_seconds",
        HistogramMetricFamily,
        "How long writes waited for the writer.",
        (),
        lambda _: [((), counts.queue_wait)],
    ),
    _Family(
        "belowline_commit_seconds",
        HistogramMetricFamily,
        "Time of a commit, its flush to disk included.",
        (),
        lambda _: [((), counts.commit_time)],
    ),
    _Family(
        "belowline_commit_writes",
        HistogramMetricFamily,
        "Writes in one commit.",
        (),
        lambda _: [((), counts.group_size)],
    ),
    _Family(
        "belowline_nodes",
        GaugeMetricFamily,
        "Processes of the site that this one knows of, itself included.",
        (),
        lambda _: _one(counts.nodes),
    ),
    _Family(
        "belowline_build_info",
        GaugeMetricFamily,
        "The release that runs.",
        ("version",),
        lambda _: [((_release(),), 1)],
    ),
)
_PROCESS = {
    "process_cpu_seconds": CounterMetricFamily,
    "process_resident_memory_bytes": GaugeMetricFamily,
    "process_virtual_memory_bytes": GaugeMetricFamily,
    "process_open_fds": GaugeMetricFamily,
    "process_max_fds": GaugeMetricFamily,
    "process_start_time_seconds": GaugeMetricFamily,
}


def exposition(services: Services, of_site: OfSite) -> bytes:
    """What `/metrics` answers, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Told([*_of_workers(services), *_of_site(of_site)]))
    return generate_latest(registry)


class _Told(Collector):
    """Families that are made already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _of_site(of_site: OfSite) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "belowline_ready", "1 when the server can read and store.", value=int(of_site.ready)
    )
    if of_site.waiting is not None:
        yield GaugeMetricFamily(
            "belowline_waiting_comments", "Comments that wait for a moderator.", of_site.waiting
        )


def _of_workers(services: Services) -> Iterator[Metric]:
    everyone = list(services.board.everyone(lambda: numbers_of(services)))
    for family in _FAMILIES:
        made = family.kind(family.name, family.help, labels=[*family.labels, "worker"])
        for worker, numbers in everyone:
            for labels, value in numbers.families.get(family.name, ()):
                _add(made, [*labels, worker], value)
        yield made
    for name, kind in _PROCESS.items():
        made = kind(name, "As the system counts it.", labels=["worker"])
        for worker, numbers in everyone:
            if name in numbers.process:
                made.add_metric([worker], numbers.process[name])
        yield made


def _add(family: Any, labels: list[str], value: float | Shared) -> None:
    if isinstance(value, Shared):
        family.add_metric(labels, buckets=_buckets(value), sum_value=value.total)
    else:
        family.add_metric(labels, value)


def _buckets(shared: Shared) -> list[tuple[str, float]]:
    """Upper bound -> how many values are at or under it."""
    below = 0
    found: list[tuple[str, float]] = []
    for bound, number in zip([*map(str, shared.bounds), "+Inf"], shared.counts, strict=True):
        below += number
        found.append((bound, below))
    return found


def numbers_of(services: Services) -> Numbers:
    """What this process has counted until now."""
    return Numbers(
        at=time.time(),
        families={
            family.name: [(labels, _shared(value)) for labels, value in family.read(services)]
            for family in _FAMILIES
        },
        process={
            metric.name: metric.samples[0].value
            for metric in ProcessCollector(registry=None).collect()
        },
    )


def _shared(value: float | Histogram) -> float | Shared:
    if isinstance(value, Histogram):
        return Shared(value.bounds, list(value.counts), value.total)
    return value
