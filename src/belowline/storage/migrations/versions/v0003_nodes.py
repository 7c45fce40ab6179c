"""What the processes of a site tell each other, for the moment only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table; on PostgreSQL it is not worth its log."""
    unlogged = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "nodes",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("word", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_nodes"),
        prefixes=unlogged,
    )
