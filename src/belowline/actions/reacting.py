"""What readers do with others' comments: recommend and report them."""

from __future__ import annotations

from belowline.actions.bans import meeting
from belowline.actions.plain import plain
from belowline.actions.site import Site
from belowline.domain.breaker import NEWCOMER
from belowline.domain.comments import Comment
from belowline.domain.decisions import REPORT_REASONS, Report
from belowline.domain.errors import Refused
from belowline.domain.events import DESK_STREAM
from belowline.domain.users import Thing, User, demand
from belowline.storage import comments, decisions, stories, streams, users
from belowline.storage.engine import Connection

LONGEST_NOTE = 1_000


async def recommend(site: Site, user: User, comment: int, *, on: bool) -> Comment:
    """Adds or takes back one's recommendation, and tells; a second time changes nothing.

    Answers the comment with its new number. Raises Refused: comment_unknown, not_published,
    own_comment.
    """

    def write(connection: Connection) -> Comment:
        _demand_published(connection, site, user, "recommend", comment)
        users.ensure(connection, user)
        if on:
            waits = _is_quarantined(connection, site, user, comment)
            comments.recommend(connection, comment, user.id, site.now(), quarantined=waits)
        else:
            comments.unrecommend(connection, comment, user.id)
        found = _found(connection, comment)
        streams.tally(connection, found.story, comment, found.recommendations)
        return found

    return await site.storage.write(write)


async def report(site: Site, user: User, comment: int, reason: str, note: str = "") -> None:
    """Tells the desk about a comment; a second report by the same reader changes nothing.

    Raises Refused: reason_unknown, note_too_long, comment_unknown, not_published, own_comment.
    """
    if reason not in REPORT_REASONS:
        raise Refused("reason_unknown", field="reason")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long", field="note", limit=LONGEST_NOTE)

    def write(connection: Connection) -> None:
        found = _demand_published(connection, site, user, "report", comment)
        users.ensure(connection, user)
        now = site.now()
        said = Report(
            comment=comment, reporter=user.id, reason=reason, note=plain(note), created_at=now
        )
        if decisions.report(connection, said):
            comments.rank(connection, [comment], site.readers(found.story))
            streams.append(connection, DESK_STREAM, "card", subject=comment, now=now)

    await site.storage.write(write)


def _is_quarantined(connection: Connection, site: Site, user: User, comment: int) -> bool:
    """Whether a newcomer recommends something where the circuit breaker has tightened."""
    story = stories.get(connection, _found(connection, comment).story)
    return bool(story and story.tightened) and site.now() - user.created_at < NEWCOMER


def _demand_published(
    connection: Connection, site: Site, user: User, action: str, comment: int
) -> Comment:
    found = _found(connection, comment)
    user = meeting(connection, site, user, found.site)
    # What a reader cannot see is not there for them: no answer may tell a held comment from none.
    if found.status != "published" and found.author != user.id:
        raise Refused("comment_unknown")
    demand(user, action, Thing(comment=found))
    return found


def _found(connection: Connection, comment: int) -> Comment:
    found = comments.get(connection, comment)
    if found is None:
        raise Refused("comment_unknown")
    return found
