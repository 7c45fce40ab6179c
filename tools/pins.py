"""Makes the pinned requirement files, or checks that they are as new as pyproject.toml.

    python tools/pins.py            remake them (`make pins`)
    python tools/pins.py --check    fail if pyproject.toml asks for something else by now

The files name packages, versions and hashes, and no address: pip alone installs them, from
whatever index a machine is set up with. Each begins with the hash of the tables of pyproject.toml
that it was made from, so that the check needs no network.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = "3.11"

# The arguments that say which requirements go into a file, in the order in which they are made:
# what is pinned to run is pinned alike for the rest.
FILES = {
    "run.txt": ["pyproject.toml"],
    "build.txt": ["--group", "build", "-c", "requirements/run.txt"],
    "dev.txt": [
        *("pyproject.toml", "--group", "dev"),
        *("-c", "requirements/run.txt", "-c", "requirements/build.txt"),
    ],
}


def main(arguments: list[str]) -> int:
    """Exit code 0, or 1 when a check fails."""
    if arguments == ["--check"]:
        return _check()
    for name, inputs in FILES.items():
        (REQUIREMENTS / name).write_text(_first_line() + _compile(inputs), encoding="utf-8")
        print(f"requirements/{name}")
    return 0


def _check() -> int:
    old = [name for name in FILES if not _is_fresh(REQUIREMENTS / name)]
    if old:
        print(
            f"requirements/: {', '.join(old)} older than pyproject.toml: run `make pins`",
            file=sys.stderr,
        )
    return 1 if old else 0


def _is_fresh(file: Path) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8").startswith(_first_line())


def _first_line() -> str:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        settings["project"]["requires-python"],
        settings["project"]["dependencies"],
        settings["dependency-groups"],
        FILES,
    ]
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return f"# Made by `make pins` from pyproject.toml sha256:{digest}\n"


def _compile(inputs: list[str]) -> str:
    """The text of a requirement file. Raises CalledProcessError; uv has then said why."""
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", *inputs),
        *("--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"),
        *("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-config", "--quiet"),
    ]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
