"""Campaigns for which a decision stands, found without reading all campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_STANDS = "standing_until IS NOT NULL"


def upgrade() -> None:
    """Adds the index, which is as small as what stands."""
    op.create_index(
        "ix_campaigns_standing",
        "campaigns",
        ["standing_until"],
        sqlite_where=sa.text(_STANDS),
        postgresql_where=sa.text(_STANDS),
    )
