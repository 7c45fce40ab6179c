"""The language of each comment: told when it is written, and what goes by it."""

from __future__ import annotations

from datetime import UTC

from sqlalchemy import update

from belowline.actions import deciding, desk, numbers, tongues
from belowline.actions.importing import bring_in
from belowline.domain.comments import Comment
from belowline.domain.queue import Filter
from belowline.importers import ImportedComment, ImportedStory, ImportedUser
from belowline.storage import schema
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
    records = [ImportedStory(key="the-pier", title="The pier"), one]
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
