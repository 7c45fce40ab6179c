"""Alerts for staff, and those that are on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("quiet_from", sa.Integer, nullable=False),
        sa.Column("quiet_until", sa.Integer, nullable=False),
        sa.Column("told_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_alerts_user_id"),
    )
    op.create_index("ix_alerts_user", "alerts", ["user_id", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("alert_id", sa.BigInteger, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_outbox_alert_id"),
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"])
    op.create_index("ix_outbox_alert", "outbox", ["alert_id"])
    op.create_index("ix_reports_open", "reports", ["settled", "created_at"])
