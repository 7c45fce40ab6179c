"""Campaigns, what belongs to them, and the prints that lead to both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0019"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "fingerprints",
        sa.Column("print", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("print", "slot", name=op.f("pk_fingerprints")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("core", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.String(length=20), server_default="", nullable=False),
        sa.Column("standing_until", sa.BigInteger(), nullable=True),
        sa.Column("standing_by", sa.BigInteger(), nullable=True),
        sa.Column("standing_act", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["standing_by"], ["users.id"], name=op.f("fk_campaigns_standing_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index("ix_campaigns_waits", "campaigns", ["waits", "last_at"])
    op.create_table(
        "campaign_members",
        sa.Column("comment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_campaign_members_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_members_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_campaign_members_author_id_users")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_campaign_members")),
    )
    op.create_index(
        "ix_campaign_members_campaign", "campaign_members", ["campaign_id", "comment_id"]
    )
    op.create_index("ix_campaign_members_author", "campaign_members", ["campaign_id", "author_id"])
