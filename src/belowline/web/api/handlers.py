"""The API's handlers, each a few lines: who asks, what for, one action, the answer."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter

from belowline.actions import deciding, people, posting, reacting, reading, waiting
from belowline.actions import stories as about_stories
from belowline.actions.judging import EmbeddingPage
from belowline.domain import ids
from belowline.domain.comments import Comment, Draft
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.ordering import ORDERS
from belowline.domain.queue import decode_place, encode_place, read_filter
from belowline.domain.stories import story_id, web_address
from belowline.domain.threads import Mine
from belowline.domain.users import Thing, User, may
from belowline.render import negotiate, present, render_comment
from belowline.web import senders
from belowline.web.answers import JSON, PRIVATE, send
from belowline.web.api import shapes
from belowline.web.asking import Asking, Asks
from belowline.web.cache import Answer
from belowline.web.parse import (
    comment_number,
    decision_number,
    key_of,
    parent_number,
    user_number,
)

Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Order = Annotated[str, QueryParameter(schema_extra={"enum": list(ORDERS)})]
Keys = Annotated[tuple[str, ...], QueryParameter()]
_VISIBLE = {"minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
Key = Annotated[str, HeaderParameter(name="Idempotency-Key", required=True, schema_extra=_VISIBLE)]
NO_STORE = {"Cache-Control": PRIVATE}


# -- stories -------------------------------------------------------------------------------


@get("/stories")
async def list_stories(
    asking: Asks, cursor: FromQuery[str] = "", limit: Limit = 50
) -> Response[shapes.Stories]:
    """Stories that are discussed, the latest first."""
    found, end = await about_stories.some(asking.services.site, cursor, limit)
    stories = [shapes.story_shape(story) for story in found]
    return _everyones(asking, shapes.Stories(stories=stories, next=end))


@get("/stories/{story:str}")
async def get_story(asking: Asks, story: FromPath[str]) -> Response[shapes.StoryShape]:
    """A story and its discussion's state."""
    found = await about_stories.get(asking.services.site, key_of(story))
    return _everyones(asking, shapes.story_shape(found))


@put("/stories/{story:str}")
async def put_story(
    asking: Asks, story: FromPath[str], data: JSONBody[shapes.StoryChange]
) -> shapes.StoryShape:
    """Creates or changes a story: staff."""
    asking.must()
    user = await asking.acting()
    changed = await about_stories.put(
        asking.services.site,
        user,
        key_of(story),
        title=data.title,
        url=data.url,
        mode=data.mode,
        slow=data.slow,
        close_days=data.close_days,
        of=data.site,
        tightens=data.tightens,
    )
    return shapes.story_shape(changed)


@get("/counts")
async def get_counts(asking: Asks, story: Keys = ()) -> Response[dict[str, int]]:
    """The number of published comments of up to 500 stories."""
    return _everyones(asking, await reading.counts(asking.services.site, list(story[:500])))


def _everyones(asking: Asking, found: object) -> Response[Any]:
    """The same for whoever asks, so that caches may share it."""
    return send(asking.request, Answer(msgspec.json.encode(found), JSON))


# -- comments ------------------------------------------------------------------------------


