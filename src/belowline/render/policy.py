"""The desk's pages of modes, pace and policy: what their templates are given, and their HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from belowline.domain.marking import _
from belowline.domain.policy import LIMITS, LISTS, OWN_LISTS, Own, Policy
from belowline.domain.rehearsals import Result
from belowline.domain.rulebook import WRONG, BadRule
from belowline.domain.sites import Publication
from belowline.domain.stories import MODES
from belowline.render.language import translations
from belowline.render.office import render_office
from belowline.render.pages import PageContext
from belowline.render.views import PaceView
from belowline.render.words import language_name

POLICY_NAMES: dict[str, tuple[str, str]] = {
    "banned_words": (_("Banned words"), _("A comment with one of them is refused.")),
    "suspect_words": (_("Suspect words"), _("A comment with one of them can be held.")),
    "allowed_words": (_("Exceptions"), _("Words and phrases in which a listed word is allowed.")),
    "banned_domains": (_("Banned sites"), _("A comment that links there is refused.")),
    "suspect_domains": (_("Suspect sites"), _("A comment that links there can be held.")),
    "allowed_domains": (_("Trusted sites"), _("Links there are not counted.")),
    "swaps": (_("Pairs for the audit"), _("Such as: Northside = Southside. They decide nothing.")),
    "max_links": (_("Links in a comment"), _("More of them are a finding.")),
    "posts_per_minute": (_("Comments a minute"), _("By one person; 0 for any number.")),
    "repeats_allowed": (_("Repeats"), _("How often somebody may say the same again.")),
    "newcomer_until": (_("Newcomer"), _("Until so many comments are published.")),
    "trust_needs": (_("Trust needs"), _("So many fresh published comments.")),
    "trust_half_life_days": (_("Trust halves in"), _("Days after which a comment counts half.")),
    "rejection_costs": (_("A rejection costs"), _("As many published comments.")),
    "slow_seconds": (_("Slow mode"), _("Seconds between two comments of one person; 0 for none.")),
    "close_days": (_("Closes after"), _("Days; 0 for never.")),
}
"""Part of the policy -> its name and what it means."""

CONDITIONS: tuple[tuple[str, str], ...] = (
    ("links_many", _("a check found this")),
    ("any of shouting, emoji_flood", _("a check found one of these")),
    ("any finding refuses", _("a finding of this weight: refuses, holds, notes")),
    ("risk above 0.7", _("the risk model's score is above or below a number")),
    ("mode open", _("the story's mode")),
    ("language de", _("the language that the comment is written in")),
    ("story language de", _("the story's language")),
    ("staff", _("the author is staff")),
    ("trusted", _("the author has earned trust")),
    ("newcomer", _("the author is new here")),
    ("edit", _("an edit, not a new comment")),
    ("reply", _("a reply, not a new thread")),
    ("published below 3", _("how many of the author's comments are published")),
    ("rejected above 1", _("how many of the author's comments were rejected")),
    ("recent above 4", _("how many comments the author wrote in the last ten minutes")),
    ("not …", _("the opposite")),
    ("risk holds above 0.7 in de, uk", _("a line of its own: the risk threshold of a language")),
)
"""An example of each condition that a rule can have, and what it means."""


class DiscussionsView(msgspec.Struct, frozen=True, kw_only=True):
    """The pace of each discussion, the latest first; ``next`` is the cursor of further ones."""

    stories: tuple[PaceView, ...]
    next: str = ""
    problem: str = ""


def render_discussions(view: DiscussionsView, page: PageContext) -> str:
    """``GET /desk/settings``."""
    return render_office("settings", page, view=view, problem=view.problem)


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the policy in the list of them."""

    number: int
    author: str
    note: str
    created_at: datetime


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """The policy and the form to change it.

    ``base`` is the version that holds, 0 for the settings; ``problems`` and ``problem`` say what
    is wrong with what was sent. ``may_change`` is False for those who may only read it.
    ``sites`` are those that whoever looks works for, where there are several, ``site`` is the one
    whose own part is shown, None for what holds for all; ``own`` is that part.
    """

    policy: Policy
    base: int
    note: str = ""
    may_change: bool = True
    codes: Sequence[tuple[str, tuple[str, ...]]] = ()
    versions: tuple[VersionView, ...] = ()
    more: bool = False
    problems: tuple[BadRule, ...] = ()
    problem: str = ""
    saved: bool = False
    sites: tuple[Publication, ...] = ()
    site: Publication | None = None
    own: Own | None = None


class PolicyVersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version and how it differs from the one before: ("+" or "-" or " ", line)."""

    version: VersionView
    changes: tuple[tuple[str, str], ...]


class RehearsalView(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal: how far it has come, what it is about, and what came of it.

    ``outdated`` is whether another version has been saved since; ``lost`` whether nothing will
    come of it any more; ``site`` the key of the site that it is about, "" for all.
    """

    id: str
    base: int
    note: str
    done: int
    total: int
    lost: bool
    changes: tuple[tuple[str, str], ...]
    result: Result | None
    may_save: bool
    outdated: bool
    problem: str = ""
    site: str = ""


def render_rehearsal(view: RehearsalView, page: PageContext) -> str:
    """``GET /desk/policy/rehearsals/{id}``."""
    language = page.language
    return render_office(
        "rehearsal",
        page,
        problem=view.problem,
        view=view,
        outcome=lambda code: _translated(OUTCOMES[code], language),
        moved=lambda move: _translated(MOVES[move.before, move.after], language),
        language_name=lambda code: language_name(code, language),
    )


OUTCOMES = {"published": _("published"), "held": _("held"), "refused": _("refused")}
MOVES = {
    ("published", "held"): _("Held instead of published"),
    ("published", "refused"): _("Refused instead of published"),
    ("held", "published"): _("Published instead of held"),
    ("held", "refused"): _("Refused instead of held"),
    ("refused", "published"): _("Published instead of refused"),
    ("refused", "held"): _("Held instead of refused"),
}


def render_policy(view: PolicyView, page: PageContext) -> str:
    """``GET /desk/policy``."""
    return render_office(
        "policy_own" if view.own else "policy",
        page,
        problem=view.problem,
        view=view,
        names=_policy_names(page.language),
        lists=OWN_LISTS if view.own else LISTS,
        limits=LIMITS,
        modes=MODES,
        conditions=[(code, _translated(text, page.language)) for code, text in CONDITIONS],
        problems=[bad_rule(one, page.language) for one in view.problems],
    )


def render_policy_version(view: PolicyVersionView, page: PageContext) -> str:
    """``GET /desk/policy/versions/{number}``."""
    return render_office("policy_version", page, view=view)


def bad_rule(problem: BadRule, language: str) -> str:
    """What is wrong with a line of the rules."""
    said = _translated(WRONG[problem.code], language)
    return said.format(line=problem.line, what=problem.what, instead=problem.instead)


def _policy_names(language: str) -> dict[str, tuple[str, str]]:
    return {
        name: (_translated(title, language), _translated(help_, language))
        for name, (title, help_) in POLICY_NAMES.items()
    }


def _translated(sentence: str, language: str) -> str:
    return translations(language).ugettext(sentence)
