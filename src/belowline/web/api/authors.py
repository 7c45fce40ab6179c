"""The API about authors: their page, warnings, mutes and bans, notes, removing and undoing it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from belowline.actions import bans
from belowline.domain import ids
from belowline.domain.bans import Ban
from belowline.domain.errors import Refused
from belowline.web.api import shapes
from belowline.web.api.handlers import NO_STORE
from belowline.web.asking import Asks
from belowline.web.parse import act_number, cursor_number, measure_number, user_number

Since = Annotated[datetime, QueryParameter(required=True)]


class MeasureShape(msgspec.Struct, kw_only=True):
    """A warning, mute or ban. ``until`` is null for one without an end.

    ``statement`` is the address of its statement of reasons, where it can be objected to, ``site``
    the key of the site where it holds, "" for all.
    """

    id: str
    kind: str
    reason: str
    until: datetime | None
    created_at: datetime
    lifted_at: datetime | None = None
    by_address: bool = False
    by: str = ""
    note: str = ""
    statement: str = ""
    site: str = ""


class Standing(msgspec.Struct, kw_only=True):
    """What stands against oneself."""

    measures: list[MeasureShape]


class FormerName(msgspec.Struct, kw_only=True):
    """A name that somebody had."""

    name: str
    until: datetime


class AuthorNote(msgspec.Struct, kw_only=True):
    """What staff noted."""

    text: str
    by: str
    created_at: datetime


class AuthorShape(msgspec.Struct, kw_only=True):
    """Everything that the desk knows of an author."""

    author: shapes.Author
    since: datetime
    record: dict[str, int]
    reports: dict[str, int]
    names: list[FormerName]
    notes: list[AuthorNote]
    measures: list[MeasureShape]
    comments: list[shapes.CommentShape]
    decisions: list[shapes.DecisionShape]
    next: str | None


class NewMeasure(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Warn, mute or ban; ``hours`` is left out for a ban without an end, ``site`` (a key) for all
    of several sites."""

    kind: Literal["warning", "mute", "ban"]
    reason: str
    hours: Annotated[int, Meta(ge=1, le=87_600)] | None = None
    note: str = ""
    by_address: bool = False
    site: str = ""


class NewNote(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A note about an author, for staff."""

    text: str


class NewRemoval(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Remove everything since; ``expected`` is the number that was counted before."""

    since: datetime
    expected: int
    reason: str
    note: str = ""


class Count(msgspec.Struct, kw_only=True):
    """How many."""

    count: int


class RemovalShape(msgspec.Struct, kw_only=True):
    """What was removed or brought back, and how many were left; ``id`` undoes it."""

    id: str
    done: int
    left: int


@get("/me/standing")
async def standing(asking: Asks) -> Response[Standing]:
    """What stops me or was said to me."""
    reader = asking.here
    found = [] if reader is None else await bans.standing(asking.services.site, reader)
    mine = [_measure(one, whole=False) for one in found]
    return Response(Standing(measures=mine), headers=NO_STORE)


@get("/desk/authors/{user:str}")
async def author(
    asking: Asks, user: FromPath[str], cursor: FromQuery[str] = ""
) -> Response[AuthorShape]:
    """An author's page: staff."""
    before = cursor_number(cursor) if cursor else 0
    site = asking.services.site
    page = await bans.author(site, asking.must(), user_number(user), before)
    lines = [line for one in page.comments for line in page.histories.get(one.id, [])]
    shape = AuthorShape(
        author=shapes.Author(id=ids.encode(page.user.id), name=page.user.name, role=page.user.role),
        since=page.user.created_at,
        record=page.record,
        reports={"made": page.reports_made, "upheld": page.reports_upheld},
        names=[FormerName(name=name, until=until) for name, until in page.names],
        notes=[AuthorNote(text=text, by=by, created_at=at) for text, by, at in page.notes],
        measures=[_measure(one) for one in page.measures],
        comments=[shapes.comment_shape(one, whole=True) for one in page.comments],
        decisions=[shapes.decision_shape(line) for line in lines],
        next=ids.encode(page.next) if page.next else None,
    )
    return Response(shape, headers=NO_STORE)


@post("/desk/authors/{user:str}/measures", status_code=201)
async def impose(asking: Asks, user: FromPath[str], data: JSONBody[NewMeasure]) -> MeasureShape:
    """Warns, mutes or bans an author: staff."""
    asking.must()
    by = await asking.acting()
    made = await bans.impose(
        asking.services.site,
        by,
        user_number(user),
        data.kind,
        reason=data.reason,
        hours=data.hours,
        note_=data.note,
        by_address=data.by_address,
        of=data.site,
    )
    return _measure(made)


@delete("/desk/measures/{measure:str}", status_code=200)
async def lift(asking: Asks, measure: FromPath[str]) -> MeasureShape:
    """Ends a measure before its time: staff."""
    asking.must()
    by = await asking.acting()
    return _measure(await bans.lift(asking.services.site, by, measure_number(measure)))


@post("/desk/authors/{user:str}/notes", status_code=201)
async def add_note(asking: Asks, user: FromPath[str], data: JSONBody[NewNote]) -> dict[str, str]:
    """Notes something about an author: staff."""
    asking.must()
    by = await asking.acting()
    await bans.add_note(asking.services.site, by, user_number(user), data.text)
    return {"status": "noted"}


@get("/desk/authors/{user:str}/removal")
async def count_removal(asking: Asks, user: FromPath[str], since: Since) -> Response[Count]:
    """How many comments a removal would take away: staff."""
    found = await bans.count_removable(
        asking.services.site, asking.must(), user_number(user), _aware(since)
    )
    return Response(Count(count=found), headers=NO_STORE)


@post("/desk/authors/{user:str}/removal", status_code=201)
async def remove(asking: Asks, user: FromPath[str], data: JSONBody[NewRemoval]) -> RemovalShape:
    """Rejects everything by an author since a moment, one by one in the record: staff."""
    asking.must()
    by = await asking.acting()
    done = await bans.remove_all(
        asking.services.site,
        by,
        user_number(user),
        _aware(data.since),
        expected=data.expected,
        reason=data.reason,
        note_=data.note,
    )
    return RemovalShape(id=ids.encode(done.act), done=done.done, left=done.left)


@delete("/desk/removals/{act:str}", status_code=200)
async def restore(asking: Asks, act: FromPath[str]) -> RemovalShape:
    """Takes a removal back: staff."""
    asking.must()
    by = await asking.acting()
    done = await bans.restore_all(asking.services.site, by, act_number(act))
    return RemovalShape(id=ids.encode(done.act), done=done.done, left=done.left)


HANDLERS = [standing, author, impose, lift, add_note, count_removal, remove, restore]


def _aware(since: datetime) -> datetime:
    if since.tzinfo is None:
        raise Refused("body_bad", field="since", why="a time needs its zone, such as Z")
    return since


def _measure(ban: Ban, *, whole: bool = True) -> MeasureShape:
    """``whole`` is for staff; its author sees neither who it was nor what was noted."""
    return MeasureShape(
        id=ids.encode(ban.id),
        kind=ban.kind,
        reason=ban.reason,
        until=ban.until,
        created_at=ban.created_at,
        lifted_at=ban.lifted_at,
        by_address=ban.by_address,
        by=ban.actor_name if whole else "",
        note=ban.note if whole else "",
        statement=ban.link,
        site=ban.key,
    )
