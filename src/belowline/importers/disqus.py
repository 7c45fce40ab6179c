"""Comments that Disqus exported: http://docs.disqus.com/developers/export/

The file is XML, often packed with gzip: a ``thread`` for each page, then a ``post`` for each
comment. What it does not say is who deleted a comment (it comes in as withdrawn), when one was
edited, and how it was voted on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path

from msgspec import structs

from belowline.importers.files import size
from belowline.importers.html import to_text
from belowline.importers.mending import Mending
from belowline.importers.outline import Glimpse, Outline, Verdict
from belowline.importers.records import (
    ImportedComment,
    ImportedStory,
    ImportedUser,
    Number,
    Record,
    Status,
    Warned,
)
from belowline.importers.times import Clock
from belowline.importers.values import (
    LONGEST_TITLE,
    author_key,
    bounded_key,
    digest,
    display_name,
    parse_time,
    shown,
)
from belowline.importers.xml import Element, Malformed, elements

_WANTED = frozenset(("thread", "post"))
_LEAVES = frozenset(("message", "title", "name", "link"))


def read(path: Path) -> Iterator[Record]:
    """The records of a Disqus export, as `belowline.importers.records` describes them.

    Raises Refused, with the line, when it is not one, when it is cut off or cannot be mended.
    """
    mending = None
    try:
        export = _survey(path, mending)
    except Malformed as mistake:
        mending = Mending(str(mistake))
        export = _survey(path, mending)
    yield export.summary(size(path), mending.numbers() if mending else {})
    if mending:
        yield from list(mending.warnings())
    yield from export.stories.values()
    yield from _comments(path, mending, export)


class _Export:
    """What the first reading found out: the stories, and each comment's place."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.stories: dict[str, ImportedStory] = {}
        self.deleted_threads: set[str] = set()
        self.owners: set[str] = set()
        self._links: set[str] = set()
        self._counts = dict.fromkeys(("threads", "closed", "deleted_and_spam"), 0)

    def add_thread(self, thread: Element) -> None:
        """A page. Threads with one address are one story, which is closed if all of them are."""
        thread_id, link = _id(thread), thread.text("link")
        self._counts["threads"] += 1
        self._counts["closed"] += _is(thread, "isClosed")
        self._links.add(link)
        if _is(thread, "isDeleted"):
            self.deleted_threads.add(thread_id)
        if not _is(thread.child("author"), "isAnonymous"):
            self.owners.add(thread.text("author", "username"))
        story = _story(thread, thread_id, link)
        known = self.stories.get(story.key)
        if known:
            story = structs.replace(known, closed=known.closed and story.closed)
        self.stories[story.key] = story
        self.outline.story(thread_id, story.key)

    def add_post(self, post: Element) -> None:
        deleted, spam = _is(post, "isDeleted"), _is(post, "isSpam")
        self._counts["deleted_and_spam"] += deleted and spam
        self.outline.add(
            Glimpse(
                id=_attribute_id(post),
                key=_comment_key(post),
                parent=_reference(post, "parent"),
                thread=_reference(post, "thread"),
                author=post.text("author", "username") or post.text("author", "name"),
                text=post.text("message"),
                time=post.text("createdAt"),
                anonymous=_is(post.child("author"), "isAnonymous"),
                deleted=deleted,
                spam=spam,
                pending=_is_unapproved(post),
            )
        )

    def summary(self, file_size: int, mended: dict[str, Number]) -> Record:
        own: dict[str, Number] = {
            "closed_threads": self._counts["closed"],
            "deleted_threads": len(self.deleted_threads),
            "deleted_and_spam": self._counts["deleted_and_spam"],
            "distinct_links": len(self._links),
            "posts_in_unknown_thread": self.outline.count(Verdict.UNKNOWN_STORY),
        }
        return self.outline.summary("disqus", file_size, self._counts["threads"], own | mended)


def _survey(path: Path, mending: Mending | None) -> _Export:
    export = _Export()
    for element in elements(path, "disqus", _WANTED, _LEAVES, mending):
        if element.name == "thread":
            export.add_thread(element)
        else:
            export.add_post(element)
    export.outline.settle()
    return export


