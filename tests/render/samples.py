"""Views of an invented discussion, for the tests of pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

from belowline.render import PageContext
from belowline.render.views import (
    AuthorView,
    CommentView,
    DiscussionView,
    StoryCard,
    StoryPageView,
)

NOW = datetime(2026, 1, 8, 12, 0, tzinfo=UTC)
HOSTILE = "\"><script>alert('x')</script>"


def page(language: str = "en", **changes: Any) -> PageContext:
    """The surroundings of a page of the Tern Bay Courier."""
    given: dict[str, Any] = {
        "language": language,
        "site_name": "Tern Bay Courier",
        "base_url": "https://talk.example.org",
        "path": "/",
        "now": NOW,
        "asset": lambda name: f"/assets/{name}",
    }
    return PageContext(**(given | changes))


def comment(id: str = "0000000000001", name: str = "Ada", **changes: Any) -> CommentView:
    """A published comment by Ada, an hour old."""
    given: dict[str, Any] = {
        "id": id,
        "story": "ferry",
        "parent": None,
        "root": id,
        "author": AuthorView(id=f"u-{name}", name=name, role="reader"),
        "status": "published",
        "reason": "",
        "revision": 1,
        "html": "<p>The ferry was late again.</p>",
        "characters": 28,
        "folded": False,
        "created_at": NOW - timedelta(hours=1),
        "edited_at": None,
        "recommendations": 0,
        "depth": 0,
        "in_reply_to": None,
    }
    return CommentView(**(given | changes))


def discussion(*comments: CommentView, **changes: Any) -> DiscussionView:
    """The first page of the discussion under the ferry story."""
    given: dict[str, Any] = {
        "story": "ferry",
        "title": "The ferry stays at the quay",
        "mode": "open",
        "order": "newest",
        "orders": ("newest", "oldest", "discussed"),
        "version": 7,
        "count": len(comments),
        "comments": comments,
        "nonce": "n-1",
    }
    return DiscussionView(**(given | changes))


def card(**changes: Any) -> StoryCard:
    """The ferry story in a list."""
    given: dict[str, Any] = {
        "key": "ferry",
        "url": "/stories/ferry",
        "headline": "The ferry stays at the quay",
        "summary": "Nobody knows until when.",
        "byline": (("Ines Calloway", "/authors/ines-calloway"),),
        "section": "Harbour",
        "published_at": NOW,
        "image": "/media/ferry.svg",
        "image_alt": "A ferry at the quay",
        "image_width": 1200,
        "image_height": 800,
        "comment_count": 1,
        "language": "en",
    }
    return StoryCard(**(given | changes))


def story(talk: DiscussionView | None = None, **changes: Any) -> StoryPageView:
    """The page of the ferry story."""
    given: dict[str, Any] = {
        "card": card(),
        "absolute_url": "https://talk.example.org/stories/ferry",
        "body_html": "<p>The ferry did not sail.</p>",
        "tags": (("Ferries", "/tags/ferries"),),
        "updated_at": None,
        "discussion": talk or discussion(),
        "related": (),
        "structured_data": "{}",
    }
    return StoryPageView(**(given | changes))


class Tags(HTMLParser):
    """Every start tag of a page with its attributes, and the text between all tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of one name."""
        return [attributes for tag, attributes in self.all if tag == name]
