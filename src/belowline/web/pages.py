"""Pages that people read, and the forms that work without JavaScript."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from belowline.actions import people, posting, reacting, reading
from belowline.domain import ids
from belowline.domain import text as texts
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import REPORT_REASONS
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.stories import Story
from belowline.domain.threads import Mine, Node, Page
from belowline.domain.users import Thing, may
from belowline.publication import library as publication
from belowline.publication.structured import Article, ArticleComment, news_article
from belowline.render import (
    PageContext,
    present,
    render_comment_form,
    render_delete_form,
    render_edit_form,
    render_name_form,
    render_permalink,
    render_report_form,
    render_story_list,
    render_story_page,
    story_path,
)
from belowline.render.present import Viewer
from belowline.render.views import (
    CommentFormView,
    CommentView,
    DeleteFormView,
    EditFormView,
    NameFormView,
    PaceView,
    PermalinkView,
    ReportFormView,
    StoryCard,
    StoryListView,
    StoryPageView,
)
from belowline.web import senders
from belowline.web.answers import HTML, private, see_other, send
from belowline.web.asking import Asking, Asks
from belowline.web.cache import Answer
from belowline.web.parse import comment_number, key_of, parent_number
from belowline.web.problems import STATUS, shown

_PER_PAGE = 20
_IN_STRUCTURED_DATA = 20
_EXCERPT = 160

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


# -- lists ---------------------------------------------------------------------------------


@get("/")
async def home(asking: Asks, page: FromQuery[int] = 1) -> Response[Any]:
    """The front page."""
    services = asking.services
    found = services.library.recent(services.now(), page=page, size=_PER_PAGE)
    return await _list(asking, "home", services.settings.site_name, found)


@get("/authors/{slug:str}")
async def author(asking: Asks, slug: FromPath[str], page: FromQuery[int] = 1) -> Response[Any]:
    """One author's stories."""
    services = asking.services
    found = services.library.by_author(slug, services.now(), page=page, size=_PER_PAGE)
    return await _list(asking, "author", "", found)


@get("/tags/{slug:str}")
async def tag(asking: Asks, slug: FromPath[str], page: FromQuery[int] = 1) -> Response[Any]:
    """The stories with one tag."""
    services = asking.services
    found = services.library.by_tag(slug, services.now(), page=page, size=_PER_PAGE)
    return await _list(asking, "tag", "", found)


async def _list(
    asking: Asking, kind: str, heading: str, found: publication.Page | None
) -> Response[Any]:
    if found is None or not (found.exists or (kind == "home" and found.number == 1)):
        raise Refused("not_found")
    view = StoryListView(
        kind=kind,
        heading=heading or found.name,
        stories=tuple(await _cards(asking, found.stories)),
        page=found.number,
        pages=found.pages,
    )
    surroundings = _surroundings(asking, "")
    answer = Answer(render_story_list(view, surroundings).encode(), HTML)
    return send(asking.request, answer)


async def _cards(asking: Asking, stories: Any) -> list[StoryCard]:
    keys = [story.key for story in stories]
    counts = await reading.counts(asking.services.site, keys)
    return [_card(story, counts[story.key]) for story in stories]


def _card(story: publication.Story, count: int) -> StoryCard:
    return StoryCard(
        key=story.key,
        url=story_path(story.key),
        headline=story.headline,
        summary=story.summary,
        byline=tuple((one.name, f"/authors/{one.slug}") for one in story.authors),
        section=story.section,
        published_at=story.date,
        image=story.image,
        image_alt=story.image_alt,
        image_width=story.image_width,
        image_height=story.image_height,
        comment_count=count,
        language=story.language,
    )


# -- the story -----------------------------------------------------------------------------


