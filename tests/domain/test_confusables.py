"""Look-alike letters, and the way back from a folded text to what was written."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belowline.domain.confusables import (
    AS_SEEN,
    AS_WRITTEN,
    BY_SHAPE,
    WORD,
    fold,
    script,
    skeleton,
)

CYRILLIC_PACE = "\u0440\u0430\u0441\u0435"


def test_texts_that_look_alike_have_one_skeleton() -> None:
    assert skeleton(CYRILLIC_PACE) == skeleton("pace")
    assert skeleton("Ada\u200b") == skeleton("Ada")
    assert skeleton("rn") == skeleton("m")
    assert skeleton("1l|I") == "llll"


def test_a_skeleton_keeps_case_as_uts_39_does() -> None:
    assert skeleton("B") != skeleton("b")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Straße", "strasse"),
        ("Café", "cafe"),
        ("ﬁne", "fine"),
        (CYRILLIC_PACE, "pace"),
        ("ＦＵＬＬ", "full"),
        ("𝖇𝖔𝖑𝖉 🅑🅞🅧", "bold box"),
        ("ꜱᴍᴀʟʟ", "small"),
        ("s\u00ado\u200bft", "soft"),
        ("مُحَمَّد", fold("محمد")),
        ("محـــمد", fold("محمد")),
        ("snake_case", "snake case"),
        ("٣ 3", "3 3"),
        ("burn modern corn", "burn modern corn"),
        ("this|that", "this|that"),
    ],
)
def test_folding_leaves_what_a_word_is_compared_by(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_vowel_signs_and_other_marks_that_make_another_word_stay() -> None:
    assert fold("राम") != fold("रम")
    assert fold("が") != fold("か")


def test_digits_are_letters_and_repeats_are_one_only_on_request() -> None:
    assert fold("5h1t") == "5h1t"
    assert fold("5h1t", leet=True) == "shit"
    assert fold("soooo", squeeze=True) == "so"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_word_of_a_reading_is_found_again_in_the_text(text: str) -> None:
    for reading in (AS_WRITTEN, BY_SHAPE, *AS_SEEN):
        read = reading.read(text)
        for match in WORD.finditer(read):
            start, end = reading.places(text, match.start(), match.end())
            assert 0 <= start < end <= len(text)
            assert match.group() in reading.read(text[start:end])


def test_places_are_those_of_the_letters_that_were_typed() -> None:
    text = "Ⅷ ﬀ s\u200bpam"
    read = AS_WRITTEN.read(text)
    start = read.index("spam")
    assert AS_WRITTEN.places(text, start, start + 4) == (4, 9)


def test_each_letter_has_its_script_and_shared_characters_none() -> None:
    letters = ["a", "\N{CYRILLIC SMALL LETTER A}", "ا", "漢", "ก", "1", "!", "\u0301", "\U0010ffff"]
    found = ["Latin", "Cyrillic", "Arabic", "Han", "Thai", "", "", "", ""]
    assert [script(letter) for letter in letters] == found
