"""What the desk hears of checks that cannot look."""

from __future__ import annotations

import pytest

from belowline.domain import ids
from belowline.risk import model
from belowline.storage import comments
from tests.web.conftest import Town


def test_where_the_models_file_is_missing_comments_wait_and_the_desk_says_why(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "_FILE", "gone.bin")
    model.shipped.cache_clear()
    try:
        town.reader().said("A calm remark about the timetable.", "ferry")
        town.moderator().said("An answer by the desk.", "ferry")
    finally:
        monkeypatch.undo()
    desk = town.moderator("Moira").get("/desk").text
    assert "A calm remark about the timetable." in desk
    assert "An answer by the desk." in desk
    assert "The risk model\u2019s file is missing or damaged." in desk


def test_each_finding_is_kept_with_its_check_version_place_and_cost(town: Town) -> None:
    text = "WIN BIG!!! write to mud@slime.example https://slime.example/x you stupid idiot"
    number = ids.decode(town.reader().said(text, "budget"))
    found = town.application.site.storage.read_now(
        lambda connection: comments.findings_of(connection, [number])
    )
    [findings] = found.values()
    assert len({one.check for one in findings}) >= 2
    for one in findings:
        assert one.version
        assert one.cost > 0
        if one.start >= 0:
            assert text[one.start : one.end].strip()
