"""The stored form of a text, its HTML, and its parts."""

from __future__ import annotations

from html.parser import HTMLParser
from unicodedata import is_normalized
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from belowline.domain.text import (
    TextRefused,
    boundary,
    excerpt,
    fold_point,
    normalise,
    plain_links,
    to_html,
)

CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"
ZWJ, ZWNJ = "\u200d", "\u200c"

LIVING_TEXTS = [
    "Die Fähre fährt um fünf, schön!",
    "Tiếng Việt có nhiều dấu thanh: ế, ộ, ữ.",
    "مُحَمَّدٌ كَتَبَ هٰذَا التَّعْلِيقَ",
    "می\u200cشود",
    "שָׁלוֹם לְכֻלָּם, בְּרֵאשִׁ֖ית",
    "हिन्दी में क्षत्रिय और श्री",
    "ক্\u200dষ এবং র\u200d্যাব",
    "ശ്രീ\u200cമാൻ, നന്\u200dമ",
    "ที่นี่มีน้ำ กี่วันก็ได้",
    "ကြွှေ့ဝယ်",
    "བསྒྲུབས་པ",
    "ភ្នំពេញ",
    "한국어와 日本語、中文。",
    "がぎぐげご パピプペポ",
    "👩\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 👍🏽 1\ufe0f\u20e3 🇩🇪 ❤\ufe0f\u200d🔥",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Alba",
    "(:) ¯\\_(ツ)_/¯ <3 ♥ § ½ № ℃",
    "Price: 5\u00a0€, «bon\u202fjour !»",
    "The word is עברית\u200e (Hebrew).",
]

HOSTILE = st.lists(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(
            "a <>&\"'()/:.@#%\\\t\r\n\x00\x85\u00ad\u0301\u0344\u034f\u0316\u0640\u064b\u0653\u0654"
            "\u061c\u093c\u0915\u0958\u094d\u0e35\u0e49\u0f73\u1100\u1161\u11a8\u200b\u200c\u200d"
            "\u200e\u200f\u2028\u202e\u2066\u20e3\u2764\ufe0f\ufe0e\ufdd0\uffff\ufb1d\u2adc\u05b7"
            "\U0001f3f4\U0001f1e6\U0001f3fb\U0001f468\U000e0067\U000e007f\U000e0101\U0001d15e"
        ),
        st.sampled_from(["http://", "https://", "www.", "javascript:", "<script>", "a.b/", "xn--"]),
    ),
    max_size=40,
).map("".join)


def stored(raw: str) -> str:
    """`normalise`, with "" for what it refuses."""
    try:
        return normalise(raw)
    except TextRefused:
        return ""


# -- the stored form -----------------------------------------------------------------------


@pytest.mark.parametrize("text", LIVING_TEXTS)
def test_what_people_write_in_their_languages_is_stored_as_they_wrote_it(text: str) -> None:
    assert normalise(text) == text


@settings(deadline=None)
@given(HOSTILE)
@example("\u0958\u0301\ufe0f")
@example("e" + "\u0344" * 5)
@example("\u0628" + "\u064b" * 6 + ZWJ + ZWNJ)
@example("\u1100" + ZWJ + "\u1161" + ZWJ)
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    once = stored(raw)
    assert stored(once) == once


@settings(deadline=None)
@given(HOSTILE)
def test_a_stored_text_can_be_written_as_utf_8_and_is_composed(raw: str) -> None:
    text = stored(raw)
    text.encode()
    assert is_normalized("NFC", text)
    assert text == text.strip()
    assert not any(char < " " and char != "\n" for char in text)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("one\r\ntwo\rthree\x85four\u2028five\u2029six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("  \n\n one  \t\n\n\n\n two\t2 \n", "one\n\n two 2"),
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("e\u0301", "é"),
        ("\ufeffB\u200ba\u2060d\u00ad", "Bad"),
        ("pay\u202elap\u202c \u2066x\u2069", "paylap x"),
        ("b" + ZWNJ + "a" + ZWJ + "d", "bad"),
        ("\ufdd0a\uffff\U0001fffe", "a"),
        ("hi\U000e0068\U000e0069", "hi"),
        ("x\u200f\u200f\u200e", "x\u200f"),
        ("😀\ufe0f\ufe0e\U000e0101!", "😀\ufe0f!"),
        ("👩" + ZWJ + " 👩", "👩 👩"),
        ("a\u3164b", "ab"),
    ],
)
def test_what_only_hides_or_confuses_is_removed(raw: str, text: str) -> None:
    assert normalise(raw) == text


