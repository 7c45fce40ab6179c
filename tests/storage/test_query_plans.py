"""No query takes longer because the site has grown: each goes by an index, on both databases.

Everything that people and the program itself do is done once on a seeded site while the engines
are listened to, and each statement's plan is looked at.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, event, select

from belowline.actions import (
    accounts,
    alerts,
    appeals,
    bans,
    breaking,
    campaigns,
    deciding,
    desk,
    keeping,
    law,
    letters,
    looking,
    numbers,
    passkeys,
    people,
    policies,
    posting,
    reacting,
    reading,
    record,
    rehearsal,
    sites,
    statements,
    stories,
    tongues,
    waiting,
)
from belowline.actions.alerts import Ways
from belowline.actions.importing import bring_in
from belowline.demo import growing
from belowline.domain.comments import Comment, Draft
from belowline.domain.events import DESK_STREAM, story_stream
from belowline.domain.ordering import ORDERS
from belowline.domain.policy import Policy
from belowline.domain.queue import Filter
from belowline.domain.secondfactor import code_at, step_at
from belowline.domain.stories import story_id
from belowline.domain.users import User
from belowline.importers import ImportedComment, ImportedStory, ImportedUser, Record
from belowline.signin.passkeys import place
from belowline.signin.passwords import new_totp_secret
from belowline.storage import alerts as stored_alerts
from belowline.storage import comments, decisions, raw, schema, streams, users
from belowline.storage import sites as stored_sites
from belowline.storage.rows import analyze
from tests.campaigns.texts import DISGUISED, WRAPPED
from tests.cast import ADA, BEGINNING, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, person
from tests.support.authenticator import Authenticator

FEW = {
    "alerts",
    "desk_notes",
    "desk_replies",
    "desk_views",
    "rule_texts",
    "sign_in_links",
    "sites",
    "staff_sites",
}
GROWING = set(schema.metadata.tables) - {"meta", *FEW}

IN_ORDER_OF_AN_INDEX = {
    "ix_stories_created_at",  # the latest stories
    "ix_appeals_open",  # what waits, and nothing else
    "ix_notices_open",
    "ix_decisions_people",  # what people decided last: holds nothing else
    "ix_comments_queue",  # what waits, the most urgent first: holds nothing else
    "ix_comments_queue_story",  # the same by story, for counting
    "ix_comments_queue_site",  # the same by site
    "ix_comments_queue_site_status",
    "pk_sites",  # fifty sites at most
    "pk_record",  # the last line
    "sqlite_autoindex_record_1",
    "pk_acts",  # the latest acts
    "pk_policies",  # the policy in force
    "ix_second_looks_agreed",  # what was looked at again: one in fifty decisions
    "ix_second_looks_decided_at",  # the same by day: holds nothing else
    "pk_desk_notes",  # the latest notes
    "pk_desk_replies",  # fifty replies
    "ix_second_looks_due",  # what is to be looked at again
    "ix_decisions_escalated",  # what an editor is asked to decide
    "ix_desk_locks_user",  # a card for everybody at the desk
    "ix_desk_assignments_user",  # the stories that somebody looks after
}
"""Indexes that may be read from their beginning, for as many entries as are asked for."""

SORTS_OF_FEW = (
    "WITH RECURSIVE chain",  # the comments above one
    "comments.id IN (SELECT",  # the replies on a page, what waits on a page
    "FROM findings JOIN",  # what the checks say of a page
    "FROM revisions WHERE revisions.comment_id IN",  # the versions on a page
    "FROM desk_assignments WHERE",  # what waits in the stories that somebody looks after
    "ORDER BY anon_1.recommendations",  # of the latest 300
    "FROM reports",  # what readers say of a page
    "FROM events",  # 2,000 events at most
    "AS hour",  # what was decided in some days, found by its time
    "decisions.created_at DESC",  # the latest 20,000 that were decided in some days
    "ORDER BY anon_1.id DESC",  # of the latest 2,000 decisions those of some sites
    "FROM bans LEFT OUTER JOIN users ON users.id = bans.actor_id JOIN users",  # what stands
    "FROM users",  # staff
    "FROM users JOIN addresses",  # who wrote from the same few addresses
    "count(*) AS count_1",  # an author's latest thousand; a page's replies
    "AS latest GROUP BY",  # the same of many authors
    "AS latest WHERE",
    "AS new FROM recommendations",  # the last minute's
    "DISTINCT comments.story_id",  # where somebody who takes another name has written
)
"""Beginnings and parts of statements whose sorting is bounded by something else than growth."""


class Statements:
    """What was sent to the database: statement -> its parameters, once each."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def hear(self, _: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        """Notes a statement of the kinds that have plans."""
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement):
            self.found.setdefault(statement, parameters[0] if many else parameters)


@contextmanager
def listening() -> Iterator[Statements]:
    """Everything that databases are asked meanwhile, by SQLAlchemy and past it."""
    heard = Statements()
    ask = raw.run

    def run(connection: Connection, statement: str, values: Iterable[Any] = ()) -> raw.Rows:
        parameters = tuple(values)
        spelt = raw.spelt(statement, connection.dialect.paramstyle)
        heard.hear(None, None, spelt, parameters, None, False)
        return ask(connection, statement, parameters)

    event.listen(Engine, "before_cursor_execute", heard.hear)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "run", run)
        yield heard
    event.remove(Engine, "before_cursor_execute", heard.hear)


def test_every_query_goes_by_an_index(room: Newsroom) -> None:
    growing.grow(room.site, growing.shape_of(1, 6_000, 60, 0.02, 1_777_000_000_000), _quietly)
    room.storage.write_now(analyze)
    busiest, biggest = _busiest(room)
    with listening() as heard:
        _read_everything(room, busiest, biggest)
        _read_some_sites(room, busiest)
        _write_everything(room, biggest)
        room.storage.read_now(_follow_live)
    assert len(heard.found) > 60
    slow = [
        f"{why}: {' '.join(statement.split())}"
        for statement, parameters in heard.found.items()
        if (why := _objection(room, statement, parameters))
    ]
    assert slow == [], "\n\n".join(slow)


def _quietly(done: int, total: int) -> None:
    pass


# -- everything that is done ---------------------------------------------------------------


def _busiest(room: Newsroom) -> tuple[Comment, str]:
    """The comment with the most replies in a story that is one of many, and the story's key."""

    def look(connection: Connection) -> tuple[Comment, str]:
        of_many = select(schema.stories.c.id).where(schema.stories.c.comment_count.between(80, 150))
        query = comments.written.where(schema.comments.c.story_id.in_(of_many))
        query = query.order_by(schema.comments.c.below.desc()).limit(1)
        found = comments.from_row(connection.execute(query).one())
        by_id = schema.stories.c.id == found.story
        return found, connection.execute(select(schema.stories.c.key).where(by_id)).scalar_one()

    return room.storage.read_now(look)


