"""Alerts in browsers: which browser it is, and as long as which session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0024"


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("alerts", sa.Column("agent", sa.Text, nullable=False, server_default=""))
    op.add_column("alerts", sa.Column("session", sa.String(64), nullable=False, server_default=""))
