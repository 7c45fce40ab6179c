"""Who appears in the tests, and the newsroom where they meet: real storage, a clock that is set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, func, select

from belowline.actions import deciding, posting, stories
from belowline.actions.site import Site
from belowline.actions.storing import Posted
from belowline.app import database_url
from belowline.checks import CHECKS, Check
from belowline.domain import names
from belowline.domain.comments import Comment, Draft
from belowline.domain.decisions import Decision, Finding
from belowline.domain.errors import Refused
from belowline.domain.rules import Rules
from belowline.domain.stories import Story, story_id
from belowline.domain.users import User
from belowline.settings import Settings
from belowline.storage import comments as stored_comments
from belowline.storage import schema, users
from belowline.storage.engine import Storage
from belowline.storage.migrate import migrate

T = TypeVar("T")

BEGINNING = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
OPEN, REVIEWED, CLOSED = "the-ferry", "the-budget", "the-old-mill"


def person(number: int, name: str = "", role: str = "reader") -> User:
    """Somebody with a number of their own."""
    return User(id=number, name=name, role=role, created_at=BEGINNING)


ADA, BEN, CHIDI = person(1, "Ada"), person(2, "Ben"), person(3, "Chidi")
MONA = person(9, "Mona", "moderator")


class Clock:
    """Time as the test sets it. Each look moves it on by a millisecond, so that ids are in order.

    With ``standing`` it stays where it is.
    """

    def __init__(self, now: datetime = BEGINNING, *, standing: bool = False) -> None:
        self.now = now
        self._step = timedelta(0) if standing else timedelta(milliseconds=1)

    def __call__(self) -> datetime:
        self.now += self._step
        return self.now

    def forward(self, **by: float) -> None:
        """Lets time pass: ``forward(minutes=16)``."""
        self.now += timedelta(**by)


class Newsroom:
    """A site on a real database, with a story of each mode and everybody known."""

    def __init__(self, storage: Storage, rules: Rules, checks: tuple[Check, ...]) -> None:
        self.clock = Clock()
        self.storage = storage
        self.site = Site(storage=storage, rules=rules, checks=checks, now=self.clock)
        self._keys = 0

    def prepare(self) -> None:
        """The three stories and the four people."""
        self.site.judge.prepare()
        wanted = [self._story(key, mode) for key, mode in _MODES.items()]
        self.run(stories.publish(self.site, wanted))
        self.storage.write_now(_introduce)

    def add_story(self, key: str, mode: str = "open", language: str = "en") -> str:
        """One more story; answers its key."""
        self.run(stories.publish(self.site, [self._story(key, mode, language)]))
        return key

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Waits for ``work`` in an event loop of its own."""
        return asyncio.run(work)

    def refused(self, work: Coroutine[Any, Any, object]) -> str:
        """The code with which ``work`` is refused, "" when it is not."""
        return refusal_of(lambda: self.run(work))

    def together(self, works: Iterable[Awaitable[T]]) -> list[T | BaseException]:
        """Starts all at once and answers what each came to, refusals included."""

        async def gather() -> list[T | BaseException]:
            return await asyncio.gather(*works, return_exceptions=True)

        return asyncio.run(gather())

    # -- what people do ------------------------------------------------------------------------

    async def says(
        self,
        who: User,
        text: str,
        *,
        story: str = OPEN,
        parent: Comment | None = None,
        key: str = "",
    ) -> Posted:
        """``who`` says something; each time anew, unless there is a ``key``."""
        self._keys += 1
        number = None if parent is None else parent.id
        draft = Draft(story=story, text=text, key=key or f"key-{self._keys}", parent=number)
        return await posting.post(self.site, who, draft)

    def say(
        self, who: User, text: str, *, story: str = OPEN, parent: Comment | None = None
    ) -> Comment:
        """`says`, waited for; the comment."""
        return self.run(self.says(who, text, story=story, parent=parent)).comment

    def edit(self, who: User, comment: Comment, text: str, revision: int | None = None) -> Comment:
        """``who`` gives the comment another text."""
        return self.run(posting.edit(self.site, who, comment.id, text, revision))

    def withdraw(self, who: User, comment: Comment) -> Comment:
        """``who`` deletes the comment."""
        return self.run(posting.withdraw(self.site, who, comment.id))

    def decide(self, comment: Comment, decision: str, reason: str = "", **more: Any) -> Decision:
        """Mona publishes or rejects the comment as it is now."""
        judged = deciding.Judged(comment=comment.id, revision=self.now(comment).revision)
        reason = reason or ("spam" if decision == "reject" else "")
        done = self.run(deciding.decide(self.site, MONA, [judged], decision, reason=reason, **more))
        return done[0]

    def publish(self, comment: Comment) -> Decision:
        """Mona approves."""
        return self.decide(comment, "publish")

    def reject(self, comment: Comment, reason: str = "spam") -> Decision:
        """Mona rejects."""
        return self.decide(comment, "reject", reason)

    def undo(self, decision: Decision) -> Decision:
        """Mona takes it back."""
        return self.run(deciding.undo(self.site, MONA, decision.id))

    # -- what is there -------------------------------------------------------------------------

    def now(self, comment: Comment) -> Comment:
        """The comment as it is stored now."""
        found = self.storage.read_now(
            lambda connection: stored_comments.get(connection, comment.id)
        )
        assert found is not None
        return found

    def story(self, key: str = OPEN) -> Story:
        """The story as it is stored now."""
        return self.run(stories.get(self.site, key))

    def count(self, key: str = OPEN) -> int:
        """The story's number of published comments, as it is told to everyone."""
        return self.story(key).count

    def all_comments(self, key: str = OPEN) -> list[Comment]:
        """Everything that was ever written under a story."""
        query = stored_comments.written.where(schema.comments.c.story_id == story_id(key))
        return self.storage.read_now(
            lambda connection: [
                stored_comments.from_row(row)
                for row in connection.execute(query.order_by(schema.comments.c.id))
            ]
        )

    def rows(self, table: Any) -> int:
        """How many rows a table has."""
        query = select(func.count()).select_from(table)
        return self.storage.read_now(lambda connection: int(connection.execute(query).scalar_one()))

    def with_checks(self, *checks: Check) -> None:
        """From now on these checks look at comments."""
        self.site = msgspec.structs.replace(self.site, checks=checks)

    def _story(self, key: str, mode: str, language: str = "en") -> stories.Wanted:
        return stories.Wanted(
            key=key,
            title=key.replace("-", " ").capitalize(),
            url=f"/stories/{key}",
            mode=mode,
            language=language,
            created_at=BEGINNING,
        )


