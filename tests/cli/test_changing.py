"""Commands that change the home: what they did, and that it can be taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from lantian.cli.failures import Exit
from tests.cli.conftest import NOW, Lantian, rows, write_table

KEY = ("A", "pm25", "2016-01-15T16:00")


def test_init_says_what_next(homeless: Lantian) -> None:
    shown = homeless("init", "--name", "新网").stdout
    assert "lantian import" in shown
    assert (homeless.home / "settings.toml").exists()


def test_import_shows_format_mapping_and_counts(changing: Lantian, tmp_path: Path) -> None:
    path = write_table(tmp_path / "april.csv", rows("甲站", datetime(2016, 4, 1), 48))
    trial = changing("import", path, "--dry-run").stdout
    assert "Trial run: 288 values could land" in trial
    assert "监测时间" in trial
    assert "PM2.5 [µg/m³]" in trial
    assert len(changing.json("history")["rows"]) == 1
    shown = changing("import", path).stdout
    assert "Batch 2: 288 new, 0 changed, 0 stored already." in shown
    again = changing.json("import", path)
    assert (again["batch"], again["new"], again["same"]) == (None, 0, 288)


def test_import_as_json(changing: Lantian, tmp_path: Path) -> None:
    path = write_table(tmp_path / "april.csv", rows("甲站", datetime(2016, 4, 1), 48))
    document = changing.json("import", path)
    assert document["batch"] == 2
    (file,) = document["files"]
    assert file["format"] == "table"
    assert file["first"] == "2016-03-31T17:00:00Z"
    assert {"column": "监测时间", "meaning": "date and time"} in file["mapping"]


def test_skip_bad_keeps_the_good_rows(changing: Lantian, tmp_path: Path) -> None:
    lines = rows("甲站", datetime(2016, 4, 1), 48)
    lines[3] = lines[3].replace(",甲站,", ",甲站,x")
    path = write_table(tmp_path / "april.csv", lines)
    rejected = tmp_path / "bad.csv"
    shown = changing("import", path, "--skip-bad", rejected).stdout
    assert "282 new" in shown
    assert "04:00" in rejected.read_text("utf-8-sig")


def test_mapping_is_saved_and_used(changing: Lantian, tmp_path: Path) -> None:
    path = write_table(tmp_path / "april.csv", rows("甲站", datetime(2016, 4, 1), 48))
    mapping = tmp_path / "mapping.toml"
    changing("import", path, "--dry-run", "--save-mapping", mapping)
    assert 'header = "监测时间"' in mapping.read_text("utf-8")
    assert changing.json("import", path, "--mapping", mapping)["new"] == 288


def test_mapping_is_saved_also_when_the_file_is_bad(changing: Lantian, tmp_path: Path) -> None:
    lines = rows("甲站", datetime(2016, 4, 1), 48)
    lines[3] = lines[3].replace(",甲站,", ",甲站,x")
    path, mapping = write_table(tmp_path / "april.csv", lines), tmp_path / "mapping.toml"
    changing("import", path, "--save-mapping", mapping, code=Exit.BAD_INPUT)
    assert mapping.exists()


def test_unknown_station_needs_a_network(changing: Lantian, tmp_path: Path) -> None:
    path = write_table(tmp_path / "new.csv", rows("丁站", datetime(2016, 4, 1), 24))
    assert "丁站" in changing("import", path, code=Exit.BAD_INPUT).stderr
    assert changing.json("import", path, "--network", "示例网")["stations_new"] == ["丁站"]


def test_undo_takes_an_import_back(changing: Lantian) -> None:
    shown = changing("undo", "1", "--reason", "wrong file").stdout
    assert "Batch 1 is undone." in shown
    (batch,) = changing.json("history")["rows"]
    assert (batch["state"], batch["undone_by"], batch["undo_reason"]) == (
        "undone", "测试员", "wrong file",
    )  # fmt: skip
    changing("evaluate", code=Exit.NOTHING)
    changing("undo", "1", "--reason", "again", code=Exit.USAGE)


def test_a_correction_keeps_the_old_value(changing: Lantian) -> None:
    before = changing.json("value", *KEY)["rows"]
    changing("correct", *KEY, "12.5", "--reason", "leak found")
    after = changing.json("value", *KEY)["rows"]
    assert [r["visible"] for r in after] == [False, True]
    assert after[0]["value"] == before[0]["value"]
    assert (after[1]["value"], after[1]["actor"]) == (12.5, "测试员")
    shown = changing("value", *KEY).stdout
    assert "leak found" in shown
    changing("undo", "1", "--reason", "x", code=Exit.USAGE)  # the correction stands on it
    assert changing.json("undo", "1", "--reason", "x", "--cascade")["batches"] == [1, 2]


def test_as_of_shows_the_data_before_a_correction(changing: Lantian) -> None:
    args = ("evaluate", "--period", "2016-01", "--station", "A")
    before = changing.json(*args)["rows"][0]["pm25_mean"]
    changing("correct", *KEY, "500", "--reason", "x")
    assert changing.json(*args)["rows"][0]["pm25_mean"] > before
    back = changing.json(*args, "--as-of", NOW.isoformat())
    assert back["rows"][0]["pm25_mean"] == before


def test_a_value_can_be_made_missing(changing: Lantian) -> None:
    changing("correct", *KEY, "missing", "--reason", "x")
    assert changing.json("value", *KEY)["rows"][-1]["value"] is None


def test_exclude_and_include(changing: Lantian) -> None:
    args = ("--station", "A", "--parameter", "PM2.5", "--from", "2016-01-15", "--to", "2016-01-16")
    trial = changing.json("exclude", *args, "--reason", "x", "--dry-run")
    assert trial["values"] == 48
    changing("exclude", *args, "--reason", "calibration")
    row = changing.json("evaluate", "--period", "2016-01", "--station", "A")["rows"][0]
    assert row["pm25_days"] == 29
    assert row["pm10_days"] == 31
    assert changing.json("include", *args, "--reason", "was right")["rows_changed"] == 48
    row = changing.json("evaluate", "--period", "2016-01", "--station", "A")["rows"][0]
    assert row["pm25_days"] == 31


def test_hours_given_are_excluded_both_ends_included(changing: Lantian) -> None:
    args = ("--station", "A", "--from", "2016-01-15T01:00", "--to", "2016-01-15T24:00")
    trial = changing.json("exclude", *args, "--reason", "x", "--dry-run")
    assert trial["values"] == 24 * 6


def test_dust_is_deducted_and_the_values_with_it_kept(changing: Lantian) -> None:
    changing("dust", "add", "2016-03-05", "2016-03-06", "--decision", "总站〔2016〕1号")
    args = ("evaluate", "--period", "2016-03", "--station", "A")
    with_dust = changing.json(*args)["rows"][0]
    without = changing.json(*args, "--deduct-dust")["rows"][0]
    assert without["pm10_mean_with_dust"] == with_dust["pm10_mean"]
    assert without["pm10_days"] == with_dust["pm10_days"]
    assert "sand-dust decision" in changing(*args, "--deduct-dust").stdout
    changing("dust", "remove", "1", "--reason", "withdrawn")
    changing(*args, "--deduct-dust", code=Exit.NOTHING)
    shown = changing("dust", "list").stdout
    assert "taken back" in shown
    assert "withdrawn" in shown


def test_station_set_changes_only_what_is_given(changing: Lantian) -> None:
    place = ("--lon", "114.5", "--lat", "35.6", "--datum", "wgs84")
    changing("stations", "set", "A", "--city", "别市", "--kind", "乡镇站", *place)
    station = {r["station"]: r for r in changing.json("stations")["rows"]}["A"]
    assert (station["city"], station["kind"], station["name"]) == ("别市", "township", "甲站")
    assert (station["lon"], station["lat"]) == (114.5, 35.6)
    assert "is added" in changing("stations", "set", "E", "--name", "戊站").stdout


def test_stations_round_trip(changing: Lantian, tmp_path: Path) -> None:
    before = changing.json("stations")["rows"]
    changing("stations", "export", tmp_path / "s.csv")
    changing("stations", "export", tmp_path / "s.csv", code=Exit.USAGE)
    changing("stations", "import", tmp_path / "s.csv", "--replace")
    assert changing.json("stations")["rows"] == before


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
def test_backup_and_restore(changing: Lantian, tmp_path: Path, name: str) -> None:
    made = changing.json("backup", tmp_path / name)
    assert Path(made["file"]).exists()
    other = Lantian(tmp_path / "other")
    other.json("restore", tmp_path / name)
    assert other.json("evaluate")["rows"] == changing.json("evaluate")["rows"]
    other("restore", tmp_path / name, code=Exit.HOME)
    other("restore", tmp_path / "none.tar", code=Exit.BAD_INPUT)


def test_upgrade_of_a_home_of_this_version_does_nothing(changing: Lantian) -> None:
    assert changing.json("upgrade")["steps"] == []
    assert "up to date" in changing("upgrade").stdout