@get("/stories/{story:str}")
async def story_page(
    asking: Asks,
    story: FromPath[str],
    order: FromQuery[str] = "newest",
    cursor: FromQuery[str] = "",
    sent: FromQuery[str] = "",
) -> Response[Any]:
    """The story with its discussion."""
    services = asking.services
    key = key_of(story)
    published = services.library.story(key, services.now())
    if published is None and services.is_unpublished(key):
        raise Refused("story_unknown")
    current = await reading.story_or_empty(services.site, key)
    if published is None and current.version == 0 and not current.title:
        raise Refused("story_unknown")
    language = services.language(asking.language, current.language)

    async def build(viewer: Viewer) -> Answer:
        page = await reading.page(services.site, key, order, cursor, unknown_is_empty=True)
        surroundings = services.page(
            language,
            path=_path(asking),
            base_url=asking.base_url,
            explicit=bool(asking.language),
            viewer=viewer,
        )
        view = await _story_view(asking, published, page, viewer, surroundings, sent)
        return Answer(render_story_page(view, surroundings).encode(), HTML)

    viewer = await _personal(asking, key)
    if viewer.user is not None:
        return private(asking, (await build(viewer)).body)
    about = (
        "page", current.id, current.version, services.tally(current.id), current.mode, order,
        cursor, language, bool(asking.language), asking.base_url, id(services.library),
    )  # fmt: skip
    answer = await services.cache.get(about, lambda: build(viewer))
    return send(asking.request, answer, stream=story_stream(current.id))


async def _story_view(
    asking: Asking,
    published: publication.Story | None,
    page: Page,
    viewer: Viewer,
    surroundings: PageContext,
    sent: str,
) -> StoryPageView:
    services = asking.services
    discussion = present.discussion(
        page,
        viewer,
        nonce=f"{page.version}",
        max_characters=services.site.rules.max_characters,
    )
    related: list[StoryCard] = []
    if published is not None:
        neighbours = services.library.related(published, services.now())
        related = await _cards(asking, neighbours)
        card = _card(published, page.story.count)
    else:
        card = _bare_card(page.story)
    absolute = surroundings.base_url + story_path(page.story.key)
    return StoryPageView(
        card=card,
        absolute_url=absolute,
        body_html=published.html if published else "",
        tags=tuple((one.name, f"/tags/{one.slug}") for one in published.tags) if published else (),
        updated_at=published.updated if published else None,
        discussion=discussion,
        related=tuple(related),
        structured_data=_structured(card, published, page, surroundings, absolute),
        sent=_sent(viewer, page, sent),
        pace=_pace(asking, page.story),
    )


def _pace(asking: Asking, story: Story) -> PaceView | None:
    """The staff's bar, on pages that are private to whoever asks."""
    user = asking.user
    if user is None or not may(user, "change_story", Thing(site=story.site)):
        return None
    return present.pace(story, saved="paced" in asking.request.query_params)


def _bare_card(story: Story) -> StoryCard:
    """A story that stands elsewhere: its title, and a link to where it stands."""
    return StoryCard(
        key=story.key,
        url=story_path(story.key),
        headline=story.title or story.url or story.key,
        summary="",
        byline=(),
        section="",
        published_at=None,
        image="",
        image_alt="",
        image_width=0,
        image_height=0,
        comment_count=story.count,
        language=story.language,
    )


def _sent(viewer: Viewer, page: Page, sent: str) -> CommentView | None:
    for one in viewer.mine.comments:
        if sent and ids.encode(one.id) == sent:
            return present.comment(one, page.story.key, viewer, mode=page.story.mode)
    return None


def _structured(
    card: StoryCard,
    published: publication.Story | None,
    page: Page,
    surroundings: PageContext,
    absolute: str,
) -> str:
    base = surroundings.base_url
    article = Article(
        url=absolute,
        headline=card.headline,
        summary=card.summary,
        language=surroundings.language,
        published=card.published_at or page.story.created_at,
        updated=published.updated if published else None,
        authors=[(name, base + url) for name, url in card.byline],
        section=card.section,
        tags=[one.name for one in published.tags] if published else (),
        words=published.words if published else 0,
        image_url=base + card.image if card.image else "",
        image_alt=card.image_alt,
        image_width=card.image_width,
        image_height=card.image_height,
        site_name=surroundings.site_name,
        site_url=base + "/",
        comment_count=page.story.count,
        comments=[_article_comment(one, base) for one in _published(page.threads)][
            :_IN_STRUCTURED_DATA
        ],
    )
    return news_article(article)


def _published(nodes: tuple[Node, ...]) -> list[Comment]:
    found = []
    for node in nodes:
        if node.comment.status == "published":
            found.append(node.comment)
        found.extend(_published(node.replies))
    return found


