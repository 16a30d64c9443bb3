"""Importing files: what lands, what is reported, and that importing again changes nothing."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.errors import DomainError
from lantian.observations import imports, layout, schema
from lantian.observations.import_months import by_month
from lantian.observations.import_report import ImportReport
from lantian.observations.quality_thresholds import load_thresholds
from lantian.observations.readers import Options
from lantian.observations.stations import conform, write_register
from lantian.observations.store import Store
from tests.observations.import_samples import FIRST, at, clock, matrix, prsa, register


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", zone="Asia/Shanghai", clock=clock)


def run(store: Store, *paths: Path, **more: Any) -> ImportReport:
    more = {"calibre": "realtime", "actor": "tester", "clock": clock, **more}
    return imports.run(list(paths), store, **more)


def test_a_folder_lands_as_one_batch(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    one = prsa(folder / "b.csv.gz", "Dongsi")
    prsa(folder / "deep" / "a.csv", "Tiantan")
    (folder / "notes.docx").write_text("x")
    (folder / ".hidden.csv").write_text("x")
    (folder / "readme.txt").write_text("These are hours of Beijing.\nSee the archive.\n")
    (folder / "settings.json").write_text('{"colour": "blue"}')
    seen: list[tuple[str, int, int]] = []
    report = run(store, folder, progress=lambda *told: seen.append(told))
    assert [f.name for f in report.files] == ["b.csv.gz", "a.csv"]
    ignored = {i.path.name: i.reason for i in report.ignored}
    assert ignored.keys() == {".hidden.csv", "notes.docx", "readme.txt", "settings.json"}
    assert ignored["notes.docx"] == "no format known here has this suffix"
    assert "settings.json is in no format known here" in ignored["settings.json"]
    assert (report.rows, report.new, report.changed, report.same) == (576, 576, 0, 0)
    assert (report.batch, report.trial, report.total_problems) == (1, False, 0)
    first = report.files[0]
    assert (first.format, first.rows, first.stations) == ("uci-prsa", 288, 1)
    assert first.sha256 == hashlib.sha256(one.read_bytes()).hexdigest()
    assert first.first == datetime(2016, 1, 9, 17, tzinfo=UTC)
    assert first.last == datetime(2016, 1, 10, 16, tzinfo=UTC)
    assert any("µg/m³ to mg/m³" in note for note in first.notes)
    batch = store.batch(1)
    assert batch is not None
    assert [(f.name, f.rows, f.bytes) for f in batch.files] == [
        ("b.csv.gz", 288, one.stat().st_size),
        ("a.csv", 288, (folder / "deep" / "a.csv").stat().st_size),
    ]
    assert (batch.actor, batch.calibre, batch.kind) == ("tester", "realtime", "import")
    assert {task for task, _d, _t in seen} == {"Reading files", "Checking", "Storing"}
    assert all(0 <= done <= total for _task, done, total in seen)
    assert [seen[-1][1], seen[-1][2]] == [1, 1]


def test_importing_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", hours=24 * 40)
    run(store, path)
    before = store.read()
    again = run(store, path.rename(tmp_path / "renamed.csv"))
    assert (again.new, again.changed, again.same, again.batch) == (0, 0, again.rows, None)
    assert again.stations_new == []
    assert store.batches().height == 1
    assert store.read().equals(before)


def test_a_changed_file_brings_revisions(store: Store, tmp_path: Path) -> None:
    run(store, prsa(tmp_path / "a.csv"))
    report = run(store, prsa(tmp_path / "a.csv", change=at(3, pm25=44.5)))
    assert (report.new, report.changed, report.same) == (0, 1, 287)


def test_a_trial_run_changes_nothing(store: Store, tmp_path: Path) -> None:
    report = run(store, prsa(tmp_path / "a.csv"), dry_run=True)
    assert report.trial
    assert (report.rows, report.new, report.batch) == (288, 288, None)
    assert report.stations_new == ["Dongsi"]
    assert store.batches().is_empty()
    assert store.stations() is None


def test_a_trial_run_counts_what_would_change(store: Store, tmp_path: Path) -> None:
    run(store, prsa(tmp_path / "a.csv"))
    files = prsa(tmp_path / "a.csv", change=at(3, pm25=44.5)), prsa(tmp_path / "b.csv", "Tiantan")
    report = run(store, *files, network="n", dry_run=True)
    assert (report.new, report.changed, report.same, report.held) == (288, 1, 287, 0)
    assert [(f.name, f.new, f.changed) for f in report.files] == [
        ("a.csv", 0, 1),
        ("b.csv", 288, 0),
    ]
    assert report.changes is not None
    assert report.changes.select("parameter", "value").rows() == [("pm25", 44.5)]
    assert report.changes["value_before"][0] != 44.5
    assert report.changes["batch_before"][0] == 1
    landed = run(store, *files, network="n", expected=report.fingerprint)
    assert (landed.new, landed.changed, landed.batch) == (288, 1, 2)


def test_another_outcome_than_the_one_agreed_to_lands_nothing(store: Store, tmp_path: Path) -> None:
    run(store, prsa(tmp_path / "a.csv"))
    path = prsa(tmp_path / "b.csv", change=at(3, pm25=44.5))
    shown = run(store, path, dry_run=True)
    run(store, prsa(tmp_path / "c.csv", change=at(3, pm25=46)))
    before = store.stations_mark()
    with pytest.raises(DomainError, match="has changed"):
        run(store, path, expected=shown.fingerprint)
    assert store.batches().height == 2
    assert store.stations_mark() == before


# -- stations


def test_an_empty_register_takes_the_stations_of_the_files(store: Store, tmp_path: Path) -> None:
    report = run(store, prsa(tmp_path / "a.csv", "Dongsi"), prsa(tmp_path / "b.csv", "Tiantan"))
    assert report.stations_new == ["Dongsi", "Tiantan"]
    kept = store.stations()
    assert kept is not None
    assert kept.select("station", "name", "network").rows() == [
        ("Dongsi", "Dongsi", "default"),
        ("Tiantan", "Tiantan", "default"),
    ]


def test_a_named_network_takes_more_stations(store: Store, tmp_path: Path) -> None:
    run(store, prsa(tmp_path / "a.csv", "Dongsi"))
    report = run(store, prsa(tmp_path / "b.csv", "Tiantan"), network="city")
    assert report.stations_new == ["Tiantan"]
    kept = store.stations()
    assert kept is not None
    assert dict(kept.select("station", "network").iter_rows()) == {
        "Dongsi": "default",
        "Tiantan": "city",
    }


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson"])
def test_a_station_list_among_the_files_is_taken_first(
    store: Store, tmp_path: Path, suffix: str
) -> None:
    folder = tmp_path / "in"
    prsa(folder / "a.csv", "东四")
    stations = conform(
        register(("1003A", "东四"), ("1004A", "天坛")).with_columns(
            lon=pl.lit(116.417), lat=pl.lit(39.929), datum=pl.lit("WGS84"), city=pl.lit("北京")
        )
    )
    write_register(stations, folder / f"z.{suffix}")
    report = run(store, folder)
    assert [(f.format, f.stations) for f in report.files] == [("uci-prsa", 1), ("stations", 2)]
    assert report.stations_new == ["1003A", "1004A"]
    assert store.read()["station"].unique().to_list() == ["1003A"]
    assert "东四 = 1003A" in " ".join(report.files[0].notes)
    assert [f.name for f in (store.batch(1) or pytest.fail("no batch")).files] == ["a.csv"]
    again = run(store, folder)
    assert (again.stations_new, again.stations_changed, again.new) == ([], [], 0)
    assert len(store.station_versions()) == 1


def test_a_station_list_alone_updates_the_register(store: Store, tmp_path: Path) -> None:
    store.save_stations(conform(register(("a", "A"), ("b", "B"))), "x", clock)
    write_register(conform(register(("b", "Bee"), ("c", "C"))), tmp_path / "s.csv")
    report = run(store, tmp_path / "s.csv")
    assert (report.stations_new, report.stations_changed) == (["c"], ["b"])
    assert (report.rows, report.batch) == (0, None)
    kept = store.stations()
    assert kept is not None
    assert kept.select("station", "name").rows() == [("a", "A"), ("b", "Bee"), ("c", "C")]


def test_files_by_name_and_by_id_are_one_station(store: Store, tmp_path: Path) -> None:
    store.save_stations(conform(register(("1003A", "东四"))), "x", clock)
    report = run(store, prsa(tmp_path / "a.csv", "东四"), prsa(tmp_path / "b.csv", "1003A"))
    # both say the same of the same hours
    assert (report.rows, report.new, report.same) == (576, 288, 288)


# -- quality control


def test_quality_control_marks_what_lands(store: Store, tmp_path: Path) -> None:
    def spoil(n: int, row: dict[str, object]) -> None:
        row["PM2.5"] = 75.5 if n < 6 else 30 + n % 5
        row["PM10"] = 120 + n % 3
        row["CO"] = 250_000 if n == 20 else 900 + 100 * (n % 3)

    report = run(store, prsa(tmp_path / "a.csv", change=spoil))
    assert report.quality.select("rule", "grade", "parameter", "count").rows() == [
        ("range", "invalid", "co", 1),
        ("stuck", "suspect", "pm25", 6),
    ]
    assert (report.count("suspect"), report.count("invalid")) == (6, 1)
    kept = store.read(parameters=["pm25", "co"]).filter(pl.col("grade") != "valid")
    assert kept["flag"].to_list() == ["QC:range"] + ["QC:stuck"] * 6


def test_thresholds_of_the_network_are_used(store: Store, tmp_path: Path) -> None:
    local = load_thresholds().changed_by(
        {"range": {"temp": {"any": {"suspect_above": 5}}}}, origin="ours.toml"
    )
    report = run(store, prsa(tmp_path / "a.csv"), thresholds=local)
    assert report.quality["parameter"].to_list() == ["temp"]


def test_a_run_over_two_imports_is_found_in_the_second(store: Store, tmp_path: Path) -> None:
    def still(_n: int, row: dict[str, object]) -> None:
        row["NO2"] = 50

    run(store, prsa(tmp_path / "a.csv", hours=5, change=still))
    second = prsa(tmp_path / "b.csv", hours=4, first=FIRST + timedelta(hours=5), change=still)
    report = run(store, second)
    assert report.quality.select("rule", "parameter", "count").rows() == [("stuck", "no2", 4)]
    again = run(store, second)
    assert (again.new, again.changed) == (0, 0)


def test_a_parameter_imported_apart_is_compared_with_the_other(
    store: Store, tmp_path: Path
) -> None:
    head = "station,parameter,period,time,value,unit\n"
    for name, value in (("pm25", 200), ("pm10", 50)):
        rows = [f"A,{name},1h,2016-01-10 {h:02d}:00,{value + h % 5},ug/m3\n" for h in range(24)]
        (tmp_path / f"{name}.csv").write_text(head + "".join(rows))
    assert run(store, tmp_path / "pm25.csv").quality.is_empty()
    found = run(store, tmp_path / "pm10.csv").quality
    assert found.select("rule", "parameter", "count").rows() == [("particles", "pm10", 24)]
    again = run(store, tmp_path / "pm10.csv")
    assert (again.new, again.changed, again.same) == (0, 0, 24)


def test_an_import_keeps_the_stations_another_saved_meanwhile(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store, prsa(tmp_path / "0.csv", "S0"))
    real = imports._stored

    def later(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(imports, "_stored", real)
        run(Store.open(store.path), prsa(tmp_path / "2.csv", "S2"), network="n")
        return real(*args, **named)

    monkeypatch.setattr(imports, "_stored", later)
    run(store, prsa(tmp_path / "1.csv", "S1"), network="n")
    saved = store.stations()
    assert saved is not None
    assert saved["station"].to_list() == ["S0", "S1", "S2"]


def test_a_file_name_in_gbk(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv")
    named = tmp_path / os.fsdecode("东四.csv".encode("gbk"))
    try:
        path.rename(named)
    except OSError:
        pytest.skip("this file system knows no such names")
    report = run(store, named)
    assert (report.files[0].name, report.new) == ("东四.csv", 288)
    assert store.batches()["files"].to_list() == [["东四.csv"]]
    assert store.read()["source"].unique().to_list() == ["东四.csv"]


def test_a_station_list_without_places_is_told_from_a_table(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("station,name,city\nS1,东四,北京\n", encoding="utf-8")
    assert run(store, path).stations_new == ["S1"]


def test_neighbours_in_the_store_are_compared_with(store: Store, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        run(store, prsa(tmp_path / f"{name}.csv", name, hours=3), network="default")
    spike = prsa(tmp_path / "d.csv", "d", hours=3, change=at(1, pm25=230, pm10=240))
    report = run(store, spike, network="default")
    assert ("neighbours", "pm25", 1) in report.quality.select("rule", "parameter", "count").rows()
    assert store.read(stations=["a"])["flag"].unique().to_list() == [""]


# -- what the caller knows


def test_the_zone_is_that_of_the_store_unless_given(store: Store, tmp_path: Path) -> None:
    run(store, prsa(tmp_path / "a.csv"))
    run(store, prsa(tmp_path / "b.csv", "other"), zone="UTC", network="x")
    first = store.read().group_by("station").agg(pl.col("time").min()).sort("station")
    assert first["time"].dt.hour().to_list() == [17, 1]


def test_format_and_options_go_to_the_reader(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.dat")
    report = run(store, path, format="uci-prsa", options=Options(units={"co": "mg/m3"}))
    assert report.files[0].format == "uci-prsa"
    assert store.read(parameters=["co"])["value"].min() == 900.0


def test_the_published_index_is_compared_and_reported(store: Store, tmp_path: Path) -> None:
    report = run(store, matrix(tmp_path / "china_sites_20160110.csv", ["1001A", "1002A"]))
    agreement = report.files[0].published
    assert agreement is not None
    assert (agreement.n, agreement.share) == (48, 1.0)
    assert any("agrees with the published one in 100.0%" in n for n in report.files[0].notes)


def test_gbk_is_read(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "站点.csv"
    rows = [f"2016-01-10 {h:02d}:00,东四,{40 + h},{80 + h}" for h in range(1, 13)]
    path.write_bytes("\n".join(["时间,站点名称,PM2.5(μg/m³),PM10(μg/m³)", *rows]).encode("gb18030"))
    report = run(store, path)
    assert report.new == 24
    assert store.read()["station"].unique().to_list() == ["东四"]
    assert report.files[0].reading is not None
    assert report.files[0].reading.mapping is not None
    assert report.files[0].reading.frame.is_empty()


# -- months


@settings(max_examples=60, deadline=None)
@given(
    hours=st.lists(st.integers(0, 24 * 400), min_size=1, max_size=200),
    zone=st.sampled_from(["Asia/Shanghai", "UTC", "Europe/London", "America/St_Johns"]),
    ordered=st.booleans(),
)
def test_months_are_those_of_the_store(hours: list[int], zone: str, ordered: bool) -> None:
    base = datetime(2015, 3, 1, tzinfo=UTC)
    times = [base + timedelta(hours=h) for h in (sorted(hours) if ordered else hours)]
    frame = schema.conform(
        pl.DataFrame(
            {
                "station": "s",
                "parameter": "pm25",
                "period": ["1h" if h % 3 else "24h" for h in range(len(times))],
                "time": times,
                "value": [float(n) for n in range(len(times))],
            }
        )
    )
    parts = [month() for month in by_month(frame, zone)]
    assert pl.concat(parts).sort("value").equals(frame)
    found = []
    for part in parts:
        [period] = part["period"].unique()
        months = part.select(layout.month_expr(period, zone).alias("m"))["m"].unique().to_list()
        assert len(months) == 1
        found.append((period, months[0]))
    assert found == sorted(set(found))


# -- real files


def test_real_files(store: Store, shared_data: Path) -> None:
    paths = sorted((shared_data / "beijing").glob("*.gz"))[:4]
    report = run(store, *paths)
    assert report.total_problems == 0
    assert report.new == report.rows > 1_600_000
    assert report.count("invalid") == 0
    assert 0 < report.count("suspect") < 0.02 * report.rows
    again = run(store, *reversed(paths))
    assert (again.new, again.changed, again.same) == (0, 0, report.rows)
