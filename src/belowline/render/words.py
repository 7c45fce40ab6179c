"""The names that codes have in the interface, and the sentences that the widget says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from belowline.domain.bans import Ban
from belowline.domain.decisions import REASONS, REPORT_REASONS
from belowline.domain.desk import Background
from belowline.domain.errors import SENTENCES, UNREADABLE
from belowline.domain.marking import _
from belowline.render import dates
from belowline.render.language import locale, plural_sentences, translations
from belowline.render.pages import PageContext

ROLES = {
    "reader": _("Reader"),
    "moderator": _("Moderator"),
    "editor": _("Editor"),
    "administrator": _("Administrator"),
    "desk": _("The desk"),
}

MODES = {
    "open": _("Open: comments appear at once"),
    "reviewed": _("Reviewed: comments wait for a moderator"),
    "trusting": _("Trusting: known authors appear at once"),
    "closed": _("Closed: nothing new"),
}

MOST_WAITING = 1_000
"""How many comments before one's own are counted."""

ORDERS = {"newest": _("Newest"), "oldest": _("Oldest"), "discussed": _("Most discussed")}

PLACES = {
    "/desk": _("Queue"),
    "/desk/campaigns": _("Campaigns"),
    "/desk/morning": _("Morning"),
    "/desk/sitting": _("I have 20 minutes"),
    "/desk/settings": _("Discussions"),
    "/desk/policy": _("Policy"),
    "/desk/policy/audit": _("Even hands"),
    "/desk/numbers": _("Numbers"),
    "/desk/alerts": _("Alerts"),
    "/desk/appeals": _("Appeals"),
    "/desk/notices": _("Illegal content"),
    "/desk/bans": _("Mutes and bans"),
    "/desk/rules": _("Rules"),
    "/desk/record": _("Record"),
    "/desk/staff": _("Staff"),
    "/desk/sites": _("Sites"),
    "/desk/account": _("Account"),
}
"""The desk's pages: address -> name."""

_WIDGET = {
    "noName": _("No Name"),
    "loading": _("Loading comments…"),
    "failed": _("The comments could not be loaded."),
    "retry": _("Try again"),
    "sending": _("Sending…"),
    "proving": _("Your browser is checked. This takes a few seconds…"),
    "sent": _("Thank you! Your comment has been received."),
    "kept": _("Your text is still here."),
    "notSent": _("Something went wrong while sending. Your text is still here."),
    "failedAction": _("That did not work."),
    "offline": _("You are offline. New comments will appear when you are back."),
    "typing": _("Someone is typing…"),
    "active": _("Active: {n}"),
    "justNow": _("just now"),
    "save": _("Save"),
    "cancel": _("Cancel"),
    "name": _("Your name"),
    "edit": _("Edit your comment"),
    "reply": _("Reply to {name}"),
    "deleteQuestion": _("Delete this comment?"),
    "delete": _("Delete"),
    "keep": _("Keep"),
    "reportQuestion": _("What is wrong with it?"),
    "note": _("A note for the moderators (optional)"),
    "report": _("Report"),
    "reported": _("Thank you. A moderator will look at it."),
    "muted": _("Muted"),
    "show": _("Show"),
    "mute": _("Mute {name}"),
    "unmute": _("Unmute {name}"),
    "copied": _("Link copied"),
    "elsewhere": _("The comment you were sent to is further down."),
    "context": _("Show it in context"),
    "deleted": _("Deleted by its author."),
    "gone": _("This comment is no longer here."),
    "wait": _("You can write again in {wait}."),
    "waited": _("You can write again now."),
    "set": _("Set"),
    "change": _("Change"),
    "why": _("Why, and how to object"),
}

COUNTED = {
    "comments": ("%(num)s Comment", "%(num)s Comments"),
    "arrivals": ("%(num)s new comment", "%(num)s new comments"),
    "hidden": ("Show %(num)s reply", "Show %(num)s replies"),
    "fold": ("Hide %(num)s reply", "Hide %(num)s replies"),
    "left": ("%(num)s character left", "%(num)s characters left"),
    "over": ("%(num)s character too many", "%(num)s characters too many"),
    "loaded": ("%(num)s comment loaded", "%(num)s comments loaded"),
}
"""Sentences about a number: singular and plural, as gettext has them."""


def reason_name(code: str, language: str) -> str:
    """Why a comment was rejected, as the end of a sentence: ``personal attack``."""
    return translations(language).ugettext(REASONS.get(code, REASONS["other"]))


def report_reason_name(code: str, language: str) -> str:
    """Why a comment is reported, as a choice of its own: ``It attacks someone``."""
    return translations(language).ugettext(REPORT_REASONS.get(code, REPORT_REASONS["other"]))


def until_words(until: str, language: str) -> str:
    """The end of a measure, an ISO moment or "", as it stands within a sentence."""
    words = translations(language)
    if not until:
        return words.ugettext("any longer")
    moment = dates.exact(datetime.fromisoformat(until), language, UTC)
    return words.ugettext("until %(moment)s") % {"moment": moment}


def stopped(ban: Ban, page: PageContext) -> str:
    """What stops an author, for staff: ``Banned until …: spam or advertising``."""
    words = translations(page.language)
    if ban.until is None:
        sentence = words.ugettext("Banned without an end: %(reason)s")
    elif ban.kind == "ban":
        sentence = words.ugettext("Banned until %(moment)s: %(reason)s")
    else:
        sentence = words.ugettext("Muted until %(moment)s: %(reason)s")
    moment = dates.exact(ban.until, page.language, page.zone) if ban.until else ""
    said = sentence % {"moment": moment, "reason": reason_name(ban.reason, page.language)}
    if not ban.key:
        return said
    alone = words.ugettext("on %(site)s alone") % {"site": ban.where or page.site_name}
    return f"{said} · {alone}"


