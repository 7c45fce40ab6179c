"""Ids: numbers inside, thirteen letters outside, in the order of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowline.domain.ids import decode, encode, id_at, new_id

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
NUMBERS = st.integers(0, (1 << 63) - 1)


@given(NUMBERS)
def test_an_id_is_read_back_from_its_letters(number: int) -> None:
    assert decode(encode(number)) == number
    assert len(encode(number)) == 13


@given(NUMBERS, NUMBERS)
def test_letters_sort_as_their_numbers(one: int, other: int) -> None:
    assert (encode(one) < encode(other)) == (one < other)


def test_ids_sort_as_their_moments() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=number)) for number in range(100)]
    assert ids == sorted(set(ids))
    assert id_at(NOW, 0) <= ids[0] < id_at(NOW + timedelta(milliseconds=1), 0)


@given(st.text(max_size=20))
def test_what_is_no_id_is_refused(text: str) -> None:
    try:
        number = decode(text)
    except ValueError:
        return
    assert encode(number) == text


@pytest.mark.parametrize(
    "text",
    ["", "0" * 12, "0" * 14, "U" * 13, "Z" * 13, "8" + "0" * 12, "01f5h2k8pq3r7", "\u0660" * 13],
)
def test_lookalikes_of_ids_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="id"):
        decode(text)
