from __future__ import annotations

import errno
import json
from datetime import UTC, date, datetime
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from lantian.errors import DomainError, InvalidArgumentError
from lantian.observations import export as module
from lantian.observations.export import FORMATS, ExportFormat, export
from lantian.observations.readers.base import Options
from lantian.observations.readers.long import LongReader
from lantian.observations.schema import LONG
from lantian.observations.spreadsheet import plain_text, safe_text

from .stores import grid, hour

STATIONS = pl.DataFrame(
    {"station": ["A", "B", "C"], "lon": [114.3, None, 114.5], "lat": [36.1, None, 36.2]}
)


@pytest.fixture
def table() -> pl.DataFrame:
    """One column of every kind a result has."""
    return pl.DataFrame(
        {
            "station": ["A", "B", "=1+1"],
            "time": [hour(1), hour(2), None],
            "date": [date(2016, 1, 1), None, date(2016, 1, 3)],
            "pm25": [12.5, float("nan"), None],
            "n": [24, None, 0],
            "valid": [True, False, None],
            "primary": [["pm25", "o3"], [], None],
            "category": pl.Series(["good", "excellent", None], dtype=pl.Categorical),
            "name": ['安阳, "东区"', "-5", "+x"],
        }
    ).with_columns(pl.col("time").cast(LONG["time"]))


@pytest.mark.parametrize("mark", list("=+-@\t\r\n＝＋－＠"))
def test_text_that_could_run_is_marked_and_unmarked(mark: str) -> None:
    for text in (f"{mark}1+1", f"'{mark}1"):
        column = pl.DataFrame({"t": [text]})
        assert safe_text(text) == f"'{text}"
        assert column.select(safe_text(pl.col("t"))).item() == f"'{text}"
        assert plain_text(safe_text(text)) == text
        assert column.select(plain_text(safe_text(pl.col("t")))).item() == text


def test_csv_as_excel_and_people_want_it(table: pl.DataFrame, tmp_path: Path) -> None:
    done = export(table, tmp_path / "t.csv", zone="Asia/Shanghai")
    assert (done.format, done.rows, done.sheets) == ("csv", 3, 1)
    data = (tmp_path / "t.csv").read_bytes()
    assert data.startswith("\ufeffstation,time,".encode())
    assert data.decode("utf-8-sig").splitlines() == [
        "station,time,date,pm25,n,valid,primary,category,name",
        'A,2016-01-10T09:00:00+08:00,2016-01-01,12.5,24,true,"pm25,o3",good,"安阳, ""东区"""',
        'B,2016-01-10T10:00:00+08:00,,,,false,"",excellent,\'-5',
        "'=1+1,,2016-01-03,,0,,,,'+x",
    ]


def test_xlsx_keeps_numbers_dates_and_harmless_text(table: pl.DataFrame, tmp_path: Path) -> None:
    export(table, tmp_path / "t.xlsx", zone="Asia/Shanghai")
    sheet = fastexcel.read_excel(tmp_path / "t.xlsx").load_sheet(0).to_polars()
    assert sheet.columns[1] == "time (Asia/Shanghai)"
    assert sheet["time (Asia/Shanghai)"].to_list()[:2] == [
        datetime(2016, 1, 10, 9),
        datetime(2016, 1, 10, 10),
    ]
    assert sheet["pm25"].to_list() == [12.5, None, None]
    assert sheet["n"].to_list() == [24, None, 0]
    assert sheet["valid"].to_list() == [True, False, None]
    assert sheet["station"].to_list() == ["A", "B", "'=1+1"]
    assert sheet["primary"].to_list()[0] == "pm25,o3"
    assert sheet["date"].to_list()[0] == datetime(2016, 1, 1)


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.SHEET_ROWS == 1_048_576
    monkeypatch.setattr(module, "SHEET_ROWS", 101)
    done = export(pl.DataFrame({"n": range(250)}), tmp_path / "t.xlsx")
    assert done.sheets == 3
    book = fastexcel.read_excel(tmp_path / "t.xlsx")
    assert book.sheet_names == ["data", "data 2", "data 3"]
    parts = [book.load_sheet(i).to_polars()["n"].to_list() for i in range(3)]
    assert [len(p) for p in parts] == [100, 100, 50]
    assert [n for p in parts for n in p] == list(range(250))


