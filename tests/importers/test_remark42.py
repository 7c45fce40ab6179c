"""Remark42's backups and API answers."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from belowline.importers import IMPORTERS, Refused
from tests.importers.samples import BRIDGE, FERRY, Reading, reading

HEADER = '{"version":1,"users":[],"posts":[]}'


@pytest.fixture
def remark42(tmp_path: Path) -> Remark42Reader:
    """Reads the content of a file as Remark42's."""
    return Remark42Reader(tmp_path)


class Remark42Reader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, content: str | bytes) -> Reading:
        return reading(IMPORTERS["remark42"], self._folder, content)


def comment(number: str, **changes: object) -> dict[str, object]:
    """A comment as Remark42 writes it."""
    plain: dict[str, object] = {
        "id": number,
        "pid": "",
        "text": "<p>It leaves at <em>seven</em>.</p>\n",
        "user": {"name": "Ada", "id": "github_ada", "ip": "192.0.2.7", "admin": False},
        "locator": {"site": "courier", "url": FERRY},
        "score": 0,
        "votes": {},
        "time": "2021-05-02T11:00:00.123456789+02:00",
    }
    return plain | changes


def backup(*comments: dict[str, object], header: str = HEADER) -> str:
    """A backup of these comments, each in a line of its own."""
    return "\n".join([header, *map(json.dumps, comments)]) + "\n"


def test_a_comment_comes_in_with_its_story_author_time_and_place(
    remark42: Remark42Reader,
) -> None:
    read = remark42(backup(comment("a", title="The ferry"), comment("b", pid="a")))
    first, reply = read.comments
    assert (first.key, first.story_key, first.parent_key) == ("a", FERRY, None)
    assert first.text == "It leaves at seven."
    assert first.created_at == datetime(2021, 5, 2, 9, 0, 0, 123456, tzinfo=UTC)
    assert (first.author.key, first.author.name) == ("github_ada", "Ada")
    assert (first.place, reply.place, reply.parent_key) == ("line 2", "line 3", "a")
    assert [(story.key, story.title) for story in read.stories] == [(FERRY, "The ferry")]
    assert "192.0.2.7" not in repr(read.records)


def test_what_the_writer_typed_is_preferred_to_the_html_made_of_it(
    remark42: Remark42Reader,
) -> None:
    typed = "It leaves at *seven*.\r\nSee [the timetable](https://c.example/t)."
    read = remark42(backup(comment("a", orig=typed)))
    assert read.comments[0].text == typed.replace("\r\n", "\n")


def test_a_deleted_comment_is_withdrawn_and_an_erased_author_is_nobody(
    remark42: Remark42Reader,
) -> None:
    gone = comment("a", delete=True, text="", user={"name": "deleted", "id": "deleted"})
    read = remark42(backup(gone, comment("b", delete=True, text=""), comment("c", pid="b")))
    assert [one.status for one in read.comments] == ["withdrawn", "withdrawn", "published"]
    assert (read.comments[0].author.key, read.comments[0].author.name) == ("guest-of:a", "")
    assert read.comments[2].parent_key == "b"
    assert "empty" not in read.warnings
    assert read.summary.deleted == 2


def test_an_edit_keeps_its_time(remark42: Remark42Reader) -> None:
    edits = [
        {"time": "2021-05-02T09:05:00Z", "summary": "typo"},
        None,
        {"time": "0001-01-01T00:00:00Z"},
    ]
    comments = [comment(str(number), edit=edit) for number, edit in enumerate(edits)]
    times = [one.edited_at for one in remark42(backup(*comments)).comments]
    assert times == [datetime(2021, 5, 2, 9, 5, tzinfo=UTC), None, None]


@pytest.mark.parametrize(
    ("score", "votes", "recommendations"),
    [(3, {}, 3), (-4, {}, 0), (0, {"u1": True, "u2": False}, 1), (2, None, 2), ("x", [], 0)],
)
def test_recommendations_are_the_votes_for_and_never_negative(
    remark42: Remark42Reader, score: object, votes: object, recommendations: int
) -> None:
    read = remark42(backup(comment("a", score=score, votes=votes)))
    assert read.comments[0].recommendations == recommendations


