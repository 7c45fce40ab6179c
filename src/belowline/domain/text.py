"""A comment's text: the form in which it is stored, and how it becomes safe HTML.

A text is a sequence of code points; every place and every length in Belowline counts those.
All functions take time that grows with the length only, whatever the text is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import NamedTuple
from unicodedata import category, combining, normalize
from urllib.parse import quote

from belowline.domain.confusables import ACCENTS, MARKS, mixed_scripts, ranges, skeleton
from belowline.domain.errors import Refused
from belowline.domain.unicode_tables import STACKING_MARKS


class TextRefused(Refused):
    """A text that cannot be stored: text_empty, text_too_long or text_characters."""


# -- the stored form -----------------------------------------------------------------------

_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINERS = "\u200c\u200d"
_DIRECTIONS = "\u200e\u200f\u061c"
_STACKING = ranges(STACKING_MARKS)
_PILING = ACCENTS + "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
_JOINING_LETTERS = (
    "\u0590-\u1cff\u2d30-\u2d7f\ua800-\uabff\U00010a00-\U00011fff\U0001e900-\U0001e95f"
)
_PICTURES = "\u2194\u2195\u2600-\u27bf\u2b1b\U0001f000-\U0001faff"

_UNSEEN = _SELECTORS + _JOINERS

_LINE_END = re.compile("[\r\v\f\x85\u2028\u2029]")
_MEANINGLESS = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\xad\u034f\u180e\u200b\u2060\ufeff\ufffc"  # draw nothing
    "\u17b4\u17b5\u3164\uffa0"  # letters that draw nothing
    "\u202a-\u202e\u2061-\u206f"  # other orders of reading, and their like
    "\ufff9-\ufffb\U0001d173-\U0001d17a"  # notes between lines, music
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters
    "]"
)
REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates: they show a text in another order than it has."""

_HIGH = re.compile("[\U0001fffe-\U0010ffff]")
_HIGH_NONCHARACTER = re.compile(
    "[" + "".join(chr(end - 2) + chr(end - 1) for end in range(0x20000, 0x120000, 0x10000)) + "]"
)
_PILE = re.compile(r"[^\w\s!-~]{5}")
_AFTER_EIGHT = re.compile(
    f"((?:[{_STACKING}][{_UNSEEN}]*){{8}})[{_STACKING}][{_STACKING}{_UNSEEN}]*"
)
_AFTER_FOUR = re.compile(
    f"((?:(?:(?![{_PILING}])[{_STACKING}{_UNSEEN}])*[{_PILING}]){{4}}"
    f"(?:(?![{_PILING}])[{_STACKING}{_UNSEEN}])*)[{_PILING}][{_STACKING}{_UNSEEN}]*"
)
_UNUSUAL = re.compile(f"[{_UNSEEN}{_DIRECTIONS}\U000e0000-\U000e007f]")
_FLAG_OR_TAG = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
    "|[\U000e0000-\U000e007f]"
)
_REPEATED_DIRECTION = re.compile(f"([{_DIRECTIONS}])[{_DIRECTIONS}{_UNSEEN}]+")
_STRAY_SELECTOR = re.compile(
    f"[{_SELECTORS}](?:(?<=[\\s{_STACKING}{_UNSEEN}{_DIRECTIONS}].)|(?<!..))", re.DOTALL
)
_REPEATED_JOINER = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
_JOINER_OF_MARKS = re.compile(f"[{_JOINERS}](?<=[{MARKS}].)(?=[{MARKS}])")
_STRAY_JOINER = re.compile(
    f"[{_JOINERS}](?:(?<![{_JOINING_LETTERS}{_PICTURES}\ufe0f].)"
    f"|(?<=[{_PICTURES}\ufe0f]\u200c)|(?<=[{_PICTURES}\ufe0f]\u200d)(?![{_PICTURES}]))"
)
_MORE_BLANK_LINES = re.compile(r"\n{3,}")
_SEEN = re.compile(f"[^\\s{_STACKING}{_UNSEEN}{_DIRECTIONS}\u115f\u1160\u2800]")


