"""The chained record: every decision and every act of the staff, sealed by hashes.

What is written is only noted at first. The engine seals everything that a transaction has written
as the very last thing before its commit: so one group costs as much as one line, the lock that
keeps the chain single on PostgreSQL is held for a moment and nothing is waited for under it, and
no line is ever committed without its seal (docs/decisions/0006).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection

from belowline.domain.record import (
    ABOUT_STORIES,
    ACT,
    BEGINNING,
    COMMENT,
    DECISION,
    SALT,
    Act,
    Break,
    Sealed,
    digest,
    link,
)
from belowline.storage import raw
from belowline.storage.schema import acts, milliseconds, moment, record

_AT_ONCE = 500
_LOCK = 4_012_027
_COLUMNS = ("number", "kind", "subject", "salt", "personal", "hash")
_DECISIONS = (
    "SELECT d.id, d.comment_id, d.revision, d.action, d.before, d.after, d.actor_id, d.reason, "
    "d.undoes, d.created_at, d.policy, c.author_id, r.text, d.note FROM decisions d "
    "JOIN comments c ON c.id = d.comment_id "
    "LEFT JOIN revisions r ON r.comment_id = d.comment_id AND r.number = d.revision "
    "WHERE d.id IN "
)
_ACTS = "SELECT id, actor_id, action, subject_id, detail, created_at, note FROM acts WHERE id IN "
_NOT_SEALED = (
    "SELECT d.id FROM {table} d LEFT JOIN record r ON r.kind = '{kind}' AND r.subject = d.id "
    "WHERE d.id > ? AND r.number IS NULL ORDER BY d.id LIMIT ?"
)
_OTHER_STATUS = "(c.status <> d.after OR (d.action = 'reject' AND c.reason <> d.reason))"
_ELSEWISE = (
    f"SELECT d.id, {_OTHER_STATUS} FROM decisions d JOIN comments c ON c.id = d.comment_id "
    "LEFT JOIN revisions r ON r.comment_id = c.id AND r.number = c.revision WHERE d.id IN {ids} "
    f"AND ({_OTHER_STATUS} OR r.text IS NULL OR r.text <> c.text OR c.revision < d.revision) "
    "AND NOT EXISTS "
    "(SELECT 1 FROM decisions e WHERE e.comment_id = d.comment_id AND e.id > d.id)"
)
_UNRECORDED = (
    "SELECT c.id FROM comments c WHERE NOT EXISTS "
    "(SELECT 1 FROM decisions d WHERE d.comment_id = c.id) ORDER BY c.id LIMIT 1"
)
_TABLES = {DECISION: "decisions", ACT: "acts"}


# -- writing -------------------------------------------------------------------------------


def note(connection: Connection, kind: str, ids: Iterable[int]) -> None:
    """Has the engine seal what was just written. What is undone until then is left out."""
    connection.info.setdefault("unsealed", {}).setdefault(kind, set()).update(ids)


def add_act(connection: Connection, act: Act) -> int:
    """Writes down what staff did; answers its number."""
    values = (
        act.actor,
        act.action,
        act.subject,
        act.detail,
        act.note,
        milliseconds(act.created_at),
    )
    columns = ("actor_id", "action", "subject_id", "detail", "note", "created_at")
    [(number,)] = raw.insert(connection, acts, columns, [values], "RETURNING id")
    note(connection, ACT, [number])
    return int(number)


def seal(connection: Connection) -> None:
    """Adds what was noted to the chain. Called last in a transaction."""
    noted: dict[str, set[int]] = connection.info.pop("unsealed", {})
    found = [
        line for kind in (DECISION, ACT) for line in _lines(connection, kind, noted.get(kind, ()))
    ]
    if found:
        _append(connection, found)


def seal_missing(
    connection: Connection, kind: str = DECISION, after: int = 0, *, named: bool = True
) -> None:
    """Seals what was loaded past `note`: everything with a larger number than ``after``.

    ``named`` is False in a migration, before decisions named their policy.
    """
    while True:
        query = _NOT_SEALED.format(table=_TABLES[kind], kind=kind)
        ids = [row[0] for row in raw.run(connection, query, (after, 10 * _AT_ONCE))]
        if not ids:
            return
        _append(connection, list(_lines(connection, kind, ids, named=named)))
        after = ids[-1]


def last_number(connection: Connection, kind: str = DECISION) -> int:
    """The largest number of a decision or an act, 0 before the first."""
    [(number,)] = raw.run(connection, f"SELECT max(id) FROM {_TABLES[kind]}")
    return number or 0


def _append(connection: Connection, lines: Sequence[Sealed]) -> None:
    if connection.dialect.name == "postgresql":
        raw.run(connection, f"SELECT pg_advisory_xact_lock({_LOCK})")
    number, before = head(connection)
    salts = os.urandom(SALT * len(lines))
    rows = []
    for place, line in enumerate(lines):
        salt = salts[SALT * place : SALT * (place + 1)]
        personal = digest(salt, line.personal)
        number += 1
        before = link(before, number, line.kind, line.content, personal)
        rows.append((number, line.kind, line.subject, salt, personal, before))
    raw.insert(connection, record, _COLUMNS, rows)


def forget(connection: Connection, comment: int) -> None:
    """Deletes the salts of all lines about a comment and what staff noted: part of an erasure.

    The chain still holds; nothing can be guessed any more from what it holds of the person. The
    texts have to go in the same transaction: lines without a salt that have words do not hold.
    """
    about = "SELECT id FROM decisions WHERE comment_id = ?"
    raw.run(
        connection,
        f"UPDATE record SET salt = NULL WHERE kind = 'decision' AND subject IN ({about})",
        (comment,),
    )
    raw.run(connection, "UPDATE decisions SET note = '' WHERE comment_id = ?", (comment,))


# -- reading -------------------------------------------------------------------------------


def head(connection: Connection) -> tuple[int, bytes]:
    """The last line's number and hash."""
    found = raw.run(connection, "SELECT number, hash FROM record ORDER BY number DESC LIMIT 1")
    return (found[0][0], bytes(found[0][1])) if found else (0, BEGINNING)


