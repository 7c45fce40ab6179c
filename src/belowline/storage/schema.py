"""Every table. Times are milliseconds since 1970, UTC; ids are those of `domain.ids`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


def milliseconds(when: datetime | None) -> int | None:
    """``when`` as the database has it."""
    return None if when is None else round(when.timestamp() * 1000)


def moment(stored: int) -> datetime:
    """What the database has as an aware datetime."""
    return datetime.fromtimestamp(stored / 1000, UTC)


class Moment(TypeDecorator[datetime]):
    """An aware datetime in Python, milliseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """``value`` as milliseconds."""
        return milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Milliseconds as an aware datetime."""
        return None if value is None else moment(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("name_look", Text, nullable=False, server_default=""),
    Column("name_honest", Text, nullable=False, server_default=""),
    Column("role", String(20), nullable=False, server_default="reader"),
    Column("import_key", Text, unique=True),
    Column("created_at", Moment, nullable=False),
    Index("ix_users_name_look", "name_look"),
    Index("ix_users_role", "role", "id"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(500), nullable=False, unique=True),
    Column("title", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("mode", String(20), nullable=False),
    Column("language", String(20), nullable=False, server_default=""),
    Column("comment_count", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("comment_count >= 0", name="comment_count"),
    Index("ix_stories_created_at", "created_at", "id"),
)

_THREADS = "parent_id IS NULL AND shown"

comments = Table(
    "comments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("story_id", ForeignKey("stories.id"), nullable=False),
    Column("parent_id", ForeignKey("comments.id")),
    Column("root_id", BigInteger, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("author_id", ForeignKey("users.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", String(40), nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("created_at", Moment, nullable=False),
    Column("edited_at", Moment),
    Column("recommendations", Integer, nullable=False, server_default="0"),
    Column("below", Integer, nullable=False, server_default="0"),
    Column("shown", Boolean, nullable=False),
    Column("idempotency_key", String(200)),
    Column("import_key", Text, unique=True),
    UniqueConstraint("author_id", "idempotency_key"),
    CheckConstraint("below >= 0", name="below"),
    CheckConstraint("recommendations >= 0", name="recommendations"),
    Index(
        # A thread's root is its id, which PostgreSQL cannot know: by the id itself it may walk
        # through the whole site's comments backwards in the hope of meeting the story's soon.
        "ix_comments_threads",
        "story_id",
        "root_id",
        sqlite_where=text(f"{_THREADS} = 1"),
        postgresql_where=text(_THREADS),
    ),
    Index(
        "ix_comments_discussed",
        "story_id",
        "below",
        "id",
        sqlite_where=text(f"{_THREADS} = 1"),
        postgresql_where=text(_THREADS),
    ),
    Index(
        "ix_comments_replies",
        "parent_id",
        "id",
        sqlite_where=text("shown = 1"),
        postgresql_where=text("shown"),
    ),
    Index("ix_comments_status", "status", "id"),
    Index("ix_comments_story_status", "story_id", "status", "id"),
    Index("ix_comments_author", "author_id", "story_id", "id"),
    Index("ix_comments_author_latest", "author_id", "id", "status"),
    Index("ix_comments_parent", "parent_id"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("comment_id", ForeignKey("comments.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("comment_id", ForeignKey("comments.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("check", String(40), nullable=False),
    Column("version", String(40), nullable=False),
    Column("code", String(40), nullable=False),
    Column("weight", String(10), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("evidence", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("comment_id", ForeignKey("comments.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("before", String(20), nullable=False),
    Column("after", String(20), nullable=False),
    Column("actor_id", ForeignKey("users.id")),
    Column("reason", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("undoes", BigInteger, unique=True),
    Column("created_at", Moment, nullable=False),
    Index("ix_decisions_comment", "comment_id", "id"),
    Index(
        "ix_decisions_people",
        "id",
        sqlite_where=text("actor_id IS NOT NULL"),
        postgresql_where=text("actor_id IS NOT NULL"),
    ),
)

reports = Table(
    "reports",
    metadata,
    Column("comment_id", ForeignKey("comments.id"), primary_key=True),
    Column("reporter_id", ForeignKey("users.id"), primary_key=True),
    Column("reason", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("settled", Boolean, nullable=False, server_default=text("false")),
    Index("ix_reports_settled", "settled", "comment_id"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("core", Text, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("standing", String(20), nullable=False, server_default=""),
    Column("standing_until", Moment),
    Column("standing_by", ForeignKey("users.id")),
    Column("reason", String(40), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Index("ix_campaigns_waits", "waits", "last_at"),
)
"""A campaign has the id of its first comment. ``waits``: staff have not decided it yet."""

campaign_members = Table(
    "campaign_members",
    metadata,
    Column("comment_id", ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("author_id", ForeignKey("users.id"), nullable=False),
    Index("ix_campaign_members_campaign", "campaign_id", "comment_id"),
    Index("ix_campaign_members_author", "campaign_id", "author_id"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("print", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("subject", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What a remembered text is found by. A print has a limited number of slots; a later subject
takes an earlier one's, so that what everybody writes stays small."""

recommendations = Table(
    "recommendations",
    metadata,
    Column("comment_id", ForeignKey("comments.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("created_at", Moment, nullable=False),
    Index("ix_recommendations_user", "user_id", "comment_id"),
)

mutes = Table(
    "mutes",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("muted_id", ForeignKey("users.id"), primary_key=True),
)

streams = Table(
    "streams",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("stream", String(60), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("root_id", BigInteger, nullable=False),
    Column("delta", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_events_created_at", "created_at"),
)
