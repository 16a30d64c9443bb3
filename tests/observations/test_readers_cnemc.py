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

SITES = """date,hour,type,1001A,1002A
20180101,0,AQI,50,-
20180101,0,PM2.5,35,
20180101,0,PM2.5_24h,40,41
20180101,0,CO,1.2,0.069
20180101,1,O3,100,90
20180101,1,O3_8h,77,78
"""


def matrix(folder: Path, body: str = SITES, name: str = "china_sites_20180101.csv") -> Path:
    path = folder / name
    path.write_bytes(body.encode("utf-8-sig"))
    return path


def keyed(frame: pl.DataFrame) -> dict[tuple[str, str, datetime], float]:
    return {(r["station"], r["parameter"], r["time"]): r["value"] for r in frame.to_dicts()}


MIDNIGHT = datetime(2017, 12, 31, 16, tzinfo=UTC)
ONE = datetime(2017, 12, 31, 17, tzinfo=UTC)


def test_stations(tmp_path: Path) -> None:
    path = matrix(tmp_path)
    assert obs.detect(path) == "cnemc-stations"
    reading = read_file(path)
    assert keyed(reading.frame) == {
        ("1001A", "pm25", MIDNIGHT): 35.0,
        ("1001A", "co", MIDNIGHT): 1.2,
        ("1002A", "co", MIDNIGHT): 0.069,
        ("1001A", "o3", ONE): 100.0,
        ("1002A", "o3", ONE): 90.0,
    }
    assert set(reading.frame["period"]) == {"1h"}
    assert reading.stations is not None
    assert reading.stations["station"].to_list() == ["1001A", "1002A"]


def test_sliding_values_are_kept_apart(tmp_path: Path) -> None:
    published = read_file(matrix(tmp_path)).published
    assert published is not None
    rows = {(r["station"], r["time"]): r for r in published.to_dicts()}
    assert rows["1001A", MIDNIGHT]["aqi"] == 50.0
    assert rows["1002A", MIDNIGHT]["aqi"] is None
    assert rows["1001A", MIDNIGHT]["pm25_24h"] == 40.0
    assert rows["1002A", ONE]["o3_8h"] == 78.0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_cities(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "china_cities_20180101.csv.gz"
    body = "date,hour,type,北京,天津\n20180101,0,PM10,35,40\n"
    path.write_bytes(gzip.compress(body.encode(encoding)))
    assert obs.detect(path) == "cnemc-cities"
    reading = read_file(path)
    assert keyed(reading.frame) == {
        ("北京", "pm10", MIDNIGHT): 35.0,
        ("天津", "pm10", MIDNIGHT): 40.0,
    }
    assert reading.stations is not None
    assert reading.stations["city"].to_list() == ["北京", "天津"]


@pytest.mark.parametrize(
    ("line", "code", "where", "message"),
    [
        ("20180101,2,SO2,4x,3", "read.not_a_number", "8:1001A", "'4x' is not a number"),
        ("20181301,2,SO2,4,3", "read.bad_time", "8:date", "'20181301 2' is not a date and hour"),
        ("20180101,30,SO2,4,3", "read.bad_time", "8:date", "'20180101 30' is not a date and hour"),
        ("20180101,2,,4,3", "read.no_type", "8:type", "does not say what it holds"),
        ("20180101,1,O3,100,91", "read.conflict", "6:o3", "has 90 (line 6) and 91 (line 8)"),
        ("20180101,2,SO2,4,3,5", "read.ragged_row", "8", "has 6 cells, the header 5"),
    ],
)
def test_bad_rows(tmp_path: Path, line: str, code: str, where: str, message: str) -> None:
    with pytest.raises(BadInputError) as caught:
        obs.read(matrix(tmp_path, SITES + line + "\n"))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.where() == f"china_sites_20180101.csv:{where}"
    assert message in problem.message


def test_unknown_types_are_ignored_aloud(tmp_path: Path) -> None:
    reading = read_file(matrix(tmp_path, SITES + "20180101,1,VOC,1,2\n"))
    assert not reading.problems
    assert "Rows of type VOC were ignored." in reading.notes


def test_rejected_rows_read_again(tmp_path: Path) -> None:
    reading = read_file(matrix(tmp_path, SITES + "20180101,2,SO2,4x,3\n"))
    assert reading.rejected is not None
    path = tmp_path / "rejected.csv"
    reading.rejected.with_columns(pl.lit("4").alias("1001A")).write_csv(path)
    assert obs.detect(path) == "cnemc-stations"
    assert sorted(obs.read(path)["station"]) == ["1001A", "1002A"]


def test_co_in_micrograms_is_doubted(tmp_path: Path) -> None:
    path = matrix(tmp_path, "date,hour,type,1001A\n20180101,0,CO,900\n")
    with pytest.raises(BadInputError, match=r"CO in china_sites_20180101\.csv has a median of 900"):
        obs.read(path)
    frame = obs.read(path, options=Options(units={"co": "µg/m³"}))
    assert frame["value"].to_list() == [0.9]


def test_matrix_without_type(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="lacks the columns type") as caught:
        obs.read(matrix(tmp_path, "date,hour,1001A\n20180101,0,1\n"), format="cnemc-stations")
    assert caught.value.code == "read.missing_column"


def live(folder: Path, records: Any, name: str = "live.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return path


def record(**fields: object) -> dict[str, object]:
    return {
        "stationcode": "1001A", "positionname": "甲", "area": "某市",
        "timepoint": "2018-01-01T01:00:00", "pm2_5": "35", "pm10": "60", "so2": 5, "no2": "30",
        "co": 0.069, "o3": "80", "o3_24h": "95", "aqi": "50", "quality": "优",
        "primarypollutant": "—", "latitude": "39.87", "longitude": "116.36", **fields,
    }  # fmt: skip


def values(reading: Reading) -> dict[str, float]:
    return dict(reading.frame.select("parameter", "value").iter_rows())


def test_live_list(tmp_path: Path) -> None:
    path = live(tmp_path, [record(), record(stationcode="1002A", pm2_5="—", pm10="-;", so2=None)])
    assert obs.detect(path) == "cnemc-json"
    reading = read_file(path)
    assert not reading.problems
    first = reading.frame.filter(pl.col("station") == "1001A")
    assert dict(first.select("parameter", "value").iter_rows()) == {
        "pm25": 35.0, "pm10": 60.0, "so2": 5.0, "no2": 30.0, "co": 0.069, "o3": 80.0,
    }  # fmt: skip
    assert set(first["time"]) == {ONE}
    second = reading.frame.filter(pl.col("station") == "1002A")
    assert set(second["parameter"]) == {"no2", "co", "o3"}
    assert reading.published is not None
    assert reading.published.columns == ["station", "time", "aqi", "o3_24h"]
    assert reading.stations is not None
    assert reading.stations.row(0) == ("1001A", "甲", "某市", 116.36, 39.87)


def test_live_geojson(tmp_path: Path) -> None:
    fields = record()
    del fields["latitude"], fields["longitude"]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [116.36, 39.87]},
        "properties": fields,
    }
    path = live(tmp_path, {"type": "FeatureCollection", "features": [feature]}, "a.geojson")
    assert obs.detect(path) == "cnemc-json"
    reading = read_file(path)
    assert values(reading)["pm25"] == 35.0
    assert reading.stations is not None
    assert reading.stations.row(0)[3:] == (116.36, 39.87)


