"""Any table out of Lantian as a file: CSV, XLSX, Parquet or GeoJSON, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations import space
from lantian.observations.files import settle, temporary_beside, write_parquet
from lantian.observations.layout import check_zone
from lantian.observations.spreadsheet import safe_text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ExportFormat = Literal["csv", "xlsx", "parquet", "geojson"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

# Excel's own limit of rows in a sheet, header included.
SHEET_ROWS = 1_048_576
_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: file, rows, sheets (XLSX) and stations without coordinates (GeoJSON)."""

    path: Path
    format: ExportFormat
    rows: int
    sheets: int = 1
    unlocated: tuple[str, ...] = ()


def export(
    frame: pl.DataFrame,
    path: Path | str,
    format: ExportFormat | None = None,
    *,
    stations: pl.DataFrame | None = None,
    zone: str | None = None,
    overwrite: bool = False,
) -> Exported:
    """Write any frame of Lantian to a file; it appears whole or not at all.

    Times are written in ``zone``: CSV and GeoJSON with their offset, XLSX as the local clock time
    (Excel knows no zones) with the zone in the header. Parquet keeps types and UTC as they are.
    Lists become text joined by ``,``. CSV is UTF-8 with the byte order mark by which Excel knows
    it. Text that a spreadsheet might run as a formula gets an apostrophe in front, in CSV and
    XLSX; `lantian.observations.spreadsheet.plain_text` takes it off again.

    Parameters
    ----------
    frame
        Measurements, daily results, period statistics, rankings …
    path
        The file.
    format
        None: by the suffix of ``path``.
    stations
        Station register with ``station``, ``lon`` and ``lat`` (WGS84 [°]); for GeoJSON.
    zone
        IANA zone of the times written; None: UTC.
    overwrite
        Replace a file that is there already.

    Raises
    ------
    DomainError
        ``export.exists``, ``export.no_folder``, ``store.disk_full``.
    InvalidArgumentError
        ``export.bad_format``, ``export.no_stations``.
    """
    target = Path(path)
    chosen = _format(target, format)
    _check_target(target, overwrite=overwrite)
    check_zone(zone or "UTC")
    temporary = temporary_beside(target)
    try:
        with space.told(target.parent):
            done = _write(frame, temporary, chosen, stations, zone or "UTC")
            settle(temporary)
        _check_target(target, overwrite=overwrite)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    settle(target.parent)
    return Exported(target, chosen, frame.height, *done)


def _write(
    frame: pl.DataFrame,
    path: Path,
    chosen: ExportFormat,
    stations: pl.DataFrame | None,
    zone: str,
) -> tuple[int, tuple[str, ...]]:
    if chosen == "parquet":
        write_parquet(frame, path)
        return 1, ()
    if chosen == "csv":
        _write_csv(frame, path, zone)
        return 1, ()
    if chosen == "xlsx":
        return _write_xlsx(frame, path, zone), ()
    return 1, _write_geojson(frame, path, stations, zone)


def _format(path: Path, given: str | None) -> ExportFormat:
    name = given if given is not None else path.suffix.lower().lstrip(".")
    for known in FORMATS:
        if name == known:
            return known
    raise InvalidArgumentError(
        "export.bad_format",
        _("“{format}” is not a format to export to. Choose one of {known}.").format(
            format=name, known=", ".join(FORMATS)
        ),
        {"format": name},
    )


def _check_target(path: Path, *, overwrite: bool) -> None:
    if not path.parent.is_dir():
        raise DomainError(
            "export.no_folder",
            _("The folder {path} does not exist. Make it first.").format(path=path.parent),
            {"path": str(path.parent)},
        )
    if path.is_dir() or (path.exists() and not overwrite):
        raise DomainError(
            "export.exists",
            _("{path} is there already. Choose another name, or ask to overwrite it.").format(
                path=path
            ),
            {"path": str(path)},
        )


# -- text


def _texts(frame: pl.DataFrame, zone: str, *, safe: bool) -> pl.DataFrame:
    """Return the frame with lists and times as text, and text harmless if ``safe``."""
    return frame.select(
        _text(name, kind, zone, safe=safe).alias(name) for name, kind in frame.schema.items()
    )


def _text(name: str, kind: pl.DataType, zone: str, *, safe: bool) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return column.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%dT%H:%M:%S%.f%:z")
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
    if isinstance(kind, pl.List | pl.Array):
        items = column if isinstance(kind, pl.List) else column.arr.to_list()
        column, kind = items.cast(pl.List(pl.String)).list.join(","), pl.String()
    elif isinstance(kind, pl.Struct):
        column, kind = column.struct.json_encode(), pl.String()
    elif isinstance(kind, pl.Duration):
        column, kind = column.dt.to_string("iso"), pl.String()
    if isinstance(kind, pl.Categorical | pl.Enum):
        column, kind = column.cast(pl.String), pl.String()
    if safe and isinstance(kind, pl.String):
        return safe_text(column)
    return column.fill_nan(None) if kind.is_float() else column


