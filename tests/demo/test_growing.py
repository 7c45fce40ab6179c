"""A seeded site is like one that people have written: whole, counted, and the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from belowline.actions import deciding, reading
from belowline.demo import crowd, growing
from belowline.domain.events import DESK_STREAM
from belowline.settings import BadSetting
from belowline.storage import schema, streams
from tests.cast import ADA, MONA, Newsroom, newsroom_on, truth
from tests.storage.conftest import is_ours

UNTIL = 1_777_000_000_000


def shape(comments: int = 1_200, *, seed: int = 1, held: float = 0.05) -> crowd.Shape:
    return growing.shape_of(seed, comments, 12, held, UNTIL)


def quietly(done: int, total: int) -> None:
    pass


def texts(room: Newsroom) -> list[tuple[int, str, str]]:
    query = select(schema.comments.c.id, schema.comments.c.text, schema.comments.c.status)
    return room.storage.read_now(
        lambda connection: [
            (row.id, row.text, row.status)
            for row in connection.execute(query.order_by(schema.comments.c.id))
        ]
    )


def test_what_is_counted_equals_what_is_there(room: Newsroom) -> None:
    grown = growing.grow(room.site, shape(), quietly)
    assert (grown.added, grown.comments, grown.stories) == (1_200, 1_200, 12)
    assert room.rows(schema.comments) == 1_200
    for number in range(12):
        key = f"seeded-1-{number}"
        everything = room.all_comments(key)
        assert room.count(key) == sum(one.status == "published" for one in everything)
        expected = truth(everything)
        by_id = {one.id: one for one in everything}
        assert {one.id: (one.below, one.shown) for one in everything} == expected
        for one in everything:
            parent = by_id[one.parent] if one.parent else None
            assert one.depth == (parent.depth + 1 if parent else 0)
            assert one.root == (parent.root if parent else one.id)
            assert parent is None or parent.id < one.id
        assert room.story(key).version == 1
    assert room.storage.read_now(_recommended_otherwise) == []
    assert room.storage.read_now(lambda c: streams.number(c, DESK_STREAM)) == 1


def _recommended_otherwise(connection: Connection) -> list[int]:
    there = (
        select(func.count())
        .where(schema.recommendations.c.comment_id == schema.comments.c.id)
        .scalar_subquery()
    )
    query = select(schema.comments.c.id).where(schema.comments.c.recommendations != there)
    return list(connection.execute(query).scalars())


def test_a_seeded_site_is_read_moderated_and_written_like_any_other(room: Newsroom) -> None:
    growing.grow(room.site, shape(), quietly)
    key = "seeded-1-3"
    page = room.run(reading.page(room.site, key, "discussed"))
    assert page.threads
    queue = room.run(deciding.queue(room.site, MONA, limit=100))
    statuses = [status for _, _, status in texts(room)]
    held = statuses.count("held")
    assert 30 <= held <= 90
    assert held <= queue.count <= held + room.rows(schema.reports)
    before = room.count(key)
    thread = page.threads[0].comment
    room.say(ADA, "I was there too.", story=key, parent=thread)
    assert room.count(key) == before + 1
    assert room.now(thread).below == thread.below + 1


def test_seeding_leaves_every_index_and_foreign_key_in_place(room: Newsroom) -> None:
    growing.grow(room.site, shape(300), quietly)

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": False,
                "include_name": is_ours,
            },
        )
        return list(compare_metadata(context, schema.metadata))

    assert room.storage.read_now(compare) == []


def test_seeding_again_adds_nothing_and_another_seed_adds_more(room: Newsroom) -> None:
    growing.grow(room.site, shape(300), quietly)
    assert growing.grow(room.site, shape(300), quietly).added == 0
    assert growing.grow(room.site, shape(300, seed=2), quietly).added == 300
    assert room.rows(schema.comments) == 600


def test_a_seed_that_was_used_for_something_else_is_refused(room: Newsroom) -> None:
    growing.grow(room.site, shape(300), quietly)
    with pytest.raises(BadSetting, match="another --seed"):
        growing.grow(room.site, shape(400), quietly)
    assert room.rows(schema.comments) == 300


def test_seeding_that_was_cut_off_goes_on_where_it_ended(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "_AT_ONCE", 100)

    def cut_off(done: int, total: int) -> None:
        if done > 400:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        growing.grow(room.site, shape(), cut_off)
    kept = texts(room)
    assert 400 < len(kept) < 1_200
    grown = growing.grow(room.site, shape(), quietly)
    assert grown.added == 1_200 - len(kept)
    with newsroom_on(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        growing.grow(other.site, shape(), quietly)
        assert texts(room) == texts(other)


@pytest.mark.parametrize(
    ("comments", "stories", "held"), [(0, None, 0.1), (10, 11, 0.1), (10, 0, 0.1), (10, 1, 0.9)]
)
def test_what_cannot_be_grown_is_refused(comments: int, stories: int | None, held: float) -> None:
    with pytest.raises(BadSetting):
        growing.shape_of(1, comments, stories, held, UNTIL)


@settings(max_examples=25, derandomize=True, database=None)
@given(comments=st.integers(1, 3_000_000), share=st.floats(0.0001, 1))
def test_the_sizes_of_stories_add_up_and_few_have_most(comments: int, share: float) -> None:
    stories = max(1, min(400, int(comments * share)))
    sizes = crowd.sizes(comments, stories)
    assert len(sizes) == stories
    assert sum(sizes) == comments
    assert min(sizes) >= 0
    assert max(sizes) <= max(100_000, -(-comments // stories))
