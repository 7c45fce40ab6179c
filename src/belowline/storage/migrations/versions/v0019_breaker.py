"""The circuit breaker: its state, why a story is tightened, recommendations that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0022"


def upgrade() -> None:
    """Makes the table, the columns and the index that counts the last minute."""
    op.create_table(
        "breaks",
        sa.Column("story_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("minute", sa.Text, nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("slow", sa.Integer, nullable=False),
        sa.Column("own_mode", sa.Boolean, nullable=False),
        sa.Column("own_pace", sa.Boolean, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("broke_at", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("left_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("story_id", name="pk_breaks"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_breaks_story_id"),
    )
    op.create_index("ix_breaks_step", "breaks", ["step"])
    op.add_column(
        "stories", sa.Column("tightened", sa.String(60), nullable=False, server_default="")
    )
    op.add_column(
        "recommendations",
        sa.Column("quarantined", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.create_index("ix_recommendations_created_at", "recommendations", ["created_at"])
