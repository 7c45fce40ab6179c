"""Stories from a folder: good ones, bad ones, early ones, and lists of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from belowline.publication.frontmatter import Problem
from belowline.publication.library import Defaults, Library, empty, load
from belowline.publication.slugs import slug

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"/>'


def write(folder: Path, key: str, head: str = "", body: str = "Text.") -> Path:
    """A story of 30 April, unless ``head`` says otherwise."""
    lines = dict(
        line.split(":", 1) for line in ["headline: H", "date: 2026-04-30", *head.splitlines()]
    )
    path = folder / f"{key}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    front = "\n".join(f"{name}:{value}" for name, value in lines.items())
    path.write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    return path


def keys(library: Library, now: datetime = NOW) -> list[str]:
    return [story.key for story in library.listed(now)]


def only_problem(folder: Path) -> Problem:
    _, (problem,) = load(folder)
    return problem


def test_everything_that_front_matter_says_is_kept(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "bridge.svg").write_text(SVG)
    (tmp_path / "bridge.md").write_text(
        '---\nheadline: The "other" side\ndate: 2026-04-30 09:30\nupdated: 2026-04-30T12:00:00Z\n'
        "authors: [Ada Klein, Ben Okafor]\ntags: [Borders, no, 2026]\nsection: Region\n"
        "summary: >\n  It\n  opens.\nimage: images/bridge.svg\nimage_alt: A bridge\n"
        "discussion: open\nlanguage: en-GB\n---\n\n# Morning\n\nTwo words.\n",
        encoding="utf-8",
    )
    east = timezone(timedelta(hours=2))
    library, problems = load(tmp_path, Defaults(zone=east))
    story = library.story("bridge", NOW)
    assert problems == ()
    assert story is not None
    assert story.headline == "The “other” side"
    assert story.date == datetime(2026, 4, 30, 7, 30, tzinfo=UTC)
    assert story.updated == datetime(2026, 4, 30, 12, tzinfo=UTC)
    assert [author.name for author in story.authors] == ["Ada Klein", "Ben Okafor"]
    assert [tag.slug for tag in story.tags] == ["borders", "no", "2026"]
    assert (story.section, story.summary) == ("Region", "It opens.")
    assert (story.image, story.image_alt) == ("/media/bridge.svg", "A bridge")
    assert (story.image_width, story.image_height) == (16, 9)
    assert (story.mode, story.language) == ("open", "en-GB")
    assert story.html == "<h2>Morning</h2>\n<p>Two words.</p>\n"
    assert story.words == 3


def test_what_a_story_does_not_say_comes_from_the_site(tmp_path: Path) -> None:
    write(tmp_path, "dam")
    library, _ = load(tmp_path, Defaults(language="de", mode="closed"))
    story = library.story("dam", NOW)
    assert story is not None
    assert (story.language, story.mode, story.image) == ("de", "closed", "")


@pytest.mark.parametrize(
    ("source", "line", "wrong"),
    [
        ("Just text.\n", 1, "does not begin with its front matter"),
        ("---\nheadline: H\n", 1, "has no end"),
        ("---\nheadline: War: a story\ndate: 2026-01-01\n---\n", 2, "is not YAML"),
        ("---\ndate: 2026-01-01\n---\n", 1, "has no headline"),
        ("---\ndate: 2026-01-01\nheadline:\n---\n", 3, "has no headline"),
        ("---\nheadline: H\n---\n", 1, "has no date"),
        ("---\nheadline: H\ndate: yesterday\n---\n", 3, "date is not a date: yesterday"),
        ("---\nheadline: H\ndate: 2026-02-30\n---\n", 3, "date is not a date"),
        ("---\nheadline: H\ndate: 0001-01-01T00:00+14:00\n---\n", 3, "date is not a date"),
        ("---\nheadline: H\nheadline: I\n---\n", 3, "headline is given twice"),
        ("---\nheadline: [H, I]\ndate: 2026-01-01\n---\n", 2, "headline is a list"),
        ("---\nheadline: H\nauthor:\n  name: A\n---\n", 4, "author has parts of its own"),
        ("---\n- a\n- b\n---\n", 2, "not a list of names and values"),
        ("---\nheadline: H\ndate: 2026-01-01\ndiscussion: loud\n---\n", 4, "not a mode: loud"),
        ("---\nheadline: H\ndate: 2026-01-01\nlanguage: Ger man\n---\n", 4, "not a language"),
        ("---\nheadline: H\ndate: 2026-01-01\ndraft: perhaps\n---\n", 4, "draft is neither"),
    ],
)
def test_a_bad_file_is_told_with_its_line(
    tmp_path: Path, source: str, line: int, wrong: str
) -> None:
    (tmp_path / "bad.md").write_text(source)
    problem = only_problem(tmp_path)
    assert (problem.file, problem.line, problem.fatal) == ("bad.md", line, True)
    assert wrong in problem.wrong
    assert str(problem).startswith(f"bad.md:{line}: {problem.wrong}. ")
    assert "\n" not in str(problem)


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"---\nheadline: caf\xe9\n---\n")
    assert only_problem(tmp_path).line == 2


def test_a_bad_file_does_not_stop_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "good")
    (tmp_path / "bad.md").write_text("nothing")
    library, problems = load(tmp_path)
    assert keys(library) == ["good"]
    assert len(problems) == 1


def test_a_misspelt_name_is_told_and_the_story_shown(tmp_path: Path) -> None:
    write(tmp_path, "dam", "sumary: S")
    library, (problem,) = load(tmp_path)
    assert keys(library) == ["dam"]
    assert str(problem) == "dam.md:4: sumary is not known here. Perhaps summary is meant."
    assert not problem.fatal


def test_a_picture_that_is_missing_is_told_and_the_story_shown(tmp_path: Path) -> None:
    write(tmp_path, "dam", "image: dam.png", body="Text.\n\n![Wall](wall.svg)")
    library, problems = load(tmp_path)
    assert keys(library) == ["dam"]
    assert [(problem.line, problem.wrong) for problem in problems] == [
        (8, "there is no picture wall.svg"),
        (4, "there is no picture dam.png"),
    ]


def test_a_picture_without_a_description_is_told(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.svg").write_text(SVG)
    write(tmp_path, "dam", "image: a.svg")
    assert only_problem(tmp_path).wrong == "the image has no image_alt"


def test_files_of_other_kinds_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    for key in ("story", "2026/may", "_notes", ".swap", "images/readme", "_old/story"):
        write(tmp_path, key)
    (tmp_path / "story.md~").write_text("backup")
    (tmp_path / "folder.md").mkdir()
    library, problems = load(tmp_path)
    assert sorted(keys(library)) == ["2026/may", "story"]
    assert problems == ()


def test_a_file_from_another_system_reads_the_same(tmp_path: Path) -> None:
    text = "---\r\nheadline: H\r\ndate: 2026-04-30\r\n---\r\nOne.\r\n\r\nTwo.\r\n"
    (tmp_path / "dam.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    library, problems = load(tmp_path)
    assert problems == ()
    assert library.stories[0].html == "<p>One.</p>\n<p>Two.</p>\n"


def test_drafts_and_stories_of_tomorrow_are_known_to_nobody(tmp_path: Path) -> None:
    write(tmp_path, "today", "author: Ada")
    write(tmp_path, "tomorrow", "date: 2026-05-02\nauthor: Ben\ntags: [later]")
    write(tmp_path, "draft", "draft: true\nauthor: Chidi")
    library, _ = load(tmp_path)
    assert keys(library) == ["today"]
    assert library.story("tomorrow", NOW) is None
    assert library.by_author("ben", NOW) is None
    assert library.by_tag("later", NOW) is None
    assert [author.name for author in library.authors(NOW)] == ["Ada"]
    after = NOW + timedelta(days=1)
    assert keys(library, after) == ["tomorrow", "today"]
    assert library.story("tomorrow", after) is not None
    assert [tag.name for tag in library.tags(after)] == ["later"]


def test_lists_are_by_recency_and_paged(tmp_path: Path) -> None:
    for day in range(1, 8):
        write(tmp_path, f"s{day}", f"date: 2026-04-0{day}\nauthor: Zoë Ng\ntags: [Dam]")
    library, _ = load(tmp_path)
    first = library.recent(NOW, size=3)
    last = library.recent(NOW, page=3, size=3)
    assert [story.key for story in first.stories] == ["s7", "s6", "s5"]
    assert [story.key for story in last.stories] == ["s1"]
    assert (first.pages, first.total, last.exists) == (3, 7, True)
    for number in (0, -1, 4):
        beyond = library.recent(NOW, page=number, size=3)
        assert not beyond.exists
        assert beyond.stories == ()
    mine = library.by_author("zoë-ng", NOW, page=2, size=5)
    assert mine is not None
    assert (mine.name, mine.total, len(mine.stories)) == ("Zoë Ng", 7, 2)
    tagged = library.by_tag("dam", NOW)
    assert tagged is not None
    assert tagged.total == 7
    assert library.by_tag("flood", NOW) is None


def test_an_empty_list_has_one_empty_page() -> None:
    page = empty().recent(NOW)
    assert (page.stories, page.pages, page.exists) == ((), 1, True)


def test_related_stories_share_tags_then_section_then_age(tmp_path: Path) -> None:
    write(tmp_path, "dam", "tags: [water, law]\nsection: Region")
    write(tmp_path, "flood", "tags: [law, water]\nsection: Sport\ndate: 2026-01-01")
    write(tmp_path, "court", "tags: [law]\nsection: Region\ndate: 2026-01-02")
    write(tmp_path, "school", "section: Region\ndate: 2026-01-03")
    write(tmp_path, "older", "date: 2026-01-04")
    write(tmp_path, "newer", "date: 2026-01-05")
    write(tmp_path, "foreign", "date: 2026-01-06\nlanguage: ar")
    write(tmp_path, "future", "date: 2027-01-01\ntags: [water, law]")
    library, _ = load(tmp_path)
    related = library.related(library.stories[1], NOW, limit=9)
    order = ["flood", "court", "school", "newer", "older", "foreign"]
    assert [story.key for story in related] == order
    assert len(library.related(library.stories[1], NOW)) == 4


def test_an_author_named_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, "dam", "author: Ada Klein\nauthors: [Ada  Klein, ada klein, Ben]")
    library, _ = load(tmp_path)
    assert [author.name for author in library.stories[0].authors] == ["Ada Klein", "Ben"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Ada Klein", "ada-klein"),
        ("  Zoë  Müller-Ng ", "zoë-müller-ng"),
        ("O'Hara & Sons, Ltd.", "ohara-sons-ltd"),
        ("ليلى حداد", "ليلى-حداد"),
        ("王小明", "王小明"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}da", "ada"),
        ("Zoe\N{COMBINING DIAERESIS}", "zoë"),
        ("⚽", "u26bd"),
        ("../..", "u2e-u2e-u2f-u2e-u2e"),
    ],
)
def test_a_name_of_any_alphabet_has_an_address(name: str, part: str) -> None:
    assert slug(name) == part


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    write(tmp_path, "dam")
    write(tmp_path, "flood")
    before, _ = load(tmp_path)
    write(tmp_path, "flood", "headline: Changed")
    after, _ = load(tmp_path, before=before)
    assert after.entries["dam.md"] is before.entries["dam.md"]
    changed = after.story("flood", NOW)
    assert changed is not None
    assert changed.headline == "Changed"


def test_a_picture_that_arrives_later_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "dam", body="![Wall](wall.svg)")
    before, problems = load(tmp_path)
    assert len(problems) == 1
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "wall.svg").write_text(SVG)
    after, problems = load(tmp_path, before=before)
    assert problems == ()
    assert 'width="16"' in after.stories[0].html


def test_a_file_that_became_bad_keeps_its_last_good_version(tmp_path: Path) -> None:
    path = write(tmp_path, "dam")
    before, _ = load(tmp_path)
    path.write_text("---\nheadline: half a s")
    after, (problem,) = load(tmp_path, before=before)
    again, problems = load(tmp_path, before=after)
    assert keys(after) == keys(again) == ["dam"]
    assert problems == (problem,)


def test_a_file_that_was_taken_away_is_gone(tmp_path: Path) -> None:
    path = write(tmp_path, "dam")
    before, _ = load(tmp_path)
    path.unlink()
    after, problems = load(tmp_path, before=before)
    assert (keys(after), problems) == ([], ())


def test_a_folder_that_went_away_keeps_its_stories(tmp_path: Path) -> None:
    write(tmp_path / "stories", "dam")
    before, _ = load(tmp_path / "stories")
    (tmp_path / "stories").rename(tmp_path / "elsewhere")
    after, (problem,) = load(tmp_path / "stories", before=before)
    assert keys(after) == ["dam"]
    assert "no such folder" in problem.wrong


def test_an_old_library_does_not_change(tmp_path: Path) -> None:
    write(tmp_path, "dam")
    before, _ = load(tmp_path)
    write(tmp_path, "flood")
    load(tmp_path, before=before)
    assert keys(before) == ["dam"]