def normalise(raw: str, limit: int | None = None) -> str:
    """``raw`` as it is stored. Applied twice it changes nothing more.

    Raises TextRefused: text_characters for halves of surrogate pairs, which are no text and cannot
    be written as UTF-8; text_empty when nothing that can be seen is left; text_too_long beyond
    ``limit`` code points of what is left.

    - Composed (NFC), so that the same word is stored in the same way from every keyboard.
    - Line ends of all kinds become a line feed, tabs a space; spaces at the ends of lines go, and
      several blank lines become one.
    - Control characters (C0, C1) and noncharacters are removed: they mean nothing in a comment.
    - Removed too: the embeddings, overrides and isolates of UAX 9, with which a text is shown in
      another order than it is stored ("Trojan Source"). The marks LRM, RLM and ALM stay, one at a
      time: people who mix Arabic or Hebrew with numbers need them, and they reorder no letters.
    - Characters that draw nothing are removed: zero-width space, word joiner, soft hyphen, byte
      order mark, invisible operators, annotations, empty letters (U+3164), tags outside of a flag.
    - The zero-width joiner and non-joiner stay where they are spelling (after a letter of a script
      from Hebrew on: Persian, Hindi, ...) and the joiner between the parts of an emoji. After a
      Latin, Greek or Cyrillic letter they only hide a word from a word list.
    - One variation selector stays, directly after what it varies; more can smuggle data.
    - A run of marks that pile up ("Zalgo") ends after four accents, Hebrew points, Arabic vowels or
      Thai signs, and after eight of any kind: Tibetan stacks five, no language needs more.
    """
    if not raw.isascii():
        _demand_whole_characters(raw)
    text = _MEANINGLESS.sub("", _LINE_END.sub("\n", raw.replace("\r\n", "\n")))
    if not text.isascii():
        text = _tidy(text)
    text = text.replace("\t", " ")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = _MORE_BLANK_LINES.sub("\n\n", text).strip()
    if not _SEEN.search(text):
        raise TextRefused("text_empty", field="text")
    if limit is not None and len(text) > limit:
        raise TextRefused("text_too_long", field="text", limit=limit)
    return text


def _demand_whole_characters(raw: str) -> None:
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise TextRefused("text_characters", field="text") from None


def _tidy(text: str) -> str:
    """The rules for characters beyond ASCII.

    Runs of marks are cut before composing too, for that takes time with the square of their
    length. They lose their end, never their middle, and what keeps two marks apart goes before
    composing puts them in order: so what is left is in order, and once is enough.
    """
    if _HIGH.search(text):
        text = _HIGH_NONCHARACTER.sub("", text)
    text = _composed(text)
    if _UNUSUAL.search(text):
        text = _FLAG_OR_TAG.sub(r"\1", text)
        text = _REPEATED_DIRECTION.sub(r"\1", text)
        text = _STRAY_SELECTOR.sub("", text)
        text = _JOINER_OF_MARKS.sub("", _REPEATED_JOINER.sub(r"\1", text))
        text = _STRAY_JOINER.sub("", _composed(text))
    if _PILE.search(text):
        text = _AFTER_FOUR.sub(r"\1", _AFTER_EIGHT.sub(r"\1", text))
    return normalize("NFC", text)


def _composed(text: str) -> str:
    if _PILE.search(text):
        text = _AFTER_EIGHT.sub(r"\1", text)
    return normalize("NFC", text)


# -- links ---------------------------------------------------------------------------------

_OF_URL = (
    '[^\\s<>"`{}|\\\\^\u00ab\u00bb\u2018-\u201f\u2026\u2039\u203a\u060c\u061b\u061f'
    "\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u200e\u200f\u061c]"
)
# An end of a host that is seldom anything else: "know.it" is two words without a space.
_ENDS = (
    "com|org|net|edu|gov|int|info|biz|app|dev|blog|news|online|site|store|shop|club|xyz|top|live|io|"
    "tv|eu|de|uk|fr|nl|pl|ch|ca|au|nz|jp|kr|cn|ru|ua|br|cz|dk|fi|gr|hu|pt|se"
)
_URL = re.compile(
    rf"(?<![A-Za-z0-9_@/.-])(?:(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\.){_OF_URL}+"
    rf"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:(?:{_ENDS})(?!\.?[\w@-])(?:[:/?#]{_OF_URL}*)?"
    rf"|[a-z]{{2}}/{_OF_URL}+))"
)
_MAY_BE_URL = re.compile(r"\.[A-Za-z]{2}|://|www\.", re.IGNORECASE)
_AUTHORITY = re.compile(r"(https?://|)([^/?#]*)", re.IGNORECASE)
_LABEL = re.compile(f"[\\w{MARKS}][\\w{MARKS}-]{{0,62}}")
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_URL_CHARACTERS = "/?:@!$&'()*+,;=-._~%"
_LONGEST_URL = 2_000
_SHOWN_URL = 60


