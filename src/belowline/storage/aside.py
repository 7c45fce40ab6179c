"""What is done beside the matter in a transaction, and may fail without it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection

from belowline.storage import outage, raw


@contextlib.contextmanager
def aside(connection: Connection) -> Iterator[None]:
    """Undoes what was done within when that fails, and nothing else, and raises it again.

    An outage of the database loses the whole transaction, so that it is left to the writer.
    """
    raw.run(connection, "SAVEPOINT aside")
    try:
        yield
    except Exception as error:
        if not outage.is_outage(error):
            raw.run(connection, "ROLLBACK TO SAVEPOINT aside")
            raw.run(connection, "RELEASE SAVEPOINT aside")
        raise
    raw.run(connection, "RELEASE SAVEPOINT aside")


def may_go_on(error: Exception) -> bool:
    """Whether the transaction still stands after ``error`` within `aside`."""
    return not outage.is_outage(error)
