"""Small exports of an invented paper, the Saltmarsh Courier, and ways to read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from belowline.importers import (
    ImportedComment,
    ImportedStory,
    Record,
    Skipped,
    Summary,
    Warned,
)

FERRY = "https://courier.example/ferry"
BRIDGE = "https://courier.example/bridge"

Kind = TypeVar("Kind", Summary, Warned, Skipped, ImportedStory, ImportedComment)


class Reading:
    """All records of one file, by their kind."""

    def __init__(self, records: Iterator[Record]) -> None:
        self.records = list(records)

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def summary(self) -> Summary:
        return self._of(Summary)[0]

    @property
    def comments(self) -> list[ImportedComment]:
        return self._of(ImportedComment)

    @property
    def stories(self) -> list[ImportedStory]:
        return self._of(ImportedStory)

    @property
    def warnings(self) -> dict[str, Warned]:
        return {warned.code: warned for warned in self._of(Warned)}

    @property
    def skipped(self) -> list[Skipped]:
        return self._of(Skipped)

    def comment(self, key: str) -> ImportedComment:
        return next(comment for comment in self.comments if comment.key == key)


Read = Callable[[Path], Iterator[Record]]


def reading(read: Read, folder: Path, content: str | bytes) -> Reading:
    """What ``read`` makes of a file with this content."""
    path = folder / "export"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Reading(read(path))


def export(*parts: str) -> str:
    """A Disqus export of these threads and posts, each beginning on a line of its own."""
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
    )
    return head + "\n".join(parts) + "\n</disqus>\n"


def thread(number: str = "1", link: str = FERRY, more: str = "") -> str:
    """A page in a Disqus export."""
    return (
        f'<thread dsq:id="{number}"><id /><forum>courier</forum><link>{link}</link>'
        "<title>The ferry</title><createdAt>2013-05-01T08:00:00Z</createdAt>"
        "<author><name>Edgar</name><isAnonymous>false</isAnonymous>"
        f"<username>edgar</username></author>{more}</thread>"
    )


def post(
    number: str,
    *,
    message: str = "<![CDATA[<p>It leaves at seven.</p>]]>",
    time: str = "2013-05-02T09:00:00Z",
    author: str = "<name>Ada</name><isAnonymous>false</isAnonymous><username>ada</username>",
    page: str = "1",
    parent: str = "",
    more: str = "",
) -> str:
    """A comment in a Disqus export."""
    answered = f'<parent dsq:id="{parent}" />' if parent else ""
    return (
        f'<post dsq:id="{number}"><id /><message>{message}</message><createdAt>{time}</createdAt>'
        f"<isDeleted>false</isDeleted><isSpam>false</isSpam><author>{author}</author>{more}"
        f'<thread dsq:id="{page}" />{answered}</post>'
    )
