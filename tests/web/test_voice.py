"""Comments in the name of the desk, by the API and by the form."""

from __future__ import annotations

from pathlib import Path

from tests.web.conftest import Reader, town_at

_COMMENTS = "/api/v1/stories/ferry/comments"
_BOX = 'name="as_desk"'


def _speak(who: Reader) -> tuple[int, dict[str, object]]:
    body = {"text": "Please stay with the ferry.", "as_desk": True}
    answer = who.post(_COMMENTS, json=body, headers={"Idempotency-Key": "desk-1"})
    return answer.status_code, answer.json()


def test_readers_see_the_desk_and_staff_see_who_it_was(tmp_path: Path) -> None:
    with town_at(tmp_path / "site", desk_name="The Post's desk") as town:
        ada, mona = town.reader(), town.moderator("Mona")
        ada.said("Who reads this?")
        assert _BOX not in ada.get("/stories/ferry").text
        assert _BOX in mona.get("/stories/ferry").text
        status, refused = _speak(ada)
        assert (status, refused["code"]) == (403, "not_allowed")
        assert _speak(mona)[0] == 201
        form = {"text": "And be kind.", "parent": "", "as_desk": "yes"}
        assert mona.post("/stories/ferry/comments", data=form).status_code == 303
        for said in ada.get(_COMMENTS).json()["comments"][:2]:
            assert said["author"]["name"] == "The Post's desk"
            assert said["author"]["role"] == "desk"
            assert "written_by" not in said
        page = ada.get("/stories/ferry").text
        assert '<span class="bl-badge">The desk</span>' in page
        assert "Mona" not in page
        assert mona.get(f"/api/v1/desk/comments/{said['id']}").json()["written_by"] == "Mona"
        assert "Written by Mona" in mona.get(f"/desk?comment={said['id']}").text
        record = mona.get("/desk/record").text
        assert record.count("Wrote in the name of the desk") == 2