def test_parquet_is_the_table_itself(table: pl.DataFrame, tmp_path: Path) -> None:
    export(table, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(table)


def test_geojson_has_a_point_for_each_row(table: pl.DataFrame, tmp_path: Path) -> None:
    done = export(table, tmp_path / "t.geojson", stations=STATIONS, zone="Asia/Shanghai")
    assert done.unlocated == ("=1+1", "B")
    found = json.loads((tmp_path / "t.geojson").read_text("utf-8"))
    assert found["type"] == "FeatureCollection"
    first, second, third = found["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [114.3, 36.1]}
    assert first["properties"]["primary"] == "pm25,o3"
    assert first["properties"]["time"] == "2016-01-10T09:00:00+08:00"
    assert first["properties"]["date"] == "2016-01-01"
    assert second["geometry"] is None
    assert second["properties"]["pm25"] is None
    assert third["properties"]["station"] == "=1+1"


def test_geojson_needs_places(tmp_path: Path) -> None:
    for frame, stations in ((grid(1, 2), None), (pl.DataFrame({"city": ["A"]}), STATIONS)):
        with pytest.raises(InvalidArgumentError, match="register") as caught:
            export(frame, tmp_path / "t.geojson", stations=stations)
        assert caught.value.code == "export.no_stations"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_measurements_exported_and_read_back_are_the_same(suffix: str, tmp_path: Path) -> None:
    frame = grid(2, 60).with_columns(
        pl.col("value") / 3, station=pl.col("station").replace("S000", "-危险=1")
    )
    export(frame, tmp_path / f"t.{suffix}", zone="Asia/Shanghai")
    reading = LongReader().read(tmp_path / f"t.{suffix}", Options())
    assert not reading.problems
    order = ["station", "parameter", "time"]
    back = reading.frame.with_columns(plain_text(pl.col("station")))
    assert back.sort(order).equals(frame.sort(order))


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_table_is_still_a_table(format: ExportFormat, tmp_path: Path) -> None:
    path = tmp_path / f"t.{format}"
    assert export(grid(1, 1).clear(), path, stations=STATIONS).rows == 0
    assert path.stat().st_size > 0
    if format == "geojson":
        assert json.loads(path.read_text("utf-8"))["features"] == []


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_overwritten_unasked(format: ExportFormat, tmp_path: Path) -> None:
    path = tmp_path / "t.out"
    path.write_text("mine")
    with pytest.raises(DomainError, match="is there already") as caught:
        export(grid(1, 2), path, format, stations=STATIONS)
    assert caught.value.code == "export.exists"
    assert path.read_text() == "mine"
    export(grid(1, 2), path, format, stations=STATIONS, overwrite=True)
    assert path.read_bytes() != b"mine"
    assert [p.name for p in tmp_path.iterdir()] == ["t.out"]


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_leaves_the_old_file(
    format: ExportFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.out"
    path.write_text("mine")

    def failing(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "settle", failing)
    with pytest.raises(DomainError, match="full") as caught:
        export(grid(1, 2), path, format, stations=STATIONS, overwrite=True)
    assert caught.value.code == "store.disk_full"
    assert path.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["t.out"]


def test_unknown_formats_folders_and_zones(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="“ods” is not a format"):
        export(grid(1, 1), tmp_path / "t.ods")
    with pytest.raises(DomainError, match="does not exist"):
        export(grid(1, 1), tmp_path / "no" / "t.csv")
    with pytest.raises(InvalidArgumentError, match="Nowhere"):
        export(grid(1, 1), tmp_path / "t.csv", zone="Nowhere")
    with pytest.raises(DomainError, match="is there already"):
        export(grid(1, 1), tmp_path, "csv", overwrite=True)


def test_times_without_a_zone_given_are_utc(tmp_path: Path) -> None:
    frame = pl.DataFrame({"time": [datetime(2016, 1, 1, 1, 30, tzinfo=UTC)]})
    export(frame, tmp_path / "t.csv")
    assert "2016-01-01T01:30:00+00:00" in (tmp_path / "t.csv").read_text("utf-8")
