"""Staff who write in the name of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec
import pytest

from belowline.actions import deciding, people, posting, record
from belowline.actions.storing import Posted
from belowline.domain.comments import Comment, Draft
from belowline.domain.rules import Rules
from belowline.domain.users import DESK, User
from belowline.storage import users
from tests.cast import ADA, MONA, OPEN, Newsroom, newsroom_on, refusal_of

RULES = Rules(risk_hold=1, desk_name="The Courier's desk")


@pytest.fixture
def named(database_url: str) -> Iterator[Newsroom]:
    """A newsroom whose desk has a name."""
    with newsroom_on(database_url, rules=RULES) as opened:
        yield opened


def _speak(room: Newsroom, who: User, text: str, key: str = "one") -> Posted:
    draft = Draft(story=OPEN, text=text, key=key, for_desk=True)
    return room.run(posting.post(room.site, who, draft))


def _told(comment: Comment) -> tuple[int, str, str, int | None]:
    return comment.author, comment.author_name, comment.author_role, comment.written_by


def test_mona_writes_in_the_name_of_the_desk_and_the_record_says_that_it_was_she(
    named: Newsroom,
) -> None:
    said = _speak(named, MONA, "Please stay with the ferry.").comment
    assert _told(said) == (DESK, "The Courier's desk", "desk", MONA.id)
    assert _told(named.now(said)) == _told(said)
    assert said.status == "published"
    act = named.run(record.recent(named.site, MONA)).acts[0]
    assert (act.action, act.actor, act.subject) == ("desk_spoke", MONA.id, said.id)
    card = named.run(deciding.card(named.site, MONA, said.id))
    assert card.writer == MONA.name
    again = _speak(named, MONA, "Please stay with the ferry.")
    assert (again.comment.id, again.created) == (said.id, False)


def test_only_mona_may_change_what_she_wrote_for_the_desk(named: Newsroom) -> None:
    edgar = User(id=77, name="Edgar", role="editor", created_at=MONA.created_at)
    said = _speak(named, MONA, "Please stay with the ferry.").comment
    for other in (ADA, edgar):
        assert refusal_of(partial(named.edit, other, said, "Go on.")) == "not_allowed"
        assert refusal_of(partial(named.withdraw, other, said)) == "not_allowed"
    edited = named.edit(MONA, said, "Please stay with the boats.")
    assert _told(edited) == _told(said)
    assert named.withdraw(MONA, edited).status == "withdrawn"


def test_readers_may_not_speak_for_the_desk_nor_call_themselves_so(named: Newsroom) -> None:
    assert refusal_of(lambda: _speak(named, ADA, "We are the desk.")) == "not_allowed"
    taken = lambda: named.run(people.set_name(named.site, ADA, "The C0urier's desk"))  # noqa: E731
    assert refusal_of(taken) in ("name_taken", "name_reserved")
    named.site = msgspec.structs.replace(named.site, rules=Rules())
    assert refusal_of(lambda: _speak(named, MONA, "Who are we?")) == "desk_nameless"


def test_a_new_name_of_the_desk_is_on_what_it_said_before(named: Newsroom) -> None:
    said = _speak(named, MONA, "Please stay with the ferry.").comment
    rules = msgspec.structs.replace(RULES, desk_name="The Harbour's desk")
    named.site = msgspec.structs.replace(named.site, rules=rules)
    _speak(named, MONA, "And be kind.", "two")
    assert named.now(said).author_name == "The Harbour's desk"
    desk = named.storage.read_now(lambda connection: users.get(connection, DESK))
    assert desk is not None
    assert not desk.is_staff
