"""Pages for everybody: the rules, statements of reasons with their appeal, illegal content."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from belowline.actions import law, statements
from belowline.domain.errors import Refused
from belowline.domain.statements import LONGEST_APPEAL
from belowline.render import PageContext
from belowline.render.law import render_public
from belowline.web.answers import private, see_other
from belowline.web.asking import Asking, Asks
from belowline.web.problems import STATUS, sentence

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/rules")
async def rules(asking: Asks) -> Response[Any]:
    """The rules of this site."""
    page = _surroundings(asking)
    found = await law.rules(asking.services.site, page.language)
    return private(asking, render_public("rules", page, rules=found))


@get("/rules/{reason:str}")
async def rule(asking: Asks, reason: FromPath[str]) -> Response[Any]:
    """A rule in all its versions."""
    page = _surroundings(asking)
    found = await law.rule_versions(asking.services.site, reason, page.language)
    return private(asking, render_public("rule", page, reason=reason, versions=found))


@get("/statements/{token:str}")
async def statement(asking: Asks, token: FromPath[str]) -> Response[Any]:
    """Why something was taken down, and where to object to it."""
    return await _statement(asking, token)


@post("/statements/{token:str}/appeal", status_code=303)
async def appeal(asking: Asks, token: FromPath[str], data: Form) -> Response[Any]:
    """An objection from a form, without an account."""
    text, email = data.get("text", ""), data.get("email", "").strip()
    asking.keeps(data)
    try:
        asking.demand_own_origin()
        asking.keep_pace("appeal", 6)
        found = await statements.page(asking.services.site, token)
        language = _around(asking, found).language
        await statements.appeal(asking.services.site, token, text, email=email, language=language)
    except Refused as refused:
        if refused.code in ("unavailable", "statement_unknown"):
            raise
        return await _statement(asking, token, text, refused, email=email)
    return see_other(asking, f"/statements/{token}{_carry(asking)}")


@get("/report-illegal")
async def notice_form(asking: Asks, address: FromQuery[str] = "") -> Response[Any]:
    """A form to report illegal content, for everybody."""
    return _notice_form(asking, {"address": address})


@post("/report-illegal", status_code=303)
async def notify(asking: Asks, data: Form) -> Response[Any]:
    """A notice from the form."""
    asking.keeps(data)
    new = law.NewNotice(
        address=data.get("address", ""),
        explanation=data.get("explanation", ""),
        law=data.get("law", ""),
        name=data.get("name", ""),
        email=data.get("email", "").strip(),
        language=_surroundings(asking).language,
        sure=data.get("sure") == "1",
    )
    try:
        asking.demand_own_origin()
        asking.keep_pace("notice", 6)
        token = await law.notify(asking.services.site, new)
    except Refused as refused:
        if refused.code == "unavailable":
            raise
        return _notice_form(asking, data, refused)
    return see_other(asking, f"/notices/{token}{_carry(asking)}")


@get("/notices/{token:str}")
async def receipt(asking: Asks, token: FromPath[str]) -> Response[Any]:
    """The receipt of a notice, and later what was decided."""
    found = await law.receipt(asking.services.site, token)
    return private(asking, render_public("notice", _surroundings(asking), view=found))


HANDLERS = [rules, rule, statement, appeal, notice_form, notify, receipt]


async def _statement(
    asking: Asking,
    token: str,
    text: str = "",
    refused: Refused | None = None,
    *,
    email: str = "",
) -> Response[Any]:
    found = await statements.page(asking.services.site, token)
    page = _around(asking, found)
    problem = sentence(refused, page.language) if refused else ""
    body = render_public(
        "statement",
        page,
        view=found,
        text=text,
        email=email,
        mails=bool(asking.services.settings.smtp_host),
        problem=problem,
        longest=LONGEST_APPEAL,
    )
    return private(asking, body, status=STATUS[refused.code] if refused else 200)


def _around(asking: Asking, found: statements.StatementPage) -> PageContext:
    """What surrounds a statement: in its own language, unless another was chosen."""
    return _surroundings(asking, "" if asking.language else found.statement.language)


def _notice_form(
    asking: Asking, data: dict[str, str], refused: Refused | None = None
) -> Response[Any]:
    page = _surroundings(asking)
    problem = sentence(refused, page.language) if refused else ""
    body = render_public("illegal", page, data=data, problem=problem)
    return private(asking, body, status=STATUS[refused.code] if refused else 200)


def _surroundings(asking: Asking, story: str = "") -> PageContext:
    services = asking.services
    return services.page(
        services.language(asking.language, story),
        path=asking.request.url.path,
        base_url=asking.base_url,
        explicit=bool(asking.language),
        viewer=services.viewer(asking.user),
    )


def _carry(asking: Asking) -> str:
    return f"?lang={asking.language}" if asking.language else ""
