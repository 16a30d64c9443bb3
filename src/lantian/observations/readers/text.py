"""From the bytes on disk to text: gzip, encodings, and CSV whose every row has its line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from lantian.errors import BadInputError, Problem, reason_of
from lantian.i18n import gettext as _
from lantian.observations.files import name_of, printable
from lantian.observations.parameters import settings
from lantian.observations.readers.base import Head

HEAD_BYTES = 64 * 1024
LINE = "line"
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 22


@dataclass(frozen=True)
class Text:
    """A file as UTF-8 bytes without byte order mark, and the encoding it was in."""

    data: bytes
    encoding: str

    def notes(self) -> list[str]:
        """Return the remark a person should see when the file was not UTF-8."""
        if self.encoding == "utf-8":
            return []
        return [_("Read as {encoding}.").format(encoding=self.encoding.upper())]


@dataclass(frozen=True)
class Sheet:
    """A CSV as text columns and ``line`` (1-based, physical); blank rows left out.

    ``ragged`` are the lines with more or fewer cells than the header; they are still in ``frame``.
    """

    file: str
    frame: pl.DataFrame
    ragged: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def sound(self) -> pl.DataFrame:
        """Return the rows that are not ragged: of the others no cell is in its place."""
        if not self.ragged:
            return self.frame
        lines = [p.line for p in self.ragged]
        return self.frame.filter(~pl.col(LINE).is_in(lines))


def failed(path: Path, code: str, message: str) -> BadInputError:
    """Return the error for a file of which nothing can be read."""
    return BadInputError(code, message, (Problem(name_of(path), message, code),))


def lacks_columns(path: Path, names: Sequence[str]) -> BadInputError:
    """Return the error ``read.missing_column`` for a file without columns its format has."""
    return failed(
        path,
        "read.missing_column",
        _("{file} lacks the columns {names} of this format.").format(
            file=name_of(path), names=", ".join(names)
        ),
    )


def need_columns(path: Path, frame: pl.DataFrame, names: Sequence[str]) -> None:
    """Raise BadInputError ``read.missing_column`` unless ``frame`` has all the columns."""
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise lacks_columns(path, absent)


def load(path: Path) -> bytes:
    """Return the bytes of a file, decompressed when it is gzip.

    Raises
    ------
    BadInputError
        ``read.not_found``, ``read.truncated`` (gzip that ends early), ``read.damaged`` (gzip that
        does not add up), ``read.too_large`` (gzip that grows beyond all measure), ``read.empty``.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if data.startswith(_GZIP):
        try:
            data = _decompressed(data, path)
        except EOFError as error:
            raise _truncated(path) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise damaged(path) from error
    if not data or data.isspace():
        raise failed(
            path,
            "read.empty",
            _("{file} is empty; there is nothing to read.").format(file=name_of(path)),
        )
    return data


def most_bytes(compressed: int) -> int:
    """Return how many bytes so many compressed ones may become before they are taken for a bomb."""
    rules = settings("compressed")
    return max(int(rules["always_mb"]) * 1024**2, compressed * int(rules["ratio"]))


def too_large(path: Path, most: int) -> BadInputError:
    """Return the error for a compressed file that becomes larger than ``most`` bytes."""
    return failed(
        path,
        "read.too_large",
        _(
            "{file} becomes larger than {most} MB when decompressed, far more than measurements "
            "do. If it is right, decompress it, or save it as CSV, and import that."
        ).format(file=name_of(path), most=f"{most // 1024**2:,}"),
    )


def _decompressed(data: bytes, path: Path) -> bytes:
    """Return what gzip data hold, piece by piece, so that a bomb is not unpacked to see it."""
    most = most_bytes(len(data))
    whole = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        while piece := stream.read(_PIECE):
            whole += piece
            if len(whole) > most:
                raise too_large(path, most)
    return bytes(whole)


