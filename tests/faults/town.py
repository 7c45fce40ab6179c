"""A site's folder with two stories: ferry, which is open, and budget, which is reviewed."""

from __future__ import annotations

from pathlib import Path

_STORY = """---
headline: The {key}
date: 2026-05-01
authors: Edgar Holm
discussion: {mode}
---
The ferry will run on Sundays again, says the harbour office.
"""


def make_town(folder: Path) -> Path:
    """Makes the site's folder."""
    stories = folder / "stories"
    stories.mkdir(parents=True)
    for key, mode in (("ferry", "open"), ("budget", "reviewed")):
        (stories / f"{key}.md").write_text(_STORY.format(key=key, mode=mode), encoding="utf-8")
    (folder / "belowline.toml").write_text('site_name = "The Harbour Post"\n', encoding="utf-8")
    return folder
