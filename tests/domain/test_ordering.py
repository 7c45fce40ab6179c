"""Orders and the cursors that page through them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowline.domain.errors import Refused
from belowline.domain.ordering import (
    DEFAULT_ORDER,
    ORDERS,
    Cursor,
    comment_order,
    decode_cursor,
    encode_cursor,
)

NUMBERS = st.integers(0, (1 << 63) - 1)
CURSORS = st.builds(Cursor, st.sampled_from(list(ORDERS)), NUMBERS, NUMBERS, NUMBERS)


@given(CURSORS)
def test_a_cursor_is_read_back_from_its_text(cursor: Cursor) -> None:
    assert decode_cursor(encode_cursor(cursor), cursor.order) == cursor


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_cursor(text, "newest")
    assert refused.value.code == "cursor_bad"


@given(CURSORS)
def test_a_cursor_of_another_order_is_refused(cursor: Cursor) -> None:
    other = next(order for order in ORDERS if order != cursor.order)
    with pytest.raises(Refused):
        decode_cursor(encode_cursor(cursor), other)


def test_orders_are_known_by_name() -> None:
    assert {comment_order(order) for order in ORDERS} == {"newest", "oldest", "discussed"}
    assert DEFAULT_ORDER in ORDERS
    with pytest.raises(Refused) as refused:
        comment_order("random")
    assert refused.value.code == "order_unknown"
