"""The desk's other pages: the record, people, appeals, rules, one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from babel import Locale

from belowline.domain import ids
from belowline.domain.bans import MEASURES
from belowline.domain.decisions import REASONS
from belowline.domain.marking import _
from belowline.domain.record import ABOUT_STORIES, Break
from belowline.render import dates
from belowline.render.agents import browser_name
from belowline.render.desk import hurting, pieces
from belowline.render.environment import render
from belowline.render.language import LANGUAGES, translations
from belowline.render.law import rule_text
from belowline.render.pages import PageContext
from belowline.render.words import reason_name, refusal, trusted

ACTS = {
    "staff_added": _("Staff member added"),
    "staff_linked": _("Sign-in link made"),
    "signed_in": _("Signed in"),
    "story_changed": _("Story changed"),
    "tightened": _("Tightened by itself"),
    "loosened": _("Loosened by itself"),
    "breaker_off": _("Never to be tightened by itself"),
    "breaker_on": _("May be tightened by itself again"),
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
    "passkey_added": _("Passkey added"),
    "passkey_removed": _("Passkey removed"),
    "passkey_doubted": _("Passkey refused: perhaps a copy"),
    "codes_made": _("Recovery codes made"),
    "session_ended": _("Session ended"),
    "role_changed": _("Role changed"),
    "site_added": _("Site made"),
    "site_changed": _("Site changed"),
    "sites_given": _("Sites of a staff member changed"),
    "signed_out": _("Signed out"),
    "policy_saved": _("Policy changed"),
    "story_assigned": _("Story given to somebody"),
    "handed_over": _("Note left for the next shift"),
    "reply_kept": _("Saved reply kept"),
    "reply_forgotten": _("Saved reply forgotten"),
    "looked_again": _("Looked at a second time"),
    "alert_set": _("Alert set"),
    "alert_ended": _("Alert ended"),
    "lessons_taken": _("Lessons taken back"),
    "lessons_given": _("Lessons given back"),
    "desk_spoke": _("Wrote in the name of the desk"),
    "campaign_decided": _("Campaign decided"),
    "campaign_ended": _("Decision about coming copies ended"),
}
"""What staff do besides deciding: code -> words."""

TELLS = frozenset(
    {
        "story_changed",
        "tightened",
        "loosened",
        "policy_saved",
        "role_changed",
        "rule_changed",
        "appeal_decided",
        "notice_decided",
    }
)
"""Acts of which the record's page shows the detail."""

ABOUT_PEOPLE = (
    frozenset(ACTS)
    - ABOUT_STORIES
    - {
        "desk_spoke",
        "notice_decided",
        "rule_changed",
        "campaign_decided",
        "campaign_ended",
    }
)

_TOLD = {
    "upheld": _("It is taken back, and the author is told."),
    "dismissed": _("The decision stands, and the author is told."),
    "answered": _("The answer stands at the address of the notice."),
    "ended": _("That browser is signed out."),
    "key": _("The passkey is kept."),
    "keyless": _("The passkey is removed."),
    "browser": _("This browser is told from now on. Send it a test to see how."),
    "tested": _("A test is on its way to that browser."),
    "role": _("The role is changed."),
    "reset": _("Password, passkeys and sessions are gone. Make a new link for them."),
    "rule": _("It is the rule from now on."),
    "imposed": _("It is decided. They are told when they come back."),
    "lifted": _("It has ended."),
    "site_added": _("The site is there."),
    "site_changed": _("The site is changed."),
    "sites_given": _("It holds from now on."),
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
    "unsalted": _(
        "The record does not hold: line %(line)s has lost its salt, so that its words could be "
        "other ones."
    ),
    "status_changed": _(
        "The record does not hold: line %(line)s is the last about a comment that has another "
        "status or reason now."
    ),
    "not_sealed": _("The record does not hold: a decision was put in past it."),
    "unrecorded": _("The record does not hold: a comment was put in past it."),
}


def render_office(name: str, page: PageContext, **values: Any) -> str:
    """A page of the desk beside the queue."""
    words = translations(page.language)
    return render(
        f"desk/{name}.html",
        page,
        encode=ids.encode,
        act_name=lambda code: words.ugettext(ACTS.get(code, str(code))),
        about_people=ABOUT_PEOPLE,
        browser_name=browser_name,
        hurtful=lambda written, findings: any(
            hurting(one.text, findings.get(one.id, ()), page) for one in written
        ),
        pieces=lambda text, findings: pieces(text, findings, page),
        about_stories=ABOUT_STORIES,
        reasons=[(code, reason_name(code, page.language)) for code in REASONS],
        tells=TELLS,
        trusted=lambda known: trusted(known, page.language),
        measure_name=lambda code: words.ugettext(MEASURES[code]),
        rule_text=lambda rule: rule_text(rule, page.language),
        rule_text_in=rule_text,
        refusal=lambda code: refusal(code, page.language),
        languages=[(code, Locale.parse(code).get_display_name(code)) for code in LANGUAGES],
        duration=lambda hours: duration(hours, page.language),
        told_words={code: words.ugettext(said) for code, said in _TOLD.items()},
        **values,
    )


def duration(hours: int, language: str) -> str:
    """``1 hour``, ``30 days``."""
    return dates.duration(timedelta(hours=hours), language)


def broken_sentence(broken: Break | None, language: str) -> str:
    """Which line of the record does not hold, and why; "" when all do."""
    if broken is None:
        return ""
    return translations(language).ugettext(_BROKEN[broken.why]) % {"line": broken.number}
