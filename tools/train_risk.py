"""Makes the risk model from a folder of data: python -m tools.train_risk DATA OUT.

DATA is a folder with SOURCES.json and toxic/*.jsonl.gz. Sources whose licence does not allow it
are never read; of those that `tools.open_sources` adds to such a folder, it says which are missing.
The same data gives the same file to the last bit on every machine: plain Python, one thread, no
logarithm or power that a mathematics library could round in its own way.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import msgspec

from belowline.risk import features
from belowline.risk.listed import PAIR, Listed
from belowline.risk.model import LEVELS, About, Model, file
from tools import open_sources

OWN = "own"
CORPUS = Path(__file__).parent / "corpus"
WORDS = CORPUS / "words.txt"
JUDGED = CORPUS / "judged.txt"

ALLOWED = "open"
"""The class in SOURCES.json of sources that weights may be shipped of."""

WEIGHTS = {OWN: 1.5}
"""How much one text of a source counts; 1 for what is not listed."""

PREVALENCE = 0.1
"""The share of rejected comments that calibrated scores suppose; a site learns its own."""

UNCALIBRATED = [(-4.0, 0.02), (4.0, 0.98)]
"""The curve where there is too little to calibrate with."""

_SIZE = 1 << features.BITS
_EPOCHS = 4
_RATE = 0.05
_SHRINK = 0.001
_BIAS_RATE = 0.1
_LISTED_RATE = 0.2
_OFTEN = 8
_UNKIND = 1.5
_EVERY = 20  # of so many texts one is kept for calibrating
_FEWEST_FOR_A_CURVE = 150


class Text(NamedTuple):
    """A labelled text: from where and in which language; ``label`` is 1 for rejected.

    ``judged`` where the project gave the label to another's text.
    """

    source: str
    language: str
    label: int
    text: str
    judged: bool = False


class Example(NamedTuple):
    """A labelled text as its features, and how many of its words are listed, in which way.

    ``ours`` where the label answers our question, and not that of those who gave the text.
    """

    source: str
    language: str
    label: int
    features: array[int]
    listed: tuple[int, int, int]
    weight: float
    ours: bool


class Learned(NamedTuple):
    """What training yields: a weight for each feature, and for each way of being listed."""

    weights: list[float]
    listing: tuple[float, float, float]


def main() -> None:
    """Trains, packs and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", default="", help="sources to leave out, for measuring")
    chosen = parser.parse_args()
    without = set(filter(None, chosen.without.split(",")))
    for sentence in missing(chosen.data):
        print(sentence, file=sys.stderr)
    content = make([one for one in read(chosen.data) if one.source not in without])
    chosen.out.write_bytes(content)
    print(f"{chosen.out}: {len(content)} bytes, version {Model(content).version}")


def make(texts: Sequence[Text]) -> bytes:
    """The model's file."""
    listed = entries(texts)
    kinds = Listed(listed)
    examples = [_example(text, kinds) for text in texts]
    examples.sort(key=lambda one: (crc32(one.features.tobytes()), *one))
    kept = [one for one in examples if _is_kept(one)]
    learned = learn([one for one in examples if not _is_kept(one)])
    unit, levels = pack(learned.weights)
    raw = About(
        unit=unit,
        bias=0.0,
        listed=listed,
        listing=learned.listing,
        curves={"": UNCALIBRATED},
        languages=_languages(examples),
        sources=_counted(one.source for one in examples),
    )
    return file(_calibrated(raw, levels, kept), levels)


# -- the data ------------------------------------------------------------------------------


def read(folder: Path) -> list[Text]:
    """All texts that may be learned from."""
    sources = json.loads((folder / "SOURCES.json").read_text(encoding="utf-8"))
    names = sorted(
        source["source"]
        for source in sources
        if source["task"] == "toxic" and source["class"] == ALLOWED
    )
    return [text for name in names for text in _of_source(folder, name)] + own()


def missing(folder: Path) -> list[str]:
    """A sentence for each source that the shipped file was made from and ``folder`` has not."""
    there = {one["source"] for one in json.loads((folder / "SOURCES.json").read_text("utf-8"))}
    return [
        f"{folder} lacks {one['source']} ({one['repository']}): what is made is not the shipped "
        "file. python -m tools.open_sources adds it."
        for one in open_sources.listed()
        if one["source"] not in there
    ]


