"""Working together at the desk: forms for people, and the same for the desk's script as JSON."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery

from belowline.actions import deciding
from belowline.actions import desk as together
from belowline.domain import ids
from belowline.domain.queue import read_filter, write_filter
from belowline.render.desk import DeskBulkView, render_desk_bulk
from belowline.web.answers import JSON, private
from belowline.web.asking import Asking, Asks
from belowline.web.desk.frame import Form, back, surroundings
from belowline.web.parse import comment_number, decision_number, user_number

_NUMBERS = re.compile(r"[0-9A-Z]{13}")


@get("/fragments/desk/counts")
async def counts(asking: Asks, site: FromQuery[str] = "") -> Response[Any]:
    """The numbers beside the lists."""
    found = await together.counts(asking.services.site, asking.must(), site)
    return private(asking, msgspec.json.encode(found), media_type=JSON)


@post("/fragments/desk/look", status_code=200)
async def look(asking: Asks, data: Form) -> Response[Any]:
    """The desk's script says what is being looked at; "" for nothing."""
    asking.must()
    user = await asking.acting()
    number = data.get("comment", "")
    lock = await together.look_at(
        asking.services.site, user, comment_number(number) if number else 0
    )
    said = {"user": ids.encode(lock.user), "name": lock.name} if lock else None
    return private(asking, msgspec.json.encode({"lock": said}), media_type=JSON)


@post(["/desk/second", "/fragments/desk/second"], status_code=200)
async def second(asking: Asks, data: Form) -> Response[Any]:
    """What somebody would have decided at a second look."""
    asking.must()
    user = await asking.acting()
    done = await deciding.look_again(
        asking.services.site,
        user,
        decision_number(data.get("number", "")),
        data.get("decision", ""),
    )
    return private(asking, msgspec.json.encode({"agreed": done.agreed}), media_type=JSON)


@post(["/desk/escalate", "/fragments/desk/escalate"], status_code=200)
async def escalate(asking: Asks, data: Form) -> Response[Any]:
    """Asks an editor."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    number = data.get("comment", "")
    line = await together.escalate(
        asking.services.site, user, comment_number(number), data.get("note", "")
    )
    if _by_script(asking):
        return private(asking, msgspec.json.encode({"id": ids.encode(line.id)}), media_type=JSON)
    return _done(asking, comment=number)


@post(["/desk/assign", "/fragments/desk/assign"], status_code=200)
async def assign(asking: Asks, data: Form) -> Response[Any]:
    """Gives a story to somebody: "me", a user's id, "" for nobody."""
    asking.must()
    user = await asking.acting()
    to = data.get("to", "")
    number = user.id if to == "me" else user_number(to) if to else 0
    await together.assign(asking.services.site, user, data.get("story", ""), number)
    return _done(asking)


@post("/desk/note", status_code=303)
async def note(asking: Asks, data: Form) -> Response[Any]:
    """A note at the end of a shift."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    await together.hand_over(asking.services.site, user, data.get("note", ""))
    return back(asking, "/desk/morning")


@post("/desk/views", status_code=303)
async def views(asking: Asks, data: Form) -> Response[Any]:
    """Keeps a filter under a name, or forgets it."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    query = data.get("query", "")
    await together.save_view(asking.services.site, user, data.get("name", ""), query)
    return back(asking, "/desk", **write_filter(read_filter(_asked(query))))


@post(["/desk/replies", "/fragments/desk/replies"], status_code=200)
async def replies(asking: Asks, data: Form) -> Response[Any]:
    """Keeps a reply under a name, or forgets it."""
    asking.keeps(data)
    asking.must()
    user = await asking.acting()
    await together.save_reply(
        asking.services.site, user, data.get("name", ""), data.get("text", "")
    )
    return _done(asking)


# -- many at once --------------------------------------------------------------------------


@get("/desk/bulk")
async def bulk(asking: Asks) -> Response[Any]:
    """Asks whether all that a filter finds is to be decided, with the number and examples."""
    site, user = asking.services.site, asking.must()
    wanted = read_filter(asking.request.query_params)
    found = await deciding.queue(site, user, wanted, limit=5)
    view = DeskBulkView(
        wanted=wanted, found=found.found, cards=found.cards, before=_now(asking), done=0, left=-1
    )
    return private(asking, render_desk_bulk(view, surroundings(asking)))


@post(["/desk/bulk", "/fragments/desk/bulk"], status_code=200)
async def decide_bulk(asking: Asks, data: Form) -> Response[Any]:
    """Decides a part of what a filter finds; the page or the script asks for the next."""
    asking.must()
    user = await asking.acting()
    wanted = read_filter(_asked(data.get("query", "")))
    said = data.get("decision", "")
    before = data.get("before", "")
    after = data.get("after", "")
    done = await deciding.decide_found(
        asking.services.site,
        user,
        wanted,
        "publish" if said == "publish" else "reject",
        reason="" if said == "publish" else said,
        after=comment_number(after) if after else 0,
        before=comment_number(before),
    )
    if _by_script(asking):
        answer = {
            "lines": [ids.encode(number) for number in done.lines],
            "skipped": done.skipped,
            "next": ids.encode(done.next) if done.next else "",
        }
        return private(asking, msgspec.json.encode(answer), media_type=JSON)
    found = await deciding.queue(asking.services.site, user, wanted, limit=5)
    view = DeskBulkView(
        wanted=wanted,
        found=found.found,
        cards=found.cards,
        before=comment_number(before),
        decision=said,
        after=done.next,
        done=len(done.lines),
        left=1 if done.next else 0,
    )
    return private(asking, render_desk_bulk(view, surroundings(asking)))


@post("/fragments/desk/undo", status_code=200)
async def undo_many(asking: Asks, data: Form) -> Response[Any]:
    """Takes many decisions back."""
    asking.must()
    user = await asking.acting()
    numbers = [decision_number(one) for one in _NUMBERS.findall(data.get("decisions", ""))]
    undone = await deciding.undo_many(asking.services.site, user, numbers[:1_000])
    return private(asking, msgspec.json.encode({"undone": undone}), media_type=JSON)


HANDLERS = [
    counts,
    look,
    second,
    escalate,
    assign,
    note,
    views,
    replies,
    bulk,
    decide_bulk,
    undo_many,
]


def _by_script(asking: Asking) -> bool:
    path: str = asking.request.scope["path"]
    return path.startswith("/fragments/")


def _done(asking: Asking, **shown: str) -> Response[Any]:
    if _by_script(asking):
        return private(asking, b"{}", media_type=JSON)
    return back(asking, "/desk", **shown)


def _now(asking: Asking) -> int:
    return ids.id_at(asking.services.now(), 0)


def _asked(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))
