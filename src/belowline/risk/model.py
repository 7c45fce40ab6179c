"""The frozen model: its file, and what it says of a text.

A score before calibration is a sum over the text's different words and pairs of words, divided by
the root of how many features they have. So each word's part in it is known exactly.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from math import sqrt

import msgspec

from belowline.domain.language import guess
from belowline.risk import features
from belowline.risk.features import Word
from belowline.risk.listed import PAIR, Listed

MAGIC = b"BELOWLINE RISK 1\n"
LEVELS = 7
"""A weight is a whole number from -7 to 7. Its square, with its sign, is what counts."""

_MOST_KNOWN = 50_000
_TOO_FEW_TO_TELL = 8
_FILE = "model.bin"


class Unusable(Exception):
    """The model's file is missing or is not one."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's file says of itself.

    ``unit`` is what a weight's square is multiplied by, ``bias`` what every score begins with.
    ``curves`` has for each language ("" for all others) the points of the line that makes a score
    a probability, ascending. ``languages`` are those that the model has learned from comments.
    ``listed`` are words and pairs of words that are seldom kind; ``listing`` is what one of them
    weighs as a word, as the beginning of a word, and as a pair.
    """

    unit: float
    bias: float
    curves: dict[str, list[tuple[float, float]]]
    languages: list[str]
    sources: dict[str, int]
    listed: list[str]
    listing: tuple[float, float, float]


class Span(msgspec.Struct, frozen=True):
    """A place in a text, in code points, and by how much it raised the score."""

    start: int
    end: int
    weight: float


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A text as the model has read it.

    ``raw`` is the score before calibration, ``score`` the probability of a rejection. ``known`` is
    False where the model has learned nothing in that language; a few words whose language cannot
    be told are given the benefit of the doubt.
    """

    words: list[Word]
    raw: float
    score: float
    language: str
    known: bool


class Model:
    """A model that has been read from its file. Any thread may use it."""

    def __init__(self, content: bytes) -> None:
        """Raises Unusable."""
        about, packed = _parts(content)
        self.about = about
        self.version = hashlib.sha256(content).hexdigest()[:10]
        self._squares = [(level - 8) * abs(level - 8) * about.unit for level in range(16)]
        levels = bytearray(1 << features.BITS)
        levels[0::2] = packed.translate(_FIRST)
        levels[1::2] = packed.translate(_SECOND)
        self._levels = bytes(levels)
        self._listed = Listed(about.listed)
        self._known: dict[str, tuple[float, int]] = {}

    def look(self, text: str) -> Seen:
        """What the model says of ``text``, in time that is bounded however long it is."""
        words = features.words(text)
        raw = self._raw([word.text for word in words])
        language = guess(text)
        return Seen(
            words=words,
            raw=raw,
            score=self.probability(raw, language),
            language=language,
            known=language in self.about.languages
            or (not language and len(words) <= _TOO_FEW_TO_TELL),
        )

    def unkind(self, text: str) -> list[tuple[int, int]]:
        """Where words of ``text`` stand that are seldom kind: (start, end) in code points."""
        words = features.words(text)
        alone = [word for word in words if self._listed.kind(word.text) is not None]
        pairs = [
            (first.start, second.end)
            for first, second in pairwise(words)
            if (first.text, second.text) in self._listed.pairs
        ]
        return [*((word.start, word.end) for word in alone), *pairs]

    def probability(self, raw: float, language: str) -> float:
        """The share of such comments that were rejected where the model was calibrated."""
        curves = self.about.curves
        return along(curves.get(language) or curves[""], raw)

    def parts(self, words: Sequence[Word]) -> list[float]:
        """By how much each word raised the score before calibration; pairs count half to each."""
        texts = [word.text for word in words]
        total = 0
        seen: set[str | tuple[str, str]] = set()
        parts = [0.0] * len(texts)
        for place, text in enumerate(texts):
            weight, count = self._of_word(text)
            if text not in seen:
                seen.add(text)
                total += count
            parts[place] += weight
            if place:
                pair = (texts[place - 1], text)
                if pair not in seen:
                    seen.add(pair)
                    total += 1
                half = self._of_pair(*pair) / 2
                parts[place - 1] += half
                parts[place] += half
        root = sqrt(total) or 1.0
        return [part / root for part in parts]

    def _raw(self, texts: list[str]) -> float:
        if not texts:
            return self.about.bias
        total = 0
        sum_ = 0.0
        for text in dict.fromkeys(texts):
            weight, count = self._of_word(text)
            sum_ += weight
            total += count
        pairs = dict.fromkeys(pairwise(texts))
        for first, second in pairs:
            sum_ += self._of_pair(first, second)
        return self.about.bias + sum_ / sqrt(total + len(pairs))

    def _of_word(self, text: str) -> tuple[float, int]:
        known = self._known.get(text)
        if known is None:
            numbers = features.of_word(text)
            levels, squares = self._levels, self._squares
            weight = sum([squares[levels[number]] for number in numbers])
            kind = self._listed.kind(text)
            if kind is not None:
                weight += self.about.listing[kind]
            known = weight, len(numbers)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = known
        return known

    def _of_pair(self, first: str, second: str) -> float:
        weight = self._squares[self._levels[features.of_pair(first, second)]]
        if first in self._listed.firsts and (first, second) in self._listed.pairs:
            weight += self.about.listing[PAIR]
        return weight


def along(line: Sequence[tuple[float, float]], at: float) -> float:
    """The height of a line through points at ``at``; level before its first and after its last."""
    place = bisect_right(line, (at, 2.0))
    if place == 0:
        return line[0][1]
    if place == len(line):
        return line[-1][1]
    (left, low), (right, high) = line[place - 1], line[place]
    return low + (high - low) * (at - left) / (right - left)


@cache
def shipped() -> Model:
    """The model that comes with the program; raises Unusable."""
    try:
        content = resources.files("belowline.risk").joinpath(_FILE).read_bytes()
    except OSError as error:
        raise Unusable(f"the risk model's file cannot be read: {error}") from error
    return Model(content)


def file(about: About, levels: Sequence[int]) -> bytes:
    """A model as a file: two weights a byte, so that it is the same whatever packs it."""
    packed = bytes(
        (levels[place] + 8) << 4 | (levels[place + 1] + 8) for place in range(0, len(levels), 2)
    )
    header = json.dumps(msgspec.to_builtins(about), sort_keys=True, ensure_ascii=False).encode()
    return MAGIC + len(header).to_bytes(4, "big") + header + packed


_FIRST = bytes(byte >> 4 for byte in range(256))
_SECOND = bytes(byte & 15 for byte in range(256))


def _parts(content: bytes) -> tuple[About, bytes]:
    start = len(MAGIC) + 4
    length = int.from_bytes(content[len(MAGIC) : start], "big")
    packed = content[start + length :]
    if not content.startswith(MAGIC) or len(packed) != 1 << (features.BITS - 1):
        raise Unusable("the risk model's file is damaged")
    try:
        about = msgspec.json.decode(content[start : start + length], type=About)
    except msgspec.MsgspecError as error:
        raise Unusable(f"the risk model's file is damaged: {error}") from error
    return about, packed
