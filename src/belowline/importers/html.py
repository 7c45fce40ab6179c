"""Comments written in HTML, as the plain text that their writers meant.

Line breaks, lists, quotations and the targets of links are kept; looks, scripts and styles are not.
Time and memory are linear in the length of the input: the standard library's parser is not used
because unclosed tags make it quadratic, and what is read here was written by strangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import takewhile
from urllib.parse import parse_qs, unquote, urlsplit

from belowline.importers.values import plain

# Possessive (*+): a tag that never ends is given up at once, not tried again in every other way.
_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)
    | <!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)
    | <[!?][^<>]*+>
    | <(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)
      (?P<attributes>(?:[^"'<>]|"[^"]{0,4000}"|'[^']{0,4000}'){0,200}+)>
    """,
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_BREAKS = re.compile(r"<(?:p|br|div|li|ul|ol|pre|blockquote|h[1-6]|tr)\b", re.IGNORECASE)
_BLANKS = re.compile("[ \t\n\r\f]+")
_INDENTED = re.compile(r" {2,}(?=\S)")  # after a break: code that was pasted, not HTML's own layout

_DROPPED = frozenset(("script", "style", "head", "template"))
_PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "dl", "figure"))
_LINES = frozenset(("div", "section", "article", "tr", "dt", "dd", "figcaption", "address"))
_SOURCES = frozenset(("iframe", "video", "audio", "embed"))
_DEEPEST = 16