def test_piles_of_marks_are_cut_to_what_languages_need() -> None:
    assert normalise("z" + "\u0334" * 50 + "a") == "z" + "\u0334" * 4 + "a"
    assert normalise("ส" + "\u0e49" * 50) == "ส" + "\u0e49" * 4


@pytest.mark.parametrize(
    "raw", ["", "  \n\t", "\u200f\u200b\ufeff", "\u2800\u2800", "\u0301", "\x00"]
)
def test_a_text_in_which_nothing_can_be_seen_is_refused_as_empty(raw: str) -> None:
    with pytest.raises(TextRefused) as refusal:
        normalise(raw)
    assert refusal.value.code == "text_empty"


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(TextRefused) as refusal:
        normalise("half \ud83d an emoji")
    assert refusal.value.code == "text_characters"


def test_the_limit_counts_code_points_of_what_is_stored() -> None:
    assert normalise("  ééé  ", 3) == "ééé"
    assert normalise("\U0001f600" * 3, 3) == "\U0001f600" * 3
    with pytest.raises(TextRefused) as refusal:
        normalise("four", 3)
    assert (refusal.value.code, refusal.value.values) == ("text_too_long", {"limit": 3})


# -- links ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See https://example.org/a.", ["https://example.org/a"]),
        ("(see http://example.org/a_(b))", ["http://example.org/a_(b)"]),
        ("[www.example.org]!", ["https://www.example.org"]),
        ("HTTPS://Example.ORG/A?b=C#d", ["https://example.org/A?b=C#d"]),
        ("看https://example.org/路。好", ["https://example.org/%E8%B7%AF"]),
        ("http://a.example, http://b.example;", ["http://a.example", "http://b.example"]),
        ("http://192.0.2.7:8080/x", ["http://192.0.2.7:8080/x"]),
        ("http://example.org/?a[]=1&b=%zz", ["http://example.org/?a%5B%5D=1&b=%25zz"]),
        ("http://münchen.example/ß", ["http://xn--mnchen-3ya.example/%C3%9F"]),
        ('http://a.example/"onclick="x', ["http://a.example/"]),
        ("http://bank.example\\@evil.example", ["http://bank.example"]),
        ("Go to example.org/path, now.", ["https://example.org/path"]),
        ("As on example.com.", ["https://example.com"]),
        ("(sub.example.co.uk?a=b)", ["https://sub.example.co.uk?a=b"]),
        ("example.net:8443/x", ["https://example.net:8443/x"]),
        ("example.is/buy", ["https://example.is/buy"]),
        ("a.example.org and b.example.org", ["https://a.example.org", "https://b.example.org"]),
    ],
)
def test_web_addresses_are_found_without_the_sentence_around_them(
    text: str, urls: list[str]
) -> None:
    assert [link.url for link in plain_links(text)] == urls


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "https:///path",
        "http://localhost/",
        "http://a..b/",
        "http://999.1.1.1/",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://exa%6dple.org/",
        "http://xn--/",
        "http://xn--a.example/",
        "ftp://example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "ada@www.example.org",
        "ada@example.org",
        "ada.example.com@evil.example",
        "I know.it is late.So we go.",
        "README.md and notes.py",
        "example.com.evil",
        "3.5/10 or 1.2.3 km/h",
        "e.g. a.m./p.m.",
        "/home/ada/example.org",
        "http://" + "a" * 64 + ".example",
        "http://example.org/" + "a" * 2_000,
    ],
)
def test_what_a_browser_could_not_or_should_not_follow_is_no_link(text: str) -> None:
    assert plain_links(text) == []
    assert "<a" not in to_html(text)


