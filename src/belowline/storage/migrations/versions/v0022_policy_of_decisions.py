"""The policy that was in force at each decision; indexes for appeals and second looks by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0016"


def upgrade() -> None:
    """Adds the column (nobody knows it of earlier decisions) and makes the indexes."""
    op.add_column("decisions", sa.Column("policy", sa.Integer))
    op.create_index("ix_appeals_created_at", "appeals", ["created_at"])
    op.create_index(
        "ix_second_looks_decided_at",
        "second_looks",
        ["decided_at"],
        sqlite_where=sa.text("decided_at IS NOT NULL"),
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
