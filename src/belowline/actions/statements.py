"""Statements of reasons: making them, reading them by their link, and objecting."""

from __future__ import annotations

from datetime import datetime

import msgspec

from belowline.actions import letters
from belowline.actions.plain import spoken
from belowline.actions.site import Site
from belowline.domain.alerts import is_mail
from belowline.domain.bans import Ban
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM
from belowline.domain.statements import (
    APPEAL_WITHIN,
    LONGEST_APPEAL,
    STATEMENT,
    Appeal,
    Circumstances,
    Rule,
    Statement,
    read_token,
    token,
)
from belowline.domain.stories import Story
from belowline.domain.users import User
from belowline.render.language import LANGUAGES
from belowline.storage import bans, comments, meta, statements, stories, streams
from belowline.storage.engine import Connection


class StatementPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement says. ``stands`` is False when what it explains was taken back.

    ``appealable`` says whether it can be objected to now.
    """

    token: str
    statement: Statement
    circumstances: Circumstances
    rule: Rule
    comment: Comment | None
    text: str
    story: Story | None
    ban: Ban | None
    appeal: Appeal | None
    stands: bool
    appealable: bool


def explain_decision(
    connection: Connection, line: Decision, comment: Comment, now: datetime
) -> None:
    """Makes the statement for a rejection, in its transaction."""
    story = stories.get(connection, comment.story)
    _make(
        connection,
        user=comment.author,
        comment=comment.id,
        decision=line.id,
        ban=None,
        language=_tongue(comment, story),
        reason=line.reason,
        machine=statements.machine_held(connection, comment.id, line.revision),
        now=now,
    )


def _tongue(comment: Comment, story: Story | None) -> str:
    """The language that the author wrote in, where the interface has it; else the story's."""
    if comment.language in LANGUAGES:
        return comment.language
    return story.language if story else ""


def _latest_tongue(connection: Connection, user: int) -> str:
    for comment in bans.written_by(connection, user, before=0, limit=1):
        return _tongue(comment, stories.get(connection, comment.story))
    return ""


def explain_ban(connection: Connection, ban: Ban, now: datetime) -> None:
    """Makes the statement for a measure, in its transaction."""
    _make(
        connection,
        user=ban.user,
        comment=None,
        decision=None,
        ban=ban.id,
        language=_latest_tongue(connection, ban.user),
        reason=ban.reason,
        machine=False,
        now=now,
    )


def tokens_of(connection: Connection, ids: list[int]) -> dict[int, str]:
    """Comment -> the token of the latest statement about it."""
    found = statements.of_comments(connection, ids) if ids else {}
    if not found:
        return {}
    secret = meta.secret(connection)
    return {comment: token(secret, STATEMENT, number) for comment, number in found.items()}


def linked(connection: Connection, site: Site, ban: Ban) -> Ban:
    """``ban`` with the address of its statement."""
    number = statements.of_ban(connection, ban.id)
    if number is None:
        return ban
    made = token(meta.secret(connection), STATEMENT, number)
    return msgspec.structs.replace(ban, link=f"{site.rules.base_url}/statements/{made}")


async def token_for(site: Site, user: User, comment: int) -> str:
    """The token of the statement about one's own comment.

    Raises Refused: comment_unknown, not_allowed, statement_unknown.
    """

    def read(connection: Connection) -> str:
        found = comments.get(connection, comment)
        if found is None:
            raise Refused("comment_unknown")
        if found.author != user.id:
            raise Refused("not_allowed")
        token_ = tokens_of(connection, [comment]).get(comment)
        if token_ is None:
            raise Refused("statement_unknown")
        return token_

    return await site.storage.read(read)


async def page(site: Site, text: str) -> StatementPage:
    """What the link with this token shows. Raises Refused("statement_unknown")."""
    return await site.storage.read(lambda connection: _page(connection, text, site.now()))


async def appeal(
    site: Site, text: str, objection: str, *, email: str = "", language: str = "en"
) -> StatementPage:
    """Objects to what the statement explains: once, by whoever has the link.

    With an ``email``, a receipt and the answer go there in ``language``.

    Raises Refused: statement_unknown, text_empty, text_too_long, notice_email, appeal_made,
    appeal_late.
    """
    said = spoken(objection, "text", LONGEST_APPEAL)
    if email and not is_mail(email):
        raise Refused("notice_email", field="email")

    def write(connection: Connection) -> StatementPage:
        now = site.now()
        found = _page(connection, text, now)
        if found.appeal is not None:
            raise Refused("appeal_made")
        if not found.appealable:
            raise Refused("appeal_late")
        made = Appeal(
            statement=found.statement.id,
            text=said,
            created_at=now,
            email=email,
            language=language,
        )
        if not statements.appeal(connection, made):
            raise Refused("appeal_made")
        letters.put_out_appeal(connection, site, made, "receipt")
        subject = found.statement.comment or 0
        streams.append(connection, DESK_STREAM, "card", subject=subject, now=now)
        return msgspec.structs.replace(found, appeal=made, appealable=False)

    return await site.storage.write(write)


def _make(
    connection: Connection,
    *,
    user: int,
    comment: int | None,
    decision: int | None,
    ban: int | None,
    language: str,
    reason: str,
    machine: bool,
    now: datetime,
) -> None:
    made = Statement(
        id=0,
        user=user,
        comment=comment,
        decision=decision,
        ban=ban,
        language=language,
        reason=reason,
        version=statements.current_version(connection, reason),
        machine=machine,
        created_at=now,
    )
    statements.add(connection, made)
    meta.secret(connection)  # is made the first time; those who read the statement cannot


def _page(connection: Connection, text: str, now: datetime) -> StatementPage:
    number = read_token(meta.secret(connection), STATEMENT, text)
    found = None if number is None else statements.get(connection, number)
    if found is None:
        raise Refused("statement_unknown")
    comment = comments.get(connection, found.comment) if found.comment else None
    ban = bans.get(connection, found.ban) if found.ban else None
    ban = bans.placed(connection, [ban])[0] if ban else None
    made = statements.appeal_of(connection, found.id)
    stands = _stands(connection, found, comment, ban)
    in_time = now - found.created_at <= APPEAL_WITHIN
    gone = comment is not None and comment.status == "withdrawn"
    return StatementPage(
        token=text,
        statement=found,
        circumstances=statements.circumstances(connection, found.id),
        rule=statements.rule(connection, found.reason, found.version, found.language),
        comment=comment,
        text="" if comment is None or gone else comment.text,
        story=stories.get(connection, comment.story) if comment else None,
        ban=ban,
        appeal=made,
        stands=stands,
        appealable=stands and made is None and in_time,
    )


def _stands(
    connection: Connection, statement: Statement, comment: Comment | None, ban: Ban | None
) -> bool:
    if ban is not None:
        return ban.lifted_at is None
    if comment is None or comment.status != "rejected":
        return False
    return statements.of_comments(connection, [comment.id]).get(comment.id) == statement.id