def test_a_link_has_the_place_of_what_was_typed() -> None:
    text = "Hej 😀 www.example.org/x, ok"
    (link,) = plain_links(text)
    assert text[link.start : link.end] == "www.example.org/x"
    assert (link.host, link.warning) == ("www.example.org", "")


def test_an_address_that_hides_its_host_behind_a_name_is_not_made_a_link() -> None:
    text = "http://bank.example@evil.example/login"
    (link,) = plain_links(text)
    assert (link.host, link.warning) == ("evil.example", "userinfo")
    assert to_html(text) == f'<p dir="auto">{text}</p>'


@pytest.mark.parametrize(
    "host",
    [
        f"p{CYRILLIC_A}ypal.example",
        f"{CYRILLIC_A}\u0440\u0440.example",
        "g\N{GREEK SMALL LETTER IOTA}thub.example",
    ],
)
def test_a_host_in_look_alike_letters_shows_what_it_is(host: str) -> None:
    (link,) = plain_links(f"https://{host}/")
    assert link.warning == "lookalike"
    assert link.shown.startswith("https://xn--")


def test_an_honest_host_in_other_letters_is_shown_in_them() -> None:
    (link,) = plain_links("https://пример.example/")
    assert (link.shown, link.warning) == ("https://пример.example/", "")


def test_a_long_address_is_shown_shortened_but_never_its_host() -> None:
    host = "bank.example." + "a" * 60 + ".evil.example"
    (link,) = plain_links(f"https://{host}/{'x' * 200}")
    assert link.shown.startswith(f"https://{host}/")
    assert link.shown.endswith("…")
    (link,) = plain_links("https://example.org/" + "x" * 200)
    assert len(link.shown) == 61


# -- HTML ----------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Reads HTML as a browser does and keeps what was written between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment in the HTML")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration in the HTML")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("an instruction in the HTML")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError("a declaration in the HTML")


def assert_harmless(html: str) -> None:
    """Only paragraphs, line breaks and links to the web, with nothing but our attributes."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.tags:
        if tag == "a":
            assert set(attributes) == {"href", "rel", "dir"}
            assert attributes["rel"] == "ugc nofollow noopener"
            address = urlsplit(attributes["href"] or "")
            assert address.scheme in ("http", "https")
            assert address.hostname
            assert "@" not in address.netloc
        else:
            assert (tag, attributes) in [("p", {"dir": "auto"}), ("br", {})]


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_that_is_typed_becomes_markup(raw: str) -> None:
    assert_harmless(to_html(raw))


@pytest.mark.parametrize(
    "payload",
    [
        "<script>window.hit=1</script>",
        "<img src=x onerror=hit()>",
        "<svg/onload=hit()>",
        "<a href=javascript:hit()>x</a>",
        "\"><iframe srcdoc='<script>hit()</script>'>",
        "</p></div><style>@import 'x'</style>",
        "<!--<img src='--><img src=x onerror=hit()//'>",
        "<![CDATA[<script>hit()</script>]]>",
        "<?php echo 1 ?>",
        "&lt;script&gt;hit()&lt;/script&gt;",
        "&#60;script&#62;hit()",
        "<scr<script>ipt>hit()</scr</script>ipt>",
        'http://a.example/"onmouseover="hit()',
        "http://a.example/'onmouseover='hit()",
        "http://a.example/><script>hit()</script>",
        "http://a.example/`style=x`",
        "https://a.example/?q=<svg onload=hit()>",
        "www.a.example/&quot;onfocus=hit()",
        "javascript://a.example/%0ahit()",
        "java\tscript:hit() http://x.example",
        "http://javascript:hit()@a.example",
        "{{constructor.constructor('hit()')()}} ${hit()} #{hit()} <%= hit() %>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=hit()>",
        "\u2028<script>hit()</script>\x00<\x00script>",
        "\uff1cscript\uff1ehit()\uff1c/script\uff1e",
        "<a\x0chref='http://a.example'/onclick=hit()>",
        '[x](javascript:hit()) ![x](x" onerror="hit())',
        "[url=javascript:hit()]x[/url]",
    ],
)
def test_markup_is_shown_as_it_was_typed(payload: str) -> None:
    text = normalise(payload)
    html = to_html(text)
    assert_harmless(html)
    reader = Reader()
    reader.feed(html)
    if not plain_links(text):
        assert "".join(reader.words) == text.replace("\n", "")


def test_paragraphs_and_line_breaks_are_kept() -> None:
    html = to_html("one\ntwo\n\nthree")
    assert html == '<p dir="auto">one<br>two</p><p dir="auto">three</p>'


def test_a_link_says_what_it_is_to_search_engines_and_reads_left_to_right() -> None:
    assert to_html("هنا https://example.org/?a=1&b=2") == (
        '<p dir="auto">هنا <a href="https://example.org/?a=1&amp;b=2" rel="ugc nofollow noopener" '
        'dir="ltr">https://example.org/?a=1&amp;b=2</a></p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "http://" * 15_000,
        "http://a.example/" + "(" * 100_000,
        "http://a.example/" + ")" * 100_000,
        "http://a.example/" + "[)" * 50_000,
        "www." * 25_000,
        "https://" + "a." * 50_000,
        "https://" + "a" * 100_000,
        "http://a.b/ " * 8_000,
        "http://ä.example " * 6_000,
        "\n" * 100_000 + "x",
        " " * 100_000 + "x",
        "<" * 100_000,
        "e" + "\u0301\u0316" * 50_000,
        "क" + "\u093c\u094d" * 50_000,
        "x" + ZWJ * 100_000,
        ("👩" + ZWJ) * 50_000,
        "\U0001f1e6" * 100_000,
        "\U0001f3f4" + "\U000e0061" * 100_000,
        "a\u0301\u0301\u0301" + ZWJ * 100_000,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_hostile_text_of_a_hundred_kilobytes_is_no_trouble(text: str) -> None:
    """Nothing is asserted of time: what takes its square would take the test run's patience."""
    clean = normalise(text)
    assert_harmless(to_html(clean))
    assert len(excerpt(clean, 200)) <= 200
    fold = fold_point(clean)
    assert fold is None or 0 < fold <= len(clean)


