from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

import lantian.observations as obs
from lantian import evaluation as ev
from lantian import twin
from lantian.errors import BadInputError, DomainError
from lantian.observations import published, stations
from lantian.observations.schema import POLLUTANTS
from lantian.twin.files_open import dew_point
from tests.twin.conftest import END

KEYS = ["station", "parameter", "time"]


@pytest.fixture(scope="module")
def folder(county: twin.County, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("export") / "out"
    written = twin.export(county, place)
    assert sorted(written) == sorted(p for p in place.rglob("*") if p.is_file())
    return place


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def same_rows(
    read: pl.DataFrame, county: twin.County, parameters: Sequence[str] | None = None
) -> None:
    """Compare what was read with the simulated hours of the same stations and span."""
    found = read.filter(pl.col("value").is_not_null(), pl.col("grade") == "valid")
    if parameters is not None:
        found = found.filter(pl.col("parameter").is_in(parameters))
    first, last = read["time"].min(), read["time"].max()
    expected = county.hours(first - timedelta(hours=1), last).filter(  # type: ignore[operator,arg-type]
        pl.col("station").is_in(read["station"].unique().implode()),
        pl.col("parameter").is_in(found["parameter"].unique().implode()),
    )
    columns = [*KEYS, "period", "value", "unit"]
    one, other = (f.select(columns).sort(KEYS) for f in (found, expected))
    assert one.height > 0
    assert one.equals(other), one.join(other, on=columns, how="anti")


def test_every_name_says_simulated(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "README.txt":
            assert "simulated" in path.name
    text = (folder / "README.txt").read_text("utf-8")
    assert text.startswith("SIMULATED DATA")
    assert "模拟数据" in text
    assert "{" not in text


def test_every_file_is_told_of_in_the_readme(folder: Path) -> None:
    text = (folder / "README.txt").read_text("utf-8")
    for path in (folder / "bad").iterdir():
        assert path.name in text


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson"])
def test_the_register_reads_back(folder: Path, county: twin.County, suffix: str) -> None:
    path = folder / "register" / f"stations_simulated.{suffix}"
    assert stations.read_register(path).equals(county.register)


def test_the_whole_county_reads_back(folder: Path, county: twin.County) -> None:
    paths = sorted((folder / "long").iterdir())
    assert [obs.detect(p) for p in paths] == ["long"] * 3
    height = 0
    for path in paths:
        frame = obs.read(path)
        assert frame["source"].unique().to_list() == ["simulated"]
        first, last = frame["time"].min(), frame["time"].max()
        assert frame.equals(county.hours(first - timedelta(hours=1), last))  # type: ignore[operator,arg-type]
        height += frame.height
    assert height == county.measurements.height


def test_the_long_csv_reads_back(folder: Path, county: twin.County) -> None:
    path = only(folder / "formats", "long_*.csv.gz")
    assert obs.detect(path) == "long"
    same_rows(obs.read(path), county)


def test_the_daily_matrices_read_back(folder: Path, county: twin.County) -> None:
    paths = sorted((folder / "formats").glob("china_sites_*.csv"))
    assert len(paths) == 7
    assert {p.read_bytes()[:3] == b"\xef\xbb\xbf" for p in paths} == {True, False}
    for path in paths:
        assert obs.detect(path) == "cnemc-stations"
        reading = obs.read_file(path)
        assert not reading.problems
        assert reading.frame["station"].n_unique() == 14
        assert reading.frame["parameter"].unique().sort().to_list() == sorted(POLLUTANTS)
        same_rows(reading.frame, county)
        agreement = published.check(reading.frame, reading.published)
        assert agreement.share == 1.0
        assert agreement.n > 200


def test_the_live_feed_reads_back(folder: Path, county: twin.County) -> None:
    path = only(folder / "formats", "live_*.json")
    assert obs.detect(path) == "cnemc-json"
    reading = obs.read_file(path)
    assert not reading.problems
    same_rows(reading.frame, county)
    assert published.check(reading.frame, reading.published).share == 1.0
    records = json.loads(path.read_text("utf-8"))
    assert len(records) == 14
    assert {r["remark"] for r in records} == {"simulated (模拟)"}
    judged = ev.realtime(ev.hourly(county.hours(END - timedelta(hours=1), END)))
    best = {r["station"]: r for r in judged.iter_rows(named=True)}
    for record in records:
        row = best[record["stationcode"]]
        if record["aqi"] == "—":  # HJ 633-2026 5.3.1: with an item missing, only above 100
            assert row["missing"]
            assert row["aqi"] <= 100
            assert record["quality"] == "—"
        else:
            assert int(record["aqi"]) == row["aqi"]


def test_the_uci_file_reads_back(folder: Path, county: twin.County) -> None:
    path = only(folder / "formats", "PRSA_Data_*.csv.gz")
    assert obs.detect(path) == "uci-prsa"
    frame = obs.read(path)
    same_rows(frame, county, [*POLLUTANTS, "ws", "temp", "pres", "rain"])
    assert frame["time"].n_unique() > 8500
    true = county.hours(END - timedelta(days=365), END).filter(pl.col("station") == "9902S")
    wide = true.pivot("parameter", index="time", values="value")
    sectors = frame.filter(pl.col("parameter") == "wd").join(wide.select("time", "wd"), on="time")
    assert sectors.height == wide["wd"].drop_nulls().len()
    turn = (sectors["value"] - sectors["wd"] + 180) % 360 - 180
    assert turn.abs().max() <= 11.5  # type: ignore[operator]
    dew = frame.filter(pl.col("parameter") == "dewp").join(
        wide.with_columns(dew_point()).select("time", "dewp"), on="time"
    )
    assert dew["value"].equals(dew["dewp"].alias("value"))


def test_dew_point_of_wmo() -> None:
    # 20 °C and 50 %: 9.3 °C; saturated air: the temperature itself
    frame = pl.DataFrame({"temp": [20.0, -3.0], "rh": [50.0, 100.0]})
    assert frame.select(dew_point())["dewp"].to_list() == [9.3, -3.0]


def test_openaq_reads_back(folder: Path, county: twin.County) -> None:
    page = only(folder / "formats", "openaq_*.json")
    assert obs.detect(page) == "openaq-json"
    same_rows(obs.read(page), county)
    archive = only(folder / "formats", "location-*.csv.gz")
    assert obs.detect(archive) == "openaq-csv"
    frame = obs.read(archive)
    assert frame["parameter"].n_unique() == 6
    same_rows(frame, county)


def test_the_vendors_workbook_reads_back(folder: Path, county: twin.County) -> None:
    path = only(folder / "formats", "vendor_*.xlsx")
    assert obs.detect(path) == "table"
    frame = obs.read(path)
    same_rows(frame, county)
    assert frame["parameter"].n_unique() == 12
    marks = frame.filter(pl.col("grade") == "invalid")
    assert marks.height > 0
    assert marks["value"].null_count() == marks.height


def test_the_vendors_gbk_table_reads_back(folder: Path, county: twin.County) -> None:
    path = only(folder / "formats", "vendor_*_gbk_simulated.csv")
    with pytest.raises(UnicodeDecodeError):
        path.read_text("utf-8")
    assert obs.detect(path) == "table"
    frame = obs.read(path)
    assert frame["station"].n_unique() == 3
    same_rows(frame, county)


def test_fire_spots_lie_by_the_burning(folder: Path, county: twin.County) -> None:
    path = only(folder / "formats", "fires_*.csv")
    assert obs.detect(path) == "firms"
    fires = obs.read_firms(path)
    burning = county.truth.events.filter(pl.col("kind") == "burning")
    assert fires.height >= burning.height > 0
    place = county.truth.emissions.filter(pl.col("emission") == "SRC-10").row(0, named=True)
    assert ((fires["lon"] - place["lon"]).abs() < 0.06).all()
    assert ((fires["lat"] - place["lat"]).abs() < 0.06).all()
    nights = fires.sort("time").join_asof(
        burning.sort("start").select(pl.col("start").alias("time"), pl.col("start").alias("lit")),
        on="time",
    )
    assert (nights["time"] - nights["lit"]).dt.total_hours().is_between(0, 9).all()


def test_dust_days_and_truth_are_there(folder: Path, county: twin.County) -> None:
    days = pl.read_csv(folder / "rules" / "dust_days_simulated.csv", try_parse_dates=True)
    assert days.equals(county.truth.dust_days)
    events = pl.read_csv(folder / "truth" / "events_simulated.csv", infer_schema=False)
    assert events["event"].to_list() == county.truth.events["event"].to_list()


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("truncated", "read.truncated", "ends in the middle"),
        ("letters_in_a_number", "read.bad_rows", "is not a number"),
        ("rows_disagree", "read.bad_rows", "keep the right one"),
        ("mg_for_ug", "read.bad_rows", "too low to be µg/m³"),
    ],
)
def test_what_is_said_of_broken_files(folder: Path, name: str, code: str, says: str) -> None:
    path = only(folder / "bad", f"{name}_*")
    with pytest.raises(BadInputError) as caught:
        obs.read(path)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_broken_files_that_only_an_import_can_tell(folder: Path, county: twin.County) -> None:
    future = obs.read(only(folder / "bad", "future_date_*"))
    assert future.filter(pl.col("time") > county.end + timedelta(days=365)).height == 1
    unknown = obs.read(only(folder / "bad", "unknown_station_*"))
    assert not set(unknown["station"]) & set(county.register["station"])
    swapped = obs.read_file(only(folder / "bad", "swapped_columns_*"))
    agreement = published.check(swapped.frame, swapped.published)
    assert not agreement.good
    assert agreement.swap is not None
    assert {agreement.swap.first, agreement.swap.second} == {"pm25", "pm10"}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        # the register's workbook is written elsewhere and carries its date
        if p.is_file() and p.name != "stations_simulated.xlsx"
    }


def test_an_export_again_needs_permission_and_gives_the_same_bytes(
    folder: Path, county: twin.County
) -> None:
    before = digests(folder)
    with pytest.raises(DomainError, match="is not empty; name another one") as caught:
        twin.export(county, folder)
    assert caught.value.code == "twin.folder_not_empty"
    stale = folder / "long" / "measurements_1999_simulated.parquet"
    stale.write_bytes(b"of another export")
    mine = folder / "long" / "mine.csv"
    mine.write_text("kept")
    twin.export(county, folder, overwrite=True)
    assert not stale.exists()
    assert mine.read_text() == "kept"
    mine.unlink()
    assert digests(folder) == before


def test_a_file_is_no_folder(county: twin.County, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(DomainError) as caught:
        twin.export(county, path, overwrite=True)
    assert caught.value.code == "twin.not_a_folder"


def test_gzip_carries_no_clock(folder: Path) -> None:
    data = only(folder / "formats", "PRSA_Data_*").read_bytes()
    assert data[4:8] == bytes(4)
    assert gzip.decompress(data).startswith(b"No,year")
