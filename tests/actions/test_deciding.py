"""The desk: what waits, deciding it, taking a decision back."""

from __future__ import annotations

from belowline.actions import deciding, reacting
from belowline.domain.comments import Comment
from belowline.storage import decisions, schema
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, refusal_of


def _queue(room: Newsroom) -> list[int]:
    return [card.comment.id for card in room.run(deciding.queue(room.site, MONA)).cards]


def test_held_comments_wait_the_oldest_first_and_say_why(room: Newsroom) -> None:
    first = room.say(ADA, "Who pays?", story=REVIEWED)
    second = room.say(BEN, "We do.", story=REVIEWED)
    found = room.run(deciding.queue(room.site, MONA))
    assert [card.comment.id for card in found.cards] == [first.id, second.id]
    assert found.count == 2
    assert {card.why for card in found.cards} == {"mode_reviewed"}
    assert found.cards[0].story.key == REVIEWED


def test_a_held_comment_always_says_why_whatever_brought_it_back(room: Newsroom) -> None:
    held = room.say(ADA, "Who pays?", story=REVIEWED)
    room.undo(room.reject(held))
    cards = room.run(deciding.queue(room.site, MONA)).cards
    assert [(card.comment.id, bool(card.why)) for card in cards] == [(held.id, True)]


def test_the_queue_is_paged_without_losing_anything(room: Newsroom) -> None:
    wanted = [room.say(ADA, f"Question {n}?", story=REVIEWED).id for n in range(7)]
    seen: list[int] = []
    after = None
    for _ in range(4):
        page = room.run(deciding.queue(room.site, MONA, after=after, limit=3))
        seen += [card.comment.id for card in page.cards]
        if page.next is None:
            break
        after = page.next
    assert seen == wanted


