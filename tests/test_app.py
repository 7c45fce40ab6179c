"""What goes on beside answering requests, whatever happens to it."""

from __future__ import annotations

import asyncio

import pytest

from belowline.app import again
from belowline.domain.errors import Refused


def test_what_fails_is_noted_and_done_again(capsys: pytest.CaptureFixture[str]) -> None:
    done = asyncio.Event()
    failures = [Refused("unavailable"), ZeroDivisionError("what Ada wrote")]

    async def work() -> None:
        if failures:
            raise failures.pop()
        done.set()

    async def go_on() -> None:
        going = asyncio.create_task(again(work, 0, "closing.failed"))
        await done.wait()
        going.cancel()

    asyncio.run(go_on())
    assert capsys.readouterr().out.count("closing.failed") == 2
