"""The demonstration's stories and discussions hold together and show every state there is."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from belowline.demo import (
    DemoComment,
    load_chatter,
    load_discussions,
    load_waiting,
    stories_folder,
    write_stories,
)
from belowline.domain.comments import STATUSES
from belowline.domain.decisions import REASONS, REPORT_REASONS
from belowline.domain.stories import MODES
from belowline.domain.users import ROLES
from belowline.publication.library import Library, load

NOW = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
LARGEST_PICTURE = 15_000


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The demonstration's stories, as they are on 1 May."""
    folder = tmp_path_factory.mktemp("demo") / "stories"
    write_stories(folder, NOW)
    loaded, problems = load(folder)
    assert [str(problem) for problem in problems] == []
    return loaded


@pytest.fixture(scope="module")
def discussions() -> dict[str, tuple[DemoComment, ...]]:
    """Every discussion by its story."""
    return load_discussions()


def everything(discussions: dict[str, tuple[DemoComment, ...]]) -> list[DemoComment]:
    return [comment for comments in discussions.values() for comment in comments]


def depths(comments: tuple[DemoComment, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for comment in comments:
        found[comment.id] = 0 if comment.parent is None else found[comment.parent] + 1
    return found


def test_every_story_is_out_with_a_picture_and_a_byline(library: Library) -> None:
    stories = library.listed(NOW)
    assert len(stories) == len(list(stories_folder().glob("*.md"))) >= 9
    for story in stories:
        assert story.summary
        assert story.section
        assert story.authors
        assert story.tags
        assert (story.image_width, story.image_height) == (1600, 900)
        assert story.image_alt
        assert story.updated is None or story.date < story.updated < NOW


def test_the_stories_show_every_mode_language_and_length(library: Library) -> None:
    assert {story.mode for story in library.stories} == set(MODES)
    assert {story.language for story in library.stories} == {"en", "de", "ar"}
    assert max(story.words for story in library.stories) > 3000
    assert max(len(story.authors) for story in library.stories) == 2
    assert all(library.related(story, NOW) for story in library.stories)


def test_the_pictures_are_small() -> None:
    for path in (stories_folder() / "images").iterdir():
        assert path.stat().st_size < LARGEST_PICTURE, path.name


def test_the_dates_follow_the_start(tmp_path: Path) -> None:
    later = NOW + timedelta(days=40)
    write_stories(tmp_path, later)
    loaded, _ = load(tmp_path)
    assert loaded.listed(later)[0].date > NOW
    assert not re.search(r"^(date|updated):.*ago$", "".join(_sources(tmp_path)), re.MULTILINE)


def _sources(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.glob("*.md")]


def test_every_discussion_has_its_story_and_one_story_has_none(
    library: Library, discussions: dict[str, tuple[DemoComment, ...]]
) -> None:
    keys = {story.key for story in library.stories}
    assert set(discussions) < keys
    assert "night-train" in keys - set(discussions)


def test_a_comment_is_younger_than_its_story_and_than_what_it_answers(
    library: Library, discussions: dict[str, tuple[DemoComment, ...]]
) -> None:
    for key, comments in discussions.items():
        story = library.story(key, NOW)
        assert story is not None
        written: dict[str, float] = {}
        for comment in comments:
            assert comment.id not in written, (key, comment.id)
            oldest = (NOW - story.date).total_seconds() / 60
            if comment.parent is not None:
                oldest = written[comment.parent]  # a KeyError here: the parent comes later or never
            assert 0 < comment.age <= oldest, (key, comment.id)
            written[comment.id] = comment.age


def test_the_discussions_show_every_state(
    discussions: dict[str, tuple[DemoComment, ...]],
) -> None:
    comments = everything(discussions)
    assert len(comments) >= 350
    assert {comment.status for comment in comments} == set(STATUSES)
    assert {comment.role for comment in comments} >= {"reader", "moderator", "editor"}
    assert {comment.role for comment in comments} <= set(ROLES)
    languages = {comment.language for comment in comments}
    assert languages >= {"en", "de", "ar", "fr", "tr", "pl", "zh", "he"}
    assert any(comment.edited for comment in comments)
    assert any(comment.author is None for comment in comments)
    assert any("<script>" in comment.text for comment in comments)
    assert any("https://" in comment.text for comment in comments)
    assert 6000 < max(len(comment.text) for comment in comments) <= 10_000


def test_a_rejected_comment_has_a_reason_and_no_other_has(
    discussions: dict[str, tuple[DemoComment, ...]],
) -> None:
    for comment in everything(discussions):
        assert (comment.status == "rejected") == (comment.reason in REASONS), comment.id
        assert comment.status == "rejected" or comment.reason == ""


def test_the_desk_has_a_hundred_comments_to_decide_and_a_verdict_for_each() -> None:
    waiting = load_waiting()
    assert sum(one.status == "held" for one in waiting) >= 100
    assert all(one.status == "held" or one.reports for one in waiting)
    assert any(one.edited_from and one.status == "held" for one in waiting)
    assert any(one.formerly for one in waiting)
    verdicts = Counter(one.verdict for one in waiting)
    assert verdicts.keys() <= {"publish", *REASONS}
    assert 0.3 < verdicts["publish"] / verdicts.total() < 0.6
    said = {report.reason for one in waiting for report in one.reports}
    assert said <= set(REPORT_REASONS)


def test_markers_with_replies_deep_threads_and_long_lists_are_there(
    discussions: dict[str, tuple[DemoComment, ...]],
) -> None:
    statuses = {
        (comment.status, any(reply.parent == comment.id for reply in comments))
        for comments in discussions.values()
        for comment in comments
    }
    assert {("rejected", True), ("withdrawn", True)} <= statuses
    assert max(max(depths(comments).values()) for comments in discussions.values()) == 8
    tops = [sum(comment.parent is None for comment in found) for found in discussions.values()]
    assert max(tops) > 150


def test_nobody_is_staff_in_one_place_and_reader_in_another(
    discussions: dict[str, tuple[DemoComment, ...]],
) -> None:
    roles: dict[str, set[str]] = {}
    for comment in everything(discussions):
        if comment.author is not None:
            roles.setdefault(comment.author, set()).add(comment.role)
    assert {name: found for name, found in roles.items() if len(found) > 1} == {}


def test_the_chatter_answers_what_can_be_read(
    library: Library, discussions: dict[str, tuple[DemoComment, ...]]
) -> None:
    chatter = load_chatter()
    assert len(chatter) >= 50
    for said in chatter:
        assert library.story(said.story, NOW) is not None
        published = {
            comment.id
            for comment in discussions.get(said.story, ())
            if comment.status == "published"
        }
        assert said.parent is None or said.parent in published
    assert len(Counter(said.story for said in chatter)) > 5
    assert max(len(said.text) for said in chatter) < 300
