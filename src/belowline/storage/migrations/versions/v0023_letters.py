"""Mail to those who have sent in a notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"


def upgrade() -> None:
    """Makes the table."""
    op.create_index("ix_notices_email", "notices", ["email", "created_at"])
    op.create_table(
        "letters",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column(
            "notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_letters_notice_id")),
    )
    op.create_index("ix_letters_due", "letters", ["due_at"])
