"""The stories of a folder, as an unchangeable library that is replaced when the folder changes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from html import unescape
from pathlib import Path
from urllib.parse import quote

import msgspec

from belowline.domain.errors import Refused
from belowline.domain.stories import DEFAULT_MODE, MODES, story_key
from belowline.publication import markdown
from belowline.publication.frontmatter import (
    Field,
    Head,
    Problem,
    Wrong,
    moment_of,
    nearest,
    split,
    text_of,
    texts_of,
)
from belowline.publication.pictures import (
    FOLDER,
    Size,
    media_name,
    media_path,
    picture_size,
)
from belowline.publication.slugs import slug

KNOWN = (
    "headline",
    "date",
    "updated",
    "author",
    "authors",
    "tags",
    "section",
    "summary",
    "image",
    "image_alt",
    "discussion",
    "language",
    "draft",
)
"""Every name that a story's front matter may hold."""

_TAG = re.compile("<[^>]*>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False, "": False}
_LARGEST_FILE = 4 * 1024 * 1024

Signature = tuple[int, int]  # modification time in nanoseconds, size in bytes; (0, 0): no file


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a story that does not say it. ``zone`` is for dates without one."""

    language: str = "en"
    mode: str = DEFAULT_MODE
    zone: tzinfo = UTC


class Named(msgspec.Struct, frozen=True):
    """An author or a tag: as written, and as a part of an address (`slugs.slug`)."""

    name: str
    slug: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A story, ready to be shown. ``key`` is its file's path below the folder, without ``.md``.

    ``date`` is when it appears (UTC); before that no list and no page knows it. ``image`` is a
    path like ``/media/bridge.svg`` or "", its size 0 x 0 when unknown. ``html`` is safe.
    ``own_mode`` is False where ``mode`` is that of the `Defaults`.
    """

    key: str
    headline: str
    date: datetime
    updated: datetime | None
    authors: tuple[Named, ...]
    tags: tuple[Named, ...]
    section: str
    summary: str
    image: str
    image_alt: str
    image_width: int
    image_height: int
    mode: str
    own_mode: bool
    language: str
    html: str
    words: int


@lru_cache(maxsize=64)
def text(story: Story) -> str:
    """What a story says, its headline and summary included, without any markup."""
    return "\n".join((story.headline, story.summary, unescape(_TAG.sub(" ", story.html))))


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list. ``name`` is the author or tag as written, "" for the list of all.

    ``number`` counts from 1; ``pages`` is at least 1; a page beyond the end has no stories.
    """

    name: str
    stories: tuple[Story, ...]
    number: int
    pages: int
    total: int

    @property
    def exists(self) -> bool:
        """False for a number that is not one of the list's pages."""
        return 1 <= self.number <= self.pages


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of one file. ``pictures`` are the files it drew on, as they were then.

    ``story`` is the last good version: it outlives an edit that broke the file.
    """

    signature: Signature
    story: Story | None
    problems: tuple[Problem, ...]
    pictures: tuple[tuple[str, Signature], ...]


class Library:
    """All stories of a folder at one moment. Nothing in it ever changes."""

    def __init__(self, entries: dict[str, Entry], defaults: Defaults) -> None:
        stories = (entry.story for entry in entries.values() if entry.story is not None)
        self.entries = entries
        self.defaults = defaults
        self.stories: tuple[Story, ...] = tuple(sorted(stories, key=_newest_first))
        self._by_key = {story.key: story for story in self.stories}
        self._by_author = _shelves(self.stories, "authors")
        self._by_tag = _shelves(self.stories, "tags")

    def story(self, key: str, now: datetime) -> Story | None:
        """The story with ``key``; None when there is none or its date has not come."""
        found = self._by_key.get(key)
        return found if found is not None and found.date <= now else None

    def listed(self, now: datetime) -> tuple[Story, ...]:
        """Every story whose date has come, newest first."""
        return _out(self.stories, now)

    def recent(self, now: datetime, *, page: int = 1, size: int = 20) -> Page:
        """A page of all stories, newest first."""
        return _page("", self.listed(now), page, size)

    def by_author(self, slug: str, now: datetime, *, page: int = 1, size: int = 20) -> Page | None:
        """A page of what one author wrote; None when nobody of that slug has a story out."""
        return _shelf_page(self._by_author.get(slug), now, page, size)

    def by_tag(self, slug: str, now: datetime, *, page: int = 1, size: int = 20) -> Page | None:
        """A page of a tag's stories; None when no story that is out has it."""
        return _shelf_page(self._by_tag.get(slug), now, page, size)

    def authors(self, now: datetime) -> tuple[Named, ...]:
        """Everyone with a story out, by name."""
        return _names(self._by_author, now)

    def tags(self, now: datetime) -> tuple[Named, ...]:
        """Every tag of a story that is out, by name."""
        return _names(self._by_tag, now)

    def related(self, story: Story, now: datetime, *, limit: int = 4) -> tuple[Story, ...]:
        """What else a reader of ``story`` may want: by tags, section and authors, then by age."""
        others = [other for other in self.listed(now) if other.key != story.key]
        return tuple(sorted(others, key=lambda other: -_kinship(story, other))[:limit])


def empty(defaults: Defaults | None = None) -> Library:
    """A library without stories."""
    return Library({}, defaults or Defaults())


def load(
    folder: Path, defaults: Defaults | None = None, *, before: Library | None = None
) -> tuple[Library, tuple[Problem, ...]]:
    """The stories in ``folder`` and what is wrong with its files, in order of their names.

    A bad file is told in a `Problem` and does not stop the rest. With ``before`` (made with the
    same defaults), unchanged files are not read again, a file that became bad keeps its last good
    version, and a folder that went away keeps its stories. Names that begin with a dot or an
    underscore, and the folder of pictures, are left alone.
    """
    settings = defaults or (before.defaults if before else Defaults())
    known = before.entries if before and before.defaults == settings else {}
    if not folder.is_dir():
        problem = Problem(folder.name, 1, "there is no such folder of stories", "Make it")
        return Library(known, settings), (problem,)
    entries = {
        path.relative_to(folder).as_posix(): _entry(folder, path, settings, known)
        for path in sorted(_files(folder))
    }
    problems = tuple(problem for entry in entries.values() for problem in entry.problems)
    return Library(entries, settings), problems


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.md"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "_")) for part in parts)
        if not hidden and parts[0] != FOLDER and path.is_file():
            yield path


def _entry(folder: Path, path: Path, defaults: Defaults, known: dict[str, Entry]) -> Entry:
    name = path.relative_to(folder).as_posix()
    signature = _signature(path)
    before = known.get(name)
    if before and before.signature == signature and _pictures_unchanged(folder, before):
        return before
    reader = _Reader(folder, name, defaults)
    try:
        story = reader.story(_text(path))
    except Wrong as wrong:
        problem = Problem(name, wrong.line, wrong.wrong, wrong.right)
        last_good = before.story if before else None
        return Entry(signature=signature, story=last_good, problems=(problem,), pictures=())
    return Entry(
        signature=signature,
        story=story,
        problems=tuple(reader.problems),
        pictures=tuple(reader.pictures.items()),
    )


def _signature(path: Path) -> Signature:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _pictures_unchanged(folder: Path, entry: Entry) -> bool:
    return all(_signature(folder / FOLDER / name) == then for name, then in entry.pictures)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise Wrong(1, "the file is larger than 4 MB", "Split it, or move pictures to images/")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise Wrong(1, f"the file cannot be read ({reason})", "Check its permissions") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Wrong(line, "the text is not UTF-8", "Save the file as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Reader:
    """Reads one file, gathering what is wrong without being fatal and which pictures it uses."""

    def __init__(self, folder: Path, name: str, defaults: Defaults) -> None:
        self.folder = folder
        self.name = name
        self.defaults = defaults
        self.problems: list[Problem] = []
        self.pictures: dict[str, Signature] = {}

    def story(self, source: str) -> Story | None:
        """The story in ``source``; None for a draft. Raises `Wrong`."""
        head = split(source)
        fields = head.fields
        self._unknown_names(fields)
        language = self._language(fields)
        if _draft(fields):
            return None
        body = self._body(head, language)
        image, size = self._image(fields)
        return Story(
            key=_key(self.name),
            headline=markdown.typographic(_headline(fields), language),
            date=_date(fields, self.defaults.zone),
            updated=moment_of(fields, "updated", self.defaults.zone),
            authors=_named(texts_of(fields, "author") + texts_of(fields, "authors")),
            tags=_named(texts_of(fields, "tags")),
            section=text_of(fields, "section"),
            summary=markdown.typographic(text_of(fields, "summary"), language),
            image=image,
            image_alt=markdown.typographic(text_of(fields, "image_alt"), language),
            image_width=size.width,
            image_height=size.height,
            mode=_mode(fields, self.defaults.mode),
            own_mode=bool(text_of(fields, "discussion")),
            language=language,
            html=body.html,
            words=body.words,
        )

    def _unknown_names(self, fields: dict[str, Field]) -> None:
        for name, field in fields.items():
            if name not in KNOWN:
                self._note(field.line, f"{name} is not known here", nearest(name, KNOWN))

    def _note(self, line: int, wrong: str, right: str) -> None:
        self.problems.append(Problem(self.name, line, wrong, right, fatal=False))

    def _language(self, fields: dict[str, Field]) -> str:
        raw = text_of(fields, "language")
        if raw and not _LANGUAGE.fullmatch(raw):
            right = "Write a language code, like language: de"
            raise Wrong(fields["language"].line, f"language is not a language: {raw}", right)
        return raw or self.defaults.language

    def _body(self, head: Head, language: str) -> markdown.Rendered:
        body = markdown.render(head.body, language=language, find_picture=self._find)
        for line, picture in body.missing:
            self._note(
                head.body_line + line,
                f"there is no picture {picture}",
                f"Put an svg, png, jpg, webp or gif file into {FOLDER}/",
            )
        return body

    def _image(self, fields: dict[str, Field]) -> tuple[str, Size]:
        raw, nowhere = text_of(fields, "image"), ("", Size(0, 0))
        if not raw:
            return nowhere
        found = self._find(raw)
        if found is None:
            right = f"Put an svg, png, jpg, webp or gif file into {FOLDER}/"
            self._note(fields["image"].line, f"there is no picture {raw}", right)
            return nowhere
        if not text_of(fields, "image_alt"):
            right = "Say in image_alt what the picture shows"
            self._note(fields["image"].line, "the image has no image_alt", right)
        address, size = found
        return address, size or Size(0, 0)

    def _find(self, reference: str) -> tuple[str, Size | None] | None:
        name = media_name(reference)
        if name is None:
            return None
        self.pictures[name] = _signature(self.folder / FOLDER / name)
        path = media_path(self.folder, name)
        if path is None:
            return None
        try:
            return f"/media/{quote(name)}", picture_size(path)
        except OSError:
            return None


def _key(name: str) -> str:
    try:
        return story_key(name.removesuffix(".md"))
    except Refused as refused:
        raise Wrong(1, "the file's name cannot be a story's key", str(refused)[:-1]) from refused


def _headline(fields: dict[str, Field]) -> str:
    headline = text_of(fields, "headline")
    if not headline:
        line = fields["headline"].line if "headline" in fields else 1
        raise Wrong(line, "the story has no headline", "Write headline: … into the front matter")
    return headline


def _date(fields: dict[str, Field], zone: tzinfo) -> datetime:
    moment = moment_of(fields, "date", zone)
    if moment is None:
        line = fields["date"].line if "date" in fields else 1
        raise Wrong(line, "the story has no date", "Write date: 2026-01-08 into the front matter")
    return moment


def _mode(fields: dict[str, Field], default: str) -> str:
    mode = text_of(fields, "discussion") or default
    if mode not in MODES:
        right = "Write discussion: open, reviewed, trusting or closed"
        raise Wrong(fields["discussion"].line, f"discussion is not a mode: {mode}", right)
    return mode


def _draft(fields: dict[str, Field]) -> bool:
    raw = text_of(fields, "draft").lower()
    if raw not in _TRUTHS:
        raise Wrong(fields["draft"].line, f"draft is neither true nor false: {raw}", "Write true")
    return _TRUTHS[raw]


def _named(names: Iterable[str]) -> tuple[Named, ...]:
    by_slug = {slug(name): name for name in reversed(list(names))}
    return tuple(Named(name, part) for part, name in reversed(by_slug.items()))


def _newest_first(story: Story) -> tuple[float, str]:
    return (-story.date.timestamp(), story.key)


def _out(stories: Sequence[Story], now: datetime) -> tuple[Story, ...]:
    """Those of ``stories`` (newest first) whose date is not after ``now``."""
    first = bisect_left(stories, -now.timestamp(), key=lambda story: -story.date.timestamp())
    return tuple(stories[first:])


Shelf = tuple[Named, tuple[Story, ...]]


def _shelves(stories: Sequence[Story], what: str) -> dict[str, Shelf]:
    """Slug -> the name as the newest story writes it, and the stories, newest first."""
    shelves: dict[str, tuple[Named, list[Story]]] = {}
    for story in stories:
        names: tuple[Named, ...] = getattr(story, what)
        for named in names:
            shelves.setdefault(named.slug, (named, []))[1].append(story)
    return {part: (named, tuple(found)) for part, (named, found) in shelves.items()}


def _names(shelves: dict[str, Shelf], now: datetime) -> tuple[Named, ...]:
    out = (named for named, stories in shelves.values() if stories[-1].date <= now)
    return tuple(sorted(out, key=lambda named: (named.name.casefold(), named.slug)))


def _shelf_page(shelf: Shelf | None, now: datetime, number: int, size: int) -> Page | None:
    if shelf is None:
        return None
    named, stories = shelf
    out = _out(stories, now)
    return _page(named.name, out, number, size) if out else None


def _page(name: str, stories: Sequence[Story], number: int, size: int) -> Page:
    first = (number - 1) * size
    return Page(
        name=name,
        stories=tuple(stories[first : first + size]) if first >= 0 else (),
        number=number,
        pages=max(1, -(-len(stories) // size)),
        total=len(stories),
    )


def _kinship(story: Story, other: Story) -> int:
    """How near two stories are; a reader of one language is rarely helped by another."""
    tags = {tag.slug for tag in story.tags} & {tag.slug for tag in other.tags}
    authors = {author.slug for author in story.authors} & {author.slug for author in other.authors}
    same_section = story.section != "" and story.section == other.section
    same_language = story.language == other.language
    return 4 * len(tags) + 2 * same_section + len(authors) + 3 * same_language
