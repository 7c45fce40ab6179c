"""What changed between two versions of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from belowline.render.diff import Run, changes


def test_only_the_words_that_changed_are_marked() -> None:
    assert changes("Buy my boat.", "Buy our old boat.") == [
        Run("same", "Buy "),
        Run("gone", "my"),
        Run("new", "our old"),
        Run("same", " boat."),
    ]


@given(st.text(), st.text())
def test_both_versions_can_be_read_in_it(before: str, after: str) -> None:
    runs = changes(before, after)
    assert "".join(run.text for run in runs if run.kind != "new") == before
    assert "".join(run.text for run in runs if run.kind != "gone") == after