class Link(NamedTuple):
    """A web address within a text.

    ``start`` and ``end`` are its place in code points, ``url`` what a link leads to, ``host`` the
    host in ASCII, ``shown`` what a reader sees. ``warning`` is "", "lookalike" for a host that
    imitates another one, or "userinfo" for ``http://bank.example@evil.example``, which leads to
    the second host, looks like the first, and is never made a link.
    """

    start: int
    end: int
    url: str
    host: str
    shown: str
    warning: str = ""


def plain_links(text: str) -> list[Link]:
    """The web addresses in ``text``: what begins with http://, https:// or www., and hosts without
    them that end in a well-known way (``example.org``) or go on with a path (``example.is/x``)."""
    return list(_links(text))


def _links(text: str) -> Iterator[Link]:
    if not _MAY_BE_URL.search(text):
        return
    for match in _URL.finditer(text):
        end = _last_of_url(match.group())
        link = _parse(match.group()[:end], match.start())
        if link is not None:
            yield link


def _last_of_url(found: str) -> int:
    """Where an address ends when the sentence around it goes on: without the punctuation at its
    end and without brackets that were not opened within it."""
    spare = {")": found.count(")") - found.count("("), "]": found.count("]") - found.count("[")}
    end = len(found)
    while end:
        last = found[end - 1]
        if last in "([":
            spare[")" if last == "(" else "]"] += 1
        elif spare.get(last, 0) > 0:
            spare[last] -= 1
        elif last not in ".,;:!?'*":
            break
        end -= 1
    return end


def _parse(found: str, start: int) -> Link | None:
    """The link that ``found`` is, None when it is none that a browser could follow."""
    match = _AUTHORITY.match(found)
    if match is None or len(found) > _LONGEST_URL:
        return None
    scheme, authority = match.groups()
    rest = found[match.end() :]
    _, at, place = authority.rpartition("@")
    typed, _, port = place.partition(":")
    host = _ascii_host(typed)
    if host is None or (port and not (port.isascii() and port.isdigit() and int(port) < 65536)):
        return None
    end = start + len(found)
    if at:
        return Link(start, end, "", host, found, "userinfo")
    colon = f":{int(port)}" if port else ""
    target = f"{(scheme or 'https://').lower()}{host}{colon}{_quoted(rest)}"
    imitates = _imitates(host)
    readable = typed if typed.isascii() else normalize("NFKC", typed).lower()
    shown = _shortened(scheme + (host if imitates else readable) + colon, rest)
    return Link(start, end, target, host, shown, "lookalike" if imitates else "")


def _ascii_host(typed: str) -> str | None:
    """A host as it is asked for (RFC 3492, UTS 46 in essence), None for what is no public host."""
    labels = normalize("NFKC", typed).lower().removesuffix(".").split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if labels[-1][0].isdigit():
        address = len(labels) == 4 and all(_is_octet(label) for label in labels)
        return ".".join(labels) if address else None
    encoded = [_encoded(label) for label in labels]
    host = ".".join(encoded)
    return host if all(encoded) and len(host) <= 253 else None


def _is_octet(label: str) -> bool:
    return label.isascii() and label.isdigit() and label == str(int(label)) and int(label) < 256


def _encoded(label: str) -> str:
    """A label in ASCII, "" when it is too long or claims to be encoded and is not."""
    if label.startswith("xn--"):
        return label if _decoded(label) else ""
    encoded = label if label.isascii() else "xn--" + label.encode("punycode").decode()
    return encoded if len(encoded) <= 63 else ""


def _decoded(label: str) -> str:
    """The letters of an ``xn--`` label, "" when it has none."""
    try:
        letters = label[4:].encode("ascii").decode("punycode")
        letters.encode()
    except UnicodeError:
        return ""
    again = "xn--" + letters.encode("punycode").decode()
    proper = again == label and not letters.isascii() and _LABEL.fullmatch(letters)
    return letters if proper else ""