def _article_comment(comment: Comment, base: str) -> ArticleComment:
    return ArticleComment(
        url=f"{base}/comments/{ids.encode(comment.id)}",
        text=texts.excerpt(comment.text, 500),
        author_name=comment.author_name,
        created=comment.created_at,
        edited=comment.edited_at,
        recommendations=comment.recommendations,
        parent_url=f"{base}/comments/{ids.encode(comment.parent)}" if comment.parent else None,
    )


# -- writing -------------------------------------------------------------------------------


@post("/stories/{story:str}/comments", status_code=303)
async def post_comment(asking: Asks, story: FromPath[str], data: Form) -> Response[Any]:
    """A comment from a form."""
    services = asking.services
    key = key_of(story)
    text, parent = data.get("text", ""), data.get("parent", "")
    asking.keeps(data)
    try:
        author = await asking.acting(key, parent, text)
        per_minute = asking.keep_pace_of_posting(key)
        draft = Draft(
            story=key,
            text=text,
            key=_form_key(parent, text),
            parent=parent_number(parent),
            for_desk=data.get("as_desk") == "yes",
            sender=senders.of_form(asking, data),
        )
        posted = await posting.post(services.site, author, draft, per_minute=per_minute)
        if not posted.created and posted.comment.status in ("rejected", "withdrawn"):
            again = _form_key(parent, text, data.get("nonce", ""))
            posted = await posting.post(
                services.site, author, msgspec.structs.replace(draft, key=again)
            )
    except Refused as refused:
        stamp = data.get("stamp", "")
        return await _refused_comment(asking, key, text, parent, refused, stamp)
    number = ids.encode(posted.comment.id)
    anchor = f"comment-{number}" if posted.comment.depth == 0 else "comments"
    return see_other(asking, f"{story_path(key)}?sent={number}{_carry(asking)}#{anchor}")


def _form_key(*parts: str) -> str:
    """A key for a form that is sent twice: the same text at the same place is one comment.

    Whoever deleted theirs may say it again; then the page's nonce tells the two apart.
    """
    said = "\x00".join(parts).encode("utf-8", "replace")
    return "form-" + hashlib.blake2b(said, digest_size=16).hexdigest()


async def _refused_comment(
    asking: Asking, key: str, text: str, parent: str, refused: Refused, stamp: str
) -> Response[Any]:
    """The form again, with what is wrong, the text that was written and when it was first made."""
    services = asking.services
    current = await reading.story_or_empty(services.site, key)
    answered = None
    if parent:
        try:
            _, found, name = await reading.one(services.site, comment_number(parent))
            answered = present.comment(found, key, services.viewer(asking.user), parent_name=name)
        except Refused:
            answered = None
    surroundings = _surroundings(asking, current.language)
    if stamp:
        surroundings = msgspec.structs.replace(surroundings, stamp=stamp)
    view = CommentFormView(
        story=key,
        title=_title(asking, current),
        mode="open" if current.mode == "closed" else current.mode,
        nonce=f"{current.version}",
        parent=answered,
        text=text,
        problem=shown(refused, surroundings),
        viewer=services.viewer(asking.user).view(),
        max_characters=services.site.rules.max_characters,
        slow=current.slow,
    )
    page = render_comment_form(view, surroundings)
    return private(asking, page, status=STATUS[refused.code])


@get("/comments/{comment:str}")
async def permalink(
    asking: Asks, comment: FromPath[str], cursor: FromQuery[str] = ""
) -> Response[Any]:
    """One comment in its context, with the page of its replies that ``cursor`` asks for."""
    services = asking.services
    found = await reading.context(services.site, comment_number(comment), asking.user, cursor)
    story = found.story
    viewer = await _personal(asking, story.key)
    surroundings = _surroundings(asking, story.language)
    above = [present.comment(one, story.key, viewer, mode=story.mode) for one in found.ancestors]
    view = PermalinkView(
        story=story.key,
        title=_title(asking, story),
        mode=story.mode,
        ancestors=tuple(above),
        comment=_unfolded(found.node, story, viewer),
        count=story.count,
        viewer=viewer.view(),
        nonce=f"{story.version}",
        max_characters=services.site.rules.max_characters,
        excerpt=_excerpt(found.node.comment),
        slow=story.slow,
        wait=viewer.mine.wait,
    )
    return private(asking, render_permalink(view, surroundings))


