"""Tables of vendors: any CSV or workbook whose columns can be guessed or are mapped."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.parameters import PARAMETERS
from lantian.observations.readers import text
from lantian.observations.readers.base import Head, Options, Reading
from lantian.observations.readers.table_cells import TEXTS, WORKBOOKS, Sheet, load_sheets
from lantian.observations.readers.table_guess import guess
from lantian.observations.readers.table_look import remembered
from lantian.observations.readers.table_mapping import Mapping
from lantian.observations.readers.table_sheet import read_sheet
from lantian.observations.schema import KEY, empty

# A sheet of remarks beside the sheets of values is no error.
_NOT_A_TABLE = ("read.no_header", "read.no_time_column", "read.no_parameter", "read.empty")


class TableReader:
    """Reads CSV and workbooks of vendors: wide or long, with titles, units and marks."""

    name = "table"
    title = "Table (CSV, XLSX)"

    def detect(self, head: Head) -> bool:
        """Say whether the file is a workbook or delimited text; ask the other readers first."""
        if head.suffix in WORKBOOKS:
            return True
        line = text.first_line(head)
        if head.suffix not in TEXTS or line[:1] in ("{", "[", "<"):
            return False
        return not line or b"\x00" not in head.data or head.data[:2] in (b"\xff\xfe", b"\xfe\xff")

    def read(self, path: Path, options: Options) -> Reading:
        """Read every sheet of a file.

        Raises
        ------
        BadInputError
            No sheet can be understood, a mapping does not fit, or a station is not named.
        """
        sheets = load_sheets(path)
        readings: list[tuple[Sheet, Reading]] = []
        refused: list[tuple[Sheet, BadInputError]] = []
        for sheet in sheets:
            try:
                mapping = (
                    options.mapping
                    or remembered(sheet, options.known)
                    or guess(sheet, station=options.station)
                )
                readings.append((sheet, read_sheet(sheet, mapping, options, self.name)))
            except BadInputError as error:
                mismatch = options.mapping is not None and error.code == "read.mapping_mismatch"
                if not mismatch and error.code not in _NOT_A_TABLE:
                    raise
                refused.append((sheet, error))
        if not readings:
            raise refused[0][1]
        notes = [
            _("The sheet {sheet} was not read: it holds no table of values.").format(sheet=s.name)
            for s, _error in refused
        ]
        if len(readings) == 1:
            only = readings[0][1]
            return dataclasses.replace(only, notes=(*only.notes, *notes))
        return _merged(name_of(path), readings, notes, self.name)


def _merged(
    file: str, readings: Sequence[tuple[Sheet, Reading]], notes: Sequence[str], name: str
) -> Reading:
    frames = [r.frame for _sheet, r in readings]
    frame, problems = _settled(file, pl.concat(frames) if frames else empty())
    every = [p for _sheet, r in readings for p in r.problems]
    total = sum(r.total for _sheet, r in readings) + len(problems)
    rejected = [
        r.rejected.select(pl.lit(sheet.name).alias("sheet"), pl.all())
        for sheet, r in readings
        if r.rejected is not None
    ]
    tables = {
        kind: [t for _sheet, r in readings if (t := getattr(r, kind)) is not None]
        for kind in ("published", "stations")
    }
    said = [f"{sheet.name}: {note}" for sheet, r in readings for note in r.notes]
    return Reading(
        frame=frame,
        format=name,
        problems=(*every, *problems)[: BadInputError.LIMIT],
        rejected=pl.concat(rejected, how="diagonal") if rejected else None,
        notes=(*said, *notes),
        mapping=_common([r.mapping for _sheet, r in readings if r.mapping is not None]),
        published=pl.concat(tables["published"], how="diagonal") if tables["published"] else None,
        stations=pl.concat(tables["stations"], how="diagonal").unique(maintain_order=True)
        if tables["stations"]
        else None,
        total=total,
    )


def _common(mappings: Sequence[Mapping]) -> Mapping | None:
    """Return the mapping of all sheets, None if they do not share one."""
    loose = [dataclasses.replace(m, header_row=None) for m in mappings]
    if not loose or any(m != loose[0] for m in loose):
        return None
    return mappings[0] if all(m == mappings[0] for m in mappings) else loose[0]


def _settled(file: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Take once what sheets agree on; report, and leave out, what they disagree on."""
    if frame.select(KEY).hash_rows().n_unique() == frame.height:
        return frame, []
    frame = frame.unique(maintain_order=True)
    twice = frame.select(KEY).is_duplicated()
    problems = [
        Problem(
            file,
            _("{station} {parameter} at {time} UTC differs between sheets; keep one.").format(
                station=row["station"],
                parameter=PARAMETERS[row["parameter"]].title,
                time=row["time"],
            ),
            "read.conflict",
            column=row["parameter"],
            value=str(row["value"]),
        )
        for row in frame.filter(twice).unique(list(KEY), maintain_order=True).iter_rows(named=True)
    ]
    return frame.filter(~twice), problems