@get(
    "/stories/{story:str}/comments",
    responses={
        200: ResponseSpec(shapes.CommentsPage, generate_examples=False, description="Threads")
    },
)
async def get_comments(
    asking: Asks,
    story: FromPath[str],
    order: Order = "newest",
    limit: Limit = 20,
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """A page of threads with the first of their replies."""
    key = key_of(story)
    services = asking.services
    current = await about_stories.get(services.site, key)

    async def build() -> Answer:
        page = await reading.page(services.site, key, order, cursor, limit=limit)
        return Answer(msgspec.json.encode(shapes.page_shape(page)), JSON)

    about = ("api", current.id, current.version, services.tally(current.id), order, limit, cursor)
    answer = await services.cache.get(about, build)
    return send(asking.request, answer, stream=story_stream(current.id))


@get("/comments/{comment:str}")
async def get_comment(asking: Asks, comment: FromPath[str]) -> Response[shapes.CommentShape]:
    """One comment with the first of its replies. Its author sees it whatever its status."""
    found = await reading.context(asking.services.site, comment_number(comment), asking.user)
    one = found.node.comment
    shape = shapes.comment_shape(one, whole=_may_read_whole(asking, one), node=found.node)
    return Response(shape, headers=NO_STORE)


@get("/comments/{comment:str}/replies")
async def get_replies(
    asking: Asks, comment: FromPath[str], cursor: FromQuery[str] = ""
) -> shapes.Replies:
    """A further page of a comment's replies."""
    _, node = await reading.replies(asking.services.site, comment_number(comment), cursor)
    return shapes.comment_shape(node.comment, node=node).replies


@post("/stories/{story:str}/comments", status_code=201)
async def post_comment(
    asking: Asks,
    story: FromPath[str],
    data: JSONBody[shapes.NewComment],
    idempotency_key: Key,
    html: FromQuery[str] = "",
) -> Response[shapes.Posted]:
    """Says something. Sent twice with one key it exists once."""
    posted = await take_comment(asking, story, data, idempotency_key, html)
    return Response(posted, status_code=201, headers=NO_STORE, cookies=asking.cookies())


@patch("/comments/{comment:str}")
async def edit_comment(
    asking: Asks, comment: FromPath[str], data: JSONBody[shapes.Edit], html: FromQuery[str] = ""
) -> Response[shapes.Posted]:
    """Changes one's own comment's text."""
    asking.must()
    author = await asking.acting()
    asking.keep_pace("edit", asking.services.site.policy.posts_per_minute * 2)
    edited = await posting.edit(
        asking.services.site, author, comment_number(comment), data.text, data.revision
    )
    return Response(await _own(asking, edited, html), headers=NO_STORE)


@delete("/comments/{comment:str}", status_code=204)
async def delete_comment(asking: Asks, comment: FromPath[str]) -> None:
    """Deletes one's own comment."""
    asking.must()
    author = await asking.acting()
    await posting.withdraw(asking.services.site, author, comment_number(comment))


@put("/comments/{comment:str}/recommendation")
async def recommend(asking: Asks, comment: FromPath[str]) -> Response[shapes.Recommendations]:
    """Recommends a comment; a second time changes nothing."""
    return await _recommend(asking, comment, on=True)


@delete("/comments/{comment:str}/recommendation", status_code=200)
async def unrecommend(asking: Asks, comment: FromPath[str]) -> Response[shapes.Recommendations]:
    """Takes a recommendation back."""
    return await _recommend(asking, comment, on=False)


@post("/comments/{comment:str}/reports", status_code=201)
async def report(
    asking: Asks, comment: FromPath[str], data: JSONBody[shapes.NewReport]
) -> Response[dict[str, str]]:
    """Tells the moderators about a comment."""
    reader = await asking.acting()
    asking.keep_pace("report", 20)
    number = comment_number(comment)
    await reacting.report(asking.services.site, reader, number, data.reason, data.note)
    return Response({"status": "received"}, status_code=201, cookies=asking.cookies())


@post("/stories/{story:str}/typing", status_code=204)
async def typing(asking: Asks, story: FromPath[str], data: JSONBody[shapes.Typing]) -> None:
    """Somebody writes here, or no longer. Forgotten after a few seconds."""
    asking.keep_pace("typing", 120)
    number = parent_number(data.parent)
    parent = ids.encode(number) if number else None
    stream = story_stream(story_id(key_of(story)))
    client = data.client or asking.address
    asking.services.presence.types(stream, client, parent, stopped=data.stop)


# -- people --------------------------------------------------------------------------------


@post("/guests", status_code=201)
async def new_guest(asking: Asks) -> Response[shapes.Token]:
    """A guest's credential, also set as a cookie for the site's own pages."""
    asking.keep_pace("guest", 120)
    asking.user, asking.token = None, ""
    await asking.acting()
    return Response(
        shapes.Token(token=asking.fresh),
        status_code=201,
        headers=NO_STORE,
        cookies=asking.cookies(),
    )


@get("/me")
async def get_me(asking: Asks) -> Response[shapes.Me]:
    """Who I am."""
    return Response(await _me(asking, asking.user), headers=NO_STORE)


@patch("/me")
async def set_name(asking: Asks, data: JSONBody[shapes.NewName]) -> Response[shapes.Me]:
    """Sets the display name."""
    user = await asking.acting()
    asking.keep_pace("name", 10)
    named = await people.set_name(asking.services.site, user, data.name)
    return Response(await _me(asking, named), headers=NO_STORE, cookies=asking.cookies())


@put("/users/{user:str}/mute", status_code=204)
async def mute(asking: Asks, user: FromPath[str]) -> Response[None]:
    """Hides a user's comments from me."""
    me = await asking.acting()
    await people.mute(asking.services.site, me, user_number(user), on=True)
    return Response(None, status_code=204, cookies=asking.cookies())


@delete("/users/{user:str}/mute", status_code=204)
async def unmute(asking: Asks, user: FromPath[str]) -> None:
    """Shows a user's comments to me again."""
    me = await asking.acting()
    await people.mute(asking.services.site, me, user_number(user), on=False)


# -- the desk ------------------------------------------------------------------------------


@get("/desk/queue")
async def desk_queue(
    asking: Asks,
    cursor: FromQuery[str] = "",
    limit: Limit = 50,
    status: FromQuery[str] = "",
    story: FromQuery[str] = "",
    reason: FromQuery[str] = "",
    report: FromQuery[str] = "",
    check: FromQuery[str] = "",
    language: FromQuery[str] = "",
    author: FromQuery[str] = "",
    name: FromQuery[str] = "",
    staff: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    words: FromQuery[str] = "",
    site: FromQuery[str] = "",
) -> Response[shapes.DeskQueue]:
    """What waits for a decision, most urgent first, or what the filter finds: staff."""
    user = asking.must()
    wanted = read_filter(
        {
            "status": status,
            "story": story,
            "reason": reason,
            "report": report,
            "check": check,
            "language": language,
            "author": author,
            "name": name,
            "staff": staff,
            "since": since,
            "until": until,
            "words": words,
            "site": site,
        }
    )
    after = decode_place(cursor)
    found = await deciding.queue(asking.services.site, user, wanted, after=after, limit=limit)
    queue = shapes.DeskQueue(
        count=found.count,
        found=found.found,
        version=found.version,
        cards=[shapes.card_shape(card) for card in found.cards],
        next=encode_place(found.next) or None,
    )
    return Response(queue, headers=NO_STORE)


@get("/desk/comments/{comment:str}")
async def desk_card(asking: Asks, comment: FromPath[str]) -> Response[shapes.CardShape]:
    """One comment with everything that the desk knows of it: staff."""
    card = await deciding.card(asking.services.site, asking.must(), comment_number(comment))
    return Response(shapes.card_shape(card), headers=NO_STORE)


@get("/desk/decisions")
async def desk_decisions(asking: Asks, limit: Limit = 30) -> Response[shapes.Decisions]:
    """What people decided last: staff."""
    found = await deciding.latest(asking.services.site, asking.must(), limit)
    lines = shapes.Decisions(decisions=[shapes.decision_shape(line) for line in found])
    return Response(lines, headers=NO_STORE)


@post("/desk/decisions", status_code=201)
async def decide(asking: Asks, data: JSONBody[shapes.NewDecision]) -> shapes.Decisions:
    """Publishes or rejects comments; refused whole when one has changed since it was read."""
    asking.must()
    user = await asking.acting()
    judged = [
        deciding.Judged(comment=comment_number(one.id), revision=one.revision, status=one.status)
        for one in data.comments
    ]
    done = await deciding.decide(
        asking.services.site, user, judged, data.decision, reason=data.reason, note=data.note
    )
    return shapes.Decisions(decisions=[shapes.decision_shape(line) for line in done])


@delete("/desk/decisions/{decision:str}", status_code=200)
async def undo(asking: Asks, decision: FromPath[str]) -> shapes.DecisionShape:
    """Takes a decision back; the record keeps both."""
    asking.must()
    user = await asking.acting()
    done = await deciding.undo(asking.services.site, user, decision_number(decision))
    return shapes.decision_shape(done)


# -- together ------------------------------------------------------------------------------


async def _me(asking: Asking, user: User | None) -> shapes.Me:
    muted = await people.muted(asking.services.site, user) if user else []
    return shapes.me_shape(user, [ids.encode(number) for number in muted])


async def take_comment(
    asking: Asking, story: str, data: shapes.NewComment, key: str, html: str
) -> shapes.Posted:
    """Stores a comment; for the handler and for `posts`, which is its short way."""
    author = await asking.acting()
    subject = key_of(story)
    per_minute = asking.keep_pace_of_posting(subject)
    sent = (subject, data.parent or "", key, data.text) if data.sender else ()
    purpose = senders.purpose_of(author, *sent)
    draft = Draft(
        story=subject,
        text=data.text,
        key=key,
        parent=parent_number(data.parent),
        sender=senders.of_program(asking, data.sender, purpose),
        for_desk=data.as_desk,
    )
    page = _embedding(asking, data.page)
    try:
        site = asking.services.site
        posted = await posting.post(site, author, draft, page, per_minute=per_minute)
    except Refused as refused:
        raise senders.asked(asking, refused, purpose) from None
    return await _own(asking, posted.comment, html)


def _embedding(asking: Asking, page: shapes.PageOfStory | None) -> EmbeddingPage | None:
    """The page that a discussion is embedded in, when the browser says that it is that page."""
    if page is None:
        return None
    if (
        urlsplit(web_address(page.url))[:2]
        != urlsplit(asking.request.headers.get("origin", ""))[:2]
    ):
        raise Refused("foreign_origin", field="page")
    return EmbeddingPage(url=page.url, title=page.title)


def _may_read_whole(asking: Asking, comment: Comment) -> bool:
    user = asking.user
    if user is None:
        return False
    own = comment.author == user.id and comment.status != "withdrawn"
    return own or may(user, "moderate", Thing(site=comment.site))


async def _own(asking: Asking, comment: Comment, html: str) -> shapes.Posted:
    """The answer to the author: the comment, what became of it, and its list item if wanted."""
    services = asking.services
    language = services.language(html) if html else _spoken(asking)
    item = ""
    waits = await waiting.of(services.site, comment.id) if comment.status == "held" else None
    viewer = services.viewer(asking.user)
    wait = (waits.before, waits.minutes, waits.opens_at) if waits else None
    if wait:
        viewer = msgspec.structs.replace(viewer, mine=Mine(waits={comment.id: wait}))
    if html:
        story, _, parent_name = await reading.one(services.site, comment.id, asking.user)
        view = present.comment(
            comment,
            story.key,
            viewer,
            mode=story.mode,
            parent_name=parent_name,
        )
        page = services.page(language, base_url=asking.base_url)
        item = render_comment(view, page)
    return shapes.Posted(
        comment=shapes.comment_shape(comment, whole=True),
        message=services.message(comment.status, language, wait),
        html=item,
        waiting=shapes.Waits(
            before=waits.before, usual_minutes=waits.minutes, opens_at=waits.opens_at
        )
        if waits
        else None,
    )


def _spoken(asking: Asking) -> str:
    return negotiate(asking.request.headers.get("accept-language"))


async def _recommend(asking: Asking, comment: str, *, on: bool) -> Response[shapes.Recommendations]:
    user = await asking.acting()
    asking.keep_pace("recommend", 60)
    services = asking.services
    found = await reacting.recommend(services.site, user, comment_number(comment), on=on)
    return Response(
        shapes.Recommendations(recommendations=found.recommendations),
        headers=NO_STORE,
        cookies=asking.cookies(),
    )


HANDLERS = [
    list_stories,
    get_story,
    put_story,
    get_counts,
    get_comments,
    get_comment,
    get_replies,
    post_comment,
    edit_comment,
    delete_comment,
    recommend,
    unrecommend,
    report,
    typing,
    new_guest,
    get_me,
    set_name,
    mute,
    unmute,
    desk_queue,
    desk_card,
    desk_decisions,
    decide,
    undo,
]
