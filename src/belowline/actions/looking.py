"""Choosing what is looked at a second time, besides what is drawn at random: what teaches most."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from belowline.actions.learning import catch_up
from belowline.actions.site import Site
from belowline.domain import looks
from belowline.domain.comments import Comment
from belowline.domain.ids import id_at
from belowline.domain.looks import Doubt
from belowline.risk.model import Unusable
from belowline.storage import decisions, queue
from belowline.storage.engine import Connection

_LOOKED_AT = 200
_NEWEST = timedelta(hours=1)  # what is younger may still be reported or decided
_OLDEST = timedelta(days=2)
_DAY = timedelta(days=1)
_PUBLISHING = ("post", "edit", "publish")


async def choose(site: Site) -> int:
    """Has people look once more at the published comments that would teach the risk model most.

    In a day as many as are drawn at random, a few at a time; answers how many were chosen now.
    Every process of a site may do it. Nothing where `second_looks` is 0 or the model is missing.
    """
    if not await site.storage.read(lambda connection: _allowed(connection, site)):
        return 0
    await catch_up(site)
    found = await site.storage.read(lambda connection: _candidates(connection, site))
    try:
        doubts = await asyncio.to_thread(_doubts, site, found)
    except Unusable:
        return 0
    authors = {one.id: one.author for one in found}
    return await site.storage.write(lambda connection: _ask(connection, site, doubts, authors))


def _allowed(connection: Connection, site: Site) -> int:
    percent = site.rules.second_looks
    if not percent:
        return 0
    now = site.now()
    waiting, taken = queue.chosen_since(connection, now - _DAY, now)
    made = decisions.count_by_people(connection, now - _DAY)
    return looks.allowed(made, percent, waiting=waiting, taken=taken)


def _candidates(connection: Connection, site: Site) -> list[Comment]:
    now = site.now()
    since, before = id_at(now - _OLDEST, 0), id_at(now - _NEWEST, 0)
    return queue.unlooked(connection, since, before, _LOOKED_AT)


def _doubts(site: Site, found: list[Comment]) -> list[Doubt]:
    return [_doubt(site, one) for one in found]


def _doubt(site: Site, comment: Comment) -> Doubt:
    risk = site.judge.look(comment.text)
    return Doubt(
        comment=comment.id,
        score=risk.score,
        known=risk.known,
        lessons=site.judge.lessons_about(comment.text, risk.spans),
    )


def _ask(
    connection: Connection, site: Site, doubts: list[Doubt], authors: Mapping[int, int]
) -> int:
    chosen = looks.choose(doubts, _allowed(connection, site))
    asked = 0
    for one in chosen:
        line = decisions.of_comment(connection, one.comment)[-1]
        if line.action in _PUBLISHING and line.after == "published":
            first = line.actor or authors[one.comment]
            queue.ask_again(connection, line, site.now(), first=first, why=one.why)
            asked += 1
    return asked
