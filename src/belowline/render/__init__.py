"""HTML from views: pages, fragments for the widget, and the one template of a comment.

Every function takes a view (:mod:`belowline.render.views`) and the page's surroundings
(:class:`PageContext`) and returns a string. ``render`` is for templates that have no function of
their own here, such as the desk's.
"""

from __future__ import annotations

from collections.abc import Sequence

from belowline.render.environment import data, environment, link, render, story_path
from belowline.render.language import LANGUAGES, direction, negotiate, translations
from belowline.render.pages import PageContext
from belowline.render.views import (
    CommentFormView,
    CommentView,
    DeleteFormView,
    DiscussionView,
    EditFormView,
    ErrorView,
    NameFormView,
    PermalinkView,
    RepliesView,
    ReportFormView,
    StoryListView,
    StoryPageView,
    ToldView,
)
from belowline.render.words import (
    order_name,
    reason_name,
    refusal,
    report_reason_name,
    role_name,
)

__all__ = [
    "LANGUAGES",
    "PageContext",
    "data",
    "direction",
    "environment",
    "link",
    "negotiate",
    "order_name",
    "reason_name",
    "refusal",
    "render",
    "render_comment",
    "render_comment_form",
    "render_comments",
    "render_delete_form",
    "render_discussion",
    "render_edit_form",
    "render_error",
    "render_name_form",
    "render_permalink",
    "render_replies",
    "render_report_form",
    "render_story_list",
    "render_story_page",
    "render_told",
    "report_reason_name",
    "role_name",
    "story_path",
    "translations",
]


def render_story_page(view: StoryPageView, page: PageContext) -> str:
    """``GET /stories/{key}``: the story with its discussion and related stories."""
    return render("story.html", page, view=view)


def render_story_list(view: StoryListView, page: PageContext) -> str:
    """``GET /``, ``/authors/{slug}``, ``/tags/{slug}``: the front page and the lists."""
    template = "home.html" if view.kind == "home" and view.page == 1 else "list.html"
    return render(template, page, view=view)


def render_discussion(view: DiscussionView, page: PageContext) -> str:
    """``GET /fragments/stories/{key}``: the whole inside of ``<belowline-discussion>``."""
    return render("fragments/discussion.html", page, view=view)


def render_comments(view: DiscussionView, page: PageContext) -> str:
    """``GET /fragments/stories/{key}/comments``: one page of threads, then the link for more."""
    return render("fragments/comments.html", page, view=view)


def render_replies(view: RepliesView, page: PageContext) -> str:
    """``GET /fragments/comments/{id}/replies``: one page of replies, then the link for more."""
    return render("fragments/replies.html", page, view=view)


def render_comment(view: CommentView, page: PageContext, *, full: bool = False) -> str:
    """One ``<li>``: for live events, own comments and, when ``full``, an unfolded comment.

    ``full`` only leaves the "Read more" link away; the caller puts the whole text in the view.
    """
    return render("fragments/comment.html", page, comment=view, full=full).strip()


def render_told(measures: Sequence[ToldView], page: PageContext) -> str:
    """What stops the reader here or was said to them."""
    return render("fragments/told.html", page, measures=measures).strip()


def render_permalink(view: PermalinkView, page: PageContext) -> str:
    """``GET /comments/{id}``: one comment between its ancestors and its replies."""
    return render("permalink.html", page, view=view)


def render_comment_form(view: CommentFormView, page: PageContext) -> str:
    """``GET /comments/{id}/reply``, and any comment that was refused without JavaScript."""
    return render("forms/comment.html", page, view=view)


def render_edit_form(view: EditFormView, page: PageContext) -> str:
    """``GET /comments/{id}/edit`` and a refused edit."""
    return render("forms/edit.html", page, view=view)


def render_delete_form(view: DeleteFormView, page: PageContext) -> str:
    """``GET /comments/{id}/delete``."""
    return render("forms/delete.html", page, view=view)


def render_report_form(view: ReportFormView, page: PageContext) -> str:
    """``GET /comments/{id}/report``, a refused report, and the thanks for one."""
    return render("forms/report.html", page, view=view)


def render_name_form(view: NameFormView, page: PageContext) -> str:
    """``GET /name`` and a refused name."""
    return render("forms/name.html", page, view=view)


def render_error(view: ErrorView, page: PageContext) -> str:
    """A page for an error that a person sees."""
    return render("error.html", page, view=view)
