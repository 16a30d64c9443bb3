"""Read and write the station register as CSV, XLSX and GeoJSON.

Positions are converted to WGS84 where a file is read. A file written here says so: its ``datum`` is
WGS84, and ``given_datum`` keeps the datum in which the positions were once given.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl

from lantian.errors import BadInputError, DomainError, InvalidArgumentError, Problem
from lantian.i18n import gettext as _
from lantian.observations import station_table as st
from lantian.observations.datum import Datum, find_datum, to_wgs84
from lantian.observations.files import name_of, write_atomically
from lantian.observations.readers import text
from lantian.observations.readers.table_cells import load_sheets
from lantian.observations.readers.table_header import key
from lantian.observations.readers.table_time import parse_dates
from lantian.observations.spreadsheet import plain_text, safe_text

GIVEN = "given_datum"
_SEARCHED_ROWS = 10
_GEOJSON = (".geojson", ".json")
# 1e-8 degrees is a millimetre; more would be noise, and is more than a workbook keeps
_PLACES = 8
_Row = dict[str, Any]


def read_register(path: Path, *, datum: Datum | str | None = None) -> pl.DataFrame:
    """Return the station register of a file.

    Parameters
    ----------
    path
        CSV (UTF-8 or GBK), workbook or GeoJSON of points (WGS84 by RFC 7946, unless a feature has
        a property ``datum``), with Chinese or English column names; the first sheet that has a
        column of station ids counts.
    datum
        Datum of the coordinates of a file that does not state one, such as the station list
        ``监测点编码, 监测点名称, 城市, 经度, 纬度, 对照点`` of public archives.

    Returns
    -------
    DataFrame
        Columns of :data:`~lantian.observations.station_table.REGISTER`, positions in WGS84 [deg].

    Raises
    ------
    BadInputError
        ``stations.no_datum`` (coordinates, and neither a column nor the argument says in which
        datum), ``stations.no_header``, or ``stations.bad_rows`` with every bad cell listed.
    """
    file = name_of(path)
    given = None if datum is None else find_datum(datum)
    if path.suffix.lower() in _GEOJSON:
        rows, lines = _geojson_rows(path)
        default: Datum | None = given or "WGS84"
    else:
        rows, lines = _table_rows(path)
        default = given
    problems: list[Problem] = []
    parsed = [_parsed(row, line, file, problems) for row, line in zip(rows, lines, strict=True)]
    _need_datum(file, parsed, default)
    for row, line in zip(parsed, lines, strict=True):
        _convert(row, line, default, file, problems)
    frame = pl.DataFrame(parsed, schema=st.REGISTER, orient="row") if parsed else st.empty()
    reported = {(p.line, p.column) for p in problems}
    frame = frame.with_columns(pl.coalesce("name", "station").alias("name"))
    problems += [
        p
        for p in st.check(frame, file=file, lines=lines)
        if (p.line, p.column) not in reported and (p.line, "datum") not in reported
    ]
    if problems:
        raise st.bad_register(file, sorted(problems, key=lambda p: p.line or 0))
    return st.conform(frame, file=file)


def _table_rows(path: Path) -> tuple[list[_Row], list[int]]:
    names = {key(h): c for c, hs in st.settings("headers").items() for h in (c, *hs)}
    seen: list[str] = []
    for sheet in load_sheets(path):
        for index, cells in enumerate(sheet.cells.head(_SEARCHED_ROWS).rows()):
            columns = {i: names[key(c)] for i, c in enumerate(cells) if c and key(c) in names}
            if "station" not in columns.values():
                seen = seen or [c for c in cells if c]
                continue
            _no_doubles(path, columns, cells)
            body = sheet.cells.slice(index + 1).rows()
            lines = sheet.lines.slice(index + 1).to_list()
            kept = [(row, line) for row, line in zip(body, lines, strict=True) if any(row)]
            rows = [
                {
                    c: plain_text(v) if (v := row[i]) is not None else None
                    for i, c in columns.items()
                }
                for row, _line in kept
            ]
            return rows, [line for _row, line in kept]
    message = _(
        "{file} has no column of station ids, such as station or 站点编码. Columns seen: {seen}."
    ).format(file=name_of(path), seen=", ".join(seen) or _("none"))
    raise text.failed(path, "stations.no_header", message)


def _no_doubles(path: Path, columns: Mapping[int, str], cells: Sequence[str | None]) -> None:
    for name in dict.fromkeys(columns.values()):
        same = [str(cells[i]) for i, c in columns.items() if c == name]
        if len(same) > 1:
            message = _("{file} has several columns for {name}: {columns}. Keep one.").format(
                file=name_of(path), name=name, columns=", ".join(same)
            )
            raise text.failed(path, "stations.ambiguous_column", message)


def _geojson_rows(path: Path) -> tuple[list[_Row], list[int]]:
    try:
        data = json.loads(text.decode(text.load(path), path).data)
        features = data["features"]
        pairs = [(f["properties"] or {}, f.get("geometry"), f.get("id")) for f in features]
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise text.failed(
            path,
            "stations.not_geojson",
            _("{file} is not a GeoJSON FeatureCollection.").format(file=name_of(path)),
        ) from error
    names = {key(h): c for c, hs in st.settings("headers").items() for h in (c, *hs)}
    rows = []
    for properties, geometry, name in pairs:
        row: _Row = {
            names[key(k)]: v for k, v in properties.items() if key(k) in names and v is not None
        }
        row.setdefault("station", name)
        if geometry is not None:
            point = geometry.get("coordinates") or [None, None]
            row["lon"], row["lat"] = (point[0], point[1]) if _is_point(geometry) else ("?", "?")
        rows.append(row)
    # a feature has no line; its number among the features tells it
    return rows, list(range(1, len(rows) + 1))


def _is_point(geometry: Mapping[str, Any]) -> bool:
    return geometry.get("type") == "Point" and len(geometry.get("coordinates") or []) > 1


def _parsed(row: _Row, line: int, file: str, problems: list[Problem]) -> _Row:
    """Return the row with typed cells; what cannot be read is null and reported."""
    result: _Row = dict.fromkeys((*st.REGISTER, GIVEN))
    for column, value in row.items():
        if value is None or value == "":
            continue
        parse = _PARSERS.get(column, str)
        try:
            result[column] = parse(value)
        except DomainError as error:
            place = "datum" if column == GIVEN else column
            problems.append(Problem(file, error.message, error.code, line, place, str(value)))
    return result


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError as error:
        raise InvalidArgumentError(
            "stations.not_a_number",
            _("'{value}' is not a number of degrees, such as 112.9453.").format(value=value),
        ) from error


def _truth(value: object) -> bool:
    answers = st.settings("truth")
    plain = str(value).strip().lower()
    if plain in answers["yes"]:
        return True
    if plain in answers["no"]:
        return False
    raise InvalidArgumentError(
        "stations.not_yes_or_no", _("'{value}' is neither Y nor N.").format(value=value)
    )


def _day(value: object) -> object:
    found = parse_dates(pl.Series([str(value)]))["date"][0]
    if found is None:
        raise InvalidArgumentError(
            "stations.not_a_date",
            _("'{value}' is not a date; write it as 2026-01-31.").format(value=value),
        )
    return found


def _kind(value: object) -> str:
    found = st.find_kind(str(value))
    if found is None:
        raise InvalidArgumentError(
            "stations.unknown_kind",
            _("'{kind}' is not a kind of station; there are {kinds}.").format(
                kind=value, kinds=", ".join(f"{k.id} ({k.zh})" for k in st.KINDS.values())
            ),
        )
    return found.id


_PARSERS: dict[str, Callable[[Any], object]] = {
    "lon": _number,
    "lat": _number,
    "control": _truth,
    "start": _day,
    "end": _day,
    "kind": _kind,
    "datum": lambda v: find_datum(str(v)),
    GIVEN: lambda v: find_datum(str(v)),
}


def _need_datum(file: str, rows: Sequence[_Row], default: str | None) -> None:
    if default is not None or any(r["datum"] for r in rows):
        return
    if any(r["lon"] is not None or r["lat"] is not None for r in rows):
        message = _(
            "{file} gives coordinates without a datum. Add a column datum (坐标系), or say which it"
            " is: WGS84, CGCS2000, GCJ-02 (Amap, Tencent) or BD-09 (Baidu)."
        ).format(file=file)
        code = "stations.no_datum"
        raise BadInputError(code, message, [Problem(file, message, code)])


def _convert(row: _Row, line: int, default: str | None, file: str, problems: list[Problem]) -> None:
    """Convert the position of a row to WGS84; an implausible one is reported and left."""
    lon, lat = row["lon"], row["lat"]
    given = row.pop(GIVEN)
    if lon is None or lat is None:
        return
    row["datum"] = row["datum"] or default
    if row["datum"] is None or st.position_fault(lon, lat):
        return
    if row["datum"] in ("GCJ-02", "BD-09"):
        if not st.in_china(lon, lat):
            message = _("The position is outside China, where {datum} is not defined.").format(
                datum=row["datum"]
            )
            problems.append(Problem(file, message, "datum.outside", line, "lon", f"{lon}, {lat}"))
            return
        x, y = to_wgs84([lon], [lat], row["datum"])
        row["lon"], row["lat"] = round(float(x[0]), _PLACES), round(float(y[0]), _PLACES)
    row["datum"] = given or row["datum"]


def write_register(frame: pl.DataFrame, path: Path, *, headers: Literal["en", "zh"] = "en") -> None:
    """Write a register to ``.csv``, ``.xlsx`` or ``.geojson``, whole or not at all.

    Positions are written in WGS84. Text that a spreadsheet might run as a formula is made harmless;
    :func:`read_register` undoes that, so that what is written reads back equal.

    Parameters
    ----------
    frame
        A register; it is checked first.
    headers
        Column names of CSV and XLSX: identifiers, or Chinese.

    Raises
    ------
    InvalidArgumentError
        The suffix is none of the three.
    BadInputError
        The register is not valid.
    """
    kept = st.conform(frame)
    suffix = path.suffix.lower()
    if suffix in _GEOJSON:
        write_atomically(path, _geojson(kept))
    elif suffix == ".csv":
        write_atomically(path, _csv(_table(kept), headers))
    elif suffix == ".xlsx":
        write_atomically(path, _xlsx(_table(kept), headers))
    else:
        raise InvalidArgumentError(
            "stations.unknown_format",
            _("{file} must end in .csv, .xlsx or .geojson.").format(file=name_of(path)),
        )


def _table(frame: pl.DataFrame) -> pl.DataFrame:
    position = pl.col("lon").is_not_null()
    return frame.with_columns(
        pl.when(position).then(pl.lit("WGS84")).alias("datum"),
        pl.col("datum").alias(GIVEN),
        pl.when("control").then(pl.lit("Y")).otherwise(pl.lit("N")).alias("control"),
        pl.col("start", "end").dt.strftime("%Y-%m-%d"),
    ).with_columns(safe_text(pl.col(pl.String)))


def _titles(frame: pl.DataFrame, headers: Literal["en", "zh"]) -> list[str]:
    if headers == "en":
        return frame.columns
    return [st.settings("headers")[c][0] for c in frame.columns]


def _csv(table: pl.DataFrame, headers: Literal["en", "zh"]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_titles(table, headers))
    writer.writerows(table.rows())
    # spreadsheet programs take a CSV for UTF-8 only with the mark
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: pl.DataFrame, headers: Literal["en", "zh"]) -> bytes:
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    import xlsxwriter  # noqa: PLC0415 - takes a quarter second to load

    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet("stations")
    bold = book.add_format({"bold": True})
    for column, title in enumerate(_titles(table, headers)):
        sheet.write_string(0, column, title, bold)
    for line, row in enumerate(table.rows(), start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value)
            elif value is not None:
                sheet.write_number(line, column, value)
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return out.getvalue()


def _geojson(frame: pl.DataFrame) -> bytes:
    features = []
    for row in frame.iter_rows(named=True):
        lon, lat, given = row.pop("lon"), row.pop("lat"), row.pop("datum")
        shown = {k: str(v) if k in ("start", "end") else v for k, v in row.items() if v is not None}
        if given is not None:
            shown[GIVEN] = given
        point = None if lon is None else {"type": "Point", "coordinates": [lon, lat]}
        features.append(
            {"type": "Feature", "id": row["station"], "geometry": point, "properties": shown}
        )
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()