def _write_csv(frame: pl.DataFrame, path: Path, zone: str) -> None:
    """Write chunk by chunk through the system's own call, which says so when the disk is full."""
    header = ",".join(_quoted(safe_text(name)) for name in frame.columns)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(header + "\n")
        for chunk in frame.iter_slices(_CHUNK):
            file.write(_texts(chunk, zone, safe=True).write_csv(include_header=False))


def _quoted(title: str) -> str:
    needs = any(mark in title for mark in ',"\r\n')
    return '"' + title.replace('"', '""') + '"' if needs else title


# -- spreadsheet


def _write_xlsx(frame: pl.DataFrame, path: Path, zone: str) -> int:
    """Write sheets of at most `SHEET_ROWS` rows, a row at a time, and return how many."""
    local = frame.select(
        pl.col(name).dt.convert_time_zone(zone).dt.replace_time_zone(None)
        if _zoned(kind)
        else (pl.col(name) if _is_cell(kind) else _text(name, kind, zone, safe=True).alias(name))
        for name, kind in frame.schema.items()
    )
    header = [
        f"{name} ({zone})" if _zoned(kind) else safe_text(name)
        for name, kind in frame.schema.items()
    ]
    # Temporary files beside the target, so that a full disk is noticed where it is full.
    with TemporaryDirectory(prefix=".", dir=path.parent) as scratch:
        return _write_sheets(local, header, path, scratch)


def _write_sheets(rows: pl.DataFrame, header: list[str], path: Path, scratch: str) -> int:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
        "tmpdir": scratch,
    }
    body = SHEET_ROWS - 1
    sheets = max(1, -(-rows.height // body))
    import xlsxwriter  # noqa: PLC0415 - takes a quarter second to load

    with xlsxwriter.Workbook(str(path), options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True})
        for number in range(sheets):
            sheet = book.add_worksheet("data" if number == 0 else f"data {number + 1}")
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
            for row, values in enumerate(rows.slice(number * body, body).iter_rows(), start=1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value, day)
    return sheets


def _write_cell(sheet: Worksheet, row: int, column: int, value: object, day: object) -> None:
    """Write one typed cell; nothing for what is missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif value in (float("inf"), float("-inf")):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)


def _zoned(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.Datetime) and kind.time_zone is not None


def _is_cell(kind: pl.DataType) -> bool:
    """Say whether Excel has a type for it."""
    return kind.is_numeric() or isinstance(kind, pl.Boolean | pl.Date | pl.Datetime | pl.Null)


# -- map


def _write_geojson(
    frame: pl.DataFrame, path: Path, stations: pl.DataFrame | None, zone: str
) -> tuple[str, ...]:
    """Write one point feature for each row (RFC 7946, WGS84) and return the stations without any.

    A row whose station has no coordinates keeps its properties and has a null geometry (RFC 7946
    §3.2), so that nothing goes missing unseen.
    """
    if stations is None or "station" not in frame.columns:
        raise InvalidArgumentError(
            "export.no_stations",
            _(
                "GeoJSON needs a table with a column station, and the station register with its "
                "coordinates. Import the register, or choose another format."
            ),
        )
    places = {
        name: [lon, lat]
        for name, lon, lat in stations.select("station", "lon", "lat").iter_rows()
        if lon is not None and lat is not None
    }
    rows = _texts(frame, zone, safe=False)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        for number, properties in enumerate(_records(rows)):
            point = places.get(properties["station"])
            feature = {
                "type": "Feature",
                "geometry": point and {"type": "Point", "coordinates": point},
                "properties": properties,
            }
            file.write(",\n" if number else "")
            file.write(json.dumps(feature, ensure_ascii=False, allow_nan=False, default=_plain))
        file.write("\n]}\n")
    named = frame["station"].drop_nulls().cast(pl.String).unique().sort().to_list()
    return tuple(name for name in named if name not in places)


def _records(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for chunk in rows.iter_slices(_CHUNK):
        for record in chunk.iter_rows(named=True):
            yield {k: _finite(v) for k, v in record.items()}


def _finite(value: object) -> object:
    """Return infinities as missing: JSON has no number for them."""
    return None if isinstance(value, float) and value in (float("inf"), -float("inf")) else value


def _plain(value: object) -> str:
    if isinstance(value, date | time | timedelta):
        return value.isoformat() if not isinstance(value, timedelta) else str(value)
    return str(value)
