"""What another system's export becomes here, on both databases."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from belowline.actions import importing, posting, reading
from belowline.domain.comments import Draft
from belowline.importers import IMPORTERS
from tests.cast import ADA, Newsroom
from tests.importers.test_shared_exports import EXPORTS

_EXPORT = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><id>ferry</id><link>https://vell.example/ferry</link><title>The ferry</title>
<createdAt>2020-01-01T00:00:00Z</createdAt><isClosed>false</isClosed><isDeleted>false</isDeleted>
</thread>
<post dsq:id="12"><id/><message><![CDATA[<p>I answer before I am asked.</p>]]></message>
<createdAt>2020-01-02T10:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Ben</name><isAnonymous>true</isAnonymous></author><thread dsq:id="1"/>
<parent dsq:id="11"/></post>
<post dsq:id="11"><id/><message><![CDATA[<p>When does it <b>sail</b>?</p>]]></message>
<createdAt>2020-01-02T09:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Ada</name><isAnonymous>true</isAnonymous></author><thread dsq:id="1"/></post>
<post dsq:id="13"><id/><message><![CDATA[Cheap watches]]></message>
<createdAt>2020-01-03T09:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>true</isSpam>
<author><name>Spam</name><isAnonymous>true</isAnonymous></author><thread dsq:id="1"/></post>
</disqus>"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.xml.gz"
    path.write_bytes(gzip.compress(_EXPORT.encode()))
    return path


def bring_in(room: Newsroom, system: str, path: Path) -> importing.ImportReport:
    return room.run(
        importing.bring_in(room.site, system, IMPORTERS[system](path), lambda number: None)
    )


def test_an_imported_discussion_is_read_like_any_other(room: Newsroom, export: Path) -> None:
    report = bring_in(room, "disqus", export)
    assert (report.stories, report.comments, report.already) == (1, 3, 0)

    page = room.run(reading.page(room.site, "https://vell.example/ferry", "oldest"))
    assert page.story.count == 2
    (thread,) = page.threads
    assert thread.comment.text == "When does it sail?"
    assert [reply.comment.text for reply in thread.replies] == ["I answer before I am asked."]


def test_an_imported_comment_is_replied_to(room: Newsroom, export: Path) -> None:
    bring_in(room, "disqus", export)
    key = "https://vell.example/ferry"
    page = room.run(reading.page(room.site, key, "oldest"))
    parent = page.threads[0].comment.id
    draft = Draft(story=key, text="At nine.", key="first", parent=parent)
    posted = room.run(posting.post(room.site, ADA, draft))
    assert posted.comment.parent == parent


def test_a_second_run_brings_nothing_new(room: Newsroom, export: Path) -> None:
    bring_in(room, "disqus", export)
    again = bring_in(room, "disqus", export)
    assert (again.stories, again.users, again.comments, again.already) == (0, 0, 0, 3)


@pytest.mark.parametrize(
    ("system", "name", "comments", "published"),
    [
        ("disqus", "disqus/asmeurer-2021.xml", 265, 236),
        ("remark42", "remark42/exported-by-remark42-asmeurer-2021.ndjson.gz", 236, 236),
    ],
)
def test_a_real_export_comes_in_whole(
    room: Newsroom, system: str, name: str, comments: int, published: int
) -> None:
    path = EXPORTS / name
    if not path.exists():
        pytest.skip("the shared exports are not here")
    report = bring_in(room, system, path)
    assert (report.comments, len(report.skipped)) == (comments, 0)
    latest = room.run(reading.latest(room.site, None, 1000))
    assert len(latest) == published
    assert bring_in(room, system, path).already == comments
