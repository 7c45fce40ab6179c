"""QR codes as drawings that stand in a page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """``text`` as an SVG element of the class ``dk-qr``, dark on light in either scheme."""
    code = segno.make(text, error="m", micro=False)
    return Markup(
        code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="dk-qr")
    )
