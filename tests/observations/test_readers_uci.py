from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import lantian.observations as obs
from lantian.errors import BadInputError
from lantian.observations.readers import FORMATS, Options, Reading, read_file
from lantian.observations.schema import LONG

HEADER = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station"


def row(hour: int = 1, **cells: str) -> str:
    values = {
        "No": "1", "year": "2016", "month": "3", "day": "1", "hour": str(hour),
        "PM2.5": "35", "PM10": "60", "SO2": "10", "NO2": "40", "CO": "1200", "O3": "80",
        "TEMP": "5.5", "PRES": "1013.2", "DEWP": "-3", "RAIN": "0", "wd": "NNE", "WSPM": "1.2",
        "station": "Dongsi",
    }  # fmt: skip
    return ",".join({**values, **cells}.values())


def write(folder: Path, *rows: str, name: str = "PRSA_x.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def take(folder: Path, *rows: str, options: Options | None = None) -> Reading:
    return read_file(write(folder, *rows), options=options or Options())


def value_of(reading: Reading, parameter: str) -> list[float]:
    return reading.frame.filter(pl.col("parameter") == parameter)["value"].to_list()


def test_one_hour(tmp_path: Path) -> None:
    frame = obs.read(write(tmp_path, row()))
    assert frame.schema == LONG
    got = {r["parameter"]: (r["value"], r["unit"]) for r in frame.iter_rows(named=True)}
    assert got == {
        "pm25": (35.0, "µg/m³"), "pm10": (60.0, "µg/m³"), "so2": (10.0, "µg/m³"),
        "no2": (40.0, "µg/m³"), "co": (1.2, "mg/m³"), "o3": (80.0, "µg/m³"),
        "temp": (5.5, "°C"), "pres": (1013.2, "hPa"), "dewp": (-3.0, "°C"), "rain": (0.0, "mm"),
        "ws": (1.2, "m/s"), "wd": (22.5, "°"),
    }  # fmt: skip
    assert frame["time"].unique().to_list() == [datetime(2016, 2, 29, 17, tzinfo=UTC)]
    assert frame["station"].unique().to_list() == ["Dongsi"]
    assert frame["source"].unique().to_list() == ["PRSA_x.csv"]
    assert set(frame["grade"]) == {"valid"}


def test_hour_zero_is_the_end_of_the_day_before(tmp_path: Path) -> None:
    reading = take(tmp_path, row(0))
    assert reading.frame["time"][0] == datetime(2016, 2, 29, 16, tzinfo=UTC)  # 24:00 of 29 Feb


def test_missing_is_absent_and_zero_is_a_value(tmp_path: Path) -> None:
    reading = take(tmp_path, row(**{"PM2.5": "NA", "PM10": "", "SO2": "0", "NO2": "-9999"}))
    assert not reading.problems
    assert value_of(reading, "pm25") == value_of(reading, "pm10") == value_of(reading, "no2") == []
    assert value_of(reading, "so2") == [0.0]


def test_calm_has_no_direction(tmp_path: Path) -> None:
    reading = take(tmp_path, row(1, WSPM="0"), row(2, wd="N"), row(3, wd="NA"))
    assert value_of(reading, "wd") == [360.0]
    assert value_of(reading, "ws") == [0.0, 1.2, 1.2]
    assert "Hours with a direction at wind speed 0, taken as calm without one: 1." in reading.notes


def test_letters_in_a_number(tmp_path: Path) -> None:
    path = write(tmp_path, row(1), row(2, **{"PM2.5": "3S"}), row(3))
    with pytest.raises(BadInputError) as caught:
        obs.read(path)
    assert caught.value.code == "read.bad_rows"
    (problem,) = caught.value.problems
    assert problem.where() == "PRSA_x.csv:3:PM2.5"
    assert problem.message == "'3S' is not a number; correct it, or leave the cell empty."
    assert "PRSA_x.csv: nothing was read; bad places: 1." in str(caught.value)
    assert "PRSA_x.csv:3:PM2.5: '3S' is not a number" in str(caught.value)


def test_a_bad_row_is_rejected_whole_and_its_correction_reads(tmp_path: Path) -> None:
    reading = take(tmp_path, row(1), row(2, O3="x", CO="y"), row(3))
    assert reading.total == 2
    assert reading.frame["time"].n_unique() == 2
    assert reading.rejected is not None
    assert reading.rejected["line"].to_list() == [3]
    corrected = reading.rejected.with_columns(O3=pl.lit("5"), CO=pl.lit("100"))
    again = tmp_path / "rejected.csv"
    corrected.write_csv(again)
    assert obs.detect(again) == "uci-prsa"
    assert obs.read(again).height == 12


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"month": "13"}, "2016-13-1-1"),
        ({"month": "2", "day": "30"}, "2016-2-30-1"),
        ({"hour": "25"}, "2016-3-1-25"),
        ({"day": "x"}, "2016-3-x-1"),
        ({"year": ""}, "3-1-1"),
    ],
)
def test_impossible_dates(tmp_path: Path, cells: dict[str, str], shown: str) -> None:
    reading = take(tmp_path, row(**cells), row(5))
    (problem,) = reading.problems
    assert (problem.code, problem.line) == ("read.bad_time", 2)
    assert problem.message == f"'{shown}' is not a date and hour; correct the row."
    assert reading.frame["time"].n_unique() == 1