_ELLIPSIS = re.compile(r"\.\.\.|\u2026")
_ADDRESS = re.compile(r"(?!javascript|vbscript|data)[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_BARE = re.compile(r"^[a-z][a-z0-9+.-]*://|/$", re.IGNORECASE)
_DISQUS_SIGNATURE = re.compile(r":[\w-]{20,}$")


def to_text(html: str) -> str:
    """``html`` as plain text, without blanks around it.

    Paragraphs are parted by an empty line, quotations begin with "> ", items of lists with "- " or
    their number. A text without any paragraph or break keeps its own line breaks.
    """
    page = _Page(keeps_breaks=not _BREAKS.search(html))
    for token in _tokens(html):
        if isinstance(token, str):
            page.write(token)
        else:
            page.tag(token["name"].lower(), token["attributes"], closing=bool(token["close"]))
    return page.text()


def linked(visible: str, href: str) -> str:
    """A link in plain text: its words with its target, or only one where that says both.

    A shortened address ("example.org/a-long...") becomes the whole one. Targets that lead nowhere
    outside their own page, or run a script, are left out. What Disqus puts around a target to
    count clicks is taken off.
    """
    visible = " ".join(visible.split())
    target = _target(href)
    if not target:
        return visible
    if not visible or _abbreviates(visible, target):
        return target
    if _bare(visible) == _bare(target):
        return visible
    return f"{visible} ({target})"


def _tokens(html: str) -> Iterator[str | re.Match[str]]:
    """Texts and tags in turn. Entities are decoded; what is dropped with its content is skipped."""
    at = 0
    while match := _TOKEN.search(html, at):
        if match.start() > at:
            yield unescape(html[at : match.start()])
        at = match.end()
        if match["cdata"]:
            yield match["cdata"]
        elif match["name"] and match["name"].lower() not in _DROPPED:
            yield match
        elif match["name"] and not match["close"]:
            end = re.compile(rf"</{match['name']}\s*>", re.IGNORECASE).search(html, at)
            at = end.end() if end else len(html)
    yield unescape(html[at:])


class _Indent:
    """What stands before the lines of a quotation or an item: ``first`` once, then ``rest``."""

    def __init__(self, tag: str, first: str, rest: str) -> None:
        self.tag = tag
        self.first = first
        self.rest = rest

    def next(self) -> str:
        prefix, self.first = self.first, self.rest
        return prefix


class _Page:
    """Plain text being written, line by line."""

    def __init__(self, *, keeps_breaks: bool) -> None:
        self._keeps_breaks = keeps_breaks
        self._preformatted = 0
        self._after_break = False
        self._lines: list[str] = []
        self._line = ""
        self._apart = False
        self._indents: list[_Indent] = []
        self._last_indent = ""
        self._lists: list[int | None] = []
        self._link: tuple[str, list[str]] | None = None

    def text(self) -> str:
        """All that was written."""
        self._end_link()
        self._end_line()
        return plain("\n".join(line.rstrip() for line in self._lines)).strip("\n").rstrip()

    def write(self, text: str) -> None:
        if self._link:
            self._link[1].append(text)
        elif self._keeps_breaks or self._preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._line += first
            for other in others:
                self._apart = self._apart or not self._line.strip()
                self._end_line()
                self._line = other
        else:
            indented = _INDENTED.match(text) if self._after_break and not self._line else None
            text = _BLANKS.sub(" ", text)
            ended = not self._line or self._line.endswith((" ", "\n"))
            self._line += (indented[0] if indented else "") + (text.lstrip(" ") if ended else text)
        self._after_break = False

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name == "a":
            self._end_link()
            if not closing:
                self._link = (_values(attributes).get("href", ""), [])
        elif name == "br":
            self._break()
        elif name in ("img", *_SOURCES):
            if not closing:
                self._picture(_values(attributes))
        elif name in ("blockquote", "ul", "ol", "li", "pre"):
            self._block(name, closing=closing)
        elif name in _PARAGRAPHS:
            self._paragraph()
        elif name in _LINES:
            self._end_line_and_link()
        elif name == "hr":
            self._paragraph()
            self._line = "---"
            self._paragraph()
        elif name in ("td", "th"):
            self.write(" ")

    def _break(self) -> None:
        if self._link:
            self._link[1].append(" ")
            return
        self._apart = self._apart or not self._line.strip()
        self._end_line()
        self._after_break = True

    def _picture(self, values: dict[str, str]) -> None:
        looks = values.get("class", "")
        alternative = values.get("alt", "")
        is_smiley = "emoji" in looks or "smil" in looks
        self.write(alternative if is_smiley else linked(alternative, values.get("src", "")))

    def _block(self, name: str, *, closing: bool) -> None:
        if name == "li" or (name in ("ul", "ol") and len(self._lists) > (1 if closing else 0)):
            self._end_line_and_link()
        else:
            self._paragraph()
        if name == "pre":
            self._preformatted = max(0, self._preformatted + (-1 if closing else 1))
        elif name in ("ul", "ol"):
            self._list(name, closing=closing)
        elif closing:
            self._outdent(name)
        elif name == "blockquote":
            self._indent(name, "> ", "> ")
        else:
            self._item()

    def _list(self, name: str, *, closing: bool) -> None:
        if not closing:
            self._lists.append(0 if name == "ol" else None)
        elif self._lists:
            if self._indents and self._indents[-1].tag == "li":
                self._indents.pop()
            self._lists.pop()

    def _item(self) -> None:
        if self._indents and self._indents[-1].tag == "li" and len(self._lists) <= self._items():
            self._indents.pop()
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._indent("li", "- ", "  ")
        else:
            self._lists[-1] = number + 1
            mark = f"{number + 1}. "
            self._indent("li", mark, " " * len(mark))

    def _items(self) -> int:
        return sum(indent.tag == "li" for indent in self._indents)

    def _indent(self, tag: str, first: str, rest: str) -> None:
        if len(self._indents) < _DEEPEST:
            self._indents.append(_Indent(tag, first, rest))

    def _outdent(self, tag: str) -> None:
        if any(indent.tag == tag for indent in self._indents):
            while self._indents.pop().tag != tag:
                pass

    def _end_link(self) -> None:
        if self._link:
            href, words = self._link
            self._link = None
            visible = "".join(words)
            lead = " " if visible[:1].isspace() else ""
            tail = " " if visible[-1:].isspace() else ""
            self.write(lead + linked(visible, href) + tail)

    def _end_line_and_link(self) -> None:
        self._end_link()
        self._end_line()

    def _paragraph(self) -> None:
        self._end_line_and_link()
        self._apart = True

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        if not line.strip():
            return
        if self._apart and self._lines:
            here = "".join(indent.rest for indent in self._indents)
            pairs = zip(here, self._last_indent, strict=False)
            shared = takewhile(lambda pair: pair[0] == pair[1], pairs)
            self._lines.append("".join(letter for letter, _ in shared))
        self._apart = False
        self._lines.append("".join(indent.next() for indent in self._indents) + line)
        self._last_indent = "".join(indent.rest for indent in self._indents)


def _values(attributes: str) -> dict[str, str]:
    return {
        match[1].lower(): unescape(match[2].strip("\"'"))
        for match in _ATTRIBUTE.finditer(attributes)
    }


def _target(href: str) -> str:
    """The address that ``href`` leads to, or "" if it is none that can be opened from elsewhere."""
    target = plain(href).strip()
    if target.startswith("//"):
        target = "https:" + target
    if not _ADDRESS.match(target):
        return ""
    target = target.replace(" ", "%20")
    try:
        parts = urlsplit(target)
        if parts.hostname == "disq.us" and parts.path in ("/", "/url"):
            inner = parse_qs(parts.query).get("url", [""])[0]
            return _target(_DISQUS_SIGNATURE.sub("", inner)) or target
    except ValueError:
        return ""
    return target


def _abbreviates(visible: str, target: str) -> bool:
    """Whether ``visible`` is ``target`` with a part of it replaced by dots."""
    if " " in visible or not _ELLIPSIS.search(visible):
        return False
    start, *_, end = _ELLIPSIS.split(_bare(visible))
    whole = _bare(target)
    return bool(start) and whole.startswith(start) and whole.endswith(end)


def _bare(address: str) -> str:
    """An address without its scheme, its last slash and its encoding, for comparing."""
    return unquote(_BARE.sub("", address))
