"""From findings to an outcome: pure, so that it can be replayed over history."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from belowline.domain import rulebook
from belowline.domain.decisions import Finding
from belowline.domain.language import UNKNOWN, primary
from belowline.domain.rulebook import Condition, Rule
from belowline.domain.rules import Rules
from belowline.domain.stories import MODES
from belowline.domain.trust import Trust, TrustRules, trust

BROKEN = ("check_failed", "check_slow", "outside_failed")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a new or edited comment and the code of why.

    ``status`` is ``published``, ``held`` or ``refused``; a refused one is not stored, its author
    is told ``sentence`` and keeps the text. ``line`` is the line of the rule that decided, 0 when
    none did; ``policy`` is the number of the version, None where that is not known.
    """

    status: str
    reason: str
    sentence: str = ""
    line: int = 0
    policy: int | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules can ask for besides findings.

    ``language`` is that of the comment itself, ``story_language`` its story's, both "" where not
    known. ``published``, ``rejected`` and ``recent`` count among the author's latest comments.
    """

    mode: str
    staff: bool = False
    trusted: bool = False
    newcomer: bool = False
    edit: bool = False
    reply: bool = False
    language: str = ""
    story_language: str = ""
    published: int = 0
    rejected: int = 0
    recent: int = 0


class Own(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of several sites has besides what holds for all of them.

    Its ``rules`` are asked before those of all, its entries are added to theirs. ``mode`` is ""
    and ``slow_seconds`` and ``close_days`` are None where it has those of all.
    """

    site: int
    key: str
    rules: str = ""
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    allowed_words: tuple[str, ...] = ()
    banned_domains: tuple[str, ...] = ()
    suspect_domains: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    mode: str = ""
    slow_seconds: int | None = None
    close_days: int | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that editors change at the desk, as one version of it.

    ``rules`` is the text; words and domains are listed as they were written; ``mode``,
    ``slow_seconds`` and ``close_days`` hold for stories that have none of their own. ``swaps`` are
    the pairs of the audit, as `domain.swaps` reads them; they decide nothing. ``own`` is what
    single sites have besides.
    """

    rules: str = rulebook.DEFAULT
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    allowed_words: tuple[str, ...] = ()
    banned_domains: tuple[str, ...] = ()
    suspect_domains: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    swaps: tuple[str, ...] = ()
    max_links: int = 3
    posts_per_minute: int = 12
    repeats_allowed: int = 0
    newcomer_until: int = 1
    trust_needs: int = 3
    trust_half_life_days: int = 90
    rejection_costs: int = 3
    mode: str = "reviewed"
    slow_seconds: int = 0
    close_days: int = 0
    own: tuple[Own, ...] = ()

    def own_of(self, site: int) -> Own | None:
        """What a site has besides, None where all of this holds for it and nothing else."""
        return next((one for one in self.own if one.site == site), None)

    def with_own(self, own: Own) -> Policy:
        """The policy with something else for one site."""
        others = [one for one in self.own if one.site != own.site]
        is_empty = own == Own(site=own.site, key=own.key)
        kept = others if is_empty else sorted([*others, own], key=lambda one: one.site)
        return msgspec.structs.replace(self, own=tuple(kept))

    def at(self, site: int) -> Policy:
        """What holds for a site, the rules aside: `belowline.domain.rulebook.ahead` joins those."""
        own = self.own_of(site)
        if own is None:
            return self
        lists = {
            name: tuple(dict.fromkeys((*getattr(self, name), *getattr(own, name))))
            for name in OWN_LISTS
            if getattr(own, name)
        }
        numbers = {name: value for name in OWN_LIMITS if (value := getattr(own, name)) is not None}
        values: dict[str, Any] = {**lists, **numbers, "mode": own.mode or self.mode}
        return msgspec.structs.replace(self, **values)

    def trust_rules(self) -> TrustRules:
        """The part about trust."""
        return TrustRules(
            needs=self.trust_needs,
            half_life=timedelta(days=self.trust_half_life_days),
            rejection_costs=float(self.rejection_costs),
        )


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the policy: who saved it, when and why."""

    number: int
    policy: Policy
    author: int
    author_name: str
    note: str
    created_at: datetime


