"""Who taught the risk model, at the desk."""

from __future__ import annotations

import re

from tests.web.conftest import Reader, Town

PLACE = "/desk/policy/lessons"


def _actions(reader: Reader) -> list[str]:
    """What the page's forms do."""
    page = reader.get(PLACE)
    assert page.status_code == 200
    return re.findall(f'action="({PLACE}/[^"]+)"', page.text)


def test_editors_see_who_taught_the_model_take_it_back_and_give_it_again(town: Town) -> None:
    mona, edgar, ada = town.moderator(), town.editor(), town.reader()
    number = ada.said("The turbine.")
    wanted = {"decision": "reject", "reason": "spam", "comments": [{"id": number, "revision": 1}]}
    assert mona.post("/api/v1/desk/decisions", json=wanted).status_code < 300
    assert "1 lesson · 1 rejected" in mona.get(PLACE).text
    assert _actions(mona) == []
    [take] = _actions(edgar)
    assert mona.post(take).status_code == 403
    assert edgar.post(take).status_code == 303
    [give] = _actions(edgar)
    assert give == take.replace("/take", "/give")
    assert edgar.post(give).status_code == 303
    assert _actions(edgar) == [take]
    assert ada.get(PLACE).status_code == 401