def test_unknown_sector_and_station(tmp_path: Path) -> None:
    reading = take(tmp_path, row(1, wd="NXE"), row(2, station=""))
    assert [p.code for p in reading.problems] == ["read.bad_direction", "read.no_station"]
    assert reading.problems[0].message == "'NXE' is not one of the 16 wind sectors (N, NNE, NE …)."


def test_rows_that_agree_are_taken_once(tmp_path: Path) -> None:
    reading = take(tmp_path, row(1), row(1, No="2"), row(2))
    assert not reading.problems
    assert reading.frame.height == 24
    assert "Repeated values that agree, taken once: 12." in reading.notes


def test_rows_that_complement_each_other_are_joined(tmp_path: Path) -> None:
    reading = take(tmp_path, row(1, O3="NA"), row(1, **{"PM2.5": "NA"}))
    assert not reading.problems
    assert value_of(reading, "o3") == [80.0]
    assert value_of(reading, "pm25") == [35.0]


def test_rows_that_disagree(tmp_path: Path) -> None:
    path = write(tmp_path, row(1), row(2), row(1, **{"PM2.5": "36"}))
    with pytest.raises(BadInputError) as caught:
        obs.read(path)
    (problem,) = caught.value.problems
    assert problem.code == "read.conflict"
    assert problem.message == (
        "Dongsi PM2.5 at 2016-03-01 01:00 has 35 (line 2) and 36 (line 4); keep the right one."
    )
    reading = read_file(path)
    assert reading.rejected is not None
    assert reading.rejected["line"].to_list() == [2, 4]
    assert reading.frame["time"].n_unique() == 1


def test_co_already_in_milligrams_is_doubted(tmp_path: Path) -> None:
    rows = [row(h, CO="1.2") for h in range(4)]
    reading = take(tmp_path, *rows)
    (problem,) = reading.problems
    assert problem.code == "read.suspicious_unit"
    assert problem.message == (
        "CO in PRSA_x.csv has a median of 0.0012 mg/m³, which is too low to be mg/m³; state the "
        "unit of the file for co (or mg/m³, if the values are right)."
    )
    assert reading.frame.is_empty()
    assert reading.rejected is not None
    assert reading.rejected.height == 4
    stated = take(tmp_path, *rows, options=Options(units={"co": "mg/m3"}))
    assert not stated.problems
    assert value_of(stated, "co") == [1.2] * 4


def test_particles_in_milligrams_are_doubted(tmp_path: Path) -> None:
    rows = [row(h, **{"PM2.5": "0.035"}) for h in range(4)]
    (problem,) = take(tmp_path, *rows).problems
    assert (problem.code, problem.column) == ("read.suspicious_unit", "pm25")
    stated = take(tmp_path, *rows, options=Options(units={"pm25": "mg/m3"}))
    assert value_of(stated, "pm25") == [35.0] * 4
    assert "PM2.5 was converted from mg/m3 to µg/m³." in stated.notes


def test_ragged_row(tmp_path: Path) -> None:
    reading = take(tmp_path, row(1), "2,2016,3,1,2,5")
    (problem,) = reading.problems
    assert problem.where() == "PRSA_x.csv:3"
    assert problem.message == "The row has 6 cells, the header 18."


def test_header_without_a_column(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("No,year,month\n1,2,3\n")
    with pytest.raises(BadInputError, match=r"lacks the columns day, hour, station, PM2\.5"):
        obs.read(path, format="uci-prsa")


def test_row_order_changes_nothing(tmp_path: Path) -> None:
    rows = [row(h, **{"PM2.5": str(h * 3), "CO": str(100 * h + 300)}) for h in range(24)]
    expected = obs.read(write(tmp_path, *rows)).sort(["parameter", "time"])
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        got = obs.read(write(tmp_path, *rows)).sort(["parameter", "time"])
        assert_frame_equal(got, expected)


def test_truncated_archive(tmp_path: Path, shared_data: Path) -> None:
    whole = (shared_data / "beijing" / "PRSA_Data_Dongsi_20130301-20170228.csv.gz").read_bytes()
    path = tmp_path / "PRSA_Data_Dongsi.csv.gz"
    path.write_bytes(whole[:-100])
    with pytest.raises(BadInputError, match=r"PRSA_Data_Dongsi\.csv\.gz ends in the middle") as got:
        obs.read(path)
    assert got.value.code == "read.truncated"


def test_dongsi(shared_data: Path) -> None:
    path = shared_data / "beijing" / "PRSA_Data_Dongsi_20130301-20170228.csv.gz"
    reading = read_file(path)
    assert reading.format == "uci-prsa"
    assert reading.problems == ()
    assert reading.rejected is None
    with gzip.open(path) as stream:
        raw = pl.read_csv(stream.read(), null_values="NA", infer_schema_length=None)
    hours = reading.frame.filter(pl.col("parameter") == "co")
    assert hours.height == raw["CO"].count()
    assert hours["value"].sum() == pytest.approx(raw["CO"].sum() / 1000, rel=1e-12)
    assert hours["time"].min() == datetime(2013, 2, 28, 16, tzinfo=UTC)
    # every value is the double nearest to its decimal: no 1.2000000000000002
    assert (hours["value"] * 1000).round(6).eq((hours["value"] * 1000).round(0)).all()
    assert set(hours["value"].cast(pl.String).str.len_chars()) <= {3, 4, 5}
    published_calm = raw.filter((pl.col("WSPM") == 0) & pl.col("wd").is_not_null()).height
    assert any(f": {published_calm:,}." in note for note in reading.notes)


def test_reader_is_registered() -> None:
    assert FORMATS["uci-prsa"].title.startswith("Beijing")
