"""The moderators' desk: what its templates are given, and its pieces of HTML.

A card is whatever has the attributes of :class:`Card`; the cards of
:mod:`belowline.actions.deciding` do, so a page of the queue is shown as it was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby, pairwise
from typing import Protocol

import msgspec
from babel.numbers import format_decimal, format_percent

from belowline.domain import ids
from belowline.domain.bans import LONGEST_BY_MODERATORS, LONGEST_MUTE, Ban
from belowline.domain.breaker import Tightened
from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.decisions import (
    REASONS,
    REPORT_REASONS,
    Decision,
    Finding,
    Report,
    asks_editor,
)
from belowline.domain.desk import Background, HandOver, Lock, Reply, View
from belowline.domain.language import UNKNOWN, primary
from belowline.domain.marking import _
from belowline.domain.queue import CHOICES, Filter, Place, encode_place, write_filter
from belowline.domain.sites import Publication
from belowline.domain.stories import Story
from belowline.domain.urgency import Standing
from belowline.domain.users import User
from belowline.render import dates, diff
from belowline.render.environment import render, story_path
from belowline.render.language import locale, plural_sentences, translations
from belowline.render.pages import PageContext
from belowline.render.words import language_name, reason_name, report_reason_name, stopped, trusted

REASON_KEYS = dict(zip(REASONS, "1234567890x", strict=True))
"""Reason -> the key that chooses it once "reject" was pressed."""

MEASURE_LENGTHS = (
    (1, "h"),
    (24, "d"),
    (72, "t"),
    (168, "w"),
    (720, "o"),
    (8_760, "y"),
    (0, "f"),
)
"""Hours that a mute or ban may last from the desk, 0 without an end -> the key that chooses it."""

_EXCERPT = 140
_SLURS = frozenset({"words", "risk"})  # checks whose places may hurt to read
_BANNED = "word_banned"  # such a place hurts whatever stands in it
_SPREAD = 10  # cards before each second look

_WHY = {
    "mode_reviewed": _("Held because every comment of this story is reviewed before it appears."),
    "mode_trusting": _("Held because its author is not known here yet."),
    "mode_closed": _("Held because this discussion is closed."),
    "was_reviewed": _("Held because this story's comments were reviewed when it was written."),
    "check_failed": _("Held because a check broke and could not say anything about it."),
    "check_slow": _("Held because a check did not finish in time."),
    "undo": _("Waits again because a decision about it was taken back."),
    "second_look": _("Somebody has decided this. What would you do?"),
    "second_look_unsure": _(
        "The risk model is unsure about this, so your answer teaches it most. What would you do?"
    ),
    "second_look_new_words": _(
        "The risk model has learned little about such words, so your answer teaches it most. "
        "What would you do?"
    ),
}
_WHY_ELSE = _("Held for a moderator to look at.")

_SENTENCES = {
    "approved": _("Approved"),
    "rejected": _("Rejected: {reason}"),
    "saving": _("Saving…"),
    "saved": _("Saved"),
    "takenBack": _("Taken back. It waits again."),
    "notAsked": _("No editor is asked any more."),
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
    "muted": _("Muted: {name}, {length}"),
    "banned": _("Banned: {name}, {length}"),
    "lifted": _("The measure is taken back."),
    "noMeasure": _("Staff cannot be muted or banned."),
    "agreed": _("You both agree."),
    "disagreed": _("The first decision was another one. It stands until somebody changes it."),
    "next": _("Next: {name}. {text}"),
    "looks": _("{name} is looking at this"),
    "escalated": _("An editor is asked to decide this."),
    "escalatedLine": _("Escalated"),
    "noCampaign": _("It is part of no campaign."),
    "alone": _("It answers nothing, and nothing answers it."),
    "assigned": _("This story is yours now."),
    "unassigned": _("Nobody looks after this story now."),
    "shown": _("Everything is shown."),
    "veiled": _("Hurtful words are blurred again."),
    "bulkDone": _("{done} decided, {left} to go…"),
    "breakAfter": _("{number} hard ones in a row. A short break keeps the eye fair."),
    "civil": _("Something else for a moment:"),
    "timeIsUp": _("The time is up: {number} decided. Nothing is lost if you stop here."),
    "noneSelected": _("Select cards first, with s."),
    "notDone": _("Not done: {why}"),
    "nothing": _("Nothing waits. Well done."),
    "noName": _("No Name"),
    "break": _("That was a lot. A short break keeps the eye fair."),
}

KEYS: tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...] = (
    (
        _("Read"),
        (
            (("j", "↓"), _("Next card")),
            (("k", "↑"), _("Previous card")),
            (("p",), _("The thread around it")),
            (("o",), _("Open in page")),
            (("h",), _("Show or blur hurtful words")),
            (("u",), _("The page of its author")),
            (("c",), _("The campaign that it is part of, to decide all copies together")),
        ),
    ),
    (
        _("Decide"),
        (
            (("a",), _("Approve")),
            (("r",), _("Reject; then the key of the reason")),
            (("m",), _("Mute the author; then reason, time and Enter")),
            (("n",), _("Ban the author; then reason, time and Enter")),
            (("e",), _("Ask an editor to decide it; then a note, or only Enter")),
            (("z",), _("Undo what was done last; again for the one before")),
        ),
    ),
    (
        _("Many"),
        (
            (("s",), _("Select this card, or not")),
            (("*",), _("Select all cards of the list, or none")),
            (("a", "r"), _("Decide what is selected")),
            (("b",), _("Decide everything that the filter finds")),
        ),
    ),
    (
        _("Find"),
        (
            (("/",), _("Search")),
            (("f",), _("Filter")),
            (("t",), _("Take this story, or release it")),
            (("?",), _("This help")),
            (("Esc",), _("Close what is open")),
        ),
    ),
)
"""What each key of the desk does, as `?` shows it."""

_COUNTED_TO = 10_000

_COUNTED = {
    "waiting": (_("%(num)s waits"), _("%(num)s wait")),
    "selected": (_("%(num)s selected"), _("%(num)s selected")),
    "dose": (_("%(num)s decided"), _("%(num)s decided")),
    "hard": (_("%(num)s hard one"), _("%(num)s hard ones")),
    "minutes": (_("%(num)s minute left"), _("%(num)s minutes left")),
    "approvedMany": (_("%(num)s approved"), _("%(num)s approved")),
    "rejectedMany": (_("%(num)s rejected"), _("%(num)s rejected")),
    "approveAsk": (
        _("Approve %(num)s comment? Press once more."),
        _("Approve %(num)s comments? Press once more."),
    ),
    "rejectAsk": (
        _("Reject %(num)s comment because of"),
        _("Reject %(num)s comments because of"),
    ),
    "bulkYes": (_("Approve %(num)s comment"), _("Approve %(num)s comments")),
    "bulkNo": (_("Reject %(num)s comment"), _("Reject %(num)s comments")),
    "bulkAsk": (_("This decides %(num)s comment."), _("This decides %(num)s comments.")),
}

STATUS_NAMES = {
    "waiting": _("Waiting"),
    "held": _("Held"),
    "reported": _("Reported"),
    "escalated": _("Escalated"),
    "published": _("Published"),
    "rejected": _("Rejected"),
    "withdrawn": _("Deleted"),
    "all": _("All comments"),
}
"""Choice of a filter's status -> its words."""


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

    @property
    def standing(self) -> Standing:
        """Why it stands where it stands."""

    @property
    def revisions(self) -> Sequence[Revision]:
        """Every version of its text, the oldest first; empty when there is one only."""

    @property
    def author_since(self) -> datetime | None:
        """Since when its author is here."""

    @property
    def upheld(self) -> int:
        """How many of the author's comments were reported and then rejected."""

    @property
    def second(self) -> int:
        """The decision that is looked at once more, 0 for none."""

    @property
    def lock(self) -> Lock | None:
        """Who looks at it."""

    @property
    def assigned(self) -> tuple[int, str]:
        """The id and name of whoever looks after its story; 0 for nobody."""

    @property
    def author(self) -> Background | None:
        """What is known of its author besides numbers."""

    @property
    def parent_findings(self) -> Sequence[Finding]:
        """What the checks say about the parent."""

    @property
    def campaign(self) -> Campaign | None:
        """The campaign that it is a copy in."""

    @property
    def unjudged(self) -> str:
        """Its language, where the risk model knows nothing of that; else ""."""


