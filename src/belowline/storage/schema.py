"""Every table. Times are milliseconds since 1970, UTC; ids are those of `domain.ids`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
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
    Column("confirmed", Boolean, nullable=False, server_default=text("true")),
    Column("agent", Text, nullable=False, server_default=""),
    Index("ix_sessions_user", "user_id", "created_at"),
)

passwords = Table(
    "passwords",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("totp_secret", String(64), nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("used_at", Moment),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", String(1400), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("doubted_at", Moment),
    Index("ix_passkeys_user", "user_id", "created_at"),
)

passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("challenge", String(100), primary_key=True),
    Column("user_id", BigInteger),
    Column("expires_at", Moment, nullable=False),
    Index("ix_passkey_challenges_expires", "expires_at"),
    info={"passing": True},
)

sites = Table(
    "sites",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", String(40), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("addresses", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)
"""``addresses`` has one in a line. Sites are few and never removed, so nothing refers to them."""

staff_sites = Table(
    "staff_sites",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("site_id", Integer, primary_key=True, autoincrement=False),
)
"""Whom of the staff which sites are shown; whoever has no row here works for all."""

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
    Column("slow", Integer, nullable=False, server_default="0"),
    Column("close_days", Integer, nullable=False, server_default="0"),
    Column("closes_at", Moment),
    Column("time_is_up", Boolean, nullable=False, server_default=text("false")),
    Column("own_mode", Boolean, nullable=False, server_default=text("false")),
    Column("own_pace", Boolean, nullable=False, server_default=text("false")),
    Column("tightened", String(60), nullable=False, server_default=""),
    Column("tightens", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Moment, nullable=False),
    Column("site_id", Integer, nullable=False, server_default="1"),
    CheckConstraint("comment_count >= 0", name="comment_count"),
    Index("ix_stories_created_at", "created_at", "id"),
    Index("ix_stories_site", "site_id", "created_at", "id"),
    Index(
        "ix_stories_due",
        "closes_at",
        "id",
        sqlite_where=text("closes_at IS NOT NULL AND time_is_up = 0"),
        postgresql_where=text("closes_at IS NOT NULL AND NOT time_is_up"),
    ),
    Index("ix_stories_own_mode", "own_mode", "id"),
    Index("ix_stories_own_pace", "own_pace", "id"),
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
    Column("waits_since", Moment),
    Column("readers", Integer, nullable=False, server_default="0"),
    Column("idempotency_key", String(200)),
    Column("import_key", Text, unique=True),
    Column("written_by", BigInteger),
    Column("language", String(20), nullable=False, server_default=""),
    Column("script", String(20), nullable=False, server_default=""),
    # Its story's, kept here too so that a site's queue can be read in the order of an index.
    Column("site_id", Integer, nullable=False, server_default="1"),
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
    Index(
        "ix_comments_queue",
        "waits_since",
        "id",
        sqlite_where=text("waits_since IS NOT NULL"),
        postgresql_where=text("waits_since IS NOT NULL"),
    ),
    Index(
        "ix_comments_queue_status",
        "status",
        "waits_since",
        "id",
        sqlite_where=text("waits_since IS NOT NULL"),
        postgresql_where=text("waits_since IS NOT NULL"),
    ),
    Index(
        "ix_comments_queue_story",
        "story_id",
        "waits_since",
        "id",
        sqlite_where=text("waits_since IS NOT NULL"),
        postgresql_where=text("waits_since IS NOT NULL"),
    ),
    Index(
        "ix_comments_queue_language",
        "language",
        "waits_since",
        "id",
        sqlite_where=text("waits_since IS NOT NULL"),
        postgresql_where=text("waits_since IS NOT NULL"),
    ),
    Index(
        "ix_comments_queue_site",
        "site_id",
        "waits_since",
        "id",
        sqlite_where=text("waits_since IS NOT NULL"),
        postgresql_where=text("waits_since IS NOT NULL"),
    ),
    Index("ix_comments_language", "language", "id", "status"),
    Index(
        "ix_comments_queue_site_status",
        "site_id",
        "status",
        "waits_since",
        "id",
        sqlite_where=text("waits_since IS NOT NULL"),
        postgresql_where=text("waits_since IS NOT NULL"),
    ),
    # Most installations have one site, and pay nothing for these.
    Index(
        "ix_comments_site",
        "site_id",
        "id",
        sqlite_where=text("site_id > 1"),
        postgresql_where=text("site_id > 1"),
    ),
    Index(
        "ix_comments_site_status",
        "site_id",
        "status",
        "id",
        sqlite_where=text("site_id > 1"),
        postgresql_where=text("site_id > 1"),
    ),
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
    Column("score", Float),
    Column("cost", Integer, nullable=False, server_default="0"),
)

distrusted = Table(
    "distrusted",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("through", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
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
    Column("policy", Integer),
    Index("ix_decisions_comment", "comment_id", "id"),
    Index("ix_decisions_created_at", "created_at"),
    Index(
        "ix_decisions_escalated",
        "comment_id",
        sqlite_where=text("action = 'escalate'"),
        postgresql_where=text("action = 'escalate'"),
    ),
    Index(
        "ix_decisions_people",
        "id",
        sqlite_where=text("actor_id IS NOT NULL"),
        postgresql_where=text("actor_id IS NOT NULL"),
    ),
)

acts = Table(
    "acts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("actor_id", ForeignKey("users.id")),
    Column("action", String(40), nullable=False),
    Column("subject_id", BigInteger),
    Column("detail", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_acts_subject", "subject_id", "id"),
)

bans = Table(
    "bans",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("until", Moment),
    Column("by_address", Boolean, nullable=False),
    Column("actor_id", ForeignKey("users.id")),
    Column("created_at", Moment, nullable=False),
    Column("lifted_at", Moment),
    Column("site_id", Integer, nullable=False, server_default="0"),
    Index("ix_bans_user", "user_id", "id"),
    Index("ix_bans_until", "until"),
)

ban_keys = Table(
    "ban_keys",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("ban_id", ForeignKey("bans.id"), primary_key=True, autoincrement=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Index("ix_addresses_hash", "hash"),
    Index("ix_addresses_seen_at", "seen_at"),
)

former_names = Table(
    "former_names",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Index("ix_former_names_user", "user_id", "until"),
)

author_notes = Table(
    "author_notes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("actor_id", ForeignKey("users.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_author_notes_user", "user_id", "id"),
)

rule_texts = Table(
    "rule_texts",
    metadata,
    Column("reason", String(40), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("language", String(20), primary_key=True),
    Column("text", Text, nullable=False),
    Column("actor_id", ForeignKey("users.id")),
    Column("created_at", Moment, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("comment_id", ForeignKey("comments.id")),
    Column("decision_id", BigInteger, unique=True),
    Column("ban_id", ForeignKey("bans.id"), unique=True),
    Column("language", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("machine", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_statements_comment", "comment_id", "id"),
    Index("ix_statements_created_at", "created_at"),
)

appeals = Table(
    "appeals",
    metadata,
    Column("statement_id", ForeignKey("statements.id"), primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("upheld", Boolean),
    Column("answer", Text, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", ForeignKey("users.id")),
    Column("email", Text, nullable=False, server_default=""),
    Column("language", String(20), nullable=False, server_default=""),
    Index("ix_appeals_created_at", "created_at"),
    Index("ix_appeals_email", "email", "created_at"),
    Index(
        "ix_appeals_open",
        "created_at",
        sqlite_where=text("decided_at IS NULL"),
        postgresql_where=text("decided_at IS NULL"),
    ),
)

notices = Table(
    "notices",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("address", Text, nullable=False),
    Column("comment_id", ForeignKey("comments.id")),
    Column("explanation", Text, nullable=False),
    Column("law", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("acted", Boolean),
    Column("answer", Text, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", ForeignKey("users.id")),
    Index(
        "ix_notices_open",
        "created_at",
        sqlite_where=text("decided_at IS NULL"),
        postgresql_where=text("decided_at IS NULL"),
    ),
    Index("ix_notices_email", "email", "created_at"),
    Index("ix_notices_comment", "comment_id"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("notice_id", ForeignKey("notices.id")),
    Column("statement_id", ForeignKey("statements.id")),
    Column("kind", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_letters_due", "due_at"),
)

record = Table(
    "record",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("salt", LargeBinary),
    Column("personal", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("kind", "subject"),
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
    Index("ix_reports_open", "settled", "created_at"),
    Index("ix_reports_reporter", "reporter_id", "comment_id"),
)

second_looks = Table(
    "second_looks",
    metadata,
    Column(
        "decision_id",
        BigInteger,
        ForeignKey("decisions.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("comment_id", ForeignKey("comments.id"), nullable=False),
    Column("first_id", ForeignKey("users.id"), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("second_id", ForeignKey("users.id")),
    Column("second_outcome", String(20), nullable=False, server_default=""),
    Column("agreed", Boolean),
    Column("decided_at", Moment),
    Column("why", String(20), nullable=False, server_default="random"),
    Index(
        "ix_second_looks_due",
        "due_at",
        sqlite_where=text("decided_at IS NULL"),
        postgresql_where=text("decided_at IS NULL"),
    ),
    Index(
        "ix_second_looks_agreed",
        "agreed",
        sqlite_where=text("decided_at IS NOT NULL"),
        postgresql_where=text("decided_at IS NOT NULL"),
    ),
    Index("ix_second_looks_comment", "comment_id"),
    Index(
        "ix_second_looks_decided_at",
        "decided_at",
        sqlite_where=text("decided_at IS NOT NULL"),
        postgresql_where=text("decided_at IS NOT NULL"),
    ),
)

desk_locks = Table(
    "desk_locks",
    metadata,
    Column("comment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_desk_locks_user", "user_id"),
)

desk_assignments = Table(
    "desk_assignments",
    metadata,
    Column("story_id", ForeignKey("stories.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_desk_assignments_user", "user_id"),
)

desk_notes = Table(
    "desk_notes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

desk_views = Table(
    "desk_views",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("query", Text, nullable=False),
)

desk_replies = Table(
    "desk_replies",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("text", Text, nullable=False),
)

desk_visits = Table(
    "desk_visits",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Column("before_at", Moment),
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
    Column("standing_act", BigInteger),
    Column("reason", String(40), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Index("ix_campaigns_waits", "waits", "last_at"),
    Index(
        "ix_campaigns_standing",
        "standing_until",
        sqlite_where=text("standing_until IS NOT NULL"),
        postgresql_where=text("standing_until IS NOT NULL"),
    ),
)
"""A campaign has the id of its first comment. ``waits``: staff have not decided it yet."""

campaign_members = Table(
    "campaign_members",
    metadata,
    Column("comment_id", ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("author_id", ForeignKey("users.id"), nullable=False),
    Column("applied", BigInteger),
    Index("ix_campaign_members_campaign", "campaign_id", "comment_id"),
    Index("ix_campaign_members_author", "campaign_id", "author_id"),
)

"""``applied`` is the decision that a standing decision made about the comment when it came."""

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
    Column("quarantined", Boolean, nullable=False, server_default=text("false")),
    Index("ix_recommendations_user", "user_id", "comment_id"),
    Index("ix_recommendations_created_at", "created_at"),
)

breaks = Table(
    "breaks",
    metadata,
    Column("story_id", ForeignKey("stories.id"), primary_key=True, autoincrement=False),
    Column("step", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("minute", Text, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("slow", Integer, nullable=False),
    Column("own_mode", Boolean, nullable=False),
    Column("own_pace", Boolean, nullable=False),
    Column("since", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("broke_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("left_until", Moment),
    Index("ix_breaks_step", "step"),
)

policies = Table(
    "policies",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("author_id", ForeignKey("users.id"), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

rehearsals = Table(
    "rehearsals",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("author_id", ForeignKey("users.id"), nullable=False),
    Column("base", Integer, nullable=False),
    Column("proposal", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("result", Text),
    Column("created_at", Moment, nullable=False),
    Column("site_id", Integer, nullable=False, server_default="0"),
    Index("ix_rehearsals_created_at", "created_at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("target", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("quiet_from", Integer, nullable=False),
    Column("quiet_until", Integer, nullable=False),
    Column("told_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("agent", Text, nullable=False, server_default=""),
    Column("session", String(64), nullable=False, server_default=""),
    Index("ix_alerts_user", "user_id", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_outbox_due", "due_at"),
    Index("ix_outbox_alert", "alert_id"),
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

nodes = Table(
    # What the processes of a site tell each other once a second. PostgreSQL keeps it out of its
    # log and empties it after a crash; SQLite belongs to one process, and leaves it empty.
    "nodes",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Column("word", LargeBinary, nullable=False),
    info={"passing": True},
)
