"""Rules and their versions, notices of illegal content, threats to life, and the yearly report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

import msgspec

from belowline.actions import letters
from belowline.actions.plain import plain, spoken
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM
from belowline.domain.statements import (
    LONGEST_RULE,
    NOTICE,
    RULES,
    Notice,
    Rule,
    read_token,
    token,
)
from belowline.domain.transparency import Fact, record_of
from belowline.domain.users import CONFINED, Thing, User, demand
from belowline.storage import comments, decisions, meta, record, statements, stories, streams, users
from belowline.storage.engine import Connection

LONGEST_NOTICE = 10_000
LONGEST_LINE = 500
_MAIL_PART = r"[^\x00-\x20@\x7f-\xa0]+"
EMAIL = f"|{_MAIL_PART}@{_MAIL_PART}"
"""An e-mail address, or none: nothing more is asked of it."""

_MOST = 100


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sends in. ``sure`` is that they believe in good faith that it is right."""

    address: str
    explanation: str
    law: str = ""
    name: str = ""
    email: str = ""
    language: str = "en"
    sure: bool = False


class NoticePage(msgspec.Struct, frozen=True, kw_only=True):
    """A notice and, where it is about one, the comment."""

    token: str
    notice: Notice
    comment: Comment | None


# -- rules ---------------------------------------------------------------------------------


async def rules(site: Site, language: str) -> list[Rule]:
    """The rules as they stand, in the order of the reasons."""
    found = await site.storage.read(lambda connection: statements.rules(connection, language))
    return [found[reason] for reason in REASONS]


async def rule_versions(site: Site, reason: str, language: str) -> list[Rule]:
    """Every version of a rule, the latest first. Raises Refused("not_found")."""
    if reason not in RULES:
        raise Refused("not_found")
    return await site.storage.read(
        lambda connection: statements.versions(connection, reason, language)
    )


async def change_rule(site: Site, user: User, reason: str, texts: dict[str, str]) -> int:
    """Gives a rule its next version: language -> text. Answers its number; earlier ones are kept.

    Raises Refused: not_allowed, reason_unknown, text_empty, text_too_long.
    """
    demand(user, "change_rules", Thing())
    if reason not in RULES:
        raise Refused("reason_unknown", field="reason")
    if not texts:
        raise Refused("text_empty", field="text")
    said = {language: spoken(text, "text", LONGEST_RULE) for language, text in texts.items()}

    def write(connection: Connection) -> int:
        now = site.now()
        version = statements.add_rule(connection, reason, said, user.id, now)
        note(connection, user, "rule_changed", now, detail=f"{reason} {version}")
        return version

    return await site.storage.write(write)


# -- notices of illegal content ------------------------------------------------------------


async def notify(site: Site, new: NewNotice) -> str:
    """Takes a notice from anybody; answers the token of its receipt.

    Raises Refused: notice_address, text_empty, text_too_long, notice_sure, notice_email.
    """
    address = plain(new.address).strip()
    if not address or len(address) > LONGEST_LINE:
        raise Refused("notice_address", field="address")
    explanation = spoken(new.explanation, "explanation", LONGEST_NOTICE)
    law, name = plain(new.law).strip(), plain(new.name).strip()
    if max(len(new.law), len(new.name), len(new.email)) > LONGEST_LINE:
        raise Refused("text_too_long", field="explanation", limit=LONGEST_LINE)
    if not re.fullmatch(EMAIL, new.email):
        raise Refused("notice_email", field="email")
    if not new.sure:
        raise Refused("notice_sure", field="sure")

    def write(connection: Connection) -> str:
        now = site.now()
        comment = _comment_at(connection, address)
        made = Notice(
            id=0,
            address=address,
            comment=comment,
            explanation=explanation,
            law=law,
            name=name,
            email=new.email,
            language=new.language,
            created_at=now,
        )
        number = statements.add_notice(connection, made)
        letters.put_out(connection, site, made, number, "receipt")
        streams.append(connection, DESK_STREAM, "card", subject=comment or 0, now=now)
        return token(meta.secret(connection), NOTICE, number)

    return await site.storage.write(write)


async def receipt(site: Site, text: str) -> NoticePage:
    """What the receipt's link shows. Raises Refused("notice_unknown")."""

    def read(connection: Connection) -> NoticePage:
        number = read_token(meta.secret(connection), NOTICE, text)
        found = None if number is None else statements.notice(connection, number)
        if found is None:
            raise Refused("notice_unknown")
        return NoticePage(token=text, notice=found, comment=None)

    return await site.storage.read(read)


async def notices(site: Site, user: User) -> list[NoticePage]:
    """Notices that wait, the oldest first. Raises Refused("not_allowed").

    Those that are about no comment are for whoever works for all sites.
    """
    demand(user, "moderate", CONFINED)

    def read(connection: Connection) -> list[NoticePage]:
        found = statements.open_notices(connection, _MOST, user.sites)
        about = comments.many(connection, {one.comment for one in found if one.comment})
        return [
            NoticePage(token="", notice=one, comment=about.get(one.comment or 0)) for one in found
        ]

    return await site.storage.read(read)


