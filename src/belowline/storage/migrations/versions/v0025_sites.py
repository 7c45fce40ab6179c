"""Several sites in one desk: the sites, whose stories are whose, who of the staff sees which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0026"

_WAITS = "waits_since IS NOT NULL"
_OTHERS = "site_id > 1"


def upgrade() -> None:
    """Makes the tables. What is there is the first site's, which needs no row."""
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.UniqueConstraint("key", name="uq_sites_key"),
    )
    op.create_table(
        "staff_sites",
        sa.Column("user_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("site_id", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("user_id", "site_id", name="pk_staff_sites"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_staff_sites_user_id"),
    )
    for table in ("stories", "comments"):
        column = sa.Column("site_id", sa.Integer, nullable=False, server_default="1")
        op.add_column(table, column)
    op.create_index("ix_stories_site", "stories", ["site_id", "created_at", "id"])
    _index("ix_comments_queue_site", ["site_id", "waits_since", "id"], _WAITS)
    _index("ix_comments_queue_site_status", ["site_id", "status", "waits_since", "id"], _WAITS)
    _index("ix_comments_site", ["site_id", "id"], _OTHERS)
    _index("ix_comments_site_status", ["site_id", "status", "id"], _OTHERS)


def _index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "comments", columns, sqlite_where=condition, postgresql_where=condition)
