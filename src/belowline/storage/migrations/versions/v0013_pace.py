"""Slow mode and closing by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    """Adds what a story's pace needs."""
    for column in (
        sa.Column("slow", sa.Integer, nullable=False, server_default="0"),
        sa.Column("close_days", sa.Integer, nullable=False, server_default="0"),
        sa.Column("closes_at", sa.BigInteger),
        sa.Column("time_is_up", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("own_mode", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("own_pace", sa.Boolean, nullable=False, server_default=sa.text("false")),
    ):
        op.add_column("stories", column)
    op.create_index(
        "ix_stories_due",
        "stories",
        ["closes_at", "id"],
        sqlite_where=sa.text("closes_at IS NOT NULL AND time_is_up = 0"),
        postgresql_where=sa.text("closes_at IS NOT NULL AND NOT time_is_up"),
    )
    op.create_index("ix_stories_own_mode", "stories", ["own_mode", "id"])
    op.create_index("ix_stories_own_pace", "stories", ["own_pace", "id"])
