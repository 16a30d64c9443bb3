"""What a careless hand does: each mistake is told apart and nothing is lost by it."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import pytest

from lantian.cli.failures import Exit
from tests.cli.conftest import Lantian, rows, write_register, write_table

HOUR = "2016-03-05T08:00"


def test_a_value_may_be_negative_but_not_impossible(changing: Lantian) -> None:
    changing("correct", "A", "so2", HOUR, "-1", "--reason", "zero drift of the instrument")
    said = changing("correct", "A", "pm25", HOUR, "99999", "--reason", "typo", code=Exit.USAGE)
    assert "99999 is no possible value of pm25" in said.stderr
    assert "99999" not in changing("value", "A", "pm25", HOUR).stdout
    assert changing("standards", "iaqi", "pm25", "-5").stdout.count("not computed") == 3


def test_a_single_day_is_judged_by_its_aqi(full: Lantian) -> None:
    shown = full("evaluate", "--period", "2016-03-05").stdout
    assert "Category" in shown
    assert "Above" not in shown


def test_a_running_month_is_judged_to_its_last_whole_day(full: Lantian) -> None:
    full.now = datetime.fromisoformat("2016-03-20T08:30:00+08:00")
    body = full.json("rank", "--period", "2016-03")
    assert body["period"]["end"] == "2016-03-19"
    assert body["period_asked"] == "2016-03"
    assert "2016-03 still runs" in full("evaluate", "--period", "2016-03").stdout


def test_a_file_refused_whole_is_refused_with_skip_bad_too(empty: Lantian, tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 5000)[:-20])
    rest = tmp_path / "rest.csv"
    said = empty("import", path, "--skip-bad", rest, code=Exit.BAD_INPUT)
    assert "Nothing of cut.csv.gz can be imported" in said.stderr
    assert not rest.exists()


def test_saving_a_mapping_never_overwrites(changing: Lantian, tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", rows("甲站", datetime(2016, 4, 1), 24))
    before = table.read_bytes()
    changing("import", table, "--dry-run", "--save-mapping", table, code=Exit.USAGE)
    assert table.read_bytes() == before


def test_doubts_and_zones_are_checked_before_the_work(changing: Lantian, tmp_path: Path) -> None:
    table = write_table(tmp_path / "t.csv", rows("甲站", datetime(2016, 4, 1), 24))
    changing("import", table, "--accept", "everything", code=Exit.USAGE)
    said = changing("import", table, "--zone", "Mars/X", code=Exit.USAGE)
    assert "not a time zone" in said.stderr


def test_simulated_stations_mark_what_they_take_part_in(empty: Lantian, tmp_path: Path) -> None:
    register = write_register(tmp_path / "stations.csv")
    text = register.read_text("utf-8").replace(",datum\n", ",datum,operator\n")
    register.write_text(text.replace(",WGS84\n", ",WGS84,simulated (模拟)\n"), "utf-8")
    empty(
        "import", register, write_table(tmp_path / "t.csv", rows("甲站", datetime(2016, 3, 1), 240))
    )
    assert empty.json("evaluate", "--period", "2016-03")["simulated"] is True
    assert "Simulated data" in empty("rank", "--period", "2016-03", "--key", "pm25_mean").stdout


def test_a_lost_settings_file_does_not_hide_the_data(changing: Lantian) -> None:
    (changing.home / "settings.toml").unlink()
    said = changing("evaluate", code=Exit.HOME)
    assert "holds measurements and no settings.toml" in said.stderr


@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_damaged_store_sends_one_to_the_doctor(changing: Lantian, harm: str) -> None:
    file = max(
        changing.home.glob("store/measurements/**/*.parquet"), key=lambda f: f.stat().st_size
    )
    if harm == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        file.unlink()
    said = changing("evaluate", "--period", "2016", code=Exit.HOME)
    assert "Run `lantian doctor`" in said.stderr
