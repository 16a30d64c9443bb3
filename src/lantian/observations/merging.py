"""Many small files of one partition become one: the same rows, found sooner."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from lantian.observations import space
from lantian.observations.keys import KEY, KeySpace
from lantian.observations.layout import Partition
from lantian.observations.log import DataFile
from lantian.observations.resolve import scan
from lantian.observations.table import MeasurementTable, Staging, remove

# So many files of about one size become one; a row is then written again only each time its file
# has grown this many times.
CROWD = 32


def crowds(files: Sequence[DataFile]) -> list[list[DataFile]]:
    """Return the groups of files of about one size that have become too many."""
    sizes: dict[int, list[DataFile]] = defaultdict(list)
    for file in files:
        size = 0
        while file.rows > CROWD ** (size + 1):
            size += 1
        sizes[size].append(file)
    return [found for _size, found in sorted(sizes.items()) if len(found) >= CROWD]


def gather(table: MeasurementTable, store: Path, now: datetime) -> None:
    """Merge what has become too many small files; under the writer lock."""
    for where, files in table.snapshot().files.items():
        for crowd in crowds(files):
            merge(table, store, where, crowd, now)


def merge(
    table: MeasurementTable,
    store: Path,
    where: Partition,
    files: Sequence[DataFile],
    now: datetime,
) -> int:
    """Put the rows of some files of a partition into one sorted file; under the writer lock.

    One commit: readers see the old files or the new one. The old ones stay on the disk, for
    whoever is reading them, until they are cleaned up.

    Returns
    -------
    int
        Rows dropped because they were alike in every column to another one.
    """
    paths = table.paths(files)
    lazy = scan(paths, ())
    if lazy is None:
        return 0
    space.check(store, sum(file.size for file in files))
    rows = lazy.collect()
    keyed = rows.with_columns(KeySpace(rows).expr(where.month)).sort(KEY, "batch")
    kept = _once(keyed.drop(KEY))
    staging = Staging(table)
    try:
        staging.write(where, kept, data_change=False)
        staging.settle()
        # Their age counts from now: somebody may have just begun to read them.
        for path in paths:
            os.utime(path)
        removals = [remove(file, where, now) for file in files]
        event = {"event": "compaction", "partition": where.folder, "files": len(files)}
        table.commit([*staging.actions, *removals], event)
    except BaseException:
        still = set(table.paths(table.snapshot().files.get(where, ())))
        if still >= set(paths):
            staging.discard()
        raise
    return rows.height - kept.height


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Return sorted ``rows`` without those alike in every column to the one before."""
    alike = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift(1)) for c in rows.columns)
    first = pl.int_range(pl.len()) == 0
    return rows.filter(first | ~alike)
