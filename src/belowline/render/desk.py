"""The moderators' desk: what its templates are given, and its four pieces of HTML.

A card is whatever has the attributes of :class:`Card`; the cards of
:mod:`belowline.actions.deciding` do, so a page of the queue is shown as it was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Protocol

import msgspec

from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS, Decision, Finding, Report
from belowline.domain.stories import Story
from belowline.render.environment import render, story_path
from belowline.render.language import plural_sentences, translations
from belowline.render.pages import PageContext
from belowline.render.words import reason_name, report_reason_name


def _(sentence: str) -> str:
    """Marks a sentence for translation; it is translated where it is shown."""
    return sentence


REASON_KEYS = dict(zip(REASONS, "1234567890x", strict=True))
"""Reason -> the key that chooses it once "reject" was pressed."""

_EXCERPT = 140

_WHY = {
    "mode_reviewed": _("Held because every comment of this story is reviewed before it appears."),
    "mode_trusting": _("Held because its author is not known here yet."),
    "mode_closed": _("Held because this discussion is closed."),
    "was_reviewed": _("Held because this story's comments were reviewed when it was written."),
    "check_failed": _("Held because a check broke and could not say anything about it."),
    "check_slow": _("Held because a check did not finish in time."),
    "undo": _("Waits again because a decision about it was taken back."),
}
_WHY_ELSE = _("Held for a moderator to look at.")

_SENTENCES = {
    "approved": _("Approved"),
    "rejected": _("Rejected: {reason}"),
    "saving": _("Saving…"),
    "saved": _("Saved"),
    "takenBack": _("Taken back. It waits again."),
    "takingBack": _("Taking it back…"),
    "nothingToUndo": _("There is nothing to undo."),
    "notSaved": _("Not saved: {why} The card is back."),
    "undoFailed": _("Not taken back: {why}"),
    "unreachable": _("the server could not be reached."),
    "outdated": _(
        "Not saved: the author has changed this comment meanwhile. This is its new text."
    ),
    "edited": _("The author has just changed this comment. This is its new text."),
    "alreadyDecided": _("Someone else has decided this comment meanwhile."),
    "gone": _("This comment is no longer there."),
    "loadingMore": _("Loading more cards…"),
    "loadFailed": _("The cards could not be loaded. Try again."),
    "offline": _("The live connection is interrupted. It comes back by itself."),
    "online": _("Connected again."),
    "lastCard": _("This is the last card."),
    "firstCard": _("This is the first card."),
    "keysOff": _("Keys are switched off."),
    "keysOn": _("Keys are switched on."),
}

_COUNTED = {"waiting": (_("%(num)s waits"), _("%(num)s wait"))}


class Card(Protocol):
    """A comment with everything that is needed to decide it."""

    @property
    def comment(self) -> Comment:
        """The comment in its present revision."""

    @property
    def story(self) -> Story:
        """What it is about."""

    @property
    def parent(self) -> Comment | None:
        """What it replies to."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What the checks say about this revision."""

    @property
    def reports(self) -> Sequence[Report]:
        """What readers say against it, as far as nobody has decided that yet."""

    @property
    def record(self) -> Mapping[str, int]:
        """Status -> number of comments by the same author."""

    @property
    def why(self) -> str:
        """The code of the outcome or finding that brought it here, "reported" for reports."""

    @property
    def why_sentence(self) -> str:
        """The finding's sentence, "" when no finding brought it here."""

    @property
    def history(self) -> Sequence[Decision]:
        """Every decision about it, the oldest first."""


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desk.

    ``selected`` is the card that ``?comment=`` asked for, whether it is among ``cards`` or not;
    None selects the first. ``next`` is the cursor of the next page, 0 at the end. ``done`` is the
    viewer's last decision, which the undo line offers to take back; ``problem`` says why the last
    request was refused.
    """

    count: int
    version: int
    cards: Sequence[Card]
    next: int = 0
    selected: Card | None = None
    done: Decision | None = None
    problem: str = ""


class DeskCardsView(msgspec.Struct, frozen=True, kw_only=True):
    """A further page of the list; ``next`` as in :class:`DeskView`."""

    cards: Sequence[Card]
    next: int = 0


class DeskDoorView(msgspec.Struct, frozen=True, kw_only=True):
    """The door; ``problem`` says what was wrong with a link that did not open it."""

    problem: str = ""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the text with the numbers and sentences of the findings that it lies in."""

    text: str
    numbers: tuple[int, ...] = ()
    title: str = ""
    ends: tuple[int, ...] = ()  # of these findings, it is the last piece


def render_desk(view: DeskView, page: PageContext) -> str:
    """``GET /desk`` for staff."""
    current = view.selected or (view.cards[0] if view.cards else None)
    listed = {card.comment.id for card in view.cards}
    elsewhere = view.selected is not None and view.selected.comment.id not in listed
    return render(
        "desk/desk.html",
        page,
        view=view,
        cards=[view.selected, *view.cards] if elsewhere else view.cards,
        current=current,
        chosen=view.selected is not None,
        sentences=_sentences(page.language),
        **_helpers(page),
    )


