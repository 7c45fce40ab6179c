"""The risk of a comment on one site: the frozen model, and what the site has taught on top."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log

import msgspec

from belowline.domain.lessons import MEMORY, Doubt, Lesson
from belowline.risk.features import Word
from belowline.risk.layer import Layer
from belowline.risk.model import Model, Span, Unusable, shipped

_MOST_SPANS = 3
_SPREAD = 0.02
_STEPS = 8
_HALVINGS = 10
_PULL = 4.0
_FLATTEST = 0.2
_FEWEST_FOR_CALIBRATION = 20


class Risk(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one text.

    ``score`` is the probability that this site's moderators reject it, ``version`` says by which
    model and after how many lessons. ``known`` is False where neither the frozen model nor the
    site has learned anything in the text's ``language``. ``spans`` moved the score up most, the
    strongest first. ``priority`` orders what a moderator should read first.
    """

    score: float
    version: str
    language: str
    known: bool
    priority: float
    spans: tuple[Span, ...] = ()


class Teacher(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's lessons: how many, how many of them rejected, and how surprising they were.

    ``surprise`` is the mean of how far off the model was before each lesson, 0 to 1; far above the
    other teachers' it means careless, hostile, or that the others are wrong.
    """

    teacher: int
    lessons: int
    rejected: int
    surprise: float


class Judge:
    """Judges texts and takes lessons. All methods may be called from any thread.

    ``heard`` is the number of the last decision whose lesson was taken in or passed over,
    ``looked`` when the last second look was taken of which the same is true, in milliseconds,
    ``doubted`` whose decisions teach nothing, up to which number, and since when. Whoever teaches
    holds ``studying`` meanwhile.
    """

    def __init__(self, model: Model | None = None) -> None:
        self._model = model
        self._lock = threading.Lock()
        self.studying = threading.RLock()
        self.doubted: dict[int, Doubt] = {}
        self._layer = Layer()
        self._languages: Counter[str] = Counter()
        self._slope, self._shift = 1.0, 0.0
        self.heard = 0
        self.looked = 0

    @property
    def model(self) -> Model:
        """The frozen model; raises Unusable."""
        return self._model or shipped()

    def knows(self, language: str) -> bool:
        """Whether the frozen model or the site has learned something in ``language``.

        Raises Unusable.
        """
        with self._lock:
            taught = self._layer.mix > 0 and self._languages[language] >= _FEWEST_FOR_CALIBRATION
        return taught or language in self.model.about.languages

    def unkind(self, text: str) -> list[tuple[int, int]]:
        """Where words of ``text`` stand that are seldom kind; all of it without a usable model."""
        try:
            return self.model.unkind(text)
        except Unusable:
            return [(0, len(text))]

    def prepare(self) -> None:
        """Reads the model's file, which takes too long for somebody to wait for it.

        A file that cannot be used is the check's to tell.
        """
        with contextlib.suppress(Unusable):
            self.look("")

    @property
    def version(self) -> str:
        """The frozen model's version, with the last lesson's number once there is one."""
        return f"{self.model.version}+{self.heard}" if self._layer.lessons else self.model.version

    def look(self, text: str, *, explain_from: float = 0.0) -> Risk:
        """The risk of ``text``, with its spans where the score reaches ``explain_from``.

        Raises Unusable.
        """
        model = self.model
        seen = model.look(text)
        with self._lock:
            layer = self._layer
            mix = layer.mix
            moved = mix * layer.score(seen.words) if mix else 0.0
            slope, shift = self._slope, self._shift
            taught = self._languages[seen.language]
        score = _squashed(slope * _odds(model.probability(seen.raw + moved, seen.language)) + shift)
        known = seen.known or (mix > 0 and taught >= _FEWEST_FOR_CALIBRATION)
        spans = self._spans(seen.words) if score >= explain_from else ()
        return Risk(
            score=score,
            version=self.version,
            language=seen.language,
            known=known,
            priority=score + _SPREAD * 4 * score * (1 - score),
            spans=spans,
        )

    def lessons_about(self, text: str, spans: Iterable[Span]) -> float:
        """In how many lessons the least taught word of ``spans`` has stood, 0 without spans."""
        places = [(span.start, span.end) for span in spans]
        words = {
            word.text
            for word in self.model.look(text).words
            if any(start <= word.start and word.end <= end for start, end in places)
        }
        with self._lock:
            return min((self._layer.taught(word) for word in words), default=0.0)

    def _spans(self, words: Sequence[Word]) -> tuple[Span, ...]:
        parts = self.model.parts(words)
        with self._lock:
            mix = self._layer.mix
            more = self._layer.parts(words) if mix else []
        if more:
            parts = [part + mix * other for part, other in zip(parts, more, strict=True)]
        return _strongest(words, parts)

    def teach(
        self, lessons: Iterable[Lesson], *, instead_of: Iterable[int] = (), through: int = 0
    ) -> None:
        """Takes lessons in, in their order, instead of what these comments taught before.

        ``through`` is the last decision that has been looked at. Raises Unusable.
        """
        model = self.model
        for comment in instead_of:
            self._forget(comment)
        for lesson in lessons:
            self._forget(lesson.comment)
            seen = model.look(lesson.text)
            with self._lock:
                self._layer.learn(lesson, seen.words, seen.raw, seen.language)
                self._languages[seen.language] += 1
            if len(self._layer.lessons) > MEMORY:
                self._forget(next(iter(self._layer.lessons)))
            self.heard = max(self.heard, lesson.number)
        self.heard = max(self.heard, through)
        self._settle()

    def start_over(self, doubted: Mapping[int, Doubt]) -> None:
        """Forgets everything. ``doubted`` says whose decisions will teach nothing."""
        with self._lock:
            self._layer = Layer()
            self._languages.clear()
        self.heard = 0
        self.looked = 0
        self.doubted = dict(doubted)

    def teachers(self) -> list[Teacher]:
        """Who taught what is known now, the most surprising first."""
        with self._lock:
            trials = list(self._layer.trials.values())
        found = []
        for teacher in {trial.teacher for trial in trials}:
            own = [trial for trial in trials if trial.teacher == teacher]
            off = [
                abs(trial.rejected - _squashed(trial.frozen + self._layer.mix * trial.layer))
                for trial in own
            ]
            found.append(
                Teacher(
                    teacher=teacher,
                    lessons=len(own),
                    rejected=sum(trial.rejected for trial in own),
                    surprise=sum(off) / len(off),
                )
            )
        return sorted(found, key=lambda one: (-one.surprise, one.teacher))

    def lessons_of(self, teacher: int) -> list[int]:
        """The numbers of the decisions by which ``teacher`` taught."""
        with self._lock:
            return [
                lesson.number
                for lesson in self._layer.lessons.values()
                if lesson.teacher == teacher
            ]

    def _forget(self, comment: int) -> None:
        lesson = self._layer.lessons.get(comment)
        if lesson is not None:
            seen = self.model.look(lesson.text)
            with self._lock:
                self._layer.forget(lesson, seen.words)
                self._languages[seen.language] -= 1

    def _settle(self) -> None:
        """How much the layer says, and how scores become this site's own probabilities."""
        with self._lock:
            self._layer.weigh()
            latest = self._layer.latest()
            if len(latest) < _FEWEST_FOR_CALIBRATION:
                self._slope, self._shift = 1.0, 0.0
                return
            model, mix = self.model, self._layer.mix
            self._slope, self._shift = _calibrated(
                [
                    (
                        _odds(model.probability(one.frozen + mix * one.layer, one.language)),
                        one.rejected,
                    )
                    for one in latest
                ]
            )


def _odds(share: float) -> float:
    return log(share / (1 - share))


def _squashed(odds: float) -> float:
    return 1 / (1 + exp(-max(min(odds, 30.0), -30.0)))


def _calibrated(trials: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and shift of the odds that fit what was decided, by Newton's method.

    Pulled towards leaving the odds as they are, as strongly as a few decisions would. A step that
    makes it worse is halved: far from the best fit Newton's method leaps beyond it.
    """
    slope, shift = 1.0, 0.0
    loss = _loss(trials, slope, shift)
    for _ in range(_STEPS):
        by_slope, by_shift = _step(trials, slope, shift)
        for _ in range(_HALVINGS):
            lower = _loss(trials, slope - by_slope, shift - by_shift)
            if lower < loss:
                slope, shift, loss = slope - by_slope, shift - by_shift, lower
                break
            by_slope, by_shift = by_slope / 2, by_shift / 2
        else:
            break  # it is the best fit
    return max(slope, _FLATTEST), shift


def _step(trials: Sequence[tuple[float, bool]], slope: float, shift: float) -> tuple[float, float]:
    """How far Newton's method would go down from here."""
    down = [_PULL * (slope - 1), _PULL * shift / 4]
    bend = [_PULL, 0.0, _PULL / 4]
    for odds, rejected in trials:
        share = _squashed(slope * odds + shift)
        off = share - rejected
        steep = share * (1 - share)
        down[0] += off * odds
        down[1] += off
        bend[0] += steep * odds * odds
        bend[1] += steep * odds
        bend[2] += steep
    area = bend[0] * bend[2] - bend[1] * bend[1]
    return (
        (bend[2] * down[0] - bend[1] * down[1]) / area,
        (bend[0] * down[1] - bend[1] * down[0]) / area,
    )


def _loss(trials: Sequence[tuple[float, bool]], slope: float, shift: float) -> float:
    """How badly slope and shift fit."""
    pull = _PULL / 2 * (slope - 1) ** 2 + _PULL / 8 * shift**2
    for odds, rejected in trials:
        share = _squashed(slope * odds + shift)
        pull -= log(share if rejected else 1 - share)
    return pull


def _strongest(words: Sequence[Word], parts: Sequence[float]) -> tuple[Span, ...]:
    """The words that moved the score up most; neighbours that both did are one span."""
    spans: list[Span] = []
    for word, part in zip(words, parts, strict=True):
        if part <= 0:
            continue
        last = spans[-1] if spans else None
        if last is not None and last.start <= word.start <= last.end + 1:
            spans[-1] = Span(last.start, max(word.end, last.end), last.weight + part)
        else:
            spans.append(Span(word.start, word.end, part))
    return tuple(sorted(spans, key=lambda span: -span.weight)[:_MOST_SPANS])
