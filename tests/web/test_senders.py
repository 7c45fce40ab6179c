"""How fast one sender may go, in one process and in several."""

from __future__ import annotations

from collections.abc import Callable

from belowline.domain import networks
from belowline.web.pace import Pace
from tests.web.conftest import Town


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


def test_who_is_refused_for_one_limit_spends_none_of_the_others() -> None:
    nodes = _Nodes()
    pace = nodes.first

    def send(who: str) -> bool:
        return not pace.wait_for_all([("post", who, 12), ("from", "home", 3), ("under", "s", 0)])

    assert [send(who) for who in ("ada", "ben", "ada", "chidi", "chidi")] == [True] * 3 + [
        False
    ] * 2
    assert pace.share("post", "chidi") == 0
    assert pace.share("post", "ada") == 2 / 12
    assert pace.share("from", "home") == 1
    nodes.now += 20
    assert send("chidi")


def test_an_address_and_a_network_are_counted_by_only_where_they_are_somebodys() -> None:
    assert networks.household("203.0.114.7") == "203.0.114.7/32"
    assert networks.network("203.0.114.7") == "203.0.114.0/24"
    assert networks.household("2a02:8:9:1:2::3") == networks.household("2a02:8:9:1::4")
    assert networks.network("2a02:8:9:1::3") == networks.network("2a02:8:9:7::4")
    assert networks.network("::ffff:203.0.114.7") == networks.network("203.0.114.200")
    for nobody in ("", "testclient", "127.0.0.1", "::1", "10.1.2.3", "172.17.0.1", "fe80::1%eth0"):
        assert networks.network(nobody) == "" == networks.household(nobody)


def test_comments_are_counted_by_address_network_and_story(
    town_with: Callable[..., Town],
) -> None:
    town = town_with(
        posts_per_minute_address=2, posts_per_minute_network=3, posts_per_minute_story=4
    )
    town.address = "203.0.114.7"
    assert [town.reader().say("One.").status_code for _ in range(3)] == [201, 201, 429]
    town.address = "203.0.114.8"
    assert [town.reader().say("Two.").status_code for _ in range(2)] == [201, 429]
    town.address = "198.51.101.9"
    assert [town.reader().say("Three.").status_code for _ in range(2)] == [201, 429]
    assert town.moderator().say("Staff may.").status_code == 201
