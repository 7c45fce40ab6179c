"""How fast one sender may go, in one process and in several."""

from __future__ import annotations

from belowline.web.pace import Pace


class _Nodes:
    """Two processes of a site, and a clock that is set."""

    def __init__(self) -> None:
        self.now = 100.0
        self.first, self.second = Pace(lambda: self.now, "key"), Pace(lambda: self.now, "key")

    def tell(self) -> None:
        first, second = self.first.spent(), self.second.spent()
        self.first.spent_elsewhere({"second": second})
        self.second.spent_elsewhere({"first": first})

    def may(self, pace: Pace, times: int) -> int:
        """How many of ``times`` Ada is allowed at once."""
        return sum(pace.wait("post", "ada", 12) == 0 for _ in range(times))


def test_what_was_done_in_one_process_counts_in_the_others() -> None:
    nodes = _Nodes()
    assert nodes.may(nodes.first, 10) == 10
    nodes.tell()
    assert nodes.may(nodes.second, 10) == 2
    nodes.tell()
    assert nodes.may(nodes.first, 10) <= 2
    assert nodes.second.wait("post", "ben", 12) == 0


def test_it_is_counted_once_however_often_it_is_told() -> None:
    nodes = _Nodes()
    nodes.may(nodes.first, 6)
    for _ in range(5):
        nodes.tell()
    assert nodes.may(nodes.second, 10) == 6


def test_in_the_long_run_two_processes_allow_what_one_does() -> None:
    nodes = _Nodes()
    allowed = 0
    for _ in range(600):  # ten minutes, a try a second in each
        allowed += nodes.may(nodes.first, 1) + nodes.may(nodes.second, 1)
        nodes.tell()
        nodes.now += 1
    assert 120 <= allowed <= 12 + 120 + 12  # what one allows, and a second's lag at the beginning


def test_after_a_minute_it_is_forgotten_everywhere() -> None:
    nodes = _Nodes()
    nodes.may(nodes.first, 12)
    nodes.tell()
    nodes.now += 61
    nodes.tell()
    assert nodes.first.spent() == {}
    assert nodes.may(nodes.second, 20) == 12
