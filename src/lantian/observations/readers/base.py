"""What every reader gives back, and what it may know of a file before reading it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from lantian.errors import Problem
from lantian.observations.readers.table_mapping import Mapping as TableMapping


@dataclass(frozen=True)
class Head:
    """The beginning of a file, decompressed, for detecting its format.

    ``data`` is at most the first 64 KiB; ``suffix`` is the last one without ``.gz``, lower case.
    """

    path: Path
    suffix: str
    data: bytes


@dataclass(frozen=True)
class Reading:
    """The result of reading one file: good rows, and every row that was not.

    Parameters
    ----------
    frame
        Long frame of ``schema.LONG`` with the rows that could be read. A missing value is an
        absent row, unless the source gave a flag for it: then the row is there, without a value
        and ``invalid``.
    format
        Name of the reader.
    problems
        One entry for each bad cell or row, at most ``BadInputError.LIMIT`` of them. The file is
        clean when it is empty.
    rejected
        The source rows that are not in ``frame``, as text, with their ``line``; what
        ``--skip-bad FILE`` writes. A row with one bad cell is rejected whole, so that the
        corrected row can be imported again.
    notes
        Translated remarks a person should see: unit conversions made, columns ignored.
    mapping
        Column mapping used by the generic reader, to be shown and saved.
    published
        ``station, time, aqi`` as the file itself published them, for the recomputation check, and
        any of ``pm25_24h pm10_24h so2_24h no2_24h co_24h o3_24h o3_8h o3_8h_24h``.
    stations
        What the file says of its stations (``station`` and any of ``name city lon lat datum
        control``), to offer for the register.
    total
        Number of all problems, also of those beyond the ones listed; 0 means ``len(problems)``.
    lines
        Line of the file each row of ``frame`` came from; ``None`` when the reader does not know.
    """

    frame: pl.DataFrame
    format: str
    problems: Sequence[Problem] = ()
    rejected: pl.DataFrame | None = None
    notes: Sequence[str] = ()
    mapping: TableMapping | None = None
    published: pl.DataFrame | None = None
    stations: pl.DataFrame | None = None
    total: int = 0
    lines: pl.Series | None = None


@dataclass(frozen=True)
class Options:
    """What the caller knows and the file does not say.

    Parameters
    ----------
    zone
        Time zone of local times without an offset.
    station
        Station of a file that names none.
    mapping
        Column mapping for the generic reader; None: guessed.
    known
        Mappings somebody corrected before: a table with just the columns of one is read by it.
    units
        Unit in which the file gives a parameter (``{"co": "ug/m3"}``), against what its format or
        its header says; also switches off the doubt ``read.suspicious_unit`` for it.
    period
        Averaging period of a file that states none.
    """

    zone: str = "Asia/Shanghai"
    station: str | None = None
    mapping: TableMapping | None = None
    known: Sequence[TableMapping] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    period: str = "1h"


class Reader(Protocol):
    """One file format."""

    name: str
    title: str

    def detect(self, head: Head) -> bool:
        """Say whether the file is of this format; must not raise."""

    def read(self, path: Path, options: Options) -> Reading:
        """Read the whole file; raise BadInputError only when nothing can be read of it."""
