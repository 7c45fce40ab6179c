"""The language and script of each comment, and why something is looked at a second time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0027"


def upgrade() -> None:
    """Adds the columns, "" where nobody has looked yet, and what the desk's filter goes by."""
    for name in ("language", "script"):
        op.add_column("comments", sa.Column(name, sa.String(20), nullable=False, server_default=""))
    op.create_index("ix_comments_language", "comments", ["language", "id", "status"])
    op.create_index(
        "ix_comments_queue_language",
        "comments",
        ["language", "waits_since", "id"],
        sqlite_where=sa.text("waits_since IS NOT NULL"),
        postgresql_where=sa.text("waits_since IS NOT NULL"),
    )
    op.add_column(
        "second_looks", sa.Column("why", sa.String(20), nullable=False, server_default="random")
    )
