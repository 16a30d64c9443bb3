"""Files of the ledger as they come back: one row a case, each with its number and version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers.table_cells import Sheet, load_sheets
from lantian.observations.spreadsheet import plain_text
from lantian.web.cases.ledger.cells import column_of, text_of

LIMIT = 200_000  # rows of a file
_MARK = re.compile(r"(\d{1,9})\.([0-9a-f]{8})\.([0-9a-f]{8})")
_CODE = re.compile(r"(\d{4})-(\d{4,9})")


@dataclass(frozen=True)
class Given:
    """One row of a file.

    Parameters
    ----------
    cells
        Texts by name of the column.
    headers
        What the file calls each column.
    year, number
        Of the case.
    version
        Of the case when the file was made.
    free, fixed
        Digests of what its cells said then.
    """

    place: str
    line: int
    cells: Mapping[str, str]
    headers: Mapping[str, str]
    year: int
    number: int
    version: int
    free: str
    fixed: str

    @property
    def code(self) -> str:
        """Return the number of the case as people write it."""
        return f"{self.year}-{self.number:04}"

    def problem(self, column: str, code: str, message: str) -> Problem:
        """Return something wrong with one of its cells."""
        header = self.headers.get(column, column)
        return Problem(self.place, message, code, self.line, header, self.cells.get(column) or None)


def read(path: Path) -> tuple[list[Given], list[Problem]]:
    """Return the rows of a file and what is wrong with those that say not which case they are.

    Raises
    ------
    BadInputError
        ``ledger.no_header``, ``ledger.too_many_rows``, or the file cannot be read.
    """
    rows: list[Given] = []
    problems: list[Problem] = []
    heads = 0
    for sheet in load_sheets(path):
        headers = _headers(sheet)
        if {"code", "version"} <= set(headers.values()):
            heads += 1
            _sheet(sheet, headers, rows, problems)
    file = name_of(path)
    if not heads:
        message = _(
            "{file} has no columns “Case number” and “Version” in its first row. Download the "
            "ledger as Excel, change it, and send that file; the column of the version is hidden."
        ).format(file=file)
        raise BadInputError(
            "ledger.no_header", message, [Problem(file, message, "ledger.no_header")]
        )
    if len(rows) > LIMIT:
        message = _("{file} has {n} rows; take in at most {most} at a time.").format(
            file=file, n=len(rows), most=LIMIT
        )
        raise BadInputError("ledger.too_many_rows", message)
    return rows, problems


def _headers(sheet: Sheet) -> dict[int, str]:
    found: dict[int, str] = {}
    for index, text in enumerate(sheet.row(0)):
        column = column_of(text) if text else None
        if column is not None and column.name not in found.values():
            found[index] = column.name
    return found


def _sheet(
    sheet: Sheet, headers: Mapping[int, str], rows: list[Given], problems: list[Problem]
) -> None:
    names = {name: sheet.row(0)[i] or name for i, name in headers.items()}
    body = zip(sheet.cells.slice(1).rows(), sheet.lines.slice(1).to_list(), strict=True)
    for row, line in body:
        if not any(row):
            continue
        cells = {name: text_of(plain_text(row[i] or "")) for i, name in headers.items()}
        code, mark = _CODE.fullmatch(cells["code"]), _MARK.fullmatch(cells["version"])
        if code is None or mark is None:
            column = "code" if code is None else "version"
            message = (
                _("This is no number of a case; the ledger only changes cases that are there.")
                if code is None
                else _("The version is not as it was written; download the ledger again.")
            )
            problems.append(
                Problem(
                    sheet.place, message, f"ledger.bad_{column}", line, names[column],
                    cells[column] or None,
                )
            )  # fmt: skip
            continue
        rows.append(
            Given(
                sheet.place, line, cells, names, int(code[1]), int(code[2]), int(mark[1]), mark[2],
                mark[3],
            )
        )  # fmt: skip
