"""Guess what each column of a vendor's table holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import polars as pl

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS, Parameter, find_unit, settings
from lantian.observations.readers import table_header as th
from lantian.observations.readers.table_cells import Sheet
from lantian.observations.readers.table_clock import guess_time
from lantian.observations.readers.table_header import Header, HeaderColumn
from lantian.observations.readers.table_mapping import (
    LongColumns,
    Mapping,
    StationColumns,
    ValueColumn,
)

_SEARCHED_ROWS = 30
_HEADER_ROWS = 3
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def guess(sheet: Sheet, *, station: str | None = None) -> Mapping:
    """Return the mapping of a table, guessed from its header and its cells.

    Parameters
    ----------
    sheet
        One sheet of :func:`~lantian.observations.readers.table_cells.load_sheets`.
    station
        Station of the whole file, when the caller knows it.

    Raises
    ------
    BadInputError
        ``read.no_header``, ``read.no_time_column``, ``read.no_parameter``,
        ``read.ambiguous_column`` (two columns for one thing) or ``read.no_station``; the message
        says what was seen and how to write a mapping file.
    """
    header = locate(sheet)
    if header.data >= sheet.cells.height:
        raise fault(sheet, header, "read.empty", _("{file} has no row below its header"))
    long = _long(header)
    time = guess_time(sheet, header)
    if time is None:
        raise _no_time(sheet, header)
    values = () if long is not None else _values(sheet, header)
    used = {c.header for c in time.columns} | {v.header for v in values}
    used |= {v.flag for v in values if v.flag is not None}
    if long is not None:
        used |= {h for h in (long.item, long.value, long.unit, long.flag) if h is not None}
    place = station_columns(sheet, header, used, station)
    used |= {h for h in (place.column, place.name, place.city) if h is not None}
    aqi = next((c.label for c in header.columns if c.role() == "aqi"), None)
    row_flag = _row_flag(header, used)
    used |= {h for h in (aqi, row_flag) if h is not None}
    return Mapping(
        layout="wide" if long is None else "long",
        time=time.columns,
        station=place,
        values=values,
        long=long,
        header_row=int(sheet.lines[header.first]),
        header_rows=header.count,
        period=time.period,
        label=time.label,
        zone=time.zone,
        row_flag=row_flag,
        aqi=aqi,
        ignored=tuple(c.label for c in header.columns if c.label not in used),
    )


def fault(sheet: Sheet, header: Header | None, code: str, what: str) -> BadInputError:
    """Return the error for a table that cannot be understood; ``what`` may hold ``{file}``."""
    seen = ", ".join(f"“{c.label}”" for c in header.columns) if header else _("nothing")
    line = None if header is None else int(sheet.lines[header.first])
    said = what.replace("{file}", sheet.place)
    message = _(
        "The table cannot be read: {what}. Columns seen: {seen}. Correct the header, or write a"
        " mapping file that names for each column its header, and parameter and unit or its part"
        " of the time (the saved mapping of any other table shows the form)."
    ).format(what=said, seen=seen)
    return BadInputError(
        code,
        message,
        [Problem(sheet.place, _("{sentence}.").format(sentence=said), code, line=line)],
    )


def _no_time(sheet: Sheet, header: Header) -> BadInputError:
    what = _("no column of {file} holds the time")
    named = [c for c in header.columns if c.role() in ("datetime", "start", "end")]
    for column in named:
        cells = sheet.cells[column.cell].slice(header.data).drop_nulls()
        if len(cells):
            what = _(
                "“{column}” of {file} holds “{value}”, which is no time such as 2026-01-31 13:00"
            ).format(column=column.label, value=cells[0], file=sheet.place)
            break
    return fault(sheet, header, "read.no_time_column", what)


def locate(sheet: Sheet) -> Header:
    """Return the header rows: the first rows that name a time and something measured.

    Raises
    ------
    BadInputError
        ``read.no_header``, ``read.no_time_column`` or ``read.no_parameter``.
    """
    rows = sheet.cells.head(_SEARCHED_ROWS).rows()
    partial: Header | None = None
    for count in range(1, _HEADER_ROWS + 1):
        for first in range(len(rows) - count + 1):
            header = th.build(sheet, rows, first, count)
            timed, measured = _has_time(header), _has_values(header)
            if timed and measured:
                return _whole(sheet, rows, header)
            if (timed or measured) and len(header.columns) > 1:
                partial = partial or header
    for first in range(len(rows)):
        header = th.build(sheet, rows, first, 1)
        if _has_values(header) and guess_time(sheet, header) is not None:
            return header
    if partial is None:
        raise fault(
            sheet,
            _widest(sheet, rows),
            "read.no_header",
            _(
                "{file} is no table of measurements: no row of it names its columns, as a first "
                "line like “time, station, PM2.5” does"
            ),
        )
    if _has_time(partial):
        raise fault(
            sheet, partial, "read.no_parameter", _("no column of {file} holds a known parameter")
        )
    raise fault(sheet, partial, "read.no_time_column", _("no column of {file} holds the time"))


def _widest(sheet: Sheet, rows: Sequence[th.Row]) -> Header:
    first = max(range(len(rows)), key=lambda i: sum(cell is not None for cell in rows[i]))
    return th.build(sheet, rows, first, 1)


def _has_time(header: Header) -> bool:
    found = {c.role() for c in header.columns}
    return bool(found & {"datetime", "start", "end"}) or {"year", "month", "day"} <= found


def _has_values(header: Header) -> bool:
    if any(c.parameter() is not None for c in header.columns):
        return True
    return _long(header) is not None


def _whole(sheet: Sheet, rows: Sequence[th.Row], header: Header) -> Header:
    """Add the rows below that still are header (units, sub-headings), and a heading row above."""
    while header.count < _HEADER_ROWS and header.data < len(rows):
        row = rows[header.data]
        if not any(row) or any(cell and _is_data(cell) for cell in row):
            break
        wider = th.build(sheet, rows, header.first, header.count + 1)
        if guess_time(sheet, wider) is None or not _has_values(wider):
            break
        header = wider
    above = header.first - 1
    if above >= 0 and _twice(header) and sum(cell is not None for cell in rows[above]) > 1:
        wider = th.build(sheet, rows, above, header.count + 1)
        if _has_values(wider) and not _twice(wider):
            return wider
    return header


def _is_data(cell: str) -> bool:
    if _NUMBER.match(cell) or re.match(settings("missing")["pattern"], cell):
        return True
    return re.match(r"^\d{4}\s*[-/.年]?\s*\d{1,2}", cell) is not None


def _twice(header: Header) -> bool:
    found = [p.id for c in header.columns if _is_value(c) and (p := c.parameter()) is not None]
    return len(found) > len(set(found))


def _is_value(column: HeaderColumn) -> bool:
    return not column.says("flag") and column.role() in (None, "value")


def _long(header: Header) -> LongColumns | None:
    """Return the columns of a long table, None if the table is not long."""
    by_role: dict[str, HeaderColumn] = {}
    for column in header.columns:
        role = column.role()
        if role is not None:
            by_role.setdefault(role, column)
    if "item" not in by_role or "value" not in by_role:
        return None
    if any(_is_value(c) and c.parameter() is not None for c in header.columns):
        return None
    unit = by_role.get("unit")
    flags = [c.label for c in header.columns if c.role() is None and c.says("flag")]
    return LongColumns(
        item=by_role["item"].label,
        value=by_role["value"].label,
        unit=None if unit is None else unit.label,
        flag=flags[0] if flags else None,
    )


def _values(sheet: Sheet, header: Header) -> tuple[ValueColumn, ...]:
    found: dict[str, list[HeaderColumn]] = {}
    flags: dict[str, str] = {}
    last: Parameter | None = None
    for column in header.columns:
        if column.says("flag"):
            owner = _flag_owner(column) or last
            if owner is not None and (owner is last or _flag_owner(column)):
                flags.setdefault(owner.id, column.label)
            continue
        parameter = column.parameter() if _is_value(column) else None
        if parameter is None or _is_serial(sheet, header, column):
            last = None if column.named else last
            continue
        if parameter is last and not column.named and _only_marks(sheet, header, column):
            flags.setdefault(parameter.id, column.label)
            continue
        found.setdefault(parameter.id, []).append(column)
        last = parameter
    if not found:
        raise fault(
            sheet, header, "read.no_parameter", _("no column of {file} holds a known parameter")
        )
    for name, columns in found.items():
        if len(columns) > 1:
            names = ", ".join(f"“{c.label}”" for c in columns)
            raise fault(
                sheet,
                header,
                "read.ambiguous_column",
                _("{columns} of {file} are all taken for {parameter}").format(
                    columns=names, parameter=PARAMETERS[name].title, file=sheet.place
                ),
            )
    return tuple(
        ValueColumn(c[0].label, name, _unit(c[0], header, PARAMETERS[name]), flags.get(name))
        for name, c in found.items()
    )


def _flag_owner(column: HeaderColumn) -> Parameter | None:
    for part in column.parts:
        bare = part.lower()
        for word in th.words("flag"):
            bare = bare.replace(word, "")
        stripped = HeaderColumn(column.index, bare, (bare,)) if bare.strip(" _-") else None
        if stripped is not None and (found := stripped.parameter()) is not None:
            return found
    return None


def _row_flag(header: Header, used: set[str]) -> str | None:
    """Return a column of marks that belongs to no parameter: it speaks of the whole row."""
    free = [c for c in header.columns if c.says("flag") and c.label not in used]
    own = [c.label for c in free if _flag_owner(c) is None and not c.says("not_hourly")]
    return own[0] if len(own) == 1 else None


def _only_marks(sheet: Sheet, header: Header, column: HeaderColumn) -> bool:
    cells = sheet.cells[column.cell].slice(header.data).drop_nulls()
    return not bool(cells.str.contains(r"\d").any())


def _is_serial(sheet: Sheet, header: Header, column: HeaderColumn) -> bool:
    """Say whether a column called "No." counts the rows rather than nitric oxide."""
    if th.key(column.label) != "no":
        return False
    numbers = sheet.cells[column.cell].slice(header.data).drop_nulls().cast(pl.Int64, strict=False)
    steps = numbers.drop_nulls().diff().drop_nulls()
    return numbers.null_count() == 0 and len(steps) > 0 and bool((steps == 1).all())


def _unit(column: HeaderColumn, header: Header, parameter: Parameter) -> str:
    stated = column.unit()
    if stated is not None:
        return stated.id
    titled = _title_unit(header.titles)
    # a title such as "单位:μg/m³(CO:mg/m³)" speaks of the pollutants; CO keeps its own
    if titled is not None and parameter.kind == "pollutant" and parameter.id != "co":
        return titled
    return parameter.unit


def _title_unit(titles: Sequence[str]) -> str | None:
    for title in titles:
        plain = unicodedata.normalize("NFKC", title)
        match = re.search(r"(?:单位|units?)\s*[:为]?\s*([^\s,;()，；、]+)", plain, re.IGNORECASE)
        if match is not None and (unit := find_unit(match.group(1))) is not None:
            return unit.id
    return None


def station_columns(
    sheet: Sheet, header: Header, used: set[str], station: str | None
) -> StationColumns:
    """Return where the station is named: a column, else given, the title, the name of the sheet."""
    roles: dict[str, list[str]] = {"station_id": [], "station_name": [], "city": []}
    for column in header.columns:
        role = column.role()
        if role in roles and column.label not in used:
            roles[role].append(column.label)
    city = roles["city"][0] if roles["city"] else None
    if roles["station_id"] or roles["station_name"]:
        column_ = (roles["station_id"] or roles["station_name"])[0]
        name = roles["station_name"][0] if roles["station_name"] else None
        return StationColumns("column", column_, None if name == column_ else name, city)
    if station is not None:
        return StationColumns("given", text=station)
    if labelled_station(header.titles) is not None:
        return StationColumns("title")
    if sheet.name is not None and not th.generic_sheet(sheet.name):
        return StationColumns("sheet")
    if titled_station(header.titles) is not None:
        return StationColumns("title")
    raise fault(
        sheet,
        header,
        "read.no_station",
        _("{file} does not name its station; give it as an option"),
    )


def labelled_station(titles: Sequence[str]) -> str | None:
    """Return the station of ``站点：X`` above the table, or of the cell after ``站点``."""
    names = "|".join(th.words("station_label"))
    for position, title in enumerate(titles):
        plain = unicodedata.normalize("NFKC", title)
        match = re.search(rf"(?:{names})\s*(?:名称)?\s*:\s*([^\s,;]+)", plain, re.IGNORECASE)
        if match is not None:
            return match.group(1)
        bare = re.fullmatch(rf"(?:{names})\s*:?", plain.strip(), re.IGNORECASE)
        if bare is not None and position + 1 < len(titles):
            return titles[position + 1]
    return None


def titled_station(titles: Sequence[str]) -> str | None:
    """Return the station of a title such as ``X站2026年1月空气质量小时数据``."""
    for title in titles:
        match = re.match(r"^(.{1,20}?站)(?=\d{4}年|空气|环境|小时|监测|数据|\s|$)", title)
        if match is not None:
            return match.group(1)
    return None
