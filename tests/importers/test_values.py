"""Times, names and keys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from belowline.importers.values import (
    author_key,
    bounded_key,
    digest,
    display_name,
    one_line,
    parse_time,
)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2013-05-02T09:00:00Z", datetime(2013, 5, 2, 9, tzinfo=UTC)),
        ("2013-05-02T09:00:00", datetime(2013, 5, 2, 9, tzinfo=UTC)),
        (" 2013-05-02 09:00:00 ", datetime(2013, 5, 2, 9, tzinfo=UTC)),
        ("2013-05-02T09:00:00-06:00", datetime(2013, 5, 2, 15, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2011-x09-30T22:48:43Z", None),
        ("2013-02-30T09:00:00Z", None),
        ("2013-05-02T09:60:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_a_time_means_a_moment_or_none(written: str, moment: datetime | None) -> None:
    assert parse_time(written) == moment


def test_a_name_is_one_line_without_an_address() -> None:
    assert display_name(" Ada\n  B. <ada@courier.example> ") == "Ada B. <ada>"
    assert display_name("@ada") == "@ada"
    assert len(display_name("x" * 500)) == 100
    assert display_name("\u202enaitsirhC\u2069") == "naitsirhC"


def test_keys_are_bounded_and_stay_different() -> None:
    long = ["https://courier.example/" + "x" * 600 + end for end in "ab"]
    keys = [bounded_key(one) for one in long]
    assert keys[0] != keys[1]
    assert [len(key) for key in keys] == [500, 500]
    assert bounded_key("https://courier.example/@ada/ferry.html").endswith("/@ada/ferry.html")
    assert bounded_key("a\u202eb\x00c\n") == "abc"


def test_the_key_of_an_author_holds_no_address() -> None:
    ada, other = author_key("ada@courier.example"), author_key("ada@other.example")
    assert ada.startswith("ada~")
    assert ada != other
    assert author_key("ada") == "ada"


def test_a_digest_tells_parts_apart() -> None:
    assert digest("") == digest() == 0
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("\ud800") != 0


def test_one_line_is_cut_where_asked() -> None:
    assert one_line("a \t b\r\nc", 3) == "a b"
