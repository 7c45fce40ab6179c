"""The language of each comment: told when it is written, and what goes by it."""

from __future__ import annotations

from datetime import UTC

import msgspec
from sqlalchemy import update

from belowline.actions import deciding, desk, numbers, tongues
from belowline.actions.importing import bring_in
from belowline.checks import CHECKS
from belowline.domain import rulebook
from belowline.domain.comments import Comment
from belowline.domain.queue import Filter
from belowline.domain.rules import Rules
from belowline.importers import ImportedComment, ImportedStory, ImportedUser, Record
from belowline.storage import schema
from tests.actions.test_policies import introduce, save
from tests.actions.test_rehearsal import rehearsed
from tests.cast import ADA, BEGINNING, BEN, CHIDI, MONA, REVIEWED, Newsroom

CZECH = "Proč ten most ještě není hotový, když už ho platíme?"
GERMAN = "Die Brücke ist immer noch nicht fertig."
RUSSIAN = "Мост опять закрыт."


def _tongue(room: Newsroom, comment: Comment) -> tuple[str, str]:
    now = room.now(comment)
    return now.language, now.script


def _found(room: Newsroom, language: str, status: str = "waiting") -> tuple[list[int], int]:
    wanted = Filter(language=language, status=status)
    queue = room.run(deciding.queue(room.site, MONA, wanted))
    return [card.comment.id for card in queue.cards], queue.found


def test_a_comment_keeps_the_language_and_script_that_it_is_written_in(room: Newsroom) -> None:
    assert _tongue(room, room.say(ADA, CZECH)) == ("cs", "Latin")
    assert _tongue(room, room.say(BEN, RUSSIAN)) == ("ru", "Cyrillic")
    nowhere = room.add_story("the-pier", language="")
    assert _tongue(room, room.say(CHIDI, "🙂🙂", story=nowhere)) == ("", "")


def test_an_edited_comment_has_the_language_of_its_new_text_or_else_its_storys(
    room: Newsroom,
) -> None:
    key = room.add_story("die-bruecke", language="de-AT")
    comment = room.say(ADA, CZECH, story=key)
    room.edit(ADA, comment, RUSSIAN)
    assert _tongue(room, comment) == ("ru", "Cyrillic")
    room.edit(ADA, comment, "Ok!")
    assert _tongue(room, comment) == ("de", "Latin")


def test_an_imported_comment_has_its_language(room: Newsroom) -> None:
    one = ImportedComment(
        key="1",
        story_key="the-pier",
        parent_key=None,
        author=ImportedUser(key="ada", name="Ada"),
        text=GERMAN,
        created_at=BEGINNING,
        status="published",
        place="1",
    )
    records: list[Record] = [ImportedStory(key="the-pier", title="The pier"), one]
    room.run(bring_in(room.site, "disqus", records, lambda done: None))
    assert len(_found(room, "de", "all")[0]) == 1


def test_the_queue_and_the_numbers_go_by_the_comments_own_language(room: Newsroom) -> None:
    czech = room.say(ADA, CZECH, story=REVIEWED)
    german = room.say(BEN, GERMAN, story=REVIEWED)
    nowhere = room.add_story("the-pier", "reviewed", language="")
    unknown = room.say(CHIDI, "🙂", story=nowhere)
    assert _found(room, "cs") == ([czech.id], 1)
    assert _found(room, "de-AT") == ([german.id], 1)
    assert _found(room, "und") == ([unknown.id], 1)
    assert _found(room, "fr") == ([], 0)
    assert room.run(desk.around(room.site, MONA)).languages == ["", "cs", "de"]
    for comment in (czech, german, room.say(CHIDI, GERMAN, story=REVIEWED)):
        room.publish(comment)
    counted = room.run(numbers.of_staff(room.site, MONA, 7, UTC)).languages
    assert [(one.label, one.comments) for one in counted] == [("de", 2), ("cs", 1)]


def test_older_comments_are_told_by_the_command(room: Newsroom) -> None:
    old = room.say(ADA, CZECH, story=REVIEWED)
    nowhere = room.add_story("the-pier", "reviewed", language="")
    mute = room.say(BEN, "🙂", story=nowhere)
    forget = update(schema.comments).values(language="", script="")
    room.storage.write_now(lambda connection: connection.execute(forget))
    assert _found(room, "und")[1] == 2
    assert room.run(tongues.tell(room.site)) == 1
    assert _found(room, "cs") == ([old.id], 1)
    assert _found(room, "und") == ([mute.id], 1)
    assert room.run(tongues.tell(room.site)) == 0


# -- what the risk model makes of it -------------------------------------------------------

GEORGIAN = "ეს იდიოტი ისევ ტყუის, ხიდი კი დღემდე დაკეტილია!"
INSULT = "You are a pathetic little idiot and everybody here knows it."


def _with_the_model(room: Newsroom) -> None:
    rules = Rules(risk_note=0.01, risk_hold=0.5)
    risk = tuple(one for one in CHECKS if one.name == "risk")
    room.site = msgspec.structs.replace(room.site, checks=risk, rules=rules)


def test_in_a_language_that_it_does_not_know_the_model_says_so_and_moves_nothing(
    room: Newsroom,
) -> None:
    assert not room.site.judge.knows("ka")
    _with_the_model(room)
    assert room.say(ADA, GEORGIAN).status == "published"
    foreign = room.say(BEN, GEORGIAN.replace("ხიდი", "პორტი"), story=REVIEWED)
    plain = room.say(CHIDI, "The bridge is closed again today.", story=REVIEWED)
    cards = room.run(deciding.queue(room.site, MONA)).cards
    assert [card.comment.id for card in cards] == [foreign.id, plain.id]  # by age alone
    assert [card.unjudged for card in cards] == ["ka", ""]
    [unsure] = [one for one in cards[0].findings if one.check == "risk"]
    assert (unsure.code, unsure.weight, unsure.score) == ("risk_unsure", "note", 0.0)
    assert cards[0].standing.harm == cards[1].standing.harm


def test_a_rule_sets_the_threshold_of_a_language_and_a_rehearsal_shows_what_it_does(
    room: Newsroom,
) -> None:
    _with_the_model(room)
    introduce(room)
    assert room.say(ADA, INSULT).status == "held"
    never = f"risk holds above 1 in en\n{rulebook.DEFAULT}"
    result = rehearsed(room, rules=never)
    [english] = [one for one in result.languages if one.language == "en"]
    assert (english.comments, english.held_before, english.held_after) == (1, 1, 0)
    [elsewhere] = rehearsed(room, rules=never.replace("in en", "in de")).languages
    assert (elsewhere.held_before, elsewhere.held_after) == (1, 1)
    save(room, rules=never)
    assert room.say(BEN, f"{INSULT} Really.").status == "published"