def suffix_of(path: Path) -> str:
    """Return the suffix of a file in small letters, that before ``.gz`` of a compressed one."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def head(path: Path) -> Head:
    """Return the beginning of a file, for detecting its format; same errors as :func:`load`."""
    try:
        with path.open("rb") as raw:
            data = raw.read(HEAD_BYTES)
        if data.startswith(_GZIP):
            with gzip.open(path) as stream:
                data = stream.read(HEAD_BYTES)
    except EOFError as error:
        raise _truncated(path) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise damaged(path) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    return Head(path, suffix_of(path), data)


def decode(data: bytes, path: Path) -> Text:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or GB18030 (which includes GBK).

    Raises
    ------
    BadInputError
        ``read.not_text``: the bytes are none of these.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return Text(data.decode("utf-16").encode(), "utf-16")
        except UnicodeDecodeError as error:
            raise _not_text(path) from error
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\x00" in data:
        raise _not_text(path)
    if data.isascii():
        return Text(data, "utf-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return Text(data.decode("gb18030").encode(), "gb18030")
        except UnicodeDecodeError as error:
            raise _not_text(path) from error
    return Text(data, "utf-8")


def first_line(beginning: Head) -> str:
    """Return the first line of a text file, "" when it is not text; never raises."""
    data = beginning.data
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").partition("\n")[0].strip()
    line = data.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n").replace(b"\r", b"\n")
    line = line.partition(b"\n")[0]
    if b"\x00" in line:
        return ""
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
    return ""


def header(beginning: Head) -> list[str]:
    """Return the cells of the first line of a CSV; never raises."""
    try:
        return [cell.strip() for cell in next(csv.reader([first_line(beginning)]), [])]
    except csv.Error:
        return []


def read_csv(path: Path) -> Sheet:
    """Return a comma-separated file as text columns with the line of each row.

    Raises
    ------
    BadInputError
        As :func:`load` and :func:`decode`, ``read.duplicate_column``, or ``read.damaged`` when the
        quotes of the file do not match.
    """
    text = decode(load(path), path)
    data = text.data if b"\n" in text.data else text.data.replace(b"\r", b"\n")
    first = data[: len(data) - len(data.lstrip(b"\r\n"))].count(b"\n")
    data = data.lstrip(b"\r\n")
    names = _header(path, data)
    too_long = False
    try:
        frame = _parse(data, names, cut=False)
    except pl.exceptions.ComputeError:
        too_long = True
        try:
            frame = _parse(data, names, cut=True)
        except pl.exceptions.ComputeError as error:
            raise _quotes(path) from error
    bookkeeping = pl.Series(LINE, _lines(data, frame.height) + first, dtype=pl.UInt32)
    blank = pl.all_horizontal(pl.col(n).is_null() for n in names if n != LINE)
    # rejected rows are written with their line; read again, that column gives way to the new one
    frame = frame.drop(LINE, strict=False).with_columns(bookkeeping).filter(~blank)
    # a row too short leaves the last column empty: only then need anybody count cells
    short = len(names) > 1 and frame[:, -2].is_null().any()
    ragged = _ragged(path, data, len(names), first) if too_long or short else ()
    return Sheet(name_of(path), frame, ragged, tuple(text.notes()))


def _header(path: Path, data: bytes) -> list[str]:
    end = data.find(b"\n")
    first = (data if end < 0 else data[:end]).decode()
    try:
        names = [name.strip() for name in next(csv.reader([first]), [])]
    except csv.Error as error:
        raise _quotes(path) from error
    twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise failed(
            path,
            "read.duplicate_column",
            _("{file} has the column {names} twice; rename or remove one of them.").format(
                file=name_of(path), names=", ".join(repr(n) for n in twice)
            ),
        )
    return names


def _parse(data: bytes, names: list[str], *, cut: bool) -> pl.DataFrame:
    frame = pl.read_csv(data, infer_schema=False, truncate_ragged_lines=cut)
    frame.columns = names
    return frame


def _lines(data: bytes, rows: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return the physical line on which each record below the header begins."""
    plain = np.arange(2, rows + 2, dtype=np.uint32)
    if b'"' not in data or data.rstrip(b"\r\n").count(b"\n") == rows:
        return plain
    raw = np.frombuffer(data, dtype=np.uint8)
    newline = np.flatnonzero(raw == ord("\n"))
    quotes = np.cumsum(raw == ord('"'), dtype=np.int64)[newline]
    # a line break inside quotes has an odd number of quotes before it
    starts = np.flatnonzero(quotes % 2 == 0) + 2
    return starts[:rows].astype(np.uint32) if len(starts) >= rows else plain


def _ragged(path: Path, data: bytes, width: int, first: int) -> tuple[Problem, ...]:
    found = []
    rows = csv.reader(io.StringIO(data.decode(), newline=""))
    begins = 1
    try:
        for row in rows:
            if row and len(row) != width:
                message = _("The row has {found} cells, the header {expected}.").format(
                    found=len(row), expected=width
                )
                found.append(Problem(name_of(path), message, "read.ragged_row", begins + first))
            begins = rows.line_num + 1
    except csv.Error as error:
        raise _quotes(path) from error
    return tuple(found)


def _quotes(path: Path) -> BadInputError:
    return failed(
        path,
        "read.damaged",
        _("{file} cannot be read as CSV: its quotes do not match; save it anew.").format(
            file=name_of(path)
        ),
    )


def _truncated(path: Path) -> BadInputError:
    return failed(
        path,
        "read.truncated",
        _("{file} ends in the middle: the compressed file is not complete; copy it again.").format(
            file=name_of(path)
        ),
    )


def damaged(path: Path) -> BadInputError:
    """Return the error for a file that does not hold together."""
    return failed(
        path,
        "read.damaged",
        _("{file} is damaged and cannot be read; get the file again.").format(file=name_of(path)),
    )


def _not_text(path: Path) -> BadInputError:
    return failed(
        path,
        "read.not_text",
        _("{file} is neither UTF-8 nor GBK text; save it as CSV in UTF-8.").format(
            file=name_of(path)
        ),
    )


def _unreadable(path: Path, error: OSError) -> BadInputError:
    return failed(
        path,
        "read.not_found" if isinstance(error, FileNotFoundError) else "read.unreadable",
        _("{file} cannot be opened: {reason}.").format(
            file=printable(path), reason=reason_of(error)
        ),
    )
