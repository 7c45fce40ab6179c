"""Versions of the policy, and rehearsals of what might become one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "policies",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_policies"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_policies_author_id"),
    )
    op.create_table(
        "rehearsals",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("author_id", sa.BigInteger, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("proposal", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("total", sa.Integer, nullable=False, server_default="0"),
        sa.Column("result", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsals"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_rehearsals_author_id"),
    )
    op.create_index("ix_rehearsals_created_at", "rehearsals", ["created_at"])
