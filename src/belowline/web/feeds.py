"""Feeds of stories and comments, and what search engines ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get
from litestar.params import FromPath

from belowline.actions import reading
from belowline.domain import ids
from belowline.domain import text as texts
from belowline.domain.comments import Comment
from belowline.domain.errors import Refused
from belowline.domain.stories import Story
from belowline.publication import feeds, library
from belowline.publication.sitemap import SitemapPage, sitemap
from belowline.render import story_path
from belowline.web.answers import send
from belowline.web.asking import Asking, Asks
from belowline.web.cache import Answer
from belowline.web.parse import key_of

_STORIES = 30
_COMMENTS = 50
_XML = "application/xml; charset=utf-8"

_STORY_FEEDS: dict[str, tuple[Callable[..., bytes], str]] = {
    "atom": (feeds.stories_atom, feeds.ATOM),
    "rss": (feeds.stories_rss, feeds.RSS),
    "json": (feeds.stories_json, feeds.JSON),
}
_COMMENT_FEEDS: dict[str, tuple[Callable[..., bytes], str]] = {
    "atom": (feeds.comments_atom, feeds.ATOM),
    "rss": (feeds.comments_rss, feeds.RSS),
    "json": (feeds.comments_json, feeds.JSON),
}

_SHORTLY = "public, max-age=60, stale-while-revalidate=600"


@get(["/feed.atom", "/feed.rss", "/feed.json"])
async def stories(asking: Asks) -> Response[Any]:
    """The latest stories."""
    services = asking.services
    make, media_type = _STORY_FEEDS[_kind(asking)]
    found = services.library.recent(services.now(), size=_STORIES).stories
    counts = await reading.counts(services.site, [story.key for story in found])
    base = _base(asking)
    items = [_feed_story(story, counts[story.key], base) for story in found]
    feed = _feed(asking, services.settings.site_name, base + "/")
    return _send(asking, make(feed, items), media_type)


@get(["/comments.atom", "/comments.rss", "/comments.json"])
async def comments(asking: Asks) -> Response[Any]:
    """The latest published comments of the site."""
    services = asking.services
    return await _comments(asking, None, services.settings.site_name, "/")


@get(
    [
        "/stories/{story:str}/comments.atom",
        "/stories/{story:str}/comments.rss",
        "/stories/{story:str}/comments.json",
    ]
)
async def story_comments(asking: Asks, story: FromPath[str]) -> Response[Any]:
    """The latest published comments of a story."""
    key = key_of(story)
    current = await reading.story_or_empty(asking.services.site, key)
    if not current.version and not current.title:
        raise Refused("story_unknown")
    return await _comments(asking, key, current.title or key, story_path(key))


@get(["/sitemap.xml", "/sitemap-{part:int}.xml"])
async def site_map(asking: Asks, part: FromPath[int | None] = None) -> Response[Any]:
    """Every story's address."""
    services = asking.services
    base = _base(asking)
    now = services.now()
    pages = [SitemapPage(base + "/")]
    pages += [
        SitemapPage(base + story_path(story.key), story.updated or story.date)
        for story in services.library.listed(now)
    ]
    pages += [SitemapPage(f"{base}/authors/{one.slug}") for one in services.library.authors(now)]
    pages += [SitemapPage(f"{base}/tags/{one.slug}") for one in services.library.tags(now)]
    made = sitemap(pages, part_url=lambda number: f"{base}/sitemap-{number}.xml", part=part)
    if made is None:
        raise Refused("not_found")
    return _send(asking, made, _XML)


@get("/robots.txt")
async def robots(asking: Asks) -> Response[Any]:
    """Where crawlers need not go, and where the sitemap is."""
    lines = [
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /fragments/",
        "Disallow: /desk",
        "Disallow: /name",
        "",
        f"Sitemap: {_base(asking)}/sitemap.xml",
        "",
    ]
    return _send(asking, "\n".join(lines).encode(), "text/plain")


HANDLERS = [stories, comments, story_comments, site_map, robots]


async def _comments(asking: Asking, key: str | None, title: str, home: str) -> Response[Any]:
    make, media_type = _COMMENT_FEEDS[_kind(asking)]
    found = await reading.latest(asking.services.site, key, _COMMENTS)
    base = _base(asking)
    items = [_feed_comment(comment, story, base) for comment, story in found]
    return _send(asking, make(_feed(asking, title, base + home), items), media_type)


def _feed(asking: Asking, title: str, home: str) -> feeds.Feed:
    services = asking.services
    base = _base(asking)
    return feeds.Feed(
        title=title,
        subtitle=services.settings.tagline,
        home_url=home,
        self_url=base + asking.request.url.path,
        authority=urlsplit(base).hostname or "localhost",
        language=services.settings.language,
        updated=services.now(),
    )


def _feed_story(story: library.Story, count: int, base: str) -> feeds.FeedStory:
    url = base + story_path(story.key)
    return feeds.FeedStory(
        key=story.key,
        url=url,
        headline=story.headline,
        summary=story.summary,
        html=story.html,
        authors=[feeds.FeedAuthor(one.name, f"{base}/authors/{one.slug}") for one in story.authors],
        published=story.date,
        updated=story.updated,
        tags=[one.name for one in story.tags],
        section=story.section,
        language=story.language,
        image_url=base + story.image if story.image else "",
        comment_count=count,
        comments_url=f"{url}#comments",
        comments_atom=f"{url}/comments.atom",
        comments_rss=f"{url}/comments.rss",
    )


def _feed_comment(comment: Comment, story: Story, base: str) -> feeds.FeedComment:
    story_url = base + story_path(story.key)
    parent = ids.encode(comment.parent) if comment.parent else None
    return feeds.FeedComment(
        id=ids.encode(comment.id),
        url=f"{base}/comments/{ids.encode(comment.id)}",
        title=f"{comment.author_name or 'No Name'}: {texts.excerpt(comment.text, 80)}",
        story_key=story.key,
        story_title=story.title,
        story_url=story_url,
        author_name=comment.author_name,
        html=texts.to_html(comment.text),
        text=comment.text,
        published=comment.created_at,
        updated=comment.edited_at,
        parent_id=parent,
        parent_url=f"{base}/comments/{parent}" if parent else None,
        reply_count=comment.below,
        language=story.language,
    )


def _kind(asking: Asking) -> str:
    return asking.request.url.path.rsplit(".", 1)[-1]


def _base(asking: Asking) -> str:
    return asking.services.settings.base_url.rstrip("/") or asking.base_url


def _send(asking: Asking, body: bytes, media_type: str) -> Response[Any]:
    return send(asking.request, Answer(body, media_type), cache=_SHORTLY, known_too=True)
