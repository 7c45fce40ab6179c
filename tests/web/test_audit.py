"""The audit of even hands at the desk."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from belowline.actions.auditing import Audits
from tests.web.conftest import Town
from tests.web.test_forms import fill_in, follow

PLACE = "/desk/policy/audit"


def done(town: Town) -> None:
    """Waits for what is under way."""

    async def all_of_it() -> None:
        await asyncio.gather(*town.application.services.audits._tasks)

    town.portal.call(all_of_it)


def test_editors_list_pairs_and_see_where_they_are_treated_differently(town: Town) -> None:
    town.application.services.audits = Audits(partial(ThreadPoolExecutor, 1))
    edgar, ada = town.editor(), town.reader()
    ada.said("The muddies want a ferry again.")
    fill_in(
        edgar,
        "/desk/policy",
        "/desk/policy",
        swaps="muddies = hillies",
        suspect_words="muddies",
        mode="open",
        do="save",
    )
    follow(edgar, edgar.post(PLACE))
    done(town)
    answer = edgar.get(PLACE)
    assert "refresh" not in answer.headers
    assert "The hillies want a ferry again." in answer.text
    assert "Too few comments to tell" in answer.text
    assert f'href="{PLACE}"' in edgar.get("/desk").text
    assert f'href="{PLACE}" aria-current="page"' in answer.text


def test_the_audit_is_for_editors(town: Town) -> None:
    mona = town.moderator()
    assert mona.get(PLACE).status_code == 403
    assert mona.post(PLACE).status_code == 403
    assert PLACE not in mona.get("/desk/policy").text
    assert town.reader().get(PLACE).status_code == 401
