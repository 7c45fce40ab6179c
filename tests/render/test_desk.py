"""The desk's HTML: what a moderator is told about a card, and that it works without scripts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import msgspec
import pytest

from belowline.domain import ids
from belowline.domain.bans import Ban
from belowline.domain.campaigns import Campaign
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS, Decision, Finding, Report
from belowline.domain.desk import Background, Lock
from belowline.domain.queue import Filter, Place
from belowline.domain.sites import Publication
from belowline.domain.stories import Story
from belowline.domain.trust import DEFAULT, Trust
from belowline.domain.urgency import Standing
from belowline.render.desk import (
    KEYS,
    REASON_KEYS,
    DeskCardsView,
    DeskDoorView,
    DeskView,
    pieces,
    render_desk,
    render_desk_card,
    render_desk_cards,
    render_desk_door,
    waits,
    why,
)
from belowline.render.pages import PageContext

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TEXT = "The ferry 🌉 is run by a crook, says Ben."


class Revision(msgspec.Struct, frozen=True):
    """One version of a text."""

    number: int
    text: str
    created_at: datetime


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """As the desk's queue gives them."""

    comment: Comment
    story: Story
    parent: Comment | None = None
    findings: list[Finding] = []
    reports: list[Report] = []
    record: dict[str, int] = {}
    why: str = "mode_reviewed"
    why_sentence: str = ""
    history: list[Decision] = []
    standing: Standing = Standing(0.35, 1)
    revisions: list[Revision] = []
    author_since: datetime | None = None
    upheld: int = 0
    second: int = 0
    lock: Lock | None = None
    assigned: tuple[int, str] = (0, "")
    author: Background | None = None
    parent_findings: list[Finding] = []
    writer: str = ""
    unjudged: str = ""
    publication: Publication | None = None
    campaign: Campaign | None = None


STORY = Story(
    id=1,
    key="harbour/ferry",
    title="The ferry of Lunden stops at noon",
    url="/stories/harbour%2Fferry",
    mode="reviewed",
    language="en",
    count=12,
    version=3,
    created_at=NOW,
)

ADA = Comment(
    id=ids.new_id(NOW),
    story=1,
    parent=None,
    root=1,
    depth=0,
    author=7,
    author_name="Ada",
    author_role="reader",
    text=TEXT,
    status="held",
    reason="",
    revision=2,
    created_at=NOW,
    edited_at=None,
    recommendations=0,
    below=0,
)


def comment(**changes: object) -> Comment:
    return msgspec.structs.replace(ADA, **changes)


def finding(start: int, end: int, sentence: str = "This word insults.") -> Finding:
    return Finding(
        check="words",
        version="3",
        code="insult",
        weight="hold",
        sentence=sentence,
        start=start,
        end=end,
    )


def report(reason: str, note: str = "") -> Report:
    return Report(comment=ADA.id, reporter=9, reason=reason, note=note, created_at=NOW)


def decision(action: str, after: str, name: str, reason: str = "") -> Decision:
    return Decision(
        comment=ADA.id,
        revision=2,
        action=action,
        before="held",
        after=after,
        actor=5,
        actor_name=name,
        reason=reason,
        note="",
        undoes=None,
        created_at=NOW,
        id=ADA.id + 1,
    )


def page(language: str = "en") -> PageContext:
    return PageContext(
        language=language,
        site_name="The Lunden Courier",
        base_url="https://courier.example",
        path="/desk",
        now=NOW,
        asset=lambda name: f"/assets/{name}",
    )


