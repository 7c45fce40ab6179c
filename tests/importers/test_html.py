"""HTML as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowline.importers.html import linked, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One<br>two &amp; <b>three</b></p><p>Four</p>", "One\ntwo & three\n\nFour"),
        ("<p>Bread\n  and   butter</p>", "Bread and butter"),
        ("<p>if tide:<br>    wait()<br>\n  go()</p>", "if tide:\n    wait()\ngo()"),
        ("typed\nas\n\nit is", "typed\nas\n\nit is"),
        ("5 < 6 &lt;b&gt; <3", "5 < 6 <b> <3"),
        ("<ul><li>a</li><li>b<ol><li>x<li>y</ol></li></ul>", "- a\n- b\n  1. x\n  2. y"),
        (
            "<blockquote><p>Who?</p><p>When?</p></blockquote><p>Ada.</p>",
            "> Who?\n>\n> When?\n\nAda.",
        ),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        ("<pre>if tide:\n    wait()</pre>", "if tide:\n    wait()"),
        ("<script>alert('</p>')</script><style>p{}</style>seen", "seen"),
        ("<script>never closed", ""),
        ("a<!-- hidden -->b", "ab"),
        (
            '<img alt="A gull" src="https://c.example/gull.png">',
            "A gull (https://c.example/gull.png)",
        ),
        ('<img class="emoji" alt=":)" src="https://c.example/smile.png">', ":)"),
        ("zero\x00 and bell\x07", "zero and bell"),
        ("<p>unclosed <b>tags <i>here", "unclosed tags here"),
        ("", ""),
    ],
)
def test_html_becomes_the_text_that_was_meant(html: str, text: str) -> None:
    assert to_text(html) == text


@pytest.mark.parametrize(
    ("visible", "href", "text"),
    [
        ("https://c.example/a...", "https://c.example/a/long", "https://c.example/a/long"),
        ("c.example/a\u2026", "https://c.example/a/long/", "https://c.example/a/long/"),
        ("git://c.example/fer...", "git://c.example/ferry.git", "git://c.example/ferry.git"),
        ("the timetable", "https://c.example/t", "the timetable (https://c.example/t)"),
        ("wait...", "https://c.example/t", "wait... (https://c.example/t)"),
        ("courier.example", "http://courier.example/", "courier.example"),
        ("", "https://c.example/t", "https://c.example/t"),
        ("page", "/relative", "page"),
        ("page", "javascript:alert(1)", "page"),
        ("page", "javascript://c.example/%0aalert(1)", "page"),
        ("Mona", "mailto:mona@courier.example", "Mona"),
        ("page", "//c.example/t", "page (https://c.example/t)"),
        (
            "https://c.example/q",
            "http://disq.us/url?url=https%3A%2F%2Fc.example%2Fq%3AGTwU4dcq96lIEIpJc8INii4ptuY&cuid=1",
            "https://c.example/q",
        ),
        ("page", "http://[broken", "page"),
    ],
)
def test_a_link_keeps_its_target(visible: str, href: str, text: str) -> None:
    assert linked(visible, href) == text


def test_a_link_is_kept_in_the_middle_of_a_sentence() -> None:
    html = 'See <a href="https://c.example/t">the timetable</a>, please.'
    assert to_text(html) == "See the timetable (https://c.example/t), please."


@given(st.text(alphabet="<>/!-[]'\"= &;apblockquotelisrefnwx\n", max_size=300))
def test_no_html_breaks_it(html: str) -> None:
    assert to_text(html) == to_text(html).strip("\n")


@pytest.mark.parametrize(
    "piece",
    [
        "<a",
        "<!--",
        "<a '",
        "<![CDATA[",
        "</",
        "&",
        "<blockquote>x",
        "<ul><li>x",
        "<script>",
        "<a \"'",
    ],
)
def test_a_long_text_of_broken_tags_is_read_to_its_end(piece: str) -> None:
    to_text(piece * (300_000 // len(piece)))
