"""Words of a pair in each other's place."""

from __future__ import annotations

import pytest

from belowline.domain.swaps import Pair, pair, pairs, swap

BANKS = Pair("Eastbank", "Westbank")


@pytest.mark.parametrize(
    ("listed", "text", "expected"),
    [
        (BANKS, "Go home, Eastbank!", "Go home, Westbank!"),
        (BANKS, "Westbank: 3", "Eastbank: 3"),
        (BANKS, "EASTBANK, eastbank (Westbank)", "WESTBANK, westbank (Eastbank)"),
        (Pair("ferry folk", "hill folk"), "Ferry\n folk are loud", "Hill folk are loud"),
        (Pair("NDU", "Reform"), "NDU, ndu and Reform", "Reform, reform and NDU"),
        (Pair("New Dorn", "New"), "New Dorn or New Dorners", "New or New Dorn Dorners"),
        (Pair("O'Dorn", "Miller"), "Ask O\u2019Dorn", "Ask Miller"),
        (Pair("شرق", "غرب"), "أهل الشرق وغرب", "أهل الغرب وشرق"),
        (Pair("북쪽", "남쪽"), "북쪽이 좋다", "남쪽이 좋다"),
        (Pair("東側", "西側"), "あの東側の人", "あの西側の人"),
        (Pair("север", "юг"), "Север победит", "Юг победит"),
        (Pair("उत्तर", "दक्षिण"), "उत्तर और उत्तरी", "दक्षिण और उत्तरी"),
    ],
)
def test_whole_words_are_exchanged_in_the_case_in_which_they_stand(
    listed: Pair, text: str, expected: str
) -> None:
    found = swap(text, listed)
    assert found is not None
    assert found.text == expected


@pytest.mark.parametrize("text", ["", "Eastbanker", "Northeastbank", "Eastbank2", "East bank"])
def test_a_part_of_another_word_is_left_alone(text: str) -> None:
    assert swap(text, BANKS) is None


def test_it_says_which_side_a_text_had_and_where() -> None:
    one, both = swap("To Westbank", BANKS), swap("Eastbank or Westbank", BANKS)
    assert one is not None
    assert both is not None
    assert (one.side, one.places) == ("right", ((3, 3),))
    assert (both.side, both.places) == ("both", ((0, 0), (12, 12)))


@pytest.mark.parametrize("entry", ["Eastbank", "a = b = c", "A = a", "= b", "a =", "! = ?"])
def test_what_is_no_pair_is_not_taken_for_one(entry: str) -> None:
    assert pair(entry) is None


def test_a_list_is_read_in_its_order() -> None:
    assert pairs(["Eastbank = Westbank", "nonsense", "hill  folk=ferry folk"]) == [
        BANKS,
        Pair("hill folk", "ferry folk"),
    ]
