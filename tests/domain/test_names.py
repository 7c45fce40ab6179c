"""Display names, and which of them can be mistaken for each other."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belowline.domain.names import NameRefused, clean_name, honest, look, mixed_scripts

CYRILLIC = str.maketrans(
    {
        "a": "\N{CYRILLIC SMALL LETTER A}",
        "e": "\N{CYRILLIC SMALL LETTER IE}",
        "o": "\N{CYRILLIC SMALL LETTER O}",
        "p": "\N{CYRILLIC SMALL LETTER ER}",
        "c": "\N{CYRILLIC SMALL LETTER ES}",
        "B": "\N{CYRILLIC CAPITAL LETTER VE}",
        "M": "\N{CYRILLIC CAPITAL LETTER EM}",
    }
)
GREEK_NU = "\N{GREEK CAPITAL LETTER NU}"
GREEK_MONA = "\u039c\u039f\u039d\u0391"


def refusal(raw: str) -> str:
    """The code with which a name is refused, "" when it is taken."""
    try:
        clean_name(raw)
    except NameRefused as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Ben B.",
        "Chidi Anyanwu",
        "J.R. O'Brien-Müller",
        "ẞtefan",
        "Nguyễn Thị Hương",
        "Вася",
        "Νίκος",
        "علی\u200cرضا",
        "محمد",
        "דוד",
        "राम कुमार",
        "สมชาย",
        "山田太郎",
        "김민준",
        "DJ Вася",
        "👩\u200d🚒 Ada",
        "42",
        "Modest Mussorgsky",
        "Editha",
        "Rolf Staff",
    ],
)
def test_names_of_people_are_taken_as_they_are(name: str) -> None:
    assert clean_name(name) == name


def test_spaces_are_made_single_and_letters_composed() -> None:
    assert clean_name("  Zoe\u0308 \u00a0 \tLee ") == "Zoë Lee"


def test_direction_marks_that_a_keyboard_left_are_dropped() -> None:
    assert clean_name("\u200fمنى\u200e") == "منى"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "name_empty"),
        (" \u200f ", "name_empty"),
        ("!?…", "name_empty"),
        ("🌸🌸", "name_empty"),
        ("x" * 41, "name_too_long"),
        ("x" * 100_000, "name_too_long"),
        ("e" + "\u0301\u0316" * 400, "name_characters"),
        ("Ada\nBen", "name_characters"),
        ("Ada\u2028Ben", "name_characters"),
        ("A\x00da", "name_characters"),
        ("A\u200bda", "name_characters"),
        ("A\u200dda", "name_characters"),
        ("\u202eadA", "name_characters"),
        ("Ada\u2066", "name_characters"),
        ("Ada \u3164", "name_characters"),
        ("Ada\u2800", "name_characters"),
        ("Z\u0334\u0334\u0334\u0334\u0334algo", "name_characters"),
        ("Ada \ue000", "name_characters"),
        ("half \ud83d", "name_characters"),
        ("https://spam.example", "name_link"),
        ("www.spam.example", "name_link"),
        ("ada@mail.example", "name_link"),
        ("best-casino.com", "name_link"),
    ],
)
def test_what_is_no_name_is_refused(raw: str, code: str) -> None:
    assert refusal(raw) == code


def test_a_letter_with_its_accents_counts_once() -> None:
    assert clean_name("क्षि" * 10) == "क्षि" * 10
    assert clean_name("x̱" * 40)
    assert refusal("x̱" * 41) == "name_too_long"


@pytest.mark.parametrize(
    "name",
    [
        "Moderator",
        "MODERATOR",
        "The Moderator",
        "Moderator Mona",
        "moderator_7",
        "Moderator123",
        "M0derat0r",
        "rnoderator",
        "m o d e r a t o r",
        "M-o-d-e-r-a-t-o-r",
        "M\N{CYRILLIC SMALL LETTER O}derator",
        "\N{MATHEMATICAL BOLD CAPITAL M}oderator",
        "ᴀᴅᴍɪɴ",
        "Adm1n",
        "@dmin",
        "AdmIn",
        "Editor",
        "Redaktion",
        "Rédaction",
        "Redacción",
        "модератор",
        "МОДЕРАТОР",
        "Redaktör",
        "مشرف",
        "الإدارة",
        "管理员",
        "운영자",
        "Staff",
        "No Name",
        "no-name",
        "N0 Name",
        f"{GREEK_NU}\N{GREEK SMALL LETTER OMICRON} Name",
        "Ohne Name",
        "Anonymous",
    ],
)
def test_what_sounds_like_the_newsroom_or_like_nobody_is_reserved(name: str) -> None:
    assert refusal(name) == "name_reserved"


def test_staff_may_bear_a_reserved_name() -> None:
    assert clean_name("Editor Edgar", reserved=False) == "Editor Edgar"


@pytest.mark.parametrize(
    ("name", "forged"),
    [
        ("Mona", "Mona".translate(CYRILLIC)),
        ("Mona", "M\N{CYRILLIC SMALL LETTER O}na"),
        ("Mona", GREEK_MONA),
        ("Mona", "rnona"),
        ("Mona", "Mon\N{LATIN SMALL LETTER ALPHA}"),
        ("Mona", "ᴍᴏɴᴀ"),
        ("Mona", "🅼🅾🅽🅰"),
        ("Ben", "Ben".translate(CYRILLIC)),
        ("Nina", f"{GREEK_NU}ina"),
        ("Alice", "AIice"),
        ("Alice", "A1ice"),
        ("Alice", "A|ice"),
        ("Olaf", "0laf"),
        ("Willi", "VViIIi"),
        ("Edgar", "E.d.g.a.r"),
    ],
)
def test_a_forged_name_has_the_look_but_not_the_honest_form(name: str, forged: str) -> None:
    assert look(forged) == look(name)
    assert honest(forged) != honest(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"),
        ("José", "Jose"),
        ("Müller", "MÜLLER"),
        ("Ada  Lee", "ada lee"),
        ("Ａｄａ", "Ada"),
        ("Вася", "ВАСЯ"),
        ("Straße", "STRASSE"),
    ],
)
def test_honest_spellings_of_one_name_do_not_forge_each_other(one: str, other: str) -> None:
    assert look(one) == look(other)
    assert honest(one) == honest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "Ida"),
        ("Ben", "Bea"),
        ("Anna", "Hanna"),
        ("Ivan", "Ian"),
        ("Вася", "Ваня"),
        ("राम", "रमा"),
        ("か", "が"),
        ("Anna5", "Annas"),
    ],
)
def test_names_that_nobody_confuses_have_different_looks(one: str, other: str) -> None:
    assert look(one) != look(other)


def test_one_word_of_two_alphabets_is_told_from_two_words() -> None:
    assert mixed_scripts("M\N{CYRILLIC SMALL LETTER O}na")
    assert mixed_scripts("Ada \N{GREEK SMALL LETTER ALPHA}da")
    assert not mixed_scripts("Ada Вася")
    assert not mixed_scripts("Adaさん 漢字カナ")
    assert not mixed_scripts("K팝")
    assert not mixed_scripts("Ada 3 é ½")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_name_that_was_taken_is_taken_again_unchanged(raw: str) -> None:
    try:
        name = clean_name(raw)
    except NameRefused:
        return
    assert clean_name(name) == name
    assert look(name) == look(name.upper().lower()) or not name.isascii()
    assert name == name.strip()
    assert "\n" not in name
