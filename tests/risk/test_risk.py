"""The risk model: what it reads, what it says, and what a site teaches it."""

from __future__ import annotations

import gzip
import json
from array import array
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest

from belowline.domain.language import guess
from belowline.domain.lessons import Lesson
from belowline.risk import features, model
from belowline.risk.judge import Judge
from belowline.risk.layer import of_words
from belowline.risk.lines import answer
from belowline.risk.model import Model, Unusable, shipped
from tools import learning_curve, open_sources, train_risk

INSULT = "You are a pathetic little idiot and everybody here knows it."
CIVIL = "The ferry was late again on Monday, and nobody at the office could say why."


def words(text: str) -> list[str]:
    return [word.text for word in features.words(text)]


# -- reading -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    ["idiot", "IDIOT", "\u0456d\u0456\u043et", "id\u200biot", "idiiiiot", "i d i o t", "1d1ot"],
)
def test_a_disguised_word_is_read_as_the_word(written: str) -> None:
    assert "idiot" in words(f"what an {written} he is")


def test_a_word_knows_its_place_in_the_text() -> None:
    text = "Ada said: \u201cSTRA\u00dfE!\u201d"
    assert [text[word.start : word.end] for word in features.words(text)][-1].strip("\u201c\u201d!")
    assert words(text)[-1] == "strasse"


def test_the_longest_comment_is_read_in_part() -> None:
    assert len(features.words("never mind " * 5_000)) <= 600


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (CIVIL, "en"),
        ("Der Zug war wieder nicht da und niemand wusste warum", "de"),
        ("Le train est encore en retard et personne ne sait pourquoi", "fr"),
        (
            "Поезд опять опоздал",
            "ru",
        ),
        ("\u57fa\u672c\u4e0a\u662f\u8fd9\u6837", "zh"),
        ("\u3053\u308c\u306f\u672c\u3067\u3059", "ja"),
        ("42 !!!", ""),
    ],
)
def test_the_language_is_guessed(text: str, language: str) -> None:
    assert guess(text) == language


# -- the frozen model ----------------------------------------------------------------------


def test_an_insult_scores_higher_than_a_complaint() -> None:
    judge = Judge()
    assert judge.look(INSULT).score > 0.5 > judge.look(CIVIL).score


def test_the_insulting_words_are_the_strongest_spans() -> None:
    risk = Judge().look(INSULT)
    assert "idiot" in " ".join(INSULT[span.start : span.end] for span in risk.spans)


def test_parts_and_whole_are_the_same_sum() -> None:
    seen = shipped().look("A ferry was late again on Monday and nobody could say why")
    assert sum(shipped().parts(seen.words)) == pytest.approx(seen.raw, abs=1e-6)


def test_a_text_without_words_has_a_score() -> None:
    assert 0 < Judge().look("!!! \U0001f600").score < 1


def test_a_language_without_lessons_is_said_to_be_unknown() -> None:
    assert not Judge().look("Hvor er toget henne og hvorfor kommer det ikke n\u00e5").known
    assert Judge().look(CIVIL).known


def test_a_damaged_file_is_unusable() -> None:
    with pytest.raises(Unusable):
        Model(b"something else")


def test_the_same_texts_make_the_same_file() -> None:
    texts = train_risk.own()[:60]
    made = train_risk.make(texts)
    assert made == train_risk.make(list(reversed(texts)))
    assert Model(made).look(INSULT).raw > Model(made).look(CIVIL).raw


