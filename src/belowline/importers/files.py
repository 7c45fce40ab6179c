"""Opening other systems' files: plain or gzip, in whatever encoding, and never trusted in size."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from belowline.importers.records import Refused

_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"

# Real exports shrink to between a fifth and a fiftieth; a bomb to a thousandth.
_GREATEST_RATIO = 250
_RATIO_APPLIES_FROM = 1 << 24

_DECLARED = re.compile(rb"""^[^<]*<\?xml[^>]*?encoding\s*=\s*["']?([\w.-]+)""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_MARKS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"))
_PLAIN = "".join(map(chr, range(0x20, 0x7F)))
_UNDECODED = re.compile("[\udc80-\udcff]+")
_SURROGATES = re.compile(b"(?:\xed[\xa0-\xbf][\x80-\xbf])+")


def size(path: Path) -> int:
    """The file's size in bytes. Raises Refused for what is not a file that can be read twice."""
    try:
        if not path.is_file():
            raise Refused(f"{path} is not a file.")
        return path.stat().st_size
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error


def byte_pieces(path: Path) -> Iterator[bytes]:
    """What the file holds, unpacked if it is gzip, in pieces of bounded size.

    Raises Refused when it cannot be read, when its packing is damaged or cut off, and when it
    unpacks to far more than any real export does.
    """
    size(path)
    try:
        with path.open("rb") as file:
            start = file.read(len(_ZIP))
            file.seek(0)
            if start == _ZIP:
                raise Refused(f"{path} is a zip archive: unpack it and import the file inside.")
            raw = iter(lambda: file.read(_PIECE), b"")
            yield from _unpacked(raw) if start.startswith(_GZIP) else raw
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    """The content of a gzip file of one or more members."""
    line, taken, given = 1, 0, 0
    member = zlib.decompressobj(wbits=31)
    for piece in packed:
        taken += len(piece)
        while piece:
            if member.eof:
                if not piece.startswith(_GZIP):  # padding, as tapes and some uploads add it
                    break
                member = zlib.decompressobj(wbits=31)
            try:
                content = member.decompress(piece, _PIECE)
            except zlib.error as error:
                raise Refused(
                    f"line {line}: the compressed file is damaged here. Export it again."
                ) from error
            piece = member.unused_data if member.eof else member.unconsumed_tail
            given += len(content)
            if given > _RATIO_APPLIES_FROM and given > taken * _GREATEST_RATIO:
                raise Refused(
                    f"line {line}: the compressed file unpacks to more than {_GREATEST_RATIO} times"
                    " its size, as no export does. Unpack it first if it is meant."
                )
            line += content.count(b"\n")
            if content:
                yield content
    if rest := member.flush():
        yield rest
    if not member.eof:
        raise Refused(f"line {line}: the compressed file is cut off here. Export it again.")


class Text:
    """A file's text in pieces, decoded as well as can be.

    The encoding is the one that a byte order mark or an XML declaration names, otherwise UTF-8.
    Bytes that are not valid in UTF-8 are taken as Windows-1252, in which such strays are written;
    ``strays`` says how many there were and ``first_stray`` in which line, once all was read. It
    can be read again from the start, one reading at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.strays = 0
        self.first_stray = 0

    def __iter__(self) -> Iterator[str]:
        self.strays = self.first_stray = 0
        line = 1
        pieces = byte_pieces(self._path)
        first = next(pieces, b"")
        encoding, mark = _encoding(first)
        errors = "surrogateescape" if encoding == "utf-8" else "replace"
        decoder = codecs.getincrementaldecoder(encoding)(errors)
        for piece in _and_then(first[mark:], pieces, b""):
            text = decoder.decode(piece, final=not piece)
            if _UNDECODED.search(text):
                text = _UNDECODED.sub(self._stray_noter(text, line), text)
            line += text.count("\n")
            yield text

    def _stray_noter(self, text: str, line: int) -> Callable[[re.Match[str]], str]:
        def guess(match: re.Match[str]) -> str:
            self.first_stray = self.first_stray or line + text.count("\n", 0, match.start())
            self.strays += len(match[0])
            return _guess(match[0].encode("utf-8", "surrogateescape"))

        return guess


def _and_then(first: bytes, rest: Iterator[bytes], last: bytes) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
    yield last


def _encoding(start: bytes) -> tuple[str, int]:
    """The encoding of a file that begins with ``start``, and the length of its mark."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding, len(mark)
    for sign, encoding in _NO_MARKS:
        if start.startswith(sign):
            return encoding, 0
    declared = _DECLARED.match(start[:1024])
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        info = codecs.lookup(name)
        if _PLAIN.encode().decode(info.name) != _PLAIN:
            return "utf-8", 0
    except (LookupError, UnicodeError):
        return "utf-8", 0
    # A declaration that could be read byte by byte is not in one of the two-byte encodings.
    return ("utf-8", 0) if info.name.startswith("utf") else (info.name, 0)


def _guess(strays: bytes) -> str:
    """Bytes that are not UTF-8: surrogate pairs written one by one, otherwise Windows-1252."""
    if _SURROGATES.fullmatch(strays):
        pairs = strays.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return pairs.decode("utf-16-le", "replace")
    return "".join(bytes([stray]).decode("cp1252", "replace") for stray in strays)
