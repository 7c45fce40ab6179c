"""What is counted equals what is there, whatever people did and in whatever order."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from belowline.actions import deciding, reacting
from belowline.domain.comments import Comment
from belowline.domain.errors import Refused
from belowline.domain.users import User
from belowline.storage import schema
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, person, truth

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["say", "say", "reply", "reply", "publish", "reject", "undo", "withdraw", "edit"]
        ),
        st.integers(0, 1_000),
        st.integers(0, 2),
    ),
    min_size=5,
    max_size=30,
)
PEOPLE = (ADA, BEN, CHIDI, MONA)


class _Discussion:
    """Does random things in a story of its own; what is refused does not happen."""

    def __init__(self, room: Newsroom, key: str, mode: str) -> None:
        self.room = room
        self.key = room.add_story(key, mode)
        self.written: list[Comment] = []
        self.decided: list[int] = []

    def step(self, what: str, which: int, who: int) -> None:
        """One thing that somebody does."""
        acts: dict[str, Callable[[int, int], None]] = {
            "say": self._say,
            "reply": self._reply,
            "publish": self._decide("publish"),
            "reject": self._decide("reject"),
            "undo": self._undo,
            "withdraw": self._withdraw,
            "edit": self._edit,
        }
        try:
            acts[what](which, who)
        except Refused:
            return

    def _say(self, which: int, who: int) -> None:
        words = f"Point {len(self.written)}: {which}."
        self.written.append(self.room.say(PEOPLE[who], words, story=self.key))

    def _reply(self, which: int, who: int) -> None:
        parent = self._any(which)
        if parent is not None:
            words = f"Answer {len(self.written)}: {which}."
            reply = self.room.say(PEOPLE[who], words, story=self.key, parent=parent)
            self.written.append(reply)

    def _decide(self, decision: str) -> Callable[[int, int], None]:
        def act(which: int, who: int) -> None:
            comment = self._any(which)
            if comment is not None:
                self.decided.append(self.room.decide(comment, decision).id)

        return act

    def _undo(self, which: int, who: int) -> None:
        if self.decided:
            number = self.decided[which % len(self.decided)]
            self.decided.append(self.room.run(deciding.undo(self.room.site, MONA, number)).id)

    def _withdraw(self, which: int, who: int) -> None:
        comment = self._any(which)
        if comment is not None:
            self.room.withdraw(self._author(comment), comment)

    def _edit(self, which: int, who: int) -> None:
        comment = self._any(which)
        if comment is not None:
            self.room.edit(self._author(comment), comment, f"On second thoughts: {which}, {who}.")

    def _any(self, which: int) -> Comment | None:
        return self.written[which % len(self.written)] if self.written else None

    def _author(self, comment: Comment) -> User:
        return next(one for one in PEOPLE if one.id == comment.author)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, mode=st.sampled_from(["open", "reviewed"]))
def test_every_count_equals_what_is_there_after_anything_people_do(
    room: Newsroom, steps: list[Step], mode: str
) -> None:
    discussion = _Discussion(room, f"story-{room.rows(schema.stories)}", mode)
    for what, which, who in steps:
        discussion.step(what, which, who)
        _demand_truth(room, discussion.key)


def _demand_truth(room: Newsroom, key: str) -> None:
    everything = room.all_comments(key)
    expected = truth(everything)
    found = room.storage.read_now(
        lambda connection: {
            row.id: (row.below, row.shown)
            for row in connection.execute(
                select(schema.comments.c.id, schema.comments.c.below, schema.comments.c.shown)
            )
            if row.id in expected
        }
    )
    assert found == expected
    assert room.count(key) == sum(one.status == "published" for one in everything)
    assert all(below >= 0 for below, _ in found.values())


def test_a_held_comment_is_not_counted(room: Newsroom) -> None:
    held = room.say(ADA, "Who pays for the new roof?", story=REVIEWED)
    assert (held.status, room.count(REVIEWED)) == ("held", 0)
    room.publish(held)
    assert room.count(REVIEWED) == 1
    room.reject(held)
    assert room.count(REVIEWED) == 0


def test_a_reply_counts_for_everyone_above_it(room: Newsroom) -> None:
    first = room.say(ADA, "The ferry was late again.")
    second = room.say(BEN, "By how much?", parent=first)
    third = room.say(CHIDI, "An hour.", parent=second)
    assert [room.now(one).below for one in (first, second, third)] == [2, 1, 0]
    room.withdraw(CHIDI, third)
    assert [room.now(one).below for one in (first, second, third)] == [1, 0, 0]


def test_deleting_twice_takes_away_once(room: Newsroom) -> None:
    comment = room.say(ADA, "I take this back.")
    room.withdraw(ADA, comment)
    room.withdraw(ADA, comment)
    assert room.count() == 0


def test_approving_twice_adds_once(room: Newsroom) -> None:
    comment = room.say(ADA, "Please look at the figures.", story=REVIEWED)
    room.publish(comment)
    room.publish(comment)
    assert room.count(REVIEWED) == 1


def test_a_recommendation_counts_once_a_user_and_can_be_taken_back(room: Newsroom) -> None:
    comment = room.say(ADA, "The harbour master was right.")

    def number(who: User, *, on: bool) -> int:
        return room.run(reacting.recommend(room.site, who, comment.id, on=on)).recommendations

    assert [number(BEN, on=True), number(BEN, on=True), number(CHIDI, on=True)] == [1, 1, 2]
    assert [number(BEN, on=False), number(BEN, on=False), number(CHIDI, on=False)] == [1, 1, 0]


def test_many_recommendations_at_once_are_all_counted(room: Newsroom) -> None:
    comment = room.say(ADA, "The fare has doubled.")
    readers = [person(100 + number) for number in range(20)]
    room.together(
        reacting.recommend(room.site, reader, comment.id, on=True)
        for reader in [*readers, *readers]
    )
    assert room.now(comment).recommendations == 20


def test_many_comments_at_once_are_all_counted(room: Newsroom) -> None:
    first = room.say(ADA, "What do you all say?")
    room.together(room.says(BEN, f"Answer {number}", parent=first) for number in range(40))
    assert room.count(OPEN) == 41
    assert room.now(first).below == 40
    _demand_truth(room, OPEN)