def test_marks_of_users_and_posts_come_along(remark42: Remark42Reader) -> None:
    header = json.dumps(
        {
            "version": 1,
            "users": [
                {"id": "u1", "blocked": {"status": False, "until": "0001-01-01T00:00:00Z"}},
                {"id": "u2", "blocked": {"status": True, "until": "2031-01-01T00:00:00Z"}},
                {"id": "u3", "verified": True, "details": {"email": "chidi@courier.example"}},
            ],
            "posts": [{"url": FERRY, "read_only": True}, {"url": BRIDGE, "read_only": False}],
        }
    )
    users = ({"id": f"u{number}", "name": "x", "admin": number == 1} for number in (1, 2, 3))
    comments = [comment(str(number), user=user) for number, user in enumerate(users)]
    read = remark42(backup(*comments, header=header))
    authors = [one.author for one in read.comments]
    assert [author.staff for author in authors] == [True, False, False]
    assert [author.banned for author in authors] == [False, True, False]
    assert authors[1].banned_until == datetime(2031, 1, 1, tzinfo=UTC)
    assert [author.verified for author in authors] == [False, False, True]
    assert {story.key: story.closed for story in read.stories} == {FERRY: True, BRIDGE: False}
    assert "chidi" not in repr(read.records)
    assert read.summary.numbers()["read_only_posts"] == 1


def test_a_guest_is_anonymous(remark42: Remark42Reader) -> None:
    users = [{"id": "anonymous_ben", "name": "ben@courier.example"}, {"id": "", "name": "Ben"}, {}]
    comments = [comment(str(number), user=user) for number, user in enumerate(users)]
    authors = [one.author for one in remark42(backup(*comments)).comments]
    assert [author.key for author in authors] == ["anonymous_ben", "guest:Ben", "guest-of:2"]
    assert [author.name for author in authors] == ["ben", "Ben", ""]
    assert all(author.anonymous for author in authors)


def test_a_bad_line_is_reported_with_its_place_and_does_not_stop_the_rest(
    remark42: Remark42Reader,
) -> None:
    lines = backup(comment("a"), comment("b")).splitlines()
    bad = [lines[1][:50], "", "null", '{"id": 3}', "}{", "[" * 5000, '{"n": ' + "9" * 9000 + "}"]
    read = remark42("\n".join([lines[0], *bad, *lines[1:]]))
    assert [one.key for one in read.comments] == ["a", "b"]
    assert [one.place for one in read.comments] == ["line 9", "line 10"]
    places = [(skip.place, skip.reason) for skip in read.skipped]
    assert places == [
        ("line 2", "bad_line"),
        ("line 4", "not_a_comment"),
        ("line 5", "not_a_comment"),
        ("line 6", "bad_line"),
        ("line 7", "bad_line"),
        ("line 8", "bad_line"),
    ]


def test_a_bad_first_line_costs_no_more_than_itself(remark42: Remark42Reader) -> None:
    read = remark42(backup(comment("a"), header=HEADER[:-9]))
    assert [one.key for one in read.comments] == ["a"]
    assert [skip.place for skip in read.skipped] == ["line 1"]


def test_the_first_line_may_be_missing_or_of_a_later_version(remark42: Remark42Reader) -> None:
    assert remark42(json.dumps(comment("a"))).comments
    read = remark42(backup(comment("a"), header='{"version": 7}'))
    assert read.comments
    assert "Version 7" in read.warnings["version"].sentence


def test_odd_values_do_no_harm(remark42: Remark42Reader) -> None:
    odd = {"pid": 7, "user": "Ada", "time": 12, "edit": [], "text": None, "votes": 1, "title": {}}
    read = remark42(backup(comment("a", **odd), comment("b", locator=None), comment("c", id=5)))
    assert [one.key for one in read.comments] == ["a", "5"]
    assert [(skip.key, skip.reason) for skip in read.skipped] == [("b", "unknown_story")]
    assert {"empty", "time_unknown", "orphan"} <= read.warnings.keys()


