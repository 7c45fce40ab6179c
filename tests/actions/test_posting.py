"""Saying something, changing it, taking it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from belowline.actions import deciding, posting, stories
from belowline.actions.judging import EmbeddingPage
from belowline.actions.storing import Posted
from belowline.checks import Check
from belowline.checks.context import CheckContext
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Finding
from belowline.domain.errors import Refused
from belowline.domain.rules import Rules
from belowline.domain.users import User
from belowline.storage import comments, schema
from tests.cast import (
    ADA,
    BEN,
    CHIDI,
    CLOSED,
    MONA,
    OPEN,
    REVIEWED,
    Newsroom,
    finding_of,
    newsroom_on,
    refusal_of,
)

RULES = Rules(
    max_characters=200, banned_words=("blockhead",), suspect_words=("turbine",), max_links=1
)


@pytest.fixture
def strict_room(database_url: str) -> Iterator[Newsroom]:
    """A newsroom that has set limits and words."""
    with newsroom_on(database_url, rules=RULES) as opened:
        yield opened


# -- must not fail 1: limits hold on the server --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \n\t ", "text_empty"),
        ("\u200b\u200d", "text_empty"),
        ("a" * 201, "text_too_long"),
        ("You blockhead.", "text_refused"),
        ("You BLOCKHE\u0410D.", "text_refused"),  # with a Cyrillic A
    ],
)
def test_limits_hold_on_the_server_for_new_comments_and_edits(
    strict_room: Newsroom, text: str, code: str
) -> None:
    room = strict_room
    assert refusal_of(lambda: room.say(ADA, text)) == code
    assert room.rows(schema.comments) == 0
    comment = room.say(ADA, "A plain sentence.")
    assert refusal_of(lambda: room.edit(ADA, comment, text)) == code
    assert room.now(comment).text == "A plain sentence."
    assert room.now(comment).revision == 1


def test_a_comment_of_exactly_the_limit_is_accepted(strict_room: Newsroom) -> None:
    assert strict_room.say(ADA, "a" * 200).status == "published"


# -- must not fail 2: an edit passes every check that a new comment passes -----------------------


def test_an_edit_is_held_for_what_a_new_comment_is_held_for(strict_room: Newsroom) -> None:
    room = strict_room
    assert room.say(BEN, "The turbine is loud.").status == "held"
    comment = room.say(ADA, "The mill is loud.")
    assert room.count() == 1
    assert room.edit(ADA, comment, "The turbine is loud!").status == "held"
    assert room.count() == 0


def test_an_edit_that_repeats_oneself_is_held_like_a_new_comment(room: Newsroom) -> None:
    room.say(ADA, "Vote for the harbour list, everyone!")
    assert room.say(ADA, "Vote for the harbour list, everyone!").status == "held"
    comment = room.say(ADA, "Something harmless.")
    assert room.edit(ADA, comment, "Vote for the harbour list, everyone!").status == "held"


def test_an_edit_of_an_approved_comment_waits_for_approval_again(room: Newsroom) -> None:
    comment = room.say(ADA, "The sum is wrong.", story=REVIEWED)
    room.publish(comment)
    edited = room.edit(ADA, comment, "The sum is quite wrong.")
    assert (edited.status, edited.revision) == ("held", 2)
    assert room.count(REVIEWED) == 0


def test_every_check_looks_at_an_edit(room: Newsroom) -> None:
    comment = room.say(ADA, "A plain sentence.")
    seen: list[tuple[str, bool]] = []

    def look(context: CheckContext) -> list[Finding]:
        seen.append((context.text, context.is_edit))
        return []

    room.with_checks(Check("test", "1", look))
    room.edit(ADA, comment, "Another sentence.")
    room.say(BEN, "A third one.")
    assert seen == [("Another sentence.", True), ("A third one.", False)]


@pytest.mark.parametrize(("weight", "becomes"), [("hold", "held"), ("note", "published")])
def test_what_a_check_finds_is_kept_with_the_revision_it_saw(
    room: Newsroom, weight: str, becomes: str
) -> None:
    comment = room.say(ADA, "A plain sentence.")
    room.with_checks(Check("test", "1", finding_of(weight)))
    assert room.edit(ADA, comment, "Another sentence.").status == becomes
    kept = room.storage.read_now(lambda connection: comments.findings_of(connection, [comment.id]))
    assert [finding.code for finding in kept[comment.id]] == ["test_code"]


def test_a_comment_can_be_edited_only_within_the_window(room: Newsroom) -> None:
    comment = room.say(ADA, "First version.")
    room.clock.forward(minutes=14)
    assert room.edit(ADA, comment, "Second version.").text == "Second version."
    room.clock.forward(minutes=2)
    assert refusal_of(lambda: room.edit(ADA, comment, "Third version.")) == "edit_window"
    assert room.now(comment).text == "Second version."


def test_only_its_author_edits_or_deletes_a_comment(room: Newsroom) -> None:
    comment = room.say(ADA, "This is mine.")
    for other in (BEN, MONA):
        assert (
            room.refused(posting.edit(room.site, other, comment.id, "No.", None)) == "not_allowed"
        )
        assert room.refused(posting.withdraw(room.site, other, comment.id)) == "not_allowed"


def test_a_rejected_comment_cannot_be_edited_back(room: Newsroom) -> None:
    comment = room.say(ADA, "Buy my boat.")
    room.reject(comment)
    assert refusal_of(lambda: room.edit(ADA, comment, "A fine boat.")) == "not_allowed"
    assert room.now(comment).status == "rejected"


def test_a_deleted_comment_cannot_be_edited_or_approved(room: Newsroom) -> None:
    comment = room.say(ADA, "Too hasty.", story=REVIEWED)
    room.withdraw(ADA, comment)
    assert refusal_of(lambda: room.edit(ADA, comment, "Back again.")) == "withdrawn"
    assert refusal_of(lambda: room.publish(comment)) == "withdrawn"
    assert room.count(REVIEWED) == 0


def test_nothing_is_written_or_edited_in_a_closed_discussion(room: Newsroom) -> None:
    assert refusal_of(lambda: room.say(ADA, "One last word.", story=CLOSED)) == "closed"
    comment = room.say(ADA, "In good time.")
    room.run(stories.set_mode(room.site, OPEN, "closed"))
    assert refusal_of(lambda: room.edit(ADA, comment, "Too late.")) == "closed"
    assert room.withdraw(ADA, comment).status == "withdrawn"  # deleting is always possible
    assert room.say(MONA, "Thank you all.").status == "published"


def test_an_edit_of_a_revision_that_is_no_longer_there_is_refused(room: Newsroom) -> None:
    comment = room.say(ADA, "First version.")
    room.edit(ADA, comment, "Second version.", 1)
    assert refusal_of(lambda: room.edit(ADA, comment, "From another tab.", 1)) == "outdated"


def test_two_edits_at_once_are_not_lost_in_each_other(room: Newsroom) -> None:
    comment = room.say(ADA, "First version.")
    answers = room.together(
        posting.edit(room.site, ADA, comment.id, f"Version {letter}.", 1) for letter in "AB"
    )
    done = [answer for answer in answers if isinstance(answer, Comment)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(done) == 1
    assert [one.code for one in refused] == ["outdated"]
    assert room.now(comment).text == done[0].text


def test_an_edit_to_the_same_text_changes_nothing(room: Newsroom) -> None:
    comment = room.say(ADA, "As it is.")
    assert room.edit(ADA, comment, "As it is.").revision == 1
    assert room.now(comment).edited_at is None


# -- must not fail 13: a check that breaks holds the comment -------------------------------------


def _broken(context: CheckContext) -> list[Finding]:
    raise ZeroDivisionError


@pytest.mark.parametrize("who", [ADA, MONA])
def test_a_check_that_breaks_holds_the_comment_and_says_so(room: Newsroom, who: User) -> None:
    room.with_checks(Check("broken", "1", _broken))
    comment = room.say(who, "An ordinary sentence.")
    assert (comment.status, room.count()) == ("held", 0)
    card = room.run(deciding.card(room.site, MONA, comment.id))
    assert card.why == "check_failed"
    assert card.why_sentence == "A check could not look at this comment."
    assert [(one.check, one.evidence) for one in card.findings] == [("broken", "ZeroDivisionError")]


def test_a_check_that_breaks_holds_an_edit_too(room: Newsroom) -> None:
    comment = room.say(ADA, "An ordinary sentence.")
    room.with_checks(Check("broken", "1", _broken))
    assert room.edit(ADA, comment, "An ordinary sentence, edited.").status == "held"
    assert room.count() == 0


# -- sent twice ----------------------------------------------------------------------------------


def test_one_key_is_one_comment_however_often_it_is_sent(room: Newsroom) -> None:
    first = room.run(room.says(ADA, "Once.", key="k"))
    again = room.run(room.says(ADA, "Once.", key="k"))
    assert (first.created, again.created) == (True, False)
    assert again.comment == first.comment
    assert room.count() == 1


def test_two_sendings_at_the_same_moment_are_one_comment(room: Newsroom) -> None:
    answers = room.together(room.says(ADA, "Once.", key="k") for _ in range(10))
    posted = [answer for answer in answers if isinstance(answer, Posted)]
    assert len(posted) == 10
    assert len({one.comment.id for one in posted}) == 1
    assert sum(one.created for one in posted) == 1
    assert (room.count(), room.rows(schema.comments)) == (1, 1)


def test_a_key_that_is_used_for_another_text_is_refused(room: Newsroom) -> None:
    comment = room.run(room.says(ADA, "Once.", key="k")).comment
    assert refusal_of(lambda: room.run(room.says(ADA, "Twice.", key="k"))) == "key_reused"
    reply = room.says(ADA, "Once.", key="k", parent=comment)
    assert refusal_of(lambda: room.run(reply)) == "key_reused"
    assert room.count() == 1


def test_a_key_belongs_to_its_author(room: Newsroom) -> None:
    room.run(room.says(ADA, "From Ada.", key="k"))
    assert room.run(room.says(BEN, "From Ben.", key="k")).created


@pytest.mark.parametrize("key", ["", "k" * 201, "a\nb", "\x00"])
def test_a_key_that_cannot_be_one_is_refused(room: Newsroom, key: str) -> None:
    draft = Draft(story=OPEN, text="Hello.", key=key)
    assert refusal_of(lambda: room.run(posting.post(room.site, ADA, draft))) == "key_bad"


# -- where it may stand --------------------------------------------------------------------------


def test_a_reply_needs_a_comment_of_the_same_story_that_can_be_seen(room: Newsroom) -> None:
    elsewhere = room.say(ADA, "About the budget.", story=REVIEWED)
    assert refusal_of(lambda: room.say(BEN, "Here?", parent=elsewhere)) == "parent_unknown"
    held = room.says(BEN, "There?", story=REVIEWED, parent=elsewhere)
    assert room.refused(held) == "parent_unknown"
    gone = room.say(ADA, "Gone soon.")
    room.withdraw(ADA, gone)
    assert refusal_of(lambda: room.say(BEN, "Why?", parent=gone)) == "parent_unknown"


def test_a_story_that_nobody_knows_takes_no_comment_without_its_page(room: Newsroom) -> None:
    assert refusal_of(lambda: room.say(ADA, "Anyone?", story="nowhere")) == "story_unknown"
    draft = Draft(story="elsewhere", text="First!", key="k")
    page = EmbeddingPage(url="https://news.example/1", title="Elsewhere")
    posted = room.run(posting.post(room.site, ADA, draft, page))
    assert posted.comment.status == "held"
    assert room.story("elsewhere").title == "Elsewhere"
    bad = EmbeddingPage(url="javascript:alert(1)")
    draft = Draft(story="hostile", text="First!", key="k2")
    assert refusal_of(lambda: room.run(posting.post(room.site, ADA, draft, bad))) == "story_url"


def test_very_deep_replies_stay_beside_each_other(room: Newsroom) -> None:
    room.with_checks()
    comment = room.say(ADA, "The top.")
    for number in range(1, 104):
        comment = room.say(BEN if number % 2 else CHIDI, f"Level {number}.", parent=comment)
    assert comment.depth == 100
    assert room.count() == 104


# -- what is stored ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("  around  ", "around"),
        ("one\r\ntwo", "one\ntwo"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("a\x07b", "ab"),
        ("pay \u202e05 now", "pay 05 now"),
    ],
)
def test_text_is_stored_clean(room: Newsroom, written: str, stored: str) -> None:
    comment = room.say(ADA, written)
    assert room.now(comment).text == stored


def test_somebody_who_was_published_once_stays_no_newcomer_whatever_follows(
    room: Newsroom,
) -> None:
    room.say(ADA, "The ferry leaves at seven.")
    for number in range(20):
        room.reject(room.say(ADA, f"Point {number} of many."))
    linked = room.say(ADA, "See https://harbour.example/timetable for the times.")
    assert linked.status == "published"
    other = room.say(BEN, "See https://harbour.example/timetable for the times.")
    assert other.status == "held"
