from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import lantian.observations as obs
from lantian.errors import BadInputError, DomainError, UnknownNameError
from lantian.observations.readers import Options, read_file
from lantian.observations.schema import LONG, conform

HEADER = "station,parameter,period,time,value,unit,flag,grade,source\n"


def put(folder: Path, *rows: str) -> Path:
    path = folder / "export.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def test_csv(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "A,pm25,1h,2018-01-01T10:00:00+08:00,0.035,mg/m3,,valid,x.csv",
        "A,pm10,1h,2018-01-01 24:00,40,ug/m3,,suspect,",
        "A,o3,1h,2018-01-01T12:00:00Z,,µg/m³,H,suspect,",
        "A,so2,1h,2018-01-01T12:00:00Z,,µg/m³,,valid,",
    )
    assert obs.detect(path) == "long"
    reading = read_file(path)
    assert not reading.problems
    assert reading.frame.rows() == [
        (
            "A", "pm25", "1h", datetime(2018, 1, 1, 2, tzinfo=UTC), 35.0, "µg/m³", "", "valid",
            "x.csv",
        ),
        (
            "A", "pm10", "1h", datetime(2018, 1, 1, 16, tzinfo=UTC), 40.0, "µg/m³", "", "suspect",
            "export.csv",
        ),
        (
            "A", "o3", "1h", datetime(2018, 1, 1, 12, tzinfo=UTC), None, "µg/m³", "H", "invalid",
            "export.csv",
        ),
    ]  # fmt: skip
    assert "PM2.5 was converted from mg/m3 to µg/m³." in reading.notes
    assert "Rows with a flag and no value: 1." in reading.notes


@pytest.mark.parametrize(
    ("row", "code", "column", "message"),
    [
        ("A,pm25,1h,2018-01-01T12:00:00Z,3x,,,valid,", "read.not_a_number", "value", "'3x' is not"),
        ("A,pm25,1h,2018-13-01T12:00:00Z,3,,,valid,", "read.bad_time", "time", "'2018-13-01T12"),
        ("A,xx,1h,2018-01-01T12:00:00Z,3,,,valid,", "read.unknown_parameter", "parameter", "'xx'"),
        ("A,pm25,hour,2018-01-01T12:00:00Z,3,,,valid,", "read.bad_period", "period", "'hour' is"),
        ("A,pm25,1h,2018-01-01T12:00:00Z,3,,,good,", "read.bad_grade", "grade", "'good' is not"),
        ("A,pm25,1h,2018-01-01T12:00:00Z,3,ppb,,valid,", "read.unknown_unit", "unit", "PM2.5 cann"),
        (",pm25,1h,2018-01-01T12:00:00Z,3,,,valid,", "read.no_station", "station", "no station"),
        ("A,o3,1h,2018-01-01T11:00:00Z,8,,,valid,", "read.conflict", "o3", "has 7 (line 2) and 8"),
        ("A,o3,1h,2018-01-01T11:00:00Z,7,,,invalid,", "read.conflict", "o3", "has 7 (line 2) and"),
    ],
)  # fmt: skip
def test_bad_rows(tmp_path: Path, row: str, code: str, column: str, message: str) -> None:
    path = put(tmp_path, "A,o3,1h,2018-01-01T11:00:00Z,7,,,valid,", row)
    with pytest.raises(BadInputError) as caught:
        obs.read(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == (code, column)
    assert message in problem.message
    assert problem.line == (2 if code == "read.conflict" else 3)


def test_a_unit_that_cannot_be_right(tmp_path: Path) -> None:
    rows = [f"A,co,1h,2018-01-01T{h:02}:00:00Z,{800 + h},mg/m³,,valid," for h in range(5)]
    with pytest.raises(BadInputError) as caught:
        obs.read(put(tmp_path, *rows))
    (problem,) = caught.value.problems
    assert problem.code == "read.suspicious_unit"
    assert "CO in export.csv has a median of 802 mg/m³, which is too high" in problem.message
    frame = obs.read(put(tmp_path, *rows), options=Options(units={"co": "ug/m3"}))
    assert frame["value"].to_list() == [0.8, 0.801, 0.802, 0.803, 0.804]
    trusted = obs.read(put(tmp_path, *rows), options=Options(units={"co": "mg/m3"}))
    assert trusted["value"].to_list() == [800, 801, 802, 803, 804]


def test_damaged_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"station": ["A"]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInputError, match="is damaged") as caught:
        obs.read(path)
    assert caught.value.code == "read.damaged"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("station", ["A"], "read.wrong_type"),
        ("period", timedelta(hours=1), "read.wrong_type"),
        ("time", [1], "read.wrong_type"),
        ("time", 5, "read.wrong_type"),
        ("value", True, "read.wrong_type"),
        ("value", [1.0], "read.wrong_type"),
        ("flag", ["H"], "read.wrong_type"),
        ("source", [1], "read.wrong_type"),
        ("parameter", 1, "read.unknown_parameter"),
        ("value", float("inf"), "read.not_a_number"),
        ("value", float("-inf"), "read.not_a_number"),
    ],
)
def test_parquet_columns_of_odd_types(
    tmp_path: Path, column: str, value: object, code: str
) -> None:
    row: dict[str, object] = {
        "station": 7,
        "parameter": "pm25",
        "period": "1h",
        "time": datetime(2018, 1, 1, tzinfo=UTC),
        "value": 3,
    }
    pl.DataFrame([row]).write_parquet(tmp_path / "a.parquet")
    [good] = read_file(tmp_path / "a.parquet").frame.rows()
    assert (good[0], good[4]) == ("7", 3.0)
    pl.DataFrame([{**row, column: value}]).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(BadInputError) as error:
        obs.read(tmp_path / "a.parquet")
    assert error.value.problems[0].code == code


