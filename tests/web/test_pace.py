"""The staff's bar and the list of discussions, as pages and forms."""

from __future__ import annotations

from tests.web.conftest import Town
from tests.web.test_forms import fill_in, follow


def test_staff_change_a_storys_mode_on_its_own_page_without_scripts(town: Town) -> None:
    mona = town.moderator()
    done = fill_in(mona, "/stories/ferry", "/stories/ferry/pace", mode="reviewed", slow="30")
    page = follow(mona, done)
    assert "Saved" in page
    story = mona.get("/api/v1/stories/ferry").json()
    assert (story["mode"], story["slow"], story["close_days"]) == ("reviewed", 30, 0)


def test_staff_say_that_a_story_is_never_tightened_and_no_reader_can(town: Town) -> None:
    mona = town.moderator()
    done = fill_in(mona, "/stories/ferry", "/stories/ferry/pace", tightens="no")
    follow(mona, done)
    assert mona.get("/api/v1/stories/ferry").json()["tightens"] is False
    assert '<option value="no" selected>' in mona.get("/desk/settings").text
    assert town.reader().post("/stories/ferry/pace", data={"tightens": "yes"}).status_code == 401


def test_readers_see_no_bar_and_no_shared_cache_ever_holds_one(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    bar = mona.get("/stories/ferry")
    assert 'class="staffbar"' in bar.text
    assert bar.headers["cache-control"] == "private, no-store"
    assert 'class="staffbar"' not in ada.get("/stories/ferry").text
    ada.said("A word.")
    assert 'class="staffbar"' not in ada.get("/stories/ferry").text
    assert ada.post("/stories/ferry/pace", data={"mode": "closed"}).status_code == 403
    assert town.reader().post("/stories/ferry/pace", data={"mode": "closed"}).status_code == 401


def test_a_form_sets_only_what_was_changed_in_it(town: Town) -> None:
    mona, edgar = town.moderator(), town.moderator("Edgar")
    stale = {"was_mode": "open", "was_slow": "0", "was_close_days": "0", "close_days": "0"}
    fill_in(edgar, "/stories/ferry", "/stories/ferry/pace", mode="closed")
    mona.post("/stories/ferry/pace", data=stale | {"mode": "open", "slow": "60"})
    story = mona.get("/api/v1/stories/ferry").json()
    assert (story["mode"], story["slow"]) == ("closed", 60)


def test_the_desk_lists_every_discussion_and_changes_it(town: Town) -> None:
    mona = town.moderator()
    done = fill_in(mona, "/desk/settings", "/stories/budget/pace", where="desk", mode="trusting")
    assert "Trusting: known authors appear at once" in follow(mona, done)
    assert mona.get("/api/v1/stories/budget").json()["mode"] == "trusting"
    assert town.reader().get("/desk/settings").status_code == 401


def test_a_pace_that_cannot_be_is_refused_with_what_would_be_right(town: Town) -> None:
    mona = town.moderator()
    wrong = mona.post("/stories/ferry/pace", data={"where": "desk", "slow": "soon"})
    assert wrong.status_code == 422
    assert "The pause between two comments is 0 to 86400 seconds." in wrong.text


def test_in_slow_mode_readers_are_told_before_they_write_and_after(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    mona.ask("PUT", "/api/v1/stories/ferry", json={"slow": 60})
    assert "Slow mode: 1 minute between two comments" in town.reader().get("/stories/ferry").text
    ada.said("One.")
    assert "You can write again in 1 minute." in ada.get("/stories/ferry").text
    assert ada.get("/fragments/stories/ferry/mine").json()["wait"] == 60
    refused = ada.say("Two.")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_soon")
    assert int(refused.headers["retry-after"]) > 50
    form = fill_in(ada, "/stories/ferry", "/stories/ferry/comments", text="Two.")
    assert form.status_code == 429
    assert "You can write again in" in form.text
    assert "Two." in form.text