def _imitates(host: str) -> bool:
    """Whether a label of ``host`` mixes alphabets or is written in look-alikes of ASCII only."""
    labels = [_decoded(label) for label in host.split(".") if label.startswith("xn--")]
    return any(mixed_scripts(label) or skeleton(label).isascii() for label in labels)


def _quoted(rest: str) -> str:
    """Path, query and fragment with only the characters that a valid URL has."""
    before, mark, fragment = _LONE_PERCENT.sub("%25", rest).partition("#")
    quoted = quote(before, safe=_URL_CHARACTERS, errors="replace")
    fragment = quote(fragment, safe=_URL_CHARACTERS, errors="replace")
    return quoted + mark + fragment


def _shortened(head: str, rest: str) -> str:
    """An address as it is shown. Its host is never cut: that is what a reader judges by."""
    if len(head) + len(rest) <= _SHOWN_URL:
        return head + rest
    return head + rest[: boundary(rest, max(_SHOWN_URL - len(head), 8))] + "\u2026"


# -- HTML ----------------------------------------------------------------------------------


def to_html(text: str) -> str:
    """A stored text as safe HTML: paragraphs, line breaks and links; all else as typed.

    Each paragraph finds its own direction (``dir="auto"``), so that Arabic reads right in an
    English page; an address is always left to right and does not decide it.
    """
    paragraphs = (part.strip("\n") for part in text.split("\n\n"))
    return "".join(f'<p dir="auto">{_inline(part)}</p>' for part in paragraphs if part)


def _inline(text: str) -> str:
    parts = []
    done = 0
    for link in _links(text):
        if link.url:
            parts.append(escape(text[done : link.start]))
            parts.append(
                f'<a href="{escape(link.url)}" rel="ugc nofollow noopener" dir="ltr">'
                f"{escape(link.shown)}</a>"
            )
            done = link.end
    parts.append(escape(text[done:]))
    return "".join(parts).replace("\n", "<br>")


# -- parts of a text -----------------------------------------------------------------------

_FOLD_BEYOND = 1_200
_FOLD_AT = 800
_FOLD_BEYOND_LINES = 18
_FOLD_AT_LINE = 12


def excerpt(text: str, limit: int) -> str:
    """The beginning of ``text`` on one line, of at most ``limit`` code points, cut between words
    where that is possible; "\u2026" says that it goes on."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    if limit < 1:
        return ""
    space = line.rfind(" ", (limit - 1) // 2, limit)
    end = boundary(line, space if space > 0 else limit - 1)
    return line[:end].rstrip(" ,;:-") + "\u2026"


def fold_point(text: str) -> int | None:
    """Where the visible beginning of a very long text ends, None when it is shown whole.

    More than 1,200 characters or 18 lines fold, at a line's or word's end before 800 or 12.
    """
    if len(text) <= _FOLD_BEYOND and text.count("\n") < _FOLD_BEYOND_LINES:
        return None
    end = min(_FOLD_AT, _line_end(text, _FOLD_AT_LINE))
    for parting in ("\n", " "):
        place = text.rfind(parting, end // 2, end + 1)
        if place > 0:
            return place
    return boundary(text, end) or end


def _line_end(text: str, number: int) -> int:
    """Where line ``number`` (from 1) ends."""
    end = -1
    for _ in range(number):
        end = text.find("\n", end + 1)
        if end < 0:
            return len(text)
    return end


def boundary(text: str, place: int) -> int:
    """The last place up to ``place`` where ``text`` may be cut: between what a reader sees as two
    characters (the grapheme clusters of UAX 29, as far as they matter for cutting)."""
    place = min(place, len(text))
    while 0 < place < len(text) and _belong_together(text, place):
        place -= 1
    return place


def _belong_together(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if after.isascii() or before == "\n":
        return False
    if extends(after) or before == "\u200d":
        return True
    if _is_flag_letter(after) and _is_flag_letter(before):
        first = place
        while first and _is_flag_letter(text[first - 1]):
            first -= 1
        return (place - first) % 2 == 1
    conjoining = "\u1100" <= before <= "\u11ff" and "\u1160" <= after <= "\u11ff"
    conjunct = combining(before) == 9 and category(after) == "Lo"
    return conjoining or conjunct


def extends(char: str) -> bool:
    """Whether a character adds to the one before it: marks, joiners, skin tones, tags."""
    return (
        category(char)[0] == "M"
        or char in "\u200c\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
