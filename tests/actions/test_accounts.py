"""Staff prove themselves: password and second factor, recovery codes, sessions, roles."""

from __future__ import annotations

import msgspec
import pytest

from belowline.actions import accounts, people, record
from belowline.domain.secondfactor import code_at, matching_step, step_at
from belowline.domain.users import User
from belowline.signin.passwords import new_totp_secret
from tests.cast import ADA, BEGINNING, MONA, Newsroom, person, refusal_of

PASSWORD = "a ferry at seven"
HEAD = person(MONA.id, "Mona", "administrator")


def _user(room: Newsroom, session: str) -> User | None:
    """Whose session this is, None while it counts for nothing."""
    key = room.storage.write_now(people.signing_key)
    found: list[User] = []

    def look() -> None:
        found.append(room.run(people.by_token(room.site, key, session)))

    return found[0] if refusal_of(look) == "" else None


def _link(room: Newsroom, name: str = "Edgar", role: str = "editor") -> str:
    token = room.run(people.add_staff(room.site, name, role))
    return room.run(people.enter(room.site, token))


def _code(room: Newsroom, secret: str) -> str:
    room.clock.forward(minutes=2)
    return code_at(secret, step_at(room.site.now()))


@pytest.fixture
def strict(room: Newsroom) -> Newsroom:
    """The newsroom, where a second factor is required."""
    rules = msgspec.structs.replace(room.site.rules, require_second_factor=True)
    room.site = msgspec.structs.replace(room.site, rules=rules)
    return room


def _set_up(room: Newsroom, session: str) -> tuple[str, list[str]]:
    waiting = room.run(accounts.pending(room.site, session))
    user = waiting.user if waiting else _user(room, session)
    assert user is not None
    secret = new_totp_secret()
    code = _code(room, secret)
    codes = room.run(accounts.set_up(room.site, user, session, PASSWORD, secret, code))
    return secret, codes


