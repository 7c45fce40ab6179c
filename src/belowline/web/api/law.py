"""The API about rules, statements of reasons, appeals and notices of illegal content."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from belowline.actions import appeals, law, statements
from belowline.actions.appeals import AppealCard
from belowline.actions.statements import StatementPage
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.statements import Appeal, Notice
from belowline.render import LANGUAGES, negotiate
from belowline.render.law import rule_text
from belowline.web.api import shapes
from belowline.web.api.handlers import NO_STORE
from belowline.web.asking import Asking, Asks
from belowline.web.parse import comment_number, notice_number, statement_number

Long = Annotated[str, Meta(max_length=20_000)]


class RuleShape(msgspec.Struct, kw_only=True):
    """A rule as it stands, in the language of the request."""

    reason: str
    version: int
    text: str


class Rules(msgspec.Struct, kw_only=True):
    """The rules of the site."""

    rules: list[RuleShape]


class AppealShape(msgspec.Struct, kw_only=True):
    """An objection; ``upheld`` is null until it is decided."""

    text: str
    created_at: datetime
    upheld: bool | None
    answer: str
    decided_at: datetime | None


class StatementShape(msgspec.Struct, kw_only=True):
    """Why something was taken down. ``stands`` is false when that was taken back.

    ``measure`` is "" when it is about a comment; ``machine`` says that a check had marked it.
    """

    token: str
    url: str
    comment: str | None
    text: str
    measure: str
    until: datetime | None
    rule: RuleShape
    machine: bool
    created_at: datetime
    stands: bool
    appealable: bool
    appeal: AppealShape | None


class NewAppeal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An objection."""

    text: Long


class AppealCardShape(msgspec.Struct, kw_only=True):
    """An appeal at the desk. ``refusal`` is why the viewer may not decide it, "" when they may.

    ``reason`` and the author are hidden (null) from whoever made the decision.
    """

    id: str
    appeal: AppealShape
    comment: shapes.CommentShape | None
    measure: str
    reason: str | None
    refusal: str


class Appeals(msgspec.Struct, kw_only=True):
    """Appeals that wait."""

    appeals: list[AppealCardShape]


class NewVerdict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is decided about an appeal."""

    upheld: bool
    answer: Long


class NewNoticeShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A notice of illegal content. ``sure``: it is believed in good faith to be right."""

    address: str
    explanation: Long
    sure: bool
    law: str = ""
    name: str = ""
    email: str = ""


class Receipt(msgspec.Struct, kw_only=True):
    """What became of a notice. ``acted`` is null until it is decided."""

    token: str
    url: str
    address: str
    created_at: datetime
    acted: bool | None
    answer: str
    decided_at: datetime | None


class NoticeShape(msgspec.Struct, kw_only=True):
    """A notice at the desk."""

    id: str
    address: str
    comment: str | None
    explanation: str
    law: str
    name: str
    email: str
    created_at: datetime


class Notices(msgspec.Struct, kw_only=True):
    """Notices that wait."""

    notices: list[NoticeShape]


class NewAnswer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is decided about a notice."""

    acted: bool
    answer: Long


class NewRule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A rule's next version: language -> text."""

    texts: dict[str, Long]


