"""Bar charts as inline SVG, drawn here: nothing is fetched, and a table stands beside each."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

HEIGHT = 120.0
WIDTH = 720.0
_GAP = 0.25  # of a bar's room
_WIDEST = 48.0  # a bar
_LETTER = 9.0  # so wide is a letter on a phone


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A rectangle: ``series`` is the number of what it stands for, ``title`` says it in words."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart with its table: ``head`` names the columns of ``rows``, the first one the label.

    ``keys`` names the series, bottom first; ``top`` is what the highest line stands for.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    bars: tuple[Bar, ...]
    top: str
    ticks: tuple[tuple[float, str], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def chart(
    name: str,
    title: str,
    *,
    labels: Sequence[str],
    keys: Sequence[str],
    stacks: Sequence[Sequence[float]],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Chart:
    """A chart with a stack of bars for each label; ``stacks`` has a number for each of ``keys``."""
    highest = max((sum(stack) for stack in stacks), default=0) or 1
    room = WIDTH / max(1, len(labels))
    wide = min(room * (1 - _GAP), _WIDEST)
    bars = []
    for place, (label, stack) in enumerate(zip(labels, stacks, strict=True)):
        base = HEIGHT
        for series, value in enumerate(stack):
            height = HEIGHT * value / highest
            base -= height
            if value:
                bars.append(
                    Bar(
                        x=round(room * (place + 0.5) - wide / 2, 2),
                        y=round(base, 2),
                        width=round(wide, 2),
                        height=round(height, 2),
                        series=series,
                        title=f"{label}: {keys[series]} {value:g}",
                    )
                )
    longest = max(map(len, labels), default=0)
    most = max(1, min(6, int(WIDTH / (_LETTER * (longest + 2)))))
    every = max(1, -(-len(labels) // most))
    ticks = [
        (round(room * (place + 0.5), 2), label)
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    return Chart(
        name=name,
        title=title,
        keys=tuple(keys),
        bars=tuple(bars),
        top=f"{highest:g}",
        ticks=tuple(ticks),
        head=tuple(head),
        rows=tuple(tuple(row) for row in rows),
    )