def test_parquet_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"station": ["A"]}).write_parquet(path)
    with pytest.raises(BadInputError, match="lacks the columns parameter, period, time, value"):
        obs.read(path)


def test_station_list_is_no_measurement(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(
        "监测点编码,监测点名称,城市,经度,纬度,对照点\n1001A,甲,乙,1,2,N\n".encode("gbk")
    )
    assert obs.detect(path) == "stations"
    with pytest.raises(DomainError, match="is a list of stations, not measurements") as caught:
        obs.read(path)
    assert caught.value.code == "read.not_measurements"
    path.write_text("station,lon,lat\n1001A,1,2\n")
    assert obs.detect(path) == "stations"
    path.write_text("station,lon,lat,PM2.5\n1001A,1,2,3\n")
    assert obs.detect(path) != "stations"


def test_unknown_format_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="There is no format 'dbf'; use auto or one of"):
        obs.read(put(tmp_path), format="dbf")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be opened: there is no such file"):
        obs.detect(tmp_path / "none.csv")
    empty = tmp_path / "e.csv"
    empty.write_bytes(b"")
    with pytest.raises(BadInputError, match="is empty"):
        obs.read(empty)


ROW = st.fixed_dictionaries(
    {
        "station": st.sampled_from(["1001A", "甲", "x,y", 'quo"te']),
        "parameter": st.sampled_from(["pm25", "co", "wd", "temp"]),
        "period": st.sampled_from(["1h", "5m"]),
        "time": st.integers(0, 500_000).map(
            lambda h: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=h)
        ),
        "value": st.floats(2, 40),
        "flag": st.sampled_from(["", "H", "BB"]),
        "grade": st.sampled_from(["valid", "suspect", "invalid"]),
    }
)
UNITS = {"pm25": "µg/m³", "co": "mg/m³", "wd": "°", "temp": "°C"}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        ROW,
        max_size=20,
        unique_by=lambda r: (r["station"], r["parameter"], r["period"], r["time"]),
    )
)
def test_what_is_written_is_read_again(rows: list[dict[str, object]]) -> None:
    given_rows = [{**r, "unit": UNITS[str(r["parameter"])], "source": "s"} for r in rows]
    frame = conform(pl.DataFrame(given_rows, schema=LONG))
    with tempfile.TemporaryDirectory() as folder:
        for path in (Path(folder) / "a.csv", Path(folder) / "a.parquet"):
            if path.suffix == ".csv":
                frame.with_columns(pl.col("time").dt.strftime("%+")).write_csv(path)
            else:
                frame.write_parquet(path)
            assert_frame_equal(obs.read(path, format="long"), frame)


def test_what_an_export_guards_against_formulas_reads_back_as_it_was(tmp_path: Path) -> None:
    path = put(tmp_path, "'-A,pm25,1h,2018-01-01T12:00:00Z,5,,'=x,valid,")
    row = obs.read(path).row(0, named=True)
    assert (row["station"], row["flag"]) == ("-A", "=x")