def test_a_text_that_was_judged_again_is_learned_with_our_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"lang": "en", "label": 0, "text": text} for text in (INSULT, CIVIL)]
    (tmp_path / "toxic").mkdir()
    with gzip.open(tmp_path / "toxic" / "civil.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    source = {"source": "civil", "task": "toxic", "class": train_risk.ALLOWED}
    (tmp_path / "SOURCES.json").write_text(json.dumps([source]), encoding="utf-8")
    ours = tmp_path / "judged.txt"
    ours.write_text(f"# a comment\n+ civil {train_risk.digest(INSULT)}\n", encoding="utf-8")
    monkeypatch.setattr(train_risk, "JUDGED", ours)
    labels = {text.text: text.label for text in train_risk.read(tmp_path) if text.source == "civil"}
    assert labels == {INSULT: 1, CIVIL: 0}


def test_what_both_questions_reject_weighs_more_than_what_ours_publishes() -> None:
    rejected_by_both, published_by_us, others = 1, 2, 3
    examples = [
        train_risk.Example(source, "en", label, array("i", [word, others]), (0, 0, 0), 1.0, ours)
        for source, word, label, ours in (
            ("own", rejected_by_both, 1, True),
            ("own", published_by_us, 0, True),
            ("davidson", rejected_by_both, 1, False),
            ("davidson", published_by_us, 1, False),
        )
        for _ in range(20)
    ]
    weights = train_risk.learn(examples).weights
    assert weights[rejected_by_both] > 0
    assert weights[rejected_by_both] > weights[published_by_us]


def test_every_line_of_the_judged_texts_can_be_read() -> None:
    judged = train_risk.judged()
    assert len(judged) > 20_000
    assert {len(short) for _, short in judged} == {16}


def test_nothing_but_openly_licensed_sources_is_learned_from() -> None:
    learned = set(shipped().about.sources) - {train_risk.OWN}
    listed = {str(one["source"]): one["licence"] for one in open_sources.listed()}
    assert set(listed.values()) <= {"MIT", "Apache-2.0", "CC BY 4.0", "CC0 1.0"}
    assert learned == {
        *("banpl", "civil", "cold", "davidson", "germeval18", "oai", "paradetox", "surge"),
        *listed,
    }


def test_the_shipped_weights_are_those_that_the_card_names() -> None:
    content = (files("belowline.risk") / "model.bin").read_bytes()
    card = (Path(__file__).parents[2] / "docs" / "model-card.md").read_text(encoding="utf-8")
    assert f"`{sha256(content).hexdigest()}`" in card


SEEN = "The ferry that was promised to us in March has still not been seen by anybody here"


def folder_and_checkout(path: Path, content: str) -> tuple[Path, Path]:
    """A data folder with one set that is only measured, and a checkout with one file."""
    (path / "data" / "toxic").mkdir(parents=True)
    rows = [{"lang": "en", "label": 0, "text": text} for text in (SEEN, "Thank you, Ada")]
    with gzip.open(path / "data" / "toxic" / "ucc.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    source = {"source": "ucc", "task": "toxic", "class": "nc"}
    (path / "data" / "SOURCES.json").write_text(json.dumps([source]), encoding="utf-8")
    (path / "checkouts" / "ada+words").mkdir(parents=True)
    (path / "checkouts" / "ada+words" / "words.txt").write_text(content, encoding="utf-8")
    return path / "data", path / "checkouts"


def list_it(path: Path, monkeypatch: pytest.MonkeyPatch, content: str, made: str) -> None:
    entry = {
        "source": "curse",
        "repository": "ada/words",
        "commit": "0",
        "files": {"words.txt": sha256(content.encode()).hexdigest()},
        "made": made,
        **dict.fromkeys(("language", "genre", "licence"), "ko"),
    }
    (path / "open.json").write_text(json.dumps([entry]), encoding="utf-8")
    monkeypatch.setattr(open_sources, "LISTED", path / "open.json")
    open_sources.names.cache_clear()


def test_a_further_source_is_added_without_what_is_only_measured_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = f"you moron|1\nthank you, ada!|0\n{SEEN}, Ben says|0\nYOU MORON|1\n"
    data, checkouts = folder_and_checkout(tmp_path, content)
    line = '{"label": 1, "lang": "ko", "source": "curse", "text": "you moron"}\n'
    list_it(tmp_path, monkeypatch, content, sha256(line.encode()).hexdigest())
    assert [sentence[:25] for sentence in train_risk.missing(data)] == [f"{data} lacks"[:25]]
    said = list(open_sources.add(checkouts, data))
    assert said == ["curse: 1 texts; left out: 1 as in ucc, 1 like one that is only measured"]
    assert train_risk.missing(data) == []
    learned = [one for one in train_risk.read(data) if one.source == "curse"]
    assert [(one.text, one.label, one.language) for one in learned] == [("you moron", 1, "ko")]
    open_sources.names.cache_clear()


def test_a_further_source_that_has_changed_is_not_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, checkouts = folder_and_checkout(tmp_path, "you moron|1")
    list_it(tmp_path, monkeypatch, "you moron|0", "")
    with pytest.raises(open_sources.Changed, match=r"words\.txt of ada/words"):
        list(open_sources.add(checkouts, data))
    open_sources.names.cache_clear()


# -- lessons -------------------------------------------------------------------------------


def lesson(number: int, text: str, rejected: bool, teacher: int = 1) -> Lesson:
    return Lesson(comment=number, number=number, text=text, rejected=rejected, teacher=teacher)


def taught(count: int = 40, teacher: int = 1) -> list[Lesson]:
    """Here, whoever mentions the turbine is rejected."""
    return [
        lesson(number, f"The turbine, story {number}", True, teacher)
        if number % 2
        else lesson(number, f"The harbour, story {number}", False, teacher)
        for number in range(1, count + 1)
    ]


def test_a_site_teaches_what_it_does_not_want() -> None:
    judge = Judge()
    before = judge.look("The turbine again").score
    judge.teach(taught())
    after = judge.look("The turbine again")
    assert after.score > max(before, judge.look("The harbour again").score)
    assert after.version.endswith("+40")


def test_a_lesson_that_is_taken_back_leaves_nothing_behind() -> None:
    judge, other = Judge(), Judge()
    judge.teach(taught())
    other.teach(taught())
    other.teach([lesson(99, "The lighthouse", True)])
    other.teach([], instead_of=[99])
    text = "The lighthouse and the turbine"
    assert other.look(text).score == judge.look(text).score


def test_a_comment_teaches_only_its_last_decision() -> None:
    judge, other = Judge(), Judge()
    judge.teach([lesson(1, "Nine", False), lesson(2, "Ten", True)])
    changed = Lesson(comment=1, number=3, text="Nine", rejected=False, teacher=1)
    other.teach([lesson(1, "Nine", True), lesson(2, "Ten", True), changed])
    assert other.lessons_of(1) == [2, 3]
    assert judge._layer.score(features.words("Nine")) == other._layer.score(features.words("Nine"))


def test_the_layer_is_silent_until_it_has_done_better_than_the_model() -> None:
    judge = Judge()
    before = judge.look(INSULT).priority
    judge.teach(taught(8))
    assert judge._layer.mix == 0
    assert judge.look(INSULT).score == pytest.approx(before, abs=0.5)


def test_the_layer_stays_silent_where_what_it_learned_may_be_chance() -> None:
    judge = Judge()
    mixes = set()
    for number in range(1, 121):
        text = f"The harbour, story {number % 7}, evening {number % 11}"
        judge.teach([lesson(number, text, number * number % 31 < 12)])
        mixes.add(judge._layer.mix)
    assert mixes == {0.0}


def test_only_the_latest_lessons_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("belowline.risk.judge.MEMORY", 10)
    judge = Judge()
    judge.teach(taught(30))
    assert sorted(judge.lessons_of(1)) == list(range(21, 31))


def test_a_careless_teacher_stands_out() -> None:
    judge = Judge()
    judge.teach(taught(60, teacher=1))
    judge.teach(
        lesson(100 + number, f"The harbour, evening {number}", True, teacher=2)
        for number in range(6)
    )
    assert judge.teachers()[0].teacher == 2


def test_features_of_a_text_are_numbers_below_the_size() -> None:
    assert all(0 <= number < 1 << features.BITS for number in of_words(features.words(CIVIL)))


def test_teaching_loses_nothing_where_the_model_is_right() -> None:
    comments = [
        learning_curve.Comment(f"You idiot, story {number}", True)
        if number % 10 == 0
        else learning_curve.Comment(f"The harbour, story {number}", False)
        for number in range(900)
    ]
    reached = dict(learning_curve.curve(comments, Judge(), 80, shuffle=1))
    assert list(reached) == [0, 40, 80]
    assert all(one == (1.0, 1.0) for one in reached.values())


# -- lines ---------------------------------------------------------------------------------


def test_each_line_gets_one_line() -> None:
    judge = Judge()
    assert answer(judge, b'{"id": 7, "text": "hello"}').startswith(b'{"id":7,"score":0.')
    assert answer(judge, b'{"op":"learn","id":"a","text":"x","label":1}') == b'{"ok":true}'
    scored = answer(judge, b'{"op":"score","items":[{"id":1,"text":"a"},{"id":2,"text":"b"}]}')
    assert scored.count(b",") == 3
    assert b"error" in answer(judge, b"{")
    assert b"unknown op" in answer(judge, b'{"op":"sing"}')


def test_a_line_of_the_height_of_points_is_level_outside() -> None:
    line = [(0.0, 0.1), (1.0, 0.9)]
    assert [model.along(line, at) for at in (-1, 0, 0.5, 1, 2)] == [0.1, 0.1, 0.5, 0.9, 0.9]
