"""A town whose server has faults on demand, and what every refusal has to say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.shim import Faults
from tests.faults.town import Town, run_town


@pytest.fixture(scope="package")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Faults]]:
    """A running town on SQLite, and the faults of its disk and its clock."""
    place = tmp_path_factory.mktemp("faulty")
    faults = Faults(place, place / "town")
    with ExitStack() as closing:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in faults.environment.items():
                patch.setenv(name, value)
            town = closing.enter_context(run_town(place / "town"))
        yield town, faults


@pytest.fixture
def town(faulty: tuple[Town, Faults]) -> Town:
    """The running town."""
    return faulty[0]


@pytest.fixture
def faults(faulty: tuple[Town, Faults]) -> Iterator[Faults]:
    """Its faults, all gone when the test is over."""
    yield faulty[1]
    faulty[1].disk_is_well()
    faulty[1].clock_is_off(seconds=0)