def test_the_codes_are_those_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    steps = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    for seconds, code in steps.items():
        assert code_at(secret, seconds // 30) == code
    step = step_at(BEGINNING)
    assert matching_step(secret, f" {code_at(secret, step - 1)} ", BEGINNING, 0) == step - 1
    assert matching_step(secret, code_at(secret, step), BEGINNING, step) is None
    assert matching_step(secret, code_at(secret, step + 3), BEGINNING, 0) is None


def test_a_link_alone_lets_nobody_in_where_a_second_factor_is_required(strict: Newsroom) -> None:
    session = _link(strict)
    assert _user(strict, session) is None
    _set_up(strict, session)
    found = _user(strict, session)
    assert found is not None
    assert found.name == "Edgar"


def test_a_link_is_enough_where_that_is_not_required(room: Newsroom) -> None:
    assert _user(room, _link(room)) is not None


def test_who_has_a_second_factor_proves_it_after_a_link_too(room: Newsroom) -> None:
    secret, _ = _set_up(room, _link(room))
    again = _link(room)
    assert _user(room, again) is None
    wrong = accounts.confirm(room.site, again, "another one", _code(room, secret))
    assert room.refused(wrong) == "sign_in_wrong"
    room.run(accounts.confirm(room.site, again, PASSWORD, _code(room, secret)))
    assert _user(room, again) is not None


def test_name_password_and_code_sign_in_and_whatever_is_wrong_is_refused_alike(
    strict: Newsroom,
) -> None:
    site = strict.site
    secret, codes = _set_up(strict, _link(strict))
    code = _code(strict, secret)
    session = strict.run(accounts.sign_in(site, "edgar", PASSWORD, code, "Firefox"))
    assert _user(strict, session) is not None
    tries = [
        ("Edgar", PASSWORD, code),
        ("Edgar", "another one", _code(strict, secret)),
        ("Nobody", PASSWORD, _code(strict, secret)),
        ("", PASSWORD, _code(strict, secret)),
        ("Ada", PASSWORD, _code(strict, secret)),
        ("Edgar", PASSWORD, "000000"),
        ("Edgar", PASSWORD, ""),
    ]
    for name, password, said in tries:
        refused = accounts.sign_in(site, name, password, said, "")
        assert strict.refused(refused) == "sign_in_wrong"
    strict.run(accounts.sign_in(site, "Edgar", PASSWORD, codes[0].upper(), ""))
    used = accounts.sign_in(site, "Edgar", PASSWORD, codes[0], "")
    assert strict.refused(used) == "sign_in_wrong"


def test_weak_passwords_and_wrong_codes_are_refused(strict: Newsroom) -> None:
    session = _link(strict)
    waiting = strict.run(accounts.pending(strict.site, session))
    assert waiting is not None
    secret = new_totp_secret()
    for password, code, refusal in (
        ("short", _code(strict, secret), "password_weak"),
        ("aaaaaaaaaaaa", _code(strict, secret), "password_weak"),
        ("edgaredgar", _code(strict, secret), "password_weak"),
        (PASSWORD, "123", "code_wrong"),
    ):
        tried = accounts.set_up(strict.site, waiting.user, session, password, secret, code)
        assert strict.refused(tried) == refusal
    assert _user(strict, session) is None


def test_sessions_are_listed_and_ended(room: Newsroom) -> None:
    site = room.site
    first, second = _link(room), _link(room)
    edgar = _user(room, first)
    assert edgar is not None
    found = room.run(accounts.account(site, edgar, first))
    assert [one.is_this for one in found.sessions] == [False, True]
    room.run(accounts.end_session(site, edgar, found.sessions[0].id))
    assert _user(room, second) is None
    assert _user(room, first) is not None
    assert room.refused(accounts.end_session(site, edgar, "%" * 16)) == "session_unknown"
    mona = accounts.end_session(site, MONA, found.sessions[1].id)
    assert room.refused(mona) == "session_unknown"


def test_setting_it_up_anew_ends_every_other_session(room: Newsroom) -> None:
    first, second = _link(room), _link(room)
    _set_up(room, first)
    assert _user(room, first) is not None
    assert _user(room, second) is None


def test_administrators_invite_change_roles_and_let_go(room: Newsroom) -> None:
    site = room.site
    token = room.run(accounts.invite(site, HEAD, "Ida", "moderator"))
    session = room.run(people.enter(site, token))
    ida = _user(room, session)
    assert ida is not None
    room.run(accounts.change_role(site, HEAD, ida.id, "editor"))
    changed = _user(room, session)
    assert changed is not None
    assert changed.role == "editor"
    room.run(accounts.change_role(site, HEAD, ida.id, "reader"))
    assert _user(room, session) is None
    assert [one.user.name for one in room.run(accounts.members(site, HEAD))] == ["Mona"]
    done = [one.action for one in room.run(record.recent(site, MONA)).acts]
    wanted = ["role_changed", "role_changed", "signed_in", "staff_linked", "staff_added"]
    assert done == wanted
    assert record.verify(site).broken is None


def test_who_lost_everything_gets_a_new_link(strict: Newsroom) -> None:
    session = _link(strict)
    _set_up(strict, session)
    edgar = _user(strict, session)
    assert edgar is not None
    strict.run(accounts.reset(strict.site, HEAD, edgar.id))
    assert _user(strict, session) is None
    again = _link(strict)
    waiting = strict.run(accounts.pending(strict.site, again))
    assert waiting is not None
    assert not waiting.has_password


@pytest.mark.parametrize("by", [ADA, MONA, person(8, "Edgar", "editor")], ids=lambda by: by.role)
def test_only_administrators_manage_staff(room: Newsroom, by: User) -> None:
    site = room.site
    asked = [
        accounts.members(site, by),
        accounts.invite(site, by, "Ida", "administrator"),
        accounts.change_role(site, by, MONA.id, "administrator"),
        accounts.reset(site, by, MONA.id),
    ]
    assert [room.refused(one) for one in asked] == ["not_allowed"] * 4


def test_nobody_changes_their_own_role(room: Newsroom) -> None:
    assert room.refused(accounts.change_role(room.site, HEAD, HEAD.id, "reader")) == "not_allowed"
    wrong = accounts.invite(room.site, HEAD, "Ida", "owner")
    assert room.refused(wrong) == "role_unknown"
