"""What a story's page tells machines: schema.org NewsArticle, Open Graph and Twitter's card.

**Only published comments may be given to these functions**: they print what they are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from belowline.publication.xml import clean

_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in ("<", ">", "&", "\u2028", "\u2029")}


class ArticleComment(msgspec.Struct, frozen=True, kw_only=True):
    """A published comment. ``parent_url`` is None for the first one of a thread."""

    url: str
    text: str
    author_name: str
    created: datetime
    edited: datetime | None = None
    recommendations: int = 0
    parent_url: str | None = None


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A story's page. Addresses are absolute; ``authors`` are (name, address or "").

    ``comment_count`` counts all published comments, ``comments`` are those on this page.
    """

    url: str
    headline: str
    summary: str
    language: str
    published: datetime
    updated: datetime | None = None
    authors: Sequence[tuple[str, str]] = ()
    section: str = ""
    tags: Sequence[str] = ()
    words: int = 0
    image_url: str = ""
    image_alt: str = ""
    image_width: int = 0
    image_height: int = 0
    site_name: str
    site_url: str
    comment_count: int = 0
    comments: Sequence[ArticleComment] = ()


def news_article(article: Article) -> str:
    """The page as schema.org NewsArticle in JSON-LD, safe inside ``<script>``.

    Comments are a flat list, each pointing at what it answers: a thread may be deeper than any
    reader of nested JSON is willing to go.
    """
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": article.url,
        "url": article.url,
        "mainEntityOfPage": article.url,
        "headline": article.headline,
        "inLanguage": article.language,
        "datePublished": _moment(article.published),
        "dateModified": _moment(article.updated or article.published),
        "author": [_person(name, url) for name, url in article.authors],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": article.site_name,
            "url": article.site_url,
        },
        "isAccessibleForFree": True,
        "commentCount": article.comment_count,
        "comment": [_comment(article, comment) for comment in article.comments],
    }
    if article.summary:
        data["description"] = article.summary
    if article.section:
        data["articleSection"] = article.section
    if article.tags:
        data["keywords"] = list(article.tags)
    if article.words:
        data["wordCount"] = article.words
    if article.image_url:
        data["image"] = _image(article)
    return _script_safe(data)


def _person(name: str, url: str = "") -> dict[str, object]:
    person: dict[str, object] = {"@type": "Person", "name": name}
    return {**person, "url": url} if url else person


def _image(article: Article) -> dict[str, object]:
    image: dict[str, object] = {"@type": "ImageObject", "url": article.image_url}
    if article.image_alt:
        image["caption"] = article.image_alt
    if article.image_width and article.image_height:
        image["width"], image["height"] = article.image_width, article.image_height
    return image


def _comment(article: Article, comment: ArticleComment) -> dict[str, object]:
    data: dict[str, object] = {
        "@type": "Comment",
        "@id": comment.url,
        "url": comment.url,
        "text": comment.text,
        "author": _person(comment.author_name),
        "dateCreated": _moment(comment.created),
        "upvoteCount": comment.recommendations,
    }
    if comment.edited is not None:
        data["dateModified"] = _moment(comment.edited)
    if comment.parent_url is not None:
        data["parentItem"] = {"@type": "Comment", "@id": comment.parent_url}
    return data


def _script_safe(data: dict[str, object]) -> str:
    """JSON in which nothing can end the script element or a line of it."""
    return msgspec.json.encode(_cleaned(data)).decode().translate(_ESCAPES)


def _cleaned(value: object) -> object:
    """``value`` without characters that cannot be encoded, such as half a surrogate pair."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value


def social_card(article: Article) -> list[tuple[str, str]]:
    """(property, content) of the page's Open Graph and Twitter tags, in the order to write them.

    Contents are plain text, to be escaped by the template.
    """
    pairs = [
        ("og:type", "article"),
        ("og:site_name", article.site_name),
        ("og:title", article.headline),
        ("og:description", article.summary),
        ("og:url", article.url),
        ("og:locale", article.language.replace("-", "_")),
        ("article:published_time", _moment(article.published)),
        ("article:modified_time", _moment(article.updated) if article.updated else ""),
        ("article:section", article.section),
        *(("article:author", url or name) for name, url in article.authors),
        *(("article:tag", tag) for tag in article.tags),
        *_card_image(article),
        ("twitter:card", "summary_large_image" if article.image_url else "summary"),
        ("twitter:title", article.headline),
        ("twitter:description", article.summary),
    ]
    return [(name, clean(content)) for name, content in pairs if content]


def _card_image(article: Article) -> list[tuple[str, str]]:
    if not article.image_url:
        return []
    return [
        ("og:image", article.image_url),
        ("og:image:width", str(article.image_width or "")),
        ("og:image:height", str(article.image_height or "")),
        ("og:image:alt", article.image_alt),
        ("twitter:image", article.image_url),
        ("twitter:image:alt", article.image_alt),
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
