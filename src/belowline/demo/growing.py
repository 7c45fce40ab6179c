"""Filling a site with a made-up readership's discussions, as many as wanted.

The work is cut into steps, each stored in one transaction together with how far it has come: a
run that was cut off goes on where it ended, and one that is repeated adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from belowline.actions.site import Site
from belowline.demo import crowd
from belowline.demo.crowd import Said, Shape, Talk, Topic
from belowline.domain import language as languages
from belowline.domain import names, urgency
from belowline.domain.decisions import Finding
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.language import Tongue
from belowline.domain.stories import story_id
from belowline.settings import BadSetting
from belowline.storage import meta, rows, schema, streams
from belowline.storage.engine import Connection
from belowline.storage.filling import Rows, fill

_AT_ONCE = 20_000
_LOW_BITS = 20
_LOADED = (schema.comments, schema.decisions, schema.recommendations, schema.reports)
_MODERATOR = "Seeded Moderator"
_LINK = (
    Finding(
        check="links",
        version="1",
        code="link_newcomer",
        weight="hold",
        sentence="A link in somebody's first comments.",
        evidence="example.org",
    ),
)


class Grown(msgspec.Struct, frozen=True):
    """What a run added, and what the seed has brought altogether."""

    added: int
    comments: int
    stories: int
    readers: int


class _Progress(msgspec.Struct, frozen=True):
    """What is kept: the shape, and how many readers and stories are stored."""

    shape: Shape
    readers: int
    stories: int
    comments: int


def shape_of(seed: int, comments: int, stories: int | None, held: float, until: int) -> Shape:
    """What to grow; a hundred comments a story when ``stories`` is None. Raises BadSetting."""
    if comments < 1:
        raise BadSetting("comments: at least 1")
    if stories is not None and not 1 <= stories <= comments:
        raise BadSetting("stories: at least 1, and no more than comments")
    if not 0 <= held <= 0.5:
        raise BadSetting("held: a share between 0 and 0.5")
    many = max(1, comments // 100) if stories is None else stories
    return Shape(seed, comments, many, held, until)


def grow(site: Site, wanted: Shape, progress: Callable[[int, int], None]) -> Grown:
    """Stores what is missing of ``wanted``; ``progress`` is told comments stored, and of how many.

    Raises BadSetting when the seed was used for something else here.
    """
    began = site.storage.write_now(lambda connection: _begin(connection, wanted))
    done, before = began, began.comments
    progress(done.comments, done.shape.comments)
    try:
        for step in _steps(began):
            done = site.storage.write_now(step)
            progress(done.comments, done.shape.comments)
    finally:
        site.storage.write_now(_end)
    return Grown(done.comments - before, done.comments, done.stories, done.readers)


def _begin(connection: Connection, wanted: Shape) -> _Progress:
    kept = meta.value(connection, _key(wanted.seed))
    if kept is None:
        if rows.is_empty(connection, schema.comments):
            rows.unguard(connection, _LOADED)
        return _Progress(wanted, 0, 0, 0)
    found = msgspec.json.decode(kept, type=_Progress)
    if msgspec.structs.replace(found.shape, until=wanted.until) != wanted:
        shape = found.shape
        raise BadSetting(
            f"seed {shape.seed} has grown {shape.comments} comments in {shape.stories} stories "
            f"here, {shape.held} of them held; take another --seed to add more"
        )
    return found


def _end(connection: Connection) -> None:
    rows.guard(connection, _LOADED)
    rows.analyze(connection)


def _key(seed: int) -> str:
    return f"seeded:{seed}"


Step = Callable[[Connection], _Progress]


def _steps(began: _Progress) -> Iterator[Step]:
    """One function a transaction, from where the last run ended."""
    shape = began.shape
    done = began
    for first in range(began.readers, shape.readers, _AT_ONCE):
        last = min(first + _AT_ONCE, shape.readers)
        done = msgspec.structs.replace(done, readers=last)
        yield _step(_readers(shape, first, last), [], done)
    talk = Talk(shape)
    batch: list[Topic] = []
    new = Rows()
    for topic in crowd.topics(shape)[began.stories :]:
        _add_story(new, shape, topic, talk.discussion(topic), done.comments + len(new.comments))
        batch.append(topic)
        if len(new.comments) >= _AT_ONCE or topic.number == shape.stories - 1:
            done = msgspec.structs.replace(
                done, stories=topic.number + 1, comments=done.comments + len(new.comments)
            )
            yield _step(new, batch, done)
            batch, new = [], Rows()


def _step(new: Rows, batch: Sequence[Topic], done: _Progress) -> Step:
    def store(connection: Connection) -> _Progress:
        fill(connection, new)
        now = rows.moment(done.shape.until)
        told = [story_stream(story_id(_story_key(done.shape, topic))) for topic in batch]
        for stream in [*sorted(told), *([DESK_STREAM] if told else [])]:
            streams.append(connection, stream, "seeded", now=now)
        meta.keep(connection, _key(done.shape.seed), msgspec.json.encode(done).decode())
        return done

    return store


# -- people --------------------------------------------------------------------------------


def _reader(shape: Shape, number: int) -> int:
    return story_id(f"seeded reader {shape.seed} {number}")


def _moderator(shape: Shape) -> int:
    return story_id(f"seeded moderator {shape.seed}")


def _readers(shape: Shape, first: int, last: int) -> Rows:
    since = shape.until - shape.span
    new = Rows()
    looks: dict[str, tuple[str, str]] = {"": ("", "")}
    if first == 0:
        spoken = f"{_MODERATOR} {shape.seed}"
        look = (names.look(spoken), names.honest(spoken))
        new.users.append((_moderator(shape), spoken, *look, "moderator", since))
    for number in range(first, last):
        name = crowd.name(number)
        if name not in looks:
            looks[name] = (names.look(name), names.honest(name))
        new.users.append((_reader(shape, number), name, *looks[name], "reader", since))
    return new


# -- stories and comments ------------------------------------------------------------------


def _story_key(shape: Shape, topic: Topic) -> str:
    return f"seeded-{shape.seed}-{topic.number}"


def _add_story(new: Rows, shape: Shape, topic: Topic, said: list[Said], before: int) -> None:
    key = _story_key(shape, topic)
    story = story_id(key)
    published = sum(one.status == "published" for one in said)
    new.stories.append(
        (story, key, topic.title, "", topic.mode, topic.language, published, topic.created)
    )
    ids = [
        one.created << _LOW_BITS | (before + place) % (1 << _LOW_BITS)
        for place, one in enumerate(said)
    ]
    tongue = languages.of_comment(topic.title, topic.language)
    tongue = languages.Tongue(languages.primary(topic.language), tongue.script)
    for number, one in zip(ids, said, strict=True):
        _add_comment(new, shape, story, number, ids, one, tongue)


def _add_comment(
    new: Rows, shape: Shape, story: int, number: int, ids: list[int], one: Said, tongue: Tongue
) -> None:
    created, status = one.created, one.status
    author = _reader(shape, one.author)
    revision = 2 if one.edited_from else 1
    edited = created + 60_000 if one.edited_from else None
    published = status == "published"
    new.comments.append(
        (
            number,
            story,
            ids[one.parent] if one.parent >= 0 else None,
            ids[one.root],
            one.depth,
            author,
            one.text,
            status,
            "off_topic" if status == "rejected" else "",
            revision,
            created,
            edited,
            len(one.fans),
            one.below,
            published or one.below > 0,
            _waits_since(one, number),
            tongue.language,
            tongue.script,
        )
    )
    new.revisions.append((number, 1, one.edited_from or one.text, created))
    if one.edited_from:
        new.revisions.append((number, 2, one.text, edited))
    _add_decisions(new, shape, number, revision, author, one)
    for fan in one.fans:
        new.recommendations.append((number, _reader(shape, fan), created))
    if one.reporter >= 0:
        reporter = _reader(shape, one.reporter)
        new.reports.append((number, reporter, "abuse", "", created, one.settled))


def _waits_since(one: Said, number: int) -> int | None:
    """Its place in the queue, in milliseconds."""
    reported = one.reporter >= 0 and not one.settled
    if not urgency.needs_decision(one.status, reported):
        return None
    likely = urgency.harm(_LINK if one.status == "held" and number % 2 else (), reported)
    readers = urgency.affected(one.status, 0)
    moment = rows.moment(one.created)
    return round(urgency.waits_since(moment, likely, readers).timestamp() * 1000)


def _add_decisions(
    new: Rows, shape: Shape, number: int, revision: int, author: int, one: Said
) -> None:
    first = "held" if one.status == "held" else "published"
    why = "mode_open" if first == "published" else "mode_reviewed"
    if one.status == "held" and number % 2:
        [link] = _LINK
        why = link.code
        new.findings.append((number, revision, 0, *msgspec.structs.astuple(link)))
    new.decisions.append((number, 1, "post", "", first, None, why, "", one.created))
    if one.status == "rejected":
        by = _moderator(shape)
        later = one.created + 3_600_000
        new.decisions.append(
            (number, revision, "reject", first, "rejected", by, "off_topic", "", later)
        )
    elif one.status == "withdrawn":
        later = one.created + 600_000
        new.decisions.append(
            (number, revision, "withdraw", first, "withdrawn", author, "", "", later)
        )