# -- parts of a text -----------------------------------------------------------------------


def test_a_short_text_is_its_own_excerpt_on_one_line() -> None:
    assert excerpt("one\n\n two  three", 80) == "one two three"


def test_an_excerpt_ends_between_words() -> None:
    assert excerpt("The ferry was late again, as ever.", 20) == "The ferry was late…"


@settings(deadline=None)
@given(HOSTILE, st.integers(min_value=0, max_value=40))
def test_an_excerpt_keeps_its_limit(text: str, limit: int) -> None:
    assert len(excerpt(text, limit)) <= limit


@pytest.mark.parametrize(
    "whole",
    ["é̱", "👩\u200d👩\u200d👧", "👍🏽", "🇩🇪", "क्ष", "กี่", "1\ufe0f\u20e3", "\u1100\u1161\u11a8"],
)
def test_a_text_is_never_cut_inside_of_what_a_reader_sees_as_one_character(whole: str) -> None:
    text = "x" + whole + "x"
    for place in range(2, 1 + len(whole)):
        assert boundary(text, place) == 1
    assert boundary(text, 1 + len(whole)) == 1 + len(whole)


def test_flags_are_cut_between_pairs() -> None:
    assert [boundary("🇩🇪🇫🇷🇮🇹", place) for place in range(7)] == [0, 0, 2, 2, 4, 4, 6]


def test_a_usual_comment_does_not_fold() -> None:
    assert fold_point("word " * 240) is None
    assert fold_point("\n".join("x" * 18)) is None


def test_a_very_long_comment_folds_between_words() -> None:
    text = "word " * 400
    place = fold_point(text)
    assert place is not None
    assert 600 < place <= 800
    assert text[place] == " "


def test_a_comment_of_many_lines_folds_at_the_end_of_the_twelfth() -> None:
    text = "\n".join(f"line {number}" for number in range(1, 31))
    place = fold_point(text)
    assert place is not None
    assert text[:place].endswith("line 12")


def test_a_comment_without_a_space_folds_all_the_same() -> None:
    assert fold_point("长" * 2_000) == 800
