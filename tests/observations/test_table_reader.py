"""The generic reader of vendors' CSV and workbooks."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lantian.errors import BadInputError
from lantian.observations.readers.base import Head, Options
from lantian.observations.readers.table import TableReader
from lantian.observations.readers.table_time import parse_dates, parse_hours, to_utc
from lantian.observations.readers.table_values import read_values
from lantian.observations.readers.uci_prsa import UciPrsaReader
from lantian.observations.schema import LONG

READER = TableReader()


def _read(path: Path, text: str | None = None, encoding: str = "utf-8", **options):
    if text is not None:
        path.write_bytes(text.encode(encoding))
    return READER.read(path, Options(**options))


def _values(reading, zone="Asia/Shanghai"):
    """Return (station, parameter, local end, value, flag, grade) of each row."""
    local = reading.frame.with_columns(
        pl.col("time").dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M")
    )
    return local.select("station", "parameter", "time", "value", "flag", "grade").rows()


def _codes(problems):
    return [(p.line, p.column, p.code) for p in problems]


def _book(path: Path, **sheets):
    """Write sheets given as lists of rows; a tuple (text, width) is merged over columns."""
    book = xlsxwriter.Workbook(path)
    formats = {
        dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        dt.time: book.add_format({"num_format": "hh:mm"}),
    }
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, tuple):
                    sheet.merge_range(line, column, line, column + cell[1] - 1, cell[0])
                elif type(cell) in formats:
                    sheet.write_datetime(line, column, cell, formats[type(cell)])
                elif cell is not None:
                    sheet.write(line, column, cell)
    book.close()
    return path


WIDE = (
    "某县环境空气自动站小时数据\n"
    "单位：μg/m³（CO为mg/m³）\n"
    "站点名称,监测时间,PM2.5(μg/m³),PM10(μg/m³),CO(mg/m³),AQI,首要污染物,风向\n"
    "怀庆站,2026年1月1日 1时,35,80,1.2,50,PM2.5,NE\n"
    "怀庆站,2026年1月1日 2时,36(H),—,BB,51,,东北\n"
    "怀庆站,2026年1月1日 3时,,/,1.3,52,,90\n"
    "平均值,,35,80,1.2,51,,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_wide_with_titles_units_and_marks(tmp_path, encoding):
    reading = _read(tmp_path / "a.csv", WIDE, encoding)
    assert _values(reading) == [
        ("怀庆站", "pm25", "2026-01-01 01:00", 35.0, "", "valid"),
        ("怀庆站", "pm25", "2026-01-01 02:00", 36.0, "H", "invalid"),
        ("怀庆站", "pm10", "2026-01-01 01:00", 80.0, "", "valid"),
        ("怀庆站", "pm10", "2026-01-01 02:00", None, "—", "invalid"),
        ("怀庆站", "pm10", "2026-01-01 03:00", None, "/", "invalid"),
        ("怀庆站", "co", "2026-01-01 01:00", 1.2, "", "valid"),
        ("怀庆站", "co", "2026-01-01 02:00", None, "BB", "invalid"),
        ("怀庆站", "co", "2026-01-01 03:00", 1.3, "", "valid"),
        ("怀庆站", "wd", "2026-01-01 01:00", 45.0, "", "valid"),
        ("怀庆站", "wd", "2026-01-01 02:00", 45.0, "", "valid"),
        ("怀庆站", "wd", "2026-01-01 03:00", 90.0, "", "valid"),
    ]
    assert dict(reading.frame.schema) == LONG
    assert reading.frame["period"].unique().to_list() == ["1h"]
    assert reading.frame["source"].unique().to_list() == ["a.csv"]
    assert reading.problems == ()
    assert reading.rejected is None
    assert reading.published["aqi"].to_list() == [50.0, 51.0, 52.0]
    assert any("首要污染物" in note for note in reading.notes)
    assert any("sum up" in note and "7" in note for note in reading.notes)


def test_true_gbk_without_superscripts(tmp_path):
    text = "时间,站点,PM2.5(ug/m3)\n2026-01-01 01:00,怀庆站,35\n"
    assert _values(_read(tmp_path / "a.csv", text, "gbk"))[0][0] == "怀庆站"


def test_gzip(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(WIDE.encode()))
    assert _read(path).frame.height == 11
    path.write_bytes(gzip.compress(WIDE.encode())[:-20])
    with pytest.raises(BadInputError) as error:
        _read(path)
    assert error.value.code == "read.truncated"


def test_long_with_units_marks_and_ranges(tmp_path):
    reading = _read(
        tmp_path / "a.csv",
        "监测点编码,监测时间,监测项目,监测值,单位,数据标识\n"
        "1001A,2026-01-01 00:00-01:00,PM2.5,35,μg/m³,N\n"
        "1001A,2026-01-01 00:00-01:00,CO,1200,μg/m³,H\n"
        "1001A,2026-01-01 00:00-01:00,AQI,50,,\n"
        "1001A,2026-01-01 23:00-00:00,风向,东北,°,\n"
        "1001A,2026-01-01 23:00-00:00,某因子,50,,\n"
        "1001A,2026-01-01 23:00-00:00,O3,五十,μg/m³,\n"
        "1001A,2026-01-01 23:00-00:00,SO2,5,furlong,\n"
        "1001A,2026-01-01 23:00-00:00,NO2,1x2,μg/m³,\n",
    )
    assert _values(reading) == [
        ("1001A", "pm25", "2026-01-01 01:00", 35.0, "N", "valid"),
        ("1001A", "co", "2026-01-01 01:00", 1.2, "H", "invalid"),
        ("1001A", "wd", "2026-01-02 00:00", 45.0, "", "valid"),
        ("1001A", "o3", "2026-01-02 00:00", None, "五十", "invalid"),
    ]
    assert _codes(reading.problems) == [
        (8, "单位", "read.unknown_unit"),
        (9, "监测值", "read.not_a_number"),
    ]
    assert reading.published.select("station", "aqi").rows() == [("1001A", 50.0)]
    assert any("某因子" in note for note in reading.notes)
    assert any("五十" in note for note in reading.notes)
    assert reading.mapping.layout == "long"


def test_two_row_headers_merged_cells_and_a_sheet_for_each_station(tmp_path):
    rows = [
        [("某县空气质量自动站小时数据", 7)],
        ["时间", ("PM2.5", 2), None, ("CO", 2), None, "PM10", "备注"],
        [None, "浓度(μg/m³)", "标识", "浓度(mg/m³)", "IAQI", "μg/m³", None],
        [dt.datetime(2026, 1, 1, 1), 35.123456789012, "", 1.2, 30, "—", "x"],
        [dt.datetime(2026, 1, 1, 2), 36, "W", 1.3, 33, 80, None],
    ]
    path = _book(
        tmp_path / "a.xlsx", 怀庆站=rows, 覃怀站=rows, 说明=[["本表由某公司提供"], ["仅供参考"]]
    )
    reading = _read(path)
    one = [
        ("pm25", "2026-01-01 01:00", 35.123456789012, "", "valid"),
        ("pm25", "2026-01-01 02:00", 36.0, "W", "invalid"),
        ("co", "2026-01-01 01:00", 1.2, "", "valid"),
        ("co", "2026-01-01 02:00", 1.3, "", "valid"),
        ("pm10", "2026-01-01 01:00", None, "—", "invalid"),
        ("pm10", "2026-01-01 02:00", 80.0, "", "valid"),
    ]
    assert _values(reading) == [(s, *row) for s in ("怀庆站", "覃怀站") for row in one]
    assert any("说明" in note for note in reading.notes)
    assert reading.mapping.station.source == "sheet"


def test_merged_dates_times_of_day_and_an_unnamed_column_of_marks(tmp_path):
    path = _book(
        tmp_path / "a.xlsx",
        Sheet1=[
            [("怀庆街道站2026年1月空气质量小时数据", 5)],
            ["日期", "时刻", ("PM2.5", 2), None, "O3", "O3_8h"],
            [None, None, "μg/m³", None, "ppb", None],
            [dt.date(2026, 1, 1), dt.time(1), 35, None, 40, 40],
            [None, dt.time(2), 36, "W", 40, 40],
            [dt.date(2026, 1, 2), dt.time(0), 37, "RM", 40, 40],
        ],
    )
    reading = _read(path)
    assert _values(reading)[:3] == [
        ("怀庆街道站", "pm25", "2026-01-01 01:00", 35.0, "", "valid"),
        ("怀庆街道站", "pm25", "2026-01-01 02:00", 36.0, "W", "invalid"),
        ("怀庆街道站", "pm25", "2026-01-02 00:00", 37.0, "RM", "invalid"),
    ]
    # 40 ppb at 298.15 K and 1013.25 hPa: 40 · 47.997 / 24.465
    assert reading.frame["value"][3] == pytest.approx(78.473, abs=1e-3)
    assert any("日期" in note and "above" in note for note in reading.notes)
    assert any("O3_8h" in note for note in reading.notes)


def test_sheets_that_disagree(tmp_path):
    head = ["时间", "站点", "PM2.5"]
    at = dt.datetime(2026, 1, 1, 1)
    path = _book(tmp_path / "a.xlsx", A=[head, [at, "X", 35]], B=[head, [at, "X", 35]])
    assert _read(path).frame.height == 1
    path = _book(tmp_path / "b.xlsx", A=[head, [at, "X", 35]], B=[head, [at, "X", 36]])
    reading = _read(path)
    assert reading.frame.is_empty()
    assert [p.code for p in reading.problems] == ["read.conflict"]


@pytest.mark.parametrize(
    ("header", "row", "end", "period"),
    [
        ("时间", "2026-01-01 00:00-01:00", "2026-01-01 01:00", "1h"),
        ("时间", "2026/1/1 24:00", "2026-01-02 00:00", "1h"),
        ("date,hour", "2026-01-01,0", "2026-01-01 00:00", "1h"),
        ("日期,小时", "20260101,24", "2026-01-02 00:00", "1h"),
        ("日期,时段", "2026-01-01,00~01", "2026-01-01 01:00", "1h"),
        ("日期,时刻", "2026年1月1日,23时-24时", "2026-01-02 00:00", "1h"),
        ("年,月,日,时", "2026,1,1,13", "2026-01-01 13:00", "1h"),
        ("开始时间,结束时间", "2026-01-01 00:00,2026-01-01 01:00", "2026-01-01 01:00", "1h"),
        ("开始时间", "2026-01-01 00:00:00", "2026-01-01 01:00", "1h"),
        ("时间(UTC)", "2026-01-01 05:00", "2026-01-01 13:00", "1h"),
        ("time", "2026-01-01T05:00:00Z", "2026-01-01 13:00", "1h"),
        ("time", "2026-01-01T13:00:00+08:00", "2026-01-01 13:00", "1h"),
        ("时间", "46023.0416666667", "2026-01-01 01:00", "1h"),
        ("日期", "2026-01-01", "2026-01-02 00:00", "24h"),
    ],
)
def test_ways_to_tell_the_time(tmp_path, header, row, end, period):
    reading = _read(tmp_path / "a.csv", f"{header},SO2\n{row},8\n", station="A")
    assert reading.problems == ()
    assert _values(reading) == [("A", "so2", end, 8.0, "", "valid")]
    assert reading.mapping.period == period


def test_five_minute_values_and_semicolons(tmp_path):
    reading = _read(
        tmp_path / "a.csv",
        "监测时间;站点编号;PM10;温度(℃);气压(kPa)\n"
        "2026-01-01 00:05:00;A;35;3.5;101.3\n2026-01-01 00:10:00;A;36;-3.6;101.2\n",
    )
    assert reading.mapping.period == "5m"
    assert reading.frame["period"].unique().to_list() == ["5m"]
    assert reading.frame.filter(parameter="pres")["value"].to_list() == [1013.0, 1012.0]


def test_bad_cells_reject_their_row_and_say_where(tmp_path):
    reading = _read(
        tmp_path / "bad.csv",
        "时间,站点,PM2.5,SO2\n"
        "2026-01-01 01:00,A,12O,8\n"
        "2026-02-30 01:00,A,12,8\n"
        "2026-01-01 02:30,A,12,8\n"
        "2026-01-01 03:00,,12,8\n"
        "2026-01-01 04:00,A,12\n"
        "2026-01-01 05:00,A,12,8,9\n"
        "2026-01-01 06:00-08:00,A,12,8\n"
        "2026-01-01 09:00,A,1.2.3,8\n"
        "2026-01-01 10:00,A,35,8\n"
        "2026-01-01 11:00,A,36,8\n"
        "2026-01-01 12:00,A,37,8\n"
        "2026-01-01 13:00,A,38,8\n",
    )
    assert _codes(reading.problems) == [
        (2, "PM2.5", "read.not_a_number"),
        (3, "时间", "read.bad_time"),
        (4, "时间", "read.off_step"),
        (5, "站点", "read.no_station"),
        (6, None, "read.ragged_row"),
        (7, None, "read.ragged_row"),
        (8, "时间", "read.wrong_range"),
        (9, "PM2.5", "read.not_a_number"),
    ]
    assert [p.value for p in reading.problems][:3] == [
        "12O",
        "2026-02-30 01:00",
        "2026-01-01 02:30",
    ]
    assert reading.rejected["line"].to_list() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert reading.frame.height == 8
    assert reading.frame["time"].n_unique() == 4


def test_rows_that_repeat_and_rows_that_disagree(tmp_path):
    reading = _read(
        tmp_path / "a.csv",
        "时间,站点,PM10\n2026-01-01 01:00,A,35\n2026-01-01 01:00,A,35\n"
        "2026-01-01 02:00,A,35\n2026-01-01 02:00,A,36\n",
    )
    assert reading.frame.height == 1
    assert [p.code for p in reading.problems] == ["read.conflict"]


def test_micrograms_declared_as_milligrams_are_refused_until_stated(tmp_path):
    rows = "".join(f"2026-01-01 {h:02d}:00,A,{900 + h}\n" for h in range(1, 6))
    reading = _read(tmp_path / "a.csv", f"时间,站点,CO(mg/m3)\n{rows}")
    assert reading.frame.is_empty()
    assert [p.code for p in reading.problems] == ["read.suspicious_unit"]
    reading = _read(tmp_path / "b.csv", f"时间,站点,CO(ug/m3)\n{rows}")
    assert reading.problems == ()
    assert reading.frame["value"][0] == 0.901
    reading = _read(tmp_path / "a.csv", units={"co": "ug/m3"})
    assert reading.frame["value"][0] == 0.901


def test_a_unit_the_parameter_cannot_have(tmp_path):
    with pytest.raises(BadInputError) as error:
        _read(tmp_path / "a.csv", "时间,站点,PM2.5(ppb)\n2026-01-01 01:00,A,35\n")
    assert error.value.code == "parameters.wrong_unit"
    assert error.value.problems[0].column == "PM2.5(ppb)"


@pytest.mark.parametrize(
    ("text", "code", "seen"),
    [
        ("a,b\n1,2\n", "read.no_header", "“a”, “b”"),
        ("时间,foo\n2026-01-01 01:00,1\n", "read.no_parameter", "“foo”"),
        ("PM2.5,foo\n1,a\n", "read.no_time_column", "“foo”"),
        ("时间,PM2.5\n01/02/2026 01:00,1\n", "read.no_time_column", "01/02/2026"),
        ("时间,PM2.5,pm25\n2026-01-01 01:00,1,2\n", "read.ambiguous_column", "“PM2.5”, “pm25”"),
        ("时间,PM2.5\n2026-01-01 01:00,1\n", "read.no_station", "option"),
        ("时间,站点,PM2.5\n", "read.empty", "no row"),
        ("<html><table></table></html>", "read.not_a_table", "XLSX"),
        ('时间,站点,PM2.5\n"2026-01-01 01:00,A,1\n', "read.quotes", "quotation"),
    ],
)
def test_what_cannot_be_understood_says_what_was_seen(tmp_path, text, code, seen):
    with pytest.raises(BadInputError) as error:
        _read(tmp_path / "a.csv", text)
    assert error.value.code == code
    assert seen in str(error.value)
    assert "a.csv" in str(error.value)


def test_a_damaged_workbook(tmp_path):
    path = _book(tmp_path / "a.xlsx", A=[["时间", "PM2.5"], [dt.datetime(2026, 1, 1, 1), 3]])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BadInputError) as error:
        _read(path)
    assert error.value.code == "read.workbook"


def test_quoted_line_breaks_keep_line_numbers(tmp_path):
    reading = _read(
        tmp_path / "a.csv",
        '"时间\n(北京时间)",站点,"PM2.5\n(μg/m³)"\n'
        '"2026-01-01 01:00",A,"1,035"\n2026-01-01 02:00,A,x9\n',
    )
    assert _values(reading)[0][3] == 1035.0
    assert _codes(reading.problems) == [(5, "PM2.5 (μg/m³)", "read.not_a_number")]


def test_a_heading_row_above_sets_hourly_and_sliding_values_apart(tmp_path):
    reading = _read(
        tmp_path / "a.csv",
        ",,小时值,,24小时滑动,\n时间,站点,PM2.5,PM10,PM2.5,PM10\n2026-01-01 01:00,A,35,40,33,44\n",
    )
    assert [row[3] for row in _values(reading)] == [35.0, 40.0]


def test_names_of_stations_are_offered_for_the_register(tmp_path):
    reading = _read(
        tmp_path / "a.csv",
        "城市,监测点编码,监测点名称,时间,PM10\n北京,1001A,万寿西宫,2026-01-01 01:00,35\n",
    )
    assert reading.stations.rows(named=True) == [
        {"station": "1001A", "name": "万寿西宫", "city": "北京"}
    ]


def test_serial_number_is_no_nitric_oxide(tmp_path):
    text = "No,时间,站点,PM10\n1,2026-01-01 01:00,A,35\n2,2026-01-01 02:00,A,36\n"
    assert _read(tmp_path / "a.csv", text).frame["parameter"].unique().to_list() == ["pm10"]


def test_detect():
    def head(suffix, data):
        return Head(Path(f"a{suffix}"), suffix, data)

    assert READER.detect(head(".xlsx", b"PK\x03\x04"))
    assert READER.detect(head(".csv", "时间,PM2.5\n".encode("gbk")))
    assert not READER.detect(head(".json", b"{}"))
    assert not READER.detect(head(".csv", b"<html>"))
    assert not READER.detect(head(".parquet", b"PAR1\x00"))


CELLS = {
    "35": (35.0, "", "valid"),
    "-3.5": (-3.5, "", "valid"),
    "0": (0.0, "", "valid"),
    "1e1": (10.0, "", "valid"),
    "1,234.5": (1234.5, "", "valid"),
    "35(H)": (35.0, "H", "invalid"),
    "35（有效）": (35.0, "有效", "valid"),
    "35 (QQ)": (35.0, "QQ", "invalid"),
    "35H": (35.0, "H", "invalid"),
    "35 BB": (35.0, "BB", "invalid"),
    "—": (None, "—", "invalid"),
    "/": (None, "/", "invalid"),
    "H": (None, "H", "invalid"),
    "HSp": (None, "HSp", "invalid"),
    "维护": (None, "维护", "invalid"),
    "QQ": (None, "QQ", "invalid"),
    "<3": (None, "<3", "invalid"),
    "N": (None, "N", "absent"),
    "NA": (None, "", "absent"),
    "nan": (None, "", "absent"),
    "-9999": (None, "", "absent"),
    "12O": (12.0, "", "bad"),
    "1.2.3": (None, "", "bad"),
    "3 5": (None, "", "bad"),
    "abcdefgh": (None, "", "bad"),
}


@pytest.mark.parametrize(("text", "expected"), CELLS.items())
def test_cells(text, expected):
    value, flag, state = read_values(pl.Series([text])).frame.row(0)
    assert state == expected[2]
    if state != "bad":
        assert (value, flag) == expected[:2]


def test_unknown_marks_are_reported_and_a_vendor_may_declare_its_own():
    read = read_values(pl.Series(["35(QQ)", "36(A1)", "37(H)"]), valid_flags=("QQ",))
    assert read.frame["state"].to_list() == ["valid", "invalid", "invalid"]
    assert read.unknown == {"A1"}


@given(
    st.datetimes(dt.datetime(1992, 1, 1), dt.datetime(2040, 1, 1)),
    st.sampled_from(
        ["%Y-%m-%d %H:00", "%Y/%m/%d %H:00:00", "%Y年%m月%d日%H时", "%Y%m%d%H", "%Y-%m-%dT%H:00"]
    ),
)
def test_every_form_gives_the_same_hour(moment, form):
    parsed = parse_dates(pl.Series([moment.strftime(form)]))
    end = to_utc(parsed, "Asia/Shanghai", 0)[0]
    hour = moment.replace(minute=0, second=0, microsecond=0)
    assert end.replace(tzinfo=None) == hour - dt.timedelta(hours=8)


@pytest.mark.parametrize(
    ("text", "minute", "begin"),
    [
        ("0", 0, None),
        ("24", 1440, None),
        ("25", None, None),
        ("01:00", 60, None),
        ("1点", 60, None),
        ("0100", 60, None),
        ("23-0", 1440, 1380),
        ("00:00～01:00", 60, 0),
        ("1899-12-31 01:00:00", 60, None),
        ("1900-01-01 00:00:00", 1440, None),
        ("x", None, None),
    ],
)
def test_hours(text, minute, begin):
    assert parse_hours(pl.Series([text])).select("minute", "begin").row(0) == (minute, begin)


def test_an_hour_the_clock_skips_is_a_problem(tmp_path):
    text = "时间,站点,PM10\n2026-03-29 01:00,A,35\n2026-03-29 03:00,A,35\n"
    reading = _read(tmp_path / "a.csv", text, zone="Europe/London")
    assert [p.code for p in reading.problems] == ["read.no_such_time"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(6)))
def test_order_of_rows_changes_no_value(tmp_path, order):
    rows = [f"2026-01-01 {h:02d}:00,{'AB'[h % 2]},{30 + h}" for h in range(6)]
    reading = _read(tmp_path / "a.csv", "时间,站点,PM10\n" + "\n".join(rows[i] for i in order))
    assert sorted(_values(reading)) == [
        ("AB"[h % 2], "pm10", f"2026-01-01 {h:02d}:00", 30.0 + h, "", "valid")
        for h in (0, 2, 4, 1, 3, 5)
    ]


def test_fifty_thousand_rows_of_twelve_columns(tmp_path):
    hours = pl.datetime_range(
        dt.datetime(2020, 1, 1), dt.datetime(2026, 1, 1), "1h", eager=True
    ).head(50_000)
    data = {"时间": hours.dt.strftime("%Y-%m-%d %H:%M"), "站点": ["A"] * 50_000}
    for name in ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "风速", "风向", "气温", "湿度"):
        data[name] = [("—" if i % 50 == 0 else f"{i % 300 / 10}") for i in range(50_000)]
    pl.DataFrame(data).write_csv(tmp_path / "a.csv")
    assert _read(tmp_path / "a.csv").frame.height == 500_000


def test_an_archive_file_reads_as_its_own_reader_reads_it(shared_data):
    path = next((shared_data / "beijing").glob("*Dongsi*"))
    general = _read(path, units={"co": "µg/m³"})
    own = UciPrsaReader().read(path, Options())
    assert general.problems == ()
    keys = ["parameter", "time"]
    # the archive's own reader knows that a direction at speed 0 is calm
    same = [r.frame.filter(pl.col("parameter") != "wd").sort(keys) for r in (general, own)]
    assert_frame_equal(*same)
