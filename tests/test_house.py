"""The house rules that a program can check: docs/house.md."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hatch_build
from tools import pins

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "belowline"
LARGEST_FILE = 1_000_000

# Assembled, so that this file does not hold what it looks for.
_FOREIGN = re.compile(
    "|".join(
        (
            "/ro" + r"ot/",
            "/work/" + r"(main|shared)",
            "/tmp/" + r"[a-z]",
            "fil" + "e:///(opt|work|tmp)/",
            "--(extra-)?inde" + "x-url[ =]",
            "files[.]python" + "hosted",
            "registry[.]npm" + "js",
            '"resol' + 'ved":',
        )
    )
)


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every file that belongs to the project, those not yet added included."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return [path for path in ROOT.rglob("*") if path.is_file() and _is_ours(path)]
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listing.stdout.split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_file_is_larger_than_a_megabyte(files: list[Path]) -> None:
    assert [path for path in files if path.stat().st_size > LARGEST_FILE] == []


def test_no_file_names_a_machine_or_a_registry(files: list[Path]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in files
        for number, line in enumerate(_lines(path), start=1)
        if _FOREIGN.search(line)
    ]
    assert found == []


def test_the_licence_is_apache_2() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in licence
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_imports_go_downwards_only() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_every_folder_of_the_house_is_there() -> None:
    rooms = {
        *("actions", "checks", "domain", "importers", "live", "notifiers", "publication"),
        *("render", "risk", "signin", "static", "storage", "web"),
    }
    assert rooms <= {path.name for path in PACKAGE.iterdir() if path.is_dir()}


def test_the_committed_widget_is_made_from_these_sources() -> None:
    assert hatch_build.stale_files(ROOT) == []


def test_a_changed_source_makes_the_widget_stale(tmp_path: Path) -> None:
    widget = tmp_path / "widget"
    (widget / "src").mkdir(parents=True)
    for name in ("src/embed.ts", "build.mjs", "package-lock.json", "tsconfig.json"):
        (widget / name).write_text(name, encoding="utf-8")
    static = tmp_path / "src" / "belowline" / "static"
    static.mkdir(parents=True)
    for name in hatch_build.BUNDLE:
        first_line = f"/* belowline widget sha256:{hatch_build.sources_hash(widget)} */\n"
        (static / name).write_text(first_line, encoding="utf-8")
    assert hatch_build.stale_files(tmp_path) == []

    (widget / "src" / "embed.ts").write_text("changed", encoding="utf-8")
    assert hatch_build.stale_files(tmp_path) == list(hatch_build.BUNDLE)


def test_a_stale_widget_stops_the_build_where_there_is_no_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    widget = tmp_path / "widget"
    (widget / "src").mkdir(parents=True)
    for name in ("build.mjs", "package-lock.json", "tsconfig.json"):
        (widget / name).touch()
    with pytest.raises(RuntimeError, match="make widget"):
        hatch_build.ensure_fresh(tmp_path)


def test_the_pinned_files_are_as_new_as_pyproject() -> None:
    assert pins.main(["--check"]) == 0


def test_every_pinned_package_has_its_hashes() -> None:
    for name in pins.FILES:
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        pinned = [line for line in lines if line[:1].isalnum()]
        assert pinned
        assert all("==" in line and line.endswith("\\") for line in pinned)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # a picture


def _is_ours(path: Path) -> bool:
    made = {".git", ".venv", "node_modules", "__pycache__", "dist", ".hypothesis"}
    parts = path.relative_to(ROOT).parts
    return not any(part in made or part.endswith("_cache") for part in parts)
