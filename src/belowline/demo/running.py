"""Making the demonstration: a throw-away site, its readers, and what they go on saying."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from belowline.actions import posting, seeding
from belowline.actions.site import Site
from belowline.checks import run as run_checks
from belowline.checks.context import CheckContext
from belowline.demo import DemoComment, load_chatter, load_discussions, write_stories
from belowline.domain import ids
from belowline.domain.comments import Draft
from belowline.domain.errors import Refused
from belowline.domain.stories import story_id
from belowline.domain.users import User
from belowline.live.presence import Presence

_TYPING_FOR = 5.0
_CHATTER_EVERY = (15.0, 35.0)

MODERATOR = "Mona Reyes"
PUBLISHER = "Petra Lund"
LEAD_STORY = "the-bridge-at-tavrin"

Numbers = dict[tuple[str, str], int]
"""(story, local id) -> the id of a planted comment."""


def prepare(folder: Path, now: datetime) -> None:
    """Writes the demonstration's stories into a new site's folder."""
    write_stories(folder / "stories", now)


async def plant(site: Site, moderator: User) -> Numbers:
    """Fills the discussions, as they would have grown up to now."""
    now = site.now()
    numbers: Numbers = {}
    for story, found in load_discussions().items():
        seeds = _seeds(site, story, found, now, moderator)
        await seeding.plant(site, seeds, moderator)
        numbers |= {(story, one.id): seed.id for one, seed in zip(found, seeds, strict=True)}
    return numbers


def person(name: str | None, role: str, key: str, now: datetime) -> User:
    """A reader of the demonstration: the same name is the same user; no name is a new guest."""
    number = story_id(f"demo user {name or key}")
    return User(id=number, name=name or "", role=role, created_at=now)


def _seeds(
    site: Site, story: str, found: Sequence[DemoComment], now: datetime, moderator: User
) -> list[seeding.Seed]:
    numbers: dict[str, int] = {}
    seeds = []
    for one in found:
        created = now - timedelta(minutes=one.age)
        number = seeding.seed_id(created, f"{story} {one.id}")
        numbers[one.id] = number
        is_staff = one.role != "reader"
        author = (
            moderator
            if one.role == "moderator" and one.author == moderator.name
            else person(one.author, one.role, f"{story} {one.id}", created)
        )
        context = CheckContext(
            text=one.text,
            published=0,
            rejected=0,
            recent_texts=(),
            mode="reviewed",
            language=one.language,
            is_staff=is_staff,
            is_edit=False,
            banned_words=site.rules.banned_words,
            suspect_words=site.rules.suspect_words,
            max_links=site.rules.max_links,
            judge=site.judge,
        )
        findings = tuple(run_checks(site.checks, context)) if one.status == "held" else ()
        change = created + timedelta(minutes=min(4.0, one.age / 2))
        was = one.edited_from or (one.text.rsplit(" ", 1)[0] if one.edited else "")
        seeds.append(
            seeding.Seed(
                id=number,
                story=story,
                parent=numbers[one.parent] if one.parent else None,
                author=author,
                text=one.text,
                created_at=created,
                edited_from=was,
                edited_at=change if was else None,
                status=one.status,
                reason=one.reason,
                recommendations=one.recommendations,
                findings=findings,
                reports=_reports(one, number, now),
                formerly=one.formerly,
            )
        )
    return seeds


def _reports(one: DemoComment, number: int, now: datetime) -> tuple[seeding.SeedReport, ...]:
    """Each by a guest of its own, after a third of the comment's age."""
    reported = now - timedelta(minutes=one.age * 2 / 3)
    return tuple(
        seeding.SeedReport(
            by=person(None, "reader", f"report {number} {place}", reported),
            reason=said.reason,
            note=said.note,
            created_at=reported,
        )
        for place, said in enumerate(one.reports)
    )


async def chatter(site: Site, presence: Presence, numbers: Numbers) -> None:
    """Goes on saying things, one every half minute or so, with typing before each."""
    chance = random.Random(zlib.crc32(b"chatter"))
    for turn in load_chatter():
        await asyncio.sleep(chance.uniform(*_CHATTER_EVERY))
        parent = numbers.get((turn.story, turn.parent or ""))
        stream = f"story:{story_id(turn.story)}"
        shown = ids.encode(parent) if parent else None
        presence.types(stream, "chatter", shown, stopped=False)
        await asyncio.sleep(_TYPING_FOR)
        presence.types(stream, "chatter", shown, stopped=True)
        now = site.now()
        author = person(turn.author, "reader", turn.text, now)
        draft = Draft(story=turn.story, text=turn.text, key=turn.text[:80], parent=parent)
        try:
            await posting.post(site, author, draft)
        except Refused:
            continue  # a visitor may have closed the story or removed the comment
