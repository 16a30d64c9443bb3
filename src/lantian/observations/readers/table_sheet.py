"""Read one sheet by its mapping."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import polars as pl

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.readers import table_header as th
from lantian.observations.readers import table_time as tt
from lantian.observations.readers.base import Options, Reading
from lantian.observations.readers.cells import Found
from lantian.observations.readers.finish import finish
from lantian.observations.readers.table_cells import Sheet
from lantian.observations.readers.table_clock import period_minutes, period_text, read_parts
from lantian.observations.readers.table_guess import labelled_station, locate, titled_station
from lantian.observations.readers.table_header import Header
from lantian.observations.readers.table_mapping import Mapping, StationColumns
from lantian.observations.readers.table_pieces import Body, long_pieces, published, wide_pieces
from lantian.observations.readers.text import LINE

_DAY = 1440
_SEARCHED_ROWS = 30


def read_sheet(sheet: Sheet, mapping: Mapping, options: Options, name: str) -> Reading:
    """Return the values of one sheet.

    Parameters
    ----------
    sheet
        Cells as text.
    mapping
        What its columns hold.
    options
        Zone, units and station of the caller.
    name
        Name of the reader.

    Raises
    ------
    BadInputError
        ``read.mapping_mismatch``: the sheet lacks columns of the mapping; ``read.no_station``;
        ``parameters.wrong_unit``.
    """
    header = fitting_header(sheet, mapping)
    notes: list[str] = []
    found = Found(sheet.place)
    if options.station is not None and mapping.station.source != "column":
        given = StationColumns("given", text=options.station)
        mapping = dataclasses.replace(mapping, station=given)
    if mapping.period == "1h" and options.period != "1h":
        mapping = dataclasses.replace(mapping, period=options.period)
    body = _body(sheet, header, mapping, notes)
    _ragged(sheet, header, mapping, body, found)
    body = _filled(sheet, header, mapping, body, notes)
    rows = pl.DataFrame(
        {
            LINE: body[LINE],
            "station": _stations(sheet, header, mapping, body, found),
            "time": _times(header, mapping, body, options.zone, found),
        }
    )
    cells = {label: body[_cell(header, label)] for label in mapping.headers()}
    options = dataclasses.replace(options, units={**mapping.confirmed_units(), **options.units})
    make = wide_pieces if mapping.layout == "wide" else long_pieces
    values = Body(rows, cells, mapping, options, found, notes)
    long = make(values)
    if mapping.period != "1h":
        notes.append(_("The values were taken as means over {p}.").format(p=mapping.period))
    if mapping.ignored:
        notes.append(_("Columns not read: {names}.").format(names=", ".join(mapping.ignored)))
    reading = finish(
        long.with_columns(
            pl.lit(mapping.period).alias("period"), pl.lit(sheet.file).alias("source")
        ),
        _source(header, body),
        found,
        name=name,
        options=options,
        notes=notes,
        published=published(values),
        stations=_station_table(rows, cells, mapping),
    )
    return dataclasses.replace(reading, mapping=mapping)


def fitting_header(sheet: Sheet, mapping: Mapping) -> Header:
    """Return the header of the sheet that has the columns of the mapping."""
    rows = sheet.cells.head(_SEARCHED_ROWS + (mapping.header_row or 0)).rows()
    lines = sheet.lines.head(len(rows)).to_list()
    absent: list[str] = []
    wanted = mapping.headers()
    if mapping.header_row in lines:
        first = lines.index(mapping.header_row)
        if first + mapping.header_rows <= len(rows):
            header = th.build(sheet, rows, first, mapping.header_rows)
            absent = [h for h in wanted if header.find(h) is None]
            if not absent:
                return header
    try:
        header = locate(sheet)
        absent = [h for h in wanted if header.find(h) is None]
        if not absent:
            return header
    except BadInputError:
        absent = absent or list(wanted)
    message = _("The mapping names columns that {file} does not have: {names}.").format(
        file=sheet.place, names=", ".join(f"“{h}”" for h in absent)
    )
    code = "read.mapping_mismatch"
    raise BadInputError(code, message, [Problem(sheet.place, message, code)])


def _cell(header: Header, label: str) -> str:
    column = header.find(label)
    if column is None:
        raise LookupError(f"no column is headed {label!r}")  # fitting_header has looked
    return column.cell


def _body(sheet: Sheet, header: Header, mapping: Mapping, notes: list[str]) -> pl.DataFrame:
    """Return the rows below the header that hold data: no blank rows, sums, repeated headers."""
    body = sheet.cells.with_columns(sheet.lines.alias(LINE))
    if sheet.widths is not None:
        body = body.with_columns(sheet.widths.alias("width"))
    body = body.slice(header.data)
    body = body.filter(~pl.all_horizontal(pl.col(sheet.cells.columns).is_null()))
    first = _cell(header, mapping.time[0].header)
    titles = set(sheet.cells[first].slice(header.first, header.count).drop_nulls())
    starts = pl.concat([body[first], body[sheet.cells.columns[0]]]).drop_nulls().unique()
    words = th.words("summary")
    sums = [t for t in starts.to_list() if t.lower().startswith(words) and not _dated(t)]
    again = pl.col(first).is_in(list(titles)).fill_null(False)
    summed = pl.col(first).is_in(sums).fill_null(False)
    # a remark stands in the first column, with nothing where the time should be
    remark = pl.col(first).is_null() & pl.col(sheet.cells.columns[0]).is_in(sums).fill_null(False)
    left_out = body.filter(again | summed | remark)[LINE]
    if len(left_out):
        notes.append(
            _("Lines not read, since they repeat the header or sum up others: {lines}.").format(
                lines=_listed(left_out.to_list())
            )
        )
    return body.filter(~(again | summed | remark))


def _dated(start: str) -> bool:
    return tt.parse_dates(pl.Series([start]))["date"][0] is not None


def _listed(lines: list[int], most: int = 10) -> str:
    shown = ", ".join(map(str, lines[:most]))
    return (
        shown
        if len(lines) <= most
        else _("{lines} and {n} more").format(lines=shown, n=len(lines) - most)
    )


def _ragged(
    sheet: Sheet, header: Header, mapping: Mapping, body: pl.DataFrame, found: Found
) -> None:
    """Report lines that stop before their last value, or go on after the last column."""
    if sheet.widths is None:
        return
    needed = max(int(_cell(header, h)[1:]) for h in mapping.headers()) + 1
    last = header.columns[-1].index + 1
    beyond = [c for c in sheet.cells.columns if int(c[1:]) >= last]
    long = pl.any_horizontal(pl.col(c).is_not_null() for c in beyond) if beyond else pl.lit(False)
    bad = body.filter((pl.col("width") < needed) | long)
    for line, width in bad.select(LINE, "width").iter_rows():
        message = _("The row has {found} cells, the header {expected}.").format(
            found=width, expected=last
        )
        found.add([Problem(sheet.place, message, "read.ragged_row", line)])


def _filled(
    sheet: Sheet, header: Header, mapping: Mapping, body: pl.DataFrame, notes: list[str]
) -> pl.DataFrame:
    """Fill cells merged downwards (station, date), which a workbook gives as empty."""
    if sheet.name is None:
        return body
    labels = [c.header for c in mapping.time if c.part == "date" and len(mapping.time) > 1]
    if mapping.station.source == "column" and mapping.station.column is not None:
        labels += [mapping.station.column]
    cells = [_cell(header, label) for label in labels]
    merged = [c for c in cells if body[c].null_count() and body.height and body[c][0] is not None]
    if merged:
        names = ", ".join(label for label, c in zip(labels, cells, strict=True) if c in merged)
        notes.append(_("Empty cells of {names} were filled from above.").format(names=names))
    return body.with_columns(pl.col(c).forward_fill() for c in merged)


def _stations(
    sheet: Sheet,
    header: Header,
    mapping: Mapping,
    body: pl.DataFrame,
    found: Found,
) -> pl.Series:
    station = mapping.station
    if station.source == "column" and station.column is not None:
        names = body[_cell(header, station.column)].alias("station")
        nobody = body.filter(names.is_null()).select(LINE, text=pl.lit(""))
        found.cells(
            nobody,
            station.column,
            "read.no_station",
            lambda _text: _("The row does not say which station it is of."),
        )
        return names
    name = {
        "sheet": sheet.name,
        "title": labelled_station(header.titles) or titled_station(header.titles),
        "given": station.text,
        "column": None,
    }[station.source]
    if not name:
        message = _("{file} does not name its station; give it as an option.").format(
            file=sheet.place
        )
        code = "read.no_station"
        raise BadInputError(code, message, [Problem(sheet.place, message, code)])
    return pl.repeat(name, body.height, dtype=pl.String(), eager=True).alias("station")


def _times(
    header: Header, mapping: Mapping, body: pl.DataFrame, zone: str, found: Found
) -> pl.Series:
    """Return the UTC ends of the periods; what is none is reported."""
    cells = {c.header: body[_cell(header, c.header)] for c in mapping.time}
    parsed = read_parts(mapping.time, cells)
    period = period_minutes(mapping.period)
    if period == _DAY and not any(c.part in ("datetime", "hour") for c in mapping.time):
        # the date names the day, which ends at its 24:00
        whole = {"minute": pl.lit(_DAY, pl.Int64), "begin": pl.lit(0, pl.Int64)}
        parsed = parsed.with_columns(**whole)
    time = tt.to_utc(parsed, mapping.zone or zone, period if mapping.label == "start" else 0)
    shown = pl.DataFrame(cells).select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True))
    places = body.select(LINE).with_columns(shown.to_series().alias("text"))
    column = mapping.time[0].header
    unread = parsed["date"].is_null() | parsed["minute"].is_null()
    found.cells(places.filter(unread), column, "read.bad_time", _no_time)
    unreal = time.is_null() & ~unread
    found.cells(places.filter(unreal), column, "read.no_such_time", _no_such_time)
    length = parsed["minute"] - parsed["begin"]
    wrong = (length != period).fill_null(False) & ~unread
    found.cells(places.filter(wrong), column, "read.wrong_range", _wrong_range(mapping.period))
    step = min(period, 60)
    between = ((parsed["minute"] % step) != 0).fill_null(False) & ~unread & ~wrong
    found.cells(places.filter(between), column, "read.off_step", _off_step(period_text(step)))
    return time


def _no_time(value: str) -> str:
    return _("'{value}' is not a time; write it as 2026-01-31 13:00.").format(value=value)


def _no_such_time(value: str) -> str:
    return _("'{value}' does not exist, or exists twice, in the time zone.").format(value=value)


def _wrong_range(period: str) -> Callable[[str], str]:
    def say(value: str) -> str:
        return _("'{value}' is not a range of {period}.").format(value=value, period=period)

    return say


def _off_step(step: str) -> Callable[[str], str]:
    def say(value: str) -> str:
        return _("'{value}' is not the end of a full {step}.").format(value=value, step=step)

    return say


def _station_table(
    rows: pl.DataFrame, cells: dict[str, pl.Series], mapping: Mapping
) -> pl.DataFrame | None:
    station = mapping.station
    extra = {k: h for k, h in (("name", station.name), ("city", station.city)) if h is not None}
    if not extra:
        return None
    table = rows.select("station").with_columns(
        cells[label].alias(column) for column, label in extra.items()
    )
    return table.drop_nulls("station").unique("station", keep="first", maintain_order=True)


def _source(header: Header, body: pl.DataFrame) -> pl.DataFrame:
    names = {c.cell: c.label for c in header.columns if c.label != LINE}
    return body.drop("width", strict=False).rename(names)