_MODES = {OPEN: "open", REVIEWED: "reviewed", CLOSED: "closed"}


def open_storage(url: str) -> Storage:
    """Storage on the database at ``url``, with this release's schema."""
    storage = Storage(driver_url(url))
    migrate(storage)
    return storage


def lay_schema(path: Path) -> None:
    """Makes a SQLite file with this release's schema and nothing in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_empty_sqlite())


@cache
def _empty_sqlite() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "belowline.sqlite"
        open_storage(f"sqlite:///{path}").close()
        return path.read_bytes()


def driver_url(url: str) -> str:
    """``url`` as the program itself would make it of the setting."""
    return database_url(Settings(database=url), Path())


@contextmanager
def newsroom_on(
    url: str, *, rules: Rules | None = None, checks: tuple[Check, ...] = CHECKS
) -> Iterator[Newsroom]:
    """A newsroom on the database at ``url``, closed at the end."""
    storage = open_storage(url)
    try:
        room = Newsroom(storage, rules or Rules(risk_hold=1), checks)  # only people judge
        room.prepare()
        yield room
    finally:
        storage.close()


def _introduce(connection: Connection) -> None:
    for one in (ADA, BEN, CHIDI, MONA):
        users.add(connection, one, look=names.look(one.name), honest=names.honest(one.name))


def finding_of(weight: str, code: str = "test_code") -> Callable[[Any], list[Finding]]:
    """A check's function that finds the same in everything."""
    found = Finding(check="test", version="1", code=code, weight=weight, sentence="It is a test.")
    return lambda context: [found]


def refusal_of(work: Callable[[], object]) -> str:
    """The code with which ``work`` is refused, "" when it is not."""
    try:
        work()
    except Refused as refused:
        return refused.code
    return ""


def truth(comments: Sequence[Comment]) -> dict[int, tuple[int, bool]]:
    """Id -> (below, shown), counted from the statuses of a whole discussion alone."""
    below = dict.fromkeys((one.id for one in comments), 0)
    parents = {one.id: one.parent for one in comments}
    for one in comments:
        above = one.parent if one.status == "published" else None
        while above is not None:
            below[above] += 1
            above = parents[above]
    return {
        one.id: (below[one.id], one.status == "published" or below[one.id] > 0) for one in comments
    }
