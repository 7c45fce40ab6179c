"""What every benchmark stands on: sides in alternation, medians, processes and what they cost.

A benchmark is a module ``bench/<name>.py`` with ``run(session: Session) -> Result``.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.driver import Job, Load
from tests.support.server import free_port, run_server

__all__ = [
    "Child",
    "Figures",
    "Job",
    "Load",
    "Missing",
    "Result",
    "Served",
    "Session",
    "cpu_seconds",
    "drive",
    "free_port",
    "memory_mb",
    "serve_belowline",
    "wait_until",
]

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60.0

Row = dict[str, Any]


class Missing(RuntimeError):
    """Something that a benchmark needs cannot be had here; the message is one line."""


@dataclass(frozen=True)
class Figures:
    """What one side measured in the rounds of a run, in the unit of its measurement."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figures:
        """Raises ValueError when there are none."""
        if not values:
            raise ValueError("no measurements")
        return cls(statistics.median(values), min(values), max(values), len(values))

    @property
    def spread(self) -> float:
        """From the lowest to the highest, as a share of the median; 0 when the median is 0."""
        return (self.high - self.low) / self.median if self.median else 0.0

    def over(self, other: Figures) -> float:
        """The ratio of the medians; infinite when the other's is 0."""
        return self.median / other.median if other.median else float("inf")


@dataclass(frozen=True)
class Result:
    """A benchmark's table, a dict a row with the same keys, and what has to be known to read it."""

    name: str
    table: list[Row]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Session:
    """One run: how long a measurement lasts, how often it is taken, and where files may be put."""

    seconds: float
    rounds: int
    folder: Path
    log: Callable[[str], None]

    def alternate(
        self, sides: Mapping[str, Callable[[], float]], rounds: int | None = None
    ) -> dict[str, Figures]:
        """Each side in turn, ``rounds`` times, every second round backwards against drift."""
        measured: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(rounds or self.rounds):
            for name in list(sides)[:: -1 if number % 2 else 1]:
                measured[name].append(sides[name]())
                self.log(f"  round {number + 1}: {name} {measured[name][-1]:,.6g}")
        return {name: Figures.of(values) for name, values in measured.items()}


@dataclass(frozen=True)
class Child:
    """A process of ours, the leader of its own group, whose output goes to ``log``."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(
        cls,
        command: Sequence[str | Path],
        log: Path,
        *,
        folder: Path | None = None,
        **environment: str,
    ) -> Child:
        """Starts it. ``environment`` is added to ours."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def answers(self, url: str) -> None:
        """Waits until ``url`` answers, whatever its status. Raises RuntimeError with its output."""

        def answered() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"It ended with {self.process.returncode}:\n{self.output()}")
            with suppress(httpx.TransportError):
                httpx.get(url, timeout=5, trust_env=False)
                return True
            return False

        wait_until(answered, f"{url} to answer")

    def kill(self) -> None:
        """Ends the whole group at once, without warning."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Asks the group to end and waits; kills what does not."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()


@dataclass(frozen=True)
class Served:
    """A running Belowline. ``url`` has no slash at its end."""

    url: str
    port: int
    pid: int
    folder: Path
    log: Path

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def memory_mb(self) -> float:
        return memory_mb(self.pid)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        for pid in _family(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def serve_belowline(
    folder: Path, *, database: str | None = None, workers: int = 1, **settings: str
) -> Iterator[Served]:
    """The real ``python -m belowline serve FOLDER``; ``posts_per_minute="0"`` is a setting.

    The folder is made when it is not there. Raises RuntimeError when the server does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with run_server(
        folder, database=database, port=None, workers=workers, arguments=(), **settings
    ) as server:
        yield Served(server.url, server.port, server.process.pid, folder, server.log)


def drive(job: Job) -> Load:
    """Sends the job's requests from a process of its own. Raises RuntimeError when that fails.

    Up to a quarter million requests a job; one request alone is repeated until the time is over.
    """
    run = subprocess.run(
        [sys.executable, "-m", "bench.driver"],
        input=job.packed(),
        capture_output=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    if run.returncode:
        raise RuntimeError(run.stderr.decode(errors="replace"))
    return Load.unpacked(run.stdout)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all below it, user and system, ended children included."""
    total = 0
    for member in _family(pid):
        with suppress(OSError):
            # proc(5): utime, stime, cutime, cstime are the fields 14 to 17; the name in
            # parentheses, field 2, may hold blanks.
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(value) for value in fields[11:15])
    return total / _TICKS


def memory_mb(pid: int) -> float:
    """Memory of a process and all below it in MB (10^6 bytes); shared pages are counted once."""
    total = 0
    for member in _family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total / 1e6


def wait_until(condition: Callable[[], bool], what: str, patience: float = _PATIENCE) -> None:
    """Asks again and again. Raises TimeoutError after ``patience`` seconds."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:.0f} s for {what}")
        time.sleep(0.05)


def _family(pid: int) -> list[int]:
    found = [pid]
    for member in found:
        for tasks in Path(f"/proc/{member}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in tasks.read_text().split()]
    return found
