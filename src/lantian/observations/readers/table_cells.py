"""A CSV or a workbook as sheets of text cells, with the line each row stands on."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.extent import extent
from lantian.observations.files import name_of
from lantian.observations.readers import text

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
_ZIP = b"PK\x03\x04"
_WORKBOOK_MARKS = (_ZIP, b"\xd0\xcf\x11\xe0")
_DELIMITERS = (",", "\t", ";", "|")
_SNIFFED_LINES = 50
# fastexcel writes numbers as text with nine decimals; a cell that uses all nine may have lost some
_CUT = r"\.\d{9}$"


@dataclass(frozen=True)
class Sheet:
    """One table of text cells.

    Parameters
    ----------
    file
        Name of the file, for messages.
    name
        Name of the sheet; None for a text file.
    cells
        Columns ``c0, c1, …`` of strings without surrounding blanks; an empty cell is null.
    lines
        1-based line (row of the sheet) of each row, ``(n_rows,)``.
    widths
        Number of cells each line of a text file really has, ``(n_rows,)``; None for a workbook.
    """

    file: str
    name: str | None
    cells: pl.DataFrame
    lines: pl.Series
    widths: pl.Series | None = None

    @property
    def place(self) -> str:
        """Name the sheet inside its file, as problems show it."""
        return self.file if self.name is None else f"{self.file}!{self.name}"

    def row(self, index: int) -> tuple[str | None, ...]:
        """Return the cells of one row."""
        return self.cells.row(index)


def load_sheets(path: Path) -> list[Sheet]:
    """Return every sheet of a file that has any cell.

    Parameters
    ----------
    path
        CSV (UTF-8, UTF-16 with mark, GBK/GB 18030; comma, tab, semicolon or bar) or workbook
        (``.xlsx .xlsm .xls .xlsb .ods``), either gzipped or not. The content decides, not the
        suffix.

    Raises
    ------
    BadInputError
        The file is empty, cut off, encrypted, in an unknown encoding, or no table at all.
    """
    data = text.load(path)
    if data[:4] in _WORKBOOK_MARKS:
        _refuse_bomb(data, path)
        sheets = _workbook(data, name_of(path))
    else:
        sheets = _delimited(_text(data, path), name_of(path))
    if not sheets:
        raise text.failed(
            path,
            "read.empty",
            _("{file} holds no cell with content.").format(file=name_of(path)),
        )
    return sheets


def _text(data: bytes, path: Path) -> str:
    try:
        return text.decode(data, path).data.decode()
    except BadInputError as error:
        if text.suffix_of(path) not in WORKBOOKS:
            raise
        raise _no_workbook(name_of(path)) from error


def _delimited(content: str, file: str) -> list[Sheet]:
    start = content[:2000].lstrip()
    if start[:1] in ("<", "{", "["):
        what = _("a web page saved with another suffix") if start[:1] == "<" else _("no table")
        raise BadInputError(
            "read.not_a_table",
            _("{file} is {what}. Open it in a spreadsheet program and save it as XLSX.").format(
                file=file, what=what
            ),
        )
    if not start:
        return []
    delimiter = sniff(content)
    cells, lines, widths = (
        _quoted(content, delimiter, file) if '"' in content else _unquoted(content, delimiter)
    )
    cells = _trimmed(cells)
    if cells.width == 0 or cells.height == 0:
        return []
    return [Sheet(file, None, cells, lines, widths)]


def sniff(content: str) -> str:
    """Return the delimiter that splits most of the first lines; a comma if none does."""
    lines = [line for line in content[:200_000].splitlines()[:_SNIFFED_LINES] if line.strip()]
    counts = {d: sorted(line.count(d) for line in lines) for d in _DELIMITERS}
    return max(_DELIMITERS, key=lambda d: counts[d][len(lines) // 2] if lines else 0)


def _unquoted(content: str, delimiter: str) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    # Universal newlines: an old Mac or a mixed file must count the lines a person sees.
    content = content.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    rows = pl.Series("line", content.split("\n"), dtype=pl.String)
    widths = rows.str.count_matches(delimiter, literal=True) + 1
    width = extent(widths, int)[1] or 1
    names = [f"c{i}" for i in range(width)]
    head = delimiter.join(names)
    cells = pl.read_csv(
        io.BytesIO(f"{head}\n{content}\n".encode()),
        separator=delimiter,
        schema=dict.fromkeys(names, pl.String),
        quote_char=None,
        truncate_ragged_lines=True,
    )
    lines = pl.Series("line", range(1, cells.height + 1), dtype=pl.UInt32)
    return cells, lines, widths.head(cells.height).rename("width")


def _quoted(content: str, delimiter: str, file: str) -> tuple[pl.DataFrame, pl.Series, pl.Series]:
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        message = _("A quotation mark is not closed or stands inside a cell.")
        raise BadInputError(
            "read.quotes",
            _("{file} is not a well-formed CSV file.").format(file=file),
            [Problem(file, message, "read.quotes", line=before + 1)],
        ) from error
    width = max(map(len, rows), default=0)
    columns = {
        f"c{i}": pl.Series([row[i] if i < len(row) else None for row in rows], dtype=pl.String)
        for i in range(width)
    }
    widths = pl.Series("width", [len(row) for row in rows], dtype=pl.UInt32)
    return pl.DataFrame(columns), pl.Series("line", lines, dtype=pl.UInt32), widths


def _refuse_bomb(data: bytes, path: Path) -> None:
    """Refuse a workbook whose parts become larger than any table when they are unpacked."""
    if not data.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        return  # opening it as a workbook says what is wrong with it
    if size > text.most_bytes(len(data)):
        raise text.too_large(path, text.most_bytes(len(data)))


def _workbook(data: bytes, file: str) -> list[Sheet]:
    try:
        book = fastexcel.read_excel(data)
        return [
            Sheet(file, name, cells, pl.Series("line", range(1, cells.height + 1), dtype=pl.UInt32))
            for name in book.sheet_names
            if (cells := _sheet(book, name)).height
        ]
    except fastexcel.FastExcelError as error:
        raise _no_workbook(file) from error


def _no_workbook(file: str) -> BadInputError:
    return BadInputError(
        "read.workbook",
        _(
            "{file} is not a readable Excel file: it is damaged, cut off, of another kind or"
            " protected by a password. Save it again as XLSX without a password."
        ).format(file=file),
    )


def _sheet(book: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    cells: pl.DataFrame = book.load_sheet(
        name, header_row=None, skip_rows=0, dtypes="string"
    ).to_polars()
    cut = [i for i, c in enumerate(cells.iter_columns()) if bool(c.str.contains(_CUT).any())]
    if cut:
        exact = book.load_sheet(
            name,
            header_row=None,
            skip_rows=0,
            dtypes=dict.fromkeys(range(cells.width), "float"),
        ).to_polars()
        full = exact.select(pl.all().cast(pl.String).name.suffix("_full"))
        cells = cells.hstack(full).select(
            pl.when(pl.col(c).str.contains(_CUT))
            .then(pl.coalesce(f"{c}_full", c))
            .otherwise(pl.col(c))
            .alias(c)
            for c in cells.columns
        )
    return _trimmed(cells.rename({c: f"c{i}" for i, c in enumerate(cells.columns)}))


def _trimmed(cells: pl.DataFrame) -> pl.DataFrame:
    # Zero-width characters and byte order marks are met inside exported cells.
    bare = cells.select(
        pl.all().str.strip_chars().str.strip_chars("\ufeff\u200b\u200e").str.strip_chars()
    )
    return bare.select(pl.when(pl.all().str.len_bytes() > 0).then(pl.all()))
