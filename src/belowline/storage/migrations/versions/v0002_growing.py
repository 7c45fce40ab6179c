"""Indexes for what would take longer with every comment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the indexes."""
    op.drop_index("ix_comments_threads", "comments")
    op.create_index(
        "ix_comments_threads",
        "comments",
        ["story_id", "root_id"],
        sqlite_where=sa.text("parent_id IS NULL AND shown = 1"),
        postgresql_where=sa.text("parent_id IS NULL AND shown"),
    )
    op.create_index("ix_comments_author_latest", "comments", ["author_id", "id", "status"])
    op.create_index(
        "ix_decisions_people",
        "decisions",
        ["id"],
        sqlite_where=sa.text("actor_id IS NOT NULL"),
        postgresql_where=sa.text("actor_id IS NOT NULL"),
    )
    op.create_index("ix_events_created_at", "events", ["created_at"])
    op.create_index("ix_users_role", "users", ["role", "id"])
