"""Authors: measures against them, addresses as hashes, former names, notes of the staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "bans",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("by_address", sa.Boolean(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_bans_actor_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bans_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bans")),
    )
    op.create_index("ix_bans_user", "bans", ["user_id", "id"])
    op.create_table(
        "ban_keys",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("ban_id", _ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["ban_id"], ["bans.id"], name=op.f("fk_ban_keys_ban_id")),
        sa.PrimaryKeyConstraint("hash", "ban_id", name=op.f("pk_ban_keys")),
    )
    op.create_table(
        "addresses",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_addresses_user_id")),
        sa.PrimaryKeyConstraint("user_id", "hash", name=op.f("pk_addresses")),
    )
    op.create_index("ix_addresses_hash", "addresses", ["hash"])
    op.create_index("ix_addresses_seen_at", "addresses", ["seen_at"])
    op.create_table(
        "former_names",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_former_names_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_names")),
    )
    op.create_index("ix_former_names_user", "former_names", ["user_id", "until"])
    op.create_table(
        "author_notes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_author_notes_actor_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_author_notes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_notes")),
    )
    op.create_index("ix_reports_reporter", "reports", ["reporter_id", "comment_id"])
    op.create_index("ix_author_notes_user", "author_notes", ["user_id", "id"])
