"""The policy at the desk: editors change it, and what is written is judged by it."""

from __future__ import annotations

import msgspec

from belowline.actions import policies, stories
from belowline.actions.in_force import InForce
from belowline.checks import words
from belowline.domain.policy import Policy
from belowline.domain.rules import Rules
from belowline.storage import streams
from tests.cast import ADA, BEN, MONA, OPEN, REVIEWED, Newsroom, newsroom_on, person

EDGAR = person(8, "Edgar", "editor")


def save(room: Newsroom, *, base: int | None = None, note: str = "", **values: object) -> int:
    """Edgar changes something of the policy that holds."""
    held = room.run(policies.current(room.site, EDGAR))
    wanted = msgspec.structs.replace(held.policy, **values)
    number = held.number if base is None else base
    return room.run(policies.save(room.site, EDGAR, wanted, note=note, base=number))


def introduce(room: Newsroom) -> None:
    from belowline.storage import users

    room.storage.write_now(
        lambda connection: users.add(connection, EDGAR, look="edgar", honest="edgar")
    )


def test_what_is_saved_holds_from_the_next_comment_on(room: Newsroom) -> None:
    introduce(room)
    assert room.say(ADA, "A heap of mud.").status == "published"
    save(room, suspect_words=("mud",))
    assert room.say(ADA, "More mud.").status == "held"
    save(room, allowed_words=("mud pie",))
    assert room.say(ADA, "A mud pie.").status == "published"
    assert room.say(ADA, "A mud pie of m\u0443d.").status == "published"  # a guess of another word
    assert room.say(BEN, "A mud pie and mud.").status == "held"


def test_rules_domains_and_limits_are_followed(room: Newsroom) -> None:
    introduce(room)
    save(
        room,
        rules="hold when any of shouting, character_run\nrefuse when link_banned\n"
        "hold when recent above 1 and newcomer\npublish otherwise",
        banned_domains=("spam.example",),
        newcomer_until=5,
    )
    assert room.say(ADA, "Noooooooooooooo").status == "held"
    assert room.refused(room.says(ADA, "See https://www.spam.example/x now")) == "text_refused"
    assert room.say(ADA, "See https://notspam.example/x now").status == "published"
    assert room.say(ADA, "The third in a row.").status == "held"
    room.clock.forward(minutes=11)
    assert room.say(ADA, "After a walk.").status == "published"


def test_another_process_follows_with_its_next_comment(room: Newsroom) -> None:
    introduce(room)
    elsewhere = msgspec.structs.replace(room.site, in_force=InForce())
    room.run(policies.refresh(elsewhere))
    save(room, banned_words=("slime",))
    assert elsewhere.policy.banned_words == ()
    room.site = elsewhere
    assert room.refused(room.says(ADA, "Slime!")) == "text_refused"


def test_thousands_of_listed_words_are_read_before_a_comment_waits_for_them(
    room: Newsroom,
) -> None:
    introduce(room)
    listed = tuple(f"m\u00fcd{number}\u0439" for number in range(3_000))
    words._prepared.cache_clear()
    save(room, suspect_words=listed, banned_words=listed[:-1], allowed_words=("mud pie",))
    room.run(policies.refresh(room.site))
    before = words._prepared.cache_info().misses
    assert room.say(ADA, listed[-1]).status == "held"
    assert words._prepared.cache_info().misses == before


def test_versions_say_who_when_and_why_and_what_was_different(room: Newsroom) -> None:
    introduce(room)
    save(room, note="Less noise", max_links=1)
    save(room, note="Back", max_links=3)
    second, first = room.run(policies.versions(room.site, MONA))
    assert (second.number, second.author_name, second.note) == (2, "Edgar", "Back")
    found, before = room.run(policies.version(room.site, MONA, 2))
    assert (found.policy.max_links, before.max_links) == (3, 1)
    assert first.created_at < second.created_at
    assert room.refused(policies.version(room.site, MONA, 3)) == "policy_unknown"


def test_two_editors_never_overwrite_one_another(room: Newsroom) -> None:
    introduce(room)
    save(room, max_links=1)
    wanted = Policy(max_links=2)
    late = policies.save(room.site, EDGAR, wanted, note="", base=0)
    assert room.refused(late) == "outdated"


def test_only_editors_change_it_and_readers_see_nothing(room: Newsroom) -> None:
    introduce(room)
    wanted = Policy()
    for who in (ADA, MONA):
        assert room.refused(policies.save(room.site, who, wanted, note="", base=0)) == "not_allowed"
    assert room.refused(policies.current(room.site, ADA)) == "not_allowed"
    assert room.refused(policies.versions(room.site, ADA)) == "not_allowed"


def test_what_cannot_hold_is_refused(room: Newsroom) -> None:
    introduce(room)
    for values, code in (
        ({"rules": "hold when nonsense"}, "policy_rules"),
        ({"max_links": -1}, "policy_number"),
        ({"banned_words": ("a" * 201,)}, "policy_list"),
        ({"swaps": ("Eastbank = Westbank", "Eastbank")}, "policy_pair"),
        ({"mode": "opne"}, "story_mode"),
    ):
        wanted = msgspec.structs.replace(Policy(), **values)
        assert room.refused(policies.save(room.site, EDGAR, wanted, note="", base=0)) == code
    assert room.run(policies.current(room.site, MONA)).number == 0


def test_the_settings_hold_until_something_is_saved(database_url: str) -> None:
    with newsroom_on(
        database_url, rules=Rules(banned_words=("slime",), max_links=0, risk_hold=1)
    ) as room:
        introduce(room)
        assert room.refused(room.says(ADA, "Slime!")) == "text_refused"
        save(room, banned_words=())
        assert room.say(ADA, "Slime!").status == "published"


def test_stories_without_a_mode_of_their_own_follow_the_site_and_pages_hear_of_it(
    room: Newsroom,
) -> None:
    introduce(room)
    wanted = [msgspec.structs.replace(room._story("the-quay", "open"), own_mode=False)]
    room.run(stories.publish(room.site, wanted))
    story = room.story("the-quay")
    assert story.mode == "reviewed"
    save(room, mode="open", slow_seconds=30, close_days=7)
    after = room.story("the-quay")
    assert (after.mode, after.slow, after.close_days) == ("open", 30, 7)
    assert (room.story(REVIEWED).mode, room.story(OPEN).slow) == ("reviewed", 30)
    news = room.storage.read_now(lambda connection: streams.number(connection, f"story:{story.id}"))
    assert news == 1
    room.clock.forward(days=8)
    room.run(stories.close_due(room.site))
    assert room.story("the-quay").mode == "closed"
    save(room, close_days=30)
    assert room.story("the-quay").mode == "open"
