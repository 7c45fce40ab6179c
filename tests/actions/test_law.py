"""Reasons, statements, appeals, notices, waiting, the year: what the law and fairness ask for."""

from __future__ import annotations

from datetime import UTC, datetime, time

import msgspec
import pytest

from belowline.actions import (
    appeals,
    bans,
    law,
    people,
    reacting,
    reading,
    record,
    statements,
    waiting,
)
from belowline.checks import Check
from belowline.domain import ids
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS
from belowline.domain.statements import RULES, token
from belowline.domain.transparency import CATEGORIES
from belowline.storage import lessons, meta, users
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, finding_of, person

EDGAR = person(8, "Edgar", "editor")


@pytest.fixture(autouse=True)
def edgar(room: Newsroom) -> None:
    """Edgar works here too."""
    room.storage.write_now(
        lambda connection: users.add(connection, EDGAR, look="edgar", honest="edgar")
    )


def _token(room: Newsroom, comment: Comment) -> str:
    """The token that the author finds at their own comment."""
    mine = room.run(reading.mine(room.site, OPEN, ADA))
    return mine.statements[comment.id]


def _sign_in(room: Newsroom, name: str, role: str) -> None:
    room.run(people.enter(room.site, room.run(people.add_staff(room.site, name, role))))


# -- statements ----------------------------------------------------------------------------


def test_a_rejection_makes_a_statement_that_its_author_finds_at_the_comment(
    room: Newsroom,
) -> None:
    comment = room.say(ADA, "You are a fool.")
    room.decide(comment, "reject", "personal_attack", note="Third time.")
    page = room.run(statements.page(room.site, _token(room, comment)))
    assert (page.text, page.statement.reason) == ("You are a fool.", "personal_attack")
    assert (page.rule.version, page.statement.machine) == (1, False)
    assert page.stands
    assert page.appealable


def test_a_statement_says_whether_a_check_took_part(room: Newsroom) -> None:
    room.with_checks(Check("test", "1", finding_of("hold")))
    comment = room.say(ADA, "Buy my boat.")
    room.reject(comment)
    assert room.run(statements.page(room.site, _token(room, comment))).statement.machine


def test_a_statement_says_what_led_to_it_and_whether_the_comment_was_public(room: Newsroom) -> None:
    def led(comment: Comment) -> tuple[str, bool]:
        page = room.run(statements.page(room.site, _token(room, comment)))
        return page.circumstances.source, page.circumstances.was_shown

    room.with_checks(Check("test", "1", finding_of("hold")))
    held = room.say(ADA, "Buy my boat.")
    room.with_checks()
    reported, illegal = room.say(ADA, "You are a fool."), room.say(ADA, "I will find you.")
    room.run(reacting.report(room.site, BEN, reported.id, "abuse"))
    place = f"https://post.example/comments/{ids.encode(illegal.id)}"
    room.run(
        law.notify(room.site, law.NewNotice(address=place, explanation="A threat.", sure=True))
    )
    for comment in (held, reported, illegal):
        room.reject(comment)
    late = room.say(ADA, "And you.")
    room.reject(late)
    room.run(law.notify(room.site, law.NewNotice(address=place, explanation="Again.", sure=True)))
    assert [led(one) for one in (held, reported, illegal, late)] == [
        ("", False),
        ("report", True),
        ("notice", True),
        ("", True),
    ]
    assert [line["source_type"] for line in law.export(room.site, 2026, "")] == [
        "SOURCE_VOLUNTARY",
        "SOURCE_TYPE_OTHER_NOTIFICATION",
        "SOURCE_ARTICLE_16",
        "SOURCE_VOLUNTARY",
    ]


def test_a_statement_is_in_the_language_that_its_author_wrote_in(room: Newsroom) -> None:
    german = room.say(ADA, "Das ist eine Frechheit, und ihr seid doch alle Lügner dort im Rathaus.")
    room.reject(german)
    short = room.say(ADA, "Ja ja.")
    room.reject(short)
    spoken = [
        room.run(statements.page(room.site, _token(room, one))).statement.language
        for one in (german, short)
    ]
    assert spoken == ["de", "en"]
    french = room.say(BEN, "Je ne comprends pas pourquoi le bac ne part plus le dimanche matin.")
    room.say(CHIDI, "Warum fährt die Fähre denn am Sonntag nicht mehr, und wer hat das so gewollt?")
    for one in (BEN, CHIDI):
        room.run(bans.impose(room.site, MONA, one.id, "mute", reason="spam", hours=1))
    told = [room.run(bans.standing(room.site, one))[0] for one in (BEN, CHIDI)]
    tokens = [one.link.rpartition("/")[2] for one in told]
    found = [room.run(statements.page(room.site, one)).statement.language for one in tokens]
    assert (french.language, found) == ("fr", ["en", "de"])


