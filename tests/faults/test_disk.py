"""A disk that is full, read-only, broken or slow, under a running server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.shim import Faults
from tests.faults.town import Town, has_it_back, told_to_come_back

FAULTS = {
    "full": Faults.disk_is_full,
    "read-only": Faults.disk_is_read_only,
    "broken": Faults.disk_is_broken,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_while_nothing_can_be_stored_everything_is_read_and_no_text_is_lost(
    town: Town, faults: Faults, fault: Callable[[Faults], None]
) -> None:
    name = fault.__name__
    ada, ben, mona = town.guest(), town.person(), town.mona()
    before = ada.said(f"Before: {name}")
    held = ada.said(f"For the moderator: {name}", story="budget")
    fault(faults)

    assert told_to_come_back(ada.say(f"During: {name}"))
    path = f"/api/v1/comments/{before['id']}"
    assert told_to_come_back(ada.client.patch(path, json={"text": f"Edited: {name}"}))
    assert told_to_come_back(ben.client.put(f"{path}/recommendation"))
    judged = {"comments": [{"id": held["id"], "revision": 1}], "decision": "publish"}
    assert told_to_come_back(mona.client.post("/api/v1/desk/decisions", json=judged))
    form = ben.send("/stories/ferry/comments", text=f"By a form: {name}", parent="")
    assert has_it_back(form, f"By a form: {name}")
    assert has_it_back(
        ada.send(f"/comments/{before['id']}/edit", text=f"Edited: {name}"), f"Edited: {name}"
    )
    assert has_it_back(
        ben.send(f"/comments/{before['id']}/report", reason="spam", note="A note"), "A note"
    )

    assert f"Before: {name}" in ben.texts()
    assert f"Before: {name}" in ben.client.get("/stories/ferry").text
    assert ben.client.get("/healthz").status_code == 200
    assert town.becomes("writer")

    faults.disk_is_well()
    assert town.becomes("ready")
    assert ada.said(f"During: {name}")
    assert ben.send("/stories/ferry/comments", text=f"By a form: {name}").status_code == 303
    assert ada.client.patch(path, json={"text": f"Edited: {name}"}).status_code == 200
    assert mona.client.post("/api/v1/desk/decisions", json=judged).status_code == 201
    mine = [text for text in ben.texts() if name in text]
    assert mine == [f"By a form: {name}", f"During: {name}", f"Edited: {name}"]
    assert "Traceback" not in town.server.output()


def test_a_flush_of_two_seconds_makes_writers_wait_and_nobody_else(
    town: Town, faults: Faults
) -> None:
    ada, ben = town.guest(), town.person()
    writers = [town.guest() for _ in range(12)]
    faults.flushing_takes(milliseconds=2_000)
    with ThreadPoolExecutor(12) as pool:
        said = [pool.submit(one.say, f"Slowly, {number}") for number, one in enumerate(writers)]
        assert ben.client.get("/stories/ferry").status_code == 200
        assert not all(one.done() for one in said)
        assert [one.result().status_code for one in said] == [201] * 12
    assert town.becomes("ready")
    assert len([text for text in ben.texts() if text.startswith("Slowly")]) == 12
    faults.disk_is_well()
    assert ada.said("And quickly again")


def test_a_flush_that_never_ends_is_refused_and_not_waited_for(town: Town, faults: Faults) -> None:
    ada, ben = town.guest(), town.person()
    faults.flushing_takes(milliseconds=3_600_000)
    assert told_to_come_back(ada.say("Is anybody there?"))  # after the patience of a request
    assert told_to_come_back(ada.say("Hello?"))  # at once: the writer is known to be stuck
    assert has_it_back(ben.send("/stories/ferry/comments", text="By a form?"), "By a form?")
    assert ben.client.get("/stories/ferry").status_code == 200
    assert town.becomes("writer")
    faults.disk_is_well()
    town.until_stored(lambda: ada.say("Is anybody there?"))  # it had begun: it is there once
    assert ada.said("Hello?")
    said = [text for text in ben.texts() if text.endswith("?")]
    assert said == ["Hello?", "Is anybody there?"]
