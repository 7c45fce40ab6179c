"""The pages of numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, timedelta

from belowline.domain.numbers import Appealed, LookedAgain, add_up
from belowline.render.numbers import NumbersView, as_csv
from tests.web.conftest import Town


def decide(town: Town) -> None:
    """Ada says three things about the budget; Mona approves one and rejects one an hour later."""
    ada, mona = town.reader(), town.moderator()
    first, second, _ = (ada.said(f"Remark {n}.", "budget") for n in range(3))
    town.clock.forward(hours=1)
    for number, decision, reason in ((first, "publish", ""), (second, "reject", "spam")):
        body = {"comments": [{"id": number, "revision": 1}], "decision": decision, "reason": reason}
        assert mona.post("/api/v1/desk/decisions", json=body).status_code == 201
    ada.said("At once.", "ferry")


def test_staff_see_what_came_what_was_decided_and_how_long_it_waited(town: Town) -> None:
    decide(town)
    mona = town.moderator("Edgar")
    page = mona.get("/desk/numbers?days=7").text
    assert "Half of 2 held comments waited less than 1 hour" in page
    assert page.count("<svg") == 9  # those that have something to show
    table = list(csv.reader(io.StringIO(mona.get("/desk/numbers/arrivals.csv?days=7").text)))
    assert len(table) == 8
    assert table[-1] == ["2026-05-04", "4", "3"]
    decided = list(csv.reader(io.StringIO(mona.get("/desk/numbers/decisions.csv").text)))
    assert decided[-1] == ["2026-05-04", "1", "1", "0"]

    def lines(name: str) -> list[str]:
        return mona.get(f"/desk/numbers/{name}.csv?days=7").text.splitlines()[1:]

    busy = [line for line in lines("arrivals-by-hour") if not line.endswith(",0,0")]
    assert (busy, len(lines("arrivals-by-hour"))) == (["09,3,3", "10,1,0"], 24)
    assert lines("decisions-by-hour")[10] == "10,1,1,0"
    assert lines("arrivals-by-language") == ["en,4,3"]
    assert lines("decisions-by-language") == ["en,1,1,0"]
    hours = list(csv.reader(io.StringIO(mona.get("/desk/numbers/hours.csv").text)))
    assert hours[1] == ["09", "2", "60", "60", "1"]
    reasons = mona.get("/desk/numbers/reasons.csv").text.splitlines()
    assert reasons[1:] == ["spam,1"]
    assert mona.get("/desk/numbers/nothing.csv").status_code == 404


def test_appeals_and_second_looks_are_counted_by_day(town: Town) -> None:
    now = town.clock()
    yesterday = now - timedelta(days=1)
    found = add_up(
        [],
        [],
        [Appealed(yesterday, True), Appealed(yesterday, None), Appealed(now, False)],
        [LookedAgain(now, True), LookedAgain(now, False), LookedAgain(now, True)],
        now=now,
        days=2,
        zone=UTC,
    )
    view = NumbersView(numbers=found, days=2, choices=())
    assert (as_csv(view, "appeals", "en") or "").splitlines()[1:] == [
        "2026-05-03,2,1,0,1",
        "2026-05-04,1,0,1,0",
    ]
    assert (as_csv(view, "looks", "en") or "").splitlines()[1:] == [
        "2026-05-03,0,0,0",
        "2026-05-04,3,2,1",
    ]


def test_a_site_without_decisions_has_its_numbers_too(town: Town) -> None:
    page = town.moderator().get("/desk/numbers").text
    assert "Nobody has decided a held comment in these days." in page


def test_the_public_page_is_there_only_if_the_publisher_wishes(
    town_with: Callable[..., Town],
) -> None:
    town = town_with(public_numbers=True)
    decide(town)
    page = town.reader().get("/numbers")
    assert page.status_code == 200
    assert "The discussions in numbers" in page.text
    assert "spam or advertising" in page.text
    assert "Appeals by the day" in page.text
    assert "Second looks" not in page.text
    assert "max-age=300" in page.headers["cache-control"]
    assert town.reader().get("/desk/numbers").status_code == 401
    reasons = town.reader().get("/numbers/reasons.csv")
    assert reasons.headers["content-type"] == "text/csv; charset=utf-8"
    assert "spam,1" in reasons.text
    hidden = ("looks.csv", "reliability.csv", "reasons", "nothing.csv")
    assert [town.reader().get(f"/numbers/{one}").status_code for one in hidden] == [404] * 4


def test_the_public_page_is_not_there_by_itself(town: Town) -> None:
    assert town.reader().get("/numbers").status_code == 404
    assert town.reader().get("/numbers/reasons.csv").status_code == 404
