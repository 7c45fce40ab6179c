"""Lines as they come in, and the moments in which none does."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

_AT_ONCE = 1 << 16


def lines_and_pauses(source: int) -> Iterator[bytes | None]:
    """The lines of the file descriptor ``source``, and None whenever no further one is there yet.

    The last line needs no end. Whoever sends a line and waits for its answer gets it at once.
    """
    rest = b""
    while True:
        if not select.select([source], [], [], 0)[0]:
            yield None
        part = os.read(source, _AT_ONCE)
        if not part:
            break
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
    if rest:
        yield rest
