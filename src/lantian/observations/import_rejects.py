"""The file of bad rows that an import leaves out: where each was, why, and how it read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from lantian.errors import BadInputError, DomainError, reason_of
from lantian.i18n import gettext as _
from lantian.observations.files import printable, write_atomically
from lantian.observations.import_files import Loaded
from lantian.observations.readers import text
from lantian.observations.readers.table_cells import WORKBOOKS
from lantian.observations.readers.text import LINE
from lantian.observations.spreadsheet import safe_text

HEADER = ("file", "line", "column", "value", "message", "row")
_NOT_LINES = frozenset({".json", ".geojson", ".parquet", *WORKBOOKS})

_Row = tuple[str, int | None, str | None, str | None, str, str]


def refuse_onto_input(path: Path, inputs: Sequence[Path]) -> None:
    """Refuse to write the bad rows onto a file they are read from, whose good rows would be lost.

    Raises
    ------
    DomainError
        ``import.skipped_onto_input``.
    """
    if path.exists() and any(one.exists() and path.samefile(one) for one in inputs):
        raise DomainError(
            "import.skipped_onto_input",
            _(
                "The bad rows would replace {path}, which is among the files to import. Choose "
                "another name for them."
            ).format(path=printable(path)),
            {"path": str(path)},
        )


def write_rejects(path: Path, files: Sequence[Loaded]) -> int:
    """Write the bad rows of ``files`` as CSV, one for each place that is wrong; return how many.

    ``row`` is the row of the file as it was; a row with several faults is there several times. A
    file of which nothing could be taken has one row without a line. What stood at ``path`` is
    replaced.

    Raises
    ------
    DomainError
        ``import.skipped_not_written``.
    """
    rows = [row for one in files for row in _rows_of(one)]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for file, line, *texts in rows:
        cells = [safe_text(str(t)) if t is not None else "" for t in texts]
        writer.writerow([safe_text(file), "" if line is None else line, *cells])
    try:
        # spreadsheet programs take a CSV for UTF-8 only with the mark
        write_atomically(path, out.getvalue().encode("utf-8-sig"))
    except OSError as error:
        raise DomainError(
            "import.skipped_not_written",
            _("The bad rows cannot be written to {path}: {reason}. Nothing was imported.").format(
                path=printable(path), reason=reason_of(error)
            ),
            {"path": str(path)},
        ) from error
    return len(rows)


def _rows_of(one: Loaded) -> list[_Row]:
    if not one.left_out:
        return []
    source = _source(one)
    rows: list[_Row] = [
        (p.file, p.line, p.column, p.value, p.message, source.get(p.line, "")) for p in one.left_out
    ]
    # rows the reader left out beyond the problems it listed
    listed = {row[1] for row in rows}
    also = _("This row has a fault too; there were too many to list each.")
    rejected = one.reading.rejected if one.reading is not None else None
    more = rejected[LINE].unique().to_list() if rejected is not None else []
    rows += [(one.name, n, None, None, also, source.get(n, "")) for n in more if n not in listed]
    return sorted(rows, key=lambda row: (row[1] is not None, row[1] or 0))


def _source(one: Loaded) -> Mapping[int | None, str]:
    """Return the text of the lines of a file; of a workbook or JSON, what the reader kept of it."""
    found: dict[int | None, str] = {}
    rejected = one.reading.rejected if one.reading is not None else None
    if rejected is not None:
        cells = rejected.drop(LINE).with_columns(pl.all().cast(pl.String).fill_null(""))
        for line, row in zip(rejected[LINE], cells.iter_rows(), strict=True):
            found[line] = ",".join(row)
    if {s.lower() for s in one.path.suffixes} & _NOT_LINES:
        return found
    try:
        data = text.decode(text.load(one.path), one.path).data
    except BadInputError:
        return found  # it could not be read at all, which is among its problems
    # only what ends a line for the readers too; str.splitlines knows more line ends than files do
    lines = (line.decode() for line in data.splitlines())
    return {**found, **dict(enumerate(lines, start=1))}