async def answer_notice(site: Site, user: User, number: int, *, acted: bool, answer: str) -> None:
    """Tells the notifier what was decided and why. What follows for the comment is a decision.

    Raises Refused: not_allowed, notice_unknown, text_empty, text_too_long, already_decided.
    """
    demand(user, "answer_notice", CONFINED)
    said = spoken(answer, "answer", LONGEST_NOTICE)

    def write(connection: Connection) -> None:
        found = statements.notice(connection, number)
        if found is None:
            raise Refused("notice_unknown")
        about = comments.get(connection, found.comment) if found.comment else None
        demand(user, "answer_notice", Thing(site=about.site if about else 0))
        now = site.now()
        if not statements.decide_notice(connection, number, acted, said, user.id, now):
            raise Refused("already_decided")
        detail = f"{'acted' if acted else 'dismissed'} {number}"
        note(connection, user, "notice_decided", now, detail=detail, note=said)
        letters.put_out(connection, site, found, number, "decision")

    await site.storage.write(write)


# -- threats to life -----------------------------------------------------------------------


async def evidence(site: Site, user: User, comment: int, why: str = "") -> dict[str, Any]:
    """Everything about a comment for the police, and a line in the record that it was taken out.

    Raises Refused: not_allowed, comment_unknown, note_too_long.
    """
    demand(user, "moderate", CONFINED)
    if len(why) > LONGEST_NOTICE:
        raise Refused("note_too_long", field="note", limit=LONGEST_NOTICE)

    def write(connection: Connection) -> dict[str, Any]:
        found = comments.get(connection, comment)
        if found is None:
            raise Refused("comment_unknown")
        demand(user, "moderate", Thing(site=found.site))
        now = site.now()
        detail = ids.encode(comment)
        note(connection, user, "escalated", now, subject=found.author, detail=detail, note=why)
        return _evidence(connection, found, user, why, now)

    return await site.storage.write(write)


def _evidence(
    connection: Connection, found: Comment, user: User, why: str, now: datetime
) -> dict[str, Any]:
    story = stories.get(connection, found.story)
    author = users.get(connection, found.author)
    number, head = record.head(connection)
    return {
        "made_at": now.isoformat(),
        "made_by": user.name,
        "why": why,
        "story": {"key": story.key, "title": story.title, "url": story.url} if story else None,
        "author": {
            "id": ids.encode(found.author),
            "name": found.author_name,
            "first_seen": author.created_at.isoformat() if author else None,
        },
        "comment": {
            "id": ids.encode(found.id),
            "status": found.status,
            "created_at": found.created_at.isoformat(),
            "edited_at": found.edited_at.isoformat() if found.edited_at else None,
            "text": found.text,
        },
        "revisions": [
            {"number": one.number, "text": one.text, "created_at": one.created_at.isoformat()}
            for one in comments.texts_of(connection, found.id)
        ],
        "findings": [
            msgspec.to_builtins(one)
            for one in comments.findings_of(connection, [found.id]).get(found.id, [])
        ],
        "decisions": [
            msgspec.to_builtins(one, str_keys=True)
            for one in decisions.of_comment(connection, found.id)
        ],
        "addresses": "Belowline keeps no network address in the clear.",
        "record": {"lines": number, "head": head.hex()},
    }


# -- the year ------------------------------------------------------------------------------


def report(site: Site, year: int) -> dict[str, Any]:
    """The numbers of a year (UTC), for the report that Article 24 or the publisher asks for."""
    since, until = _year(year)
    found = site.storage.read_now(lambda connection: statements.year(connection, since, until))
    for name in ("appeal_hours", "notice_hours"):
        hours: list[float] = found.pop(name)
        found[f"median_{name}"] = round(median(hours), 1) if hours else None
    return {"year": year, **found}


def export(site: Site, year: int, base_url: str) -> Iterator[dict[str, Any]]:
    """The year's statements as the transparency database of the EU takes them."""
    since, until = _year(year)

    def read(connection: Connection) -> list[dict[str, Any]]:
        return [
            record_of(
                Fact(
                    statement=one,
                    circumstances=led,
                    written_at=row.written_at,
                    language=row.story_language or "",
                    measure=row.measure or "",
                    until=row.until,
                    rules_url=f"{base_url}/rules",
                )
            )
            for one, led, row in statements.between(connection, since, until)
            if row.measure != "warning"
        ]

    yield from site.storage.read_now(read)


def _year(year: int) -> tuple[datetime, datetime]:
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)


def _comment_at(connection: Connection, address: str) -> int | None:
    """The comment that an address leads to, if it is one of ours."""
    last = address.split("?")[0].split("#comment-")[-1].rstrip("/").rpartition("/")[2]
    try:
        number = ids.decode(last)
    except ValueError:
        return None
    found = comments.get(connection, number)
    return found.id if found else None
