"""Runs the benchmarks: ``python -m bench [NAME]``. Tables and JSON go to bench/results.

``python -m bench report`` puts the tables into docs/performance.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import report
from bench.report import RESULTS
from bench.support import Result, Session

NAMES = ("read", "live", "write", "scale", "widget")


def main() -> int:
    """Runs what the command line names; 1 when one of them could not be run."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "name", nargs="?", choices=(*NAMES, "report"), help="one of them; otherwise all"
    )
    parser.add_argument("--seconds", type=float, help="how long a measurement lasts (4)")
    parser.add_argument("--rounds", type=int, help="how often it is taken (3)")
    parser.add_argument("--quick", action="store_true", help="1 second, twice: to see it run")
    parser.add_argument("--comments", type=int, help="of the large site of scale (a million)")
    wanted = parser.parse_args()
    if wanted.name == "report":
        report.write()
        return 0
    if wanted.comments:
        os.environ["BENCH_SCALE_COMMENTS"] = str(wanted.comments)
    seconds = wanted.seconds or (1 if wanted.quick else 4)
    rounds = wanted.rounds or (2 if wanted.quick else 3)
    settings = f"{seconds:g} s a measurement, {rounds} rounds"
    failed = False
    for name in [wanted.name] if wanted.name else NAMES:
        about = machine() | {"settings": settings}
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
            session = Session(seconds, rounds, Path(folder), print_line)
            try:
                result = importlib.import_module(f"bench.{name}").run(session)
            except (RuntimeError, OSError, subprocess.CalledProcessError) as error:  # Missing too
                print(f"{name}: {error}", file=sys.stderr)
                failed = True
                continue
        keep(result, about)
    return int(failed)


def keep(result: Result, about: dict[str, str]) -> None:
    """Prints the tables and writes them, with the machine and the versions, beside the JSON."""
    RESULTS.mkdir(exist_ok=True)
    data = about | asdict(result)
    text = f"# {result.name}\n\n{report.inside(data)}"
    print(f"\n{text}")
    (RESULTS / f"{result.name}.md").write_text(text, encoding="utf-8")
    packed = json.dumps(data, indent=1, ensure_ascii=False)
    (RESULTS / f"{result.name}.json").write_text(f"{packed}\n", encoding="utf-8")


def machine() -> dict[str, str]:
    """What a reader has to know of where it was measured."""
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores ({processor()}), {platform.platform()}",
        "python": platform.python_version(),
        "belowline": version("belowline"),
        "uvicorn": version("uvicorn"),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def processor() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def print_line(line: str) -> None:
    """What happens, as it happens."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
