"""The record: every line is sealed as it is written, and what is altered later shows."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from belowline.actions import deciding, desk, people, policies, record, stories
from belowline.demo import growing
from belowline.domain.errors import Refused
from belowline.storage import append_only, raw, users
from belowline.storage import decisions as decisions_of
from belowline.storage import record as stored
from belowline.storage.engine import Storage
from belowline.storage.schema import acts, comments, decisions
from belowline.storage.schema import record as lines
from tests.cast import (
    ADA,
    BEN,
    CHIDI,
    MONA,
    OPEN,
    REVIEWED,
    Newsroom,
    driver_url,
    person,
    refusal_of,
)

EDITH = person(8, "Edith", "editor")


def _busy(room: Newsroom) -> None:
    first = room.say(ADA, "Does the ferry run on Sundays?")
    reply = room.say(BEN, "Only in summer.", parent=first)
    room.edit(BEN, reply, "Only in summer, alas.")
    held = room.say(CHIDI, "Who pays for it?", story=REVIEWED)
    room.undo(room.reject(held))
    room.decide(held, "reject", "spam", note="The same as yesterday.")
    room.withdraw(ADA, first)
    room.run(stories.put(room.site, MONA, OPEN, title="The ferry, at last"))
    room.run(people.enter(room.site, room.run(people.add_staff(room.site, "Edgar", "editor"))))


def _tamper(room: Newsroom, statement: str) -> None:
    """What somebody does who owns the database and knows of the triggers."""

    def write(connection: Connection) -> None:
        append_only.lift(connection)
        connection.execute(text(statement))
        append_only.guard(connection)

    room.storage.write_now(write)


def test_everything_that_is_decided_and_done_has_its_line(room: Newsroom) -> None:
    _busy(room)
    found = record.verify(room.site)
    assert found.broken is None
    assert found.lines == room.rows(lines) == room.rows(decisions) + room.rows(acts)
    assert room.rows(acts) == 4
    assert found.head == room.run(record.recent(room.site, MONA)).head


def test_what_staff_do_at_the_desk_is_in_the_record_with_its_values(room: Newsroom) -> None:
    site = room.site
    held = room.run(policies.current(site, EDITH))
    room.storage.write_now(
        lambda connection: users.add(connection, EDITH, look="edith", honest="edith")
    )
    room.say(ADA, "Does the ferry run on Sundays?")
    mild = msgspec.structs.replace(held.policy, mode="open")
    room.run(policies.save(site, EDITH, mild, note="A calm week.", base=0))
    room.run(stories.put(site, MONA, OPEN, title="Ferries", mode="reviewed", slow=30))
    room.run(desk.assign(site, MONA, OPEN, MONA.id))
    room.run(desk.hand_over(site, MONA, "Watch the ferry."))
    room.run(desk.save_reply(site, MONA, "Ferry", "Please stay with the ferry."))
    token = room.run(people.enter(site, room.run(people.add_staff(site, "Edgar", "editor"))))
    room.run(people.leave(site, token))
    room.run(people.leave(site, "of nobody"))
    done = room.run(record.recent(site, MONA)).acts
    assert [(one.action, one.detail) for one in reversed(done)] == [
        ("policy_saved", "1"),
        ("story_changed", "title mode=reviewed slow=30"),
        ("story_assigned", OPEN),
        ("handed_over", ""),
        ("reply_kept", ""),
        ("staff_added", "editor"),
        ("staff_linked", ""),
        ("signed_in", ""),
        ("signed_out", ""),
    ]
    assert record.verify(site).broken is None


def test_a_decision_names_the_policy_in_force(room: Newsroom) -> None:
    room.storage.write_now(
        lambda connection: users.add(connection, EDITH, look="edith", honest="edith")
    )
    before = room.say(ADA, "Who pays for it?", story=REVIEWED)
    policy = room.run(policies.current(room.site, EDITH)).policy
    room.run(policies.save(room.site, EDITH, policy, note="", base=0))
    room.undo(room.reject(before))
    after = room.say(BEN, "Nobody does.", story=REVIEWED)
    lines_of = decisions_of.of_comment
    by = [
        [one.policy for one in room.storage.read_now(partial(lines_of, comment=comment.id))]
        for comment in (before, after)
    ]
    assert by == [[0, 1, 1], [1]]
    assert record.verify(room.site).broken is None


def test_many_who_post_at_once_and_one_who_is_refused_leave_a_chain_without_gaps(
    room: Newsroom,
) -> None:
    held = room.say(ADA, "Who pays?", story=REVIEWED)
    judged = [deciding.Judged(comment=held.id, revision=n) for n in (1, 2)]
    works: list[Any] = [room.says(BEN, f"Point {n} of many.") for n in range(20)]
    works.insert(9, deciding.decide(room.site, MONA, judged, "publish"))
    answers = room.together(works)
    assert [one.code for one in answers if isinstance(one, Refused)] == ["outdated"]
    found = record.verify(room.site)
    assert (found.broken, found.lines) == (None, 21)


def test_several_programs_on_one_database_write_one_chain(
    database_url: str, room: Newsroom
) -> None:
    other = Storage(driver_url(database_url))
    here = room.site
    try:
        for turn in range(3):
            room.site = here
            mine = [room.says(ADA, f"Here, {turn}, {n}.") for n in range(8)]
            room.site = type(here)(storage=other, rules=here.rules, checks=(), now=room.clock)
            theirs = [room.says(BEN, f"There, {turn}, {n}.") for n in range(8)]
            assert not [one for one in room.together(mine + theirs) if isinstance(one, Exception)]
    finally:
        room.site = here
        other.close()
    assert record.verify(room.site).broken is None


@pytest.mark.parametrize(
    ("statement", "why", "line"),
    [
        ("UPDATE decisions SET reason = 'mode_open' WHERE action = 'reject'", "changed", 5),
        ("UPDATE decisions SET note = 'Mona was tired.' WHERE note <> ''", "words_changed", 7),
        ("UPDATE revisions SET text = 'All year.' WHERE number = 2", "words_changed", 3),
        ("DELETE FROM decisions WHERE action = 'undo'", "gone", 6),
        ("DELETE FROM record WHERE number = 4", "missing", 4),
        ("UPDATE decisions SET policy = 7 WHERE action = 'undo'", "changed", 6),
        ("UPDATE acts SET action = 'nothing' WHERE action = 'signed_in'", "changed", 12),
        ("UPDATE record SET subject = 999 WHERE number = 2", "gone", 2),
        ("UPDATE record SET salt = NULL WHERE number = 7", "unsalted", 7),
        ("UPDATE comments SET status = 'published' WHERE reason = 'spam'", "status_changed", 7),
        ("UPDATE comments SET text = 'All year.' WHERE revision = 2", "words_changed", 3),
        ("UPDATE comments SET reason = 'hate' WHERE reason = 'spam'", "status_changed", 7),
        (
            "UPDATE comments SET revision = 1, text = 'Only in summer.' WHERE revision = 2",
            "words_changed",
            3,
        ),
    ],
)
def test_what_is_altered_later_is_named_by_its_line(
    room: Newsroom, statement: str, why: str, line: int
) -> None:
    _busy(room)
    assert record.verify(room.site).broken is None
    _tamper(room, statement)
    broken = record.verify(room.site).broken
    assert broken is not None
    assert (broken.why, broken.number) == (why, line)


def test_a_decision_or_comment_put_in_past_the_record_is_found(room: Newsroom) -> None:
    _busy(room)
    names = ", ".join(f'"{column.name}"' for column in comments.columns)
    copied = names.replace('"id"', "id + 1", 1).replace('"idempotency_key"', "NULL")
    about = "text = 'Who pays for it?'"
    _tamper(room, f"INSERT INTO comments ({names}) SELECT {copied} FROM comments WHERE {about}")
    broken = record.verify(room.site).broken
    assert broken is not None
    assert (broken.why, broken.kind) == ("unrecorded", "comment")
    columns = 'comment_id, revision, action, "before", "after", reason, note, created_at'
    _tamper(
        room,
        f"INSERT INTO decisions ({columns}) SELECT {columns} FROM decisions WHERE action = 'undo'",
    )
    broken = record.verify(room.site).broken
    assert broken is not None
    assert broken.why == "not_sealed"


def test_lines_cut_off_at_the_end_show_by_the_anchor_that_was_kept(room: Newsroom) -> None:
    _busy(room)
    anchor = record.verify(room.site).anchor
    assert record.verify(room.site, anchor=anchor).broken is None
    _tamper(room, "DELETE FROM record WHERE kind = 'act' AND number > 10")
    _tamper(room, "DELETE FROM acts WHERE action = 'signed_in' OR action = 'staff_linked'")
    assert record.verify(room.site).broken is None
    broken = record.verify(room.site, anchor=anchor).broken
    assert broken is not None
    assert (broken.why, broken.number) == ("missing", 11)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET reason = 'spam'",
        "DELETE FROM decisions",
        "UPDATE acts SET action = 'nothing'",
        "DELETE FROM acts",
        "UPDATE record SET hash = personal",
        "DELETE FROM record",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_a_line(
    room: Newsroom, statement: str
) -> None:
    _busy(room)
    with room.storage._writer.connect() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            raw.run(connection, statement)
        connection.rollback()
    assert record.verify(room.site).broken is None


def test_what_is_erased_cannot_be_guessed_and_the_chain_still_holds(room: Newsroom) -> None:
    held = room.say(CHIDI, "My number is 555-0100.", story=REVIEWED)
    room.decide(held, "reject", "personal_data", note="A telephone number.")
    room.storage.write_now(lambda connection: stored.forget(connection, held.id))
    _tamper(room, "UPDATE revisions SET text = ''")
    _tamper(room, "UPDATE comments SET text = ''")
    assert record.verify(room.site).broken is None


def test_a_site_that_was_filled_at_once_is_sealed_too(room: Newsroom) -> None:
    room.say(ADA, "I was here before.")
    growing.grow(room.site, growing.shape_of(1, 300, 5, 0.05, 1_777_000_000_000), _quietly)
    room.say(BEN, "And I after it.")
    found = record.verify(room.site)
    assert found.broken is None
    assert found.lines == room.rows(decisions) + room.rows(acts)


def test_readers_do_not_read_the_record(room: Newsroom) -> None:
    assert refusal_of(lambda: room.run(record.recent(room.site, ADA))) == "not_allowed"


def _quietly(done: int, total: int) -> None:
    pass
