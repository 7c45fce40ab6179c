"""Markdown as stories use it, and what hostile Markdown may not do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowline.publication.markdown import is_safe_link, render, typographic
from belowline.publication.pictures import Size

NINE = "\N{RIGHT SINGLE QUOTATION MARK}"
DASH = "\N{EN DASH}"


def find_picture(reference: str) -> tuple[str, Size | None] | None:
    """One picture, ``images/bridge.svg``, of 1600 x 900."""
    return ("/media/bridge.svg", Size(1600, 900)) if reference == "images/bridge.svg" else None


def html(source: str, language: str = "en") -> str:
    return render(source, language=language, find_picture=find_picture).html


class Tags(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_highest_heading_becomes_h2_and_no_level_is_skipped() -> None:
    headings = re.findall(r"<h\d", html("# One\n\n#### Two\n\n## Three\n\n# Four"))
    assert headings == ["<h2", "<h3", "<h3", "<h2"]


def test_raw_html_is_shown_as_typed() -> None:
    assert html("a <b>bold</b> word") == "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>\n"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,hello",
        "data:image/png;base64,AAAA",
        "vbscript:x",
        "file:///etc/passwd",
        "java%09script:alert(1)",
        "%6aavascript:alert(1)",
        "\x01javascript:alert(1)",
    ],
)
def test_a_link_that_could_run_something_is_not_made(link: str) -> None:
    assert not is_safe_link(link)
    tags = Tags(html(f"[press]({link}) ![look]({link}) <{link}>")).found
    assert not {"a", "img"} & {tag for tag, _ in tags}


@pytest.mark.parametrize(
    "link", ["https://a.example/x", "/tags/dam", "#fn1", "mailto:desk@a.example", "?page=2"]
)
def test_an_ordinary_link_is_made(link: str) -> None:
    assert Tags(html(f"[here]({link})")).found[1][1]["href"] == link


def test_a_link_to_another_site_keeps_its_hands_off_this_page() -> None:
    assert '<a href="https://a.example/" rel="noopener">' in html("[there](https://a.example/)")
    assert "rel" not in html("[here](/tags/dam)")


def test_a_link_to_another_story_file_leads_to_its_page() -> None:
    assert 'href="/stories/the-dam#fn1"' in html("[the dam](the-dam.md#fn1)")


def test_a_picture_on_its_own_is_a_figure_with_a_caption_and_its_size() -> None:
    made = html('![A bridge](images/bridge.svg "The *old* bridge")')
    assert made == (
        '<figure><img src="/media/bridge.svg" alt="A bridge" width="1600" height="900" '
        'loading="lazy" decoding="async"><figcaption>The <em>old</em> bridge</figcaption>'
        "</figure>\n"
    )


def test_a_picture_within_a_sentence_stays_in_it() -> None:
    assert "<p>See <img" in html("See ![a bridge](images/bridge.svg).")


def test_a_picture_of_another_site_is_a_link_and_is_reported() -> None:
    source = "First.\n\n![Spy](https://spy.example/pixel.gif)"
    rendered = render(source, language="en", find_picture=find_picture)
    assert "<img" not in rendered.html
    assert '<a href="https://spy.example/pixel.gif" rel="noopener">Spy</a>' in rendered.html
    assert rendered.missing == ((2, "https://spy.example/pixel.gif"),)


def test_a_table_can_be_scrolled_and_needs_no_style_attribute() -> None:
    made = html("| a | b |\n|:--|--:|\n| 1 | 2 |")
    assert '<div class="table-scroll" tabindex="0">' in made
    assert '<td class="align-right">2</td>' in made
    assert "style=" not in made


def test_a_footnote_links_there_and_back() -> None:
    made = html("Stated[^1].\n\n[^1]: By whom.")
    assert 'href="#fn1" id="fnref1"' in made
    assert 'href="#fnref1"' in made


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", f"“It{NINE}s over” {DASH} she said…"),
        ("de-AT", f"„It{NINE}s over“ {DASH} she said…"),
        ("ar", f"«It{NINE}s over» {DASH} she said…"),
        ("xx", f"“It{NINE}s over” {DASH} she said…"),
    ],
)
def test_quotation_marks_follow_the_language(language: str, line: str) -> None:
    source = '"It\'s over" -- she said...'
    assert typographic(source, language) == line
    assert html(source, language) == f"<p>{line}</p>\n"


def test_one_plain_line_is_not_read_as_markdown() -> None:
    assert typographic("*Not* <b>this</b> [x](y)", "en") == "*Not* <b>this</b> [x](y)"


ALLOWED = {
    *("a", "p", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "br"),
    *("h2", "h3", "h4", "h5", "h6", "img", "figure", "figcaption", "sup", "section"),
    *("div", "table", "thead", "tbody", "tr", "th", "td"),
}
HOSTILE = st.text(alphabet=st.sampled_from("<>[]()!\"'`&;:/\\#*_|^~-= \njavscriptdonlexg1"))


@given(source=HOSTILE)
def test_no_markdown_makes_an_element_or_handler_of_its_own(source: str) -> None:
    for tag, attributes in Tags(html(source)).found:
        assert tag in ALLOWED
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert is_safe_link(attributes.get("href") or "")
