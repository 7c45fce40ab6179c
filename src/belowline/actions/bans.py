"""Authors at the desk: their page, warnings, mutes, bans, notes, and removing what they wrote."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from belowline.actions import deciding
from belowline.actions.deciding import Judged
from belowline.actions.plain import plain
from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.actions.statements import explain_ban, linked
from belowline.domain.bans import LONGEST_MUTE, MEASURES, Ban
from belowline.domain.comments import Comment
from belowline.domain.decisions import REASONS, Decision, Finding
from belowline.domain.desk import Background
from belowline.domain.errors import Refused
from belowline.domain.record import Act
from belowline.domain.sites import Publication
from belowline.domain.stories import Story
from belowline.domain.users import CONFINED, Thing, User, demand, may
from belowline.storage import bans, comments, decisions, record, sites, stories, users
from belowline.storage.engine import Connection

_LONGEST_NOTE = 2_000
_PER_PAGE = 30
MOST_AT_ONCE = 2_000
_WARNED_FOR = timedelta(days=30)
"""For so long the page tells somebody of a warning."""

_ACT = {"warning": "warned", "mute": "muted", "ban": "banned"}


class AuthorPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the desk knows of somebody. ``next`` goes on among the comments, 0 ends.

    ``findings`` and ``histories`` are by comment. ``sites`` are those where whoever looks may
    decide about them, where there are several.
    """

    user: User
    record: dict[str, int]
    comments: list[Comment]
    findings: dict[int, list[Finding]]
    next: int
    stories: dict[int, Story]
    histories: dict[int, list[Decision]]
    names: list[tuple[str, datetime]]
    notes: list[tuple[str, str, datetime]]
    measures: list[Ban]
    acts: list[Act]
    sites: list[Publication]
    neighbours: list[tuple[int, str]]
    reports_made: int
    reports_upheld: int
    known: Background

    @property
    def undone(self) -> set[int]:
        """The acts of removing everything that were taken back."""
        back = (one.detail.split()[0] for one in self.acts if one.action == "restored_all")
        return {int(number) for number in back}


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes and bans that stand, each with the name of whom it meets. ``next`` goes on, 0 ends.

    ``sites`` are those that whoever looks works for, where there are several, ``site`` is the one
    whose are shown: those that hold there, which are those of all sites too.
    """

    measures: list[tuple[Ban, str]]
    next: int
    sites: list[Publication]
    site: Publication | None


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """How many comments were removed or brought back, and how many could not be.

    ``act`` is the line of the record by which all of it is undone.
    """

    done: int
    left: int
    act: int


async def author(site: Site, by: User, user: int, before: int = 0) -> AuthorPage:
    """An author's page. Raises Refused: not_allowed, user_unknown.

    Whoever works for some sites sees the comments there, and neither what colleagues have noted nor
    done, nor who writes from the same addresses.
    """
    demand(by, "moderate", CONFINED)

    def read(connection: Connection) -> AuthorPage:
        found = _user(connection, user)
        written = bans.written_by(
            connection, user, before=before, limit=_PER_PAGE + 1, within=by.sites
        )
        sees_all = may(by, "oversee", Thing())
        page = written[:_PER_PAGE]
        made, upheld = bans.reports_by(connection, user)
        publications = sites.everyone(connection)
        ones = [one for one in publications if may(by, "moderate", Thing(site=one.id))]
        return AuthorPage(
            user=found,
            record=users.record(connection, user),
            comments=page,
            findings=comments.findings_of(connection, [one.id for one in page]) if page else {},
            next=page[-1].id if len(written) > _PER_PAGE else 0,
            stories=stories.many(connection, {one.story for one in page}),
            histories=decisions.of_comments(connection, [one.id for one in page]) if page else {},
            names=bans.former_names_of(connection, user),
            notes=bans.notes_of(connection, user) if sees_all else [],
            measures=[
                one if _is_ones(by, one) else msgspec.structs.replace(one, note="")
                for one in bans.placed(connection, bans.of_user(connection, user))
            ],
            acts=record.latest_acts(connection, _PER_PAGE, user) if sees_all else [],
            sites=ones if len(publications) > 1 else [],
            neighbours=bans.neighbours(connection, user, 20) if sees_all else [],
            reports_made=made,
            reports_upheld=upheld,
            known=deciding.backgrounds(connection, site, [user])[user],
        )

    return await site.storage.read(read)


async def impose(
    site: Site,
    by: User,
    user: int,
    kind: str,
    *,
    reason: str,
    hours: int | None = None,
    note_: str = "",
    by_address: bool = False,
    of: str = "",
) -> Ban:
    """Warns, mutes or bans an author; ``hours`` is None for a ban without an end, ``of`` the key
    of the site where it holds, "" for all of them.

    Raises Refused: not_allowed, user_unknown, reason_unknown, measure_unknown, measure_length,
    note_too_long, site_unknown.
    """
    _check(kind, reason, hours, note_)
    now = site.now()
    until = None if hours is None or kind == "warning" else now + timedelta(hours=hours)

    def write(connection: Connection) -> Ban:
        about = _user(connection, user)
        length = None if until is None else until - now
        there = _site_named(connection, of)
        demand(by, kind, Thing(user=about, length=length, site=there))
        made = Ban(
            user=user,
            kind=kind,
            reason=reason,
            note=plain(note_),
            until=until,
            by_address=by_address and kind == "ban",
            actor=by.id,
            actor_name=by.name,
            created_at=now,
            site=there,
        )
        made = msgspec.structs.replace(made, id=bans.add(connection, made))
        explain_ban(connection, made, now)
        detail = f"{reason} {until.isoformat() if until else 'no end'}"
        detail += f" site={of}" if of else ""
        note(connection, by, _ACT[kind], now, subject=user, detail=detail, note=plain(note_))
        return bans.placed(connection, [made])[0]

    return await site.storage.write(write)


async def lift(site: Site, by: User, ban: int) -> Ban:
    """Ends a measure. Raises Refused: not_allowed, measure_unknown, already_decided."""
    demand(by, "moderate", CONFINED)

    def write(connection: Connection) -> Ban:
        found = bans.get(connection, ban)
        if found is None:
            raise Refused("measure_unknown")
        length = None if found.until is None else found.until - found.created_at
        about = _user(connection, found.user)
        demand(by, found.kind, Thing(user=about, length=length, site=found.site))
        now = site.now()
        if not bans.lift(connection, ban, now):
            raise Refused("already_decided")
        note(connection, by, "lifted", now, subject=found.user, detail=f"{found.kind} {ban}")
        return bans.placed(connection, [msgspec.structs.replace(found, lifted_at=now)])[0]

    return await site.storage.write(write)


async def in_force(site: Site, by: User, of: str = "", before: int = 0) -> InForce:
    """What stands against people, the newest first; ``of`` is the key of a site where it holds.

    Whoever works for some sites sees what holds there, without the notes of colleagues about what
    holds on all. Raises Refused: not_allowed, site_unknown.
    """
    demand(by, "moderate", CONFINED)

    def read(connection: Connection) -> InForce:
        publications = sites.everyone(connection)
        ones = [one for one in publications if may(by, "moderate", Thing(site=one.id))]
        there = _site_named(connection, of)
        if there:
            demand(by, "moderate", Thing(site=there))
        found = bans.in_force(
            connection,
            site.now(),
            before=before,
            limit=_PER_PAGE + 1,
            within={there} if there else by.sites,
        )
        page = found[:_PER_PAGE]
        return InForce(
            measures=[
                (one if _is_ones(by, one) else msgspec.structs.replace(one, note=""), name)
                for one, name in page
            ],
            next=page[-1][0].id if len(found) > _PER_PAGE else 0,
            sites=ones if len(publications) > 1 else [],
            site=next((one for one in ones if one.id == there), None),
        )

    return await site.storage.read(read)


async def undoable(site: Site, by: User) -> list[tuple[Ban, str]]:
    """What ``by`` has imposed in the last ten minutes and can take back, with whom it meets by
    name, the newest first. Raises Refused: not_allowed.
    """
    demand(by, "moderate", CONFINED)
    since = site.now() - deciding.UNDO_FOR
    return await site.storage.read(lambda connection: bans.lately(connection, by.id, since))


async def add_note(site: Site, by: User, user: int, text: str) -> None:
    """Notes something about an author, for staff only.

    Raises Refused: not_allowed, user_unknown, text_empty, note_too_long.
    """
    demand(by, "oversee", Thing())
    said = plain(text).strip()
    if not said:
        raise Refused("text_empty", field="note")
    if len(said) > _LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)

    def write(connection: Connection) -> None:
        _user(connection, user)
        now = site.now()
        bans.add_note(connection, user, by.id, said, now)
        note(connection, by, "noted", now, subject=user)

    await site.storage.write(write)


async def count_removable(site: Site, by: User, user: int, since: datetime) -> int:
    """How many comments `remove_all` would take away. Raises Refused: not_allowed."""
    demand(by, "remove_all", CONFINED)
    return await site.storage.read(
        lambda connection: len(bans.removable(connection, user, since, MOST_AT_ONCE, by.sites))
    )


async def remove_all(
    site: Site, by: User, user: int, since: datetime, *, expected: int, reason: str, note_: str = ""
) -> Removed:
    """Rejects everything by an author that was written since, each with its line in the record.

    ``expected`` is the number that was shown. Raises Refused: not_allowed, user_unknown,
    reason_unknown, note_too_long, and outdated when it is another number by now.
    """
    _check("ban", reason, None, note_)

    def write(connection: Connection) -> Removed:
        about = _user(connection, user)
        demand(by, "remove_all", Thing(user=about, confined=True))
        found = bans.removable(connection, user, since, MOST_AT_ONCE, by.sites)
        if len(found) != expected:
            raise Refused("outdated")
        now = site.now()
        for one in sorted(found, key=lambda comment: comment.id):
            judged = Judged(comment=one.id, revision=one.revision)
            deciding.decide_one(connection, site, by, judged, "reject", reason, plain(note_), now)
        act = note(
            connection, by, "removed_all", now, subject=user, detail=f"{reason} {len(found)}"
        )
        return Removed(done=len(found), left=0, act=act)

    return await site.storage.write(write)


async def restore_all(site: Site, by: User, act: int) -> Removed:
    """Takes a `remove_all` back, except for what was decided otherwise since.

    Raises Refused: not_allowed, decision_unknown, already_decided.
    """
    demand(by, "moderate", CONFINED)

    def write(connection: Connection) -> Removed:
        done = record.get_act(connection, act)
        if done is None or done.action != "removed_all" or done.subject is None:
            raise Refused("decision_unknown")
        about = _user(connection, done.subject)
        demand(by, "remove_all", Thing(user=about, confined=True))  # `undo_one` names each site
        actor = done.actor or 0
        now = site.now()
        back = left = 0
        for number in bans.removed_at(connection, done.subject, actor, done.created_at):
            try:
                deciding.undo_one(connection, site, by, number, now)
                back += 1
            except Refused:
                left += 1
        if not back:
            raise Refused("already_decided")
        number = note(
            connection, by, "restored_all", now, subject=done.subject, detail=f"{act} {back}"
        )
        return Removed(done=back, left=left, act=number)

    return await site.storage.write(write)


async def standing(site: Site, user: User) -> list[Ban]:
    """What stands against the user themselves: a ban or mute, and the warnings of 30 days."""

    return await site.storage.read(lambda connection: against(connection, site, user))


def against(connection: Connection, site: Site, user: User, there: int | None = None) -> list[Ban]:
    """What stands against somebody and what they were warned of, each with its statement; on one
    of several sites if that is said."""
    if user.is_staff:
        return []
    now = site.now()
    found = bans.against(connection, user.id, user.address, now, now - _WARNED_FOR, there)
    return [linked(connection, site, one) for one in bans.placed(connection, found)]


def meeting(connection: Connection, site: Site, user: User, there: int = 0) -> User:
    """``user`` with the measure that stops them now, on one of several sites; on 0 by what holds on
    all.
    """
    if user.is_staff:
        return user
    met = bans.standing(connection, {user.id: user.address}, site.now())
    found = met.at(user.id, there)
    if found is None:
        return user
    return msgspec.structs.replace(user, ban=linked(connection, site, found))


def _check(kind: str, reason: str, hours: int | None, note_: str) -> None:
    if kind not in MEASURES:
        raise Refused("measure_unknown", field="kind")
    if reason not in REASONS:
        raise Refused("reason_unknown", field="reason")
    if len(note_) > _LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=_LONGEST_NOTE)
    longest = LONGEST_MUTE if kind == "mute" else timedelta(days=3650)
    if hours is not None and not timedelta(0) < timedelta(hours=min(hours, 10**6)) <= longest:
        raise Refused("measure_length", field="hours")
    if kind == "mute" and hours is None:
        raise Refused("measure_length", field="hours")


def _is_ones(by: User, ban: Ban) -> bool:
    return may(by, "moderate", Thing(site=ban.site))


def _site_named(connection: Connection, key: str) -> int:
    found = sites.by_key(connection, key) if key else None
    if key and found is None:
        raise Refused("site_unknown", field="site")
    return found.id if found else 0


def _user(connection: Connection, user: int) -> User:
    found = users.get(connection, user)
    if found is None:
        raise Refused("user_unknown")
    return found
