"""Answers to appeals by mail, and notices by the comment that they are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the columns and the index."""
    op.create_index("ix_notices_comment", "notices", ["comment_id"])
    for column in (
        sa.Column("email", sa.Text(), nullable=False, server_default=""),
        sa.Column("language", sa.String(20), nullable=False, server_default=""),
    ):
        op.add_column("appeals", column)
    op.create_index("ix_appeals_email", "appeals", ["email", "created_at"])
    with op.batch_alter_table("letters") as letters:
        letters.alter_column("notice_id", existing_type=_NUMBER, nullable=True)
        letters.add_column(sa.Column("statement_id", _NUMBER))
        letters.create_foreign_key(
            "fk_letters_statement_id", "statements", ["statement_id"], ["id"]
        )
