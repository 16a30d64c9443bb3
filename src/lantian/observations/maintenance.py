"""Keeping the store fast and tidy: many small files become few, leftovers are removed.

Neither changes what anybody reads. Rows are never dropped, undone batches and old revisions
included; only rows alike in every column, batch and all, are kept once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from lantian.i18n import gettext as _
from lantian.observations import layout
from lantian.observations.layout import Clock
from lantian.observations.merging import merge
from lantian.observations.store import Store
from lantian.progress import Progress, silent

_ACTOR = "maintenance"
# Files taken out of the table stay this long for whoever is reading them still.
GRACE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Compaction:
    """What `compact` did: partitions rewritten, their files before and after, rows kept once."""

    partitions: int
    files_before: int
    files_after: int
    rows_dropped: int


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What `clean` removed, or would remove: files and bytes."""

    files: Sequence[Path]
    bytes: int


@dataclass(frozen=True, slots=True)
class Check:
    """What `check` found.

    ``missing`` are files the table needs that are gone or have another size; the rows of the
    files and of the ledger are equal in a sound store.
    """

    missing: Sequence[Path]
    rows_in_files: int
    rows_in_ledger: int

    @property
    def sound(self) -> bool:
        """Say whether everything is in order."""
        return not self.missing and self.rows_in_files == self.rows_in_ledger


def compact(
    store: Store,
    *,
    fewest: int = 2,
    clock: Clock = layout.utc_now,
    progress: Progress = silent,
) -> Compaction:
    """Merge the files of each partition that has at least ``fewest`` into one sorted file.

    Each partition is one commit, so that stopping in between loses nothing. Readers see the old
    files or the new one. The old files stay on the disk until `clean`.

    Raises
    ------
    DomainError
        ``store.locked``, ``store.disk_full``, ``store.conflict``.
    """
    before = dropped = done = 0
    with store.writing("compaction", _ACTOR, clock):
        files = store.table.snapshot().files
        due = {where: found for where, found in files.items() if len(found) >= fewest}
        for where, found in due.items():
            progress(_("Merging files"), done, len(due))
            dropped += merge(store.table, store.path, where, found, clock())
            before += len(found)
            done += 1
        progress(_("Merging files"), done, len(due))
    return Compaction(done, before, done, dropped)


def clean(
    store: Store,
    *,
    older_than: timedelta = GRACE,
    dry_run: bool = False,
    clock: Clock = layout.utc_now,
) -> Cleaning:
    """Remove files that do not belong to the table: of killed writers, and merged ones.

    Parameters
    ----------
    older_than
        Spare files written, or taken out of the table, less than this ago.
    dry_run
        Only say which.

    Raises
    ------
    DomainError
        ``store.locked``.
    """
    with store.writing("cleaning", _ACTOR, clock):
        files = store.table.snapshot().files
        needed = {path for found in files.values() for path in store.table.paths(found)}
        limit = clock().timestamp() - older_than.total_seconds()
        spare = [p for p in _leftovers(store, needed) if p.stat().st_mtime <= limit]
        size = sum(p.stat().st_size for p in spare)
        if not dry_run:
            for path in spare:
                path.unlink()
    return Cleaning(tuple(spare), size)


def check(store: Store) -> Check:
    """Compare the files, the table and the ledger with each other."""
    snapshot = store.table.snapshot()
    files = [file for found in snapshot.files.values() for file in found]
    missing = [
        path
        for file, path in zip(files, store.table.paths(files), strict=True)
        if not path.is_file() or path.stat().st_size != file.size
    ]
    batches = snapshot.ledger.batches.values()
    return Check(
        tuple(missing),
        sum(file.rows for file in files),
        sum(batch.rows_new + batch.rows_changed for batch in batches),
    )


def _leftovers(store: Store, needed: set[Path]) -> list[Path]:
    table = store.table.folder
    found = [p for p in table.rglob("*.parquet") if "_delta_log" not in p.parts]
    drafts = [p for p in (table / "_delta_log").iterdir() if _is_draft(p)]
    aside = [
        p
        for folder in (store.path, store.path / layout.STATIONS_FOLDER)
        if folder.is_dir()
        for p in folder.glob(".*-*")
        if p.is_file()
    ]
    return [p for p in [*found, *drafts, *aside] if p not in needed]


def _is_draft(path: Path) -> bool:
    """Say whether a file of the Delta log was cut short before it got its name."""
    return path.is_file() and (path.name.startswith("_commit_") or "#" in path.name)