def _comments(path: Path, mending: Mending | None, export: _Export) -> Iterator[Record]:
    clock = Clock(export.stories, export.outline.first_time)
    posts = elements(path, "disqus", frozenset(("post",)), _LEAVES, mending)
    for index, post in enumerate(posts):
        key, place = _comment_key(post), f"line {post.line}"
        skipped = export.outline.skipped(index, key, place)
        story_key = export.outline.story_key(index)
        if skipped or story_key is None:
            yield from [skipped] if skipped else []
            continue
        created_at, late = clock.read(post.text("createdAt"), story_key, key, place)
        warnings = (late, export.outline.warned(index, key, place), _warned(post, export, key))
        yield from (warning for warning in warnings if warning)
        is_reply = export.outline.verdict(index) is Verdict.REPLY
        yield _comment(post, key, story_key, is_reply, created_at, export)


def _comment(
    post: Element, key: str, story_key: str, is_reply: bool, created_at: datetime, export: _Export
) -> ImportedComment:
    status = _status(post, export.deleted_threads)
    return ImportedComment(
        key=key,
        story_key=story_key,
        parent_key=bounded_key(_reference(post, "parent")) if is_reply else None,
        author=_author(post, key, export.owners),
        text=to_text(post.text("message")),
        created_at=created_at,
        status=status,
        reason="spam" if status == "rejected" else "",
        place=f"line {post.line}",
    )


def _status(post: Element, deleted_threads: set[str]) -> Status:
    if _is(post, "isSpam"):
        return "rejected"
    if _is(post, "isDeleted") or _reference(post, "thread") in deleted_threads:
        return "withdrawn"
    return "held" if _is_unapproved(post) else "published"


def _warned(post: Element, export: _Export, key: str) -> Warned | None:
    """A warning about what the comment says, where there is something to say about it."""
    place = f"line {post.line}"
    if _is(post, "isDeleted") or _is(post, "isSpam"):
        return None
    if _reference(post, "thread") in export.deleted_threads:
        sentence = "Its page's discussion was deleted in Disqus; it comes in as withdrawn."
        return Warned(place=place, code="deleted_thread", key=key, sentence=sentence)
    if not post.text("message"):
        sentence = "The comment has no text; it comes in empty."
        return Warned(place=place, code="empty", key=key, sentence=sentence)
    return None


def _author(post: Element, comment_key: str, owners: set[str]) -> ImportedUser:
    """Who wrote it: an account, else everyone of that name, else nobody who is known again."""
    username, name = post.text("author", "username"), post.text("author", "name")
    anonymous = _is(post.child("author"), "isAnonymous") or not username
    if username:
        key = author_key(username)
    else:
        key = f"guest:{author_key(name)}" if name else f"guest-of:{comment_key}"
    return ImportedUser(
        key=key,
        name=display_name(unescape(name or username)),
        anonymous=anonymous,
        staff=not anonymous and username in owners,
    )


def _story(thread: Element, thread_id: str, link: str) -> ImportedStory:
    url = link if link.startswith(("http://", "https://")) else ""
    own = bounded_key(thread.text("id")) or f"disqus-{bounded_key(thread_id)}"
    key = bounded_key(link) or own
    return ImportedStory(
        key=key,
        title=shown(unescape(thread.text("title")), LONGEST_TITLE) or key,
        url=url,
        created_at=parse_time(thread.text("createdAt")),
        closed=_is(thread, "isClosed") or _is(thread, "isDeleted"),
    )


def _attribute_id(element: Element) -> str:
    return element.attributes.get("id", "").strip()


def _id(element: Element) -> str:
    """The id that others refer to: Disqus's own, or where it is missing the site's."""
    return _attribute_id(element) or element.text("id")


def _reference(post: Element, name: str) -> str:
    element = post.child(name)
    return (_attribute_id(element) or element.inner().strip()) if element else ""


def _comment_key(post: Element) -> str:
    """Its id, or what is always the same for the same comment."""
    if own := _attribute_id(post):
        return bounded_key(own)
    if given := post.text("id"):
        return bounded_key(f"id-{given}")
    parts = (post.text("createdAt"), post.text("author", "name"), post.text("message"))
    return f"unnamed-{digest(_reference(post, 'thread'), *parts):016x}"


def _is(element: Element | None, name: str) -> bool:
    return element is not None and element.text(name).lower() in ("true", "1", "yes")


def _is_unapproved(post: Element) -> bool:
    return post.text("isApproved").lower() in ("false", "0", "no")
