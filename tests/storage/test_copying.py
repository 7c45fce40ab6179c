"""A site arrives whole in another database, in a backup and out of one, or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

from belowline.actions import (
    accounts,
    alerts,
    bans,
    breaking,
    deciding,
    desk,
    law,
    learning,
    moving,
    passkeys,
    people,
    policies,
    reacting,
    reading,
    record,
    rehearsal,
    sites,
    statements,
)
from belowline.actions.moving import NotCopied
from belowline.domain.events import story_stream
from belowline.domain.policy import Policy
from belowline.domain.queue import Filter
from belowline.domain.rules import Rules
from belowline.domain.secondfactor import code_at, step_at
from belowline.domain.statements import token
from belowline.domain.stories import story_id
from belowline.domain.users import User
from belowline.signin.passkeys import place
from belowline.signin.passwords import new_totp_secret
from belowline.storage import copying, meta, migrate, schema, streams
from belowline.storage.engine import Storage, exclusive
from tests.campaigns.texts import CORE
from tests.cast import (
    ADA,
    BEN,
    CHIDI,
    MONA,
    OPEN,
    REVIEWED,
    Newsroom,
    driver_url,
    newsroom_on,
    open_storage,
    person,
)
from tests.storage.conftest import is_ours
from tests.support.authenticator import Authenticator


@pytest.fixture
def other_url(request: pytest.FixtureRequest, room: Newsroom) -> str:
    """The address of an empty database of the other kind."""
    fixture = "postgres_url" if room.storage.is_sqlite else "sqlite_url"
    url: str = request.getfixturevalue(fixture)
    return driver_url(url)


@pytest.fixture
def full(room: Newsroom) -> Newsroom:
    """A newsroom where everything has happened that has a table."""
    return _fill(room)


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Newsroom]:
    """The same, for what has nothing to do with the database that a backup came from."""
    with newsroom_on(sqlite_url) as room:
        yield _fill(room)


@contextmanager
def _site_at(url: str) -> Iterator[Newsroom]:
    """A site without anything in it, closed at the end."""
    storage = open_storage(url)
    try:
        yield Newsroom(storage, Rules(), ())
    finally:
        storage.close()


def _fill(room: Newsroom) -> Newsroom:
    ada = msgspec.structs.replace(ADA, address="192.0.2.7")
    first = room.say(ada, "Die Fähre kam wieder zu spät — وصلت العبّارة متأخرة.")
    reply = room.say(BEN, "By how much?", parent=first)
    room.edit(BEN, reply, "By how much, and why?")
    room.say(CHIDI, "Who pays?\n\nNot I: https://example.org/", story=REVIEWED)
    apart = room.add_story("the-bridge")
    room.say(BEN, CORE, story=apart)
    room.say(CHIDI, CORE, story=apart)
    room.run(reacting.recommend(room.site, CHIDI, first.id, on=True))
    room.run(reacting.report(room.site, CHIDI, reply.id, "abuse", "Look\tat\nthis \\ please"))
    room.run(people.mute(room.site, ADA, CHIDI.id, on=True))
    room.undo(room.reject(first))
    room.run(people.enter(room.site, room.run(people.add_staff(room.site, "Edgar", "editor"))))
    room.storage.write_now(people.signing_key)
    ban = bans.impose(room.site, MONA, ADA.id, "ban", reason="spam", hours=1, by_address=True)
    room.run(bans.lift(room.site, MONA, room.run(ban).id))
    room.run(
        law.change_rule(room.site, person(MONA.id, role="editor"), "spam", {"en": "No boats."})
    )
    room.reject(room.say(BEN, "You are a fool."))
    secret = room.storage.write_now(meta.secret)
    room.run(statements.appeal(room.site, token(secret, "statement", 3), "It was late."))
    new = law.NewNotice(
        address="/stories/the-ferry", explanation="Look.", email="a@b.example", sure=True
    )
    room.run(law.notify(room.site, new))
    link = room.run(people.add_staff(room.site, "Ida", "editor"))
    session = room.run(people.enter(room.site, link))
    ida = room.run(people.by_token(room.site, secret, session))
    here = place("https://post.example")
    asked = room.run(passkeys.ask_for_new(room.site, ida, here, "The Post"))
    answer = Authenticator("laptop").make(asked, here.origin)
    room.run(passkeys.add(room.site, ida, session, answer, "", here))
    key = new_totp_secret()
    code = code_at(key, step_at(room.site.now()))
    room.run(accounts.set_up(room.site, ida, session, "a long one indeed", key, code))
    room.run(sites.add(room.site, None, "regional", "The Regional", ["https://north.example"]))
    room.run(sites.limit(room.site, None, ida.id, ["regional"]))
    room.run(bans.add_note(room.site, MONA, ADA.id, "Asks good questions."))
    room.run(people.set_name(room.site, CHIDI, "Chidi O."))
    room.site = msgspec.structs.replace(
        room.site, rules=msgspec.structs.replace(room.site.rules, second_looks=100)
    )
    room.publish(reply)
    site = room.site
    room.run(desk.look_at(site, MONA, first.id))
    room.run(desk.assign(site, MONA, OPEN, MONA.id))
    room.run(desk.hand_over(site, MONA, "Ben asks twice."))
    room.run(desk.save_view(site, MONA, "Everything", "status=all"))
    room.run(desk.save_reply(site, MONA, "Calm", "Please stay calm."))
    room.run(desk.morning(site, MONA))
    editor = person(MONA.id, role="editor")
    room.run(policies.save(site, editor, Policy(mode="open"), note="Calm again.", base=0))
    room.run(_rehearse(room, editor))
    room.run(learning.take_back(site, person(MONA.id, "Mona", "editor"), MONA.id))
    room.run(
        alerts.add(
            site,
            MONA,
            kind="mail",
            target="mona@post.example",
            waiting=1,
            minutes=0,
            quiet_from=0,
            quiet_until=0,
        )
    )
    room.run(alerts.check(site, UTC))
    stormy = room.add_story("the-storm")
    for number in range(12):
        one = msgspec.structs.replace(person(700 + number), created_at=room.clock.now)
        room.say(one, "Boycott this paper, all of you, and do it today!", story=stormy)
    assert room.run(breaking.look(site))
    return room


async def _rehearse(room: Newsroom, editor: User) -> None:
    running = rehearsal.Rehearsals(lambda: ThreadPoolExecutor(1))
    await running.begin(room.site, editor, Policy(mode="reviewed"), note="", base=1)
    await asyncio.gather(*running._tasks)


def quietly(done: int, total: int) -> None:
    pass


def sums_of(storage: Storage) -> list[copying.Sum]:
    return storage.read_now(lambda connection: copying.sums(connection, lambda rows: None))


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": False,
            "include_name": is_ours,
        },
    )
    return list(compare_metadata(context, schema.metadata))


# -- moving --------------------------------------------------------------------------------


def test_a_site_that_is_moved_there_and_back_is_the_same(
    full: Newsroom, other_url: str, tmp_path: Path
) -> None:
    left = sums_of(full.storage)
    assert all(one.rows for one in left)
    told: list[tuple[int, int]] = []
    assert moving.move(full.site, other_url, lambda *at: told.append(at)) == left
    assert told[-1][0] == told[-1][1] > 0
    with _site_at(other_url) as there:
        assert there.storage.read_now(differences) == []
        back = f"sqlite:///{tmp_path / 'back.sqlite'}"
        expected = sums_of(there.storage)
        assert moving.move(there.site, back, quietly) == expected
    with _site_at(back) as again:
        assert sums_of(again.storage) == expected == left


def test_a_site_goes_on_where_it_was_moved_to(full: Newsroom, other_url: str) -> None:
    moving.move(full.site, other_url, quietly)
    with _site_at(other_url) as there:
        before = there.story().version
        (thread,) = there.run(reading.page(there.site, OPEN, "newest")).threads
        held = there.says(CHIDI, "Here we are.", story=REVIEWED, key="after-moving")
        there.publish(there.run(held).comment)
        reply = there.says(BEN, "Indeed.", parent=thread.comment, key="after-moving")
        assert there.run(reply).created
        assert there.count() == 3
        assert there.story().version == before + 1


def test_a_database_that_holds_something_is_not_moved_into(full: Newsroom, other_url: str) -> None:
    with newsroom_on(other_url) as there:
        there.say(CHIDI, "I was here before.")
        held = sums_of(there.storage)
        with pytest.raises(NotCopied, match="something in that database"):
            moving.move(full.site, other_url, quietly)
        assert sums_of(there.storage) == held


def test_a_move_that_fails_leaves_nothing_behind(
    full: Newsroom, other_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotCopied("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(copying, "guard", fail)
        with pytest.raises(NotCopied, match="the power went"):
            moving.move(full.site, other_url, quietly)
    there = open_storage(other_url)
    try:
        assert not any(one.rows for one in sums_of(there))
        assert there.read_now(differences) == []
    finally:
        there.close()
    moving.move(full.site, other_url, quietly)


def test_nothing_that_is_written_during_a_move_is_left_behind_unseen(
    full: Newsroom, other_url: str
) -> None:
    with pytest.raises(NotCopied, match="written to meanwhile"):
        moving.move(full.site, other_url, _once(lambda: full.say(ADA, "Wait for me!")))
    note = bans.add_note(full.site, MONA, BEN.id, "Knows the harbour.")  # nobody's page shows it
    with pytest.raises(NotCopied, match="written to meanwhile"):
        moving.move(full.site, other_url, _once(lambda: full.run(note)))


def _once(work: Callable[[], object]) -> Callable[[int, int], None]:
    """Progress that does ``work`` at its first call."""
    done: list[object] = []

    def tell(*_: int) -> None:
        if not done:
            done.append(None)
            work()

    return tell


# -- backups -------------------------------------------------------------------------------


def test_a_backup_of_either_database_is_restored_into_either(
    full: Newsroom, other_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "monday.backup"
    moving.backup(full.site, file, quietly)
    left = sums_of(full.storage)
    for url in (other_url, f"sqlite:///{tmp_path / 'new.sqlite'}"):
        with _site_at(url) as there:
            assert moving.restore(there.site, file, quietly) == left
            assert sums_of(there.storage) == left
            assert there.storage.read_now(differences) == []
    assert sorted(path.name for path in tmp_path.glob("*backup*")) == ["monday.backup"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_backup_is_what_the_site_was_at_one_moment_though_people_go_on_writing(
    full: Newsroom, tmp_path: Path
) -> None:
    left = sums_of(full.storage)
    file = tmp_path / "busy.backup"
    moving.backup(full.site, file, lambda *_: _write_beside(full))
    assert full.count() > 2
    with _site_at(f"sqlite:///{tmp_path / 'new.sqlite'}") as there:
        moving.restore(there.site, file, quietly)
        assert sums_of(there.storage) == left


def _write_beside(room: Newsroom) -> None:
    """Somebody writes from another connection, as through a running server."""
    storage = Storage(room.storage.url.render_as_string(hide_password=False))
    try:
        beside = Newsroom(storage, room.site.rules, ())
        key = f"beside-{room.clock().timestamp()}"
        beside.run(beside.says(BEN, f"Meanwhile: {key}.", key=key))
    finally:
        storage.close()


def test_a_backup_does_not_replace_another_unless_told_to(full: Newsroom, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    moving.backup(full.site, file, quietly)
    with pytest.raises(NotCopied, match="--force"):
        moving.backup(full.site, file, quietly)
    moving.backup(full.site, file, quietly, force=True)


def test_a_site_is_not_overwritten_unless_told_to(full: Newsroom, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    moving.backup(full.site, file, quietly)
    full.say(ADA, "This came after the backup.")
    with pytest.raises(NotCopied, match="something in that database"):
        moving.restore(full.site, file, quietly)
    assert full.count() == 3
    moving.restore(full.site, file, quietly, force=True)
    assert full.count() == 2


def test_pages_that_are_open_during_a_restore_are_told_to_load_anew(
    full: Newsroom, tmp_path: Path
) -> None:
    file = tmp_path / "monday.backup"
    moving.backup(full.site, file, quietly)
    for number in range(5):
        full.say(ADA, f"Later: {number}")
    seen = full.story().version
    new = full.add_story("after-the-backup")
    full.say(BEN, "A story of today.", story=new)
    moving.restore(full.site, file, quietly, force=True)
    stream = story_stream(story_id(OPEN))
    told = full.storage.read_now(lambda connection: streams.after(connection, stream, seen, 10))
    assert [one.kind for one in told] == ["seeded"]
    assert full.story().version > seen
    gone = story_stream(story_id(new))
    assert full.storage.read_now(lambda connection: streams.number(connection, gone)) == 2


def test_a_restore_lets_those_finish_who_are_reading(full: Newsroom, tmp_path: Path) -> None:
    """As pages are made meanwhile: PostgreSQL would end one of the two for waiting in a circle."""
    if full.storage.is_sqlite:
        pytest.skip("readers have the old state there")
    file = tmp_path / "monday.backup"
    moving.backup(full.site, file, quietly)
    everything = select(func.count()).select_from(schema.comments)
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")

    def read(connection: Connection) -> int:
        connection.execute(select(schema.revisions.c.number)).all()  # locked after the comments
        restoring = pool.submit(moving.restore, full.site, file, quietly, force=True)
        while not full.storage.aside_now(lambda other: other.execute(waits).scalar()):
            assert not restoring.done(), restoring.result()
        reading.append(restoring)
        return connection.execute(everything).scalar_one()

    reading: list[Future[list[copying.Sum]]] = []
    with ThreadPoolExecutor(1) as pool:
        assert full.storage.read_now(read) > 2
        reading[0].result()
    assert full.count() == 2


@pytest.mark.parametrize("damage", ["cut off", "another text", "no backup", "a database"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    on_sqlite: Newsroom, tmp_path: Path, damage: str
) -> None:
    full = on_sqlite
    file = tmp_path / "monday.backup"
    moving.backup(full.site, file, quietly)
    whole = file.read_bytes()
    if damage == "cut off":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "another text":
        file.write_bytes(whole.replace(b"Who pays?", b"Who prays"))
    elif damage == "no backup":
        file.write_text("Dear diary", encoding="utf-8")
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DROP TABLE belowline_backup")
    held = sums_of(full.storage)
    with pytest.raises(NotCopied, match=r"damaged|no backup"):
        moving.restore(full.site, file, quietly, force=True)
    assert sums_of(full.storage) == held


_A_COMMENT = (
    "INSERT INTO comments"
    " (id, story_id, root_id, depth, author_id, text, status, created_at, shown)"
)
_LONG_AGO = (
    "INSERT INTO users (id, name, created_at) VALUES (1, 'Ada', 1000)",
    'INSERT INTO stories (id, "key", mode, comment_count, created_at) '
    f"VALUES ({story_id(OPEN)}, '{OPEN}', 'open', 1, 1000)",
    f"{_A_COMMENT} VALUES (7, {story_id(OPEN)}, 7, 0, 1, 'Said long ago.', 'published', 1000, 1)",
    "INSERT INTO revisions (comment_id, number, text, created_at) "
    "VALUES (7, 1, 'Said long ago.', 1000)",
    'INSERT INTO decisions (comment_id, revision, action, "before", "after", reason, note, '
    "created_at) VALUES (7, 1, 'post', '', 'published', 'mode_open', '', 1000)",
    f"{_A_COMMENT} VALUES (8, {story_id(OPEN)}, 8, 0, 1, 'Held long ago.', 'held', 1000, 0)",
    "INSERT INTO revisions (comment_id, number, text, created_at) "
    "VALUES (8, 1, 'Held long ago.', 1000)",
    'INSERT INTO decisions (comment_id, revision, action, "before", "after", reason, note, '
    "created_at) VALUES (8, 1, 'post', '', 'held', 'mode_reviewed', '', 1000)",
)
"""What a site of the first release held."""


def test_a_backup_of_an_earlier_release_is_brought_up_to_date(
    room: Newsroom, tmp_path: Path
) -> None:
    old = Storage(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with exclusive(old) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in _LONG_AGO:
            connection.exec_driver_sql(statement)
        connection.commit()
    office = Newsroom(old, room.site.rules, room.site.checks)
    file = tmp_path / "old.backup"
    moving.backup(office.site, file, quietly)
    old.close()
    moving.restore(room.site, file, quietly, force=True)
    assert room.count() == 1
    queue = room.run(deciding.queue(room.site, MONA))
    assert [card.comment.text for card in queue.cards] == ["Held long ago."]
    found = room.run(deciding.queue(room.site, MONA, Filter(status="all", words="long ago")))
    assert found.found == 2
    assert room.storage.read_now(differences) == []
    assert (record.verify(room.site).broken, record.verify(room.site).lines) == (None, 2)


def test_a_backup_of_a_later_release_is_refused(on_sqlite: Newsroom, tmp_path: Path) -> None:
    with exclusive(on_sqlite.storage) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    file = tmp_path / "tomorrow.backup"
    moving.backup(on_sqlite.site, file, quietly)
    with pytest.raises(NotCopied, match="later release"):
        moving.restore(on_sqlite.site, file, quietly, force=True)