def _read_everything(room: Newsroom, busiest: Comment, key: str) -> None:
    site, run = room.site, room.run
    reader = person(busiest.author)
    for order in ORDERS:
        first = run(reading.page(site, key, order))
        assert first.next is not None
        run(reading.page(site, key, order, first.next))
    _, node = run(reading.replies(site, busiest.id))
    if node.next:
        run(reading.replies(site, busiest.id, node.next))
    run(reading.one(site, busiest.id))
    deepest = node.replies[0].comment
    run(reading.context(site, deepest.id))
    run(reading.mine(site, key, reader))
    run(reading.latest(site, key, 20))
    run(reading.latest(site, None, 20))
    run(reading.counts(site, [key, OPEN]))
    run(reading.story_or_empty(site, key))
    run(stories.get(site, key))
    _, more = run(stories.some(site, "", 10))
    assert more is not None
    run(stories.some(site, more, 10))
    queue = run(deciding.queue(site, MONA, limit=20))
    run(deciding.queue(site, MONA, after=queue.next, limit=20))
    run(deciding.card(site, MONA, queue.cards[0].comment.id))
    run(deciding.latest(site, MONA))
    for wanted in (
        Filter(status="held"),
        Filter(status="reported"),
        Filter(status="escalated"),
        Filter(status="rejected", story=key),
        Filter(status="all", author=busiest.author),
        Filter(check="links", since="2026-01-01", until="2026-12-31"),
        Filter(assigned=True),
        Filter(status="all", name="Ada"),
        Filter(language="de"),
        Filter(report="abuse"),
        Filter(status="published", language="und"),
    ):
        found = run(deciding.queue(site, MONA, wanted, limit=20))
        if found.next is not None:
            run(deciding.queue(site, MONA, wanted, after=found.next, limit=20))
    run(deciding.thread(site, MONA, deepest.id))
    run(deciding.quick(site, MONA))
    run(deciding.undoable(site, MONA))
    run(desk.around(site, MONA))
    run(desk.counts(site, MONA))
    run(desk.civil(site, MONA, min))
    run(people.muted(site, ADA))
    page = run(bans.author(site, MONA, busiest.author))
    run(bans.author(site, MONA, busiest.author, page.comments[-1].id))
    run(bans.count_removable(site, MONA, busiest.author, BEGINNING))
    run(bans.standing(site, reader))
    run(bans.in_force(site, MONA))
    run(record.recent(site, MONA))
    run(numbers.of_staff(site, MONA, 30, UTC))
    run(tongues.tell(site))
    run(looking.choose(site))