def _unfolded(node: Node, story: Story, viewer: Viewer) -> CommentView:
    tree = present.tree(node, story.key, viewer, mode=story.mode)
    whole = present.comment(
        node.comment,
        story.key,
        viewer,
        mode=story.mode,
        parent_name=node.parent_name,
        whole=True,
    )
    return msgspec.structs.replace(
        whole, replies=tree.replies, more_replies=tree.more_replies, more_cursor=tree.more_cursor
    )


def _excerpt(comment: Comment) -> str:
    return texts.excerpt(comment.text, _EXCERPT) if comment.status == "published" else ""


@get("/comments/{comment:str}/reply")
async def reply_form(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """A page to reply on."""
    services = asking.services
    story, view = await _one(asking, comment)
    if story.mode == "closed":
        raise Refused("closed")
    form = CommentFormView(
        story=story.key,
        title=_title(asking, story),
        mode=story.mode,
        nonce=f"{story.version}",
        parent=view,
        viewer=services.viewer(asking.user).view(),
        max_characters=services.site.rules.max_characters,
        slow=story.slow,
        wait=(await _personal(asking, story.key)).mine.wait,
    )
    return private(asking, render_comment_form(form, _surroundings(asking, story.language)))


@get("/comments/{comment:str}/edit")
async def edit_form(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """A page to edit one's own comment on."""
    return await _edit_form(asking, comment)


@post("/comments/{comment:str}/edit", status_code=303)
async def edit(asking: Asks, comment: FromPath[str], data: Form) -> Response[Any]:
    """An edit from a form."""
    text = data.get("text", "")
    asking.keeps(data)
    try:
        author = await asking.acting()
        await posting.edit(asking.services.site, author, comment_number(comment), text, None)
    except Refused as refused:
        return await _edit_form(asking, comment, text, refused)
    return see_other(asking, f"/comments/{comment}{_carry(asking, '?')}")


async def _edit_form(
    asking: Asking, comment: str, text: str | None = None, refused: Refused | None = None
) -> Response[Any]:
    if asking.outage is not None:
        raise asking.outage
    services = asking.services
    number = comment_number(comment)
    story, found, parent_name = await reading.one(services.site, number, asking.user)
    if asking.user is None or found.author != asking.user.id:
        raise Refused("not_allowed")
    viewer = services.viewer(asking.user)
    surroundings = _surroundings(asking, story.language)
    view = EditFormView(
        title=_title(asking, story),
        comment=present.comment(found, story.key, viewer, mode=story.mode, parent_name=parent_name),
        text=found.text if text is None else text,
        problem=shown(refused, surroundings) if refused else "",
        max_characters=services.site.rules.max_characters,
    )
    status = STATUS[refused.code] if refused else 200
    return private(asking, render_edit_form(view, surroundings), status=status)


@get("/comments/{comment:str}/delete")
async def delete_form(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """A page that asks whether one's own comment shall go."""
    story, view = await _one(asking, comment)
    if not view.mine:
        raise Refused("not_allowed")
    form = DeleteFormView(title=_title(asking, story), comment=view)
    return private(asking, render_delete_form(form, _surroundings(asking, story.language)))


@post("/comments/{comment:str}/delete", status_code=303)
async def delete(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """One's own comment goes."""
    story, _ = await _one(asking, comment)
    author = await asking.acting()
    await posting.withdraw(asking.services.site, author, comment_number(comment))
    return see_other(asking, f"{story_path(story.key)}{_carry(asking, '?')}#comments")


@get("/comments/{comment:str}/report")
async def report_form(asking: Asks, comment: FromPath[str]) -> Response[Any]:
    """A page to report a comment on."""
    return await _report_form(asking, comment, {})


@post("/comments/{comment:str}/report")
async def report(asking: Asks, comment: FromPath[str], data: Form) -> Response[Any]:
    """A report from a form."""
    asking.keeps(data)
    try:
        reader = await asking.acting()
        asking.keep_pace("report", 20)
        await reacting.report(
            asking.services.site,
            reader,
            comment_number(comment),
            data.get("reason", ""),
            data.get("note", ""),
        )
    except Refused as refused:
        return await _report_form(asking, comment, data, refused)
    return await _report_form(asking, comment, data, sent=True)


async def _report_form(
    asking: Asking,
    comment: str,
    data: dict[str, str],
    refused: Refused | None = None,
    *,
    sent: bool = False,
) -> Response[Any]:
    story, view = await _one(asking, comment)
    surroundings = _surroundings(asking, story.language)
    form = ReportFormView(
        title=_title(asking, story),
        comment=view,
        reasons=tuple(REPORT_REASONS),
        reason=data.get("reason", ""),
        note=data.get("note", ""),
        problem=shown(refused, surroundings) if refused else "",
        sent=sent,
    )
    status = STATUS[refused.code] if refused else 200
    return private(asking, render_report_form(form, surroundings), status=status)


@post("/comments/{comment:str}/recommend", status_code=303)
async def recommend(asking: Asks, comment: FromPath[str], data: Form) -> Response[Any]:
    """A recommendation from a form."""
    asking.keeps(data)
    reader = await asking.acting()
    asking.keep_pace("recommend", 60)
    services = asking.services
    found = await reacting.recommend(
        services.site, reader, comment_number(comment), on=data.get("on") == "1"
    )
    story, _ = await _one(asking, comment)
    anchor = f"comment-{ids.encode(found.id)}"
    return see_other(asking, f"{story_path(story.key)}{_carry(asking, '?')}#{anchor}")


# -- the name ------------------------------------------------------------------------------


@get("/name")
async def name_form(asking: Asks, next: FromQuery[str] = "/") -> Response[Any]:
    """A page to set the display name on."""
    user = asking.user
    return _name_form(asking, user.name if user else "", next)


@post("/name", status_code=303)
async def set_name(asking: Asks, data: Form) -> Response[Any]:
    """A name from a form."""
    asking.keeps(data)
    name, where = data.get("name", ""), _local(data.get("next", "/"))
    try:
        user = await asking.acting()
        asking.keep_pace("name", 10)
        await people.set_name(asking.services.site, user, name)
    except Refused as refused:
        return _name_form(asking, name, where, refused)
    return see_other(asking, where)


def _name_form(
    asking: Asking, name: str, where: str, refused: Refused | None = None
) -> Response[Any]:
    surroundings = _surroundings(asking, "")
    problem = shown(refused, surroundings) if refused else ""
    view = NameFormView(name=name, next=_local(where), problem=problem)
    status = STATUS[refused.code] if refused else 200
    return private(asking, render_name_form(view, surroundings), status=status)


def _local(path: str) -> str:
    """``path`` when it leads to one of our own pages, otherwise the front page."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return quote(path, safe="/?&=#%+:@!$'()*,;~-._") if plain and path.isprintable() else "/"


# -- together ------------------------------------------------------------------------------


async def _personal(asking: Asking, key: str) -> Viewer:
    viewer = asking.services.viewer(asking.user)
    if (reader := asking.here) is None:
        return viewer
    found: Mine = await reading.mine(asking.services.site, key, reader)
    return msgspec.structs.replace(viewer, mine=found)


async def _one(asking: Asking, comment: str) -> tuple[Story, CommentView]:
    services = asking.services
    number = comment_number(comment)
    story, found, parent_name = await reading.one(services.site, number, asking.user)
    view = present.comment(
        found,
        story.key,
        services.viewer(asking.user),
        mode=story.mode,
        parent_name=parent_name,
    )
    return story, view


def _surroundings(asking: Asking, language: str) -> PageContext:
    services = asking.services
    return services.page(
        services.language(asking.language, language),
        path=_path(asking),
        base_url=asking.base_url,
        explicit=bool(asking.language),
        viewer=services.viewer(asking.user),
    )


def _title(asking: Asking, story: Story) -> str:
    return story.title or story.url or story.key


def _path(asking: Asking) -> str:
    url = asking.request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _carry(asking: Asking, sign: str = "&") -> str:
    return f"{sign}lang={asking.language}" if asking.language else ""


HANDLERS = [
    home,
    author,
    tag,
    story_page,
    post_comment,
    permalink,
    reply_form,
    edit_form,
    edit,
    delete_form,
    delete,
    report_form,
    report,
    recommend,
    name_form,
    set_name,
]
