"""Measures and rehearsals that are about one of several sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"


def upgrade() -> None:
    """Adds whose they are; 0 stands for all sites. An index finds what stands."""
    for table in ("bans", "rehearsals"):
        op.add_column(table, sa.Column("site_id", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_bans_until", "bans", ["until"])