def test_readers_are_refused_at_the_desk(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    judged = [deciding.Judged(comment=comment.id, revision=1)]
    site = room.site
    refused = [
        refusal_of(lambda: room.run(deciding.queue(site, ADA))),
        refusal_of(lambda: room.run(deciding.card(site, ADA, comment.id))),
        refusal_of(lambda: room.run(deciding.latest(site, ADA))),
        refusal_of(lambda: room.run(deciding.decide(site, ADA, judged, "publish"))),
        refusal_of(lambda: room.run(deciding.undo(site, ADA, 1))),
    ]
    assert refused == ["not_allowed"] * 5
    assert room.now(comment).status == "held"


# -- must not fail 6: a decision on an outdated revision ----------------------------------------


def test_a_decision_on_an_outdated_revision_is_refused(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    room.edit(ADA, comment, "Buy my boat.")
    seen = [deciding.Judged(comment=comment.id, revision=1)]
    assert room.refused(deciding.decide(room.site, MONA, seen, "publish")) == "outdated"
    assert room.now(comment).status == "held"
    assert room.count(REVIEWED) == 0


def test_several_are_decided_all_or_none_and_stand_one_by_one_in_the_record(
    room: Newsroom,
) -> None:
    said = [room.say(ADA, f"Advertisement {n}.", story=REVIEWED) for n in range(3)]
    room.edit(ADA, said[1], "Advertisement, second version.")
    seen = [deciding.Judged(comment=one.id, revision=1) for one in said]
    refused = refusal_of(
        lambda: room.run(deciding.decide(room.site, MONA, seen, "reject", reason="spam"))
    )
    assert refused == "outdated"
    assert {room.now(one).status for one in said} == {"held"}
    seen[1] = deciding.Judged(comment=said[1].id, revision=2)
    done = room.run(deciding.decide(room.site, MONA, seen, "reject", reason="spam", note="Again."))
    assert sorted(line.comment for line in done) == sorted(one.id for one in said)
    latest = room.run(deciding.latest(room.site, MONA))
    assert {(line.actor_name, line.reason, line.note) for line in latest} == {
        ("Mona", "spam", "Again.")
    }
    assert len(latest) == 3


def test_a_rejection_needs_a_reason_from_the_list(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    judged = [deciding.Judged(comment=comment.id, revision=1)]
    for reason in ("", "because"):
        decide = deciding.decide(room.site, MONA, judged, "reject", reason=reason)
        assert room.refused(decide) == "reason_unknown"
    long = deciding.decide(room.site, MONA, judged, "reject", reason="spam", note="x" * 2_001)
    assert refusal_of(lambda: room.run(long)) == "note_too_long"


def test_undo_brings_back_what_was_before(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    approved = room.publish(comment)
    rejected = room.reject(comment, "off_topic")
    undone = room.undo(rejected)
    assert undone.undoes == rejected.id
    assert (room.now(comment).status, room.count(REVIEWED)) == ("published", 1)
    assert refusal_of(lambda: room.undo(approved)) == "already_decided"
    assert refusal_of(lambda: room.undo(rejected)) == "already_decided"
    assert refusal_of(lambda: room.undo(undone)) == "decision_unknown"


def test_undo_gives_a_rejection_its_reason_back(room: Newsroom) -> None:
    comment = room.say(ADA, "You fool.")
    room.reject(comment, "personal_attack")
    room.undo(room.publish(comment))
    assert (room.now(comment).status, room.now(comment).reason) == ("rejected", "personal_attack")


def test_undo_does_not_touch_what_its_author_has_edited_since(room: Newsroom) -> None:
    comment = room.say(ADA, "Who pays?", story=REVIEWED)
    approved = room.publish(comment)
    room.edit(ADA, comment, "Who really pays?")
    assert refusal_of(lambda: room.undo(approved)) == "already_decided"


def test_every_decision_is_recorded_with_who_when_and_why(room: Newsroom) -> None:
    comment = room.say(ADA, "You fool.")
    room.reject(comment, "personal_attack")
    lines = room.storage.read_now(lambda connection: decisions.of_comment(connection, comment.id))
    assert [(one.action, one.before, one.after, one.actor_name, one.reason) for one in lines] == [
        ("post", "", "published", "", "mode_open"),
        ("reject", "published", "rejected", "Mona", "personal_attack"),
    ]
    assert lines[0].created_at < lines[1].created_at


# -- reports -------------------------------------------------------------------------------------


def _report(room: Newsroom, comment: Comment, reason: str = "abuse", note: str = "") -> str:
    return refusal_of(lambda: room.run(reacting.report(room.site, BEN, comment.id, reason, note)))


def test_a_reported_comment_comes_to_the_desk_first_and_goes_when_it_is_decided(
    room: Newsroom,
) -> None:
    held = room.say(CHIDI, "Who pays?", story=REVIEWED)
    comment = room.say(ADA, "You fool.")
    assert _report(room, comment, note="Look at this.") == ""
    assert _report(room, comment) == ""
    assert room.rows(schema.reports) == 1
    assert _queue(room) == [comment.id, held.id]
    card = room.run(deciding.card(room.site, MONA, comment.id))
    assert card.why == "reported"
    assert [(one.reason, one.note) for one in card.reports] == [("abuse", "Look at this.")]
    decided = room.publish(comment)
    assert _queue(room) == [held.id]
    room.undo(decided)
    assert _queue(room) == [comment.id, held.id]


def test_undo_opens_only_the_reports_that_the_decision_settled(room: Newsroom) -> None:
    comment = room.say(ADA, "You fool.")
    assert _report(room, comment, note="The first.") == ""
    room.publish(comment)
    work = reacting.report(room.site, CHIDI, comment.id, "spam", "The second.")
    assert room.refused(work) == ""
    room.undo(room.reject(comment))
    card = room.run(deciding.card(room.site, MONA, comment.id))
    assert [one.note for one in card.reports] == ["The second."]


def test_only_others_published_comments_are_reported_or_recommended(room: Newsroom) -> None:
    held = room.say(ADA, "Who pays?", story=REVIEWED)
    assert _report(room, held) == "comment_unknown"
    mine = room.say(BEN, "My own.")
    assert _report(room, mine) == "own_comment"
    assert _report(room, mine, "because") == "reason_unknown"
    assert _report(room, mine, note="x" * 1_001) == "note_too_long"
    for comment, code in ((held, "comment_unknown"), (mine, "own_comment")):
        work = reacting.recommend(room.site, BEN, comment.id, on=True)
        assert room.refused(work) == code
    assert room.count(OPEN) == 1
