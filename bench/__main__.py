"""Runs the benchmarks: ``python -m bench [NAME]``. Tables and JSON go to bench/results."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.support import Missing, Result, Row, Session

NAMES = ("live", "write", "scale")
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Runs what the command line names; 1 when something that was asked for cannot be had."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="one of them; otherwise all")
    parser.add_argument("--seconds", type=float, default=5, help="how long a measurement lasts")
    parser.add_argument("--rounds", type=int, default=5, help="how often it is taken")
    wanted = parser.parse_args()
    missing = False
    for name in [wanted.name] if wanted.name else NAMES:
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
            session = Session(wanted.seconds, wanted.rounds, Path(folder), print_line)
            try:
                result = importlib.import_module(f"bench.{name}").run(session)
            except Missing as error:
                print(f"{name}: {error}", file=sys.stderr)
                missing = True
                continue
        keep(result)
    return int(missing)


def keep(result: Result) -> None:
    """Prints the table and writes it, with the machine and the versions, beside the JSON."""
    RESULTS.mkdir(exist_ok=True)
    table = markdown(result.table)
    about = machine()
    notes = "".join(f"- {note}\n" for note in result.notes)
    text = f"# {result.name}\n\n{about['when']}, {about['machine']}\n\n{table}\n{notes}"
    print(f"\n{text}")
    (RESULTS / f"{result.name}.md").write_text(text, encoding="utf-8")
    data = json.dumps(about | asdict(result), indent=1, ensure_ascii=False)
    (RESULTS / f"{result.name}.json").write_text(f"{data}\n", encoding="utf-8")


def markdown(rows: list[Row]) -> str:
    """A table with a column for each key of the first row."""
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[str(value) for value in row.values()] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine() -> dict[str, str]:
    """What a reader has to know of where it was measured."""
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores ({processor()}), {platform.platform()}",
        "python": platform.python_version(),
        "belowline": version("belowline"),
        "uvicorn": version("uvicorn"),
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
