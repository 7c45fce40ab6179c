"""HTML for the widget, from the same templates as the pages."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from belowline.actions import reading
from belowline.domain import ids
from belowline.domain.events import story_stream
from belowline.domain.threads import Mine
from belowline.render import (
    present,
    render_comment,
    render_comments,
    render_discussion,
    render_replies,
    render_told,
)
from belowline.render.present import Viewer
from belowline.web.answers import HTML, JSON, private, send
from belowline.web.asking import Asking, Asks
from belowline.web.cache import Answer
from belowline.web.parse import comment_number, key_of


@get("/fragments/stories/{story:str}")
async def discussion(
    asking: Asks,
    story: FromPath[str],
    order: FromQuery[str] = "newest",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """The whole inside of ``<belowline-discussion>``."""
    return await _threads(asking, story, order, cursor, whole=True)


@get("/fragments/stories/{story:str}/comments")
async def comments(
    asking: Asks,
    story: FromPath[str],
    order: FromQuery[str] = "newest",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """A page of threads as list items."""
    return await _threads(asking, story, order, cursor, whole=False)


@get("/fragments/comments/{comment:str}/replies")
async def replies(
    asking: Asks, comment: FromPath[str], cursor: FromQuery[str] = ""
) -> Response[Any]:
    """A page of replies as list items."""
    services = asking.services
    story, node = await reading.replies(services.site, comment_number(comment), cursor)
    language = services.language(asking.language, story.language)
    view = present.replies(node, story.key, services.viewer(asking.user))
    return private(asking, render_replies(view, services.page(language, base_url=asking.base_url)))


@get("/fragments/comments/{comment:str}")
async def comment(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """One comment to its very end, as a list item."""
    services = asking.services
    number = comment_number(comment)
    story, found, parent_name = await reading.one(services.site, number, asking.user)
    language = services.language(asking.language, story.language)
    view = present.comment(
        found,
        story.key,
        services.viewer(asking.user),
        mode=story.mode,
        parent_name=parent_name,
        whole=True,
    )
    page = services.page(language, base_url=asking.base_url)
    return private(asking, render_comment(view, page, full=True))


@get("/fragments/stories/{story:str}/mine")
async def mine(asking: Asks, story: FromPath[str]) -> Response[Any]:
    """What is personal: me, my comments, what I recommend, whom I muted."""
    services = asking.services
    key = key_of(story)
    found = Mine()
    viewer = services.viewer(asking.user)
    current = await reading.story_or_empty(services.site, key)
    if (reader := asking.here) is not None:
        found = await reading.mine(services.site, key, reader)
        viewer = msgspec.structs.replace(viewer, mine=found)
    page = services.page(
        services.language(asking.language, current.language), base_url=asking.base_url
    )
    answer = {
        "me": msgspec.to_builtins(viewer.view()),
        "comments": [
            {"id": view.id, "parent": view.parent, "html": render_comment(view, page)}
            for view in present.own(viewer, key, current.mode)
        ],
        "recommended": [ids.encode(number) for number in sorted(found.recommended)],
        "muted": [ids.encode(number) for number in found.muted],
        "wait": found.wait,
        "told": render_told(present.told(viewer), page),
    }
    return private(asking, msgspec.json.encode(answer), media_type=JSON)


HANDLERS = [discussion, comments, replies, comment, mine]


async def _threads(
    asking: Asking, story: str, order: str, cursor: str, *, whole: bool
) -> Response[Any]:
    services = asking.services
    key = key_of(story)
    current = await reading.story_or_empty(services.site, key)
    language = services.language(asking.language, current.language)

    async def build(viewer: Viewer) -> Answer:
        page = await reading.page(services.site, key, order, cursor, unknown_is_empty=True)
        view = present.discussion(
            page,
            viewer,
            nonce=f"{page.version}",
            max_characters=services.site.rules.max_characters,
        )
        surroundings = services.page(language, base_url=asking.base_url, viewer=viewer)
        render = render_discussion if whole else render_comments
        return Answer(render(view, surroundings).encode(), HTML)

    viewer = services.viewer(asking.user)
    if (reader := asking.here) is not None:
        viewer = msgspec.structs.replace(
            viewer, mine=await reading.mine(services.site, key, reader)
        )
        return private(asking, (await build(viewer)).body)
    about = (
        "fragment", current.id, current.version, services.tally(current.id), current.mode,
        order, cursor, language, asking.base_url, whole,
    )  # fmt: skip
    answer = await services.cache.get(about, lambda: build(viewer))
    return send(asking.request, answer, stream=story_stream(current.id))
