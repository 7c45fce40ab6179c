"""Comments of Remark42 (https://remark42.com/docs/backup/backup/): its backup, or an API answer.

A backup has one JSON object a line, often packed with gzip: first the users and posts about which
there is something to say, then every comment. The answers of its API ``/api/v1/find``, as a tree
or plain, are read too, as is a bare list of comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from belowline.importers.files import Text, size
from belowline.importers.html import to_text
from belowline.importers.json import (
    Mapping,
    list_of,
    mapping_of,
    number_of,
    text_of,
    values,
)
from belowline.importers.outline import Glimpse, Outline, Verdict
from belowline.importers.records import (
    ImportedComment,
    ImportedStory,
    ImportedUser,
    Number,
    Record,
    Refused,
    Skipped,
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
    plain,
    shown,
)

_KNOWN_VERSIONS = (0, 1)
_ANONYMOUS = "anonymous_"
_ERASED = "deleted"  # the account that Remark42 puts in the place of one that was erased


def read(path: Path) -> Iterator[Record]:
    """The records of a Remark42 backup or API answer, as `belowline.importers.records` says.

    A line that cannot be read is skipped and reported. Raises Refused when nothing in the file is
    Remark42's, or when a file that is one document cannot be read.
    """
    backup = _survey(path)
    yield backup.summary(size(path))
    yield from backup.warnings
    yield from backup.stories.values()
    yield from _comments(path, backup)


class _Meta(Struct, frozen=True):
    """What stands before the comments: of a whole site, or of one page in an API answer."""

    place: str
    users: list[object]
    posts: list[object]
    version: int = 1
    declared_count: int | None = None
    is_answer: bool = False


class _Found(Struct, frozen=True):
    """A comment as Remark42 wrote it. ``url`` is its page's."""

    place: str
    comment: Mapping
    url: str


def _items(text: Text) -> Iterator[_Meta | _Found | Skipped]:
    """What the file holds, whichever form it has, in order."""
    for line, value in values(text):
        place = f"line {line}"
        if isinstance(value, Skipped):
            yield value
        elif isinstance(value, list):
            yield from _nodes(value, "")
        elif isinstance(value, dict) and "comments" in value:
            yield from _answer(place, value)
        elif isinstance(value, dict) and _is_comment(value):
            yield _Found(place, value, _url(value, ""))
        elif isinstance(value, dict) and value.keys() & {"version", "users", "posts"}:
            version = number_of(value.get("version"))
            yield _Meta(place, list_of(value.get("users")), list_of(value.get("posts")), version)
        else:
            yield _not_a_comment(place)


def _answer(place: str, answer: Mapping) -> Iterator[_Meta | _Found | Skipped]:
    info = mapping_of(answer.get("info"))
    count = number_of(info["count"]) if "count" in info else None
    yield _Meta(place, [], [info], declared_count=count, is_answer=True)
    yield from _nodes(list_of(answer.get("comments")), text_of(info.get("url")))


def _nodes(nodes: list[object], url: str) -> Iterator[_Found | Skipped]:
    """The comments of a tree or of a list, each before its replies, numbered from 1."""
    waiting = list(reversed(nodes))
    number = 0
    while waiting:
        number += 1
        node = mapping_of(waiting.pop())
        comment = mapping_of(node.get("comment")) or node
        if _is_comment(comment):
            yield _Found(f"comment {number}", comment, _url(comment, url))
        else:
            yield _not_a_comment(f"comment {number}")
        waiting.extend(reversed(list_of(node.get("replies"))))


def _not_a_comment(place: str) -> Skipped:
    sentence = "This is not a comment of Remark42."
    return Skipped(place=place, what="line", key="", reason="not_a_comment", sentence=sentence)


def _is_comment(value: Mapping) -> bool:
    return "id" in value and bool(value.keys() & {"text", "orig", "locator", "user"})


def _url(comment: Mapping, otherwise: str) -> str:
    return text_of(mapping_of(comment.get("locator")).get("url")).strip() or otherwise