def _read_some_sites(room: Newsroom, busiest: Comment) -> None:
    """What the desk shows to those who work for some sites, one of which is small."""
    site, run = room.site, room.run
    made = run(sites.add(site, None, "regional", "The Regional", []))
    room.storage.write_now(lambda connection: stored_sites.give(connection, busiest.story, made.id))
    for some in ({made.id}, {1}, {1, made.id}):
        lena = msgspec.structs.replace(person(10, "Lena", "moderator"), sites=frozenset(some))
        for wanted in (
            Filter(),
            Filter(status="held"),
            Filter(status="reported"),
            Filter(status="escalated"),
            Filter(status="rejected"),
            Filter(status="all"),
            Filter(check="links", since="2026-01-01", until="2026-12-31"),
        ):
            found = run(deciding.queue(site, lena, wanted, limit=5))
            if found.next is not None:
                run(deciding.queue(site, lena, wanted, after=found.next, limit=5))
        run(deciding.latest(site, lena))
        run(deciding.quick(site, lena))
        run(desk.around(site, lena))
        run(numbers.of_staff(site, lena, 30, UTC))
        room.storage.read_now(partial(stored_alerts.waiting, within=frozenset(some)))
        run(desk.civil(site, lena, min))
        run(bans.author(site, lena, busiest.author))
        run(bans.count_removable(site, lena, busiest.author, BEGINNING))
        run(law.notices(site, lena))
        run(appeals.queue(site, lena))
        run(stories.some(site, "", 10, within=lena.sites))


