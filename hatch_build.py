"""The build hook: a wheel or an editable install never goes out with a stale widget.

The bundle under ``src/belowline/static`` is committed. Its first line holds the hash of what it was
made from, and this module computes that hash anew. Only a stale bundle needs Node.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = (
    *("widget.js", "desk.js", "campaign.js", "account.js", "alerts.js", "push.js"),
    *("discussion.css", "page.css", "desk.css", "office.css", "charts.css"),
)
_FIRST_LINE = re.compile(r"/\* belowline widget sha256:([0-9a-f]{64}) \*/")


class WidgetHook(BuildHookInterface[Any]):
    """Called by hatchling before each build, from a clone or from a source archive."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the widget anew if it is stale. Raises RuntimeError when that cannot be done."""
        ensure_fresh(Path(self.root))


def ensure_fresh(root: Path) -> None:
    """Leaves a fresh bundle under ``root``, or raises RuntimeError with what to do."""
    stale = stale_files(root)
    if not stale:
        return
    builder_installed = (root / "widget" / "node_modules" / "esbuild").is_dir()
    if shutil.which("node") is None or not builder_installed:
        raise RuntimeError(
            f"The built widget is older than widget/src ({', '.join(stale)}): "
            "run `make widget`, which needs Node 20 or newer, and commit what it makes."
        )
    subprocess.run(["node", "widget/build.mjs"], cwd=root, check=True)


def stale_files(root: Path) -> list[str]:
    """The names of the bundle's files that are absent or made from other sources than these."""
    expected = sources_hash(root / "widget")
    static = root / "src" / "belowline" / "static"
    return [name for name in BUNDLE if recorded_hash(static / name) != expected]


def sources_hash(widget: Path) -> str:
    """SHA-256 over each file's path, a zero byte, its length, a zero byte, and its bytes.

    The same as ``hash`` in widget/build.mjs.
    """
    files = [path for path in (widget / "src").rglob("*") if path.is_file()]
    files += [widget / name for name in ("build.mjs", "package-lock.json", "tsconfig.json")]
    by_name = {path.relative_to(widget).as_posix(): path for path in files}
    digest = hashlib.sha256()
    for name in sorted(by_name, key=str.encode):
        content = by_name[name].read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def recorded_hash(file: Path) -> str | None:
    """The hash in the first line of a built file; None if there is none."""
    if not file.is_file():
        return None
    with file.open(encoding="utf-8") as lines:
        match = _FIRST_LINE.match(lines.readline())
    return match.group(1) if match else None


if __name__ == "__main__":
    old = stale_files(Path(__file__).parent)
    if old:
        sys.exit(f"Stale: {', '.join(old)}. Run `make widget` and commit what it makes.")
