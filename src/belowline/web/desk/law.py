"""The desk's pages of appeals, notices of illegal content, rules, and threats to life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from belowline.actions import appeals, deciding, law
from belowline.domain import ids
from belowline.domain.errors import Refused
from belowline.domain.users import CONFINED, Thing, may
from belowline.render import LANGUAGES, link
from belowline.web.answers import JSON, private, see_other
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import NOTHING, Form, admitted, back, door, shown, surroundings
from belowline.web.parse import comment_number, notice_number, statement_number


@get("/desk/appeals")
async def the_appeals(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """Appeals that wait."""
    return await _appeals(asking, said=said)


@post("/desk/appeals/{statement:str}", status_code=303)
async def decide_appeal(asking: Asks, statement: FromPath[str], data: Form) -> Response[Any]:
    """An appeal upheld or dismissed from a form."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        upheld = data.get("upheld") == "1"
        await appeals.decide(
            asking.services.site,
            by,
            statement_number(statement),
            upheld=upheld,
            answer=data.get("answer", ""),
        )
    except Refused as refused:
        return await _appeals(asking, refused=refused, typed={statement: data.get("answer", "")})
    told = "upheld" if upheld else "dismissed"
    return back(asking, "/desk/appeals", said=told)


@get("/desk/notices")
async def the_notices(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """Notices of illegal content that wait."""
    return await _notices(asking, said=said)


@post("/desk/notices/{notice:str}", status_code=303)
async def answer_notice(asking: Asks, notice: FromPath[str], data: Form) -> Response[Any]:
    """A notice answered from a form."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        await law.answer_notice(
            asking.services.site,
            by,
            notice_number(notice),
            acted=data.get("acted") == "1",
            answer=data.get("answer", ""),
        )
    except Refused as refused:
        return await _notices(asking, refused=refused, typed={notice: data.get("answer", "")})
    return back(asking, "/desk/notices", said="answered")


@get("/desk/rules")
async def the_rules(asking: Asks, said: FromQuery[str] = "") -> Response[Any]:
    """The rules, to be changed by editors."""
    return await _rules(asking, said=said)


@post("/desk/rules/{reason:str}", status_code=303)
async def change_rule(asking: Asks, reason: FromPath[str], data: Form) -> Response[Any]:
    """A rule's next version from a form."""
    asking.keeps(data)
    try:
        asking.must()
        by = await asking.acting()
        texts = {one: data[one] for one in LANGUAGES if data.get(one, "").strip()}
        await law.change_rule(asking.services.site, by, reason, texts)
    except Refused as refused:
        return await _rules(asking, refused=refused)
    return see_other(asking, link("/desk/rules", surroundings(asking), said="rule") + f"#{reason}")


@get("/desk/threat/{comment:str}")
async def threat(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """What to do when somebody's life is in danger."""
    by = admitted(asking)
    if by is None:
        return door(asking)
    card = await deciding.card(asking.services.site, by, comment_number(comment))
    return shown(asking, "threat", "/desk/threat", card=card)


@post("/desk/threat/{comment:str}")
async def evidence(asking: Asks, comment: FromPath[str], data: Form) -> Response[Any]:
    """The evidence as a file; that it was taken out is in the record."""
    asking.must()
    by = await asking.acting()
    number = comment_number(comment)
    found = await law.evidence(asking.services.site, by, number, data.get("why", ""))
    body = msgspec.json.format(msgspec.json.encode(found), indent=2)
    answer = private(asking, body, media_type=JSON)
    name = f"evidence-{ids.encode(number)}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


HANDLERS = [
    the_appeals,
    decide_appeal,
    the_notices,
    answer_notice,
    the_rules,
    change_rule,
    threat,
    evidence,
]


async def _appeals(
    asking: Asking,
    *,
    said: str = "",
    refused: Refused | None = None,
    typed: Mapping[str, str] = NOTHING,
) -> Response[Any]:
    by = admitted(asking)
    if by is None:
        return door(asking)
    cards = await appeals.queue(asking.services.site, by)
    return shown(asking, "appeals", "/desk/appeals", refused, cards=cards, told=said, typed=typed)


async def _notices(
    asking: Asking,
    *,
    said: str = "",
    refused: Refused | None = None,
    typed: Mapping[str, str] = NOTHING,
) -> Response[Any]:
    by = admitted(asking)
    if by is None:
        return door(asking)
    found = await law.notices(asking.services.site, by)
    can = may(by, "answer_notice", CONFINED)
    return shown(
        asking, "notices", "/desk/notices", refused, notices=found, can=can, told=said, typed=typed
    )


async def _rules(
    asking: Asking, *, said: str = "", refused: Refused | None = None
) -> Response[Any]:
    by = admitted(asking)
    if by is None:
        return door(asking)
    site = asking.services.site
    found = {language: await law.rules(site, language) for language in LANGUAGES}
    return shown(
        asking,
        "rules",
        "/desk/rules",
        refused,
        rules=found,
        can=may(by, "change_rules", Thing()),
        told=said,
    )