class Revision(Protocol):
    """One version of a comment's text."""

    @property
    def number(self) -> int:
        """1 for the first."""

    @property
    def text(self) -> str:
        """What it said."""

    @property
    def created_at(self) -> datetime:
        """When it was written."""


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desk.

    ``wanted`` is what the list is filtered by, ``found`` how many that finds. ``looks`` are second
    looks, which are mixed into the list. ``counts`` are the numbers beside the choices of a list;
    ``stories``, ``staff``, ``checks``, ``languages`` and ``views`` fill the filter. ``earlier`` can
    be taken back too, and so can ``measures``. ``long_bans`` says that the viewer may ban for
    longer than others. ``minutes`` is how long the sitting is to last, 0 for open end. ``me`` is
    who looks.
    ``selected`` is the card that ``?comment=`` asked for, whether it is among ``cards`` or not;
    None selects the first. ``next`` is the cursor of the next page, 0 at the end. ``done`` is the
    viewer's last decision, which the undo line offers to take back; ``problem`` says why the last
    request was refused. ``tightened`` are stories that the circuit breaker has made stricter.
    ``sites`` are those that the viewer works for.
    """

    count: int
    version: int
    cards: Sequence[Card]
    next: Place | None = None
    selected: Card | None = None
    done: Decision | None = None
    problem: str = ""
    wanted: Filter = Filter()
    found: int = 0
    looks: Sequence[Card] = ()
    counts: Mapping[str, int] = {}
    stories: Sequence[Story] = ()
    staff: Sequence[User] = ()
    checks: Sequence[str] = ()
    views: Sequence[View] = ()
    replies: Sequence[Reply] = ()
    tightened: Sequence[tuple[Story, Tightened]] = ()
    languages: Sequence[str] = ()
    sites: Sequence[Publication] = ()
    earlier: Sequence[Decision] = ()
    measures: Sequence[tuple[Ban, str]] = ()
    long_bans: bool = False
    minutes: int = 0
    me: int = 0


class DeskCardsView(msgspec.Struct, frozen=True, kw_only=True):
    """A further page of the list; ``next`` and ``wanted`` as in :class:`DeskView`."""

    cards: Sequence[Card]
    next: Place | None = None
    wanted: Filter = Filter()


class DeskBulkView(msgspec.Struct, frozen=True, kw_only=True):
    """The question whether everything that a filter finds is to be decided, and its answer.

    ``cards`` are examples. ``before`` is the id up to which comments are meant: what comes later
    is not. ``left`` is -1 before anything was decided, 0 when all was, more in between, when
    ``done`` were decided just now and ``after`` is where it goes on.
    """

    wanted: Filter
    found: int
    cards: Sequence[Card]
    before: int
    done: int
    left: int
    decision: str = ""
    after: int = 0


class DeskMorningView(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since ``since`` (None: never here before)."""

    since: datetime | None
    waiting: int
    oldest: datetime | None
    first: Card | None
    reports: int
    escalated: int
    arrived: Mapping[str, int]
    decided: Mapping[tuple[str, str], int]
    looks: tuple[int, int]
    notes: Sequence[HandOver]
    assigned: int
    appeals: int
    notices: int
    tightened: Sequence[tuple[Story, Tightened]]


