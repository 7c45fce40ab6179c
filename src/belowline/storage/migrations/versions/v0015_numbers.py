"""An index for what happened in the last days."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Makes the index."""
    op.create_index("ix_decisions_created_at", "decisions", ["created_at"])
