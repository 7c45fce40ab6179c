"""Rules in their versions, statements of reasons, appeals and notices."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update

from belowline.domain.statements import (
    FIRST_VERSION,
    RULES,
    Appeal,
    Circumstances,
    Notice,
    Rule,
    Statement,
)
from belowline.storage import sites
from belowline.storage.schema import (
    appeals,
    bans,
    campaign_members,
    comments,
    decisions,
    findings,
    notices,
    reports,
    rule_texts,
    sessions,
    staff_sites,
    statements,
    stories,
    users,
)
from belowline.storage.sites import Sites
from belowline.storage.upsert import insert

# -- rules ---------------------------------------------------------------------------------


def current_version(connection: Connection, reason: str) -> int:
    """The number of the rule's present version."""
    found = connection.execute(
        select(func.max(rule_texts.c.version)).where(rule_texts.c.reason == reason)
    ).scalar()
    return found or FIRST_VERSION


def rules(connection: Connection, language: str) -> dict[str, Rule]:
    """Every rule as it stands, in ``language`` where the site has its own text in it."""
    rows = connection.execute(
        select(rule_texts)
        .where(rule_texts.c.reason.in_(RULES))
        .order_by(rule_texts.c.reason, rule_texts.c.version)
    )
    found = {reason: Rule(reason=reason, version=FIRST_VERSION, text="") for reason in RULES}
    texts: dict[str, dict[str, Row[Any]]] = {}
    for row in rows:
        written = texts.setdefault(row.reason, {})
        if any(row.version > one.version for one in written.values()):
            written.clear()
        written[row.language] = row
    for reason, written in texts.items():
        found[reason] = _best(written, language)
    return found


def rule(connection: Connection, reason: str, version: int, language: str) -> Rule:
    """A rule as it stood in one version."""
    rows = connection.execute(
        select(rule_texts).where(rule_texts.c.reason == reason, rule_texts.c.version == version)
    )
    written = {row.language: row for row in rows}
    if not written:
        return Rule(reason=reason, version=FIRST_VERSION, text="")
    return _best(written, language)


def versions(connection: Connection, reason: str, language: str) -> list[Rule]:
    """Every version of a rule, the latest first."""
    last = current_version(connection, reason)
    return [rule(connection, reason, number, language) for number in range(last, 0, -1)]


def add_rule(
    connection: Connection, reason: str, texts: dict[str, str], actor: int, now: datetime
) -> int:
    """The rule's next version: language -> text. Answers its number."""
    version = current_version(connection, reason) + 1
    for language, text in sorted(texts.items()):
        connection.execute(
            rule_texts.insert().values(
                reason=reason,
                version=version,
                language=language,
                text=text,
                actor_id=actor,
                created_at=now,
            )
        )
    return version


def _best(written: dict[str, Row[Any]], language: str) -> Rule:
    row = written.get(language) or written.get("en") or next(iter(written.values()))
    return Rule(reason=row.reason, version=row.version, text=row.text, created_at=row.created_at)


# -- statements ----------------------------------------------------------------------------


def add(connection: Connection, statement: Statement) -> int:
    """Stores a statement; answers its number."""
    number: int = connection.execute(
        statements.insert()
        .values(
            user_id=statement.user,
            comment_id=statement.comment,
            decision_id=statement.decision,
            ban_id=statement.ban,
            language=statement.language,
            reason=statement.reason,
            version=statement.version,
            machine=statement.machine,
            created_at=statement.created_at,
        )
        .returning(statements.c.id)
    ).scalar_one()
    return number


def get(connection: Connection, statement: int) -> Statement | None:
    """One statement."""
    row = connection.execute(select(statements).where(statements.c.id == statement)).one_or_none()
    return None if row is None else _statement(row)