class DeskSittingView(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting: how many campaigns wait, quick ``cards``, how many comments wait, and what a
    decision takes in seconds.
    """

    campaigns: int
    cards: Sequence[Card]
    waiting: int
    seconds: float
    minutes: int


class DeskDoorView(msgspec.Struct, frozen=True, kw_only=True):
    """The door; ``problem`` says what was wrong with a link that did not open it."""

    problem: str = ""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the text with the numbers and sentences of the findings that it lies in."""

    text: str
    numbers: tuple[int, ...] = ()
    title: str = ""
    ends: tuple[int, ...] = ()  # of these findings, it is the last piece
    hurts: bool = False  # it is blurred until somebody asks


def render_desk(view: DeskView, page: PageContext) -> str:
    """``GET /desk`` for staff."""
    current = view.selected or (view.cards[0] if view.cards else None)
    listed = {card.comment.id for card in view.cards}
    elsewhere = view.selected is not None and view.selected.comment.id not in listed
    listed_cards = mixed(view.cards, view.looks)
    return render(
        "desk/desk.html",
        page,
        view=view,
        wanted=view.wanted,
        cards=[view.selected, *listed_cards] if elsewhere else listed_cards,
        current=current,
        chosen=view.selected is not None,
        sentences=_sentences(page.language),
        lengths=_lengths(view.long_bans, page.language),
        measured=lambda ban, name: _measured(ban, name, page.language),
        at_once=_at_once,
        age_of=lambda moment: max(0, round((page.now - moment) / timedelta(milliseconds=1))),
        **_helpers(page),
    )


def _at_once(lines: Sequence[Decision]) -> list[list[Decision]]:
    """What was decided in one stroke together, so that one key takes it back."""
    return [
        list(some)
        for _, some in groupby(lines, key=lambda one: (one.created_at, one.action, one.reason))
    ]


def render_desk_card(view: Card, page: PageContext) -> str:
    """``GET /fragments/desk/cards/{id}``: the card's entry in the list, with its detail in it."""
    return render(
        "desk/cards.html", page, cards=[view], next=None, wanted=Filter(), **_helpers(page)
    ).strip()


def render_desk_cards(view: DeskCardsView, page: PageContext) -> str:
    """``GET /fragments/desk/queue?after=``: further entries, then the link for more."""
    return render(
        "desk/cards.html",
        page,
        cards=view.cards,
        next=view.next,
        wanted=view.wanted,
        **_helpers(page),
    ).strip()


def render_desk_thread(thread: Sequence[Comment], current: int, page: PageContext) -> str:
    """``GET /fragments/desk/thread/{id}``: what stands above a comment and beside it."""
    return render(
        "desk/thread.html", page, thread=thread, current=current, **_helpers(page)
    ).strip()


def mixed(cards: Sequence[Card], looks: Sequence[Card]) -> list[Card]:
    """``cards`` with a second look after every tenth, and the rest of those at the end."""
    found: list[Card] = []
    left = list(looks)
    for number, card in enumerate(cards, 1):
        found.append(card)
        if number % _SPREAD == 0 and left:
            found.append(left.pop(0))
    return [*found, *left] if len(cards) < _SPREAD else found


def render_desk_bulk(view: DeskBulkView, page: PageContext) -> str:
    """``GET /desk/bulk`` and what follows its form."""
    return render("desk/bulk.html", page, view=view, wanted=view.wanted, **_helpers(page))


def render_desk_morning(view: DeskMorningView, page: PageContext) -> str:
    """``GET /desk/morning``."""
    return render("desk/morning.html", page, view=view, **_helpers(page))


def render_desk_sitting(view: DeskSittingView, page: PageContext) -> str:
    """``GET /desk/sitting``."""
    reach = int(view.minutes * 60 / max(view.seconds, 1))
    return render("desk/sitting.html", page, view=view, reach=reach, **_helpers(page))


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


def standing(card: Card, page: PageContext) -> list[str]:
    """Why the card stands where it stands: likely harm, whom it concerns, and since when."""
    words = translations(page.language)
    place = card.standing
    if card.comment.status == "published":
        see = words.ungettext("%(num)s reader sees it", "%(num)s readers see it", place.readers)
    else:
        see = words.ungettext("%(num)s waits for it", "%(num)s wait for it", place.readers)
    likely = words.ugettext("likely harm %(share)s")
    share = format_percent(place.harm, locale=locale(page.language))
    return [
        likely % {"share": share},
        see % {"num": format_decimal(place.readers, locale=locale(page.language))},
        dates.age(card.comment.created_at, page.now, page.language),
    ]


def _place(comment: Comment) -> int:
    """Where it stands in the list, in milliseconds; 0 when it does not wait."""
    since = comment.waits_since
    return 0 if since is None else round(since.timestamp() * 1000)


def _head(card: Card, page: PageContext) -> list[Piece]:
    """The beginning of the text, with what may hurt to read apart from the rest."""
    short = _excerpt(card.comment.text)
    line = " ".join(card.comment.text[: 4 * _EXCERPT].split())
    if line != card.comment.text[: len(line)] or not card.findings:
        # Folded spaces move the places; then one hurtful word veils the whole line.
        hurts = bool(hurting(card.comment.text, card.findings, page))
        return [Piece(text=short, numbers=(), title="", ends=(), hurts=hurts)]
    return pieces(short, card.findings, page)


def _many(number: int, language: str) -> str:
    """A number that is counted up to 10,000 and no further."""
    written = format_decimal(number, locale=locale(language))
    return f"{written}+" if number >= _COUNTED_TO else written


def _key_table(language: str) -> list[tuple[str, list[tuple[tuple[str, ...], str]]]]:
    """What `?` shows: (heading, [(keys, what they do)])."""
    words = translations(language)
    return [
        (words.ugettext(title), [(names, words.ugettext(does)) for names, does in keys])
        for title, keys in KEYS
    ]


def _lengths(long_bans: bool, language: str) -> list[tuple[int, str, str, str]]:
    """How long a measure may last: (hours, words, key, the kinds that may last so long)."""
    return [
        (hours, _length(hours, language), key, kinds)
        for hours, key in MEASURE_LENGTHS
        if (kinds := _kinds(hours, long_bans))
    ]


def _kinds(hours: int, long_bans: bool) -> str:
    length = timedelta(hours=hours) if hours else timedelta.max
    mute = "mute" if length <= LONGEST_MUTE else ""
    ban = "ban" if hours != 1 and (long_bans or length <= LONGEST_BY_MODERATORS) else ""
    return f"{mute} {ban}".strip()


def _length(hours: int, language: str) -> str:
    if not hours:
        return translations(language).ugettext(_("without an end"))
    return dates.duration(timedelta(hours=hours), language)


def _measured(ban: Ban, name: str, language: str) -> str:
    """``Muted: Ada, 1 day``, as the script says it at once."""
    words = translations(language)
    sentence = words.ugettext(_SENTENCES["banned" if ban.kind == "ban" else "muted"])
    hours = 0 if ban.until is None else round((ban.until - ban.created_at) / timedelta(hours=1))
    return sentence.format(
        name=name or words.ugettext(_("No Name")), length=_length(hours, language)
    )


def hurting(text: str, findings: Sequence[Finding], page: PageContext) -> list[tuple[int, int]]:
    """The places in ``text`` that are blurred until somebody asks: banned words, and within what
    the lists of words and the risk model marked those words that are seldom kind.
    """
    placed = [one for one in findings if one.check in _SLURS and 0 <= one.start < one.end]
    whole = [(one.start, min(one.end, len(text))) for one in placed if one.code == _BANNED]
    if len(whole) == len(placed):
        return whole
    shared = [
        (max(start, one.start), min(end, one.end))
        for start, end in page.unkind(text)
        for one in placed
    ]
    return [*whole, *((start, end) for start, end in shared if start < end)]


def hurts(text: str, finding: Finding, page: PageContext) -> bool:
    """Whether something is blurred of what ``finding`` marks in ``text``."""
    return bool(hurting(text, [finding], page))


def pieces(text: str, findings: Sequence[Finding], page: PageContext) -> list[Piece]:
    """``text`` cut where findings and hurtful words begin and end, so that each run can be marked
    and blurred.
    """
    placed = [
        (number, max(finding.start, 0), min(finding.end, len(text)), finding)
        for number, finding in enumerate(findings, 1)
        if finding.start >= 0 and finding.end > finding.start
    ]
    blurred = hurting(text, findings, page)
    ends = [*((start, end) for _, start, end, _ in placed), *blurred]
    cuts = sorted({0, len(text), *(cut for place in ends for cut in place if cut <= len(text))})
    made = []
    for start, end in pairwise(cuts):
        over = [item for item in placed if item[1] <= start and end <= item[2]]
        titles = dict.fromkeys(_translated(item[3].sentence, page.language) for item in over)
        made.append(
            Piece(
                text=text[start:end],
                numbers=tuple(item[0] for item in over),
                title=" ".join(titles),
                ends=tuple(item[0] for item in over if item[2] == end),
                hurts=any(first <= start and end <= last for first, last in blurred),
            )
        )
    return made


def unkind_runs(text: str, page: PageContext) -> list[tuple[str, bool]]:
    """``text`` in runs, and whether each is one of the words that are seldom kind."""
    places = page.unkind(text)
    cuts = sorted({0, len(text), *(cut for place in places for cut in place)})
    return [
        (text[start:end], any(first <= start and end <= last for first, last in places))
        for start, end in pairwise(cuts)
    ]


# -- for the templates ---------------------------------------------------------------------


def _helpers(page: PageContext) -> dict[str, object]:
    language = page.language
    return {
        "encode": ids.encode,
        "waits": waits,
        "why": lambda card: why(card, language),
        "pieces": lambda card: pieces(card.comment.text, card.findings, page),
        "translated": lambda sentence: _translated(sentence, language),
        "reasons": [(code, reason_name(code, language), REASON_KEYS[code]) for code in REASONS],
        "report_reasons": tuple(REPORT_REASONS),
        "excerpt": lambda text: _excerpt(text),
        "head": lambda card: _head(card, page),
        "place": encode_place,
        "place_of": lambda card: _place(card.comment),
        "parts": lambda wanted, **changes: write_filter(msgspec.structs.replace(wanted, **changes)),
        "status_names": {
            code: translations(language).ugettext(STATUS_NAMES[code]) for code in CHOICES
        },
        "diff": diff.changes,
        "standing": lambda card: standing(card, page),
        "escalation": lambda card: asks_editor(card.history),
        "parent_pieces": lambda card: pieces(card.parent.text, card.parent_findings, page),
        "trusted": lambda known: trusted(known, language),
        "stopped": lambda ban: stopped(ban, page),
        "hurts": lambda card, finding: hurts(card.comment.text, finding, page),
        "unkind_runs": lambda text: unkind_runs(text, page),
        "many": lambda number: _many(number, language),
        "key_table": _key_table(language),
        "in_page": _in_page,
        "spoken": lambda view: _spoken(view, language),
        "foreign": lambda card: _foreign(card, language),
        "unjudged": lambda card: language_name(card.unjudged, language) if card.unjudged else "",
    }


def _spoken(view: DeskView, language: str) -> list[tuple[str, str, bool]]:
    """The filter's choices of a language, by name: code, name, and whether it is the one chosen."""
    chosen = primary(view.wanted.language)
    codes = {code or UNKNOWN for code in view.languages} | ({chosen} if chosen else set())
    named = [(code, language_name("" if code == UNKNOWN else code, language)) for code in codes]
    return [
        (code, name, code == chosen)
        for code, name in sorted(named, key=lambda one: (one[0] == UNKNOWN, one[1].casefold()))
    ]


def _foreign(card: Card, language: str) -> str:
    """The name of the comment's language, where it is not the story's."""
    spoken = card.comment.language
    is_foreign = spoken and spoken != primary(card.story.language)
    return language_name(spoken, language) if is_foreign else ""


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