def test_nobody_opens_a_statement_without_its_token(room: Newsroom) -> None:
    comment = room.say(ADA, "You are a fool.")
    room.reject(comment)
    secret = room.storage.write_now(meta.secret)
    right = _token(room, comment)
    wrong = [
        right[:-1] + ("A" if right[-1] != "A" else "B"),
        token(secret, "notice", 1),
        token("another", "statement", 1),
        right[:13],
        "",
        "x" * 40,
    ]
    for text in wrong:
        assert room.refused(statements.page(room.site, text)) == "statement_unknown"
    site = room.site
    assert room.run(statements.token_for(site, ADA, comment.id)) == right
    assert room.refused(statements.token_for(site, BEN, comment.id)) == "not_allowed"


def test_a_decision_that_was_taken_back_no_longer_stands(room: Newsroom) -> None:
    comment = room.say(ADA, "You are a fool.")
    decision = room.reject(comment)
    link = _token(room, comment)
    room.undo(decision)
    page = room.run(statements.page(room.site, link))
    assert (page.stands, page.appealable) == (False, False)


def test_a_statement_keeps_the_rule_of_its_time(room: Newsroom) -> None:
    site = room.site
    comment = room.say(ADA, "Buy my boat.")
    room.reject(comment)
    link = _token(room, comment)
    assert room.run(law.change_rule(site, EDGAR, "spam", {"en": "No selling of boats."})) == 2
    assert room.run(statements.page(site, link)).rule.text == ""
    later = room.say(ADA, "Buy my other boat.")
    room.reject(later)
    assert room.run(statements.page(site, _token(room, later))).rule.text == "No selling of boats."
    assert [one.version for one in room.run(law.rule_versions(site, "spam", "en"))] == [2, 1]
    refused = law.change_rule(site, MONA, "spam", {"en": "Sell what you like."})
    assert room.refused(refused) == "not_allowed"


def test_every_reason_has_a_rule_and_a_category(room: Newsroom) -> None:
    assert list(RULES) == list(REASONS) == list(CATEGORIES)


# -- appeals -------------------------------------------------------------------------------


def test_an_upheld_appeal_restores_the_comment_and_teaches_more_than_a_decision(
    room: Newsroom,
) -> None:
    site = room.site
    comment = room.say(ADA, "That is foolish.")
    room.reject(comment)
    link = _token(room, comment)
    room.run(statements.appeal(site, link, "I said what it is, not who he is."))
    (card,) = room.run(appeals.queue(site, EDGAR))
    assert (card.refusal, card.blind) == ("", False)
    room.run(appeals.decide(site, EDGAR, card.statement.id, upheld=True, answer="You are right."))
    assert room.now(comment).status == "published"
    assert _taught(room, comment) == (False, 3.0)
    page = room.run(statements.page(site, link))
    assert page.appeal is not None
    assert (page.appeal.upheld, page.appeal.answer, page.stands) == (True, "You are right.", False)
    assert room.run(appeals.queue(site, EDGAR)) == []
    assert record.verify(site).broken is None


def _taught(room: Newsroom, comment: Comment) -> tuple[bool, float]:
    """What the risk model learned of a comment: whether it was rejected, and how much it counts."""
    [lesson] = room.storage.read_now(lambda connection: lessons.of(connection, [comment.id]))
    assert lesson.number in room.site.judge.lessons_of(lesson.teacher)
    return lesson.rejected, lesson.weight


def test_a_dismissed_appeal_leaves_the_comment_where_it_is(room: Newsroom) -> None:
    site = room.site
    comment = room.say(ADA, "You are a fool.")
    room.reject(comment)
    link = _token(room, comment)
    room.run(statements.appeal(site, link, "But he is."))
    (card,) = room.run(appeals.queue(site, EDGAR))
    decide = appeals.decide(site, EDGAR, card.statement.id, upheld=False, answer="It is an insult.")
    room.run(decide)
    assert room.now(comment).status == "rejected"
    assert _taught(room, comment) == (True, 1.0)
    again = appeals.decide(site, EDGAR, card.statement.id, upheld=True, answer="Or not.")
    assert room.refused(again) == "already_decided"


