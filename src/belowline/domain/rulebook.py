"""The policy's rules as people write them: a small language, read strictly, line by line.

    outcome "when" condition { "and" condition }
    outcome "otherwise"
    "risk holds above" number [ "in" language { "," language } ]

docs/moderation.md has every condition. The first rule that applies decides. A line of the third
kind is a threshold: it decides nothing by itself and says from which score on the risk model's
finding holds, for all rules.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

THRESHOLD = "threshold"
"""The outcome of a line that only says where the risk model's findings begin to hold."""

OUTCOMES = {"publish": "published", "hold": "held", "refuse": "refused"}

MODELS = frozenset({"outside", "risk", "sender", "spam"})
"""Checks that guess. What only they say never refuses a comment."""

TRUTHS = ("staff", "trusted", "newcomer", "edit", "reply")
"""What can be true of a comment or its author."""

COUNTED = ("published", "rejected", "recent")
"""Numbers of the author's latest comments; recent ones are those of the last ten minutes."""

WEIGHTS = {"refuses": ("refuse",), "holds": ("hold", "refuse"), "notes": ("note",)}
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
_LONGEST = 200  # rules

DEFAULT = """\
# The first rule that applies decides.
refuse when any finding refuses and not staff
hold when any finding holds and not staff
publish when staff
publish when mode open
publish when mode trusting and trusted
hold otherwise
"""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. ``kind`` is truth, count, mode, language (the comment's own), story_language,
    weight, codes, score or threshold.

    ``names`` are what it asks for (a threshold's languages, none for all others), ``above`` and
    ``number`` the comparison of count, score and threshold.
    """

    kind: str
    names: tuple[str, ...]
    negated: bool = False
    above: bool = True
    number: float = 0.0


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome and the conditions that all have to hold; none for "otherwise". The outcome
    `THRESHOLD` has one of that kind.
    """

    outcome: str
    conditions: tuple[Condition, ...]
    line: int


class BadRule(msgspec.Struct, frozen=True):
    """What is wrong in a line of the rules. ``code`` is a key of `WRONG`, ``what`` the words."""

    line: int
    code: str
    what: str = ""
    instead: str = ""


WRONG: dict[str, str] = {
    "outcome": "Line {line}: a rule begins with publish, hold or refuse, not with “{what}”.",
    "when": "Line {line}: after the outcome comes “when” or “otherwise”.",
    "empty": "Line {line}: a condition is missing.",
    "condition": "Line {line}: “{what}” is no condition.",
    "code": "Line {line}: no check finds “{what}”.",
    "instead": "Line {line}: “{what}” is not known. Did you mean “{instead}”?",
    "mode": "Line {line}: “{what}” is no mode.",
    "number": "Line {line}: “{what}” needs above or below and a number.",
    "model": "Line {line}: a model alone refuses nobody. Name what else was found, or hold.",
    "language": "Line {line}: “{what}” is no language. Write its code, such as de or uk.",
    "threshold": "Line {line}: write “risk holds above 0.7” or “risk holds above 0.7 in de, uk”.",
    "share": "Line {line}: a risk is a number from 0 to 1, not {what}.",
    "twice": "Line {line}: there is a risk threshold for “{what}” already.",
    "last": "Line {line}: nothing after “otherwise” is ever reached.",
    "long": "Line {line}: there are more rules than anybody could read.",
}
"""Code -> English sentence, which the interface translates."""


class Unreadable(ValueError):
    """Rules that cannot be read; ``problems`` has one for each bad line."""

    def __init__(self, problems: list[BadRule]) -> None:
        self.problems = problems
        first = problems[0]
        super().__init__(
            WRONG[first.code].format(line=first.line, what=first.what, instead=first.instead)
        )


class _Wrong(Exception):
    def __init__(self, code: str, what: str = "", instead: str = "") -> None:
        super().__init__(code)
        self.code, self.what, self.instead = code, what, instead


def read(text: str, codes: Collection[str] | None, modes: Collection[str]) -> tuple[Rule, ...]:
    """The rules in ``text``, where checks find ``codes``. Raises Unreadable.

    None stands for all codes: of a version that was saved long ago, a rule about a check that is
    gone just never applies.
    """
    rules: list[Rule] = []
    problems: list[BadRule] = []
    over = False
    for line, written in enumerate(text.splitlines(), 1):
        words = written.split("#")[0].replace(",", " , ").split()
        if not words:
            continue
        try:
            if over:
                raise _Wrong("last")
            if len(rules) == _LONGEST:
                raise _Wrong("long")
            rule = _rule(words, line, codes, modes)
        except _Wrong as wrong:
            problems.append(BadRule(line, wrong.code, wrong.what, wrong.instead))
            continue
        if rule.outcome == THRESHOLD:
            twice = _said_before(rule, rules)
            if twice is not None:
                problems.append(BadRule(line, "twice", twice))
        rules.append(rule)
        over = not rule.conditions
    if problems:
        raise Unreadable(problems)
    return tuple(rules)


def _rule(
    words: list[str], line: int, codes: Collection[str] | None, modes: Collection[str]
) -> Rule:
    outcome, *rest = words
    if outcome == "risk":
        return _threshold(rest, line)
    if outcome not in OUTCOMES:
        raise _Wrong("outcome", outcome)
    if rest == ["otherwise"]:
        if outcome == "refuse":
            raise _Wrong("model")
        return Rule(outcome=OUTCOMES[outcome], conditions=(), line=line)
    if not rest or rest[0] != "when":
        raise _Wrong("when")
    parts: list[list[str]] = [[]]
    for word in rest[1:]:
        if word == "and":
            parts.append([])
        else:
            parts[-1].append(word)
    conditions = tuple(_condition(part, codes, modes) for part in parts)
    if outcome == "refuse" and not any(map(_is_found_surely, conditions)):
        raise _Wrong("model")
    return Rule(outcome=OUTCOMES[outcome], conditions=conditions, line=line)


def _threshold(words: list[str], line: int) -> Rule:
    match words:
        case ["holds", "above", number]:
            languages = []
        case ["holds", "above", number, "in", *listed]:
            languages = [word for word in listed if word != ","]
            if not languages:
                raise _Wrong("threshold")
        case _:
            raise _Wrong("threshold")
    if not _NUMBER.fullmatch(number) or float(number) > 1:
        raise _Wrong("share", number)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise _Wrong("language", language)
    said = Condition(kind=THRESHOLD, names=tuple(languages), number=float(number))
    return Rule(outcome=THRESHOLD, conditions=(said,), line=line)


def _said_before(rule: Rule, rules: Iterable[Rule]) -> str | None:
    """A language that has a threshold already, "risk" for all others."""
    before = thresholds(rules)
    return next((name or "risk" for name in thresholds([rule]) if name in before), None)


def thresholds(rules: Iterable[Rule]) -> dict[str, float]:
    """Language ("" for all others) -> the risk above which the model's finding holds a comment."""
    return {
        language: rule.conditions[0].number
        for rule in rules
        if rule.outcome == THRESHOLD
        for language in rule.conditions[0].names or ("",)
    }


def ahead(own: Sequence[Rule], common: Sequence[Rule]) -> tuple[Rule, ...]:
    """A site's own rules before those of all sites. Where both have a threshold for a language,
    its own holds.
    """
    said = thresholds(own)
    kept = []
    for rule in common:
        if rule.outcome == THRESHOLD:
            condition = rule.conditions[0]
            names = tuple(name for name in condition.names or ("",) if name not in said)
            if not names:
                continue
            names = () if names == ("",) else names
            rule = msgspec.structs.replace(
                rule, conditions=(msgspec.structs.replace(condition, names=names),)
            )
        kept.append(rule)
    return (*own, *kept)


def _condition(
    words: list[str], codes: Collection[str] | None, modes: Collection[str]
) -> Condition:
    negated = words[:1] == ["not"]
    if negated:
        words = words[1:]
    match words:
        case []:
            raise _Wrong("empty")
        case [truth] if truth in TRUTHS:
            return Condition(kind="truth", names=(truth,), negated=negated)
        case ["mode", mode]:
            if mode not in modes:
                raise _Wrong("mode", mode)
            return Condition(kind="mode", names=(mode,), negated=negated)
        case ["language", language]:
            return _spoken("language", language, codes, negated)
        case ["story", "language", language]:
            return _spoken("story_language", language, codes, negated)
        case ["any", "finding", weight] if weight in WEIGHTS:
            return Condition(kind="weight", names=WEIGHTS[weight], negated=negated)
        case ["any", "of", *listed] if listed:
            names = tuple(_known(word, codes) for word in listed if word != ",")
            return Condition(kind="codes", names=names, negated=negated)
        case [name, ("above" | "below") as way, number]:
            return _comparison(name, way, number, codes, negated)
        case [name] if name in COUNTED or name in MODELS:
            raise _Wrong("number", name)
        case [code] if _CODE.fullmatch(code):
            return Condition(kind="codes", names=(_known(code, codes),), negated=negated)
    raise _Wrong("condition", " ".join(words))


def _spoken(kind: str, language: str, codes: Collection[str] | None, negated: bool) -> Condition:
    """A condition about a language; in an old version a code that is none just never applies."""
    if codes is not None and not _LANGUAGE.fullmatch(language):
        raise _Wrong("language", language)
    return Condition(kind=kind, names=(language,), negated=negated)


def _comparison(
    name: str, way: str, number: str, codes: Collection[str] | None, negated: bool
) -> Condition:
    if not _NUMBER.fullmatch(number):
        raise _Wrong("number", name)
    kind = "count" if name in COUNTED else "score"
    if kind == "score" and name not in MODELS:
        _known(name, codes)
    return Condition(
        kind=kind, names=(name,), negated=negated, above=way == "above", number=float(number)
    )


def _known(code: str, codes: Collection[str] | None) -> str:
    if codes is None or code in codes:
        return code
    near = difflib.get_close_matches(code, [*codes, *TRUTHS, *COUNTED, *MODELS], 1)
    raise _Wrong("instead", code, near[0]) if near else _Wrong("code", code)


def _is_found_surely(condition: Condition) -> bool:
    """Whether it holds only where a check that does not guess has found something."""
    if condition.negated or condition.kind not in ("codes", "weight"):
        return False
    if condition.kind == "weight":
        return "note" not in condition.names
    return not any(is_models(name) for name in condition.names)


def is_models(name: str) -> bool:
    """Whether a check's or a finding's name is that of a model."""
    return name.split("_")[0] in MODELS