def _of_source(folder: Path, name: str) -> Iterable[Text]:
    ours = judged()
    with gzip.open(folder / "toxic" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            our = ours.get((name, digest(row["text"])))
            label = row["label"] if our is None else our
            yield Text(name, row["lang"], label, row["text"], our is not None)


def judged() -> dict[tuple[str, str], int]:
    """The labels that the project gave to others' texts, by source and `digest`; they count instead
    of the sources' own."""
    rows = [
        line.split()
        for line in JUDGED.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    return {(source, short): int(sign == "+") for sign, source, short in rows}


def digest(text: str) -> str:
    """What stands for a text in the list of judged ones, where the text itself must not be."""
    return sha256(text.encode()).hexdigest()[:16]


def own() -> list[Text]:
    """The project's own comments: one a line, + for what is rejected, - for what is published."""
    return [
        Text(OWN, path.stem, int(line[0] == "+"), line[2:])
        for path in sorted(CORPUS.glob("??.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line[:2] in ("+ ", "- ")
    ]


def entries(texts: Sequence[Text]) -> list[str]:
    """The listed words, without those that labelled comments show to be harmless too often."""
    listed = [
        word
        for line in WORDS.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for word in line.partition(": ")[2].split(", ")
    ]
    kinds = Listed(listed)
    met: dict[object, list[int]] = {}
    sums = [0, 0]
    for text in texts:
        words = [word.text for word in features.words(text.text)]
        sums[text.label] += 1
        for word in (set(words) & kinds.words) | (set(pairwise(words)) & kinds.pairs):
            met.setdefault(word, [0, 0])[text.label] += 1
    return sorted({entry for entry in listed if not _is_harmless(entry, met, sums)})


def _is_harmless(entry: str, met: Mapping[object, list[int]], sums: Sequence[int]) -> bool:
    words = tuple(word.text for word in features.words(entry))
    published, rejected = met.get(words[0] if len(words) == 1 else words, (0, 0))
    often = published + rejected >= _OFTEN
    return often and rejected * sums[0] < _UNKIND * published * sums[1]


_of_word: dict[str, array[int]] = {}


def _example(text: Text, listed: Listed) -> Example:
    words = [word.text for word in features.words(text.text)]
    found = array("i")
    counted = [0, 0, 0]
    for word in dict.fromkeys(words):
        if word not in _of_word:
            _of_word[word] = array("i", features.of_word(word))
        found.extend(_of_word[word])
        kind = listed.kind(word)
        if kind is not None:
            counted[kind] += 1
    pairs = dict.fromkeys(pairwise(words))
    found.extend(features.of_pair(first, second) for first, second in pairs)
    counted[PAIR] = sum(pair in listed.pairs for pair in pairs)
    return Example(
        text.source,
        text.language,
        text.label,
        found,
        (counted[0], counted[1], counted[2]),
        WEIGHTS.get(text.source, 1.0),
        text.judged or text.source == OWN,
    )


def _is_kept(one: Example) -> bool:
    return crc32(one.features.tobytes(), 7) % _EVERY == 0


def _languages(examples: Sequence[Example]) -> list[str]:
    return sorted({one.language for one in examples if one.source != OWN})


def _counted(sources: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for source in sources:
        found[source] = found.get(source, 0) + 1
    return found


# -- learning ------------------------------------------------------------------------------


class _Weights:
    """A weight for each feature, and how far its steps have moved it."""

    def __init__(self) -> None:
        self.values = [0.0] * _SIZE
        self._moved = [1e-3] * _SIZE

    def move(self, numbers: Iterable[int], step: float) -> None:
        """Moves the weights of these features against ``step``, the less the more they moved."""
        values, moved = self.values, self._moved
        square = step * step
        for number in numbers:
            moved[number] += square
            value = values[number]
            values[number] = value - _RATE * (step + _SHRINK * value) / sqrt(moved[number])


def learn(examples: Sequence[Example]) -> Learned:
    """Logistic regression by stochastic gradients whose steps shrink with what a weight has moved.

    Each source has a bias of its own while learning, so that a source full of insults does not
    teach its subjects and its way of writing instead of the insults. Beside the weights that all
    share, labels by our question and those of others have weights of their own while learning, so
    that what only one question asks for does not blur what both ask for.
    """
    shared = _Weights()
    besides = {True: _Weights(), False: _Weights()}
    biases = {one.source + one.language: 0.0 for one in examples}
    listing = [0.0, 0.0, 0.0]
    for _ in range(_EPOCHS):
        for one in examples:
            numbers = one.features
            if not numbers:
                continue
            scale = 1 / sqrt(len(numbers))
            group = one.source + one.language
            asked = besides[one.ours]
            score = _sum(shared.values, asked.values, numbers)
            for kind, count in enumerate(one.listed):
                score += listing[kind] * count
            error = sigmoid(score * scale + biases[group]) - one.label
            error *= one.weight
            biases[group] -= _BIAS_RATE * error
            if -1e-3 < error < 1e-3:
                continue
            step = error * scale
            shared.move(numbers, step)
            asked.move(numbers, step)
            for kind, count in enumerate(one.listed):
                if count:
                    listing[kind] -= _LISTED_RATE * step * count
    listed = (round(listing[0], 4), round(listing[1], 4), round(listing[2], 4))
    return Learned(shared.values, listed)


def _sum(first: Sequence[float], second: Sequence[float], numbers: Iterable[int]) -> float:
    total = 0.0
    for number in numbers:
        total += first[number] + second[number]
    return total


def sigmoid(score: float) -> float:
    """1 / (1 + e^-score), with basic arithmetic only."""
    if score < -30:
        return 0.0
    if score > 30:
        return 1.0
    power = 1 - score / 1024
    for _ in range(10):
        power *= power
    return 1 / (1 + power)


def pack(weights: Sequence[float]) -> tuple[float, list[int]]:
    """The unit and the levels: a weight is its level squared, with its sign, times the unit."""
    sizes = sorted((abs(weight) for weight in weights if weight), reverse=True)
    largest = sizes[len(sizes) // 10_000] if sizes else 1.0
    unit = float(f"{largest / LEVELS**2:.6g}")
    return unit, [_level(weight / unit) for weight in weights]


def _level(weight: float) -> int:
    size = min(int(sqrt(abs(weight)) + 0.5), LEVELS)
    return size if weight > 0 else -size


# -- calibrating ---------------------------------------------------------------------------


def _calibrated(about: About, levels: Sequence[int], kept: Sequence[Example]) -> About:
    """``about`` with a curve for each language that was learned, and one for all others."""
    squares = [level * abs(level) * about.unit for level in levels]
    scored = [(one, _raw(one, squares, about.listing)) for one in kept]
    curves = {"": UNCALIBRATED}
    for language in ["", *about.languages]:
        points = [
            (score, one.label)
            for one, score in scored
            if language in ("", one.language) and one.source != OWN
        ]
        if len(points) >= _FEWEST_FOR_A_CURVE:
            curves[language] = curve(points)
    return msgspec.structs.replace(about, curves=curves)


def _raw(one: Example, squares: Sequence[float], listing: Sequence[float]) -> float:
    total = sum(squares[number] for number in one.features)
    total += sum(weight * count for weight, count in zip(listing, one.listed, strict=True))
    return total / sqrt(len(one.features)) if one.features else 0.0


def curve(points: Sequence[tuple[float, int]]) -> list[tuple[float, float]]:
    """The rising line through (score, share of rejected) as if `PREVALENCE` of all were rejected.

    Isotonic regression by pooling neighbours, on at most twenty groups; it never is level, so that
    no two scores become the same.
    """
    positive = sum(label for _, label in points)
    weight = {
        1: PREVALENCE / max(positive, 1),
        0: (1 - PREVALENCE) / max(len(points) - positive, 1),
    }
    ordered = sorted(points)
    size = max(len(ordered) // 20, 1)
    pools: list[list[float]] = []  # [weight, weight of rejected, weight * score]
    for start in range(0, len(ordered), size):
        group = ordered[start : start + size]
        total = sum(weight[label] for _, label in group)
        pools.append(
            [
                total,
                sum(weight[1] for _, label in group if label),
                sum(weight[label] * score for score, label in group),
            ]
        )
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] >= pools[-1][1] * pools[-2][0]:
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    low, high = ordered[0][0] - 1.0, ordered[-1][0] + 1.0
    shares = [(pool[2] / pool[0], pool[1] / pool[0]) for pool in pools]
    rising = [  # a little, also where the shares are the same
        (score, 0.001 + 0.98 * share + 0.018 * place / len(shares))
        for place, (score, share) in enumerate(shares)
    ]
    return [
        (round(at, 4), round(share, 5)) for at, share in [(low, 0.0005), *rising, (high, 0.9995)]
    ]


if __name__ == "__main__":
    main()
