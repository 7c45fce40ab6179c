"""Pages: their outline, their words in three languages, and what they must never hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from belowline.render import (
    LANGUAGES,
    PageContext,
    render_comment_form,
    render_comments,
    render_delete_form,
    render_discussion,
    render_edit_form,
    render_error,
    render_name_form,
    render_permalink,
    render_replies,
    render_report_form,
    render_story_list,
    render_story_page,
)
from belowline.render.environment import data, link, story_path
from belowline.render.views import (
    CommentFormView,
    DeleteFormView,
    EditFormView,
    ErrorView,
    NameFormView,
    PermalinkView,
    RepliesView,
    ReportFormView,
    StoryListView,
)
from tests.render.samples import HOSTILE, Tags, card, comment, discussion, page, story

HELD = comment("0000000000009", status="held", mine=True, can_edit=True, can_delete=True)

PAGES: dict[str, Callable[[PageContext], str]] = {
    "story": lambda p: render_story_page(
        story(discussion(comment(), next="c"), related=(card(),), sent=HELD), p
    ),
    "home": lambda p: render_story_list(
        StoryListView(kind="home", heading="", stories=(card(),) * 8, pages=2), p
    ),
    "tag": lambda p: render_story_list(
        StoryListView(kind="tag", heading=HOSTILE, stories=(card(),), page=2, pages=3), p
    ),
    "permalink": lambda p: render_permalink(
        PermalinkView(
            story="ferry",
            title=HOSTILE,
            mode="open",
            ancestors=(comment(),),
            comment=comment("0000000000002"),
            count=2,
        ),
        p,
    ),
    "reply": lambda p: render_comment_form(
        CommentFormView(
            story="ferry", title="T", mode="open", nonce="n", parent=comment(), text=HOSTILE
        ),
        p,
    ),
    "edit": lambda p: render_edit_form(EditFormView(title="T", comment=HELD, text=HOSTILE), p),
    "delete": lambda p: render_delete_form(DeleteFormView(title="T", comment=HELD), p),
    "report": lambda p: render_report_form(
        ReportFormView(title="T", comment=comment(), reasons=("abuse", "spam"), note=HOSTILE), p
    ),
    "name": lambda p: render_name_form(NameFormView(name=HOSTILE, next="/stories/ferry"), p),
    "error": lambda p: render_error(
        ErrorView(status=503, again="/x", fields=(("text", HOSTILE), ("parent", HOSTILE))), p
    ),
}

every_page = pytest.mark.parametrize("name", PAGES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@every_page
@every_language
def test_a_page_has_one_first_heading_and_speaks_one_language(name: str, language: str) -> None:
    tags = Tags(PAGES[name](page(language)))
    assert len(tags.named("h1")) == 1
    assert len(tags.named("main")) == 1
    [html] = tags.named("html")
    assert html == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}


@every_page
def test_a_page_holds_no_script_or_style_of_its_own(name: str) -> None:
    tags = Tags(PAGES[name](page()))
    for script in tags.named("script"):
        assert "src" in script or script["type"] in ("application/json", "application/ld+json")
    assert not tags.named("style")
    for tag, attributes in tags.all:
        assert not [key for key in attributes if key == "style" or key.startswith("on")], tag


@every_page
def test_every_id_stands_once_on_a_page(name: str) -> None:
    ids = [
        attributes["id"] for _, attributes in Tags(PAGES[name](page())).all if "id" in attributes
    ]
    assert len(ids) == len(set(ids))


@every_language
def test_the_number_at_the_top_is_the_number_at_the_discussion(language: str) -> None:
    html = render_story_page(story(discussion(count=24)), page(language))
    said = {"en": "24 Comments", "de": "24 Kommentare", "ar": "24 تعليقًا"}[language]
    assert html.count(f">{said}<") == 2


def test_an_empty_discussion_invites() -> None:
    html = render_discussion(discussion(), page())
    assert '<p class="bl-empty">Be the first to leave a comment.</p>' in html


def test_a_closed_discussion_says_so_and_has_no_box() -> None:
    html = render_discussion(discussion(mode="closed"), page())
    assert "This discussion is closed." in html
    assert "<form" not in html


def test_related_stories_have_their_bylines_and_an_empty_state() -> None:
    assert "No items found." in render_story_page(story(), page())
    with_one = render_story_page(story(related=(card(headline="Fog"),)), page())
    related = with_one[with_one.index('id="related"') :]
    assert "Fog" in related
    assert "Ines Calloway" in related


def test_a_list_without_stories_says_so() -> None:
    empty = StoryListView(kind="home", heading="", stories=())
    assert "No items found." in render_story_list(empty, page())


def test_an_image_keeps_its_room_free() -> None:
    [image] = Tags(render_story_page(story(), page())).named("img")
    assert (image["width"], image["height"]) == ("1200", "800")
    assert image["alt"] == "A ferry at the quay"


def test_the_date_is_for_people_and_for_machines() -> None:
    html = render_story_page(story(), page())
    assert '<time datetime="2026-01-08T12:00:00Z">Jan 8, 2026</time>' in html


def test_a_byline_joins_names_as_the_language_does() -> None:
    authors = (("Ines", "/authors/ines"), ("Tomas", ""), (HOSTILE, ""))
    tags = Tags(render_story_page(story(card=card(byline=authors)), page("de")))
    assert f"Von Ines, Tomas und {HOSTILE}" in tags.text


def test_sending_without_script_is_thanked_for() -> None:
    html = render_story_page(story(discussion(own_held=(HELD,)), sent=HELD), page())
    assert html.count("Thank you! Your comment has been received.") == 3  # box, comment, widget
    assert "Your comment will appear once approved by a moderator." in html


def test_a_refused_text_is_given_back_with_the_reason() -> None:
    view = CommentFormView(
        story="ferry", title="T", mode="open", nonce="n", text="\n a < b ", problem="Too long."
    )
    html = render_comment_form(view, page())
    assert "Too long." in html
    assert ">\n\n a &lt; b </textarea>" in html  # HTML drops one line break at the beginning


def test_a_page_of_comments_ends_with_the_link_to_the_next() -> None:
    html = render_comments(discussion(comment(), next="cur"), page()).strip()
    assert html.startswith("<li")
    assert html.endswith("</a>")
    assert 'data-cursor="cur"' in html


def test_only_the_first_page_shows_what_waits_of_ones_own() -> None:
    first = render_comments(discussion(own_held=(HELD,)), page())
    second = render_comments(discussion(own_held=(HELD,), first_page=False), page())
    assert HELD.id in first
    assert HELD.id not in second


def test_a_page_of_replies_says_how_many_follow() -> None:
    view = RepliesView(
        story="ferry", parent="0000000000001", comments=(comment(),), next="k", more=5
    )
    html = render_replies(view, page())
    assert 'data-cursor="k"' in html
    assert '<span class="bl-n">5</span>' in html


def test_a_key_with_slashes_stays_one_part_of_a_path() -> None:
    assert story_path("https://a.example/b?c") == "/stories/https%3A%2F%2Fa.example%2Fb%3Fc"


def test_links_leave_out_what_has_no_value() -> None:
    assert link("/x", page(), cursor="", order="oldest") == "/x?order=oldest"
    assert link("/x", page("de", explicit_language=True)) == "/x?lang=de"


def test_data_cannot_end_its_script() -> None:
    assert "<" not in data({"a": "</script><!--"})


@pytest.mark.parametrize(
    ("kind", "mode", "said"),
    [
        ("copies", "trusting", "Unusually much is being written"),
        ("newcomers", "closed", "So much is being written"),
        ("gathering", "reviewed", "Something unusual is going on here, so new comments"),
        ("recommendations", "closed", "Something unusual is going on here, so the discussion"),
    ],
)
def test_readers_are_told_that_a_discussion_is_stricter_for_what_is_true(
    kind: str, mode: str, said: str
) -> None:
    assert said in render_discussion(discussion(mode=mode, tightened=kind), page())
