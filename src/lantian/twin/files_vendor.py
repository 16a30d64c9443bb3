"""The simulated hours as vendors of instruments hand them over: a workbook and a GBK table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lantian.twin.county import County
from lantian.twin.files_open import wide
from lantian.twin.plan import DIGITS, POLLUTANTS, WEATHER, section

XLSX_STATION = "9907S"
CSV_STATIONS = ("9905S", "9906S", "9908S")
XLSX_DAYS = 31
CSV_DAYS = 14
_HEADERS = {
    "pm25": "PM2.5(μg/m³)", "pm10": "PM10(μg/m³)", "so2": "SO2(μg/m³)", "no2": "NO2(μg/m³)",
    "co": "CO(mg/m³)", "o3": "O3(μg/m³)", "ws": "风速(m/s)", "wd": "风向(°)", "temp": "气温(℃)",
    "rh": "相对湿度(%)", "pres": "气压(hPa)", "rain": "降水量(mm)",
}  # fmt: skip
_MARKS = ("—", "H", "/", "校准")
_BROKEN = "BB"
_FIRST = ("序号", "站点编号", "站点名称", "监测时间")


def mark(row: int, row_values: Sequence[float | None]) -> str:
    """Return what a vendor writes where a value is missing: another mark if nothing arrived."""
    return _BROKEN if all(v is None for v in row_values) else _MARKS[row % len(_MARKS)]


def workbook(county: County) -> tuple[str, bytes]:
    """Return a month of one station as a workbook.

    Two title rows, a header of two rows with merged cells and units, times as dates, marks in
    cells, a row of means at the end.
    """
    frame = wide(county, XLSX_STATION, county.end - timedelta(days=XLSX_DAYS), county.end)
    name = _name(county, XLSX_STATION)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    # the date of making is part of the bytes
    book.set_properties({"created": datetime(2000, 1, 1), "comments": section("county")["source"]})
    sheet = book.add_worksheet("小时数据")
    bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
    last = len(_FIRST) + len(_HEADERS) - 1
    sheet.merge_range(0, 0, 0, last, f"{county.name} 空气质量小时数据", bold)
    sheet.merge_range(1, 0, 1, last, f"{section('county')['operator']}，时间为小时结束时刻", bold)
    for column, text in enumerate(_FIRST):
        sheet.merge_range(2, column, 3, column, text, bold)
    start = len(_FIRST)
    sheet.merge_range(2, start, 2, start + len(POLLUTANTS) - 1, "污染物浓度", bold)
    sheet.merge_range(2, start + len(POLLUTANTS), 2, last, "气象参数", bold)
    for column, text in enumerate(_HEADERS.values(), start=start):
        sheet.write_string(3, column, text, bold)
    _body(sheet, frame, name, county.zone, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
    book.close()
    return f"vendor_{XLSX_STATION}_{section('county')['source']}.xlsx", buffer.getvalue()


def _body(sheet: Worksheet, frame: pl.DataFrame, name: str, zone: str, clock: Format) -> None:
    place = ZoneInfo(zone)
    first, names = 4, list(_HEADERS)
    for number, row in enumerate(frame.iter_rows(named=True)):
        at = first + number
        local = row["time"].astimezone(place).replace(tzinfo=None)
        sheet.write_number(at, 0, number + 1)
        sheet.write_string(at, 1, XLSX_STATION)
        sheet.write_string(at, 2, name)
        sheet.write_datetime(at, 3, local, clock)
        for column, (parameter, value) in enumerate(_cells(row, number, names), start=4):
            if isinstance(value, str):
                sheet.write_string(at, column, value)
            elif value is not None:
                sheet.write_number(at, column, round(value, DIGITS.get(parameter, 0)))
    end = first + frame.height
    sheet.write_string(end, 3, "平均值")
    for column, parameter in enumerate(names, start=4):
        mean = frame[parameter].mean()
        if isinstance(mean, float) and parameter != "wd":
            sheet.write_number(end, column, round(mean, 2))


def _cells(
    row: dict[str, Any], number: int, names: Sequence[str]
) -> list[tuple[str, float | str | None]]:
    """Return the cells of an hour; the direction of a calm is left empty, it is not missing."""
    lost = mark(number, [row[p] for p in (*POLLUTANTS, *WEATHER)])
    return [
        (p, None if p == "wd" and row["ws"] == 0.0 else lost) if row[p] is None else (p, row[p])
        for p in names
    ]


def gbk(county: County) -> tuple[str, bytes]:
    """Return two weeks of some stations as a CSV in GBK, pollutants only."""
    head = [*_FIRST[1:], *(_HEADERS[p].replace("³", "3") for p in POLLUTANTS)]
    lines = [",".join(head)]
    place = ZoneInfo(county.zone)
    for station in CSV_STATIONS:
        name = _name(county, station)
        frame = wide(county, station, county.end - timedelta(days=CSV_DAYS), county.end)
        for number, row in enumerate(frame.iter_rows(named=True)):
            lost = mark(number, [row[p] for p in (*POLLUTANTS, *WEATHER)])
            cells = [
                lost if row[p] is None else f"{row[p]:.{DIGITS.get(p, 0)}f}" for p in POLLUTANTS
            ]
            local = row["time"].astimezone(place)
            lines.append(",".join([station, name, local.strftime("%Y-%m-%d %H:%M"), *cells]))
    text = "\r\n".join(lines) + "\r\n"
    return (
        f"vendor_{len(CSV_STATIONS)}_stations_gbk_{section('county')['source']}.csv",
        text.encode("gbk"),
    )


def _name(county: County, station: str) -> str:
    row = county.register.filter(pl.col("station") == station).row(0, named=True)
    return str(row["name"])
