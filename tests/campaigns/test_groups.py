# ruff: noqa: RUF001 -- look-alike letters are what this is about
"""Which texts belong together, as they arrive."""

from __future__ import annotations

import pytest

from belowline.campaigns import matching
from belowline.campaigns.arriving import Common
from belowline.campaigns.memory import Groups
from belowline.campaigns.reading import read
from tests.campaigns.texts import (
    CORE,
    DISGUISED,
    GERMAN,
    HALVES,
    INNOCENT,
    JAPANESE,
    KOREAN,
    MISTYPED,
    MISTYPED_GERMAN,
    MOVED,
    WRAPPED,
)


def groups_of(*texts: str) -> list[int]:
    """The group of each, in a memory that knows nothing else."""
    groups = Groups(1_000)
    return [groups.add(text) for text in texts]


@pytest.mark.parametrize("text", DISGUISED)
def test_a_disguised_copy_joins_what_it_copies(text: str) -> None:
    assert groups_of(CORE, *INNOCENT, text)[-1] == 1


@pytest.mark.parametrize("text", WRAPPED)
def test_a_copy_wrapped_in_own_words_joins_what_it_copies(text: str) -> None:
    assert groups_of(CORE, *INNOCENT, text)[-1] == 1


def test_a_text_is_compared_with_fewer_the_longer_it_is() -> None:
    known = {**{key: [1, 2, 3, 4, 5, 6, 7] for key in range(4)}, 4: [7]}
    assert matching.candidates(known, words=300) == [7, 1, 2, 3, 4, 5]
    assert matching.candidates(known, words=600) == [7, 1, 2]
    assert matching.candidates(known, words=1_500) == [7, 1]


def test_a_word_in_common_is_no_reason_to_compare_two_texts() -> None:
    assert matching.candidates({1: [1], 2: [2, 3], 3: [2, 4], 4: [2, 5]}, words=20) == [2]
    assert matching.candidates({1: [1], 2: [1], 3: [2]}, words=20) == [1]


def test_what_is_common_is_not_asked_for_until_what_has_it_is_old() -> None:
    common = Common()
    common.learn({1: range(100, 100 + matching.COMMON), 2: [900]})
    assert common.unknown([1, 2], since=100) == [2]
    assert common.unknown([1, 2], since=101) == [1, 2]


def test_a_copy_in_a_very_long_text_is_found_all_the_same() -> None:
    own = " ".join(
        f"paragraph{place} about{place % 89} the harbour{place % 53}" for place in range(300)
    )
    assert groups_of(CORE, *INNOCENT, f"{own} {CORE}")[-1] == 1


def test_copies_that_all_have_own_words_around_them_find_each_other() -> None:
    assert len(set(groups_of(*WRAPPED))) == 1


def test_a_campaign_of_all_disguises_is_one_group() -> None:
    assert set(groups_of(*DISGUISED, *WRAPPED, CORE)) == {1}


@pytest.mark.parametrize("first", range(1 + len(MOVED)))
def test_copies_whose_spaces_were_moved_are_found_whichever_comes_first(first: int) -> None:
    texts = [CORE, *MOVED]
    assert set(groups_of(*texts[first:], *texts[:first], *INNOCENT)[: len(texts)]) == {1}


@pytest.mark.parametrize("first", range(2))
def test_copies_with_a_wrong_letter_in_each_word_are_found_whichever_comes_first(
    first: int,
) -> None:
    texts = [MISTYPED[0], CORE] if first else [CORE, MISTYPED[0]]
    groups = groups_of(*texts, *INNOCENT, MISTYPED[1], GERMAN, MISTYPED_GERMAN)
    assert groups[0] == groups[1] == groups[-3]
    assert groups[-2] == groups[-1]


def test_a_plain_copy_joins_what_began_in_disguise_to_what_did_not() -> None:
    groups = Groups(1_000)
    begun = [groups.add(text) for text in (MOVED[0], f"{WRAPPED[0]} {WRAPPED[1]}", CORE)]
    assert begun[0] != begun[1]
    assert len({groups.now(group) for group in begun}) == 1


def test_people_who_write_about_the_same_thing_are_no_group() -> None:
    found = groups_of(CORE, *INNOCENT)
    assert len(set(found)) == len(found)


def test_short_phrases_are_no_copies_however_common() -> None:
    said = [f"{word}, I agree." for word in ("Ada", "Ben", "Chidi", "Mona", "Edgar")]
    assert len(set(groups_of(*said))) == len(said)


def test_who_quotes_and_answers_does_not_copy() -> None:
    answer = f"> {CORE}\nThat is not true, the sale was in the paper for weeks and I was asked."
    assert groups_of(CORE, answer) == [1, 2]


def test_who_quotes_and_says_nothing_copies() -> None:
    assert groups_of(CORE, f"> {CORE}\nSo true!") == [1, 1]


@pytest.mark.parametrize("text", [GERMAN, JAPANESE, KOREAN, KOREAN.replace(" ", "")])
def test_other_languages_are_read_too(text: str) -> None:
    assert groups_of(text, *INNOCENT, f"Hallo! 😀 {text} 👍")[-1] == 1


