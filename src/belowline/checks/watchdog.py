"""Cuts off a check that does not come to an end.

By an alarm of the operating system, which Python hears between two of its own instructions, while
it waits, and within a search by regular expression. It costs the checks that end in time one
setting and one clearing of a timer, and no other thread. What it cannot cut off is a call into a
library that never comes back to Python. Only a process's main thread hears alarms, which is where
the server runs its checks, between reading and writing: no call to the database is interrupted.
Where checks run elsewhere, or the system knows no alarms, nothing is cut off.
"""

from __future__ import annotations

import signal
import threading
from threading import get_ident
from time import monotonic
from types import FrameType

ENOUGH = 0.25
"""Seconds by the wall after which a check is cut off, whatever it did or waited for."""
_MORE = 0.05
_FIRST = ENOUGH - _MORE

_HAS_ALARMS = hasattr(signal, "setitimer")
_MAIN = threading.main_thread().ident


class CutOff(BaseException):
    """Raised within a check that does not end: past what catches every Exception."""


class Watchdog:
    """Watches the checks of one comment after another, with the alarm of the main thread.

    It takes the alarm for itself at its first use there. One that somebody else hears is left
    alone, and then nothing is cut off.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._warned = False
        self._hears = False

    def watch(self) -> bool:
        """Whether checks are watched from now on, until `rest`."""
        if get_ident() != _MAIN or not _HAS_ALARMS:
            return False
        if not self._hears:
            if signal.getsignal(signal.SIGALRM) != signal.SIG_DFL:
                return False
            signal.signal(signal.SIGALRM, self.hear)
            self._hears = True
        signal.setitimer(signal.ITIMER_REAL, _FIRST)
        return True

    def rest(self) -> None:
        """No check is under way."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def began(self) -> None:
        """A check begins."""
        self._until = monotonic() + _FIRST
        self._warned = False

    def ended(self) -> None:
        """It has ended: it is not cut off any more."""
        self._until = 0.0

    def hear(self, number: int, frame: FrameType | None) -> None:
        """The alarm: cuts the present check off, or waits for the rest of its time.

        A machine that stood still for a moment is no check that hangs: after the first alarm a
        check has `_MORE` seconds to end. With several checks cut off in a row the alarm is set
        anew for the next one.
        """
        if not self._until:
            return
        left = self._until - monotonic()
        if left <= 0 and not self._warned:
            self._warned = True
            left = _MORE
            self._until = monotonic() + left
        signal.setitimer(signal.ITIMER_REAL, left if left > 0 else _FIRST)
        if left <= 0:
            self._until = 0.0
            raise CutOff
