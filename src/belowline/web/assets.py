"""Static files, read once, with the hash of their content in their address."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from belowline.settings import Settings
from belowline.web.cache import Answer

_FOLDER = Path(__file__).parent.parent / "static"


class Asset:
    """A file, ready to be sent, and the short hash of its content."""

    def __init__(self, name: str, body: bytes) -> None:
        self.hash = hashlib.blake2b(body, digest_size=6).hexdigest()
        guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.answer = Answer(body, guessed)


class Assets:
    """The files under ``static/`` and the publisher's colours and fonts as ``theme.css``."""

    def __init__(self, settings: Settings) -> None:
        self._files = {
            path.name: Asset(path.name, path.read_bytes())
            for path in sorted(_FOLDER.iterdir())
            if path.is_file() and not path.name.startswith((".", "__"))
        }
        theme = _theme(settings)
        if theme:
            self._files["theme.css"] = Asset("theme.css", theme.encode())

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._files

    def get(self, name: str) -> Asset | None:
        """The file called ``name``."""
        return self._files.get(name)

    def url(self, name: str) -> str:
        """The file's address, which changes with its content."""
        asset = self._files.get(name)
        return f"/assets/{name}?v={asset.hash}" if asset else f"/assets/{name}"


def _theme(settings: Settings) -> str:
    wanted = {
        "--bl-accent": settings.accent,
        "--bl-serif": settings.serif_font,
        "--bl-sans": settings.sans_font,
    }
    lines = [f"  {name}: {value};" for name, value in wanted.items() if value]
    return ":root {\n" + "\n".join(lines) + "\n}\n" if lines else ""
