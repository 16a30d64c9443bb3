from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantian.observations as obs
from lantian.errors import BadInputError
from lantian.observations.readers import Options, Reading, read_file


def result(value: object, name: str = "pm25", units: str = "µg/m³", **more: Any) -> dict[str, Any]:
    return {
        "value": value,
        "flagInfo": {"hasFlags": more.get("flags", False)},
        "parameter": {"id": 2, "name": name, "units": units, "displayName": None},
        "period": {
            "label": "raw",
            "interval": more.get("interval", "01:00:00"),
            "datetimeFrom": {"utc": "2024-01-01T00:00:00Z", "local": "2024-01-01T08:00:00+08:00"},
            "datetimeTo": {
                "utc": more.get("to", "2024-01-01T01:00:00Z"),
                "local": "2024-01-01T09:00:00+08:00",
            },
        },
        "coordinates": more.get("coordinates"),
        "summary": None,
        "coverage": {"percentComplete": more.get("percent", 100.0)},
    }


def answer(folder: Path, *results: dict[str, Any], name: str = "sensor-1.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"meta": {"name": "openaq-api"}, "results": list(results)}))
    return path


def take(folder: Path, *results: dict[str, Any]) -> Reading:
    return read_file(answer(folder, *results), options=Options(station="S"))


def test_label_is_the_end_of_the_period(tmp_path: Path) -> None:
    path = answer(tmp_path, result(12.5))
    assert obs.detect(path) == "openaq-json"
    frame = obs.read(path, options=Options(station="S"))
    assert frame.row(0)[:6] == (
        "S", "pm25", "1h", datetime(2024, 1, 1, 1, tzinfo=UTC), 12.5, "µg/m³",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("interval", "period"),
    [
        ("01:00:00", "1h"),
        ("24:00:00", "24h"),
        ("00:15:00", "15m"),
        ("00:00:30", "30s"),
        (None, "1h"),
    ],
)
def test_periods(tmp_path: Path, interval: str | None, period: str) -> None:
    assert take(tmp_path, result(1, interval=interval)).frame["period"].to_list() == [period]


@pytest.mark.parametrize(
    ("given", "expected", "unit"),
    [
        ((0.03, "o3", "ppm"), 58.855, "µg/m³"),
        ((30, "o3", "ppb"), 58.855, "µg/m³"),
        ((0.5, "co", "ppm"), 0.57244, "mg/m³"),
        ((500, "co", "µg/m³"), 0.5, "mg/m³"),
        ((0.05, "pm10", "mg/m³"), 50.0, "µg/m³"),
        ((68, "temperature", "c"), 68.0, "°C"),
    ],
)
def test_units(tmp_path: Path, given: tuple[float, str, str], expected: float, unit: str) -> None:
    row = take(tmp_path, result(*given)).frame.row(0, named=True)
    assert row["value"] == pytest.approx(expected, rel=1e-4)
    assert row["unit"] == unit


def test_conversion_is_noted(tmp_path: Path) -> None:
    assert "O3 was converted from ppm to µg/m³." in take(tmp_path, result(1, "o3", "ppm")).notes


def test_flagged_and_thin_hours_are_invalid(tmp_path: Path) -> None:
    reading = take(
        tmp_path,
        result(5, "no2", flags=True),
        result(5, "so2", percent=50),
        result(5, "o3", percent=75),
        result(None, "pm10", flags=True),
        result(None, "pm25"),
    )
    rows = {r["parameter"]: (r["value"], r["flag"], r["grade"]) for r in reading.frame.to_dicts()}
    assert rows == {
        "no2": (5.0, "flagged", "invalid"),
        "so2": (5.0, "coverage 50%", "invalid"),
        "o3": (5.0, "", "valid"),
        "pm10": (None, "flagged", "invalid"),  # the source said why: kept without a value
    }
    assert "Values with a flag, taken as invalid: 2." in reading.notes


def test_parameters_not_known_here_are_ignored_aloud(tmp_path: Path) -> None:
    reading = take(tmp_path, result(5, "um003", "particles/cm³"), result(5))
    assert not reading.problems
    assert reading.frame.height == 1
    assert "Rows of um003 were ignored." in reading.notes


@pytest.mark.parametrize(
    ("bad", "code", "where", "message"),
    [
        (result("x"), "read.not_a_number", "value", "'x' is not a number"),
        (result(5, "pm10", "ppb"), "read.unknown_unit", "units", "PM10 cannot be given in 'ppb'"),
        (result(5, to="soon"), "read.bad_time", "period.datetimeTo", "'soon' is not a date"),
        (
            result(5, interval="often"),
            "read.bad_period",
            "period.interval",
            "'often' is not an averaging period",
        ),
    ],
)
def test_bad_results(
    tmp_path: Path, bad: dict[str, Any], code: str, where: str, message: str
) -> None:
    reading = take(tmp_path, result(1, "o3"), bad)
    (problem,) = reading.problems
    assert problem.code == code
    assert problem.where() == f"sensor-1.json:results[1].{where}"
    assert message in problem.message
    assert reading.frame["parameter"].to_list() == ["o3"]


def test_station_comes_from_the_record_or_the_name_of_the_file(tmp_path: Path) -> None:
    named = {**result(5), "locationsId": 42, "coordinates": {"latitude": 35.0, "longitude": 113.0}}
    reading = read_file(answer(tmp_path, named))
    assert reading.frame["station"].to_list() == ["42"]
    assert reading.stations is not None
    assert reading.stations.row(0) == ("42", 113.0, 35.0, "WGS84")
    reading = read_file(answer(tmp_path, result(5)))
    assert reading.frame["station"].to_list() == ["sensor-1"]
    assert any("'sensor-1' was taken from its name" in note for note in reading.notes)


HEADER = "location_id,sensors_id,location,datetime,lat,lon,parameter,units,value\n"
SO2 = "2178,1,Del Norte,2022-05-03T01:00:00-06:00,35.1,-106.6,so2,ppm,0.001\n"
PM10 = "2178,2,Del Norte,2022-05-03T01:00:00-06:00,35.1,-106.6,pm10,µg/m³,15\n"


def archive(folder: Path, *rows: str) -> Path:
    path = folder / "location-2178-20220503.csv.gz"
    path.write_bytes(gzip.compress((HEADER + "".join(rows)).encode()))
    return path


def test_archive(tmp_path: Path) -> None:
    path = archive(tmp_path, SO2, PM10, PM10.replace("15\n", "-999\n").replace("T01", "T02"))
    assert obs.detect(path) == "openaq-csv"
    reading = read_file(path)
    assert not reading.problems
    rows = {r["parameter"]: r for r in reading.frame.to_dicts()}
    assert rows["pm10"]["value"] == 15.0
    assert rows["so2"]["value"] == pytest.approx(2.618, abs=1e-3)
    assert rows["so2"]["time"] == datetime(2022, 5, 3, 7, tzinfo=UTC)
    assert rows["so2"]["station"] == "2178"
    assert "The file does not state the averaging period; 1h was assumed." in reading.notes
    assert reading.stations is not None
    assert reading.stations.row(0) == ("2178", "Del Norte", -106.6, 35.1, "WGS84")


def test_archive_with_another_period(tmp_path: Path) -> None:
    frame = obs.read(archive(tmp_path, PM10), options=Options(period="15m"))
    assert frame["period"].to_list() == ["15m"]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (PM10.replace("15\n", "1s\n"), "read.not_a_number", "value"),
        (PM10.replace("2022-05-03", "2022-15-03"), "read.bad_time", "datetime"),
        (PM10.replace("2178", ""), "read.no_station", "location_id"),
        (PM10.replace("µg/m³", "spoons"), "read.unknown_unit", "units"),
        (SO2.replace("0.001", "0.002"), "read.conflict", "so2"),
    ],
)
def test_bad_archive_rows(tmp_path: Path, row: str, code: str, column: str) -> None:
    with pytest.raises(BadInputError) as caught:
        obs.read(archive(tmp_path, SO2, row))
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == (code, column)
    assert problem.line == (2 if code == "read.conflict" else 3)


def test_order_of_the_archive_changes_nothing(tmp_path: Path) -> None:
    one = obs.read(archive(tmp_path, SO2, PM10)).sort(pl.all())
    two = obs.read(archive(tmp_path, PM10, SO2)).sort(pl.all())
    assert one.equals(two)