def render_desk_card(view: Card, page: PageContext) -> str:
    """``GET /fragments/desk/cards/{id}``: the card's entry in the list, with its detail in it."""
    return render("desk/cards.html", page, cards=[view], next=0, **_helpers(page)).strip()


def render_desk_cards(view: DeskCardsView, page: PageContext) -> str:
    """``GET /fragments/desk/queue?after=``: further entries, then the link for more."""
    return render(
        "desk/cards.html", page, cards=view.cards, next=view.next, **_helpers(page)
    ).strip()


def render_desk_door(view: DeskDoorView, page: PageContext) -> str:
    """``GET /desk`` for everybody else (status 401)."""
    return render("desk/door.html", page, view=view)


def waits(card: Card) -> bool:
    """Whether somebody has to decide it."""
    return card.comment.status == "held" or (
        card.comment.status == "published" and bool(card.reports)
    )


def why(card: Card, language: str) -> list[str]:
    """Every reason why the card is here, the first one first; never empty while it waits."""
    if not waits(card):
        return []
    said = [_reported(card.reports, language)] if card.reports else []
    if card.why != "reported":
        said.insert(0, _held(card, language))
    others = (finding for finding in card.findings if finding.weight != "note")
    said.extend(
        _translated(finding.sentence, language)
        for finding in others
        if finding.sentence != card.why_sentence
    )
    return list(dict.fromkeys(filter(None, said)))


def pieces(text: str, findings: Sequence[Finding], language: str) -> list[Piece]:
    """``text`` cut where findings begin and end, so that each run can be marked."""
    placed = [
        (number, max(finding.start, 0), min(finding.end, len(text)), finding)
        for number, finding in enumerate(findings, 1)
        if finding.start >= 0 and finding.end > finding.start
    ]
    cuts = sorted({0, len(text), *(p[1] for p in placed), *(p[2] for p in placed)})
    made = []
    for start, end in pairwise(cuts):
        over = [item for item in placed if item[1] <= start and end <= item[2]]
        titles = dict.fromkeys(_translated(item[3].sentence, language) for item in over)
        made.append(
            Piece(
                text=text[start:end],
                numbers=tuple(item[0] for item in over),
                title=" ".join(titles),
                ends=tuple(item[0] for item in over if item[2] == end),
            )
        )
    return made


# -- for the templates ---------------------------------------------------------------------


def _helpers(page: PageContext) -> dict[str, object]:
    language = page.language
    return {
        "encode": ids.encode,
        "waits": waits,
        "why": lambda card: why(card, language),
        "pieces": lambda card: pieces(card.comment.text, card.findings, language),
        "translated": lambda sentence: _translated(sentence, language),
        "reasons": [(code, reason_name(code, language), REASON_KEYS[code]) for code in REASONS],
        "excerpt": lambda text: _excerpt(text),
        "in_page": _in_page,
    }


def _translated(sentence: str, language: str) -> str:
    """A sentence that is data, such as a finding's: translated if it is known, as it is if not."""
    return translations(language).ugettext(sentence) if sentence else ""


def _held(card: Card, language: str) -> str:
    if not card.why_sentence:
        since_opened = card.why == "mode_reviewed" and card.story.mode != "reviewed"
        code = "was_reviewed" if since_opened else card.why
        return _translated(_WHY.get(code, _WHY_ELSE), language)
    held = translations(language).ugettext("Held: %(why)s")
    return held % {"why": _translated(card.why_sentence, language)}


def _reported(reports: Sequence[Report], language: str) -> str:
    """``Reported 3 times: It attacks someone (2), Something else``."""
    words = translations(language)
    counted = Counter(report.reason for report in reports)
    named = [
        report_reason_name(code, language) + (f" ({count})" if count > 1 else "")
        for code, count in counted.most_common()
    ]
    sentence = words.ungettext(
        "Reported %(num)s time: %(reasons)s", "Reported %(num)s times: %(reasons)s", len(reports)
    )
    return sentence % {"num": len(reports), "reasons": ", ".join(named)}


def _excerpt(text: str) -> str:
    line = " ".join(text[: 4 * _EXCERPT].split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT].rstrip() + "…"


def _in_page(card: Card) -> str:
    """Where the comment stands or would stand: what is not published has no address of its own."""
    comment = card.comment
    if comment.status == "published":
        return f"/comments/{ids.encode(comment.id)}"
    if card.parent is not None and card.parent.shown:
        return f"/comments/{ids.encode(card.parent.id)}"
    return story_path(card.story.key)


@cache
def _sentences(language: str) -> dict[str, object]:
    """What the desk's script says by itself."""
    words = translations(language)
    said: dict[str, object] = {name: words.ugettext(text) for name, text in _SENTENCES.items()}
    for name, (singular, plural) in _COUNTED.items():
        said[name] = plural_sentences(language, singular, plural)
    return said
