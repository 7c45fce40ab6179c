"""Whatever the parents in a file are, the comments that come in form trees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from belowline.importers.outline import Glimpse, Outline, Verdict

NAMES = st.sampled_from(["", *"abcdefgh"])
PLACES = st.lists(st.tuples(NAMES, NAMES, st.sampled_from(["t1", "t2", "t3", "gone"])), max_size=20)


def outline_of(places: list[tuple[str, str, str]]) -> Outline:
    """An outline of comments given as id, parent and thread. Threads t1 and t2 are one story."""
    outline = Outline()
    for thread, story in (("t1", "ferry"), ("t2", "ferry"), ("t3", "bridge")):
        outline.story(thread, story)
    for number, (own, parent, thread) in enumerate(places):
        outline.add(
            Glimpse(
                id=own,
                key=own or f"unnamed-{number}",
                parent=parent,
                thread=thread,
                author="Ada",
                text="",
                time="",
            )
        )
    outline.settle()
    return outline


@given(PLACES)
def test_every_reply_leads_to_a_top_level_comment_of_its_story(
    places: list[tuple[str, str, str]],
) -> None:
    outline = outline_of(places)
    first = {own: index for index, (own, _, _) in reversed(list(enumerate(places))) if own}
    for index in range(len(places)):
        at, steps = index, 0
        while outline.verdict(at) is Verdict.REPLY:
            parent = first[places[at][1]]
            assert outline.story_key(parent) == outline.story_key(at)
            assert outline.verdict(parent) not in (Verdict.DUPLICATE, Verdict.UNKNOWN_STORY)
            at, steps = parent, steps + 1
            assert steps <= len(places)


@given(PLACES)
def test_only_what_has_no_story_or_came_before_stays_out(
    places: list[tuple[str, str, str]],
) -> None:
    outline = outline_of(places)
    for index, (own, _, thread) in enumerate(places):
        seen = own and own in [earlier for earlier, _, _ in places[:index]]
        out = outline.skipped(index, own, "line 1")
        assert (out is not None) == (thread == "gone" or bool(seen))


def test_a_chain_of_twenty_thousand_is_followed() -> None:
    chain = [(str(number), str(number + 1), "t1") for number in range(20_000)]
    outline = outline_of(chain)
    assert outline.verdict(19_999) is Verdict.ORPHAN
    assert outline.summary("disqus", 0, 1, {}).max_depth == 20_000