class _Backup:
    """What the first reading found out: the stories, the users' marks, each comment's place."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.stories: dict[str, ImportedStory] = {}
        self.warnings: list[Warned] = []
        self.marks: dict[str, Mapping] = {}
        self.is_remark42 = False
        self._titles: dict[str, str] = {}
        self._closed: set[str] = set()
        self._details: dict[str, Number] = {}

    def add_meta(self, meta: _Meta) -> None:
        self.is_remark42 = True
        if meta.version not in _KNOWN_VERSIONS:
            sentence = f"Version {meta.version} of the backup is new; it is read as version 1."
            self.warnings.append(Warned(place=meta.place, code="version", sentence=sentence))
        for user in map(mapping_of, meta.users):
            self.marks[text_of(user.get("id"))] = user
        for post in map(mapping_of, meta.posts):
            if url := text_of(post.get("url")).strip():
                self._titles.setdefault(url, "")
                if post.get("read_only") is True:
                    self._closed.add(url)
        if meta.is_answer:
            self._details["declared_count"] = meta.declared_count
        else:
            self._details["users_meta"] = len(self.marks)
            self._details["read_only_posts"] = len(self._closed)

    def add_comment(self, found: _Found) -> None:
        self.is_remark42 = True
        comment = found.comment
        user = mapping_of(comment.get("user"))
        user_id = text_of(user.get("id"))
        if found.url and not self._titles.get(found.url):
            self._titles[found.url] = shown(text_of(comment.get("title")), LONGEST_TITLE)
        self.outline.add(
            Glimpse(
                id=text_of(comment.get("id")),
                key=_comment_key(found),
                parent=text_of(comment.get("pid")),
                thread=found.url,
                author=user_id or text_of(user.get("name")),
                text=text_of(comment.get("text")) or text_of(comment.get("orig")),
                time=text_of(comment.get("time")),
                anonymous=user_id.startswith(_ANONYMOUS),
                deleted=comment.get("delete") is True,
            )
        )

    def settle(self) -> None:
        for url, title in self._titles.items():
            story = _story(url, title, url in self._closed)
            if story.key:
                self.stories[story.key] = story
                self.outline.story(url, story.key)
        self.outline.settle()

    def summary(self, file_size: int) -> Record:
        return self.outline.summary("remark42", file_size, self.outline.threads, self._details)


def _survey(path: Path) -> _Backup:
    backup = _Backup()
    text = Text(path)
    for item in _items(text):
        if isinstance(item, _Meta):
            backup.add_meta(item)
        elif isinstance(item, _Found):
            backup.add_comment(item)
    if not backup.is_remark42:
        raise Refused("line 1: this is not a backup of Remark42, nor an answer of its API.")
    if text.strays:
        place = f"line {text.first_stray}"
        sentence = f"{text.strays} bytes are not UTF-8, the first here; read as Windows-1252."
        backup.warnings.append(Warned(place=place, code="stray_bytes", sentence=sentence))
    backup.settle()
    return backup


def _story(url: str, title: str, closed: bool) -> ImportedStory:
    key = bounded_key(url)
    is_address = url.startswith(("http://", "https://"))
    return ImportedStory(
        key=key, title=title or key, url=key if is_address and key == url else "", closed=closed
    )


def _comments(path: Path, backup: _Backup) -> Iterator[Record]:
    clock = Clock(backup.stories, backup.outline.first_time)
    index = -1
    for item in _items(Text(path)):
        if isinstance(item, Skipped):
            yield item
        if not isinstance(item, _Found):
            continue
        index += 1
        key, place = _comment_key(item), item.place
        skipped = backup.outline.skipped(index, key, place)
        story_key = backup.outline.story_key(index)
        if skipped or story_key is None:
            yield from [skipped] if skipped else []
            continue
        created_at, late = clock.read(text_of(item.comment.get("time")), story_key, key, place)
        warnings = (late, backup.outline.warned(index, key, place), _warned(item, key))
        yield from (warning for warning in warnings if warning)
        is_reply = backup.outline.verdict(index) is Verdict.REPLY
        yield _comment(item, key, story_key, is_reply, created_at, backup.marks)


def _comment(
    found: _Found,
    key: str,
    story_key: str,
    is_reply: bool,
    created_at: datetime,
    marks: dict[str, Mapping],
) -> ImportedComment:
    comment = found.comment
    edit = mapping_of(comment.get("edit"))
    return ImportedComment(
        key=key,
        story_key=story_key,
        parent_key=bounded_key(text_of(comment.get("pid"))) if is_reply else None,
        author=_author(mapping_of(comment.get("user")), key, marks),
        text=_text(comment),
        created_at=created_at,
        edited_at=parse_time(text_of(edit.get("time")) or text_of(edit.get("timestamp"))),
        status="withdrawn" if comment.get("delete") is True else "published",
        recommendations=_recommendations(comment),
        place=found.place,
    )


def _text(comment: Mapping) -> str:
    """What the writer typed, where it was kept: here markup is shown as typed. Otherwise the HTML
    that was made of it (comments that Remark42 had itself imported have nothing else)."""
    typed = plain(text_of(comment.get("orig"))).strip()
    return typed or to_text(text_of(comment.get("text")))


def _recommendations(comment: Mapping) -> int:
    """How many were for it. The score, which those against it lower, is the least it can be."""
    votes = mapping_of(comment.get("votes"))
    return max(0, number_of(comment.get("score")), sum(vote is True for vote in votes.values()))


def _warned(found: _Found, key: str) -> Warned | None:
    if found.comment.get("delete") is True or _text(found.comment):
        return None
    sentence = "The comment has no text; it comes in empty."
    return Warned(place=found.place, code="empty", key=key, sentence=sentence)


def _author(user: Mapping, comment_key: str, marks: dict[str, Mapping]) -> ImportedUser:
    """Who wrote it. One who was erased, or never had an id or a name, is nobody known again."""
    user_id, name = text_of(user.get("id")), text_of(user.get("name"))
    if user_id == _ERASED:
        return ImportedUser(key=f"guest-of:{comment_key}", name="", anonymous=True)
    if not user_id:
        key = f"guest:{author_key(name)}" if name else f"guest-of:{comment_key}"
        return ImportedUser(key=key, name=display_name(name), anonymous=True)
    mark = marks.get(user_id, {})
    block = mapping_of(mark.get("blocked"))
    return ImportedUser(
        key=author_key(user_id),
        name=display_name(name),
        anonymous=user_id.startswith(_ANONYMOUS),
        staff=user.get("admin") is True,
        verified=user.get("verified") is True or mark.get("verified") is True,
        banned=user.get("block") is True or block.get("status") is True,
        banned_until=parse_time(text_of(block.get("until"))),
    )


def _comment_key(found: _Found) -> str:
    """Its id, or what is always the same for the same comment."""
    if own := bounded_key(text_of(found.comment.get("id"))):
        return own
    user = mapping_of(found.comment.get("user"))
    parts = (found.comment.get("time"), user.get("name"), found.comment.get("text"))
    return f"unnamed-{digest(found.url, *map(text_of, parts)):016x}"
