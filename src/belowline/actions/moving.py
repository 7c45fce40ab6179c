"""Taking a whole site elsewhere: to another database, into a backup, and back out of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from belowline.actions.site import Site
from belowline.storage import backups, copying
from belowline.storage.copying import Copying, NotCopied, Sum

__all__ = ["NotCopied", "Sum", "backup", "move", "restore"]

Progress = Callable[[int, int], None]


def move(site: Site, target: str, progress: Progress) -> list[Sum]:
    """Copies the site to the empty database at ``target``: all of it, or nothing.

    Answers what each table holds there. Raises NotCopied, also when somebody writes meanwhile.
    """
    with backups.opened(target) as storage:
        how = Copying(still=True, now=site.now())
        return copying.copy(site.storage, storage, how, progress)


def backup(site: Site, file: Path, progress: Progress, *, force: bool = False) -> list[Sum]:
    """Writes the site as it is at one moment into ``file``. It may be served and written to.

    Raises NotCopied, and for a file that is there already unless ``force`` is set.
    """
    if file.exists() and not force:
        raise NotCopied(f"{file} is there already; --force replaces it")
    return backups.make(site.storage, file, site.now(), progress)


def restore(site: Site, file: Path, progress: Progress, *, force: bool = False) -> list[Sum]:
    """Puts the backup into the site's database, which may be served: all of it, or nothing.

    The backup is looked at first. Raises NotCopied, also for a database that holds something
    unless ``force`` is set: then that is replaced.
    """
    if not file.exists():
        raise NotCopied(f"{file} is not there")
    how = Copying(over=force, now=site.now())
    return backups.restore(file, site.storage, how, progress)
