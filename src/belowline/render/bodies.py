"""What comments show of themselves, kept while nothing in it changes.

A busy story's page is made anew with every comment, and everything else on it is as it was. A
body is known by all that it is made from: the view, the words for its age, and those parts of the
page that it holds. So nothing is ever flushed, and nothing personal reaches anybody else.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any, cast

import msgspec
from jinja2 import Environment
from markupsafe import Markup

from belowline.render import dates
from belowline.render.pages import PageContext
from belowline.render.views import CommentView

_MOST = 5_000
_LARGEST = 20_000  # characters of a text


class Bodies:
    """Makes the bodies of comments in one language. Any thread may ask."""

    def __init__(self, environment: Environment, language: str) -> None:
        self._environment = environment
        self._language = language
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = Lock()

    def __call__(
        self, comment: CommentView, page: PageContext, full: bool, sent: str | None
    ) -> Markup:
        """The macro ``made_body`` of ``_comment.html``, or what it made of the same before."""
        about = (
            msgspec.structs.replace(
                comment, replies=(), reply_count=0, more_replies=0, more_cursor=None
            ),
            dates.age(comment.created_at, page.now, self._language),
            page.base_url if comment.statement else "",
            page.explicit_language,
            page.zone,
            full,
            sent == comment.id,
        )
        with self._lock:
            kept = self._kept.get(about)
            if kept is not None:
                self._kept.move_to_end(about)
                return kept
        made = self._make(comment, page, full, sent)
        if len(made) <= _LARGEST:
            self._keep(about, made)
        return made

    def _make(
        self, comment: CommentView, page: PageContext, full: bool, sent: str | None
    ) -> Markup:
        # A template's macros are attributes of its module, which its type cannot know.
        macros = cast(Any, self._environment.get_template("_comment.html").module)
        return Markup(macros.made_body(comment, page, full, sent))

    def _keep(self, about: Hashable, made: Markup) -> None:
        with self._lock:
            self._kept[about] = made
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
