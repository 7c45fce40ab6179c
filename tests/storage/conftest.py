"""A newsroom on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cast import Newsroom, newsroom_on


@pytest.fixture
def room(database_url: str) -> Iterator[Newsroom]:
    """A newsroom on a fresh database of each kind."""
    with newsroom_on(database_url) as opened:
        yield opened


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Whether Alembic should compare it: the index of words makes its tables itself."""
    return not (name or "").startswith(("comment_words", "ix_comments_words"))
