"""Reading large XML files piece by piece, mending what other programs write badly.

`elements` yields the wanted children of the root one by one, so that memory is bounded by the
largest of them. It first trusts the file. Only if that fails is the file read again through
`belowline.importers.mending`. No entity is ever defined or loaded: a file that declares one is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

from belowline.importers.files import Text, byte_pieces
from belowline.importers.mending import Mending, declares_entities
from belowline.importers.records import Refused

_LARGEST_ELEMENT = 1 << 22
_MOST_DESCENDANTS = 10_000
_LARGEST_TOKEN = 1 << 22
_CUT_OFF = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
)


class Element:
    """An element below the root: names without their prefixes, text, and the line it begins in."""

    __slots__ = ("attributes", "content", "line", "name")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.content: list[str | Element] = []

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        for part in self.content:
            if isinstance(part, Element) and part.name == name:
                return part
        return None

    def text(self, *path: str) -> str:
        """The text of the element that ``path`` leads to, without blanks around it; "" if none.

        Markup that stands in it bare becomes text again, since that is what it was meant as.
        """
        element: Element | None = self
        for name in path:
            element = element.child(name) if element else None
        return element.inner().strip() if element else ""

    def inner(self) -> str:
        """What stands between the tags."""
        return "".join(part if isinstance(part, str) else part._outer() for part in self.content)

    def _outer(self) -> str:
        attributes = "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        if not self.content:
            return f"<{self.name}{attributes}/>"
        return f"<{self.name}{attributes}>{self.inner()}</{self.name}>"


class Malformed(Exception):
    """The file is not well-formed: the parser's own words, with line and column counted from 0."""


def elements(
    path: Path, root: str, wanted: Set[str], leaves: Set[str], mending: Mending | None
) -> Iterator[Element]:
    """The children of ``root`` that are named in ``wanted``, in the order of the file.

    leaves: the names of elements whose content is text, where a mended file's tags are text too.
    mending: None to trust the file, otherwise what mends it and counts what it did.

    Raises Malformed at the first mistake of a trusted file. Raises Refused, with the line, for a
    file with another root, with entities or beyond all bounds, and for one that cannot be mended.
    """
    builder = _Builder(root, wanted)
    parser = expat.ParserCreate(namespace_separator=None if mending else " ")
    builder.listen_to(parser)
    pieces: Iterable[bytes | str]
    pieces = mending.mended(Text(path), leaves) if mending else byte_pieces(path)
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _LARGEST_TOKEN:
                line = parser.CurrentLineNumber
                raise Refused(f"line {line}: what begins here does not end, as in no export.")
            yield from builder.finished()
        parser.Parse(b"", True)
        yield from builder.finished()
    except expat.ExpatError as error:
        if not mending:
            raise Malformed(str(error)) from error
        raise Refused(_why(error)) from error
    except (LookupError, ValueError) as error:  # an encoding that there is not, or not for expat
        if mending:
            raise
        raise Malformed(str(error)) from error


def _why(error: expat.ExpatError) -> str:
    place = f"line {error.lineno}, column {error.offset + 1}"
    if error.code in _CUT_OFF:
        return f"{place}: the file ends in the middle; it was cut off. Export it again."
    return f"{place}: this cannot be read as XML ({expat.ErrorString(error.code)})."


class _Builder:
    """Builds each wanted child of the root, and nothing else, from the parser's calls."""

    def __init__(self, root: str, wanted: Set[str]) -> None:
        self._root = root
        self._wanted = wanted
        self._depth = 0
        self._open: list[Element] = []
        self._finished: list[Element] = []
        self._characters = 0
        self._descendants = 0

    def listen_to(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity

    def finished(self) -> list[Element]:
        """The elements completed since the last call."""
        elements, self._finished = self._finished, []
        return elements

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        name = _local(name)
        if self._depth == 1 and name != self._root:
            raise Refused(
                f"line {self._parser.CurrentLineNumber}: the file holds <{name[:40]}>,"
                f" not the <{self._root}> that is expected."
            )
        if not self._open and (self._depth != 2 or name not in self._wanted):
            return
        if not self._open:
            self._characters = self._descendants = 0
        self._descendants += 1
        if self._descendants > _MOST_DESCENDANTS:
            raise Refused(f"line {self._parser.CurrentLineNumber}: too many elements in one.")
        plain = {_local(key): value for key, value in attributes.items()}
        element = Element(name, plain, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].content.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._open:
            element = self._open.pop()
            if not self._open:
                self._finished.append(element)

    def _text(self, text: str) -> None:
        if not self._open:
            return
        self._characters += len(text)
        if self._characters > _LARGEST_ELEMENT:
            raise Refused(
                f"line {self._open[0].line}: the <{self._open[0].name}> that begins here holds"
                f" more than {_LARGEST_ELEMENT} characters."
            )
        self._open[-1].content.append(text)

    def _entity(self, *_declaration: object) -> None:
        raise Refused(declares_entities(self._parser.CurrentLineNumber))


@lru_cache(1024)
def _local(name: str) -> str:
    """A name without its namespace or prefix."""
    return name.rpartition(" ")[2].rpartition(":")[2]
