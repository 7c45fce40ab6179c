"""Small help for writing XML with the standard library's element tree."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

# everything outside the production Char of XML 1.0, fifth edition, section 2.2
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """``text`` with U+FFFD for each character that XML cannot hold, not even escaped."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Appends ``<tag>`` with ``text`` to ``parent``; attributes that are "" are left out.

    Tags are written as given, prefix included: the root declares the prefixes.
    """
    kept = {name: clean(value) for name, value in attributes.items() if value}
    child = ElementTree.SubElement(parent, tag, kept)
    child.text = clean(text) or None
    return child


def to_bytes(root: Element) -> bytes:
    """The document below ``root`` in UTF-8, with its declaration."""
    document: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return document
