"""`belowline flood`: an attack, or a rush, on a throw-away site with a clock that is moved.

Everything runs through the same actions as on a real site: posting with all checks, reporting,
recommending, and the circuit breaker's look every five seconds. Only campaigns are not looked for:
what people say here is put together from the same few clauses. Who comes when, and with what words,
follows from the seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from belowline.actions import breaking, posting, reacting, stories
from belowline.actions.site import Site
from belowline.app import open_site
from belowline.domain import ids
from belowline.domain.comments import Comment, Draft
from belowline.domain.errors import Refused
from belowline.domain.users import User
from belowline.settings import Settings

SCENARIOS = ("raid", "ramp", "spam", "pile-on", "news", "quarrel")
_BEGINNING = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
_STORY = "the-ferry"
_LOOK_EVERY = 5  # seconds
_BEFORE = 30  # minutes of ordinary talk

_INSULTS = (
    "You people are pathetic, {0}.",
    "Shut up, you stupid {1}, nobody wants you here.",
    "Only an idiot could write this, {0}.",
    "Go back to where you came from, {1}.",
    "All of you are liars and {1}s.",
    "What a bunch of morons, {0}. Disgusting.",
    "You should be ashamed, you filthy {1}.",
    "The author is a corrupt piece of garbage, {0}.",
    "Die of shame, you worthless {1}.",
    "Typical stupid {1}s, too dumb to read.",
)
_CALLS = ("all of you", "every one of you", "the whole lot", "you know who", "as always", "again")
_NAMES = ("clown", "parasite", "traitor", "idiot", "rat", "coward", "moron", "pig")
_ADS = (
    "I earn 900 dollars a day from home, look here: https://easy-{0}.example/win",
    "Best pills without prescription at https://pills-{0}.example/now, hurry",
    "My uncle doubled his money with this, ask him at https://coin-{0}.example",
)


_TALK = (
    (
        *("Honestly,", "As a nurse on the ward,", "From the other bank:", "My father says", "So"),
        *("After thirty years here,", "I was on the pier when", "Sorry, but", "Look,", "Well,"),
        *(
            "For once",
            "Speaking as a teacher,",
            "It seems to me that",
            "Last winter",
            "Strange how",
        ),
        *("Nobody mentions that", "What I saw was this:", "Correct me, but"),
    ),
    (
        *("the ferry crew", "our mayor", "the pilot", "that engineer", "the harbour office"),
        *("the insurance", "the night watch", "every fisherman", "the new captain", "the ministry"),
        *("her neighbour", "the owner of the yard", "the rescue boat", "the radio", "the school"),
        *("the union", "my cousin", "the old bridge"),
    ),
    (
        *("stayed calm", "warned of it in March", "had no choice", "came far too late"),
        *("did what could be done", "asked for money twice", "was never told", "lost everything"),
        *("turned back", "took the blame", "saw the smoke first", "went without sleep"),
        *("knew the tide", "was on the phone for hours", "kept the doors open", "paid for it"),
        *("counted the passengers", "refused to sail"),
    ),
    (
        *("because the wind had turned,", "although the lamp was out,", "while we waited,"),
        *("before anybody called,", "as the report will show,", "if I remember rightly,"),
        *("when the engine failed,", "with two children aboard,", "in spite of the orders,"),
        *("since the crew was new,", "until the coastguard came,", "after the second alarm,"),
        *("without a single radio,", "as on every Friday,", "so close to the shore,"),
        *("under that sky,", "with the tanks half empty,", "for the third time,"),
    ),
    (
        *("and I thank them.", "and that is a shame.", "which somebody has to explain."),
        *("and we should remember it.", "so let us wait for the inquiry.", "but who listens?"),
        *("and it could have been worse.", "which costs us all.", "and my hands still shake."),
        *("so spare a thought for them.", "and the photographs prove it.", "as you will see."),
        *("and that was brave.", "but the timetable says otherwise.", "so why the hurry?"),
        *("and nobody was surprised.", "which I did not expect.", "and there will be questions."),
    ),
)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one run came to.

    ``seconds`` from the beginning of the attack to the first tightening, None when there was
    none; ``through`` and ``stopped`` are the attack's comments that were published, and those
    held or refused; ``innocent_stopped`` of ``innocent`` comments of the others, from the attack's
    beginning on; ``steps`` are the modes and pauses in their order.
    """

    scenario: str
    seed: int
    seconds: int | None
    kind: str
    through: int
    stopped: int
    innocent: int
    innocent_stopped: int
    steps: list[str]


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of one scenario: how many were tightened, how slowly at most, and the comments."""

    scenario: str
    runs: int
    tightened: int
    slowest_seconds: int | None
    through: int
    stopped: int
    innocent: int
    innocent_stopped: int


class _Act(msgspec.Struct, frozen=True):
    """At a second: a comment, a report or a recommendation. ``hostile``: part of the attack."""

    second: float
    kind: str
    hostile: bool
    text: str = ""
    newcomer: bool = False


def run(
    scenario: str, seed: int, minutes: int = 10, strength: float = 1.0, talk: float = 4.0
) -> Outcome:
    """One run of half an hour of ordinary talk, then the scenario for ``minutes``.

    ``scenario`` is one of `SCENARIOS`; ``strength`` multiplies how many come, and ``talk``
    is how many comments a minute are usual on the story.
    """
    with tempfile.TemporaryDirectory(prefix="belowline-flood-") as folder:
        return asyncio.run(_Run(scenario, seed, minutes, strength, talk, Path(folder)).run())


def summed(scenario: str, outcomes: Sequence[Outcome]) -> Sums:
    """What many runs came to."""
    seconds = [one.seconds for one in outcomes if one.seconds is not None]
    return Sums(
        scenario=scenario,
        runs=len(outcomes),
        tightened=len(seconds),
        slowest_seconds=max(seconds, default=None),
        through=sum(one.through for one in outcomes),
        stopped=sum(one.stopped for one in outcomes),
        innocent=sum(one.innocent for one in outcomes),
        innocent_stopped=sum(one.innocent_stopped for one in outcomes),
    )


class _Run:
    def __init__(
        self,
        scenario: str,
        seed: int,
        minutes: int,
        strength: float,
        talk: float,
        folder: Path,
    ) -> None:
        self._scenario, self._seed, self._minutes = scenario, seed, minutes
        self._strength, self._usual = strength, talk
        self._chance = random.Random(seed)
        self._now = self._looked = _BEGINNING
        self._steps: list[tuple[datetime, str, str]] = []  # when, how it is then, why
        self._site: Site = msgspec.structs.replace(
            open_site(Settings(mode="open", campaign_days=0), folder), now=lambda: self._now
        )
        self._known = [self._person(_BEGINNING - timedelta(days=30)) for _ in range(25)]
        self._said: list[Comment] = []
        self._keys = 0

    async def run(self) -> Outcome:
        wanted = stories.Wanted(
            key=_STORY, title="", url="", mode="open", language="en", created_at=_BEGINNING
        )
        await stories.publish(self._site, [wanted])
        self._site.judge.prepare()
        through = stopped = innocent = innocent_stopped = 0
        for act in self._acts():
            await self._until(_BEGINNING + timedelta(seconds=act.second))
            published = await self._do(act)
            if published is None or act.second < _BEFORE * 60:
                continue
            if act.hostile:
                through, stopped = through + published, stopped + (not published)
            else:
                innocent, innocent_stopped = innocent + 1, innocent_stopped + (not published)
        steps, seconds, kind = self._steps, None, ""
        if steps:
            seconds = round((steps[0][0] - _BEGINNING).total_seconds()) - _BEFORE * 60
            kind = steps[0][2]
        self._site.storage.close()
        return Outcome(
            scenario=self._scenario,
            seed=self._seed,
            seconds=seconds,
            kind=kind,
            through=through,
            stopped=stopped,
            innocent=innocent,
            innocent_stopped=innocent_stopped,
            steps=[step for _, step, _ in steps],
        )

    # -- the clock -----------------------------------------------------------------------------

    async def _until(self, moment: datetime) -> None:
        """Lets time pass, with the breaker's look every few seconds."""
        while self._looked + timedelta(seconds=_LOOK_EVERY) <= moment:
            self._looked += timedelta(seconds=_LOOK_EVERY)
            self._now = max(self._now, self._looked)
            if await breaking.look(self._site):
                story = await stories.get(self._site, _STORY)
                pause = f" {story.slow} s" if story.slow else ""
                kind = story.tightened.split(" ")[0]
                self._steps.append((self._now, f"{story.mode}{pause}", kind))
        self._now = max(self._now, moment)

    # -- what happens --------------------------------------------------------------------------

    def _acts(self) -> list[_Act]:
        begin, end = _BEFORE * 60, (_BEFORE + self._minutes) * 60
        acts = list(self._talk(0, end, self._usual, newcomers=0.1))
        made = {
            "raid": self._raid,
            "ramp": self._ramp,
            "spam": self._spam,
            "pile-on": self._pile_on,
            "news": self._news,
            "quarrel": self._quarrel,
        }
        acts += made[self._scenario](begin, end)
        return sorted(acts, key=lambda act: act.second)

    def _times(self, begin: float, end: float, a_minute: float) -> Iterator[float]:
        second = begin
        while True:
            second += self._chance.expovariate(a_minute / 60)
            if second >= end:
                return
            yield second

    def _talk(self, begin: float, end: float, a_minute: float, newcomers: float) -> Iterator[_Act]:
        chance = self._chance
        for second in self._times(begin, end, a_minute):
            new = chance.random() < newcomers
            yield _Act(second, "comment", False, self._talks(), new)
            if chance.random() < 0.01:
                yield _Act(second, "report", False, newcomer=new)
            if chance.random() < 0.5:
                yield _Act(second + 1, "recommend", False, newcomer=chance.random() < newcomers)

    def _raid(self, begin: float, end: float) -> Iterator[_Act]:
        for second in self._times(begin, end, 40 * self._strength):
            yield _Act(second, "comment", True, self._insult(), True)

    def _ramp(self, begin: float, end: float) -> Iterator[_Act]:
        """A raid that begins with nothing and grows evenly, so that no minute stands out."""
        for second in self._times(begin, end, 40 * self._strength):
            if self._chance.random() < (second - begin) / (end - begin):
                yield _Act(second, "comment", True, self._insult(), True)

    def _spam(self, begin: float, end: float) -> Iterator[_Act]:
        for second in self._times(begin, end, 30 * self._strength):
            text = self._pick(_ADS).format(self._chance.randrange(3))
            yield _Act(second, "comment", True, text, True)

    def _pile_on(self, begin: float, end: float) -> Iterator[_Act]:
        for second in self._times(begin, end, 20 * self._strength):
            yield _Act(second, "report", True, newcomer=True)
        for second in self._times(begin, end, 8 * self._strength):
            yield _Act(second, "comment", True, self._insult(), True)

    def _news(self, begin: float, end: float) -> Iterator[_Act]:
        """Everybody comes at once, most of them for the first time, and they mean it."""
        return self._talk(begin, end, 80 * self._strength, newcomers=0.7)

    def _quarrel(self, begin: float, end: float) -> Iterator[_Act]:
        """A rush for news that people fight about: every tenth insults, and readers report it."""
        for act in self._news(begin, end):
            if act.kind != "comment" or self._chance.random() >= 0.1:
                yield act
                continue
            yield _Act(act.second, "comment", False, self._insult(), act.newcomer)
            if self._chance.random() < 0.3:
                yield _Act(act.second + 20, "report", False, newcomer=self._chance.random() < 0.5)

    def _talks(self) -> str:
        return " ".join(self._pick(part) for part in _TALK)

    def _insult(self) -> str:
        insult = self._pick(_INSULTS).format(self._pick(_CALLS), self._pick(_NAMES))
        return f"{insult} {self._talks()}"

    def _pick(self, among: tuple[str, ...]) -> str:
        return among[int(self._chance.random() * len(among))]

    # -- doing it ------------------------------------------------------------------------------

    def _person(self, since: datetime) -> User:
        return User(id=ids.new_id(since), name="", role="reader", created_at=since)

    def _somebody(self, act: _Act) -> User:
        if act.newcomer:
            return self._person(self._now - timedelta(seconds=20))
        return self._known[int(self._chance.random() * len(self._known))]

    async def _do(self, act: _Act) -> bool | None:
        """Whether a comment was published; None for what is none."""
        who = self._somebody(act)
        if act.kind == "comment":
            return await self._comment(who, act.text)
        if self._said:
            with contextlib.suppress(Refused):  # one's own, or it is gone
                await (self._report(who) if act.kind == "report" else self._recommend(who))
        return None

    async def _comment(self, who: User, text: str) -> bool:
        self._keys += 1
        draft = Draft(story=_STORY, text=text, key=f"flood-{self._keys}")
        try:
            posted = await posting.post(self._site, who, draft)
        except Refused:
            return False
        if posted.comment.status == "published":
            self._said.append(posted.comment)
        return posted.comment.status == "published"

    async def _report(self, who: User) -> None:
        comment = self._said[-1 - int(self._chance.random() * min(5, len(self._said)))]
        await reacting.report(self._site, who, comment.id, "abuse")

    async def _recommend(self, who: User) -> None:
        comment = self._said[int(self._chance.random() * len(self._said))]
        await reacting.recommend(self._site, who, comment.id, on=True)
