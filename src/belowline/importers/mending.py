"""Makes XML of what is nearly XML: the mistakes that real exports contain, each counted.

Works on a stream of text and never adds or removes a line break, so that line numbers stay those
of the file. What it cannot mend, first of all a file that ends in the middle, it leaves for the
parser to name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from html import escape, unescape
from html.entities import html5

from belowline.importers.files import Text
from belowline.importers.records import Number, Refused, Warned

_LONGEST_TOKEN = 1 << 22
_LONGEST_TAG = 1 << 16
_LONGEST_END_TAG = 1 << 7
_DEEPEST = 1000

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEGINNING = re.compile(r"<(?:\?xml|!DOCTYPE|!--|[A-Za-z_])")
_NAME = r"[A-Za-z_][\w.:-]*"
_TAG = re.compile(rf"<(/?)({_NAME})((?:\"[^\"]*\"|'[^']*'|[^\"'<>])*)>")
_END_TAG = re.compile(rf"</({_NAME})\s*>")
_GOOD_ATTRIBUTES = re.compile(rf"""(?:\s+{_NAME}\s*=\s*(?:"[^"<&]*"|'[^'<&]*'))*\s*/?""")
_ATTRIBUTE = re.compile(
    rf"""({_NAME})(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>/]*(?:/+[^\s"'<>/]+)*))?"""
)
_AMPERSAND = re.compile(r"&(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});|(\w{1,32});)?")
_UNFINISHED_REFERENCE = re.compile(r"&#?\w{0,32}\Z|\]{1,2}\Z")
_OWN_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_BRACKETED = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))

_SAID = {
    "junk_before_prolog": "characters before its beginning",
    "junk_after_end": "characters after its end",
    "documents_joined": "further documents joined on",
    "control_chars_removed": "control characters",
    "stray_bytes": "bytes that are not UTF-8",
    "bare_ampersands": "bare ampersands",
    "named_entities": "entities that XML does not know",
    "bare_brackets": "bare angle brackets",
    "unclosed_tags": "elements that were never closed",
    "stray_end_tags": "ends of elements that were not open",
    "unquoted_attributes": "tags with malformed attributes",
    "undeclared_prefixes": "undeclared prefixes",
}


def declares_entities(line: int) -> str:
    """The sentence that refuses a file with entities of its own."""
    return f"line {line}: the file declares entities of its own, which no export does."


