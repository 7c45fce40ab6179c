"""A comment and how its status may change."""

from __future__ import annotations

import msgspec
import pytest

from belowline.domain.comments import CHANGES, STATUSES, Comment
from belowline.domain.users import User
from tests.cast import ADA, BEGINNING, truth


def a_comment(
    author: User, status: str = "published", *, number: int = 1, parent: int | None = None
) -> Comment:
    """A comment that nobody stored."""
    return Comment(
        id=number,
        story=1,
        parent=parent,
        root=parent or number,
        depth=0 if parent is None else 1,
        author=author.id,
        author_name=author.name,
        author_role=author.role,
        text="Some words.",
        status=status,
        reason="",
        revision=1,
        created_at=BEGINNING,
        edited_at=None,
        recommendations=0,
        below=0,
    )


@pytest.mark.parametrize(
    ("status", "below", "shown"),
    [
        ("published", 0, True),
        ("published", 2, True),
        ("held", 0, False),
        ("held", 1, True),
        ("rejected", 0, False),
        ("rejected", 1, True),
        ("withdrawn", 0, False),
        ("withdrawn", 1, True),
    ],
)
def test_a_comment_is_shown_when_it_or_something_below_is_published(
    status: str, below: int, shown: bool
) -> None:
    assert msgspec.structs.replace(a_comment(ADA, status), below=below).shown is shown


def test_every_status_says_what_may_follow_and_a_deleted_comment_stays_deleted() -> None:
    assert set(CHANGES) == set(STATUSES)
    assert all(set(after) <= set(STATUSES) - {before} for before, after in CHANGES.items())
    assert CHANGES["withdrawn"] == ()


def test_the_tests_own_count_is_right() -> None:
    first = a_comment(ADA, "rejected")
    second = a_comment(ADA, "held", number=2, parent=1)
    third = a_comment(ADA, number=3, parent=2)
    fourth = a_comment(ADA, "withdrawn", number=4, parent=1)
    assert truth([first, second, third, fourth]) == {
        1: (1, True),
        2: (1, True),
        3: (0, True),
        4: (0, False),
    }
