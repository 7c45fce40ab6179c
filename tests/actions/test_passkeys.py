"""Staff come in by passkeys: made, used, doubted, taken away."""

from __future__ import annotations

import msgspec
import pytest

from belowline.actions import accounts, passkeys, people, record
from belowline.domain.users import User
from belowline.signin.passkeys import Place, place
from tests.actions.test_accounts import _link, _set_up, _user
from tests.cast import ADA, MONA, Newsroom, person
from tests.support.authenticator import Authenticator

HERE = place("https://courier.example.org:8443/talk")
ELSEWHERE = Place("courier.example.org", "https://phish.example.org")
HEAD = person(MONA.id, "Mona", "administrator")


@pytest.fixture
def strict(room: Newsroom) -> Newsroom:
    """The newsroom, where a second factor is required."""
    rules = msgspec.structs.replace(room.site.rules, require_second_factor=True)
    room.site = msgspec.structs.replace(room.site, rules=rules)
    return room


def _make(room: Newsroom, session: str, key: Authenticator, name: str = "") -> User:
    waiting = room.run(accounts.pending(room.site, session))
    user = waiting.user if waiting else _user(room, session)
    assert user is not None
    asked = room.run(passkeys.ask_for_new(room.site, user, HERE, "The Courier"))
    answer = key.make(asked, HERE.origin)
    room.run(passkeys.add(room.site, user, session, answer, name, HERE))
    return user


def _question(room: Newsroom) -> str:
    return room.run(passkeys.ask_to_sign_in(room.site, HERE))


def _enter(room: Newsroom, key: Authenticator) -> str:
    answer = key.sign(_question(room), HERE.origin)
    return room.run(passkeys.sign_in(room.site, answer, HERE, "Firefox"))


def _refused(room: Newsroom, answer: str, where: Place = HERE) -> str:
    return room.refused(passkeys.sign_in(room.site, answer, where, ""))


def test_a_passkey_is_bound_to_the_host_and_origin_of_the_public_address() -> None:
    assert Place("courier.example.org", "https://courier.example.org:8443") == HERE


def test_a_passkey_alone_is_enough_where_a_second_factor_is_required(strict: Newsroom) -> None:
    key, session = Authenticator("laptop"), _link(strict)
    edgar = _make(strict, session, key, "  work\n laptop ")
    assert _user(strict, session) is not None
    again = _enter(strict, key)
    assert _user(strict, again) == edgar
    found = strict.run(accounts.account(strict.site, edgar, again))
    assert [(one.name, one.sign_count) for one in found.passkeys] == [("work laptop", 1)]
    assert found.passkeys[0].used_at is not None
    done = [one.action for one in strict.run(record.recent(strict.site, MONA)).acts]
    assert done[:2] == ["signed_in", "passkey_added"]


def test_who_has_a_passkey_proves_it_after_a_link_and_cannot_set_another_by_it(
    room: Newsroom,
) -> None:
    edgar = _make(room, _link(room), Authenticator("laptop"))
    again = _link(room)
    assert _user(room, again) is None
    asked = room.run(passkeys.ask_for_new(room.site, edgar, HERE, "The Courier"))
    answer = Authenticator("thief").make(asked, HERE.origin)
    tried = passkeys.add(room.site, edgar, again, answer, "", HERE)
    assert room.refused(tried) == "not_allowed"


def test_a_challenge_is_answered_once_in_five_minutes_at_its_own_address(room: Newsroom) -> None:
    key = Authenticator("laptop")
    _make(room, _link(room), key)
    answer = key.sign(_question(room), HERE.origin)
    room.run(passkeys.sign_in(room.site, answer, HERE, ""))
    assert _refused(room, answer) == "passkey_wrong"
    late = key.sign(_question(room), HERE.origin)
    room.clock.forward(minutes=5)
    assert _refused(room, late) == "passkey_wrong"
    assert _refused(room, key.sign(_question(room), ELSEWHERE.origin)) == "passkey_wrong"


def test_forged_answers_are_refused(room: Newsroom) -> None:
    key = Authenticator("laptop")
    edgar = _make(room, _link(room), key)
    forged = Authenticator("laptop").sign(_question(room), HERE.origin)  # same id, another key
    assert _refused(room, forged) == "passkey_wrong"
    unknown = Authenticator("telephone").sign(_question(room), HERE.origin)
    assert _refused(room, unknown) == "passkey_wrong"
    for broken in ("", "{}", "[]", '{"id": 1, "response": {"clientDataJSON": "?"}}', "[" * 9000):
        assert _refused(room, broken) == "passkey_wrong"
    asked = room.run(passkeys.ask_for_new(room.site, edgar, HERE, "The Courier"))
    lax = Authenticator("lax", verifies=False).make(asked, HERE.origin)
    session = _enter(room, key)
    assert room.refused(passkeys.add(room.site, edgar, session, lax, "", HERE)) == "passkey_wrong"


def test_a_passkey_that_counts_backwards_is_refused_and_doubted(room: Newsroom) -> None:
    key = Authenticator("laptop")
    edgar = _make(room, _link(room), key)
    session = _enter(room, key)
    key.count -= 1
    assert _refused(room, key.sign(_question(room), HERE.origin)) == "passkey_doubted"
    found = room.run(accounts.account(room.site, edgar, session))
    assert found.passkeys[0].doubted_at is not None
    assert room.run(record.recent(room.site, MONA)).acts[0].action == "passkey_doubted"


def test_several_passkeys_are_removed_but_not_the_last_way_in(room: Newsroom) -> None:
    site, session = room.site, _link(room)
    laptop, telephone = Authenticator("laptop"), Authenticator("telephone")
    edgar = _make(room, session, laptop)
    room.clock.forward(minutes=1)
    _make(room, session, telephone)
    first, second = room.run(accounts.account(site, edgar, session)).passkeys
    mona = passkeys.remove(site, MONA, first.credential)
    assert room.refused(mona) == "passkey_unknown"
    room.run(passkeys.remove(site, edgar, first.credential))
    assert _refused(room, laptop.sign(_question(room), HERE.origin)) == "passkey_wrong"
    last = passkeys.remove(site, edgar, second.credential)
    assert room.refused(last) == "passkey_last"
    _enter(room, telephone)
    _set_up(room, session)
    room.run(passkeys.remove(site, edgar, second.credential))


def test_who_is_let_go_or_reset_comes_in_by_no_passkey(room: Newsroom) -> None:
    key = Authenticator("laptop")
    edgar = _make(room, _link(room), key)
    room.run(accounts.reset(room.site, HEAD, edgar.id))
    assert _refused(room, key.sign(_question(room), HERE.origin)) == "passkey_wrong"
    waiting = room.run(
        people.enter(room.site, room.run(people.add_staff(room.site, "Edgar", "editor")))
    )
    _make(room, waiting, key)
    room.run(accounts.change_role(room.site, HEAD, edgar.id, "reader"))
    assert _refused(room, key.sign(_question(room), HERE.origin)) == "passkey_wrong"


def test_readers_have_no_passkeys(room: Newsroom) -> None:
    asked = passkeys.ask_for_new(room.site, ADA, HERE, "The Courier")
    assert room.refused(asked) == "not_allowed"
    added = passkeys.add(room.site, ADA, "", "{}", "", HERE)
    assert room.refused(added) == "not_allowed"
    assert room.refused(passkeys.remove(room.site, ADA, "x")) == "not_allowed"
