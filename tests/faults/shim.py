"""Faults on demand in a program that runs: `faults.c`, put before its C library."""

from __future__ import annotations

import errno
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("faults.c")


class Faults:
    """What goes wrong with the files below ``folder`` and with the clock, changed at any moment.

    ``environment`` is for the program that shall have them. Skips the test where there is no
    compiler.
    """

    def __init__(self, place: Path, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler (cc) to build the faults with")
        library = place / "faults.so"
        command = [compiler, "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True, capture_output=True)
        self._file = place / "faults"
        self._now = {"clock": 0, "flush": 0, "write": 0}
        self._tell()
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAULTS": str(self._file),
            "FAULTS_FOLDER": str(folder.resolve()),
        }

    def clock_is_off(self, *, seconds: int) -> None:
        """Sets the clock of the wall back or forward."""
        self._tell(clock=seconds)

    def flushing_takes(self, *, milliseconds: int) -> None:
        """Makes the disk slow."""
        self._tell(flush=milliseconds)

    def disk_is_full(self) -> None:
        """Nothing can be written."""
        self._tell(write=errno.ENOSPC)

    def disk_is_read_only(self) -> None:
        """As after an error, when the system mounts the disk anew for reading only."""
        self._tell(write=errno.EROFS)

    def disk_is_broken(self) -> None:
        """Writing fails with an error of the disk's own."""
        self._tell(write=errno.EIO)

    def disk_is_well(self) -> None:
        """All faults of the disk are gone."""
        self._tell(write=0, flush=0)

    def _tell(self, **changed: int) -> None:
        self._now |= changed
        numbers = struct.pack("3l", *self._now.values())
        # In place: the program has the file mapped.
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(numbers)