def test_old_form_writes_local_time_with_z(tmp_path: Path) -> None:
    fields = record(time_point="2018-01-01T01:00:00Z", station_code="1001A")
    del fields["timepoint"], fields["stationcode"]
    reading = read_file(live(tmp_path, [fields]))
    assert set(reading.frame["time"]) == {ONE}
    assert any("local time" in note for note in reading.notes)


def test_means_of_cities_are_left_out(tmp_path: Path) -> None:
    city = record(stationcode=None, positionname=None)
    reading = read_file(live(tmp_path, [record(), city]))
    assert not reading.problems
    assert set(reading.frame["station"]) == {"1001A"}
    assert "Records without a station (means of cities), left out: 1." in reading.notes


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"o3": "2a"}, "read.not_a_number", "[1].o3"),
        ({"timepoint": "2018-13-01"}, "read.bad_time", "[1].timepoint"),
        ({"stationcode": None}, "read.no_station", "[1].stationcode"),
    ],
)
def test_bad_records(tmp_path: Path, fields: dict[str, object], code: str, where: str) -> None:
    good = record(timepoint="2018-01-01T02:00:00")
    reading = read_file(live(tmp_path, [good, record(**fields)]))
    (problem,) = reading.problems
    assert (problem.code, problem.where()) == (code, f"live.json:{where}")
    assert set(reading.frame["time"]) == {datetime(2017, 12, 31, 18, tzinfo=UTC)}


def test_records_that_disagree(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="bad places: 1") as caught:
        obs.read(live(tmp_path, [record(), record(o3="81")]))
    assert caught.value.problems[0].message == (
        "1001A O3 at 2018-01-01 01:00 has 80 ([0]) and 81 ([1]); keep the right one."
    )


def test_broken_json(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    path.write_text('[{"stationcode": "1001A",\n "timepoint": ')
    with pytest.raises(BadInputError, match=r"not complete JSON \(line 2\)") as caught:
        obs.read(path)
    assert caught.value.code == "read.bad_json"


def test_json_of_something_else(tmp_path: Path) -> None:
    path = live(tmp_path, {"timepoint": 1, "stationcode": 2})
    with pytest.raises(BadInputError, match="holds no list of measurements") as caught:
        obs.read(path)
    assert caught.value.code == "read.no_records"
