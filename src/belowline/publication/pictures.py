"""Pictures beside the stories: which there are, what kind they are and how large.

The size comes from the first bytes of the file, so that a page can reserve the room before the
picture has arrived and nothing moves.
"""

from __future__ import annotations

import re
import struct
from io import BytesIO
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import msgspec

FOLDER = "images"
"""The folder of pictures within the folder of stories."""

MEDIA_TYPES: dict[str, str] = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
"""File ending -> media type of everything that is served from the folder of pictures."""

_BEGINNING = 512 * 1024  # a JPEG's size can stand behind a large preview in its metadata
_ROTATED = (5, 6, 7, 8)  # EXIF orientations that lie on their side


class Size(msgspec.Struct, frozen=True):
    """Width and height in CSS pixels."""

    width: int
    height: int


def media_name(reference: str) -> str | None:
    """The picture's name in its folder for what a story calls it, None when it lies elsewhere.

    ``images/bridge.svg``, ``./images/bridge.svg`` and ``bridge.svg`` are the same picture.
    """
    if not reference or ":" in reference or reference.startswith(("/", "#")):
        return None
    parts = PurePosixPath(reference).parts
    if parts[:1] == (FOLDER,):
        parts = parts[1:]
    return "/".join(parts) or None


def media_path(folder: Path, name: str) -> Path | None:
    """The file behind ``/media/{name}`` for the stories in ``folder``; None when there is none.

    None as well for everything that is not a picture inside the folder of pictures: ``..``,
    absolute and hidden names, links that lead out, other kinds of file.
    """
    if not name or "\\" in name or any(not letter.isprintable() for letter in name):
        return None
    pure = PurePosixPath(name)
    if pure.is_absolute() or any(part.startswith(".") for part in pure.parts):
        return None
    if pure.suffix.lower() not in MEDIA_TYPES:
        return None
    try:
        root = (folder / FOLDER).resolve()
        path = (root / pure).resolve()
        found = path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError):
        return None
    return path if found else None


def media_type(path: Path) -> str:
    """The media type of a picture that `media_path` found."""
    return MEDIA_TYPES[path.suffix.lower()]


def picture_size(path: Path) -> Size | None:
    """The size of the picture in ``path``, None when its first bytes do not tell.

    PNG, GIF, JPEG (turned as its EXIF orientation says), WebP and SVG. Raises OSError.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    try:
        size = _size(beginning)
    except (struct.error, IndexError, ValueError):
        return None
    return size if size and size.width > 0 and size.height > 0 else None


def _size(data: bytes) -> Size | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Size(*struct.unpack_from(">II", data, 16))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Size(*struct.unpack_from("<HH", data, 6))
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return _svg(data)


def _jpeg(data: bytes) -> Size | None:
    """The frame header's size (ITU T.81, B.2.2), turned when the EXIF segment says so."""
    at, on_its_side = 2, False
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Size(height, width) if on_its_side else Size(width, height)
        if marker == 0xE1:
            on_its_side = on_its_side or _lies_on_its_side(data[at + 4 : at + 2 + length])
        at += 2 + length
    return None


def _lies_on_its_side(segment: bytes) -> bool:
    """Whether an APP1 segment holds an EXIF orientation (tag 0x0112) that swaps the sides."""
    if not segment.startswith(b"Exif\0\0"):
        return False
    tiff = segment[6:]
    order = ">" if tiff[:2] == b"MM" else "<"
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(entries):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, directory + 2 + entry * 12)
            if tag == 0x0112:
                return value in _ROTATED
    except struct.error:
        return False
    return False


def _webp(data: bytes) -> Size | None:
    """The three kinds of WebP chunk (RFC 9649, section 2)."""
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Size(width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Size(width, height)
    return None


def _svg(data: bytes) -> Size | None:
    """``width`` and ``height`` of the root element in pixels, else those of its ``viewBox``."""
    try:
        _, root = next(ElementTree.iterparse(BytesIO(data), events=["start"]))
    except (ElementTree.ParseError, StopIteration):
        return None
    if root.tag.rpartition("}")[2] != "svg":
        return None
    width, height = _pixels(root.get("width")), _pixels(root.get("height"))
    if width and height:
        return Size(width, height)
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    return Size(round(float(box[2])), round(float(box[3]))) if len(box) == 4 else None


def _pixels(length: str | None) -> int:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*", length or "")
    return round(float(found[1])) if found else 0