class Mending:
    """Mends one file, and says afterwards what had to be mended.

    mistake: how the parser refused the file as it is.
    """

    def __init__(self, mistake: str) -> None:
        self._mistake = mistake
        self._start_over()

    def _start_over(self) -> None:
        self._counts = dict.fromkeys(_SAID, 0)
        self._first_lines: dict[str, int] = {}
        self._prefixes: set[str] = set()
        self._declared = {"xml", "xmlns"}
        self._line = 1
        self._open: list[str] = []
        self._root = ""
        self._held_back = ""
        self._in_leaf = False

    def numbers(self) -> dict[str, Number]:
        """What was found, for a summary."""
        counts: dict[str, Number] = {name: count for name, count in self._counts.items() if count}
        return counts | {
            "not_well_formed": self._mistake,
            "control_chars_removed": self._counts["control_chars_removed"],
            "undeclared_prefixes": sorted(self._prefixes - self._declared),
            "unquoted_attributes": self._counts["unquoted_attributes"] > 0,
        }

    def warnings(self) -> Iterator[Warned]:
        """One warning for the file and one for each kind of mistake in it."""
        yield Warned(
            place="line 1",
            code="not_well_formed",
            sentence=f"The file is not well-formed XML ({self._mistake}). It was mended and read.",
        )
        undeclared = sorted(self._prefixes - self._declared)
        counts = self._counts | {"undeclared_prefixes": len(undeclared)}
        for name, count in counts.items():
            if count:
                line = self._first_lines.get(name, 1)
                sentence = f"Mended {_SAID[name]}: {count}, first in line {line}."
                yield Warned(place=f"line {line}", code=name, sentence=sentence)

    def mended(self, text: Text, leaves: Set[str]) -> Iterator[str]:
        """The text of a file as XML. ``leaves``: elements inside which bare tags are text."""
        self._start_over()
        waiting = ""
        begun = False
        line = 1
        for piece in text:
            waiting += self._without_forbidden(piece, line)
            line += piece.count("\n")
            if not begun:
                beginning = _BEGINNING.search(waiting)
                if not beginning and len(waiting) < _LONGEST_TOKEN:
                    continue
                waiting = self._without_junk(waiting, beginning)
                begun = True
            mended, rest = self._mend(waiting, leaves, final=False)
            yield mended
            waiting = rest
        if not begun:
            raise Refused(f"line {self._line}: there is no XML in this file.")
        mended, _ = self._mend(waiting, leaves, final=True)
        yield mended
        yield self._held_back
        self._count("stray_bytes", text.strays, text.first_stray)

    def _without_junk(self, text: str, beginning: re.Match[str] | None) -> str:
        if beginning is None:
            raise Refused(f"line {self._line}: there is no XML in this file.")
        junk = text[: beginning.start()]
        self._count("junk_before_prolog", len(junk))
        return "\n" * junk.count("\n") + text[beginning.start() :]

    def _mend(self, text: str, leaves: Set[str], *, final: bool) -> tuple[str, str]:
        """As much of ``text`` as can be judged, mended, and the rest."""
        done: list[str] = []
        at = 0
        while at < len(text):
            start = text.find("<", at)
            end = len(text) if start < 0 else start
            if end > at:
                if start < 0 and not final and (cut := _UNFINISHED_REFERENCE.search(text, at)):
                    end = cut.start()
                done.append(self._text(text[at:end]))
                self._line += text.count("\n", at, end)
                if start < 0:
                    return "".join(done), text[end:]
                at = start
            after, mended = self._markup(text, at, leaves, final=final)
            if after < 0:
                break
            done.append(mended)
            self._line += text.count("\n", at, after)
            at = after
        return "".join(done), text[at:]

    def _markup(self, text: str, at: int, leaves: Set[str], *, final: bool) -> tuple[int, str]:
        """Where the markup at ``at`` ends and what it becomes; -1 if more has to be read first."""
        if not final and len(text) - at < _LONGEST_END_TAG:
            return -1, ""
        if self._in_leaf and not self._ends_leaf(text, at):
            self._count("bare_brackets")
            return at + 1, "&lt;"
        for opening, closing in _BRACKETED:
            if text.startswith(opening, at):
                end = text.find(closing, at + len(opening))
                if end >= 0:
                    return self._bracketed(text, at, end + len(closing), opening)
                if len(text) - at > _LONGEST_TOKEN:
                    raise Refused(f"line {self._line}: what begins here with {opening} never ends.")
                return (len(text), text[at:]) if final else (-1, "")
        if text.startswith("<!", at):
            return self._declaration(text, at, final=final)
        tag = _TAG.match(text, at)
        if tag:
            return tag.end(), self._tag(tag, leaves)
        if final or "<" in text[at + 1 :] or ">" in text[at:] or len(text) - at > _LONGEST_TAG:
            self._count("bare_brackets")
            return at + 1, "&lt;"
        return -1, ""

    def _bracketed(self, text: str, at: int, after: int, opening: str) -> tuple[int, str]:
        """CDATA stays; comments and processing instructions go, as nothing is read from them."""
        inside = text[at:after]
        if opening == "<![CDATA[" and self._open:
            return after, inside
        return after, "\n" * inside.count("\n")

    def _declaration(self, text: str, at: int, *, final: bool) -> tuple[int, str]:
        end = text.find(">", at)
        inner = text.find("[", at, end if end >= 0 else None)
        if inner >= 0:
            close = text.find("]", inner)
            end = text.find(">", close) if close >= 0 else -1
        if "<!ENTITY" in text[at : end if end >= 0 else None]:
            raise Refused(declares_entities(self._line))
        if end < 0:
            if len(text) - at > _LONGEST_TAG:
                raise Refused(f"line {self._line}: the declaration that begins here never ends.")
            return (len(text), text[at:]) if final else (-1, "")
        return end + 1, "\n" * text.count("\n", at, end)

    def _ends_leaf(self, text: str, at: int) -> bool:
        """Whether more than text stands at ``at``: CDATA, or the end of the leaf or its parent."""
        end_tag = _END_TAG.match(text, at)
        if end_tag:
            return end_tag[1] in self._open[-2:]
        return text.startswith("<![CDATA[", at)

    def _tag(self, tag: re.Match[str], leaves: Set[str]) -> str:
        closing, name, attributes = tag.groups()
        if closing:
            return self._end_tag(name, tag[0])
        self._note_prefixes(name, attributes)
        opened = not attributes.rstrip().endswith("/")
        if not self._open and (again := self._further_root(name, opened, tag[0])) is not None:
            return again
        if opened:
            self._open.append(name)
            self._in_leaf = name.rpartition(":")[2] in leaves
            if len(self._open) > _DEEPEST:
                raise Refused(f"line {self._line}: elements are nested {_DEEPEST} deep here.")
        if _GOOD_ATTRIBUTES.fullmatch(attributes):
            return tag[0]
        self._count("unquoted_attributes")
        return f"<{name}{_rewritten(attributes)}{'' if opened else '/'}>"

    def _end_tag(self, name: str, written: str) -> str:
        """The end of an element and of all that should have ended inside it."""
        breaks = "\n" * written.count("\n")
        if name not in self._open:
            self._count("stray_end_tags")
            return breaks
        self._in_leaf = False
        ended: list[str] = []
        while not ended or ended[-1] != name:
            ended.append(self._open.pop())
        self._count("unclosed_tags", len(ended) - 1)
        if not self._open:
            self._held_back = f"</{ended.pop()}>"
        return "".join(f"</{each}>" for each in ended) + breaks

    def _further_root(self, name: str, opened: bool, written: str) -> str | None:
        """None for the root itself; otherwise what stands for a root after its end."""
        if not self._root:
            self._root = name
            return None
        if name == self._root and opened:  # several exports in one file: they become one
            self._count("documents_joined")
            self._open.append(name)
            self._held_back = ""
        else:
            self._count("junk_after_end", len(written))
        return "\n" * written.count("\n")

    def _text(self, text: str) -> str:
        if not self._open:
            self._count("junk_after_end", len(text.strip()))
            return "\n" * text.count("\n")
        if "]]>" in text:
            self._count("bare_brackets", text.count("]]>"))
            text = text.replace("]]>", "]]&gt;")
        return _AMPERSAND.sub(self._reference, text) if "&" in text else text

    def _reference(self, match: re.Match[str]) -> str:
        written, name = match[0], match[1]
        if written == "&" or (name and name not in _OWN_ENTITIES and f"{name};" not in html5):
            self._count("bare_ampersands")
            return "&amp;" + written[1:]
        if name is None:
            return self._character(written)
        if name in _OWN_ENTITIES:
            return written
        self._count("named_entities")
        return unescape(written)

    def _character(self, written: str) -> str:
        """A numeric reference, or nothing for one to a character that XML cannot hold."""
        digits = written[2:-1]
        number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        if number > 0x10FFFF or _FORBIDDEN.fullmatch(chr(number)):
            self._count("control_chars_removed")
            return ""
        return f"&#{number};"

    def _without_forbidden(self, piece: str, line: int) -> str:
        """``piece``, which begins in ``line``, without the characters that no XML may hold."""
        first = _FORBIDDEN.search(piece)
        if first is None:
            return piece
        left, times = _FORBIDDEN.subn("", piece)
        line += piece.count("\n", 0, first.start())
        self._count("control_chars_removed", times, line)
        return left

    def _note_prefixes(self, name: str, attributes: str) -> None:
        names = [name]
        if ":" in attributes:
            names += [match[1] for match in _ATTRIBUTE.finditer(attributes)]
        for each in names:
            prefix, colon, rest = each.rpartition(":")
            if prefix == "xmlns":
                self._declared.add(rest)
            elif colon and prefix not in self._prefixes:
                self._prefixes.add(prefix)
                if prefix not in self._declared:
                    self._first_lines.setdefault("undeclared_prefixes", self._line)

    def _count(self, name: str, times: int = 1, line: int = 0) -> None:
        if times:
            self._counts[name] += times
            self._first_lines.setdefault(name, line or self._line)


def _rewritten(attributes: str) -> str:
    """Attributes with quotes around each value; of two with one name the first."""
    values: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(attributes):
        name, value = match[1], match[2] or match[1]
        if value[0] in "\"'":
            value = value[1:-1]
        values.setdefault(name, value)
    written = (f' {name}="{escape(unescape(value))}"' for name, value in values.items())
    return "".join(written) + "\n" * attributes.count("\n")