LISTS = (
    "banned_words",
    "suspect_words",
    "allowed_words",
    "banned_domains",
    "suspect_domains",
    "allowed_domains",
    "swaps",
)
OWN_LISTS = LISTS[:-1]
"""Those of which each site may have entries of its own."""

LIMITS: dict[str, tuple[int, int]] = {
    "max_links": (0, 1_000),
    "posts_per_minute": (0, 1_000),
    "repeats_allowed": (0, 20),
    "newcomer_until": (1, 20),
    "trust_needs": (1, 20),
    "trust_half_life_days": (1, 3_650),
    "rejection_costs": (0, 20),
    "slow_seconds": (0, 86_400),
    "close_days": (0, 3_650),
}
"""Number -> its least and its most. Only the author's latest twenty comments are looked at."""

OWN_LIMITS = ("slow_seconds", "close_days")
"""Those that each site may have for itself."""

_DEFAULT = rulebook.read(rulebook.DEFAULT, (), MODES)


def initial(rules: Rules) -> Policy:
    """The policy of a site whose editors have saved none: its settings."""
    return Policy(
        banned_words=rules.banned_words,
        suspect_words=rules.suspect_words,
        max_links=rules.max_links,
        posts_per_minute=rules.posts_per_minute,
        mode=rules.default_mode,
        slow_seconds=rules.slow_seconds,
        close_days=rules.close_days,
    )


def decide(findings: Sequence[Finding], *, mode: str, staff: bool, known: bool = False) -> Outcome:
    """The outcome by the rules that a new site has."""
    return judge(_DEFAULT, findings, Facts(mode=mode, staff=staff, trusted=known))


def judge(rules: Sequence[Rule], findings: Sequence[Finding], facts: Facts) -> Outcome:
    """The outcome for a comment with ``findings``: that of the first rule that applies.

    Whatever the rules say: what a broken check has not seen is not published (the publisher's
    name is under it), what no rule speaks of is held, and what only a model says refuses nobody.
    Nothing here rejects: only people do.
    """
    findings = _weighed(rules, findings, facts)
    for rule in rules:
        if rule.outcome == rulebook.THRESHOLD:
            continue
        found = _applies(rule, findings, facts)
        if found is not None:
            return _outcome(rule, found, findings, facts)
    return Outcome(status="held", reason=f"mode_{facts.mode}")


def _weighed(rules: Sequence[Rule], findings: Sequence[Finding], facts: Facts) -> Sequence[Finding]:
    """``findings``, with those of the risk model holding by the rules' threshold, if they have one
    for the comment's language. Without it they weigh what they weighed by the settings.
    """
    said = rulebook.thresholds(rules)
    threshold = said.get(facts.language or UNKNOWN, said.get(""))
    if threshold is None:
        return findings
    return [
        msgspec.structs.replace(one, weight="hold" if one.score > threshold else "note")
        if one.code in _RISKY and one.score is not None
        else one
        for one in findings
    ]


_RISKY = ("risk_high", "risk_raised")

RECENT = timedelta(minutes=10)


def facts_of(
    policy: Policy,
    latest: Sequence[tuple[str, datetime]],
    now: datetime,
    *,
    mode: str,
    staff: bool,
    language: str,
    story_language: str,
    edit: bool,
    reply: bool,
    published: int,
    rejected: int,
) -> Facts:
    """The facts about a comment whose author's ``latest`` ones have this status and time."""
    return Facts(
        mode=mode,
        staff=staff,
        trusted=trust_of(policy, latest, now).known,
        newcomer=published < policy.newcomer_until,
        edit=edit,
        reply=reply,
        language=language,
        story_language=story_language,
        published=published,
        rejected=rejected,
        recent=sum(now - when <= RECENT for _, when in latest),
    )


def trust_of(policy: Policy, latest: Sequence[tuple[str, datetime]], now: datetime) -> Trust:
    """What an author's ``latest`` comments of this status and time are worth by the policy."""
    times: dict[str, list[datetime]] = {"published": [], "rejected": []}
    for status, when in latest:
        if status in times:
            times[status].append(when)
    return trust(times["published"], times["rejected"], now, policy.trust_rules())


