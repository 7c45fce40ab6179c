"""The desk's other pages: for staff only, complete without scripts."""

from __future__ import annotations

from tests.web.conftest import Town


def test_the_page_of_the_record_verifies_it_for_staff_only(town: Town) -> None:
    ada, mona = town.reader(), town.moderator()
    ada.said("Does the ferry run on Sundays?")
    assert ada.get("/desk/record").status_code == 401
    page = mona.get("/desk/record").text
    assert "Staff member added" in page
    verified = mona.get("/desk/record?verify=1").text
    assert "lines were verified. All of them hold." in verified
    assert "Zeilen wurden geprüft" in mona.get("/desk/record?verify=1&lang=de").text
