"""The queue in order of urgency, second looks, and full-text search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from belowline.storage import search

revision = "0010"
down_revision = "0009"

_QUEUE = {
    "ix_comments_queue": ["waits_since", "id"],
    "ix_comments_queue_status": ["status", "waits_since", "id"],
    "ix_comments_queue_story": ["story_id", "waits_since", "id"],
}
_REPORTED_LEAD = 4 * 3_600_000  # about what one report is worth


def upgrade() -> None:
    """Gives everything that waits its place, and makes the index of words."""
    op.add_column("comments", sa.Column("waits_since", sa.BigInteger))
    op.add_column("comments", sa.Column("readers", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE comments SET waits_since = created_at WHERE status = 'held'")
    op.execute(
        f"UPDATE comments SET waits_since = created_at - {_REPORTED_LEAD} "
        "WHERE status = 'published' AND id IN "
        "(SELECT comment_id FROM reports WHERE NOT settled)"
    )
    for name, columns in _QUEUE.items():
        op.create_index(
            name,
            "comments",
            columns,
            sqlite_where=sa.text("waits_since IS NOT NULL"),
            postgresql_where=sa.text("waits_since IS NOT NULL"),
        )
    op.create_table(
        "second_looks",
        sa.Column(
            "decision_id",
            sa.BigInteger,
            sa.ForeignKey("decisions.id", name="fk_second_looks_decision_id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "comment_id",
            sa.BigInteger,
            sa.ForeignKey("comments.id", name="fk_second_looks_comment_id"),
            nullable=False,
        ),
        sa.Column(
            "first_id",
            sa.BigInteger,
            sa.ForeignKey("users.id", name="fk_second_looks_first_id"),
            nullable=False,
        ),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column(
            "second_id", sa.BigInteger, sa.ForeignKey("users.id", name="fk_second_looks_second_id")
        ),
        sa.Column("second_outcome", sa.String(20), nullable=False, server_default=""),
        sa.Column("agreed", sa.Boolean),
        sa.Column("decided_at", sa.BigInteger),
    )
    op.create_index(
        "ix_second_looks_due",
        "second_looks",
        ["due_at"],
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "ix_second_looks_agreed",
        "second_looks",
        ["agreed"],
        sqlite_where=sa.text("decided_at IS NOT NULL"),
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    op.create_index("ix_second_looks_comment", "second_looks", ["comment_id"])
    search.create(op.get_bind())
