"""Bringing in what another system's file holds. Safe to repeat and to resume: what is here stays.

Comments are stored in groups, each in one transaction, so an import that was cut off goes on
where it ended when it is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from belowline.actions.site import Site
from belowline.actions.storing import in_tongue, place
from belowline.domain import names
from belowline.domain.comments import Comment
from belowline.domain.decisions import decided
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ids import id_at
from belowline.domain.stories import story_id, web_address
from belowline.domain.users import User
from belowline.importers import (
    ImportedComment,
    ImportedStory,
    Record,
    Skipped,
    Summary,
    Warned,
)
from belowline.importers.records import Number
from belowline.storage import comments, decisions, sites, stories, streams, users
from belowline.storage.engine import Connection

_GROUP = 500
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class ImportReport(msgspec.Struct, kw_only=True):
    """What an import did. ``read`` is the file in numbers, before anything was changed about it;
    ``already`` counts comments that an earlier run had brought.
    """

    system: str
    read: dict[str, Number] = {}
    stories: int = 0
    users: int = 0
    comments: int = 0
    already: int = 0
    skipped: list[Skipped] = []
    warnings: list[Warned] = []


async def bring_in(
    site: Site,
    system: str,
    records: Iterable[Record],
    progress: Callable[[int], None],
    *,
    of: str = "",
) -> ImportReport:
    """Stores ``records`` and answers what became of them.

    ``progress`` is told how many comments have been dealt with. New stories are those of the site
    of the key ``of``, without one as `domain.sites.site_of` says. Raises what reading them raises,
    and Refused("site_unknown").
    """
    belongs = None
    if of:
        named = await site.storage.read(lambda connection: sites.by_key(connection, of))
        if named is None:
            raise Refused("site_unknown", field="site")
        belongs = named.id
    run = _Run(site, system, belongs)
    group: list[ImportedComment] = []
    for record in records:
        if isinstance(record, ImportedComment):
            group.append(record)
            if len(group) == _GROUP:
                await run.store(group)
                progress(len(group))
                group = []
        else:
            await run.note(record)
    await run.store(group)
    progress(len(group))
    await run.finish()
    return run.report


class _Run:
    """One import under way."""

    def __init__(self, site: Site, system: str, of: int | None) -> None:
        self.report = ImportReport(system=system)
        self._of = of
        self._site = site
        self._system = system
        self._waiting: list[ImportedComment] = []  # their parents come later in the file
        self._touched: set[str] = set()

    async def note(self, record: Record) -> None:
        """Everything that is not a comment."""
        if isinstance(record, Summary):
            self.report.read = record.numbers()
        elif isinstance(record, Warned):
            self.report.warnings.append(record)
        elif isinstance(record, Skipped):
            self.report.skipped.append(record)
        elif isinstance(record, ImportedStory):
            story = record
            self.report.stories += await self._site.storage.write(
                lambda connection: _add_story(connection, self._site, story, self._of)
            )

    async def store(self, group: list[ImportedComment]) -> None:
        """Stores those whose parents are here and keeps the others waiting."""
        if not group:
            return
        waiting = await self._site.storage.write(lambda connection: self._store(connection, group))
        self._waiting.extend(waiting)

    async def finish(self) -> None:
        """Stores those that waited, and tells open pages to load anew."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for start in range(0, len(waiting), _GROUP):
                await self.store(waiting[start : start + _GROUP])
            if len(self._waiting) == len(waiting):
                self._skip_orphans()
        if self._touched:
            await self._site.storage.write(self._tell)

    def _skip_orphans(self) -> None:
        for one in self._waiting:
            sentence = "The comment that it answers did not come in."
            self.report.skipped.append(
                Skipped(
                    place=one.place,
                    what="comment",
                    key=one.key,
                    reason="parent_missing",
                    sentence=sentence,
                )
            )
        self._waiting = []

    def _store(self, connection: Connection, group: list[ImportedComment]) -> list[ImportedComment]:
        wanted = {self._key(one.key) for one in group}
        wanted |= {self._key(one.parent_key) for one in group if one.parent_key}
        here = comments.by_import_key(connection, wanted)
        known = users.by_import_key(connection, {self._key(one.author.key) for one in group})
        waiting, created, already, people = [], 0, 0, 0
        for one in group:
            if self._key(one.key) in here:
                already += 1
            elif one.parent_key and self._key(one.parent_key) not in here:
                waiting.append(one)
            else:
                people += self._ensure_author(connection, one, known)
                here[self._key(one.key)] = self._add(connection, one, here, known)
                created += 1
                self._touched.add(one.story_key)
        # The group may run twice (see storage.engine), so counts move only when it ends.
        self.report.comments += created
        self.report.already += already
        self.report.users += people
        return waiting

    def _ensure_author(
        self, connection: Connection, one: ImportedComment, known: dict[str, int]
    ) -> int:
        key = self._key(one.author.key)
        if key in known:
            return 0
        name = one.author.name
        look, honest = (names.look(name), names.honest(name)) if name else ("", "")
        user = User(
            id=story_id(f"imported user {key}"),
            name=name,
            role="reader",
            created_at=max(one.created_at, _EARLIEST),
        )
        users.add(connection, user, look=look, honest=honest, import_key=key)
        known[key] = user.id
        return 1

    def _add(
        self,
        connection: Connection,
        one: ImportedComment,
        here: dict[str, int],
        known: dict[str, int],
    ) -> int:
        created = max(one.created_at, _EARLIEST)
        number = comments.free_ids(connection, id_at(created, story_id(self._key(one.key))))
        author = User(
            id=known[self._key(one.author.key)],
            name=one.author.name,
            role="reader",
            created_at=created,
        )
        parent = None
        if one.parent_key:
            parent = comments.get(connection, here[self._key(one.parent_key)])
        story = story_id(one.story_key)
        comment = place(number, author, story, parent, one.text, one.status, created)
        comment = msgspec.structs.replace(
            in_tongue(comment, ""),
            reason=one.reason,
            edited_at=one.edited_at,
            recommendations=one.recommendations,
        )
        comments.add(connection, comment, import_key=self._key(one.key))
        _record(connection, comment, self._site.now())
        return number

    def _tell(self, connection: Connection) -> None:
        now = self._site.now()
        for key in sorted(self._touched):
            streams.append(connection, story_stream(story_id(key)), "seeded", now=now)
        streams.append(connection, DESK_STREAM, "seeded", now=now)

    def _key(self, key: str) -> str:
        return f"{self._system}:{key}"


def _add_story(connection: Connection, site: Site, story: ImportedStory, of: int | None) -> bool:
    if stories.by_key(connection, story.key) is not None:
        return False
    url = _address(story.url)
    policy = site.in_force.now(connection, site.rules).policy
    if policy.own:
        policy = policy.at(of or stories.site_for(connection, story.key, url))
    stories.add(
        connection,
        story=story_id(story.key),
        key=story.key,
        title=story.title,
        url=url,
        mode="closed" if story.closed else policy.mode,
        language="",
        created_at=story.created_at or site.now(),
        site=of,
    )
    return True


def _address(url: str) -> str:
    try:
        return web_address(url)
    except Refused:
        return ""


def _record(connection: Connection, comment: Comment, now: datetime) -> None:
    reason = comment.reason or "imported"
    line = decided(comment, "import", before="", after=comment.status, reason=reason, now=now)
    decisions.add(connection, line)
