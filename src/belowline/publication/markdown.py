"""From Markdown to HTML that is safe to show: no raw HTML, no scripts in links, sized pictures.

What the style sheet may count on: headings begin at h2; a picture that stands alone is a
``figure`` with its title as ``figcaption``; tables stand in ``div.table-scroll`` with cells of
class ``align-left|center|right``; footnotes are ``section.footnotes``. There are no style
attributes, which a strict content security policy would drop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from belowline.publication.pictures import Size

_NBSP = "\N{NO-BREAK SPACE}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_SIX = "\N{LEFT SINGLE QUOTATION MARK}"
_NINE = "\N{RIGHT SINGLE QUOTATION MARK}"
_LOW = "\N{SINGLE LOW-9 QUOTATION MARK}"
_LEFT = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
_RIGHT = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"

QUOTES: dict[str, tuple[str, str, str, str]] = {
    "en": ("“", "”", _SIX, _NINE),
    "de": ("„", "“", _LOW, _SIX),
    "fr": ("«" + _NBSP, _NBSP + "»", _LEFT + _THIN, _THIN + _RIGHT),
    "ar": ("«", "»", "“", "”"),
    "es": ("«", "»", "“", "”"),
    "it": ("«", "»", "“", "”"),
    "pt": ("«", "»", "“", "”"),
    "pl": ("„", "”", "«", "»"),
    "ru": ("«", "»", "„", "“"),
    "uk": ("«", "»", "„", "“"),
    "cs": ("„", "“", _LOW, _SIX),
    "sv": ("”", "”", _NINE, _NINE),
    "fi": ("”", "”", _NINE, _NINE),
    "da": ("»", "«", _RIGHT, _LEFT),
}
"""Language -> opening and closing quotation marks, outer and inner; others write like English."""

_SCHEMES = ("http", "https", "mailto", "tel")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_IGNORED = re.compile(r"[\x00-\x20\x7f-\x9f]")  # browsers drop some of these before they read on
_ALIGN = re.compile(r"text-align:(left|center|right)")

FindPicture = Callable[[str], tuple[str, Size | None] | None]
"""What a story calls a picture -> its address and size; None when there is no such picture."""


class Rendered(msgspec.Struct, frozen=True):
    """A body as HTML. ``missing`` are (line from 0, picture) that were not found."""

    html: str
    words: int
    missing: tuple[tuple[int, str], ...]


def render(source: str, *, language: str, find_picture: FindPicture) -> Rendered:
    """``source`` (Markdown with tables, footnotes and strikethrough) as safe HTML.

    ``language`` chooses the quotation marks. A picture that ``find_picture`` does not know is
    shown as a link when it lies on another site (loading it would tell that site who reads here)
    and as its description otherwise.
    """
    missing: list[tuple[int, str]] = []
    env: dict[str, Any] = {"find_picture": find_picture, "missing": missing}
    parser = _parser(_base(language))
    tokens = parser.parse(source, env)
    html = str(parser.renderer.render(tokens, parser.options, env))
    return Rendered(html=html, words=_words(tokens), missing=tuple(missing))


def typographic(text: str, language: str) -> str:
    """One plain line with the quotation marks, dashes and ellipses of ``language``."""
    parser = _line_parser(_base(language))
    children = parser.parseInline(text)[0].children or []
    return "".join(child.content for child in children)


def is_safe_link(url: str) -> bool:
    """Whether ``url`` may stand in a link: relative, or one of a few harmless schemes."""
    scheme = _SCHEME.match(_IGNORED.sub("", unquote(url)))
    return scheme is None or scheme[1].lower() in _SCHEMES


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


@lru_cache(maxsize=16)
def _parser(language: str) -> MarkdownIt:
    parser = _safe(MarkdownIt("commonmark", _options(language)))
    parser.enable(["table", "strikethrough", "replacements", "smartquotes"])
    parser.use(footnote_plugin, inline=True)
    parser.core.ruler.push("headings_from_h2", _headings_from_h2)
    parser.core.ruler.push("lone_pictures", _lone_pictures)
    parser.core.ruler.push("cells_by_class", _cells_by_class)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


def _safe(parser: MarkdownIt) -> MarkdownIt:
    parser.validateLink = is_safe_link  # type: ignore[method-assign] # its documented way
    return parser


@lru_cache(maxsize=16)
def _line_parser(language: str) -> MarkdownIt:
    parser = MarkdownIt("zero", _options(language))
    return parser.enable(["replacements", "smartquotes"])


def _options(language: str) -> dict[str, Any]:
    return {
        "html": False,
        "xhtmlOut": False,
        "typographer": True,
        "quotes": list(QUOTES.get(language, QUOTES["en"])),
    }


def _words(tokens: Sequence[Token]) -> int:
    return sum(len(re.findall(r"\w+", token.content)) for token in tokens if token.content)


def _headings_from_h2(state: StateCore) -> None:
    """The page's h1 is the headline: the highest heading in use becomes h2, none is skipped."""
    headings = [token for token in state.tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    before = 1
    for opening, closing in zip(headings[::2], headings[1::2], strict=True):
        level = min(int(opening.tag[1]) - highest + 2, before + 1, 6)
        opening.tag = closing.tag = f"h{level}"
        before = level


def _lone_pictures(state: StateCore) -> None:
    """A paragraph that holds nothing but one picture becomes a figure."""
    tokens = state.tokens
    for before, inline, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        children = inline.children or []
        for child in children:
            child.meta["line"] = inline.map[0] if inline.map else 0
        if before.type != "paragraph_open" or [child.type for child in children] != ["image"]:
            continue
        if _address(state.env, children[0]) is None:
            continue
        before.tag = after.tag = "figure"
        before.hidden = after.hidden = False
        children[0].meta["figure"] = True


def _cells_by_class(state: StateCore) -> None:
    for token in state.tokens:
        style = str(token.attrs.pop("style", "")) if token.type in ("th_open", "td_open") else ""
        align = _ALIGN.search(style)
        if align:
            token.attrSet("class", f"align-{align[1]}")
        if token.type == "th_open":
            token.attrSet("scope", "col")


def _address(env: EnvType, token: Token) -> tuple[str, Size | None] | None:
    found: tuple[str, Size | None] | None = env["find_picture"](unquote(str(token.attrs["src"])))
    return found


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[at]
    alt = renderer.renderInlineAsText(token.children or [], options, env)
    found = _address(env, token)
    if found is None:
        source = str(token.attrs["src"])
        env["missing"].append((token.meta.get("line", 0), unquote(source)))
        if re.match(r"https?://", source):
            label = escapeHtml(alt or source)
            return f'<a href="{escapeHtml(source)}" rel="noopener">{label}</a>'
        return f"<em>{escapeHtml(alt)}</em>" if alt else ""
    address, size = found
    room = f' width="{size.width}" height="{size.height}"' if size else ""
    picture = (
        f'<img src="{escapeHtml(address)}" alt="{escapeHtml(alt)}"{room}'
        ' loading="lazy" decoding="async">'
    )
    title = str(token.attrs.get("title", ""))
    if not token.meta.get("figure"):
        return picture
    return picture + (f"<figcaption>{_caption(title, options)}</figcaption>" if title else "")


def _caption(title: str, options: OptionsDict) -> str:
    parser = _safe(MarkdownIt("zero", dict(options)))
    parser.enable(["replacements", "smartquotes", "emphasis", "balance_pairs", "link"])
    return str(parser.renderInline(title))


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[at]
    target = str(token.attrs.get("href", ""))
    if re.match(r"(https?:)?//", target, re.IGNORECASE):
        token.attrSet("rel", "noopener")
    elif story := re.fullmatch(r"(?:\./)?([^:?#/][^:?#]*)\.md(#.*)?", target):
        token.attrSet("href", f"/stories/{quote(unquote(story[1]))}{story[2] or ''}")
    return renderer.renderToken(tokens, at, options, env)


def _table_open(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    # reachable by key, so that a wide table can be scrolled without a mouse
    return '<div class="table-scroll" tabindex="0">\n<table>\n'


def _table_close(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return "</table>\n</div>\n"
