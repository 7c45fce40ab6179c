"""Puts the tables of the last runs into docs/performance.md, between its markers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from bench.support import Row

RESULTS = Path(__file__).parent / "results"
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


def write() -> None:
    """Replaces what stands between ``<!-- NAME -->`` and ``<!-- end NAME -->``.

    A benchmark that has not been run here keeps what stands there.
    """
    text = DOCUMENT.read_text(encoding="utf-8")
    for file in sorted(RESULTS.glob("*.json")):
        text = placed(text, json.loads(file.read_text(encoding="utf-8")))
    DOCUMENT.write_text(text, encoding="utf-8")


def placed(text: str, result: dict[str, Any]) -> str:
    """``text`` with the result's tables in its place."""
    name = result["name"]
    found = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->\n)", re.DOTALL)
    return found.sub(lambda markers: f"{markers[1]}{inside(result)}{markers[2]}", text)


def inside(result: dict[str, Any]) -> str:
    """When and where it was measured, the tables, and what has to be known to read them."""
    about = (
        f"{result['when']}; {result['machine']}, load {result['load']} at the start; "
        f"Belowline {result['belowline']}, Python {result['python']}, uvicorn {result['uvicorn']}; "
        f"{result['settings']}."
    )
    notes = "".join(f"- {note}\n" for note in result["notes"])
    return f"{about}\n\n{tables(result['table'])}\n{notes}"


def tables(rows: list[Row]) -> str:
    """A table for each run of rows that fill the same columns; empty columns are left out."""
    runs: list[list[Row]] = []
    for row in rows:
        filled = {key: value for key, value in row.items() if value != ""}
        if runs and list(runs[-1][-1]) == list(filled):
            runs[-1].append(filled)
        else:
            runs.append([filled])
    return "\n".join(markdown(run) for run in runs)


def markdown(rows: list[Row]) -> str:
    """A table with a column for each key of the first row."""
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[_shown(value) for value in row.values()] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
