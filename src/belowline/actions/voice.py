"""Writing in the name of the desk: one name for all of the staff, and a record of who it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from belowline.actions.record import note
from belowline.actions.site import Site
from belowline.domain import ids, names
from belowline.domain.comments import Comment, Draft
from belowline.domain.errors import Refused
from belowline.domain.events import story_stream
from belowline.domain.users import DESK, Thing, User, demand
from belowline.storage import streams, users
from belowline.storage.engine import Connection


def demand_voice(site: Site, author: User, draft: Draft) -> None:
    """Raises Refused: not_allowed, desk_nameless, when ``draft`` may not be the desk's."""
    if draft.for_desk:
        demand(author, "speak_for_desk", Thing())
        if not site.rules.desk_name:
            raise Refused("desk_nameless")


def bearer(author: User, draft: Draft) -> int:
    """The id of the user in whose name ``draft`` is to stand."""
    return DESK if draft.for_desk else author.id


def spoken(site: Site, comment: Comment) -> Comment:
    """A new comment of a member of the staff, as the desk's."""
    return msgspec.structs.replace(
        comment,
        author=DESK,
        author_name=site.rules.desk_name,
        author_role="desk",
        written_by=comment.author,
    )


def ensure_desk(connection: Connection, site: Site, now: datetime) -> None:
    """Has the desk be a user with the name that is set now."""
    name = site.rules.desk_name
    before = users.get(connection, DESK)
    if before is not None and before.name == name:
        return
    look, honest = names.look(name), names.honest(name)
    if before is None:
        desk = User(id=DESK, name=name, role="desk", created_at=now)
        users.add(connection, desk, look=look, honest=honest)
        return
    users.rename(connection, DESK, name, look=look, honest=honest)
    for story in sorted(users.stories_written_in(connection, DESK)):
        streams.append(connection, story_stream(story), "renamed", subject=DESK, now=now)


def write_down(
    connection: Connection, spoken: Sequence[tuple[Comment, User]], now: datetime
) -> None:
    """Writes into the record who it was that wrote in the name of the desk."""
    for comment, author in spoken:
        note(
            connection,
            author,
            "desk_spoke",
            now,
            subject=comment.id,
            detail=ids.encode(comment.id),
        )
