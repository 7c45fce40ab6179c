"""What an importer yields, whatever system the file came from.

An importer is a plain function ``read(path) -> Iterator[Record]``. Its records come in this order:

1. one `Summary`, the file counted before anything is changed about it;
2. a `Warned` for each thing about the whole file that had to be put up with;
3. an `ImportedStory` for each story;
4. for each comment, in the order of the file, either an `ImportedComment` or a `Skipped`, with the
   `Warned` about a comment standing directly before it.

What the one who stores them may rely on:

- Every ``story_key`` has been yielded as a story before.
- Every ``parent_key`` is the key of a comment of the same story that is yielded too, **earlier or
  later**: some systems write replies before what they answer. Following parents always ends at a
  comment without one. So comments can be stored in any order that suits, for instance in a first
  pass without their parents and a second pass over those whose parent was not there yet.
- Keys are the same each time the same comment is read, also from a later export. Comment keys are
  unique within one file; story keys are what a page of the site is known by. User keys and comment
  keys belong to their system: whoever stores them adds which one it was.
- No e-mail address and no IP address of an author is in any record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

Status = Literal["published", "rejected", "withdrawn", "held"]
Number = int | str | bool | list[str] | None


class Refused(Exception):
    """The file as a whole cannot be read. Its text is one sentence for the operator.

    It is raised before the first record, so that nothing of a refused file is stored. The only
    exception is a file that changes while it is being read.
    """


class ImportedStory(Struct, frozen=True, kw_only=True):
    """A page that is discussed. ``title`` is never empty; ``url`` is "" when none is known."""

    key: str
    title: str
    url: str = ""
    created_at: datetime | None = None
    closed: bool = False


class ImportedUser(Struct, frozen=True, kw_only=True):
    """Who wrote a comment. ``name`` is "" for someone who gave none.

    ``staff`` is a hint (the old system knew them as an administrator or as the owner of the site)
    and no more: it gives nobody a role. ``banned_until`` is None for a ban without an end.
    """

    key: str
    name: str
    anonymous: bool = False
    staff: bool = False
    verified: bool = False
    banned: bool = False
    banned_until: datetime | None = None


class ImportedComment(Struct, frozen=True, kw_only=True):
    """One comment. ``text`` is plain text and may be empty; times are aware and in UTC.

    ``reason`` is a code of a rejection's reason, "" unless ``status`` is rejected.
    ``place`` is where it stands in the file, such as "line 812".
    """

    key: str
    story_key: str
    parent_key: str | None
    author: ImportedUser
    text: str
    created_at: datetime
    edited_at: datetime | None = None
    status: Status = "published"
    reason: str = ""
    recommendations: int = 0
    place: str


class Skipped(Struct, frozen=True, kw_only=True):
    """Something that stays out: ``what`` is "comment" or "line", ``key`` is "" if unknown."""

    place: str
    what: str
    key: str
    reason: str
    sentence: str


class Warned(Struct, frozen=True, kw_only=True):
    """Something that comes in otherwise than it stands in the file. ``key`` is "" for the file."""

    place: str
    code: str
    sentence: str
    key: str = ""


class Summary(Struct, frozen=True, kw_only=True):
    """A file in numbers, counted as it stands: skipped comments count, and no mending shows.

    bytes: the size of the file, compressed if it is.
    threads, threads_with_comments: stories named, and distinct stories that comments belong to.
    replies: comments that name a parent. orphans: those whose parent is not in the file.
    forward_refs: those whose parent comes later.
    cross_thread_parents: comments whose parent reference leads to another thread. The reference
        is taken literally, empty ones too: a comment *without an id* is where every absent parent
        leads, so one such comment makes each top-level comment of the other threads count. Real
        cases each have a warning ``parent_in_another_story``.
    authors: distinct authors by account, or by name where there is no account.
    duplicate_ids: comments whose id was seen before. content_duplicates: comments with the
        author, time and text of an earlier one.
    deleted, spam, pending: as the old system marked them. empty_bodies: without any text.
    max_depth: 1 for a file without replies.
    oldest, newest: the smallest and greatest time as it is written, compared as text, impossible
        ones included.
    details: numbers that only this kind of file has.
    """

    source: str
    bytes: int
    comments: int = 0
    threads: int = 0
    threads_with_comments: int = 0
    replies: int = 0
    authors: int = 0
    anonymous: int = 0
    deleted: int = 0
    spam: int = 0
    pending: int = 0
    pings: int = 0
    orphans: int = 0
    forward_refs: int = 0
    cross_thread_parents: int = 0
    duplicate_ids: int = 0
    empty_bodies: int = 0
    content_duplicates: int = 0
    max_depth: int = 0
    oldest: str | None = None
    newest: str | None = None
    details: dict[str, Number] = field(default_factory=dict)

    def numbers(self) -> dict[str, Number]:
        """All of it as one flat mapping, for a report."""
        names = (name for name in self.__struct_fields__ if name not in ("source", "details"))
        return {name: getattr(self, name) for name in names} | self.details


Record = Summary | Warned | Skipped | ImportedStory | ImportedComment
