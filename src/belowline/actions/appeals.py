"""Appeals at the desk: what waits, who may judge it, and what follows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from belowline.actions import deciding, learning, letters
from belowline.actions.deciding import Judged
from belowline.actions.plain import spoken
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain.bans import Ban
from belowline.domain.comments import Comment
from belowline.domain.decisions import Decision, Finding
from belowline.domain.errors import Refused
from belowline.domain.statements import BLIND_AFTER, LONGEST_APPEAL, Appeal, Rule, Statement
from belowline.domain.stories import Story
from belowline.domain.users import CONFINED, Thing, User, demand
from belowline.storage import bans, comments, decisions, statements, stories
from belowline.storage.engine import Connection

_MOST = 100


class AppealCard(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal with what is needed to judge it.

    ``blind`` hides the name and the old verdict from whoever decided it; ``refusal`` is why the
    viewer may not judge it (now), "" when they may.
    """

    appeal: Appeal
    statement: Statement
    rule: Rule
    comment: Comment | None
    findings: list[Finding]
    story: Story | None
    ban: Ban | None
    decision: Decision | None
    blind: bool
    refusal: str


async def queue(site: Site, user: User) -> list[AppealCard]:
    """Appeals that wait, the oldest first. Raises Refused("not_allowed").

    Those against a ban on all sites are for whoever works for all.
    """
    demand(user, "decide_appeal", CONFINED)

    def read(connection: Connection) -> list[AppealCard]:
        now = site.now()
        return [
            _card(connection, user, one, now)
            for one in statements.open_appeals(connection, _MOST, user.sites)
        ]

    return await site.storage.read(read)


async def decide(site: Site, user: User, statement: int, *, upheld: bool, answer: str) -> Appeal:
    """Upholds an appeal, which brings back what was taken, or dismisses it; with an answer.

    Raises Refused: not_allowed, statement_unknown, text_empty, text_too_long, already_decided,
    appeal_yours (another is there to judge it), appeal_early (a day has to pass).
    """
    demand(user, "decide_appeal", CONFINED)
    said = spoken(answer, "answer", LONGEST_APPEAL)

    def write(connection: Connection) -> Appeal:
        now = site.now()
        made = statements.appeal_of(connection, statement)
        if made is None:
            raise Refused("statement_unknown")
        card = _card(connection, user, made, now)
        demand(user, "decide_appeal", Thing(site=_site_of(card.comment, card.ban)))
        if card.refusal:
            raise Refused(card.refusal)
        if not statements.decide_appeal(connection, statement, upheld, said, user.id, now):
            raise Refused("already_decided")
        told = msgspec.structs.replace(made, upheld=upheld, answer=said)
        letters.put_out_appeal(connection, site, told, "decision")
        if upheld:
            _restore(connection, site, user, card, now)
        detail = f"{'upheld' if upheld else 'dismissed'} {statement}"
        subject = card.statement.user
        note(connection, user, "appeal_decided", now, subject=subject, detail=detail, note=said)
        return msgspec.structs.replace(made, upheld=upheld, answer=said, decided_at=now)

    done = await site.storage.write(write)
    await learning.catch_up(site)
    return done


def _restore(
    connection: Connection, site: Site, user: User, card: AppealCard, now: datetime
) -> None:
    if card.ban is not None:
        bans.lift(connection, card.ban.id, now)
    elif card.comment is not None and card.comment.status == "rejected":
        judged = Judged(comment=card.comment.id, revision=card.comment.revision)
        deciding.decide_one(connection, site, user, judged, "publish", "", "", now)


def _card(connection: Connection, user: User, made: Appeal, now: datetime) -> AppealCard:
    found = statements.get(connection, made.statement)
    if found is None:
        raise Refused("statement_unknown")
    comment = comments.get(connection, found.comment) if found.comment else None
    ban = bans.get(connection, found.ban) if found.ban else None
    ban = bans.placed(connection, [ban])[0] if ban else None
    line = decisions.get(connection, found.decision) if found.decision else None
    decider = ban.actor if ban else line.actor if line else None
    mine = decider == user.id
    said = comments.findings_of(connection, [comment.id]).get(comment.id, []) if comment else []
    return AppealCard(
        appeal=made,
        statement=found,
        rule=statements.rule(connection, found.reason, found.version, found.language),
        comment=comment,
        findings=said,
        story=stories.get(connection, comment.story) if comment else None,
        ban=ban,
        decision=line,
        blind=mine,
        refusal=_refusal(connection, made, user.id, now, _site_of(comment, ban)) if mine else "",
    )


def _site_of(comment: Comment | None, ban: Ban | None) -> int:
    """0 for an appeal against a measure that holds on all sites."""
    return comment.site if comment else ban.site if ban else 0


def _refusal(connection: Connection, made: Appeal, decider: int, now: datetime, site: int) -> str:
    if statements.someone_else(connection, decider, now, site):
        return "appeal_yours"
    return "appeal_early" if now - made.created_at < BLIND_AFTER else ""