def test_halves_of_characters_do_not_come_in(remark42: Remark42Reader) -> None:
    read = remark42(backup(comment("a")).replace("seven", r"\ud83d\u0000seven \ud83d\ude00"))
    assert read.comments[0].text == "It leaves at seven \U0001f600."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_backup_that_went_through_another_program_is_read(
    remark42: Remark42Reader, encoding: str
) -> None:
    content = backup(comment("a", orig="Café")).replace("\\u00e9", "é").replace("\n", "\r\n")
    assert remark42(content.encode(encoding)).comments[0].text == "Café"


def test_bytes_that_are_not_utf_8_are_read_with_a_warning(remark42: Remark42Reader) -> None:
    content = backup(comment("a"), comment("b", orig="Café")).replace("\\u00e9", "é")
    read = remark42(content.encode("cp1252"))
    assert read.comments[1].text == "Café"
    assert read.warnings["stray_bytes"].place == "line 3"


def tree(**info: object) -> dict[str, object]:
    """An API answer with one reply."""
    reply = {"comment": comment("b", pid="a")}
    nodes = [{"comment": comment("a"), "replies": [reply]}, {"comment": comment("c")}]
    return {"comments": nodes, "info": info}


@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_of_the_api_is_read_as_a_tree_or_as_a_list(
    remark42: Remark42Reader, indent: int | None
) -> None:
    plain = {"comments": [comment("a"), comment("b", pid="a"), comment("c")], "info": {}}
    for answer in (tree(), plain, plain["comments"]):
        read = remark42(json.dumps(answer, indent=indent))
        assert [one.key for one in read.comments] == ["a", "b", "c"]
        assert [one.parent_key for one in read.comments] == [None, "a", None]
        assert read.comments[1].place == "comment 2"


def test_what_an_answer_says_of_its_page_is_kept(remark42: Remark42Reader) -> None:
    read = remark42(json.dumps(tree(url=FERRY, read_only=True, count=3)))
    assert read.stories[0].closed
    assert read.summary.numbers()["declared_count"] == 3


def test_values_over_many_lines_are_read_one_after_another(remark42: Remark42Reader) -> None:
    values = [json.loads(HEADER), comment("a"), comment("b", pid="a")]
    read = remark42("\n".join(json.dumps(value, indent=2) for value in values))
    assert [one.key for one in read.comments] == ["a", "b"]
    assert read.comments[0].place == "line 6"


def test_a_list_with_one_comment_a_line_is_read(remark42: Remark42Reader) -> None:
    lines = ",\n".join(json.dumps(comment(key)) for key in "ab")
    read = remark42(f"[\n{lines}\n]\n")
    assert [one.place for one in read.comments] == ["line 2", "line 3"]
    assert not read.skipped


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "^line 1: this is not a backup of Remark42"),
        ("Dear Ada,\nhere is the file.", "^line 1, column 1: this is not JSON"),
        ('{"comments": [\n{"id": 1,\n', r"^line 3, column 1: this is not JSON"),
        ('{"commenters": {}}\n', "^line 1: this is not a backup of Remark42"),
        ("\n" + "[" * 100_000, "^line 2: what begins here is not JSON"),
        (
            gzip.compress(backup(comment("a")).encode())[:-20],
            r"^line \d+: the compressed file is cut",
        ),
    ],
)
def test_a_file_that_is_none_of_these_is_refused(
    remark42: Remark42Reader, content: str | bytes, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        remark42(content)


GOOD = backup(comment("a"), comment("b", pid="a"), comment("c", pid="b"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.integers(0, len(GOOD)), st.integers(0, 9), st.sampled_from(("", "{", '"', ",", "\n", "\0"))
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    remark42: Remark42Reader, start: int, length: int, put: str
) -> None:
    try:
        read = remark42(GOOD[:start] + put + GOOD[start + length :])
    except Refused:
        return
    keys = {one.key for one in read.comments}
    assert all(one.parent_key in {None, *keys} for one in read.comments)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400))
def test_anything_else_is_refused(remark42: Remark42Reader, content: bytes) -> None:
    with pytest.raises(Refused):
        remark42(content)
