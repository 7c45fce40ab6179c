"""What people at the desk keep for each other: locks, stories, notes, views, replies, visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Makes the tables."""
    op.create_index(
        "ix_decisions_escalated",
        "decisions",
        ["comment_id"],
        sqlite_where=sa.text("action = 'escalate'"),
        postgresql_where=sa.text("action = 'escalate'"),
    )
    op.create_table(
        "desk_locks",
        sa.Column("comment_id", sa.BigInteger, autoincrement=False, nullable=False),
        _user("desk_locks"),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_desk_locks"),
    )
    op.create_index("ix_desk_locks_user", "desk_locks", ["user_id"])
    op.create_table(
        "desk_assignments",
        sa.Column(
            "story_id",
            sa.BigInteger,
            sa.ForeignKey("stories.id", name="fk_desk_assignments_story_id"),
            autoincrement=False,
            nullable=False,
        ),
        _user("desk_assignments"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("story_id", name="pk_desk_assignments"),
    )
    op.create_index("ix_desk_assignments_user", "desk_assignments", ["user_id"])
    op.create_table(
        "desk_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        _user("desk_notes"),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_notes"),
    )
    op.create_table(
        "desk_views",
        _user("desk_views"),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_desk_views"),
    )
    op.create_table(
        "desk_replies",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_desk_replies"),
    )
    op.create_table(
        "desk_visits",
        _user("desk_visits"),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("before_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("user_id", name="pk_desk_visits"),
    )


def _user(table: str) -> sa.Column[int]:
    return sa.Column(
        "user_id",
        sa.BigInteger,
        sa.ForeignKey("users.id", name=f"fk_{table}_user_id"),
        autoincrement=False,
        nullable=False,
    )
