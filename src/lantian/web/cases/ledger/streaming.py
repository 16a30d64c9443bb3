"""Long tables as files that are sent while they are made: nothing holds the whole of them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from lantian.observations.spreadsheet import safe_text
from lantian.web.cases.ledger.cells import Cell, Column

_CHUNK = 500  # rows made before some are sent
_NS = "http://schemas.openxmlformats.org"
_MAIN = f"{_NS}/spreadsheetml/2006/main"
_OFFICE = f"{_NS}/officeDocument/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# XML 1.0 has no sign for these
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/relationships/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{_OFFICE}/relationships/styles" '
    'Target="styles.xml"/></Relationships>',
    # cells: 0 free to change, 1 header, 2 locked on grey
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts><fills count="3"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill>'
    '<patternFill patternType="solid"><fgColor rgb="FFEEF1F4"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="49" applyNumberFormat="1" applyProtection="1">'
    '<protection locked="0"/></xf><xf fontId="1" applyFont="1" fillId="2" applyFill="1"/>'
    '<xf fillId="2" applyFill="1"/></cellXfs></styleSheet>',
}  # fmt: skip


class _Pipe(io.RawIOBase):
    """Takes what is written until it is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Return that it takes bytes."""
        return True

    def write(self, data: object) -> int:
        """Take some bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def fetch(self) -> bytes:
        """Return what was written since."""
        made, self._parts = b"".join(self._parts), []
        return made


def xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], sheet: str) -> Iterator[bytes]:
    """Yield a workbook of one sheet, piece by piece.

    What may be changed is free on white, everything else locked on grey (without a password: it
    guards against slips, the reader against the rest); the version is hidden. Text that a
    spreadsheet might run as a formula is disarmed.

    Parameters
    ----------
    sheet
        Name of the sheet.
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, _HEAD + text)
        book.writestr("xl/workbook.xml", _HEAD + f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/'
                      f'relationships"><sheets><sheet name={quoteattr(sheet)} sheetId="1" '
                      'r:id="r1"/></sheets></workbook>')  # fmt: skip
        with book.open("xl/worksheets/sheet1.xml", "w") as out:
            out.write((_HEAD + _begin(columns)).encode())
            made: list[str] = []
            for line, row in enumerate(rows, start=2):
                made.append(_row(line, row, columns))
                if len(made) == _CHUNK:
                    out.write("".join(made).encode())
                    made.clear()
                    yield pipe.fetch()
            made.append(_end(columns))
            out.write("".join(made).encode())
    yield pipe.fetch()


def csv_text(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV in UTF-8 with its mark, piece by piece; formulas are disarmed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([c.title for c in columns])
    out.seek(0)
    yield b"\xef\xbb\xbf" + out.read().encode()
    made = 0
    for row in rows:
        if made % _CHUNK == 0:
            out = io.StringIO()
            writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([safe_text(c) if isinstance(c, str) else c for c in row])
        made += 1
        if made % _CHUNK == 0:
            yield out.getvalue().encode()
    if made % _CHUNK:
        yield out.getvalue().encode()


def _begin(columns: Sequence[Column]) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{c.width}" customWidth="1"'
        f"{' hidden=' + quoteattr('1') if c.name == 'version' else ''}/>"
        for n, c in enumerate(columns, start=1)
    )
    titles = "".join(
        f'<c s="1" t="inlineStr"><is><t>{escape(c.title)}</t></is></c>' for c in columns
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane xSplit="3" '
        'ySplit="1" topLeftCell="D2" activePane="bottomRight" state="frozen"/></sheetView>'
        f'</sheetViews><cols>{widths}</cols><sheetData><row r="1">{titles}</row>'
    )


def _row(line: int, row: Sequence[Cell], columns: Sequence[Column]) -> str:
    made = [f'<row r="{line}">']
    for cell, column in zip(row, columns, strict=True):
        style = 0 if column.group == "free" else 2
        if cell == "":
            made.append(f'<c s="{style}"/>')
        elif isinstance(cell, str):
            text = escape(_UNWRITABLE.sub("", safe_text(cell)))
            kept = f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
            made.append(kept)
        else:
            made.append(f'<c s="{style}"><v>{cell!r}</v></c>')
    made.append("</row>")
    return "".join(made)


def _end(columns: Sequence[Column]) -> str:
    letter = _letters(len(columns))
    return (
        '</sheetData><sheetProtection sheet="1" formatCells="0" formatColumns="0" formatRows="0" '
        f'sort="0" autoFilter="0"/><autoFilter ref="A1:{letter}1"/></worksheet>'
    )


def _letters(number: int) -> str:
    """Return what a spreadsheet calls a column, counted from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
