"""What `belowline score` answers: one line of JSON for each line of JSON."""

from __future__ import annotations

from math import inf
from typing import Any

import msgspec

from belowline.domain import spam
from belowline.domain.lessons import Lesson
from belowline.risk.judge import Judge

_PLACES = 6
_COMMONER = 2.5
"""Who has texts scored asks what to read first, and weighs spam higher than who holds it: it has
to stand before what is merely rude."""
_FEW_SIGNS = 0.2
_FEW_COMMON_SIGNS = 0.38


class Item(msgspec.Struct):
    """A text that is to be scored."""

    text: str
    id: Any = None


class _Line(msgspec.Struct):
    text: str = ""
    id: Any = None
    op: str = ""
    label: int = 0
    items: list[Item] = []


def answer(judge: Judge, line: bytes) -> bytes:
    """The answer to one line, without a line's end; a line that cannot be read gets its error.

    ``{"id", "text"}``: ``{"id", "score"}``. ``{"op": "score", "items"}``: ``{"scores",
    "priority"}``. ``{"op": "learn", "id", "text", "label"}`` teaches ``judge``. Raises Unusable.
    """
    try:
        asked = msgspec.json.decode(line, type=_Line)
    except msgspec.MsgspecError as error:
        return msgspec.json.encode({"error": str(error)})
    return msgspec.json.encode(_answer(judge, asked))


def _answer(judge: Judge, asked: _Line) -> dict[str, Any]:
    if asked.op == "":
        risk = judge.look(asked.text, explain_from=inf)
        return {"id": asked.id, "score": _with_spam(risk.score, asked.text)}
    if asked.op == "score":
        risks = [judge.look(item.text, explain_from=inf) for item in asked.items]
        return {
            "scores": [
                _with_spam(risk.score, item.text)
                for risk, item in zip(risks, asked.items, strict=True)
            ],
            "priority": [
                _with_spam(risk.priority, item.text)
                for risk, item in zip(risks, asked.items, strict=True)
            ],
        }
    if asked.op == "learn":
        number = judge.heard + 1
        judge.teach(
            [Lesson(comment=number, number=number, text=asked.text, rejected=asked.label == 1)]
        )
        return {"ok": True}
    return {"error": f"unknown op {asked.op!r}: leave it out, or use score or learn"}


def _with_spam(score: float, text: str) -> float:
    """The score of a text that breaks the rules as the model sees it, or is spam.

    What has few signs of spam keeps the model's score: a link alone is none.
    """
    found = spam.signs(text)
    likely = spam.probability(found, _COMMONER) if found else 0.0
    common = all(sign.name in spam.COMMON for sign in found)
    if likely < (_FEW_COMMON_SIGNS if common else _FEW_SIGNS):
        return round(score, _PLACES)
    return round(1 - (1 - min(score, 1.0)) * (1 - likely), _PLACES)
