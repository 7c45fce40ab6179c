"""Notices by the comment that they are about: a statement of reasons says whether there was one."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0025"


def upgrade() -> None:
    """Adds the index."""
    op.create_index("ix_notices_comment", "notices", ["comment_id"])
