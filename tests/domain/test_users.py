"""Who may do what: the one table."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from belowline.domain.errors import SENTENCES, Refused
from belowline.domain.users import PERMISSIONS, Thing, User, demand, may
from tests.cast import ADA, BEGINNING, BEN, MONA, person
from tests.domain.test_comments import a_comment

WINDOW = timedelta(minutes=15)


def _thing(status: str = "published", *, mode: str = "open", minutes: float = 1) -> Thing:
    now = BEGINNING + timedelta(minutes=minutes)
    return Thing(comment=a_comment(ADA, status), mode=mode, edit_window=WINDOW, now=now)


def _refusal(user: User, action: str, thing: Thing) -> str:
    try:
        demand(user, action, thing)
    except Refused as refused:
        assert not may(user, action, thing)
        return refused.code
    assert may(user, action, thing)
    return ""


@pytest.mark.parametrize(
    ("user", "action", "thing", "code"),
    [
        (ADA, "post", Thing(mode="open"), ""),
        (ADA, "post", Thing(mode="reviewed"), ""),
        (ADA, "post", Thing(mode="closed"), "closed"),
        (MONA, "post", Thing(mode="closed"), ""),
        (ADA, "edit", _thing(), ""),
        (ADA, "edit", _thing("held"), ""),
        (ADA, "edit", _thing("rejected"), "not_allowed"),
        (ADA, "edit", _thing("withdrawn"), "withdrawn"),
        (ADA, "edit", _thing(minutes=15), ""),
        (ADA, "edit", _thing(minutes=15.01), "edit_window"),
        (ADA, "edit", _thing(mode="closed"), "closed"),
        (BEN, "edit", _thing(), "not_allowed"),
        (MONA, "edit", _thing(), "not_allowed"),
        (ADA, "withdraw", _thing("rejected", minutes=9_000), ""),
        (ADA, "withdraw", _thing("withdrawn"), "withdrawn"),
        (BEN, "withdraw", _thing(), "not_allowed"),
        (BEN, "recommend", _thing(), ""),
        (ADA, "recommend", _thing(), "own_comment"),
        (BEN, "recommend", _thing("held"), "not_published"),
        (BEN, "report", _thing(), ""),
        (ADA, "report", _thing(), "own_comment"),
        (BEN, "report", _thing("rejected"), "not_published"),
        (ADA, "name", Thing(), ""),
        (ADA, "moderate", Thing(), "not_allowed"),
        (MONA, "moderate", Thing(), ""),
        (ADA, "speak_for_desk", Thing(), "not_allowed"),
        (MONA, "speak_for_desk", Thing(), ""),
        (ADA, "change_story", Thing(), "not_allowed"),
        (MONA, "change_story", Thing(), ""),
    ],
)
def test_the_table_of_permissions(user: User, action: str, thing: Thing, code: str) -> None:
    assert _refusal(user, action, thing) == code


@pytest.mark.parametrize("role", ["moderator", "editor", "administrator"])
def test_everyone_above_reader_is_staff(role: str) -> None:
    assert person(5, "Edgar", role).is_staff
    assert not msgspec.structs.replace(person(5), role="reader").is_staff


def test_every_rule_answers_with_a_known_refusal_or_none() -> None:
    things = [_thing(status) for status in ("held", "published", "rejected", "withdrawn")]
    answers = {
        rule(user, thing)
        for rules in PERMISSIONS.values()
        for rule in rules
        for user in (ADA, BEN, MONA)
        for thing in [*things, Thing(mode="closed")]
    }
    assert answers - {""} <= set(SENTENCES)


READERS = {"post", "edit", "withdraw", "recommend", "report", "name"}


@pytest.mark.parametrize("action", sorted(set(PERMISSIONS) - READERS))
def test_staff_of_some_sites_are_refused_where_no_site_or_another_is_named(action: str) -> None:
    chief = person(7, "Chief", "administrator")
    lena = msgspec.structs.replace(chief, sites=frozenset({2}))
    things = [
        Thing(user=BEN),
        Thing(user=BEN, site=1),
        Thing(user=BEN, comment=_thing("held").comment),
    ]
    assert [_refusal(lena, action, one) for one in things] == ["not_allowed"] * 3
    assert [_refusal(chief, action, one) for one in things] == [""] * 3


def test_staff_of_some_sites_may_do_there_what_does_not_concern_all() -> None:
    lena = msgspec.structs.replace(person(7, "Lena", "administrator"), sites=frozenset({2}))
    may_do = {
        action
        for action in set(PERMISSIONS) - READERS
        if not _refusal(lena, action, Thing(user=BEN, site=2))
    }
    about_cards = {"moderate", "change_story", "remove_all", "decide_appeal", "answer_notice"}
    assert may_do == about_cards | {"warning", "mute", "ban", "change_policy"}


def test_staff_write_under_closed_stories_of_their_own_sites_alone() -> None:
    lena = msgspec.structs.replace(MONA, sites=frozenset({2}))
    assert _refusal(lena, "post", Thing(mode="closed", site=2)) == ""
    assert _refusal(lena, "post", Thing(mode="closed", site=1)) == "closed"
