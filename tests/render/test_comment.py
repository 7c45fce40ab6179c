"""The one template of a comment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from belowline.render import bodies, environment, render_comment
from belowline.render.views import AuthorView
from tests.render.samples import HOSTILE, NOW, Tags, comment, page


def test_a_hostile_name_stays_text() -> None:
    tags = Tags(render_comment(comment(name=HOSTILE), page()))
    assert not tags.named("script")
    assert HOSTILE in tags.text


def test_a_reader_without_a_name_is_called_no_name() -> None:
    assert "No Name" in Tags(render_comment(comment(name=""), page())).text


def test_staff_wear_their_role_as_a_word() -> None:
    mona = AuthorView(id="u-mona", name="Mona", role="moderator")
    assert '<span class="bl-badge">Moderator</span>' in render_comment(comment(author=mona), page())


def test_a_reader_wears_no_badge() -> None:
    assert "bl-badge" not in render_comment(comment(), page())


def test_the_age_leads_to_the_comment_and_knows_the_exact_time() -> None:
    tags = Tags(render_comment(comment(), page()))
    [time] = tags.named("time")
    assert time["datetime"] == "2026-01-08T11:00:00Z"
    assert "2026" in (time["title"] or "")
    assert "1 hour ago" in tags.text
    assert {"class": "bl-age", "href": "/comments/0000000000001"} in tags.named("a")


def test_an_edited_comment_says_so() -> None:
    assert "(Edited)" in render_comment(comment(edited_at=NOW), page())
    assert "(Edited)" not in render_comment(comment(), page())


def test_a_held_comment_tells_its_author_what_happens_next() -> None:
    html = render_comment(comment(status="held", mine=True), page())
    assert "Your comment will appear once approved by a moderator." in html
    assert "bl-reply" not in html


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        ("rejected", "personal_attack", "Removed by a moderator: personal attack."),
        ("rejected", "", "Removed by a moderator."),
        ("withdrawn", "", "Deleted by its author."),
        ("held", "", "Waiting for a moderator."),
    ],
)
def test_a_marker_says_what_became_of_a_comment_and_nothing_of_its_text(
    status: str, reason: str, said: str
) -> None:
    html = render_comment(comment(status=status, reason=reason, html="SECRET"), page())
    assert said in html
    assert "SECRET" not in html
    assert "Ada" not in Tags(html).text


def test_a_rejected_comment_tells_its_author_why() -> None:
    mine = comment(status="rejected", reason="off_topic", mine=True)
    html = render_comment(mine, page("de"))
    assert "Von der Moderation entfernt: gehört nicht zum Thema." in html
    assert "The ferry was late again." in html


def test_replies_stand_inside_what_they_answer() -> None:
    reply = comment("0000000000002", "Ben", parent="0000000000001", depth=1)
    html = render_comment(comment(replies=(reply,)), page())
    assert html.index('class="bl-replies"') < html.index('id="comment-0000000000002"')
    assert html.count('<li class="bl-comment') == 2


def test_more_replies_are_a_link_with_their_cursor() -> None:
    html = render_comment(comment(more_replies=4, more_cursor="abc"), page())
    [link] = [a for a in Tags(html).named("a") if a.get("class") == "bl-more-replies"]
    assert link["data-cursor"] == "abc"
    assert link["href"] == "/comments/0000000000001?cursor=abc"


def test_a_deep_reply_says_whom_it_answers() -> None:
    deep = comment(depth=3, parent="0000000000000", in_reply_to="Chidi")
    assert "in reply to <bdi>Chidi</bdi>" in render_comment(deep, page())


def test_a_folded_comment_offers_the_rest_unless_it_is_shown_in_full() -> None:
    assert "Read more" in render_comment(comment(folded=True), page())
    assert "Read more" not in render_comment(comment(folded=True), page(), full=True)


def test_only_what_the_author_may_do_is_offered() -> None:
    mine = render_comment(comment(mine=True, can_delete=True), page())
    assert "bl-delete" in mine
    assert "bl-edit" not in mine
    assert "bl-report" not in mine
    assert "bl-report" in render_comment(comment(), page())


def test_a_body_is_made_once_and_anew_for_whatever_changes_it() -> None:
    later = page(now=NOW + timedelta(hours=2))
    assert "1 hour ago" in render_comment(comment(), page())
    assert "3 hours ago" in render_comment(comment(), later)
    assert "vor 1 Stunde" in render_comment(comment(), page("de"))
    assert 'aria-pressed="true"' in render_comment(comment(recommended=True), page())
    assert 'aria-pressed="false"' in render_comment(comment(), page())
    assert "?lang=en" in render_comment(comment(), page(explicit_language=True))
    assert "?lang=en" not in render_comment(comment(), page())


def test_a_reply_that_comes_does_not_change_the_body_above_it() -> None:
    asked = bodies.Bodies(environment("en"), "en")
    reply = comment("0000000000002", "Ben", parent="0000000000001", depth=1)
    first = asked(comment(), page(), False, None)
    assert asked(comment(replies=(reply,), reply_count=1), page(), False, None) is first
    assert asked(comment(recommendations=1), page(), False, None) is not first


def test_a_chosen_language_travels_with_the_links() -> None:
    html = render_comment(comment(), page("ar", explicit_language=True))
    assert 'href="/comments/0000000000001?lang=ar"' in html


def test_an_age_in_the_future_is_just_now() -> None:
    early = comment(created_at=NOW + timedelta(seconds=3))
    assert "just now" in render_comment(early, page())
