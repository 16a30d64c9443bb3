"""Look at a table before reading it: its columns, to be mapped by a person, and who mapped them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lantian.errors import BadInputError
from lantian.observations.readers import table_header as th
from lantian.observations.readers.table_cells import Sheet, load_sheets
from lantian.observations.readers.table_guess import locate
from lantian.observations.readers.table_header import Header
from lantian.observations.readers.table_mapping import Mapping
from lantian.observations.readers.table_sheet import fitting_header

_SAMPLES = 3
_SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Look:
    """The columns of a table.

    Parameters
    ----------
    labels
        What a mapping calls the columns, from left to right.
    samples
        The first texts of each column.
    header_row, header_rows
        1-based line of the first header row, and how many there are.
    """

    labels: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    header_row: int
    header_rows: int


def look(path: Path, mapping: Mapping | None = None) -> Look:
    """Return the columns of the first sheet of a file; the header is that of ``mapping`` if given.

    Where nothing looks like a header, the fullest of the first rows is taken for one.

    Raises
    ------
    BadInputError
        The file cannot be opened, or is empty.
    """
    sheet = load_sheets(path)[0]
    header = _header(sheet, mapping)
    body = sheet.cells.slice(header.data)
    samples = tuple(
        tuple(body[column.cell].drop_nulls().head(_SAMPLES)) for column in header.columns
    )
    labels = tuple(column.label for column in header.columns)
    return Look(labels, samples, int(sheet.lines[header.first]), header.count)


def remembered(sheet: Sheet, known: Sequence[Mapping]) -> Mapping | None:
    """Return the mapping of ``known`` that was made for a table with just these columns, if any."""
    for mapping in known:
        try:
            header = fitting_header(sheet, mapping)
        except BadInputError:
            continue
        labels = {column.label for column in header.columns}
        if labels == {*mapping.headers(), *mapping.ignored}:
            return mapping
    return None


def _header(sheet: Sheet, mapping: Mapping | None) -> Header:
    try:
        return locate(sheet) if mapping is None else fitting_header(sheet, mapping)
    except BadInputError:
        rows = sheet.cells.head(_SEARCHED_ROWS).rows()
        fullest = max(range(len(rows)), key=lambda n: sum(bool(cell) for cell in rows[n]))
        return th.build(sheet, rows, fullest, 1)