def trusted(known: Background, language: str) -> tuple[str, str]:
    """What an author's record is worth, and why: two sentences."""
    words, tongue = translations(language), locale(language)
    if known.trust.known:
        said = words.ugettext("Known here: trust %(worth)s, needed %(needs)s")
    else:
        said = words.ugettext("Not known here yet: trust %(worth)s, needed %(needs)s")
    why = words.ugettext(
        "Counted among the latest comments: published %(published)s, rejected %(rejected)s. "
        "A rejected one takes away as much as %(cost)s published ones. "
        "Each counts half after %(half)s."
    )
    return said % {
        "worth": format_decimal(round(known.trust.worth, 1), locale=tongue),
        "needs": format_decimal(known.rules.needs, locale=tongue),
    }, why % {
        "published": format_decimal(known.trust.published, locale=tongue),
        "rejected": format_decimal(known.trust.rejected, locale=tongue),
        "cost": format_decimal(known.rules.rejection_costs, locale=tongue),
        "half": dates.duration(known.rules.half_life, language),
    }


def role_name(code: str, language: str) -> str:
    """The word of a badge: ``Moderator``."""
    return translations(language).ugettext(ROLES.get(code, ROLES["reader"]))


def order_name(code: str, language: str) -> str:
    """The word of an order: ``Most discussed``."""
    return translations(language).ugettext(ORDERS.get(code, code))


def mode_name(code: str, language: str) -> str:
    """What a mode does: ``Open: comments appear at once``."""
    return translations(language).ugettext(MODES[code]) if code in MODES else code


def language_name(code: str, language: str) -> str:
    """A language in the words of another; a sentence where it is not known."""
    if not code:
        return translations(language).ugettext(_("Not known"))
    try:
        return str(Locale.parse(code, sep="-").get_display_name(language) or code)
    except (ValueError, UnknownLocaleError):
        return code


def refusal(code: str, language: str, **values: str | int | timedelta) -> str:
    """The sentence of a refusal (:mod:`belowline.domain.errors`), its places filled."""
    if code == "unavailable" and values.get("wanted") == "to read":
        return translations(language).ugettext(UNREADABLE)
    if code == "banned":
        values |= {
            "until": until_words(str(values["until"]), language),
            "why": reason_name(str(values["why"]), language),
        }
    elif code == "text_refused":
        values["why"] = translations(language).ugettext(str(values["why"]))
    said = {
        name: dates.duration(value, language) if isinstance(value, timedelta) else value
        for name, value in values.items()
    }
    return translations(language).ugettext(SENTENCES[code]).format_map(said)


def told_sentence(kind: str, reason: str, until: datetime | None, language: str) -> str:
    """What somebody is told of a measure against them, where they would write."""
    ends = until.isoformat() if until else ""
    if kind == "ban":
        return refusal("banned", language, until=ends, why=reason)
    words = translations(language)
    why = reason_name(reason, language)
    if kind == "mute":
        return words.ugettext("You cannot write here %(until)s. The reason: %(why)s.") % {
            "until": until_words(ends, language),
            "why": why,
        }
    return words.ugettext("The newsroom has warned you. The reason: %(why)s.") % {"why": why}


def waiting_sentence(waits: tuple[int, int | None, datetime | None], language: str) -> str:
    """``Usually within 14 minutes; 3 are before yours.``, as much of it as is known."""
    before, minutes, opens_at = waits
    words = translations(language)
    said = []
    if opens_at is not None:
        said.append(
            words.ugettext("The desk opens at %(time)s.") % {"time": opens_at.strftime("%H:%M")}
        )
    if before >= MOST_WAITING:
        place = words.ugettext("more than %(num)s are before yours") % {"num": MOST_WAITING}
    elif before:
        place = words.ungettext("%(num)s is before yours", "%(num)s are before yours", before) % {
            "num": before
        }
    elif minutes is None and opens_at is None:
        return ""  # it is next, and nobody knows when: that says nothing
    else:
        place = words.ugettext("yours is next")
    if minutes is not None and opens_at is None:
        usual = _usual(minutes, language)
        said.append(words.ugettext("%(usual)s; %(place)s.") % {"usual": usual, "place": place})
    else:
        said.append(f"{place[:1].upper()}{place[1:]}.")
    return " ".join(said)


def _usual(minutes: int, language: str) -> str:
    words = translations(language)
    if minutes < 90:
        sentence = words.ungettext(
            "Usually within %(num)s minute", "Usually within %(num)s minutes", minutes
        )
        return sentence % {"num": minutes}
    hours = round(minutes / 60)
    sentence = words.ungettext("Usually within %(num)s hour", "Usually within %(num)s hours", hours)
    return sentence % {"num": hours}


@cache
def widget_sentences(language: str) -> dict[str, object]:
    """Every sentence that the widget says by itself; counted ones by plural category."""
    sentences = translations(language)
    said: dict[str, object] = {name: sentences.ugettext(text) for name, text in _WIDGET.items()}
    for name, (singular, plural) in COUNTED.items():
        said[name] = plural_sentences(language, singular, plural)
    said["reasons"] = {code: report_reason_name(code, language) for code in REPORT_REASONS}
    return said
