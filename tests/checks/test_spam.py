"""Spam: what is found, where, and what is left alone."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from belowline.checks import spam
from belowline.domain.decisions import Finding
from belowline.domain.policy import Facts, judge
from belowline.domain.rulebook import Unreadable, read
from belowline.domain.spam import WEIGHTS, score, signs
from belowline.risk.judge import Judge
from belowline.risk.lines import answer
from tests.checks.test_checks import PLAIN

SPAM = [
    "Check out my channel and subscribe, I sing about the harbour!",
    "Earn $900 a day from home, message me on Telegram @quaymoney",
    "\u0421\u0430sino b\u043enus, j\u043ein: https://lucky.example/win",
    "Lost your money? Call Dr Quill the spell caster: +1 555 010 99 88",
    "Verdiene Geld: Geld verdienen von zu Hause, schreib mir auf WhatsApp",
    "Заработок 300$ в день без вложений, пишите в лс",
    "Gana dinero desde casa, escríbeme por WhatsApp",
    "اربح من العمل من المنزل، راسلني على واتساب",
    "加微信赚钱 日赚三百 点击加入",
    "I was skeptical at first, but Mrs. Vane traded for me. Text her +44 7700 900 123",
    "Do you need a genuine loan at 2% interest rate? Bad credit accepted, apply now",
    "Our PhD writers write your essay, plagiarism free, order now: https://papers.example",
    "Great post, thanks for sharing. We offer SEO services: https://rank.example",
    "Lonely single lady, looking for a serious man, add me on hangouts",
    "Copy and paste this to ten other comments, send this to 10 people before midnight",
    "\u27a1\ufe0f Free signals, join our VIP channel on Telegram",
    "Kredit ab 2 % ohne Schufa, Anfragen per Mail: geld@bank.example",
    "Préstamos urgentes sin aval, responde por WhatsApp",
    "Pinjaman online cepat cair tanpa jaminan, hubungi WA 0812 3456 7890",
    "Vay tiền nhanh online, liên hệ Zalo 0901234567",
    "สมัครบาคาร่า รับโบนัสฟรี 100% แอดไลน์",
    "Заробіток вдома, 2000 грн на день, пишіть в особисті",
]

HONEST = [
    "The ferry was late again, and nobody said why.",
    "They earn 900 a day while the harbour rots. Who voted for this?",
    "Here is the council's own report: https://council.example/harbour.pdf",
    "The casino by the quay should never have been allowed.",
    "I called the office on 12.11.2026 and waited an hour.",
    "I pay for the paper every month and read half of it.",
    "They work from home three days a week and a permit takes a year.",
    "Investment in the port is down 12 % since last year.",
    "His followers will believe anything, and so will the councillor's.",
    "He lost his savings to a fake broker. Where was the regulator?",
    "Die Stadt hat 2024 rund 3.400.000 Euro für den Hafen ausgegeben.",
]


def found(text: str, **changes: object) -> list[Finding]:
    return spam.look(msgspec.structs.replace(PLAIN, text=text, **changes))


@pytest.mark.parametrize("text", SPAM)
def test_spam_is_held(text: str) -> None:
    whole, *placed = found(text)
    assert (whole.code, whole.weight) == ("spam_likely", "hold")
    assert placed
    assert all(text[one.start : one.end] == one.evidence for one in placed)
    placed.sort(key=lambda one: one.start)
    assert all(one.end <= following.start for one, following in pairwise(placed))


@pytest.mark.parametrize("text", HONEST)
def test_what_readers_write_is_not_spam(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "disguised"),
    [
        ("Play at c a s i n o tonight", "c a s i n o"),
        ("Play at c4s1no tonight", "c4s1no"),
        ("A f\u0440iend of th\u0435 harbour", "f\u0440iend"),
        (
            "Come \U0001d5dd\U0001d5fc\U0001d5f6\U0001d5fb us",
            "\U0001d5dd\U0001d5fc\U0001d5f6\U0001d5fb",
        ),
    ],
)
def test_words_are_read_through_their_disguise(text: str, disguised: str) -> None:
    (sign,) = (one for one in signs(text) if one.name == "hidden")
    assert text[sign.start : sign.end] == disguised


def test_no_word_is_called_disguised_for_letters_that_look_like_digits() -> None:
    assert [one.name for one in signs("Тут заработок не на рыбе.")] == ["earning"]


def test_to_answer_somebody_by_name_is_no_sign() -> None:
    assert not signs("@ada_quay @benno, you are both right about the harbour.")
    assert [one.name for one in signs("Ask @benno about it")] == ["handle"]


def test_a_link_to_an_allowed_site_is_no_sign() -> None:
    text = "Free tickets for the regatta, order here: https://lucky.example/win"
    assert found(text)[0].code == "spam_likely"
    assert found(text, allowed_domains=("lucky.example",)) == []


def test_every_sign_has_a_sentence() -> None:
    assert set(spam.SENTENCES) == set(WEIGHTS) - {"offer"}


def test_no_rule_refuses_for_what_only_looks_like_spam() -> None:
    with pytest.raises(Unreadable):
        read("refuse when spam_likely", {"spam_likely"}, {"open"})
    rules = read("hold when spam above 0.3\npublish otherwise", {"spam_likely"}, {"open"})
    assert judge(rules, found(SPAM[0]), Facts(mode="open")).status == "held"


def test_the_score_that_is_printed_counts_spam() -> None:
    judge_ = Judge()

    def printed(text: str) -> float:
        line = msgspec.json.encode({"id": 1, "text": text})
        return float(msgspec.json.decode(answer(judge_, line))["score"])

    assert printed(SPAM[1]) > 0.4
    assert printed(HONEST[0]) == round(judge_.look(HONEST[0]).score, 6)


def test_a_long_text_made_to_be_slow_is_read_in_one_pass() -> None:
    assert score("1," * 4_000 + "a " * 4_000 + "@" * 2_000) < 0.1
    assert score("\u6d77" * 9_999) == score("\u0430\u1100" * 4_999) == 0.0
