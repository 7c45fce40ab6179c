"""How fast one may go: a bucket that leaks steadily and may not run over, from times alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

_MINUTE = 60.0


def wait(times: Sequence[datetime], per_minute: int, now: datetime) -> int:
    """Whole seconds until somebody may who did so at ``times``, oldest first; 0 for at once.

    ``per_minute`` at once, and as many a minute in the long run; 0 or less sets no limit. Only the
    last two minutes count, which is why a little more may pass after a pause.
    """
    if per_minute <= 0 or not times:
        return 0
    inside, since = 0.0, times[0]
    for moment in [*times, now]:
        gone = max(0.0, (moment - since).total_seconds())
        inside = max(0.0, inside - gone * per_minute / _MINUTE) + 1
        since = max(since, moment)
    over = inside - per_minute
    return max(1, math.ceil(over * _MINUTE / per_minute)) if over > 0 else 0
