"""Disqus exports: what they say, and what is made of the ones that are not quite right."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from belowline.importers import IMPORTERS, Refused
from tests.importers.samples import BRIDGE, FERRY, Reading, export, post, reading, thread

FLAGS = "<isDeleted>false</isDeleted><isSpam>false</isSpam>"


@pytest.fixture
def disqus(tmp_path: Path) -> DisqusReader:
    """Reads the content of a file as a Disqus export."""
    return DisqusReader(tmp_path)


class DisqusReader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, content: str | bytes) -> Reading:
        return reading(IMPORTERS["disqus"], self._folder, content)


def flagged(**flags: str) -> str:
    """A comment with other flags than the usual ones."""
    given = "".join(f"<{name}>{value}</{name}>" for name, value in flags.items())
    return post("9").replace(FLAGS, given)


def test_a_comment_comes_in_with_its_story_author_time_and_place(disqus: DisqusReader) -> None:
    read = disqus(export(thread(), post("7"), post("8", parent="7")))
    first, reply = read.comments
    assert (first.key, first.story_key, first.parent_key) == ("7", FERRY, None)
    assert first.text == "It leaves at seven."
    assert first.created_at == datetime(2013, 5, 2, 9, tzinfo=UTC)
    assert (first.author.key, first.author.name, first.author.anonymous) == ("ada", "Ada", False)
    assert (first.status, first.place) == ("published", "line 4")
    assert (reply.parent_key, reply.place) == ("7", "line 5")
    assert read.stories[0].url == FERRY
    assert read.stories[0].created_at == datetime(2013, 5, 1, 8, tzinfo=UTC)


def test_every_story_comes_before_the_first_comment(disqus: DisqusReader) -> None:
    read = disqus(export(post("7"), thread()))
    names = [type(record).__name__ for record in read.records]
    assert names == ["Summary", "ImportedStory", "ImportedComment"]


def test_spam_is_rejected_and_what_was_deleted_is_withdrawn(disqus: DisqusReader) -> None:
    marks = [{"isSpam": "true"}, {"isDeleted": "true"}, {"isApproved": "false"}, {"isSpam": "123"}]
    read = [disqus(export(thread(), flagged(**mark))).comments[0] for mark in marks]
    assert [comment.status for comment in read] == ["rejected", "withdrawn", "held", "published"]
    assert [comment.reason for comment in read] == ["spam", "", "", ""]


def test_a_deleted_page_is_closed_and_shows_none_of_its_comments(disqus: DisqusReader) -> None:
    read = disqus(export(thread(more="<isDeleted>true</isDeleted>"), post("7")))
    assert read.stories[0].closed
    assert read.comments[0].status == "withdrawn"
    assert "deleted_thread" in read.warnings


def test_two_threads_with_one_address_are_one_story(disqus: DisqusReader) -> None:
    closed = "<isClosed>true</isClosed>"
    pages = (thread("1", more=closed), thread("2"))
    read = disqus(export(*pages, post("7"), post("8", page="2", parent="7")))
    assert [story.key for story in read.stories] == [FERRY]
    assert not read.stories[0].closed
    assert read.comments[1].parent_key == "7"
    assert read.summary.cross_thread_parents == 1


def test_a_page_without_an_address_is_known_by_its_own_id(disqus: DisqusReader) -> None:
    named = thread("1", link="").replace("<id />", "<id>ferry-2013</id>")
    read = disqus(export(named, thread("2", link="")))
    assert [story.key for story in read.stories] == ["ferry-2013", "disqus-2"]
    assert [story.url for story in read.stories] == ["", ""]


def test_no_address_of_a_person_leaves_the_file(disqus: DisqusReader) -> None:
    ada = "<email>ada@courier.example</email><name>ada@courier.example</name>"
    ben = f"{ada}<username>ada@courier.example</username>"
    address = "<ipAddress>192.0.2.7</ipAddress>"
    read = disqus(export(thread(), post("7", author=ada, more=address), post("8", author=ben)))
    assert "courier.example>" not in repr(read.records)
    assert "@" not in repr(read.records)
    assert "192.0.2.7" not in repr(read.records)
    assert [comment.author.name for comment in read.comments] == ["ada", "ada"]


def test_guests_are_known_by_name_and_nameless_ones_not_at_all(disqus: DisqusReader) -> None:
    ben = "<name>Ben</name><isAnonymous>true</isAnonymous>"
    authors = [ben, ben, "", ""]
    posts = [post(str(number), author=author) for number, author in enumerate(authors)]
    without = post("9").replace("<author>", "<x>").replace("</author>", "</x>")
    read = disqus(export(thread(), *posts, without))
    keys = [comment.author.key for comment in read.comments]
    assert keys == ["guest:Ben", "guest:Ben", "guest-of:2", "guest-of:3", "guest-of:9"]
    assert all(comment.author.anonymous for comment in read.comments)


def test_the_owner_of_the_pages_is_taken_for_staff_but_not_who_borrows_the_name(
    disqus: DisqusReader,
) -> None:
    owner = "<name>Edgar</name><isAnonymous>false</isAnonymous><username>edgar</username>"
    borrowed = "<name>edgar</name><isAnonymous>true</isAnonymous>"
    read = disqus(export(thread(), post("7", author=owner), post("8", author=borrowed)))
    assert [comment.author.staff for comment in read.comments] == [True, False]


def test_a_reply_may_come_before_what_it_answers(disqus: DisqusReader) -> None:
    read = disqus(export(thread(), post("8", parent="7"), post("7")))
    assert read.comment("8").parent_key == "7"
    assert (read.summary.forward_refs, read.summary.max_depth) == (1, 2)


def test_what_answers_nothing_in_its_story_stands_at_the_top_with_a_warning(
    disqus: DisqusReader,
) -> None:
    pages = (thread("1"), thread("2", link=BRIDGE))
    orphan, astray = post("8", parent="404"), post("9", page="2", parent="7")
    read = disqus(export(*pages, post("7"), orphan, astray))
    assert [comment.parent_key for comment in read.comments] == [None, None, None]
    assert read.warnings["orphan"].key == "8"
    assert read.warnings["parent_in_another_story"].key == "9"
    assert (read.summary.orphans, read.summary.cross_thread_parents) == (1, 1)


def test_a_circle_of_answers_is_cut_at_its_first_comment(disqus: DisqusReader) -> None:
    circle = [post("7", parent="9"), post("8", parent="7"), post("9", parent="8")]
    read = disqus(export(thread(), post("6", parent="9"), *circle, post("5", parent="5")))
    parents = {comment.key: comment.parent_key for comment in read.comments}
    assert parents == {"6": "9", "7": None, "8": "7", "9": "8", "5": None}
    assert read.summary.max_depth == 4


def test_of_two_comments_with_one_id_the_first_counts(disqus: DisqusReader) -> None:
    read = disqus(export(thread(), post("7"), post("7", message="Again.")))
    assert [comment.text for comment in read.comments] == ["It leaves at seven."]
    assert [(skip.reason, skip.place) for skip in read.skipped] == [("duplicate_id", "line 5")]
    assert (read.summary.comments, read.summary.duplicate_ids) == (2, 1)


def test_a_comment_of_an_unknown_page_is_skipped_and_its_replies_are_orphans(
    disqus: DisqusReader,
) -> None:
    read = disqus(export(thread(), post("7", page="404"), post("8", parent="7")))
    assert [skip.reason for skip in read.skipped] == ["unknown_story"]
    assert read.comments[0].parent_key is None
    assert read.summary.numbers()["posts_in_unknown_thread"] == 1


def test_a_comment_without_an_id_gets_the_same_key_each_time(disqus: DisqusReader) -> None:
    nameless = post("7").replace(' dsq:id="7"', "", 1)
    numbered = nameless.replace("<id />", "<id>wp_7</id>")
    keys = [comment.key for comment in disqus(export(thread(), nameless, numbered)).comments]
    assert keys[1] == "id-wp_7"
    assert keys == [c.key for c in disqus(export(thread(), nameless, numbered)).comments]


def test_a_time_that_is_none_is_replaced_by_the_one_before_it(disqus: DisqusReader) -> None:
    read = disqus(export(thread(), post("7"), post("8", time="2013-x05-02"), post("9", time="")))
    assert len({comment.created_at for comment in read.comments}) == 1
    assert "2013-05-02 09:00" in read.warnings["time_unknown"].sentence


def test_markup_in_a_message_is_read_however_it_is_written(disqus: DisqusReader) -> None:
    ways = ["<![CDATA[<p>Low<br>tide</p>]]>", "&lt;p&gt;Low&lt;br&gt;tide&lt;/p&gt;"]
    ways += ["<p>Low<br/>tide</p>", "<p>Low<br>tide</p>"]  # the last one is not XML
    texts = [disqus(export(thread(), post("7", message=way))).comments[0].text for way in ways]
    assert texts == ["Low\ntide"] * 4


def test_an_empty_comment_comes_in_with_a_warning(disqus: DisqusReader) -> None:
    read = disqus(export(thread(), post("7", message="")))
    assert read.comments[0].text == ""
    assert read.warnings["empty"].key == "7"


GOOD = export(thread(), post("7", message="Tea &amp; toast"), post("8", parent="7"))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("`" + GOOD, "junk_before_prolog"),
        ("\n\n  " + GOOD, "junk_before_prolog"),
        (GOOD + "<!-- bye --> and more", "junk_after_end"),
        (GOOD.replace("&amp;", "&"), "bare_ampersands"),
        (GOOD.replace("&amp;", "&ampere; &"), "bare_ampersands"),
        (GOOD.replace("Tea", "Caf&eacute; tea"), "named_entities"),
        (GOOD.replace("Tea", "Tea\x08"), "control_chars_removed"),
        (GOOD.replace("Tea", "Tea&#8;"), "control_chars_removed"),
        (GOOD.replace("Tea", "1 < 2"), "bare_brackets"),
        (GOOD.replace("Tea", "a ]]> b"), "bare_brackets"),
        (GOOD.replace("Tea", "<b>Tea"), "bare_brackets"),
        (GOOD.replace('<thread dsq:id="1" />', "<thread dsq:id=1/>"), "unquoted_attributes"),
        (GOOD.replace('dsq:id="7"', 'dsq:id="7" a a="1 & < 2"'), "unquoted_attributes"),
        (GOOD.replace("<name>Ada</name>", "<name>Ada"), "unclosed_tags"),
        (GOOD.replace("</author>", "</author></b>"), "stray_end_tags"),
        (GOOD.replace('xmlns:dsq="http://disqus.com/disqus-internals"', ""), "undeclared_prefixes"),
        (GOOD.replace("toast", "toast<!-- a -- b -->"), "not_well_formed"),
        (GOOD.replace("<id />", "<id /><!-- a -- b -->"), "not_well_formed"),
        (GOOD.encode().replace(b"Tea", b"Caf\xe9"), "stray_bytes"),
        (GOOD.replace("utf-8", "utf-88"), "not_well_formed"),
        (GOOD.replace("utf-8", "shift_jis"), "not_well_formed"),
        (GOOD.replace("utf-8", "x\xff"), "not_well_formed"),
        (GOOD.encode().replace(b"Tea", b"\xed\xa0\xbd\xed\xb8\x80"), "stray_bytes"),
    ],
)
def test_a_file_that_is_not_quite_xml_is_read_with_a_warning(
    disqus: DisqusReader, broken: str | bytes, code: str
) -> None:
    read = disqus(broken)
    assert [comment.key for comment in read.comments] == ["7", "8"]
    assert read.comment("8").parent_key == "7"
    assert read.comment("7").text.endswith("toast")
    assert code in read.warnings
    assert "not_well_formed" in read.summary.numbers()


def test_mending_keeps_the_line_numbers(disqus: DisqusReader) -> None:
    read = disqus("`\n<!-- one\ntwo -->\n" + GOOD.replace("&amp;", "\x07&"))
    assert [comment.place for comment in read.comments] == ["line 7", "line 8"]
    assert read.warnings["bare_ampersands"].place == "line 7"
    assert read.warnings["control_chars_removed"].place == "line 7"


def test_a_whole_character_written_as_two_halves_is_put_together(disqus: DisqusReader) -> None:
    read = disqus(GOOD.encode().replace(b"Tea", b"\xed\xa0\xbd\xed\xb8\x80 \x93tea\x94"))
    assert read.comment("7").text == "\U0001f600 \u201ctea\u201d & toast"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "cp1252"])
def test_other_encodings_are_read(disqus: DisqusReader, encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    content = GOOD.replace("Tea", "Café").replace('encoding="utf-8"', f'encoding="{declared}"')
    for variant in (content, content.replace("&amp;", "&")):
        assert disqus(variant.encode(encoding)).comment("7").text == "Café & toast"


def test_several_exports_in_one_file_are_read_as_one(disqus: DisqusReader) -> None:
    read = disqus(GOOD + export(thread("2", link=BRIDGE), post("9", page="2")))
    assert [comment.story_key for comment in read.comments] == [FERRY, FERRY, BRIDGE]
    assert "documents_joined" in read.warnings


def test_a_packed_file_is_read_also_in_several_pieces(disqus: DisqusReader) -> None:
    packed = gzip.compress(GOOD[:300].encode()) + gzip.compress(GOOD[300:].encode())
    assert len(disqus(packed + b"\0\0\0").comments) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (GOOD[:-20], r"^line 5, column \d+: the file ends in the middle"),
        (GOOD[: GOOD.index("Tea")], r"^line 4, column \d+: the file ends in the middle"),
        (export(thread(), post("7")).replace("]]>", ""), r"^line \d+, column \d+: the file ends"),
        (gzip.compress(GOOD.encode())[:-30], r"^line \d+: the compressed file is cut off"),
        (
            gzip.compress(GOOD[:-10].encode() + b" " * (1 << 25)),
            r"^line 6: the compressed file unpacks to more than 250 times its size",
        ),
        (b"\x1f\x8b" + b"nonsense" * 9, r"^line 1: the compressed file is damaged"),
        (b"PK\x03\x04....", r"is a zip archive"),
        ("", r"^line 1: there is no XML"),
        ("Dear Ada,\nhere is the file.", r"^line 1: there is no XML"),
        ("<html><body>Sign in</body></html>", r"^line 1: the file holds <html>"),
        ('<?xml version="1.0"?>\n<rss version="2.0"></rss>', r"^line 2: the file holds <rss>"),
        ("\n\n<disqus>" + "<a>" * 2000, r"^line 3: elements are nested 1000 deep"),
        (export(thread(), post("7", message="x" * 5_000_000)), r"^line 4: the <post> that begins"),
        (export(f"<post>{'<a/>' * 20_000}</post>"), r"^line 3: too many elements"),
        ("<disqus " + "a" * 6_000_000, r"^line 1: what begins here does not end"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    disqus: DisqusReader, content: str | bytes, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        disqus(content)


BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE disqus [<!ENTITY l0 "ha">{BILLION}]>\n'
SECRET = '<!DOCTYPE disqus [<!ENTITY secret SYSTEM "file:///etc/hostname">]>\n'


@pytest.mark.parametrize("declaration", [LAUGHS, SECRET])
@pytest.mark.parametrize("junk", ["", "`"])
def test_a_file_that_declares_entities_is_refused(
    disqus: DisqusReader, declaration: str, junk: str
) -> None:
    document = GOOD.replace("<disqus", f"{declaration}<disqus").replace("Tea", "&l9;&secret;")
    with pytest.raises(Refused, match=r"^line 2: the file declares entities"):
        disqus(junk + document)


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.xml"):
        with pytest.raises(Refused, match="is not a file"):
            list(IMPORTERS["disqus"](path))


DAMAGE = (b"", b"<", b">", b"&", b'"', b"\xff\0", b"]]>")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    disqus: DisqusReader, data: st.DataObject
) -> None:
    content = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 8)))
        content[start:end] = data.draw(st.sampled_from(DAMAGE))
    try:
        read = disqus(bytes(content))
    except Refused:
        return
    keys = {comment.key for comment in read.comments}
    assert all(comment.parent_key in {None, *keys} for comment in read.comments)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400))
def test_anything_else_is_refused(disqus: DisqusReader, content: bytes) -> None:
    with pytest.raises(Refused):
        disqus(content)
