"""What an import found and did, for the terminal, the page and ``--json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from lantian.errors import Problem
from lantian.observations.published import Agreement
from lantian.observations.readers.base import Reading


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that was in a folder but is none of ours, why, and the code of what said so."""

    path: Path
    reason: str
    code: str = ""


@dataclass(frozen=True)
class FileReport:
    """One file of an import.

    Parameters
    ----------
    name, sha256, bytes
        As kept in the history of imports.
    format
        Name of the reader; ``stations`` for a station list, ``""`` when nothing could be read.
    rows, stations
        Values (or stations of a list) taken, and of how many stations.
    first, last
        Times of the first and last value [UTC].
    problems
        Number of bad places in it.
    notes
        Translated remarks: conversions made, columns ignored, doubts that are no errors.
    reading
        What the reader gave, for showing and saving the mapping; without rows.
    published
        How far the AQI recomputed from the values agrees with the one in the file.
    parameters
        Those its values are of, in alphabetical order.
    new, changed
        Of a trial run: how many of its values are first values and how many change a stored one.
    """

    name: str
    path: Path
    sha256: str
    bytes: int
    format: str
    rows: int
    stations: int
    first: datetime | None
    last: datetime | None
    problems: int
    notes: Sequence[str]
    reading: Reading | None
    published: Agreement | None
    parameters: Sequence[str] = ()
    new: int | None = None
    changed: int | None = None


@dataclass(frozen=True)
class ImportReport:
    """What an import found and did.

    Parameters
    ----------
    files
        In the order read.
    ignored
        Files of a folder that were not tried.
    problems, total_problems
        Bad places that were skipped (``skip_bad``); at most ``BadInputError.LIMIT`` of them, and
        how many there are in all.
    skipped
        The file that holds the rows skipped, if any were.
    stations_new, stations_changed
        Ids entered into the register, and ids whose entry a station list changed.
    columns_changed
        In which columns of the register entries changed.
    quality
        ``rule, grade, parameter, station, count, first, last``: what quality control marked.
    rows
        Values of the files that could land.
    new, changed, same, held
        How many of them are first values, revisions, there already, or held back because a
        person's correction or exclusion stands on them. In a trial run: would be. ``None`` when
        there was no value at all.
    batch
        Number of the batch; ``None`` when nothing landed.
    trial
        It was a trial run (``dry_run``): nothing was changed.
    changes
        Of a trial run: the first values that would change, with the ones they would replace; see
        ``landing.Preview``.
    fingerprint
        Of a trial run: what ``run`` takes as ``expected``, so that exactly this lands.
    """

    files: Sequence[FileReport]
    ignored: Sequence[Ignored]
    problems: Sequence[Problem]
    total_problems: int
    skipped: Path | None
    stations_new: Sequence[str]
    stations_changed: Sequence[str]
    columns_changed: Sequence[str]
    quality: pl.DataFrame
    rows: int
    new: int | None
    changed: int | None
    same: int | None
    held: int | None
    batch: int | None
    trial: bool
    changes: pl.DataFrame | None = None
    fingerprint: str | None = None

    def count(self, grade: str) -> int:
        """Return how many marks of a grade quality control made."""
        return int(self.quality.filter(grade=grade)["count"].sum())