def _write_everything(room: Newsroom, key: str) -> None:
    site, run = room.site, room.run
    ada = msgspec.structs.replace(ADA, address="192.0.2.7")
    said = room.say(ada, "What does the harbour master say?", story=key)
    reply = room.say(BEN, "Nothing, as always.", story=key, parent=said)
    below = room.say(CHIDI, "He said it yesterday.", story=key, parent=reply)
    run(posting.post(site, ADA, Draft(story=key, text="Once.", key="once")))
    run(posting.post(site, ADA, Draft(story=key, text="Once.", key="once")))
    room.edit(CHIDI, below, "He said it on Monday.")
    run(reacting.recommend(site, BEN, said.id, on=True))
    run(reacting.recommend(site, BEN, said.id, on=False))
    run(reacting.report(site, CHIDI, said.id, "abuse"))
    run(breaking.look(site))
    decision = room.reject(said)
    run(deciding.decision(site, MONA, decision.id))
    room.undo(decision)
    waits = room.say(ADA, "May I?", story=REVIEWED)
    run(desk.look_at(site, MONA, waits.id))
    run(desk.escalate(site, MONA, waits.id, "Is this libel?"))
    run(desk.assign(site, MONA, key, MONA.id))
    run(desk.hand_over(site, MONA, "Nothing new."))
    run(desk.save_view(site, MONA, "Links", "check=links"))
    run(desk.save_reply(site, MONA, "Calm", "Please stay calm."))
    run(desk.morning(site, MONA))
    run(desk.morning(site, MONA))
    held = Filter(status="held", story=REVIEWED)
    done = run(deciding.decide_found(site, MONA, held, "publish", before=1 << 62))
    run(deciding.undo_many(site, MONA, done.lines))
    room.withdraw(CHIDI, below)
    run(people.set_name(site, BEN, "Benedict"))
    run(people.mute(site, ADA, BEN.id, on=True))
    run(people.mute(site, ADA, BEN.id, on=False))
    token = run(people.add_staff(site, "Edgar", "editor"))
    run(bans.add_note(site, MONA, ADA.id, "Asks good questions."))
    ban = run(bans.impose(site, MONA, ADA.id, "ban", reason="spam", hours=1, by_address=True))
    run(bans.lift(site, MONA, ban.id))
    day = timedelta(days=1)
    run(people.set_name(site, ADA, "Adaline"))
    count = run(bans.count_removable(site, MONA, ADA.id, BEGINNING - day))
    gone = bans.remove_all(site, MONA, ADA.id, BEGINNING - day, expected=count, reason="spam")
    run(bans.restore_all(site, MONA, run(gone).act))
    editor = person(MONA.id, role="editor")
    run(law.change_rule(site, editor, "spam", {"en": "No boats."}))
    run(law.rules(site, "en"))
    decision = room.reject(room.say(ADA, "Buy my boat.", story=key))
    link = run(statements.token_for(site, ADA, decision.comment))
    run(statements.appeal(site, link, "It is a good boat."))
    other = person(BEN.id, role="editor")
    number = run(appeals.queue(site, other))[0].statement.id
    run(appeals.decide(site, other, number, upheld=True, answer="Yes."))
    new = law.NewNotice(address="here", explanation="Look.", sure=True)
    run(law.receipt(site, run(law.notify(site, new))))
    notice = run(law.notices(site, MONA))[0].notice.id
    run(law.answer_notice(site, editor, notice, acted=False, answer="No."))
    run(law.notify(site, msgspec.structs.replace(new, email="ada@post.example")))
    ways = Ways(site_name="", address="", language="en", zone=UTC, key="", mail=None)
    run(letters.deliver(site, ways))
    run(law.evidence(site, MONA, decision.comment))
    run(waiting.of(site, decision.comment))
    session = run(people.enter(site, token))
    edgar = run(people.by_token(site, room.storage.write_now(people.signing_key), session))
    here = place("https://post.example")
    laptop = Authenticator("laptop")
    asked = run(passkeys.ask_for_new(site, edgar, here, "The Post"))
    run(passkeys.add(site, edgar, session, laptop.make(asked, here.origin), "", here))
    answer = laptop.sign(run(passkeys.ask_to_sign_in(site, here)), here.origin)
    run(passkeys.sign_in(site, answer, here, "Firefox"))
    secret = new_totp_secret()
    code = code_at(secret, step_at(site.now()))
    run(accounts.set_up(site, edgar, session, "a long one indeed", secret, code))
    room.clock.forward(minutes=1)
    code = code_at(secret, step_at(site.now()))
    run(accounts.sign_in(site, "Edgar", "a long one indeed", code, "Firefox"))
    found = run(accounts.account(site, edgar, session))
    run(accounts.end_session(site, edgar, found.sessions[0].id))
    run(accounts.new_codes(site, edgar))
    run(passkeys.remove(site, edgar, found.passkeys[0].credential))
    head = person(BEN.id, role="administrator")
    run(accounts.members(site, head))
    run(accounts.invite(site, head, "Ida", "moderator"))
    run(accounts.change_role(site, head, edgar.id, "moderator"))
    run(accounts.reset(site, head, edgar.id))
    session = run(people.enter(site, run(people.add_staff(site, "Edgar", "editor"))))
    run(people.by_token(site, room.storage.write_now(people.signing_key), session))
    run(people.leave(site, session))
    run(stories.put(site, MONA, "the-quay", title="The quay", mode="reviewed"))
    run(stories.put(site, MONA, "the-quay", title="The long quay"))
    editor = person(8, "Edda", "editor")
    room.storage.write_now(lambda connection: users.ensure(connection, editor))
    run(policies.save(site, editor, Policy(mode="open", close_days=3), note="", base=0))
    run(policies.versions(site, MONA, 9))
    run(policies.version(site, MONA, 1))
    run(_rehearse(room, editor))
    run(_alert(room, editor))
    run(stories.put(site, MONA, "the-quay", slow=60, close_days=1, mode="trusting"))
    room.say(ADA, "The quay is long.", story="the-quay")
    run(reading.mine(site, "the-quay", ADA))
    room.clock.forward(days=2)
    run(stories.close_due(site))
    run(keeping.forget_events(site, timedelta(days=7)))
    run(keeping.forget_prints(site))
    _campaign(room)
    run(bring_in(site, "disqus", _export(), lambda done: None))


async def _alert(room: Newsroom, editor: User) -> None:
    added = await alerts.add(
        room.site,
        editor,
        kind="mail",
        target="edda@post.example",
        waiting=1,
        minutes=1,
        quiet_from=0,
        quiet_until=0,
    )
    await alerts.check(room.site, UTC)
    ways = alerts.Ways(site_name="", address="", language="en", zone=UTC, key="key")
    await alerts.deliver(room.site, ways)
    await alerts.mine(room.site, editor)
    await alerts.remove(room.site, editor, added.id)


