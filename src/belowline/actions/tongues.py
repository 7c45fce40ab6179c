"""Telling the language of comments that were written before it was kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from belowline.actions.site import Site
from belowline.domain.language import of_comment
from belowline.storage import tongues
from belowline.storage.engine import Connection
from belowline.storage.tongues import Untold

_AT_ONCE = 500

Progress = Callable[[int, int], None]


async def tell(site: Site, progress: Progress | None = None) -> int:
    """Gives every comment of no known language its language and script, where they can be told.

    Some hundreds in each transaction, so that readers' comments are stored meanwhile; safe to
    repeat. Answers how many have a language now; ``progress`` hears how many were looked at.
    """
    last = found = looked = 0
    while True:
        some = await site.storage.read(partial(tongues.untold, after=last, limit=_AT_ONCE))
        if not some:
            return found
        found += await site.storage.write(partial(_tell, some=some))
        last = some[-1].comment
        looked += len(some)
        if progress is not None:
            progress(looked, 0)


def _tell(connection: Connection, *, some: Sequence[Untold]) -> int:
    told = [(one, of_comment(one.text, one.story_language)) for one in some]
    tongues.keep(connection, [(one, tongue) for one, tongue in told if tongue.script])
    return sum(bool(tongue.language) for _, tongue in told)
