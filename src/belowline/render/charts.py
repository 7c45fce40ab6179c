"""Bar charts as inline SVG, drawn here: nothing is fetched, and a table stands beside each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

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


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A thin line over the bars; what is expected is ``dashed``."""

    x: float
    y: float
    to_x: float
    to_y: float
    dashed: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A bar that lies beside its name, and its number: ``parts`` are where each of its pieces
    begins and how long it is, in percent of the room, with the series that it stands for.
    """

    label: str
    parts: tuple[tuple[float, float, int], ...]
    value: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart with its table: ``head`` names the columns of ``rows``, the first one the label.

    ``keys`` names the series, bottom first; ``top`` is what the highest line stands for; ``note``
    says how to read it. Names that are too long to stand under a bar have theirs ``lying``.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    bars: tuple[Bar, ...]
    top: str
    ticks: tuple[tuple[float, str], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...] = ()
    lying: tuple[Row, ...] = ()
    note: str = ""


def chart(
    name: str,
    title: str,
    *,
    labels: Sequence[str],
    keys: Sequence[str],
    stacks: Sequence[Sequence[float]],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    highest: float = 0,
) -> Chart:
    """A chart with a stack of bars for each label; ``stacks`` has a number for each of ``keys``.

    The highest stack reaches the top, unless ``highest`` says what does.
    """
    highest = highest or max((sum(stack) for stack in stacks), default=0) or 1
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
                        title=f"{label}: {keys[series]} {value:.12g}",
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
        top=f"{highest:.12g}",
        ticks=tuple(ticks),
        head=tuple(head),
        rows=tuple(tuple(row) for row in rows),
    )


def lying(made: Chart, stacks: Sequence[Sequence[float]], labels: Sequence[str]) -> Chart:
    """The chart with its bars beside their names instead of above them."""
    highest = max((sum(stack) for stack in stacks), default=0) or 1
    rows = tuple(
        Row(label=label, parts=_parts(stack, highest), value=f"{sum(stack):.12g}")
        for label, stack in zip(labels, stacks, strict=True)
    )
    return msgspec.structs.replace(made, bars=(), ticks=(), lying=rows)


def _parts(stack: Sequence[float], highest: float) -> tuple[tuple[float, float, int], ...]:
    ends = [100 * end / highest for end in accumulate(stack, initial=0)]
    return tuple(
        (round(start, 2), round(end - start, 2), series)
        for series, (start, end) in enumerate(pairwise(ends))
        if end > start
    )


def spans(
    ranges: Sequence[tuple[float, float] | None], expected: Sequence[float], highest: float
) -> tuple[Line, ...]:
    """Over each place: from where to where its number may lie (None for no bar), and a dashed
    line at what is expected of it."""
    room = WIDTH / max(1, len(expected))
    wide = min(room * (1 - _GAP), _WIDEST)
    lines = []
    for place, (reach, promised) in enumerate(zip(ranges, expected, strict=True)):
        middle = round(room * (place + 0.5), 2)
        if reach is not None:
            least, most = (round(HEIGHT * (1 - value / highest), 2) for value in reach)
            lines.append(Line(x=middle, y=least, to_x=middle, to_y=most, dashed=False))
        height = round(HEIGHT * (1 - promised / highest), 2)
        left, right = round(middle - wide / 2, 2), round(middle + wide / 2, 2)
        lines.append(Line(x=left, y=height, to_x=right, to_y=height, dashed=True))
    return tuple(lines)