class Words(HTMLParser):
    """Collects the text of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def words_of(html: str) -> str:
    """The text of some HTML, its white space folded."""
    words = Words()
    words.feed(html)
    return " ".join(" ".join(words.found).split())


def desk(*cards: Card, **values: object) -> str:
    view = DeskView(count=len(cards), version=8, cards=list(cards))
    return render_desk(msgspec.structs.replace(view, **values), page())


# -- languages -----------------------------------------------------------------------------


def test_a_card_says_what_language_the_model_does_not_know() -> None:
    card = Card(comment=comment(language="ka"), story=STORY, unjudged="ka")
    html = desk(card)
    assert '<div class="dk-text" dir="auto" lang="ka">' in html
    assert "<span>Georgian</span>" in html
    assert "The risk model knows too little of this language to judge: Georgian." in words_of(html)
    usual = desk(Card(comment=comment(language="en"), story=STORY))
    assert "<span>English</span>" not in usual
    assert "knows too little" not in usual


def test_the_filter_offers_the_languages_that_comments_are_written_in_by_name() -> None:
    html = desk(languages=["", "de", "cs"], wanted=Filter(language="de-AT"))
    offered = html[html.index('name="language"') :]
    assert offered.index("Czech") < offered.index("German") < offered.index('value="und"')
    assert '<option value="de" selected>German</option>' in offered


# -- why it waits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (
            Card(comment=ADA, story=STORY),
            "Held because every comment of this story is reviewed before it appears.",
        ),
        (
            Card(comment=ADA, story=STORY, why="insult", why_sentence="This word insults."),
            "Held: This word insults.",
        ),
        (
            Card(comment=ADA, story=STORY, why="check_failed"),
            "Held because a check broke and could not say anything about it.",
        ),
        (
            Card(comment=ADA, story=STORY, why="undo"),
            "Waits again because a decision about it was taken back.",
        ),
        (Card(comment=ADA, story=STORY, why="unheard_of"), "Held for a moderator to look at."),
        (
            Card(
                comment=comment(status="published"),
                story=STORY,
                reports=[report("abuse"), report("other"), report("abuse")],
                why="reported",
            ),
            "Reported 3 times: It attacks someone (2), Something else",
        ),
    ],
)
def test_a_card_always_says_why_it_waits(card: Card, sentence: str) -> None:
    assert why(card, "en")[0] == sentence
    assert sentence in words_of(render_desk_card(card, page()))


def test_a_held_comment_that_is_also_reported_says_both() -> None:
    card = Card(comment=ADA, story=STORY, reports=[report("spam")])

    assert why(card, "en") == [
        "Held because every comment of this story is reviewed before it appears.",
        "Reported 1 time: It is spam or advertising",
    ]


def test_a_percent_sign_in_a_findings_sentence_is_only_a_percent_sign() -> None:
    sentence = "80% of it are %(capitals)s."
    card = Card(comment=ADA, story=STORY, findings=[finding(0, 3, sentence)], why_sentence=sentence)

    assert sentence in words_of(render_desk_card(card, page()))


def test_a_card_waits_while_it_is_held_or_published_and_reported() -> None:
    published = comment(status="published")

    assert waits(Card(comment=ADA, story=STORY))
    assert waits(Card(comment=published, story=STORY, reports=[report("spam")]))
    assert not waits(Card(comment=published, story=STORY))
    assert not waits(Card(comment=comment(status="rejected"), story=STORY, reports=[report("x")]))


def test_a_decided_card_says_who_decided_and_offers_the_other_decision() -> None:
    history = [decision("reject", "rejected", "Mona", "spam")]
    card = Card(comment=comment(status="rejected"), story=STORY, history=history)

    assert 'data-waiting="false"' in render_desk_card(card, page())
    assert "Rejected by Mona: spam or advertising" in words_of(desk(card, selected=card))
    assert '<form class="dk-approve" method="post" action="/desk/decide">' in desk(card)
    assert '<details name="dk-act" class="dk-reject" hidden>' in desk(card)


# -- findings in the text ------------------------------------------------------------------


def test_places_are_counted_in_code_points() -> None:
    start = TEXT.index("crook")

    marked = [one for one in pieces(TEXT, [finding(start, start + 5)], page()) if one.numbers]

    assert [one.text for one in marked] == ["crook"]
    assert marked[0].title == "This word insults."


def test_findings_that_overlap_are_each_marked_in_full() -> None:
    found = pieces("abcdef", [finding(0, 4, "One."), finding(2, 6, "Two.")], page())

    assert [(one.text, one.numbers) for one in found] == [
        ("ab", (1,)),
        ("cd", (1, 2)),
        ("ef", (2,)),
    ]
    assert found[1].title == "One. Two."


@pytest.mark.parametrize("place", [(-1, -1), (4, 4), (9, 2), (900, 950), (-5, 3), (2, 900)])
def test_a_place_that_is_not_in_the_text_loses_nothing_of_it(place: tuple[int, int]) -> None:
    found = pieces(TEXT, [finding(*place)], page())

    assert "".join(one.text for one in found) == TEXT


def test_markup_in_a_comment_stays_text_inside_and_outside_of_marks() -> None:
    text = "<script>alert(1)</script> & <b>"
    card = Card(comment=comment(text=text), story=STORY, findings=[finding(0, 8)])

    html = render_desk_card(card, page())

    assert "<script>" not in html
    assert "&lt;script&gt;<sup>1</sup></mark>alert(1)" in html


# -- the page ------------------------------------------------------------------------------


def test_the_desk_can_be_used_without_scripts() -> None:
    html = desk(Card(comment=ADA, story=STORY))

    assert html.count('action="/desk/decide"') == 2
    assert html.count(f'name="comment" value="{ids.encode(ADA.id)}"') == 3
    assert html.count('name="revision" value="2"') == 3
    assert 'name="decision" value="publish"' in html
    for code in REASONS:
        assert f'name="reason" value="{code}"' in html


def test_every_reason_has_a_key_of_its_own_that_is_no_other_key() -> None:
    keys = list(REASON_KEYS.values())

    assert set(REASON_KEYS) == set(REASONS)
    assert len(set(keys)) == len(keys)
    taken = {one for _, table in KEYS for names, _ in table for one in names}
    assert not set(keys) & taken


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    html = desk(Card(comment=ADA, story=STORY))

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert re.findall(r"<script([^>]*)>", html) == [
        ' type="module" src="/assets/desk.js"',
        ' type="application/json" class="dk-strings"',
    ]


def test_the_last_decision_can_be_undone() -> None:
    done = decision("reject", "rejected", "Mona", "personal_attack")

    html = desk(done=done)

    assert "Rejected: personal attack" in words_of(html)
    assert f'name="decision" value="{ids.encode(done.id)}"' in html


def test_moderators_may_ban_for_a_month_and_editors_for_longer() -> None:
    moderators = desk(Card(comment=ADA, story=STORY))
    editors = desk(Card(comment=ADA, story=STORY), long_bans=True)

    assert re.findall(r'data-kinds="([^"]*)"', moderators) == [
        "mute",
        "mute ban",
        "mute ban",
        "mute ban",
        "ban",
    ]
    assert "without an end" not in words_of(moderators)
    assert "without an end" in words_of(editors)


def test_a_ban_of_the_last_minutes_can_be_taken_back_after_the_page_was_loaded_anew() -> None:
    ban = Ban(
        id=3,
        user=7,
        kind="mute",
        reason="spam",
        note="",
        until=NOW + timedelta(hours=23),
        by_address=False,
        actor=9,
        actor_name="Mona",
        created_at=NOW - timedelta(hours=1),
    )

    html = desk(measures=[(ban, "Ada")])

    assert f'data-measure="{ids.encode(3)}" data-age="3600000">Muted: Ada, 1 day<' in html


def test_nobody_mutes_or_bans_staff_from_a_card() -> None:
    html = desk(Card(comment=comment(author_role="editor"), story=STORY))

    assert re.search(r'<details name="dk-act" class="dk-measure" hidden>', html)


def test_a_card_says_what_an_authors_record_is_worth_and_why() -> None:
    known = Background(
        names=[("Ada of Lunden", NOW - timedelta(days=3))],
        trust=Trust(worth=-1.25, known=False, published=2, rejected=1),
        rules=DEFAULT,
        measure=Ban(
            user=7,
            kind="mute",
            reason="spam",
            note="",
            until=NOW + timedelta(days=1),
            by_address=False,
            actor=9,
            actor_name="Mona",
            created_at=NOW,
        ),
    )

    said = words_of(desk(Card(comment=ADA, story=STORY, author=known)))

    assert "Not known here yet: trust -1.2, needed 3" in said
    assert "published 2, rejected 1. A rejected one takes away as much as 3 published ones." in said
    assert "Earlier names: Ada of Lunden (until 3 days ago )" in said
    assert "Muted until Mar 5, 2026, 12:00:00 PM UTC: spam or advertising" in said


def test_what_may_hurt_in_the_parent_is_blurred_too() -> None:
    parent = comment(id=ADA.id + 1, text="You crook.", status="published")
    found = [finding(4, 9)]

    html = desk(Card(comment=ADA, story=STORY, parent=parent, parent_findings=found))

    assert '<span class="dk-slur">crook</span>' in html


def test_of_what_is_marked_only_words_that_are_seldom_kind_are_blurred() -> None:
    around = msgspec.structs.replace(page(), unkind=lambda text: [(27, 32), (34, 38)])

    marked = pieces(TEXT, [finding(24, 33)], around)
    banned = msgspec.structs.replace(finding(4, 9), code="word_banned")

    assert [one.text for one in marked if one.hurts] == [TEXT[27:32]]
    assert "".join(one.text for one in marked if one.numbers) == TEXT[24:33]
    assert [one.text for one in pieces(TEXT, [banned], around) if one.hurts] == [TEXT[4:9]]


def test_an_empty_queue_is_a_calm_sentence() -> None:
    html = desk()

    assert "Nothing waits. Well done." in html
    assert '<div class="dk-empty">' in html
    assert "<article" not in html


def test_the_card_that_was_asked_for_is_listed_even_when_it_is_not_on_this_page() -> None:
    other = Card(comment=comment(id=ADA.id + 5, author_name="Chidi"), story=STORY)

    html = desk(Card(comment=ADA, story=STORY), selected=other)

    assert html.count('<li class="dk-entry"') == 2
    assert f'href="/desk?comment={ids.encode(other.comment.id)}" aria-current="true"' in html


def test_a_further_page_ends_with_the_link_to_the_next() -> None:
    card = Card(comment=ADA, story=STORY)

    html = render_desk_cards(DeskCardsView(cards=[card], next=Place(7, ADA.id)), page())

    assert f'data-cursor="{ids.encode(7)}{ids.encode(ADA.id)}"' in html
    assert "dk-more" not in render_desk_cards(DeskCardsView(cards=[card]), page())


def test_what_is_not_published_is_opened_where_it_would_stand() -> None:
    held = Card(comment=ADA, story=STORY)
    reply = Card(comment=ADA, story=STORY, parent=comment(id=5, status="published"))
    shown = Card(comment=comment(status="published"), story=STORY, reports=[report("spam")])

    assert 'href="/stories/harbour%2Fferry" target' in render_desk_card(held, page())
    assert f'href="/comments/{ids.encode(5)}" target' in render_desk_card(reply, page())
    assert f'href="/comments/{ids.encode(ADA.id)}" target' in render_desk_card(shown, page())


def test_the_door_says_how_to_get_in() -> None:
    html = render_desk_door(DeskDoorView(problem="This sign-in link was used already."), page())

    assert "belowline staff add NAME --role moderator" in html
    assert "This sign-in link was used already." in html
    assert "desk.js" not in html


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_desk_speaks_the_language_of_the_page(language: str) -> None:
    card = Card(comment=ADA, story=STORY)
    html = render_desk(DeskView(count=1, version=1, cards=[card]), page(language))

    assert f'<html lang="{language}"' in html
    assert "Why it waits" not in html
    assert "Held because" not in html
    assert "Approve" not in html