def of_comments(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Comment -> the number of the latest statement about it."""
    rows = connection.execute(
        select(statements.c.comment_id, func.max(statements.c.id))
        .where(statements.c.comment_id.in_(ids))
        .group_by(statements.c.comment_id)
    )
    return {row[0]: row[1] for row in rows}


def of_ban(connection: Connection, ban: int) -> int | None:
    """The number of the statement about a measure."""
    return connection.execute(select(statements.c.id).where(statements.c.ban_id == ban)).scalar()


def machine_held(connection: Connection, comment: int, revision: int) -> bool:
    """Whether a check had marked that revision for a person to look at."""
    query = select(findings.c.number).where(
        findings.c.comment_id == comment,
        findings.c.revision == revision,
        findings.c.weight == "hold",
    )
    return connection.execute(query.limit(1)).first() is not None


def circumstances(connection: Connection, statement: int) -> Circumstances:
    """What led to the decision that a statement explains."""
    query = select(*_circumstances).select_from(_with_decisions)
    row = connection.execute(query.where(statements.c.id == statement)).one()
    return _read_circumstances(row)


def between(
    connection: Connection, since: datetime, until: datetime
) -> Iterator[tuple[Statement, Circumstances, Row[Any]]]:
    """Every statement of a time, the first one first, with what a report says about it."""
    query = (
        select(
            statements,
            *_circumstances,
            comments.c.created_at.label("written_at"),
            stories.c.key.label("story"),
            stories.c.language.label("story_language"),
            bans.c.kind.label("measure"),
            bans.c.until.label("until"),
        )
        .select_from(
            _with_decisions.outerjoin(comments, comments.c.id == statements.c.comment_id)
            .outerjoin(stories, stories.c.id == comments.c.story_id)
            .outerjoin(bans, bans.c.id == statements.c.ban_id)
        )
        .where(statements.c.created_at >= since, statements.c.created_at < until)
        .order_by(statements.c.created_at)
    )
    found = connection.execute(query, execution_options={"yield_per": 1_000})
    for row in found:
        yield _statement(row), _read_circumstances(row), row


_with_decisions = statements.outerjoin(decisions, decisions.c.id == statements.c.decision_id)
_circumstances: tuple[ColumnElement[Any], ...] = (
    decisions.c.before.label("before"),
    select(notices.c.id)
    .where(
        notices.c.comment_id == statements.c.comment_id,
        notices.c.created_at <= statements.c.created_at,
    )
    .limit(1)
    .scalar_subquery()
    .label("noticed"),
    select(reports.c.reporter_id)
    .where(
        reports.c.comment_id == statements.c.comment_id,
        reports.c.created_at <= statements.c.created_at,
    )
    .limit(1)
    .scalar_subquery()
    .label("reported"),
    select(campaign_members.c.applied)
    .where(
        campaign_members.c.comment_id == statements.c.comment_id,
        campaign_members.c.applied == statements.c.decision_id,
    )
    .limit(1)
    .scalar_subquery()
    .label("applied"),
)


def _read_circumstances(row: Row[Any]) -> Circumstances:
    return Circumstances(
        source="notice" if row.noticed else "report" if row.reported else "",
        applied=row.applied is not None,
        was_shown=row.before == "published",
    )


# -- appeals -------------------------------------------------------------------------------


def appeal(connection: Connection, made: Appeal) -> bool:
    """Stores an appeal; False when there was one already."""
    return (
        connection.execute(
            insert(connection, appeals)
            .values(
                statement_id=made.statement,
                text=made.text,
                answer="",
                created_at=made.created_at,
                email=made.email,
                language=made.language,
            )
            .on_conflict_do_nothing()
            .returning(appeals.c.statement_id)
        ).first()
        is not None
    )


def forget_email(connection: Connection, statement: int) -> None:
    """Throws away where an author wanted to be told."""
    connection.execute(update(appeals).where(appeals.c.statement_id == statement).values(email=""))


def appeal_of(connection: Connection, statement: int) -> Appeal | None:
    """The appeal against a statement."""
    row = connection.execute(
        select(appeals).where(appeals.c.statement_id == statement)
    ).one_or_none()
    return None if row is None else _appeal(row)


def open_appeals(connection: Connection, limit: int, within: Sites = None) -> list[Appeal]:
    """Appeals that wait, the oldest first; of some sites, those about their comments and about
    measures there alone."""
    query = select(appeals).where(appeals.c.decided_at.is_(None))
    if within is not None:
        about = (
            select(comments.c.id)
            .join(statements, statements.c.comment_id == comments.c.id)
            .where(statements.c.id == appeals.c.statement_id, *sites.among(within))
        )
        there = select(bans.c.site_id).where(bans.c.id == statements.c.ban_id).scalar_subquery()
        against = select(statements.c.id).where(
            statements.c.id == appeals.c.statement_id, there.in_(within)
        )
        query = query.where(
            or_(
                about.limit(1).scalar_subquery().is_not(None),
                against.limit(1).scalar_subquery().is_not(None),
            )
        )
    rows = connection.execute(query.order_by(appeals.c.created_at).limit(limit))
    return [_appeal(row) for row in rows]


def decide_appeal(
    connection: Connection, statement: int, upheld: bool, answer: str, by: int, now: datetime
) -> bool:
    """Answers an appeal; False when somebody has done so already."""
    return (
        connection.execute(
            update(appeals)
            .where(appeals.c.statement_id == statement, appeals.c.decided_at.is_(None))
            .values(upheld=upheld, answer=answer, decided_by=by, decided_at=now)
            .returning(appeals.c.statement_id)
        ).first()
        is not None
    )


def someone_else(connection: Connection, decider: int, now: datetime, site: int) -> bool:
    """Whether another staff member is signed in these days who works for ``site``, 0 for all."""
    limited = select(staff_sites.c.user_id).where(staff_sites.c.user_id == users.c.id)
    theirs = limited.where(staff_sites.c.site_id == site)
    query = (
        select(users.c.id)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            users.c.role.in_(("moderator", "editor", "administrator")),
            users.c.id != decider,
            sessions.c.expires_at > now,
            or_(
                limited.limit(1).scalar_subquery().is_(None),
                theirs.limit(1).scalar_subquery().is_not(None),
            ),
        )
    )
    return connection.execute(query.limit(1)).first() is not None


# -- notices -------------------------------------------------------------------------------


def add_notice(connection: Connection, notice: Notice) -> int:
    """Stores a notice; answers its number."""
    number: int = connection.execute(
        notices.insert()
        .values(
            address=notice.address,
            comment_id=notice.comment,
            explanation=notice.explanation,
            law=notice.law,
            name=notice.name,
            email=notice.email,
            language=notice.language,
            answer="",
            created_at=notice.created_at,
        )
        .returning(notices.c.id)
    ).scalar_one()
    return number


def notice(connection: Connection, number: int) -> Notice | None:
    """One notice."""
    row = connection.execute(select(notices).where(notices.c.id == number)).one_or_none()
    return None if row is None else _notice(row)


def open_notices(connection: Connection, limit: int, within: Sites = None) -> list[Notice]:
    """Notices that wait, the oldest first; of some sites, those about their comments alone."""
    query = select(notices).where(notices.c.decided_at.is_(None))
    if within is not None:
        about = select(comments.c.id).where(
            comments.c.id == notices.c.comment_id, *sites.among(within)
        )
        query = query.where(about.limit(1).scalar_subquery().is_not(None))
    rows = connection.execute(query.order_by(notices.c.created_at).limit(limit))
    return [_notice(row) for row in rows]


def decide_notice(
    connection: Connection, number: int, acted: bool, answer: str, by: int, now: datetime
) -> bool:
    """Answers a notice; False when somebody has done so already."""
    return (
        connection.execute(
            update(notices)
            .where(notices.c.id == number, notices.c.decided_at.is_(None))
            .values(acted=acted, answer=answer, decided_by=by, decided_at=now)
            .returning(notices.c.id)
        ).first()
        is not None
    )


# -- waiting -------------------------------------------------------------------------------


def held_before(connection: Connection, comment: int, most: int) -> int:
    """How many held comments are older than this one, ``most`` at most."""
    earlier = (
        select(comments.c.id)
        .where(comments.c.status == "held", comments.c.id < comment)
        .limit(most)
        .subquery()
    )
    found: int = connection.execute(select(func.count()).select_from(earlier)).scalar_one()
    return found


def latest_waits(connection: Connection, limit: int) -> list[tuple[datetime, datetime]]:
    """(written, decided) of the comments that people decided last out of the held ones."""
    latest = (
        select(
            decisions.c.comment_id, decisions.c.action, decisions.c.before, decisions.c.created_at
        )
        .where(decisions.c.actor_id.is_not(None))
        .order_by(decisions.c.id.desc())
        .limit(limit)
        .subquery()
    )
    rows = connection.execute(
        select(comments.c.created_at, latest.c.created_at)
        .join(latest, latest.c.comment_id == comments.c.id)
        .where(latest.c.before == "held", latest.c.action.in_(("publish", "reject")))
    )
    return [(row[0], row[1]) for row in rows]


# -- the year ------------------------------------------------------------------------------


def year(connection: Connection, since: datetime, until: datetime) -> dict[str, Any]:
    """What happened in a time, in numbers."""

    def counted(query: Any) -> dict[str, int]:
        return {str(row[0]): row[1] for row in connection.execute(query)}

    def number(query: Any) -> int:
        return int(connection.execute(query).scalar() or 0)

    def within(column: Any) -> Any:
        return (column >= since) & (column < until)

    by_people = decisions.c.actor_id.is_not(None)
    of_notices = select(func.count()).select_from(notices).where(within(notices.c.created_at))
    of_appeals = select(func.count()).select_from(appeals).where(within(appeals.c.created_at))
    return {
        "comments": number(
            select(func.count()).select_from(comments).where(within(comments.c.created_at))
        ),
        "decisions": counted(
            select(decisions.c.action, func.count())
            .where(within(decisions.c.created_at), by_people)
            .group_by(decisions.c.action)
        ),
        "rejections": counted(
            select(decisions.c.reason, func.count())
            .where(within(decisions.c.created_at), by_people, decisions.c.action == "reject")
            .group_by(decisions.c.reason)
        ),
        "marked_by_a_check": number(
            select(func.count())
            .select_from(statements)
            .where(within(statements.c.created_at), statements.c.machine.is_(True))
        ),
        "statements": number(
            select(func.count()).select_from(statements).where(within(statements.c.created_at))
        ),
        "measures": counted(
            select(bans.c.kind, func.count()).where(within(bans.c.created_at)).group_by(bans.c.kind)
        ),
        "appeals": {
            "made": number(of_appeals),
            "upheld": number(of_appeals.where(appeals.c.upheld.is_(True))),
            "dismissed": number(of_appeals.where(appeals.c.upheld.is_(False))),
        },
        "appeal_hours": _times(connection, appeals, since, until),
        "notices": {
            "made": number(of_notices),
            "acted_upon": number(of_notices.where(notices.c.acted.is_(True))),
            "dismissed": number(of_notices.where(notices.c.acted.is_(False))),
        },
        "notice_hours": _times(connection, notices, since, until),
    }


def _times(connection: Connection, table: Any, since: datetime, until: datetime) -> list[float]:
    rows = connection.execute(
        select(table.c.created_at, table.c.decided_at).where(
            table.c.created_at >= since, table.c.created_at < until, table.c.decided_at.is_not(None)
        )
    )
    return sorted((row[1] - row[0]).total_seconds() / 3600 for row in rows)


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        id=row.id,
        user=row.user_id,
        comment=row.comment_id,
        decision=row.decision_id,
        ban=row.ban_id,
        language=row.language,
        reason=row.reason,
        version=row.version,
        machine=row.machine,
        created_at=row.created_at,
    )


def _appeal(row: Row[Any]) -> Appeal:
    return Appeal(
        statement=row.statement_id,
        text=row.text,
        created_at=row.created_at,
        upheld=row.upheld,
        answer=row.answer,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        email=row.email,
        language=row.language,
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        address=row.address,
        comment=row.comment_id,
        explanation=row.explanation,
        law=row.law,
        name=row.name,
        email=row.email,
        language=row.language,
        created_at=row.created_at,
        acted=row.acted,
        answer=row.answer,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