def test_there_is_one_appeal_and_it_has_to_say_something(room: Newsroom) -> None:
    site = room.site
    comment = room.say(ADA, "You are a fool.")
    room.reject(comment)
    link = _token(room, comment)
    assert room.refused(statements.appeal(site, link, "  ")) == "text_empty"
    assert room.refused(statements.appeal(site, link, "x" * 5_001)) == "text_too_long"
    room.run(statements.appeal(site, link, "But he is."))
    assert room.refused(statements.appeal(site, link, "Really.")) == "appeal_made"
    other = room.say(ADA, "Another fool.")
    room.reject(other)
    late = _token(room, other)
    room.clock.forward(days=184)
    assert room.refused(statements.appeal(site, late, "Too late?")) == "appeal_late"


def test_who_decided_does_not_judge_the_appeal_where_somebody_else_is_there(
    room: Newsroom,
) -> None:
    site = room.site
    comment = room.say(ADA, "That is foolish.")
    room.reject(comment)
    room.run(statements.appeal(site, _token(room, comment), "It is."))
    (card,) = room.run(appeals.queue(site, MONA))
    assert (card.refusal, card.blind) == ("appeal_early", True)
    _sign_in(room, "Edgar", "editor")
    (card,) = room.run(appeals.queue(site, MONA))
    assert card.refusal == "appeal_yours"
    decide = appeals.decide(site, MONA, card.statement.id, upheld=False, answer="No.")
    assert room.refused(decide) == "appeal_yours"


def test_who_is_alone_judges_a_day_later_and_blind(room: Newsroom) -> None:
    site = room.site
    comment = room.say(ADA, "That is foolish.")
    room.reject(comment)
    room.run(statements.appeal(site, _token(room, comment), "It is."))
    number = room.run(appeals.queue(site, MONA))[0].statement.id
    early = appeals.decide(site, MONA, number, upheld=True, answer="Well, yes.")
    assert room.refused(early) == "appeal_early"
    room.clock.forward(hours=25)
    (card,) = room.run(appeals.queue(site, MONA))
    assert (card.refusal, card.blind) == ("", True)
    room.run(appeals.decide(site, MONA, number, upheld=True, answer="Well, yes."))
    assert room.now(comment).status == "published"


def test_a_ban_can_be_appealed_by_its_link_and_ends_when_that_is_upheld(room: Newsroom) -> None:
    site = room.site
    room.say(ADA, "The ferry was late.")
    room.run(bans.impose(site, MONA, ADA.id, "ban", reason="harassment", hours=48))
    (told,) = room.run(bans.standing(site, ADA))
    link = told.link.removeprefix("/statements/")
    room.run(statements.appeal(site, link, "I only asked."))
    (card,) = room.run(appeals.queue(site, EDGAR))
    room.run(appeals.decide(site, EDGAR, card.statement.id, upheld=True, answer="So you did."))
    assert room.say(ADA, "Thank you.").status == "published"


def test_readers_do_not_see_appeals_or_notices(room: Newsroom) -> None:
    site = room.site
    assert room.refused(appeals.queue(site, ADA)) == "not_allowed"
    assert room.refused(appeals.decide(site, ADA, 1, upheld=True, answer="Yes.")) == "not_allowed"
    assert room.refused(law.notices(site, ADA)) == "not_allowed"
    assert room.refused(law.evidence(site, ADA, 1)) == "not_allowed"


# -- notices and threats -------------------------------------------------------------------


def _notice(comment: Comment, **more: object) -> law.NewNotice:
    usual = law.NewNotice(
        address=f"https://post.example/comments/{ids.encode(comment.id)}",
        explanation="It names a private person's address.",
        sure=True,
    )
    changed: law.NewNotice = msgspec.structs.replace(usual, **more)
    return changed


def test_a_notice_of_illegal_content_gets_a_receipt_and_an_answer(room: Newsroom) -> None:
    site = room.site
    comment = room.say(ADA, "He lives in Mill Lane 7.")
    receipt = room.run(law.notify(site, _notice(comment, name="Chidi", email="c@post.example")))
    (waiting_,) = room.run(law.notices(site, MONA))
    assert waiting_.comment is not None
    assert waiting_.comment.id == comment.id
    number = waiting_.notice.id
    refused = law.answer_notice(site, MONA, number, acted=True, answer="Done.")
    assert room.refused(refused) == "not_allowed"
    room.run(law.answer_notice(site, EDGAR, number, acted=True, answer="We took it down."))
    page = room.run(law.receipt(site, receipt))
    assert (page.notice.acted, page.notice.answer) == (True, "We took it down.")
    assert room.run(law.notices(site, MONA)) == []
    assert room.refused(law.receipt(site, receipt[:-1] + "9")) == "notice_unknown"


