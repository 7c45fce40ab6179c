"""Measures how fast a site teaches the risk model: python -m tools.learning_curve DATA.

DATA is a folder with toxic/SET.jsonl.gz, lines of JSON with "id", "text" and "label" (1 for what
was rejected). Of each set 2,000 comments are kept apart and never learned. The rest arrives in
rounds of 200, one in ten violating or the set's own share if that is lower, and the 40 that
should be read first are decided. After each round all of the 2,000 are scored. Printed is the mean
over some shuffles: area under the ROC curve / share of what violates in the first tenth of the
queue, if one comment in twenty violates.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from belowline.domain.lessons import Lesson
from belowline.risk.judge import Judge
from belowline.risk.model import Model

PREVALENCE = 0.05
FIRST = 0.1
ROUND = 200
DECIDED = 40
APART = 2_000
_MOST_APART = 0.5


class Comment(NamedTuple):
    """A text, and whether it was rejected where it stood."""

    text: str
    rejected: bool


class Reached(NamedTuple):
    """How good the order is: area under the ROC curve, and share found in the first tenth."""

    area: float
    found: float


def main() -> None:
    """Measures and prints a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="told_br,ko_hate,ucc")
    parser.add_argument("--model", type=Path, help="a model's file instead of the shipped one")
    parser.add_argument("--decisions", type=int, default=600)
    parser.add_argument("--shuffles", type=int, default=3)
    chosen = parser.parse_args()
    model = Model(chosen.model.read_bytes()) if chosen.model else None
    for name in chosen.sets.split(","):
        comments = read(chosen.data / "toxic" / f"{name}.jsonl.gz")
        curves = [
            dict(curve(comments, Judge(model), chosen.decisions, shuffle))
            for shuffle in range(chosen.shuffles)
        ]
        print(name, *(f"{at}: {_mean([one[at] for one in curves])}" for at in curves[0]), sep="  ")


def read(path: Path) -> list[Comment]:
    """A set's comments."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Comment(row["text"], row["label"] == 1) for row in rows]


def curve(
    comments: Sequence[Comment], judge: Judge, decisions: int, shuffle: int
) -> Iterator[tuple[int, Reached]]:
    """After how many decisions ``judge`` reached what."""
    apart, arriving = split(comments, shuffle)
    yield 0, reached(judge, apart)
    number = 0
    for first in range(0, len(arriving) - ROUND + 1, ROUND):
        for comment in to_decide(judge, arriving[first : first + ROUND]):
            number += 1
            judge.teach(
                [
                    Lesson(
                        comment=number, number=number, text=comment.text, rejected=comment.rejected
                    )
                ]
            )
        yield number, reached(judge, apart)
        if number >= decisions:
            return


def split(comments: Sequence[Comment], shuffle: int) -> tuple[list[Comment], list[Comment]]:
    """What is kept apart, in the set's own share, and what arrives."""
    order = random.Random(shuffle)
    shuffled = order.sample(comments, len(comments))
    count = min(APART, int(len(comments) * _MOST_APART))
    apart, rest = shuffled[:count], shuffled[count:]
    published = [one for one in rest if not one.rejected]
    rejected = [one for one in rest if one.rejected][: max(len(published) // 9, 1)]
    arriving = published + rejected
    return apart, order.sample(arriving, len(arriving))


def to_decide(judge: Judge, arrived: Sequence[Comment]) -> list[Comment]:
    """What a moderator reads of it, by priority."""
    return sorted(arrived, key=lambda one: -judge.look(one.text, explain_from=2.0).priority)[
        :DECIDED
    ]


def reached(judge: Judge, apart: Sequence[Comment]) -> Reached:
    """How well ``judge`` orders what was kept apart."""
    scored = sorted(
        ((judge.look(one.text, explain_from=2.0).score, one.rejected) for one in apart),
        key=lambda pair: -pair[0],
    )
    rejected = sum(is_rejected for _, is_rejected in scored)
    of_one = PREVALENCE / rejected, (1 - PREVALENCE) / (len(scored) - rejected)
    seen = right = read_ = 0.0
    found = 0
    for _, is_rejected in scored:
        if is_rejected:
            right += 1 - seen / (1 - PREVALENCE)
            read_ += of_one[0]
            found += read_ <= FIRST
        else:
            seen += of_one[1]
            read_ += of_one[1]
    return Reached(right / rejected, found / rejected)


def _mean(reached: Sequence[Reached]) -> str:
    areas, founds = zip(*reached, strict=True)
    return f"{sum(areas) / len(areas):.3f} / {sum(founds) / len(founds):.2f}"


if __name__ == "__main__":
    main()
