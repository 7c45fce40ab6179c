"""Several sites in one desk: who sees which, and how a story comes to its own."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import Any

import msgspec
import pytest

from belowline.actions import (
    alerts,
    campaigns,
    deciding,
    desk,
    people,
    policies,
    posting,
    sites,
    stories,
)
from belowline.actions.importing import bring_in
from belowline.actions.judging import EmbeddingPage
from belowline.domain import ids
from belowline.domain.comments import Comment, Draft
from belowline.domain.events import desk_stream
from belowline.domain.policy import Own, Policy, changes
from belowline.domain.queue import Filter
from belowline.domain.users import User
from belowline.importers import ImportedStory
from belowline.live import relay
from belowline.storage import sites as stored
from belowline.storage import users
from belowline.storage.alerts import due
from tests.campaigns.texts import WRAPPED
from tests.cast import ADA, BEN, CHIDI, MONA, OPEN, REVIEWED, Newsroom, person

THERE = "regional:the-pier"
CHIEF = person(8, "Edgar", "administrator")


@pytest.fixture
def two(room: Newsroom) -> Newsroom:
    """A newsroom with a second site that has a story of its own."""
    room.run(sites.add(room.site, None, "regional", "The Regional", ["https://north.example"]))
    room.add_story(THERE, "reviewed")
    room.storage.write_now(lambda connection: users.ensure(connection, CHIEF, _lena(2)))
    return room


def _lena(*of: int) -> User:
    return msgspec.structs.replace(person(10, "Lena", "moderator"), sites=frozenset(of))


def _editor(*of: int) -> User:
    return msgspec.structs.replace(person(10, "Lena", "editor"), sites=frozenset(of))


def _texts(room: Newsroom, user: User, **wanted: Any) -> list[str]:
    found = room.run(deciding.queue(room.site, user, Filter(**wanted)))
    return [card.comment.text for card in found.cards]


def _waiting(room: Newsroom) -> list[Comment]:
    return [
        room.say(ADA, "Here first.", story=REVIEWED),
        room.say(BEN, "There second.", story=THERE),
        room.say(CHIDI, "Here third.", story=REVIEWED),
    ]


async def _alert(room: Newsroom, user: User) -> None:
    await alerts.add(
        room.site,
        user,
        kind="mail",
        target="m@post.example",
        waiting=1,
        minutes=1,
        quiet_from=0,
        quiet_until=0,
    )


def test_a_site_has_one_site_until_another_is_made(room: Newsroom) -> None:
    assert [one.key for one in room.run(sites.of_staff(room.site, MONA))] == ["main"]
    room.say(ADA, "Who pays?", story=REVIEWED)
    assert room.run(deciding.queue(room.site, MONA)).cards[0].publication is None


def test_each_sees_what_waits_on_their_sites_in_one_order(two: Newsroom) -> None:
    _waiting(two)
    assert _texts(two, MONA) == ["Here first.", "There second.", "Here third."]
    assert _texts(two, _lena(2)) == ["There second."]
    assert _texts(two, _lena(1)) == ["Here first.", "Here third."]
    assert _texts(two, _lena(1, 2)) == _texts(two, MONA)
    assert _texts(two, MONA, status="all") == _texts(two, _lena(1, 2), status="all")
    assert _texts(two, _lena(2), status="all", words="first") == []
    counted = two.run(desk.counts(two.site, _lena(2)))
    assert (counted["waiting"], counted["held"]) == (1, 1)
    assert two.run(deciding.queue(two.site, _lena(2))).count == 1


def test_pages_of_several_sites_skip_nothing(two: Newsroom) -> None:
    _waiting(two)
    for wanted in (Filter(), Filter(status="all")):
        seen, after = [], None
        for _ in range(3):
            page = two.run(deciding.queue(two.site, _lena(1, 2), wanted, after=after, limit=1))
            seen += [card.comment.text for card in page.cards]
            after = page.next
        assert sorted(seen) == ["Here first.", "Here third.", "There second."]
        assert after is None


def test_a_filter_by_site_shows_that_site_and_never_another_ones(two: Newsroom) -> None:
    _waiting(two)
    assert _texts(two, MONA, site="regional") == ["There second."]
    assert _texts(two, _lena(2), site="regional") == ["There second."]
    assert _texts(two, _lena(2), site="main") == []
    assert _texts(two, MONA, site="nowhere") == []
    assert two.run(desk.counts(two.site, MONA, "regional"))["waiting"] == 1
    cards = two.run(deciding.queue(two.site, MONA)).cards
    assert [card.publication.key for card in cards if card.publication] == [
        "main",
        "regional",
        "main",
    ]


def test_whoever_works_there_decides_there_and_nothing_here(two: Newsroom) -> None:
    here, there, _ = _waiting(two)
    both = [deciding.Judged(comment=one.id, revision=1) for one in (there, here)]
    lena = _lena(2)
    assert two.refused(deciding.decide(two.site, lena, both, "publish")) == "not_allowed"
    assert two.now(there).status == "held"
    [line] = two.run(deciding.decide(two.site, lena, both[:1], "publish"))
    assert two.refused(deciding.undo(two.site, _lena(1), line.id)) == "not_allowed"
    assert [one.id for one in two.run(deciding.latest(two.site, lena))] == [line.id]
    assert two.run(deciding.latest(two.site, _lena(1))) == []
    two.run(deciding.undo(two.site, lena, line.id))
    everything = Filter(status="all")
    swept = deciding.decide_found(two.site, lena, everything, "publish", before=1 << 62)
    assert len(two.run(swept).lines) == 1
    assert two.now(here).status == "held"


def test_a_story_comes_to_its_site_by_key_address_or_name(two: Newsroom) -> None:
    page = EmbeddingPage(url="https://north.example/quay", title="The quay")
    two.run(posting.post(two.site, ADA, Draft(story="quay", text="Long.", key="k"), page))
    two.run(stories.put(two.site, MONA, "mole", of="regional"))
    two.run(stories.put(two.site, MONA, "jetty", url="https://elsewhere.example/"))
    records = [ImportedStory(key="slip", title="The slip")]
    two.run(bring_in(two.site, "disqus", records, lambda done: None, of="regional"))
    assert {key: two.story(key).site for key in (THERE, "quay", "mole", "jetty", "slip")} == {
        THERE: 2,
        "quay": 2,
        "mole": 2,
        "jetty": 1,
        "slip": 2,
    }


def test_a_story_moves_with_everything_under_it(two: Newsroom) -> None:
    here, _, third = _waiting(two)
    two.run(sites.move(two.site, None, REVIEWED, "regional"))
    assert [two.now(one).site for one in (here, third)] == [2, 2]
    assert len(_texts(two, _lena(2))) == 3
    put = stories.put(two.site, _lena(2), REVIEWED, of="main")
    assert two.refused(put) == "not_allowed"
    assert two.refused(stories.put(two.site, MONA, REVIEWED, of="nowhere")) == "site_unknown"


def test_the_alerts_of_whoever_is_limited_tell_of_their_sites_alone(two: Newsroom) -> None:
    two.run(_alert(two, MONA))
    two.say(ADA, "Here.", story=REVIEWED)
    assert two.run(alerts.check(two.site, UTC)) == 1
    two.run(sites.limit(two.site, CHIEF, MONA.id, ["regional"]))
    limits = two.storage.read_now(lambda connection: stored.of_user(connection, MONA.id))
    assert limits == frozenset({2})
    lena = msgspec.structs.replace(MONA, sites=limits)
    assert len(two.run(alerts.mine(two.site, lena))) == 1
    assert two.run(alerts.check(two.site, UTC)) == 0
    two.say(BEN, "There.", story=THERE)
    assert two.run(alerts.check(two.site, UTC)) == 1
    waiting = two.storage.read_now(lambda connection: due(connection, two.clock(), 9))
    assert [one.waiting for one in waiting] == [1]
    two.run(sites.limit(two.site, CHIEF, MONA.id, []))
    assert two.storage.read_now(lambda connection: stored.of_user(connection, MONA.id)) is None


def test_a_session_knows_its_limits_from_the_next_request_on(two: Newsroom) -> None:
    token = two.run(people.enter(two.site, two.run(people.add_staff(two.site, "Ida", "editor"))))
    key = two.storage.write_now(people.signing_key)
    ida = two.run(people.by_token(two.site, key, token))
    assert ida.sites is None
    two.run(sites.limit(two.site, None, ida.id, ["regional"]))
    assert two.run(people.by_token(two.site, key, token)).sites == frozenset({2})


def test_sites_are_made_by_administrators_of_all_sites(two: Newsroom) -> None:
    assert two.refused(sites.add(two.site, MONA, "x", "X", [])) == "not_allowed"
    head = msgspec.structs.replace(CHIEF, sites=frozenset({2}))
    assert two.refused(sites.limit(two.site, head, MONA.id, [])) == "not_allowed"
    assert two.refused(sites.limit(two.site, CHIEF, CHIEF.id, ["main"])) == "not_allowed"
    assert two.refused(sites.add(two.site, CHIEF, "regional", "X", [])) == "site_taken"
    two.run(sites.change(two.site, CHIEF, "main", "The Paper", ["https://paper.example/"]))
    assert [(one.key, one.name) for one in two.run(sites.everyone(two.site))] == [
        ("main", "The Paper"),
        ("regional", "The Regional"),
    ]


def test_a_story_is_given_to_nobody_who_does_not_see_it(two: Newsroom) -> None:
    two.run(sites.limit(two.site, None, MONA.id, ["regional"]))
    assert two.refused(desk.assign(two.site, CHIEF, REVIEWED, MONA.id)) == "user_unknown"
    assert two.refused(desk.assign(two.site, CHIEF, THERE, MONA.id)) == ""


def test_what_somebody_decided_for_coming_copies_ends_with_their_limit(two: Newsroom) -> None:
    for who in (ADA, BEN, CHIDI):
        for text in WRAPPED:
            two.say(who, text, story=REVIEWED)
    number = two.run(campaigns.waiting(two.site, MONA))[0].campaign.id
    two.run(campaigns.decide(two.site, MONA, number, "reject", reason="spam", hours=2))
    two.run(sites.limit(two.site, None, MONA.id, ["regional"]))
    found = two.run(campaigns.show(two.site, CHIEF, number)).campaign
    assert (found.standing, found.waits) == ("", True)
    assert two.refused(campaigns.show(two.site, _lena(2), number)) == "not_allowed"


def test_the_live_desk_tells_of_ones_own_sites_alone(two: Newsroom) -> None:
    here, there, _ = _waiting(two)

    def told(user: User) -> bytes:
        read = partial(relay._read, desk_stream(user.sites), 0, {"en"}, lambda *one: "")
        _, frames, _ = two.storage.read_now(read)
        return frames["en"]

    numbers = [ids.encode(one.id).encode() for one in (here, there)]
    assert [number in told(MONA) for number in numbers] == [True, True]
    assert [number in told(_lena(2)) for number in numbers] == [False, True]
    assert b'"count":1' in told(_lena(2))


def test_a_site_has_words_rules_and_a_mode_of_its_own(two: Newsroom) -> None:
    base = two.run(policies.current(two.site, CHIEF)).number
    own = Own(
        site=2,
        key="regional",
        banned_words=("eel",),
        rules="hold when character_run\n",
        mode="open",
    )
    base = two.run(policies.save_own(two.site, _editor(2), own, note="Eels", base=base))
    quay = two.run(stories.put(two.site, CHIEF, "regional:quay", title="The quay")).key
    assert two.refused(two.says(ADA, "An eel.", story=quay)) == "text_refused"
    assert two.say(ADA, "An eel.", story=OPEN).status == "published"
    assert two.say(BEN, "A quiet word.", story=quay).status == "published"
    assert two.say(BEN, "Noooooooooooooo", story=quay).status == "held"
    assert two.say(CHIDI, "Yessssssssssssss", story=OPEN).status == "published"
    for common in ("mud", "slime"):  # what holds for all holds there too, and changes alone
        held = two.run(policies.current(two.site, CHIEF))
        wanted = msgspec.structs.replace(held.policy, banned_words=(common,))
        two.run(policies.save(two.site, CHIEF, wanted, note="", base=held.number))
    assert two.refused(two.says(CHIDI, "Slime.", story=quay)) == "text_refused"
    assert two.refused(two.says(CHIDI, "Slime.", story=OPEN)) == "text_refused"
    assert two.refused(two.says(CHIDI, "An eel.", story=quay)) == "text_refused"


def test_an_editor_of_one_site_changes_what_that_has_besides_and_nothing_else(
    two: Newsroom,
) -> None:
    base = two.run(policies.current(two.site, CHIEF)).number
    elsewhere = Own(site=1, key="main", banned_words=("wombat",))
    base = two.run(policies.save_own(two.site, CHIEF, elsewhere, note="", base=base))
    assert two.run(policies.current(two.site, _editor(2))).policy.own == ()
    refused = [
        policies.save_own(two.site, _editor(2), elsewhere, note="", base=base),
        policies.save_own(two.site, _lena(2), Own(site=2, key="regional"), note="", base=base),
        policies.save(two.site, _editor(2), Policy(), note="", base=base),
        policies.versions(two.site, _editor(2)),
    ]
    assert [two.refused(one) for one in refused] == ["not_allowed"] * 4
    bad = Own(site=2, key="regional", rules="hold when shoutin\n")
    saves = policies.save_own(two.site, _editor(2), bad, note="", base=base)
    assert two.refused(saves) == "policy_rules"
    good = msgspec.structs.replace(bad, rules="publish otherwise\n")
    number = two.run(policies.save_own(two.site, _editor(2), good, note="", base=base))
    saved, before = two.run(policies.version(two.site, CHIEF, number))
    assert [line for sign, line in changes(before, saved.policy) if sign == "+"] == [
        "[regional] publish otherwise"
    ]
    assert saved.policy.own_of(1) == elsewhere


def test_a_story_that_moves_follows_the_mode_of_its_new_site(two: Newsroom) -> None:
    base = two.run(policies.current(two.site, CHIEF)).number
    own = Own(site=2, key="regional", mode="closed", slow_seconds=60)
    two.run(policies.save_own(two.site, CHIEF, own, note="", base=base))
    two.run(stories.put(two.site, CHIEF, "bridge", title="The bridge"))
    two.run(stories.put(two.site, CHIEF, "tower", title="The tower", mode="open"))
    for key in ("bridge", "tower"):
        two.run(sites.move(two.site, None, key, "regional"))
    modes = [two.run(stories.put(two.site, CHIEF, key)) for key in ("bridge", "tower")]
    assert [(one.mode, one.slow) for one in modes] == [("closed", 60), ("open", 60)]