class Escalation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the evidence is taken out."""

    why: Long = ""


@get("/rules")
async def rules(asking: Asks) -> Rules:
    """The rules as they stand."""
    language = _spoken(asking)
    found = await law.rules(asking.services.site, language)
    return Rules(
        rules=[
            RuleShape(reason=one.reason, version=one.version, text=rule_text(one, language))
            for one in found
        ]
    )


@get("/statements/{token:str}")
async def statement(asking: Asks, token: FromPath[str]) -> Response[StatementShape]:
    """A statement of reasons, for whoever has its token."""
    found = await statements.page(asking.services.site, token)
    return Response(_statement(asking, found), headers=NO_STORE)


@get("/comments/{comment:str}/statement")
async def own_statement(asking: Asks, comment: FromPath[str]) -> Response[StatementShape]:
    """Why my comment was taken down."""
    site = asking.services.site
    token = await statements.token_for(site, asking.must(), comment_number(comment))
    found = await statements.page(site, token)
    return Response(_statement(asking, found), headers=NO_STORE)


@post("/statements/{token:str}/appeal", status_code=201)
async def appeal(
    asking: Asks, token: FromPath[str], data: JSONBody[NewAppeal]
) -> Response[StatementShape]:
    """Objects once, without an account."""
    asking.keep_pace("appeal", 6)
    found = await statements.appeal(asking.services.site, token, data.text)
    return Response(_statement(asking, found), status_code=201, headers=NO_STORE)


@post("/notices", status_code=201)
async def notify(asking: Asks, data: JSONBody[NewNoticeShape]) -> Response[Receipt]:
    """Reports illegal content, without an account."""
    asking.keep_pace("notice", 6)
    new = law.NewNotice(
        address=data.address,
        explanation=data.explanation,
        law=data.law,
        name=data.name,
        email=data.email,
        language=_spoken(asking),
        sure=data.sure,
    )
    site = asking.services.site
    token = await law.notify(site, new)
    found = await law.receipt(site, token)
    return Response(_receipt(asking, token, found.notice), status_code=201, headers=NO_STORE)


@get("/notices/{token:str}")
async def receipt(asking: Asks, token: FromPath[str]) -> Response[Receipt]:
    """What became of a notice, for whoever has its token."""
    found = await law.receipt(asking.services.site, token)
    return Response(_receipt(asking, token, found.notice), headers=NO_STORE)


@get("/desk/appeals")
async def desk_appeals(asking: Asks) -> Response[Appeals]:
    """Appeals that wait: staff."""
    found = await appeals.queue(asking.services.site, asking.must())
    return Response(Appeals(appeals=[_card(one) for one in found]), headers=NO_STORE)


@post("/desk/appeals/{statement:str}", status_code=200)
async def decide_appeal(
    asking: Asks, statement: FromPath[str], data: JSONBody[NewVerdict]
) -> AppealShape:
    """Upholds or dismisses an appeal: staff, but not who made the decision."""
    asking.must()
    by = await asking.acting()
    done = await appeals.decide(
        asking.services.site,
        by,
        statement_number(statement),
        upheld=data.upheld,
        answer=data.answer,
    )
    return _appeal(done)


@get("/desk/notices")
async def desk_notices(asking: Asks) -> Response[Notices]:
    """Notices that wait: staff."""
    found = await law.notices(asking.services.site, asking.must())
    return Response(Notices(notices=[_notice(one.notice) for one in found]), headers=NO_STORE)


@post("/desk/notices/{notice:str}", status_code=200)
async def answer_notice(
    asking: Asks, notice: FromPath[str], data: JSONBody[NewAnswer]
) -> dict[str, str]:
    """Answers a notice: editors."""
    asking.must()
    by = await asking.acting()
    await law.answer_notice(
        asking.services.site, by, notice_number(notice), acted=data.acted, answer=data.answer
    )
    return {"status": "answered"}


@put("/desk/rules/{reason:str}")
async def change_rule(
    asking: Asks, reason: FromPath[str], data: JSONBody[NewRule]
) -> dict[str, int]:
    """Gives a rule its next version: editors."""
    asking.must()
    by = await asking.acting()
    if not set(data.texts) <= set(LANGUAGES):
        raise Refused("body_bad", field="texts", why=f"texts are in {', '.join(LANGUAGES)}")
    return {"version": await law.change_rule(asking.services.site, by, reason, data.texts)}


@post("/desk/comments/{comment:str}/evidence", status_code=200)
async def evidence(
    asking: Asks, comment: FromPath[str], data: JSONBody[Escalation]
) -> Response[dict[str, Any]]:
    """Everything about a comment that threatens somebody's life: staff."""
    asking.must()
    by = await asking.acting()
    site = asking.services.site
    found = await law.evidence(site, by, comment_number(comment), data.why)
    return Response(found, headers=NO_STORE)


HANDLERS = [
    rules,
    statement,
    own_statement,
    appeal,
    notify,
    receipt,
    desk_appeals,
    decide_appeal,
    desk_notices,
    answer_notice,
    change_rule,
    evidence,
]


def _spoken(asking: Asking) -> str:
    return negotiate(asking.request.headers.get("accept-language"))


def _statement(asking: Asking, found: StatementPage) -> StatementShape:
    ban = found.ban
    language = _spoken(asking)
    return StatementShape(
        token=found.token,
        url=f"{_base(asking)}/statements/{found.token}",
        comment=ids.encode(found.comment.id) if found.comment else None,
        text=found.text,
        measure=ban.kind if ban else "",
        until=ban.until if ban else None,
        rule=RuleShape(
            reason=found.statement.reason,
            version=found.statement.version,
            text=rule_text(found.rule, language),
        ),
        machine=found.statement.machine,
        created_at=found.statement.created_at,
        stands=found.stands,
        appealable=found.appealable,
        appeal=_appeal(found.appeal) if found.appeal else None,
    )


def _appeal(made: Appeal) -> AppealShape:
    return AppealShape(
        text=made.text,
        created_at=made.created_at,
        upheld=made.upheld,
        answer=made.answer,
        decided_at=made.decided_at,
    )


def _card(card: AppealCard) -> AppealCardShape:
    comment = shapes.comment_shape(card.comment, whole=True) if card.comment else None
    if comment is not None and card.blind:
        comment = msgspec.structs.replace(
            comment, author=shapes.Author(id="", name="", role="reader")
        )
    return AppealCardShape(
        id=ids.encode(card.statement.id),
        appeal=_appeal(card.appeal),
        comment=comment,
        measure=card.ban.kind if card.ban else "",
        reason=None if card.blind else card.statement.reason,
        refusal=card.refusal,
    )


def _receipt(asking: Asking, token: str, notice: Notice) -> Receipt:
    return Receipt(
        token=token,
        url=f"{_base(asking)}/notices/{token}",
        address=notice.address,
        created_at=notice.created_at,
        acted=notice.acted,
        answer=notice.answer,
        decided_at=notice.decided_at,
    )


def _notice(notice: Notice) -> NoticeShape:
    return NoticeShape(
        id=ids.encode(notice.id),
        address=notice.address,
        comment=ids.encode(notice.comment) if notice.comment else None,
        explanation=notice.explanation,
        law=notice.law,
        name=notice.name,
        email=notice.email,
        created_at=notice.created_at,
    )


def _base(asking: Asking) -> str:
    return asking.services.settings.base_url.rstrip("/") or asking.base_url
