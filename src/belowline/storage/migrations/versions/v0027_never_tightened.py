"""Stories that the circuit breaker leaves alone for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0028"


def upgrade() -> None:
    """Adds the column; every story may be tightened as before."""
    op.add_column(
        "stories", sa.Column("tightens", sa.Boolean, nullable=False, server_default=sa.text("true"))
    )
