"""How large pictures are, and which files may be served at all."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from belowline.publication.pictures import Size, media_name, media_path, media_type, picture_size

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900"><path d="M0 0"/></svg>'


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02"


def jpeg(width: int, height: int, orientation: int | None = None) -> bytes:
    exif = b""
    if orientation is not None:
        tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
        segment = b"Exif\0\0" + tiff
        exif = b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
    tables = b"\xff\xdb" + struct.pack(">H", 4) + b"\0\0"
    frame = b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\0" * 10
    return b"\xff\xd8" + exif + tables + b"\xff" + frame


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + struct.pack("<I", len(body)) + body


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14))
EXTENDED = webp(b"VP8X", b"\0" * 4 + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"))


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), Size(640, 480)),
        (b"GIF89a" + struct.pack("<HH", 640, 480), Size(640, 480)),
        (jpeg(640, 480), Size(640, 480)),
        (jpeg(640, 480, orientation=1), Size(640, 480)),
        (jpeg(640, 480, orientation=6), Size(480, 640)),
        (LOSSY, Size(640, 480)),
        (LOSSLESS, Size(640, 480)),
        (EXTENDED, Size(640, 480)),
        (SVG, Size(1600, 900)),
        (b'<?xml version="1.0"?><svg width="80px" height="45"/>', Size(80, 45)),
        (b'<svg width="100%" height="100%" viewBox="0,0,16,9"/>', Size(16, 9)),
    ],
)
def test_the_size_is_read_from_the_first_bytes(data: bytes, size: Size, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(data)
    assert picture_size(path) == size


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8nothing of the sort",
        png(0, 0),
        png(1, 1)[:18],
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"<svg",
        b"<html/>",
        b'<svg viewBox="a b c d"/>',
        b"plain text",
    ],
)
def test_a_file_that_does_not_tell_has_no_size(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(data)
    assert picture_size(path) is None


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """A folder of stories with pictures, and a secret beside it."""
    folder = tmp_path / "stories"
    (folder / "images" / "2026").mkdir(parents=True)
    (folder / "images" / "bridge.svg").write_bytes(SVG)
    (folder / "images" / "2026" / "Dam at night.JPG").write_bytes(jpeg(2, 1))
    (folder / "images" / ".hidden.svg").write_bytes(SVG)
    (folder / "images" / "notes.txt").write_text("not a picture")
    (folder / "draft.svg").write_bytes(SVG)
    (tmp_path / "secret.svg").write_bytes(SVG)
    (folder / "images" / "leak.svg").symlink_to(tmp_path / "secret.svg")
    return folder


@pytest.mark.parametrize("name", ["bridge.svg", "2026/Dam at night.JPG"])
def test_a_picture_is_found(stories: Path, name: str) -> None:
    path = media_path(stories, name)
    assert path is not None
    assert path.is_file()
    assert media_type(path) in ("image/svg+xml", "image/jpeg")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../draft.svg",
        "../../secret.svg",
        "2026/../../draft.svg",
        "2026\\..\\..\\draft.svg",
        "/etc/passwd",
        "//bridge.svg",
        ".hidden.svg",
        "leak.svg",
        "notes.txt",
        "2026",
        "bridge.svg\0.png",
        "absent.svg",
        "x" * 5000 + ".svg",
    ],
)
def test_nothing_else_is_served(stories: Path, name: str) -> None:
    assert media_path(stories, name) is None


@pytest.mark.parametrize("written", ["bridge.svg", "images/bridge.svg", "./images/bridge.svg"])
def test_a_story_may_name_its_picture_in_several_ways(written: str) -> None:
    assert media_name(written) == "bridge.svg"


@pytest.mark.parametrize("written", ["", "https://a.example/x.svg", "/etc/x.svg", "data:x", "#x"])
def test_what_lies_elsewhere_is_no_picture_of_ours(written: str) -> None:
    assert media_name(written) is None