def test_a_notice_has_to_say_where_and_why_and_in_good_faith(room: Newsroom) -> None:
    comment = room.say(ADA, "He lives in Mill Lane 7.")
    for more, code in (
        ({"address": " "}, "notice_address"),
        ({"explanation": ""}, "text_empty"),
        ({"sure": False}, "notice_sure"),
        ({"email": "nobody"}, "notice_email"),
    ):
        assert room.refused(law.notify(room.site, _notice(comment, **more))) == code


def test_the_evidence_of_a_threat_has_everything_and_leaves_a_line(room: Newsroom) -> None:
    site = room.site
    comment = room.say(ADA, "I will burn it down.")
    room.edit(ADA, comment, "I will burn it all down.")
    found = room.run(law.evidence(site, MONA, comment.id, "Told the police at 11."))
    assert [one["text"] for one in found["revisions"]] == [
        "I will burn it down.",
        "I will burn it all down.",
    ]
    assert (found["made_by"], found["why"]) == ("Mona", "Told the police at 11.")
    assert found["author"]["name"] == "Ada"
    assert room.run(record.recent(site, MONA)).acts[0].action == "escalated"


# -- waiting -------------------------------------------------------------------------------


def test_a_held_comment_says_how_many_are_before_it_and_how_long_it_takes(room: Newsroom) -> None:
    for number in range(6):
        held = room.say(BEN, f"Question {number}?", story=REVIEWED)
        room.clock.forward(minutes=14)
        room.publish(held)
    first = room.say(CHIDI, "Before you.", story=REVIEWED)
    mine = room.say(ADA, "Who pays?", story=REVIEWED)
    found = room.run(waiting.of(room.site, mine.id))
    assert (found.before, found.minutes, found.opens_at) == (1, 14, None)
    assert room.run(waiting.of(room.site, first.id)).before == 0


def test_nothing_is_promised_that_is_not_known(room: Newsroom) -> None:
    mine = room.say(ADA, "Who pays?", story=REVIEWED)
    assert room.run(waiting.of(room.site, mine.id)).minutes is None


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (None, "05:00", None),
        (("07:00", "22:00"), "05:00", "4 07:00"),
        (("07:00", "22:00"), "12:00", None),
        (("07:00", "22:00"), "23:00", "5 07:00"),
        (("20:00", "02:00"), "01:00", None),
        (("20:00", "02:00"), "12:00", "4 20:00"),
    ],
)
def test_the_desk_says_when_it_opens(
    hours: tuple[str, str] | None, now: str, opens: str | None
) -> None:
    moment = datetime.combine(datetime(2026, 5, 4), time.fromisoformat(now), UTC)
    kept = (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None
    found = waiting.next_opening(kept, moment)
    assert (found.strftime("%-d %H:%M") if found else None) == opens


# -- the year ------------------------------------------------------------------------------


def test_the_year_is_reported_and_exported(room: Newsroom) -> None:
    site = room.site
    bad, worse = room.say(ADA, "Buy my boat."), room.say(ADA, "You are a fool.")
    room.reject(bad)
    room.decide(worse, "reject", "illegal")
    room.run(bans.impose(site, MONA, ADA.id, "ban", reason="spam", hours=48))
    room.run(bans.impose(site, MONA, BEN.id, "warning", reason="spam"))
    room.run(statements.appeal(site, _token(room, worse), "No."))
    number = room.run(appeals.queue(site, EDGAR))[0].statement.id
    room.clock.forward(hours=2)
    room.run(appeals.decide(site, EDGAR, number, upheld=False, answer="Yes."))
    found = law.report(site, 2026)
    assert found["rejections"] == {"spam": 1, "illegal": 1}
    assert found["measures"] == {"ban": 1, "warning": 1}
    assert found["appeals"] == {"made": 1, "upheld": 0, "dismissed": 1}
    assert found["median_appeal_hours"] == 2.0
    assert law.report(site, 2025)["comments"] == 0
    lines = list(law.export(site, 2026, "https://post.example"))
    assert [one["decision_ground"].rpartition("_GROUND_")[2] for one in lines] == [
        "INCOMPATIBLE_CONTENT",
        "ILLEGAL_CONTENT",
        "INCOMPATIBLE_CONTENT",
    ]
    assert lines[0]["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert lines[2]["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    assert lines[2]["end_date_account_restriction"] == "2026-05-06"
    assert len({one["puid"] for one in lines}) == 3


def test_a_statement_holds_nobodys_name(room: Newsroom) -> None:
    comment = room.say(ADA, "You are a fool.")
    room.reject(comment)
    said = str(list(law.export(room.site, 2026, "")))
    assert "Ada" not in said
    assert "fool" not in said
