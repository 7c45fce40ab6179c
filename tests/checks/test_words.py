"""Listed words, and the ways of getting one past a list."""

from __future__ import annotations

import msgspec
import pytest

from belowline.checks import words
from belowline.checks.context import CheckContext

PLAIN = CheckContext(
    text="",
    published=5,
    rejected=0,
    recent_texts=(),
    mode="open",
    language="en",
    is_staff=False,
    is_edit=False,
    banned_words=(),
    suspect_words=(),
    max_links=2,
)
CYRILLIC_C = "\N{CYRILLIC SMALL LETTER ES}"


def seen(text: str, *banned: str) -> list[tuple[str, str]]:
    """What is found of ``banned`` in ``text``: the weight and the words of the text itself."""
    context = msgspec.structs.replace(PLAIN, text=text, banned_words=banned)
    return [(one.weight, text[one.start : one.end]) for one in words.look(context)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("What SCUM, really", "SCUM"),
        ("What s\u0327cúm", "s\u0327cúm"),
        (f"s{CYRILLIC_C}um", f"s{CYRILLIC_C}um"),
        ("\uff33\uff43\uff55\uff4d!", "\uff33\uff43\uff55\uff4d"),
        ("«s\u00adcum»", "s\u00adcum"),
        ("🅢🅒🅤🅜", "🅢🅒🅤🅜"),
        ("this|scum|that", "scum"),
        ("_scum_", "scum"),
        ("s c u m", "s c u m"),
        ("S.C.U.M", "S.C.U.M"),
    ],
)
def test_a_word_that_reads_as_listed_is_refused_at_its_place(text: str, place: str) -> None:
    assert seen(text, "scum") == [("refuse", place)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("what a s c u m", "s c u m"),
        ("5cum bag", "5cum"),
        ("sssscuuummm", "sssscuuummm"),
        ("sc-um!", "sc-um"),
        ("\N{GREEK CAPITAL LETTER NU}O 5CUM", "5CUM"),
    ],
)
def test_a_word_that_has_to_be_guessed_is_held(text: str, place: str) -> None:
    assert seen(text, "scum") == [("hold", place)]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Scunthorpe, Penistone and Sussex", "cunt"),
        ("Scunthorpe, Penistone and Sussex", "sex"),
        ("a classic assessment of the assassin", "ass"),
        ("455 euros at 4:55", "ass"),
        ("The modern barn burns.", "bum"),
        ("Kian and Ali", "klan"),
        ("all is well", "ali"),
        ("cocktails on the docks", "cock"),
        ("I b c", "bc"),
        ("https://example.org/s-c-u-m", "scumx"),
        ("شکر", "شک"),
    ],
)
def test_a_word_within_another_is_not_found(text: str, listed: str) -> None:
    assert seen(text, listed) == []


def test_a_phrase_is_found_over_signs_and_line_breaks() -> None:
    assert seen("go to\n the  dogs!", "Go to the dogs") == [("refuse", "go to\n the  dogs")]
    assert seen("go to other dogs", "go to the dogs") == []


def test_vowel_signs_and_pointing_of_other_scripts_are_understood() -> None:
    assert seen("यह गधा है", "गधा") == [("refuse", "गधा")]
    assert seen("هذا كَلْب!", "كلب") == [("refuse", "كَلْب")]
    assert seen("ЭТО СПАМ", "спам") == [("refuse", "СПАМ")]


def test_a_word_of_a_script_without_spaces_is_found_inside_and_left_to_people() -> None:
    assert seen("你这个笨蛋啊", "笨蛋") == [("hold", "笨蛋")]
    assert seen("คนโง่มาก", "โง่") == [("hold", "โง่")]


def test_an_emoji_can_be_listed() -> None:
    assert seen("go 🖕🏽!", "🖕") == [("refuse", "🖕")]


def test_a_list_of_blanks_finds_nothing() -> None:
    assert seen("anything at all", "", " ", "\u200b") == []


def test_a_long_list_and_a_hostile_text_find_each_word_once() -> None:
    listed = [f"word{number}x" for number in range(5_000)]
    assert seen("word7x " * 1_400, *listed) == [("refuse", "word7x")]
    assert seen("脏话" * 5_000, "脏话", *listed) == [("hold", "脏话")]
    assert seen("w " * 5_000, *listed) == []
