"""The audit of even hands: as a page of the desk, and as Markdown, in English as the command line
speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from belowline.domain.audits import FEWEST, Audit, Language, Seen, Swap, Treated
from belowline.domain.marking import _
from belowline.domain.swaps import LEFT, RIGHT
from belowline.render.language import translations
from belowline.render.office import render_office
from belowline.render.pages import PageContext
from belowline.render.policy import OUTCOMES
from belowline.render.words import language_name


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    """The latest report, if there is one; ``pairs`` is how many the policy lists now."""

    audit: Audit | None
    pairs: int
    is_under_way: bool = False
    is_lost: bool = False


_LEANINGS = {
    "few": _("Too few comments to tell"),
    "even": _("Even"),
    LEFT: _("Stricter with \u201c%(words)s\u201d"),
    RIGHT: _("Stricter with \u201c%(words)s\u201d"),
}


def render_audit(view: AuditView, page: PageContext) -> str:
    """``GET /desk/policy/audit``."""
    language = page.language
    said = translations(language).ugettext
    return render_office(
        "audit",
        page,
        problem="",
        view=view,
        few=FEWEST,
        outcome=lambda code: said(OUTCOMES[code]),
        leaning=lambda one: (
            said(_LEANINGS[one.leans]) % {"words": one.right if one.leans == RIGHT else one.left}
        ),
        language_name=lambda code: language_name(code, language),
    )


def as_markdown(audit: Audit) -> str:
    """The whole report, with a line's end."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    policy = f"version {audit.policy} of the policy" if audit.policy else "the settings' policy"
    model = f"risk model {audit.model}" if audit.model else "no risk model: its file is missing"
    yield "# Even hands"
    yield ""
    yield (
        f"{audit.comments:,} comments of the last {audit.days} days, judged by {policy} and "
        f"{model}, {audit.made_at:%Y-%m-%d %H:%M} UTC."
    )
    yield ""
    yield "## Pairs"
    yield ""
    if not audit.pairs:
        yield "No pair is listed. Editors list them at the desk under Policy, Even hands."
        yield ""
    else:
        yield from _pairs(audit.pairs)
    yield "## Languages"
    yield ""
    yield from _languages(audit.languages)


def _pairs(pairs: Sequence[Treated]) -> Iterator[str]:
    yield (
        "Each comment that has a word of a pair was judged twice: with the left word and with the "
        "right one. Risk is the mean of the same comments in both versions. Stricter is how many "
        "would meet a stricter outcome with that word, in their story's mode and in an open "
        f"discussion. With fewer than {FEWEST} comments nothing can be said."
    )
    yield ""
    yield from _table(
        ("Pair", "Comments", "Risk", "Difference", "Higher", "Stricter", "Open", "Result"),
        [
            (
                f"{_cell(one.left)} = {_cell(one.right)}",
                f"{one.named_left} : {one.named_right}, both {one.named_both}",
                f"{one.mean_left:.3f} : {one.mean_right:.3f}" if one.scored else "-",
                _difference(one),
                f"{one.higher_left} : {one.higher_right}",
                f"{one.stricter_left} : {one.stricter_right}",
                f"{one.open_left} : {one.open_right}",
                _result(one),
            )
            for one in pairs
        ],
    )
    for one in pairs:
        if one.examples:
            yield f"### {one.left} = {one.right}"
            yield ""
            for example in one.examples:
                yield from _example(example)


def _difference(one: Treated) -> str:
    if not one.scored:
        return "-"
    if one.low is None or one.high is None:
        return f"{one.difference:+.3f}"
    return f"{one.difference:+.3f} ({one.low:+.3f} to {one.high:+.3f})"


def _result(one: Treated) -> str:
    if one.leans == "few":
        return "too few to tell"
    if one.leans in (LEFT, RIGHT):
        return f"stricter with {_cell(one.left if one.leans == LEFT else one.right)}"
    return "even"


def _example(one: Swap) -> Iterator[str]:
    yield f"- As written: {one.text}"
    yield f"  {_seen(one.written)}"
    yield ""
    yield f"  Exchanged: {one.swapped}"
    yield f"  {_seen(one.other)}"
    yield ""


def _seen(seen: Seen) -> str:
    risk = "language not known to the model" if seen.score is None else f"risk {seen.score:.2f}"
    codes = f"; {', '.join(seen.codes)}" if seen.codes else ""
    in_open = f" (in an open discussion {seen.in_open})" if seen.in_open != seen.status else ""
    return f"*{risk}; {seen.status}{in_open}{codes}*"


def _languages(languages: Sequence[Language]) -> Iterator[str]:
    yield (
        "The language is that of the comment, guessed. Decided are held comments that a person "
        "approved or rejected; minutes are how long half and nine of ten of them waited. In "
        f"brackets: of fewer than {FEWEST} comments."
    )
    yield ""
    yield from _table(
        (
            "Language",
            "Comments",
            "At once",
            "Held",
            "Decided",
            "Approved",
            "Half",
            "9 of 10",
            "Risk",
        ),
        [
            (
                one.language or "not known",
                f"{one.comments}",
                _share(one.published, one.published + one.held),
                _share(one.held, one.published + one.held),
                f"{one.decided}",
                _share(one.approved, one.decided),
                f"{one.median:.0f} min" if one.decided else "-",
                f"{one.most:.0f} min" if one.decided else "-",
                f"{one.risk:.3f}" if one.scored else "not judged",
            )
            for one in languages
        ],
    )


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    share = f"{100 * part / whole:.0f} %"
    return share if whole >= FEWEST else f"({share})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---', *['---:'] * (len(head) - 1)])} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
