"""Warnings, mutes and bans; an author's page; removing everything and taking that back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from belowline.actions import (
    appeals,
    bans,
    people,
    posting,
    reacting,
    reading,
    record,
    sites,
    statements,
)
from belowline.actions.judging import EmbeddingPage
from belowline.domain.bans import Ban, address_key
from belowline.domain.comments import Comment, Draft
from belowline.domain.errors import Refused
from belowline.domain.users import User
from belowline.storage import schema, users
from belowline.storage.engine import Connection
from tests.cast import (
    ADA,
    BEGINNING,
    BEN,
    CHIDI,
    MONA,
    OPEN,
    REVIEWED,
    Newsroom,
    person,
    refusal_of,
)

EDGAR = person(8, "Edgar", "editor")


@pytest.fixture(autouse=True)
def edgar(room: Newsroom) -> None:
    """Edgar works here too."""
    room.storage.write_now(
        lambda connection: users.add(connection, EDGAR, look="edgar", honest="edgar")
    )


def at(user: User, address: str) -> User:
    """The same person, writing from there."""
    return msgspec.structs.replace(user, address=address)


def _impose(room: Newsroom, who: User, kind: str, by: User = MONA, **more: Any) -> Ban:
    wanted: dict[str, Any] = {"reason": "harassment", "hours": 24} | more
    return room.run(bans.impose(room.site, by, who.id, kind, **wanted))


def _refusals(room: Newsroom, who: User, own: Comment, other: Comment) -> list[str]:
    """What becomes of writing, editing, recommending, reporting, naming and deleting."""
    site = room.site
    return [
        refusal_of(lambda: room.say(who, "And another thing.")),
        refusal_of(lambda: room.edit(who, own, "Otherwise.")),
        refusal_of(lambda: room.run(reacting.recommend(site, who, other.id, on=True))),
        refusal_of(lambda: room.run(reacting.report(site, who, other.id, "abuse"))),
        refusal_of(lambda: room.run(people.set_name(site, who, "Adaline"))),
        refusal_of(lambda: room.withdraw(who, room.now(own))),
    ]


def test_a_banned_author_can_do_nothing_but_delete_what_is_theirs(room: Newsroom) -> None:
    own, other = room.say(ADA, "The ferry was late."), room.say(BEN, "It was not.")
    _impose(room, ADA, "ban")
    assert _refusals(room, ADA, own, other) == [*["banned"] * 5, ""]


def test_a_muted_author_may_still_recommend_report_and_take_a_name(room: Newsroom) -> None:
    own, other = room.say(ADA, "The ferry was late."), room.say(BEN, "It was not.")
    _impose(room, ADA, "mute")
    assert _refusals(room, ADA, own, other) == ["banned", "banned", "", "", "", ""]


def test_a_warning_stops_nothing_and_is_told(room: Newsroom) -> None:
    own, other = room.say(ADA, "The ferry was late."), room.say(BEN, "It was not.")
    _impose(room, ADA, "warning")
    assert _refusals(room, ADA, own, other) == [""] * 6
    (told,) = room.run(bans.standing(room.site, ADA))
    assert (told.kind, told.reason, told.until) == ("warning", "harassment", None)


def test_the_banned_are_told_until_when_and_why(room: Newsroom) -> None:
    room.say(ADA, "The ferry was late.")
    made = _impose(room, ADA, "ban", hours=48)
    with pytest.raises(Refused) as refused:
        room.say(ADA, "And another thing.")
    assert refused.value.code == "banned"
    assert made.until is not None
    assert refused.value.values["until"] == made.until.isoformat()
    assert refused.value.values["why"] == "harassment"


def test_a_ban_ends_by_itself_and_can_be_ended_before(room: Newsroom) -> None:
    room.say(ADA, "The ferry was late.")
    first = _impose(room, ADA, "ban", hours=1)
    room.clock.forward(minutes=61)
    assert room.say(ADA, "I am back.").status == "published"
    second = _impose(room, ADA, "ban", hours=1)
    room.run(bans.lift(room.site, MONA, second.id))
    assert room.say(ADA, "And again.").status == "published"
    assert refusal_of(lambda: room.run(bans.lift(room.site, MONA, second.id))) == "already_decided"
    assert first.id != second.id


def test_what_somebody_imposed_in_the_last_ten_minutes_can_be_taken_back(room: Newsroom) -> None:
    _impose(room, CHIDI, "ban")
    room.clock.forward(minutes=11)
    _impose(room, ADA, "warning")
    _impose(room, BEN, "mute", by=EDGAR)
    lifted = _impose(room, BEN, "mute")
    room.run(bans.lift(room.site, MONA, lifted.id))
    muted = _impose(room, ADA, "mute")
    banned = _impose(room, BEN, "ban")
    found = room.run(bans.undoable(room.site, MONA))
    assert [(ban.id, name) for ban, name in found] == [(banned.id, BEN.name), (muted.id, ADA.name)]


def test_others_are_not_met_by_a_ban_unless_they_write_from_its_address(room: Newsroom) -> None:
    room.say(at(ADA, "192.0.2.7"), "The ferry was late.")
    room.say(at(BEN, "198.51.100.1"), "It was not.")
    _impose(room, ADA, "ban", by_address=True)
    newcomer = at(person(77), "192.0.2.7")
    assert refusal_of(lambda: room.say(newcomer, "I am somebody new.")) == "banned"
    assert refusal_of(lambda: room.say(at(CHIDI, "192.0.2.8"), "Next door.")) == ""
    assert refusal_of(lambda: room.say(at(MONA, "192.0.2.7"), "I work here.")) == ""


def test_a_ban_without_address_meets_the_account_only(room: Newsroom) -> None:
    room.say(at(ADA, "192.0.2.7"), "The ferry was late.")
    _impose(room, ADA, "ban")
    assert room.say(at(person(77), "192.0.2.7"), "I am somebody new.").status == "published"


def test_an_address_is_forgotten_after_two_periods(room: Newsroom) -> None:
    room.say(at(ADA, "192.0.2.7"), "The ferry was late.")
    _impose(room, ADA, "ban", by=EDGAR, by_address=True, hours=None)
    room.clock.forward(days=8)
    newcomer = at(person(77), "192.0.2.7")
    assert refusal_of(lambda: room.say(newcomer, "I am somebody new.")) == "banned"
    room.say(at(BEN, "198.51.100.1"), "A new key is made.")
    room.clock.forward(days=8)
    assert room.say(newcomer, "I am somebody new.").status == "published"
    assert refusal_of(lambda: room.say(ADA, "Still me.")) == "banned"


def test_no_address_is_stored_in_the_clear(room: Newsroom) -> None:
    room.say(at(ADA, "192.0.2.7"), "The ferry was late.")
    stored = room.storage.read_now(
        lambda connection: list(connection.execute(schema.addresses.select()).all())
    )
    assert len(stored) == 1
    assert "192.0.2" not in str(stored)


def test_a_household_is_one_address() -> None:
    here = [address_key("k", one) for one in ("2001:db8:0:1::5", "2001:db8::1:0:0:0:9")]
    assert here[0] == here[1]
    assert here[0] != address_key("k", "2001:db8:0:2::5")
    assert address_key("k", "192.0.2.7") != address_key("l", "192.0.2.7")


def test_only_editors_ban_without_an_end_and_nobody_bans_staff(room: Newsroom) -> None:
    room.say(ADA, "The ferry was late.")
    refused = refusal_of(lambda: _impose(room, ADA, "ban", hours=None))
    too_long = refusal_of(lambda: _impose(room, ADA, "ban", hours=24 * 31))
    assert (refused, too_long) == ("not_allowed", "not_allowed")
    assert _impose(room, ADA, "ban", by=EDGAR, hours=None).until is None
    assert refusal_of(lambda: _impose(room, MONA, "mute", by=EDGAR)) == "not_allowed"
    assert refusal_of(lambda: _impose(room, BEN, "ban", by=ADA)) == "not_allowed"


def test_what_makes_no_sense_is_refused(room: Newsroom) -> None:
    site = room.site
    assert refusal_of(lambda: _impose(room, ADA, "mute", hours=24 * 8)) == "measure_length"
    assert refusal_of(lambda: _impose(room, ADA, "mute", hours=None)) == "measure_length"
    assert refusal_of(lambda: _impose(room, ADA, "ban", hours=0)) == "measure_length"
    assert refusal_of(lambda: _impose(room, ADA, "ban", reason="dislike")) == "reason_unknown"
    assert refusal_of(lambda: _impose(room, ADA, "exile")) == "measure_unknown"
    assert refusal_of(lambda: _impose(room, person(404), "ban")) == "user_unknown"
    assert refusal_of(lambda: room.run(bans.lift(site, MONA, 404))) == "measure_unknown"


def test_a_mass_removal_appears_one_by_one_in_the_record_and_can_be_taken_back(
    room: Newsroom,
) -> None:
    old = room.say(ADA, "From before.")
    room.clock.forward(hours=3)
    bad = [room.say(ADA, f"Buy my boat, {n}.") for n in range(4)]
    held = room.say(ADA, "Buy it now.", story=REVIEWED)
    other = room.say(BEN, "No, thanks.", parent=bad[0])
    since = BEGINNING + timedelta(hours=2)
    site = room.site
    assert room.run(bans.count_removable(site, MONA, ADA.id, since)) == 5
    lines = room.rows(schema.decisions)
    removed = room.run(bans.remove_all(site, MONA, ADA.id, since, expected=5, reason="spam"))
    assert (removed.done, room.rows(schema.decisions) - lines) == (5, 5)
    assert {room.now(one).status for one in (*bad, held)} == {"rejected"}
    assert {room.now(one).status for one in (old, other)} == {"published"}
    assert room.count() == 2
    room.publish(bad[3])
    back = room.run(bans.restore_all(site, MONA, removed.act))
    assert (back.done, back.left) == (4, 1)
    assert [room.now(one).status for one in (*bad, held)] == [*["published"] * 4, "held"]
    assert refusal_of(lambda: room.run(bans.restore_all(site, MONA, removed.act))) == (
        "already_decided"
    )
    assert record.verify(site).broken is None


def test_a_removal_of_another_number_than_was_shown_is_refused(room: Newsroom) -> None:
    room.say(ADA, "Buy my boat.")
    room.say(ADA, "Buy it now.")
    remove = bans.remove_all(room.site, MONA, ADA.id, BEGINNING, expected=1, reason="spam")
    assert room.refused(remove) == "outdated"
    assert room.count() == 2


def test_an_authors_page_has_everything(room: Newsroom) -> None:
    site = room.site
    comment = room.say(at(ADA, "192.0.2.7"), "The ferry was late.")
    room.say(at(BEN, "192.0.2.7"), "From the same house.")
    room.run(people.set_name(site, ADA, "Adaline"))
    room.run(bans.add_note(site, MONA, ADA.id, "Knows the harbour well."))
    room.reject(comment)
    _impose(room, ADA, "warning")
    page = room.run(bans.author(site, MONA, ADA.id))
    assert page.user.name == "Adaline"
    assert [name for name, _ in page.names] == ["Ada"]
    assert [(text, by) for text, by, _ in page.notes] == [("Knows the harbour well.", "Mona")]
    assert [one.kind for one in page.measures] == ["warning"]
    assert [one.id for one in page.comments] == [comment.id]
    assert [line.action for line in page.histories[comment.id]] == ["post", "reject"]
    assert page.neighbours == [(BEN.id, "Ben")]
    assert page.record == {"rejected": 1}
    assert refusal_of(lambda: room.run(bans.author(site, BEN, ADA.id))) == "not_allowed"


def test_a_ban_of_one_site_stops_there_alone(room: Newsroom) -> None:
    room.run(sites.add(room.site, None, "regional", "The Regional", []))
    pier = room.add_story("regional:pier")
    there = room.say(ADA, "At the pier.", story=pier)
    _impose(room, ADA, "ban", of="regional")
    assert room.refused(room.says(ADA, "Again at the pier.", story=pier)) == "banned"
    assert room.refused(posting.edit(room.site, ADA, there.id, "At it.", None)) == "banned"
    ben = room.say(BEN, "Me too.", story=pier)
    assert room.refused(reacting.recommend(room.site, ADA, ben.id, on=True)) == "banned"
    gull = Draft(story="regional:gull", text="A gull.", key="gull")
    new = posting.post(room.site, ADA, gull, EmbeddingPage(url=""))
    assert room.refused(new) == "banned"
    assert room.say(ADA, "Elsewhere I may.", story=OPEN).status == "published"
    room.run(people.set_name(room.site, ADA, "Ada of the sea"))
    found = room.run(bans.standing(room.site, ADA))
    assert [(one.key, one.where) for one in found] == [("regional", "The Regional")]
    assert room.run(reading.mine(room.site, OPEN, ADA)).measures == ()
    assert len(room.run(reading.mine(room.site, pier, ADA)).measures) == 1


def _standing(room: Newsroom, by: User, of: str = "") -> list[tuple[str, str]]:
    """Site and note of what stands against people, as somebody of the staff sees it."""
    found = room.run(bans.in_force(room.site, by, of)).measures
    return [(ban.key, ban.note) for ban, _ in found]


def _token(room: Newsroom, ban: Ban) -> str:
    """Of the statement of reasons."""

    def read(connection: Connection) -> str:
        return statements.linked(connection, room.site, ban).link.split("/")[-1]

    return room.storage.read_now(read)


def test_whoever_works_for_one_site_bans_there_and_hears_appeals_against_it(
    room: Newsroom,
) -> None:
    room.run(sites.add(room.site, None, "regional", "The Regional", []))
    room.say(ADA, "At the pier.", story=room.add_story("regional:pier"))
    lena = msgspec.structs.replace(MONA, id=77, name="Lena", sites=frozenset({2}))
    room.storage.write_now(lambda connection: users.ensure(connection, lena))
    common = _impose(room, ADA, "mute", hours=1, note_="Rude.")
    for where, code in (("", "not_allowed"), ("main", "not_allowed"), ("moon", "site_unknown")):
        wrong = bans.impose(room.site, lena, ADA.id, "mute", reason="spam", hours=1, of=where)
        assert room.refused(wrong) == code
    assert room.refused(bans.lift(room.site, lena, common.id)) == "not_allowed"
    own = _impose(room, ADA, "mute", by=lena, hours=1, of="regional", note_="Twice.")
    page = room.run(bans.author(room.site, lena, ADA.id))
    assert [(one.key, one.note) for one in page.measures] == [("regional", "Twice."), ("", "")]
    assert [one.key for one in page.sites] == ["regional"]
    for ban in (common, own):
        room.run(statements.appeal(room.site, _token(room, ban), "That was not me."))
    assert _standing(room, MONA) == [("regional", "Twice."), ("", "Rude.")]
    assert _standing(room, lena) == [("regional", "Twice."), ("", "")]
    assert _standing(room, MONA, "main") == [("", "Rude.")]
    assert room.refused(bans.in_force(room.site, lena, "main")) == "not_allowed"
    against = [card.ban.id for card in room.run(appeals.queue(room.site, lena)) if card.ban]
    assert against == [own.id]
    room.run(bans.lift(room.site, lena, own.id))
