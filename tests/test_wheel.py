"""The wheel alone, in an empty environment without Node, serves the demonstration."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.support.server import run_program

ROOT = Path(__file__).parent.parent
_PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own build, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", folder, ROOT),
    )
    (built,) = folder.glob("belowline-*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel, what it needs to run, and nothing else."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    _run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet"),
        *("--no-index", "--no-deps", wheel),
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    _lend_runtime_packages(environment / "lib" / version / "site-packages")
    return python


@pytest.mark.parametrize(
    "folder",
    [
        "static",
        "render/templates",
        "render/locales/de/LC_MESSAGES",
        "render/locales/ar/LC_MESSAGES",
        "storage/migrations",
        "demo",
    ],
)
def test_the_wheel_holds_everything_that_the_source_folder_holds(
    contents: set[str], folder: str
) -> None:
    source = ROOT / "src" / "belowline" / folder
    expected = {path.relative_to(ROOT / "src").as_posix() for path in _files(source)}
    assert expected, f"{folder} is empty"
    assert expected <= contents


def test_the_wheel_holds_the_built_widget_and_nothing_to_build_it_from(contents: set[str]) -> None:
    assert {"belowline/static/widget.js", "belowline/static/discussion.css"} <= contents
    assert not [name for name in contents if name.endswith((".ts", "package.json"))]


def test_the_wheel_names_its_licence_and_carries_it(contents: set[str]) -> None:
    assert [name for name in contents if name.endswith(".dist-info/licenses/LICENSE")]


def test_the_installed_wheel_serves_the_demonstration_without_node(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(installed.parent))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    assert _imported_from(installed).is_relative_to(installed.parent.parent)
    with run_program(("demo",), tmp_path / "log", None, {}, python=installed) as server:
        for path, expected in (("/", "<html"), ("/healthz", ""), ("/embed.js", "belowline")):
            with urllib.request.urlopen(server.url + path, timeout=30) as answer:
                assert answer.status == 200
                assert expected in answer.read().decode()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def _imported_from(python: Path) -> Path:
    program = "import belowline; print(belowline.__file__)"
    return Path(_run(python, "-c", program).strip())


def _lend_runtime_packages(site: Path) -> None:
    """Links the packages of requirements/run.txt, so that one missing there is missed here."""
    pinned = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    for name in _PINNED.findall(pinned):
        try:
            lent = distribution(name)
        except PackageNotFoundError:  # pinned for another system
            continue
        for top in {file.parts[0] for file in lent.files or ()} - {"..", "__pycache__"}:
            target = site / top
            if not target.exists():
                target.symlink_to(Path(str(lent.locate_file(top))))


def _run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
