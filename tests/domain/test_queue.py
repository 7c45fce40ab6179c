"""What a moderator asks the queue for."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from belowline.domain import ids, queue
from belowline.domain.errors import Refused
from belowline.domain.queue import Filter, Place
from tests.cast import refusal_of


def test_a_filter_comes_back_from_the_address_it_was_written_to() -> None:
    wanted = Filter(
        status="rejected",
        story="harbour/ferry",
        reason="spam",
        check="links",
        language="ar",
        author=7,
        staff=9,
        since="2026-05-04",
        until="2026-05-05",
        words="cheap “ferries”",
        assigned=True,
    )
    assert queue.read_filter(queue.write_filter(wanted)) == wanted
    assert queue.write_filter(Filter()) == {}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"author": "Ada"}, "author"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-02-31"}, "until"),
        ({"words": "x" * 201}, "words"),
        ({"story": "\0"}, "story"),
    ],
)
def test_what_cannot_be_filtered_by_is_refused_with_its_field(
    asked: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        queue.read_filter(asked)
    assert (refused.value.code, refused.value.field) == ("filter_bad", field)


def test_days_are_the_newsrooms_own() -> None:
    wanted = Filter(since="2026-05-04", until="2026-05-04")
    berlin = queue.span(wanted, ZoneInfo("Europe/Berlin"))
    utc = queue.span(wanted, UTC)
    assert (utc[0] - berlin[0]) >> 20 == 2 * 3_600_000
    assert (utc[1] - utc[0]) >> 20 == 24 * 3_600_000


def test_a_place_in_a_list_comes_back_and_a_forged_one_is_refused() -> None:
    place = Place(1_777_000_000_000, ids.decode("1KJWBG7G0X388"))
    assert queue.decode_place(queue.encode_place(place)) == place
    assert queue.decode_place("") is None
    for forged in ("x", "1KJWBG7G0X388", "1KJWBG7G0X388" * 3):
        assert refusal_of(partial(queue.decode_place, forged)) == "cursor_bad"
