"""A finding's score and cost; whose decisions teach the risk model nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the columns and the table."""
    op.add_column("findings", sa.Column("score", sa.Float()))
    op.add_column("findings", sa.Column("cost", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "distrusted",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_distrusted_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_distrusted")),
    )
