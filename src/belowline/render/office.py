"""The desk's other pages: the record, people, appeals, rules, one's own account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from babel import Locale, UnknownLocaleError

from belowline.domain import ids
from belowline.domain.bans import MEASURES
from belowline.domain.decisions import REASONS
from belowline.domain.policy import LIMITS, LISTS, Policy
from belowline.domain.record import Break
from belowline.domain.rehearsals import Result
from belowline.domain.rulebook import WRONG, BadRule
from belowline.domain.stories import MODES
from belowline.render import dates
from belowline.render.environment import render
from belowline.render.language import LANGUAGES, translations
from belowline.render.law import rule_text
from belowline.render.pages import PageContext
from belowline.render.views import PaceView
from belowline.render.words import reason_name, refusal


def _(sentence: str) -> str:
    """Marks a sentence for translation; it is translated where it is shown."""
    return sentence


ACTS = {
    "staff_added": _("Staff member added"),
    "staff_linked": _("Sign-in link made"),
    "signed_in": _("Signed in"),
    "story_changed": _("Story changed"),
    "warned": _("Warned"),
    "muted": _("Muted for a time"),
    "banned": _("Banned"),
    "lifted": _("Measure ended"),
    "noted": _("Note kept"),
    "removed_all": _("Everything since removed"),
    "restored_all": _("Removal taken back"),
    "appeal_decided": _("Appeal decided"),
    "notice_decided": _("Notice answered"),
    "rule_changed": _("Rule changed"),
    "escalated": _("Evidence taken out"),
    "factor_set": _("Second factor set"),
    "factor_reset": _("Second factor taken away"),
    "codes_made": _("Recovery codes made"),
    "session_ended": _("Session ended"),
    "role_changed": _("Role changed"),
}
"""What staff do besides deciding: code -> words."""

ABOUT_PEOPLE = frozenset(ACTS) - {"story_changed", "notice_decided", "rule_changed"}

_TOLD = {
    "upheld": _("It is taken back, and the author is told."),
    "dismissed": _("The decision stands, and the author is told."),
    "answered": _("The answer stands at the address of the notice."),
    "ended": _("That browser is signed out."),
    "role": _("The role is changed."),
    "reset": _("Password and sessions are gone. Make a new link for them."),
    "rule": _("It is the rule from now on."),
    "imposed": _("It is decided. They are told when they come back."),
    "lifted": _("It has ended."),
    "noted": _("The note is kept."),
    "removed": _("It is done. Each comment has its line in the record."),
    "restored": _("The comments are back, except for those that were decided otherwise since."),
}

_BROKEN = {
    "missing": _("The record does not hold: line %(line)s is missing."),
    "gone": _("The record does not hold: what line %(line)s stands for was deleted."),
    "changed": _("The record does not hold: line %(line)s was changed after it was written."),
    "words_changed": _(
        "The record does not hold: a text, an author or a note of line %(line)s was changed."
    ),
    "not_sealed": _("The record does not hold: a decision was put in past it."),
}


def render_office(name: str, page: PageContext, **values: Any) -> str:
    """A page of the desk beside the queue."""
    words = translations(page.language)
    usual: dict[str, Any] = {"problem": "", "said": ""}
    return render(
        f"desk/{name}.html",
        page,
        encode=ids.encode,
        act_name=lambda code: words.ugettext(ACTS.get(code, str(code))),
        about_people=ABOUT_PEOPLE,
        reasons=[(code, reason_name(code, page.language)) for code in REASONS],
        measure_name=lambda code: words.ugettext(MEASURES[code]),
        rule_text=lambda rule: rule_text(rule, page.language),
        rule_text_in=rule_text,
        refusal=lambda code: refusal(code, page.language),
        languages=[(code, Locale.parse(code).get_display_name(code)) for code in LANGUAGES],
        duration=lambda hours: duration(hours, page.language),
        told_words={code: words.ugettext(said) for code, said in _TOLD.items()},
        **(usual | values),
    )


def duration(hours: int, language: str) -> str:
    """``1 hour``, ``30 days``."""
    return dates.duration(timedelta(hours=hours), language)


def broken_sentence(broken: Break | None, language: str) -> str:
    """Which line of the record does not hold, and why; "" when all do."""
    if broken is None:
        return ""
    return translations(language).ugettext(_BROKEN[broken.why]) % {"line": broken.number}


POLICY_NAMES: dict[str, tuple[str, str]] = {
    "banned_words": (_("Banned words"), _("A comment with one of them is refused.")),
    "suspect_words": (_("Suspect words"), _("A comment with one of them can be held.")),
    "allowed_words": (_("Exceptions"), _("Words and phrases in which a listed word is allowed.")),
    "banned_domains": (_("Banned sites"), _("A comment that links there is refused.")),
    "suspect_domains": (_("Suspect sites"), _("A comment that links there can be held.")),
    "allowed_domains": (_("Trusted sites"), _("Links there are not counted.")),
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
    ("language de", _("the story's language")),
    ("staff", _("the author is staff")),
    ("trusted", _("the author has earned trust")),
    ("newcomer", _("the author is new here")),
    ("edit", _("an edit, not a new comment")),
    ("reply", _("a reply, not a new thread")),
    ("published below 3", _("how many of the author's comments are published")),
    ("rejected above 1", _("how many of the author's comments were rejected")),
    ("recent above 4", _("how many comments the author wrote in the last ten minutes")),
    ("not …", _("the opposite")),
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


class PolicyVersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version and how it differs from the one before: ("+" or "-" or " ", line)."""

    version: VersionView
    changes: tuple[tuple[str, str], ...]


class RehearsalView(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal: how far it has come, what it is about, and what came of it.

    ``outdated`` is whether another version has been saved since; ``lost`` whether nothing will
    come of it any more.
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


def render_rehearsal(view: RehearsalView, page: PageContext) -> str:
    """``GET /desk/policy/rehearsals/{id}``."""
    language = page.language
    return render(
        "desk/rehearsal.html",
        page,
        view=view,
        encode=ids.encode,
        outcome=lambda code: _translated(OUTCOMES[code], language),
        moved=lambda move: _translated(MOVES[move.before, move.after], language),
        language_name=lambda code: language_name(code, language),
    )


def language_name(code: str, language: str) -> str:
    """A language in the words of another; a sentence where it is not known."""
    if not code:
        return _translated(_("Not known"), language)
    try:
        return str(Locale.parse(code, sep="-").get_display_name(language) or code)
    except (ValueError, UnknownLocaleError):
        return code


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
        "policy",
        page,
        problem=view.problem,
        view=view,
        names=_policy_names(page.language),
        lists=LISTS,
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
