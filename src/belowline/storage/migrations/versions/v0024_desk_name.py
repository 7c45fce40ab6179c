"""Who wrote what stands in the name of the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("comments", sa.Column("written_by", sa.BigInteger))