def _outcome(
    rule: Rule, found: Sequence[Finding], findings: Sequence[Finding], facts: Facts
) -> Outcome:
    if rule.outcome == "published":
        broken = next((one for one in findings if one.code in BROKEN), None)
        if broken is not None:
            return Outcome(
                status="held", reason=broken.code, sentence=broken.sentence, line=rule.line
            )
        return Outcome(status="published", reason=_why_published(rule, facts), line=rule.line)
    if found:
        return Outcome(
            status=rule.outcome, reason=found[0].code, sentence=found[0].sentence, line=rule.line
        )
    reason = "policy" if rule.conditions else f"mode_{facts.mode}"
    return Outcome(status=rule.outcome, reason=reason, line=rule.line)


def _why_published(rule: Rule, facts: Facts) -> str:
    if facts.mode == "open":
        return "mode_open"
    if facts.staff:
        return "staff"
    asks = {name for one in rule.conditions if one.kind == "truth" for name in one.names}
    return "trusted" if "trusted" in asks else "policy"


def _applies(rule: Rule, findings: Sequence[Finding], facts: Facts) -> list[Finding] | None:
    """What the rule's conditions have found, in the order of ``findings``; None if one fails."""
    found: set[int] = set()
    for condition in rule.conditions:
        matched = _matches(condition, findings, facts, sure=rule.outcome == "refused")
        if (matched is not None) == condition.negated:
            return None
        found.update(matched or ())
    return [one for place, one in enumerate(findings) if place in found]


def _matches(
    condition: Condition, findings: Sequence[Finding], facts: Facts, *, sure: bool
) -> list[int] | None:
    """The places of the findings that fulfil the condition, None when nothing fulfils it.

    A ``sure`` rule does not take a model's finding for one of a check that knows.
    """
    name = condition.names[0]
    match condition.kind:
        case "truth":
            return [] if getattr(facts, name) else None
        case "mode":
            return [] if facts.mode == name else None
        case "language":
            return [] if (primary(facts.language) or UNKNOWN) == name else None
        case "story_language":
            return [] if (primary(facts.story_language) or UNKNOWN) == name else None
        case "count":
            return [] if _compares(condition, getattr(facts, name)) else None
        case _:
            places = [
                place
                for place, one in enumerate(findings)
                if _is_meant(condition, one)
                and not (sure and condition.kind != "score" and one.check in rulebook.MODELS)
            ]
            return places or None


def _is_meant(condition: Condition, finding: Finding) -> bool:
    if condition.kind == "weight":
        return finding.weight in condition.names
    if condition.kind == "codes":
        return finding.code in condition.names
    named = condition.names[0] in (finding.check, finding.code)
    return named and finding.score is not None and _compares(condition, finding.score)


def _compares(condition: Condition, value: float) -> bool:
    return value > condition.number if condition.above else value < condition.number


def changes(before: Policy, after: Policy) -> Iterator[tuple[str, str]]:
    """The difference, line by line: ("-", gone), ("+", new) and (" ", the lines around them)."""
    old, new = as_lines(before), as_lines(after)
    for line in difflib.unified_diff(old, new, n=1, lineterm=""):
        if line[:3] not in ("---", "+++") and line[:2] != "@@":
            yield line[0], line[1:]


def as_lines(policy: Policy) -> list[str]:
    """The whole policy as text."""
    lines = policy.rules.splitlines()
    for name in LISTS:
        lines += [f"{name}: {entry}" for entry in getattr(policy, name)]
    lines += [f"{name} = {getattr(policy, name)}" for name in LIMITS]
    lines.append(f"mode = {policy.mode}")
    return [*lines, *(line for own in policy.own for line in _own_lines(own))]


def _own_lines(own: Own) -> list[str]:
    lines = own.rules.splitlines()
    for name in OWN_LISTS:
        lines += [f"{name}: {entry}" for entry in getattr(own, name)]
    for name in OWN_LIMITS:
        value = getattr(own, name)
        lines += [] if value is None else [f"{name} = {value}"]
    lines += [f"mode = {own.mode}"] if own.mode else []
    return [f"[{own.key}] {line}" for line in lines]
