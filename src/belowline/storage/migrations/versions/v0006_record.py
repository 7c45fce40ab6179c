"""The record: what staff do besides deciding, and the chain of hashes over all of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from belowline.storage import append_only
from belowline.storage.record import seal_missing

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    """Makes the tables, seals every decision that is there, and forbids changing them."""
    op.create_table(
        "acts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_acts_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index("ix_acts_subject", "acts", ["subject_id", "id"])
    op.create_table(
        "record",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_record")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_record_kind_subject")),
    )
    connection = op.get_bind()
    seal_missing(connection, named=False)
    append_only.guard(connection)
