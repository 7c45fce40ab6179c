"""Feeds of stories and of comments: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

Pure functions from plain values to bytes. Threading follows RFC 4685: what a comment answers, how
many replies there are and where they are. **Only published comments may be given to these
functions**: they print what they are given.

Every ``url`` is absolute; ``html`` is safe HTML whose links may be relative to the site's root.
Ids are ``tag:`` addresses (RFC 4151) made from ``Feed.authority`` and keys, so that they survive a
change of scheme, port or path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

import msgspec

from belowline.publication.xml import add, clean, to_bytes

ATOM = "application/atom+xml"
RSS = "application/rss+xml"
JSON = "application/feed+json"

_GENERATOR = "Belowline"
_TAG_YEAR = "2026"  # RFC 4151 wants a date on which the authority was the publisher's
_ROOT_LINK = re.compile(r'(\s(?:href|src)=")/(?!/)')


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed says of itself.

    ``authority`` is the site's host name (it goes into every id), ``home_url`` the page that the
    feed mirrors, ``self_url`` the feed's own address. ``updated`` counts when the feed is empty.
    """

    title: str
    subtitle: str = ""
    home_url: str
    self_url: str
    authority: str
    language: str
    updated: datetime


class FeedAuthor(msgspec.Struct, frozen=True):
    """Who wrote a story. ``url`` may be ""."""

    name: str
    url: str = ""


class FeedStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story as feeds tell it. ``comments_url`` is where its discussion is read.

    ``comments_atom`` and ``comments_rss`` are the feeds of its comments, "" for none.
    """

    key: str
    url: str
    headline: str
    summary: str
    html: str
    authors: Sequence[FeedAuthor]
    published: datetime
    updated: datetime | None = None
    tags: Sequence[str] = ()
    section: str = ""
    language: str = ""
    image_url: str = ""
    comment_count: int = 0
    comments_url: str = ""
    comments_atom: str = ""
    comments_rss: str = ""


class FeedComment(msgspec.Struct, frozen=True, kw_only=True):
    """A published comment as feeds tell it.

    ``title`` is what feed readers show as its headline ("Ada on A Bridge Reopens"), in the site's
    language. ``author_name`` is what the page shows, "No Name" included. ``parent_id`` and
    ``parent_url`` are None for the first comment of a thread, which answers the story.
    """

    id: str
    url: str
    title: str
    story_key: str
    story_title: str
    story_url: str
    author_name: str
    html: str
    text: str
    published: datetime
    updated: datetime | None = None
    parent_id: str | None = None
    parent_url: str | None = None
    reply_count: int = 0
    language: str = ""


def story_id(authority: str, key: str) -> str:
    """The id of a story in every feed."""
    return f"tag:{authority},{_TAG_YEAR}:stories/{quote(key)}"


def comment_id(authority: str, id: str) -> str:
    """The id of a comment in every feed."""
    return f"tag:{authority},{_TAG_YEAR}:comments/{quote(id)}"


# --- Atom ---------------------------------------------------------------------------------------


def stories_atom(feed: Feed, stories: Sequence[FeedStory]) -> bytes:
    """An Atom feed of ``stories``, in the order given."""
    root = _atom(feed, _latest(feed, stories))
    for story in stories:
        entry = add(root, "entry", **_language(story.language, feed))
        add(entry, "id", story_id(feed.authority, story.key))
        add(entry, "title", story.headline)
        add(entry, "link", rel="alternate", type="text/html", href=story.url)
        _atom_times(entry, story)
        for author in story.authors or (FeedAuthor(feed.title),):
            person = add(entry, "author")
            add(person, "name", author.name)
            if author.url:
                add(person, "uri", author.url)
        for term in _terms(story):
            add(entry, "category", term=term)
        if story.summary:
            add(entry, "summary", story.summary, type="text")
        add(entry, "content", _absolute(story.html, story.url), type="html")
        _atom_replies(entry, story)
    return to_bytes(root)


def comments_atom(feed: Feed, comments: Sequence[FeedComment]) -> bytes:
    """An Atom feed of published ``comments``, in the order given, threaded by RFC 4685."""
    root = _atom(feed, _latest(feed, comments))
    for comment in comments:
        entry = add(root, "entry", **_language(comment.language, feed))
        add(entry, "id", comment_id(feed.authority, comment.id))
        add(entry, "title", comment.title)
        add(entry, "link", rel="alternate", type="text/html", href=comment.url)
        _atom_times(entry, comment)
        add(add(entry, "author"), "name", comment.author_name)
        add(entry, "content", _absolute(comment.html, comment.url), type="html")
        _in_reply_to(entry, feed, comment)
        add(entry, "thr:total", str(comment.reply_count))
    return to_bytes(root)


def _atom(feed: Feed, updated: datetime) -> Element:
    root = Element(
        "feed",
        {
            "xmlns": "http://www.w3.org/2005/Atom",
            "xmlns:thr": "http://purl.org/syndication/thread/1.0",
            "xml:lang": clean(feed.language),
        },
    )
    path = urlsplit(feed.self_url).path
    add(root, "id", f"tag:{feed.authority},{_TAG_YEAR}:{quote(path.lstrip('/'), safe='/%')}")
    add(root, "title", feed.title)
    if feed.subtitle:
        add(root, "subtitle", feed.subtitle)
    add(root, "link", rel="self", type=ATOM, href=feed.self_url)
    add(root, "link", rel="alternate", type="text/html", href=feed.home_url)
    add(root, "updated", _rfc3339(updated))
    add(root, "generator", _GENERATOR)
    return root


def _atom_times(entry: Element, item: FeedStory | FeedComment) -> None:
    add(entry, "published", _rfc3339(item.published))
    add(entry, "updated", _rfc3339(_changed(item)))


def _atom_replies(entry: Element, story: FeedStory) -> None:
    count = {"thr:count": str(story.comment_count)}
    pages = ((story.comments_atom, ATOM), (story.comments_url, "text/html"))
    for href, kind in pages:
        if href:
            add(entry, "link", rel="replies", type=kind, href=href, **count)
    add(entry, "thr:total", str(story.comment_count))


def _in_reply_to(item: Element, feed: Feed, comment: FeedComment) -> None:
    if comment.parent_id is None:
        ref, href = story_id(feed.authority, comment.story_key), comment.story_url
    else:
        ref, href = comment_id(feed.authority, comment.parent_id), comment.parent_url or ""
    add(item, "thr:in-reply-to", ref=ref, type="text/html", href=href)


# --- RSS ----------------------------------------------------------------------------------------


def stories_rss(feed: Feed, stories: Sequence[FeedStory]) -> bytes:
    """An RSS 2.0 feed of ``stories``, in the order given."""
    root, channel = _rss(feed, _latest(feed, stories))
    for story in stories:
        item = add(channel, "item")
        add(item, "title", story.headline)
        add(item, "link", story.url)
        add(item, "guid", story_id(feed.authority, story.key), isPermaLink="false")
        add(item, "pubDate", _rfc822(story.published))
        for author in story.authors:
            add(item, "dc:creator", author.name)
        for term in _terms(story):
            add(item, "category", term)
        add(item, "description", story.summary or story.headline)
        add(item, "content:encoded", _absolute(story.html, story.url))
        if story.comments_url:
            add(item, "comments", story.comments_url)
        if story.comments_rss:
            add(item, "wfw:commentRss", story.comments_rss)
        add(item, "slash:comments", str(story.comment_count))
        add(item, "thr:total", str(story.comment_count))
    return to_bytes(root)


def comments_rss(feed: Feed, comments: Sequence[FeedComment]) -> bytes:
    """An RSS 2.0 feed of published ``comments``, in the order given, threaded by RFC 4685."""
    root, channel = _rss(feed, _latest(feed, comments))
    for comment in comments:
        item = add(channel, "item")
        add(item, "title", comment.title)
        add(item, "link", comment.url)
        add(item, "guid", comment_id(feed.authority, comment.id), isPermaLink="false")
        add(item, "pubDate", _rfc822(comment.published))
        add(item, "dc:creator", comment.author_name)
        add(item, "description", comment.text)
        add(item, "content:encoded", _absolute(comment.html, comment.url))
        _in_reply_to(item, feed, comment)
        add(item, "thr:total", str(comment.reply_count))
    return to_bytes(root)


def _rss(feed: Feed, updated: datetime) -> tuple[Element, Element]:
    root = Element(
        "rss",
        {
            "version": "2.0",
            "xmlns:atom": "http://www.w3.org/2005/Atom",
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:slash": "http://purl.org/rss/1.0/modules/slash/",
            "xmlns:thr": "http://purl.org/syndication/thread/1.0",
            "xmlns:wfw": "http://wellformedweb.org/CommentAPI/",
        },
    )
    channel = add(root, "channel")
    add(channel, "title", feed.title)
    add(channel, "link", feed.home_url)
    add(channel, "atom:link", rel="self", type=RSS, href=feed.self_url)
    add(channel, "description", feed.subtitle or feed.title)
    add(channel, "language", feed.language)
    add(channel, "lastBuildDate", _rfc822(updated))
    add(channel, "generator", _GENERATOR)
    return root, channel


# --- JSON Feed ----------------------------------------------------------------------------------


def stories_json(feed: Feed, stories: Sequence[FeedStory]) -> bytes:
    """A JSON Feed of ``stories``; ``_belowline`` counts their comments and says where they are."""
    return _json(feed, (_story_item(feed, story) for story in stories))


def comments_json(feed: Feed, comments: Sequence[FeedComment]) -> bytes:
    """A JSON Feed of published ``comments``; ``_belowline`` says what each answers."""
    return _json(feed, (_comment_item(feed, comment) for comment in comments))


def _json(feed: Feed, items: Iterable[dict[str, object]]) -> bytes:
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": clean(feed.title),
            "home_page_url": clean(feed.home_url),
            "feed_url": clean(feed.self_url),
            **_given(description=feed.subtitle),
            "language": clean(feed.language),
            "items": list(items),
        }
    )


def _story_item(feed: Feed, story: FeedStory) -> dict[str, object]:
    return {
        "id": clean(story_id(feed.authority, story.key)),
        "url": clean(story.url),
        "title": clean(story.headline),
        **_given(summary=story.summary, image=story.image_url, language=story.language),
        "content_html": clean(_absolute(story.html, story.url)),
        "date_published": _rfc3339(story.published),
        "date_modified": _rfc3339(_changed(story)),
        "authors": [
            {"name": clean(author.name), **_given(url=author.url)} for author in story.authors
        ],
        "tags": [clean(term) for term in _terms(story)],
        "_belowline": {
            "comment_count": story.comment_count,
            **_given(comments_url=story.comments_url),
        },
    }


def _comment_item(feed: Feed, comment: FeedComment) -> dict[str, object]:
    answers_story = comment.parent_id is None
    return {
        "id": clean(comment_id(feed.authority, comment.id)),
        "url": clean(comment.url),
        "title": clean(comment.title),
        **_given(language=comment.language),
        "content_html": clean(_absolute(comment.html, comment.url)),
        "content_text": clean(comment.text),
        "date_published": _rfc3339(comment.published),
        "date_modified": _rfc3339(_changed(comment)),
        "authors": [{"name": clean(comment.author_name)}],
        "_belowline": {
            "story": {"title": clean(comment.story_title), "url": clean(comment.story_url)},
            "in_reply_to": clean(
                story_id(feed.authority, comment.story_key)
                if comment.parent_id is None
                else comment_id(feed.authority, comment.parent_id)
            ),
            "in_reply_to_url": clean(
                comment.story_url if answers_story else comment.parent_url or ""
            ),
            "reply_count": comment.reply_count,
        },
    }


# --- what they share ----------------------------------------------------------------------------


def _given(**values: str) -> dict[str, str]:
    return {name: clean(value) for name, value in values.items() if value}


def _language(language: str, feed: Feed) -> dict[str, str]:
    return {"xml:lang": language} if language and language != feed.language else {}


def _terms(story: FeedStory) -> tuple[str, ...]:
    """Section and tags, each once."""
    return tuple(dict.fromkeys(term for term in (story.section, *story.tags) if term))


def _changed(item: FeedStory | FeedComment) -> datetime:
    return max(item.published, item.updated or item.published)


def _latest(feed: Feed, items: Sequence[FeedStory] | Sequence[FeedComment]) -> datetime:
    return max((_changed(item) for item in items), default=feed.updated)


def _absolute(html: str, page_url: str) -> str:
    """``html`` with its links to the site's root made absolute: a feed has no page of its own.

    Our HTML escapes quotes in text, so that ``href="/`` can only be an attribute.
    """
    parts = urlsplit(page_url)
    root = f"{parts.scheme}://{parts.netloc}/"
    return _ROOT_LINK.sub(lambda found: found[1] + root, html)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