async def _rehearse(room: Newsroom, editor: User) -> None:
    running = rehearsal.Rehearsals(lambda: ThreadPoolExecutor(1))
    wanted = Policy(suspect_words=("ferry",))
    number = await running.begin(room.site, editor, wanted, note="", base=1)
    await asyncio.gather(*running._tasks)
    await rehearsal.get(room.site, editor, number)


def _campaign(room: Newsroom) -> None:
    """Copies, and what staff do about them."""
    site, run = room.site, room.run
    key = room.add_story("the-bridge")
    copies = [room.say(who, text, story=key) for who in (ADA, BEN, CHIDI) for text in WRAPPED]
    room.edit(ADA, copies[0], "Something else altogether, about the weather on the ridge.")
    card = run(campaigns.waiting(site, MONA))[0]
    number = card.campaign.id
    run(campaigns.show(site, MONA, number))
    kept = [copies[1].id]
    run(campaigns.decide(site, MONA, number, "reject", reason="spam", apart_from=kept, hours=2))
    run(campaigns.standing(site, MONA))
    room.say(CHIDI, DISGUISED[1], story=key)


def _export() -> list[Record]:
    author = ImportedUser(key="ada", name="Ada")
    first, second = (
        ImportedComment(
            key=key,
            story_key="the-pier",
            parent_key=parent,
            author=author,
            text="Who owns the pier?",
            created_at=BEGINNING,
            status="published",
            place=key,
        )
        for key, parent in (("1", None), ("2", "1"))
    )
    return [ImportedStory(key="the-pier", title="The pier"), second, first]


def _follow_live(connection: Connection) -> None:
    """What the relay asks when pages are open."""
    stream = story_stream(story_id(OPEN))
    number = streams.number(connection, stream)
    streams.numbers(connection, [stream, DESK_STREAM])
    streams.after(connection, stream, max(0, number - 5), 200)
    decisions.count_waiting(connection)
    decisions.by_people(connection, after=0, limit=20)
    decisions.by_people(connection, after=0, limit=1, newest=True)


# -- plans ---------------------------------------------------------------------------------


def _objection(room: Newsroom, statement: str, parameters: Any) -> str:
    """What is wrong with the plan, "" when nothing is."""
    look = _objection_of_sqlite if room.storage.is_sqlite else _objection_of_postgresql
    return room.storage.read_now(lambda connection: look(connection, statement, parameters))


def _objection_of_sqlite(connection: Connection, statement: str, parameters: Any) -> str:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    for step in (row[3] for row in plan):
        scanned = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if scanned and _table(statement, scanned[1]) and scanned[2] not in IN_ORDER_OF_AN_INDEX:
            return str(step)
        if "TEMP B-TREE" in step and not _sorts_few(statement):
            return str(step)
    return ""


def _table(statement: str, name: str) -> bool:
    """Whether ``name`` is a table that grows, under whatever alias."""
    aliased = re.search(rf"(\w+) AS {name}\b", statement)
    return (aliased[1] if aliased else name) in GROWING


def _objection_of_postgresql(connection: Connection, statement: str, parameters: Any) -> str:
    ways = [
        "seqscan",
        "bitmapscan",
        "mergejoin",
        "hashjoin",
        *([] if _sorts_few(statement) else ["sort"]),
    ]
    for way in ways:  # each is taken even so where there is no other
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    for step in _steps(plan[0]["Plan"]):
        kind = step["Node Type"]
        if kind == "Seq Scan" and step["Relation Name"] in GROWING:
            return f"{kind} on {step['Relation Name']}"
        whole = kind.startswith("Index") and "Index Cond" not in step
        named = step.get("Index Name", "")
        if whole and named not in IN_ORDER_OF_AN_INDEX and not _is_latest(statement, named):
            return f"{kind} of all of {step['Index Name']}"
        if kind in ("Sort", "Incremental Sort") and not _sorts_few(statement):
            return f"{kind} by {step['Sort Key']}"
    return ""


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _steps(below)


def _is_latest(statement: str, index: str) -> bool:
    """The site's latest comment, or its latest published ones: nearly all of the latest are."""
    if index != "pk_comments" or "story_id =" in statement:
        return False
    return "LIMIT" in statement or statement.startswith("SELECT max(")


def _sorts_few(statement: str) -> bool:
    return any(part in statement.replace("\n", "") for part in SORTS_OF_FEW)