def test_people_who_write_korean_are_no_group() -> None:
    said = [
        "항상 응원합니다. 건강하세요.",
        "기차가 또 취소됐네요, 속상합니다.",
        "제가 표를 잘못 읽었네요. 알려 주셔서 감사합니다.",
        "다리가 삼 년째 닫혀 있는데 언제 열리는지 아무도 말하지 않네요.",
        "소방관분들 정말 수고하셨습니다.",
    ]
    assert len(set(groups_of(*said))) == len(said)


def test_a_story_told_step_by_step_does_not_chain_into_one_group() -> None:
    words = [f"w{number:03}rd{'abcdefghij'[number % 10]}x{number * 7919}" for number in range(120)]
    steps = [" ".join(words[start : start + 20]) for start in range(0, 100, 4)]
    found = groups_of(*steps)
    assert found[0] != found[-1]
    assert max(found.count(group) for group in found) <= len(steps) // 2


def test_what_is_remembered_is_bounded() -> None:
    groups = Groups(50)
    first = groups.add(CORE)
    for number in range(200):
        groups.add(
            f"Number {number * 7919} of the {number} boats at pier {number * 31} is {number}."
        )
    assert len(groups._cores) <= 50
    assert groups.add(CORE) != first


def test_the_same_texts_make_the_same_groups() -> None:
    texts = [*DISGUISED, *INNOCENT, *WRAPPED]
    assert groups_of(*texts) == groups_of(*texts)


@pytest.mark.parametrize("text", ["", " ", "🐟" * 40, ">" * 500, "a." * 5_000, "@" * 3_000])
def test_a_text_without_words_is_a_group_of_its_own(text: str) -> None:
    assert groups_of(text, text) in ([1, 2], [1, 1])


def test_a_word_keeps_its_number_under_a_disguise() -> None:
    plain = read("council").own[0].number
    for disguised in ("COUNCIL", "соunсіl", "c0uncil", "coucnil", "c.o.u.n.c.i.l", "counc\u200bil"):
        assert [word.number for word in read(disguised).own] == [plain], disguised


def test_a_place_is_found_again_in_the_text_as_it_was_written() -> None:
    text = "Ｆａｎｃｙ! s\u200bo\u200bld thé fish"
    word = read(text).own[1]
    start, end = read(text).place(word.start, word.end)
    assert text[start:end].replace("\u200b", "") == "sold"


def test_who_quotes_with_marks_and_says_more_does_not_copy() -> None:
    answer = (
        f"“{CORE}” they write, and every word is wrong. I sat in that meeting for four hours, "
        "the whole lower town was there, the price was read out twice and nobody had a cousin."
    )
    assert groups_of(CORE, answer) == [1, 2]
    assert groups_of(CORE, f"“{CORE}” So true, friends, share it!") == [1, 1]


def test_what_parts_signs_without_spaces_hides_no_copy() -> None:
    parted = "·".join(JAPANESE[place : place + 3] for place in range(0, len(JAPANESE), 3))
    starred = "*".join(JAPANESE[place : place + 2] for place in range(0, len(JAPANESE), 2))
    assert groups_of(JAPANESE, parted, starred) == [1, 1, 1]


def test_people_who_answer_the_same_readers_are_no_group() -> None:
    called = " ".join(f"@{name}{number}" for number, name in enumerate(("quayside", "ferry") * 6))
    said = [f"{called} {text}" for text in INNOCENT[:4]]
    assert len(set(groups_of(*said))) == len(said)


def test_what_two_people_may_write_by_themselves_takes_a_third_to_be_a_group() -> None:
    groups = Groups(1_000)
    ada, chidi = (
        groups.add("Happy birthday to wonderful Ada Quay! She turns 31 today."),
        groups.add("Happy birthday to Chidi Low! Today he turns 48."),
    )
    assert groups.now(ada) != groups.now(chidi)
    ben = groups.add("Happy birthday to Ben Ridge, who turns 60 today!")
    assert groups.now(ada) == groups.now(chidi) == groups.now(ben)


def test_groups_that_a_later_text_fits_become_one() -> None:
    groups = Groups(1_000)
    one, other, both = (groups.add(text) for text in (*HALVES, CORE))
    assert one != other
    assert groups.now(one) == groups.now(other) == groups.now(both)


def test_who_pastes_two_things_makes_them_no_one_thing() -> None:
    groups = Groups(1_000)
    one, other = (groups.add(text) for text in (CORE, GERMAN))
    groups.add(f"{CORE} {GERMAN}")
    assert groups.now(one) != groups.now(other)


def test_who_puts_into_marks_what_others_said_without_and_answers_it_quotes_it() -> None:
    answers = [
        f"“{CORE}” Nonsense, my cousins never got a single herring from anybody.",
        f"«{CORE}» Rubbish, I was asked twice and the price stood in the paper.",
    ]
    assert groups_of(CORE, *answers) == [1, 2, 3]
    assert len(set(groups_of(*answers))) == 1