def latest_acts(connection: Connection, limit: int, subject: int | None = None) -> list[Act]:
    """What staff did last, to ``subject`` if one is named, the newest first."""
    where = "" if subject is None else "WHERE a.subject_id = ? "
    values = (limit,) if subject is None else (subject, limit)
    rows = raw.run(
        connection,
        "SELECT a.id, a.actor_id, u.name, a.action, a.subject_id, a.detail, a.note, a.created_at, "
        "s.name, t.title FROM acts a LEFT JOIN users u ON u.id = a.actor_id "
        "LEFT JOIN users s ON s.id = a.subject_id LEFT JOIN stories t ON t.id = a.subject_id "
        f"{where}ORDER BY a.id DESC LIMIT ?",
        values,
    )
    return [
        Act(
            id=row[0],
            actor=row[1],
            actor_name=row[2] or "",
            action=row[3],
            subject=row[4],
            detail=row[5],
            note=row[6],
            created_at=moment(row[7]),
            subject_name=row[9 if row[3] in ABOUT_STORIES else 8] or "",
        )
        for row in rows
    ]


def get_act(connection: Connection, act: int) -> Act | None:
    """One act."""
    rows = raw.run(
        connection,
        "SELECT id, actor_id, action, subject_id, detail, note, created_at FROM acts WHERE id = ?",
        (act,),
    )
    if not rows:
        return None
    number, actor, action, subject, detail, note, created = rows[0]
    return Act(
        id=number,
        actor=actor,
        actor_name="",
        action=action,
        subject=subject,
        detail=detail,
        note=note,
        created_at=moment(created),
    )


def verify(
    connection: Connection, number: int, before: bytes, limit: int
) -> tuple[int, bytes, Break | None]:
    """Looks at the ``limit`` lines after ``number``, whose hash is ``before``.

    Answers the last line that was looked at, its hash, and what is broken first.
    """
    found = raw.run(
        connection,
        "SELECT number, kind, subject, salt, personal, hash FROM record "
        "WHERE number > ? ORDER BY number LIMIT ?",
        (number, limit),
    )
    lines = {
        (kind, line.subject): line
        for kind in (DECISION, ACT)
        for line in _lines(connection, kind, [row[2] for row in found if row[1] == kind])
    }
    elsewise = _elsewise(connection, [row[2] for row in found if row[1] == DECISION])
    for place, kind, subject, salt, personal, stored in found:
        line = lines.get((kind, subject))
        why = _why(number, before, line, place, salt, bytes(personal), bytes(stored))
        if not why and kind == DECISION:
            why = elsewise.get(subject, "")
        if why:
            at = number + 1 if why == "missing" else place
            return number, before, Break(at, why, kind, subject)
        number, before = place, bytes(stored)
    return number, before, None


def first_not_sealed(connection: Connection) -> Break | None:
    """A decision or act that was put in past the record, or a comment of which it knows nothing."""
    for kind, table in _TABLES.items():
        query = _NOT_SEALED.format(table=table, kind=kind)
        found = raw.run(connection, query, (0, 1))
        if found:
            return Break(0, "not_sealed", kind, found[0][0])
    found = raw.run(connection, _UNRECORDED)
    return Break(0, "unrecorded", COMMENT, found[0][0]) if found else None


def _why(
    number: int,
    before: bytes,
    line: Sealed | None,
    place: int,
    salt: bytes | None,
    personal: bytes,
    stored: bytes,
) -> str:
    if place != number + 1:
        return "missing"
    if line is None:
        return "gone"
    if link(before, place, line.kind, line.content, personal) != stored:
        return "changed"
    if salt is None:
        return "unsalted" if any(isinstance(one, str) and one for one in line.personal) else ""
    return "" if digest(bytes(salt), line.personal) == personal else "words_changed"


def _elsewise(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Decision -> what is wrong, where it is the last one about a comment that is not so."""
    wrong: dict[int, str] = {}
    for first in range(0, len(ids), _AT_ONCE):
        part = ids[first : first + _AT_ONCE]
        query = _ELSEWISE.format(ids=raw.places(len(part)))
        for decision, other_status in raw.run(connection, query, part):
            wrong[decision] = "status_changed" if other_status else "words_changed"
    return wrong


def _lines(
    connection: Connection, kind: str, ids: Iterable[int], *, named: bool = True
) -> Iterator[Sealed]:
    """What is sealed of those of ``ids`` that are there, in their order."""
    wanted = sorted(ids)
    query = _DECISIONS if kind == DECISION else _ACTS
    if not named:
        query = query.replace("d.policy", "NULL")
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        rows = raw.run(connection, f"{query}{raw.places(len(part))} ORDER BY 1", part)
        for row in rows:
            if kind == DECISION:
                # Lines from before the policy was named are sealed without it.
                content = list(row[: 10 if row[10] is None else 11])
                yield Sealed(kind, row[0], content, list(row[11:]))
            else:
                yield Sealed(kind, row[0], list(row[:6]), [row[6]])
