"""Bad input: the message a person gets, and that nothing of it lands."""

from __future__ import annotations

import csv
import errno
import gzip
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lantian.errors import BadInputError, DomainError
from lantian.observations import imports, space
from lantian.observations.import_checks import SWAPPED
from lantian.observations.import_report import ImportReport
from lantian.observations.stations import conform
from lantian.observations.store import Store
from lantian.observations.table import Staging
from tests.observations.import_samples import NOW, at, clock, each, matrix, prsa, register


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", zone="Asia/Shanghai", clock=clock)


def run(store: Store, *paths: Path, **more: Any) -> ImportReport:
    more = {"calibre": "realtime", "actor": "tester", "clock": clock, **more}
    return imports.run(list(paths), store, **more)


def nothing_landed(store: Store) -> None:
    again = Store.open(store.path)
    assert again.batches().is_empty()
    assert again.stations() is None or again.stations().is_empty()  # type: ignore[union-attr]
    assert not list(store.path.rglob("*.parquet")) or again.periods() == []


def refused(store: Store, *paths: Path, good: Path | None = None, **more: Any) -> BadInputError:
    """Return the error of an import of bad files and a good one, of which nothing landed."""
    with pytest.raises(BadInputError) as error:
        run(store, *paths, *([good] if good else []), **more)
    nothing_landed(store)
    assert error.value.total >= len(error.value.problems)
    return error.value


def only(error: BadInputError, code: str) -> Any:
    [problem] = error.problems
    assert (problem.code, error.total, error.code) == (code, 1, "import.bad_input")
    return problem


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return prsa(tmp_path / "good.csv", "Tiantan")


# -- the contract's list


def test_truncated_gzip(store: Store, tmp_path: Path, good: Path) -> None:
    path = prsa(tmp_path / "cut.csv.gz", hours=2000)
    path.write_bytes(path.read_bytes()[:-500])
    error = refused(store, path, good=good)
    problem = only(error, "read.truncated")
    assert problem.message == (
        "cut.csv.gz ends in the middle: the compressed file is not complete; copy it again."
    )
    assert error.message == (
        "1 problem in cut.csv.gz; nothing was imported. Mend it, or give --skip-bad FILE to "
        "import the good rows and have the bad ones written to FILE."
    )


def test_neither_utf8_nor_gbk(store: Store, tmp_path: Path, good: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes("时间,站点名称,PM2.5\n".encode("gbk") + b"\xff\xfe\xff\xff,x,1\n")
    problem = only(refused(store, path, good=good), "read.not_text")
    assert "save it as CSV in UTF-8" in problem.message


def test_letters_in_a_number(store: Store, tmp_path: Path, good: Path) -> None:
    path = prsa(tmp_path / "letters.csv", change=at(4, pm25="4l"))
    problem = only(refused(store, path, good=good), "read.not_a_number")
    assert (problem.file, problem.line, problem.column, problem.value) == (
        "letters.csv",
        6,
        "PM2.5",
        "4l",
    )
    assert "'4l'" in problem.message


def test_a_future_date(store: Store, tmp_path: Path, good: Path) -> None:
    path = prsa(tmp_path / "future.csv", change=at(4, year=2036))
    problem = only(refused(store, path, good=good), "import.future")
    assert (problem.file, problem.line, problem.column) == ("future.csv", 6, "time")
    assert problem.message == (
        "2036-01-10 05:00 lies in the future (it is 2026-03-01 08:00); correct the date."
    )


def test_the_hour_that_is_ending_is_no_future_one(store: Store, tmp_path: Path) -> None:
    local = NOW.replace(tzinfo=None).replace(hour=8)
    assert run(store, prsa(tmp_path / "a.csv", hours=1, first=local)).total_problems == 0
    two = prsa(tmp_path / "b.csv", hours=2, first=local)
    with pytest.raises(BadInputError, match="2026-03-01 10:00 lies in the future"):
        run(store, two)


def test_a_date_before_there_were_networks(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "old.csv", change=at(0, year=1016))
    error = refused(store, path)
    assert [p.code for p in error.problems] in (["import.too_old"], ["read.bad_time"])
    path = prsa(tmp_path / "old.csv", change=at(0, year=1986))
    problem = only(refused(store, path), "import.too_old")
    assert (problem.line, "is before 1990" in problem.message) == (2, True)


def test_rows_that_disagree_in_one_file(store: Store, tmp_path: Path, good: Path) -> None:
    path = prsa(tmp_path / "twice.csv", change=at(5, hour=5))
    error = refused(store, path, good=good)
    assert {p.code for p in error.problems} == {"read.conflict"}
    pm25 = next(p for p in error.problems if p.column == "pm25")
    assert "Dongsi PM2.5 at 2016-01-10 05:00" in pm25.message
    assert "line 6" in pm25.message
    assert "line 7" in pm25.message


def test_files_that_disagree(store: Store, tmp_path: Path, good: Path) -> None:
    one = prsa(tmp_path / "one.csv")
    two = prsa(tmp_path / "two.csv", change=at(5, pm25=99, pm10="NA"))
    problem = only(refused(store, one, two, good=good), "import.conflict")
    assert (problem.file, problem.line, problem.column) == ("one.csv", 7, "pm25")
    assert problem.message == (
        "Dongsi PM2.5 at 2016-01-10 06:00 is 45.0 µg/m³ in one.csv:7 and 99.0 µg/m³ in two.csv:7; "
        "keep the right one."
    )


def test_mg_where_ug_belongs(store: Store, tmp_path: Path, good: Path) -> None:
    # PM in mg/m³ under a header that says µg/m³, and CO in µg/m³ under one that says mg/m³
    path = tmp_path / "units.csv"
    rows = [f"2016-01-10 {h:02d}:00,东四,{(40 + h) / 1000},{900 + h}" for h in range(1, 13)]
    path.write_text("\n".join(["时间,站点名称,PM2.5(μg/m³),CO(mg/m³)", *rows]), "utf-8")
    error = refused(store, path, good=good)
    assert {p.code for p in error.problems} == {"read.suspicious_unit"}
    texts = {p.column: p.message for p in error.problems}
    assert "too low to be µg/m³" in str(texts)
    assert "too high to be mg/m³" in str(texts)


def test_columns_swapped_told_by_the_published_index(
    store: Store, tmp_path: Path, good: Path
) -> None:
    path = matrix(tmp_path / "china_sites_20160110.csv", ["1001A", "1002A"], swap=True)
    problem = only(refused(store, path, good=good), SWAPPED)
    assert problem.file == "china_sites_20160110.csv"
    assert "With the columns pm25 and pm10 exchanged it agrees in 100.0%" in problem.message
    assert "check the file" in problem.message


def test_columns_swapped_told_by_the_particles(store: Store, tmp_path: Path, good: Path) -> None:
    swap = each(pm25=lambda row: row["PM10"], pm10=lambda row: row["PM2.5"])
    path = prsa(tmp_path / "swapped.csv", change=swap)
    problem = only(refused(store, path, good=good), SWAPPED)
    assert problem.message == (
        "PM2.5 is above PM10 in 100% of 24 hours: the columns PM2.5 and PM10 look swapped; "
        "check the file."
    )


def test_swapped_columns_that_were_looked_at(store: Store, tmp_path: Path) -> None:
    swap = each(pm25=lambda row: row["PM10"], pm10=lambda row: row["PM2.5"])
    report = run(store, prsa(tmp_path / "a.csv", change=swap), accept={SWAPPED})
    assert report.new == 288
    assert any("look swapped" in note for note in report.files[0].notes)


def test_a_third_of_hours_above_is_a_remark(store: Store, tmp_path: Path) -> None:
    def some(n: int, row: dict[str, object]) -> None:
        row["PM2.5"] = 200 + n if n % 3 == 0 else row["PM2.5"]

    report = run(store, prsa(tmp_path / "a.csv", change=some))
    assert any("look whether the columns may be swapped" in n for n in report.files[0].notes)


def test_an_unknown_station(store: Store, tmp_path: Path) -> None:
    store.save_stations(
        conform(register(("1003A", "Dongsi"), ("1004A", "Tiantan"), ("1005A", "农展馆"))),
        "x",
        clock,
    )
    path = prsa(tmp_path / "a.csv", "Dongsy")
    with pytest.raises(BadInputError) as error:
        run(store, path, prsa(tmp_path / "b.csv", "Tiantan"))
    problem = only(error.value, "import.unknown_station")
    assert (problem.line, problem.column, problem.value) == (2, "station", "Dongsy")
    assert problem.message == (
        "The station Dongsy is not in the register. Nearest: 1003A Dongsi. Correct it, add the "
        "station to the register, or name its network (--network) to enter it."
    )
    assert store.batches().is_empty()
    assert len(store.station_versions()) == 1


def test_a_station_like_no_other(store: Store, tmp_path: Path) -> None:
    store.save_stations(conform(register(("1003A", "Dongsi"))), "x", clock)
    with pytest.raises(BadInputError) as error:
        run(store, prsa(tmp_path / "a.csv", "某某站"))
    assert "None of the 1 stations there has a similar name" in error.value.problems[0].message


def test_a_name_that_several_stations_have(store: Store, tmp_path: Path) -> None:
    store.save_stations(conform(register(("1", "实验小学"), ("2", "实验小学"))), "x", clock)
    with pytest.raises(BadInputError) as error:
        run(store, prsa(tmp_path / "a.csv", "实验小学"))
    assert error.value.problems[0].message == (
        "Several stations are called 实验小学: 1, 2. Write the id instead of the name."
    )


def free(monkeypatch: pytest.MonkeyPatch, values: Sequence[int]) -> None:
    """Let the disk say these free bytes, one after the other, the last for ever."""
    left = list(values)

    def usage(_path: object) -> Any:
        now = left.pop(0) if len(left) > 1 else left[0]
        return shutil._ntuple_diskusage(10**12, 10**12 - now, now)  # type: ignore[attr-defined]

    monkeypatch.setattr(space.shutil, "disk_usage", usage)


def test_two_gigabytes_onto_a_full_disk(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as out:
        out.truncate(2 * 1024**3)  # sparse: it must not even be read
    free(monkeypatch, [500 * 1024**2])
    with pytest.raises(DomainError) as error:
        run(store, path)
    assert error.value.code == "store.disk_full"
    assert "has 500 MB free and about 2,080 MB are needed. Nothing was stored." in (
        error.value.message
    )
    nothing_landed(store)


def test_a_disk_that_fills_while_storing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = Staging.write, []

    def write(self: Staging, *args: Any, **more: Any) -> Path:
        done.append(1)
        if len(done) == 3:
            with space.told(store.path):
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, *args, **more)

    monkeypatch.setattr(Staging, "write", write)
    path = prsa(tmp_path / "a.csv", hours=24 * 100)
    with pytest.raises(DomainError, match="Free some space") as error:
        run(store, path)
    assert error.value.code == "store.disk_full"
    nothing_landed(store)
    assert store.station_versions() == []  # taken back, which a full disk does not hinder
    monkeypatch.undo()
    assert run(store, path).stations_new == ["Dongsi"]


# -- other ways to be wrong


@pytest.mark.parametrize("level", [1, 9])
def test_gzip_that_holds_gigabytes_of_nothing(
    store: Store, tmp_path: Path, good: Path, level: int
) -> None:
    path = prsa(tmp_path / "bomb.csv")
    lines = path.read_bytes() + b"\n" * (17 * 1024**2)
    path.write_bytes(gzip.compress(lines, level))
    problem = only(refused(store, path, good=good), "read.too_large")
    assert problem.message.startswith("bomb.csv becomes larger than 1")
    assert "MB when decompressed" in problem.message


def test_a_workbook_that_holds_gigabytes_of_nothing(
    store: Store, tmp_path: Path, good: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * (17 * 1024**2))
    only(refused(store, tmp_path / "bomb.xlsx", good=good), "read.too_large")


def test_a_workbook_of_a_version_nobody_knows(store: Store, tmp_path: Path, good: Path) -> None:
    path = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("xl/workbook.xml", "<x/>")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 6] = 114  # "needed to extract: 11.4"
    path.write_bytes(bytes(data))
    only(refused(store, path, good=good), "read.workbook")


def test_no_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="There is no file to import in") as error:
        run(store, tmp_path / "empty")
    assert error.value.code == "import.nothing"


def test_a_file_that_is_not_there_or_empty_or_of_no_format(
    store: Store, tmp_path: Path, good: Path
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "letter.csv").write_text("Dear all,\nthe air was fine.\n")
    names = ["gone.csv", "empty.csv", "letter.csv"]
    error = refused(store, *(tmp_path / n for n in names), good=good)
    assert [p.file for p in error.problems] == names
    assert error.problems[0].code == "import.unreadable"
    assert "there is no such file" in error.problems[0].message


def test_fire_spots_are_passed_over_in_a_folder_and_refused_by_name(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    prsa(folder / "a.csv")
    fires = folder / "fires.csv"
    fires.write_text(
        "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,"
        "confidence,version,bright_ti5,frp,daynight\n"
        "36.1,114.2,330.1,0.4,0.4,2016-01-10,0530,N,VIIRS,n,2.0NRT,290.1,3.2,D\n"
    )
    with pytest.raises(BadInputError) as error:
        run(store, fires)
    assert only(error.value, "read.not_measurements").file == "fires.csv"
    report = run(store, folder)
    assert [i.path.name for i in report.ignored] == ["fires.csv"]
    assert report.new == 288


def test_a_bad_station_list_stops_the_import(store: Store, tmp_path: Path, good: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text("station,lon,lat,datum\na,114.1,95,WGS84\na,114,36,WGS84\n")
    error = refused(store, path, good=good)
    assert {p.code for p in error.problems} == {"stations.position", "stations.duplicate"}


def test_all_problems_of_all_files_are_listed(store: Store, tmp_path: Path) -> None:
    many = prsa(tmp_path / "many.csv", hours=1500, change=each(O3=lambda _row: "x"))
    cut = prsa(tmp_path / "cut.csv.gz")
    cut.write_bytes(cut.read_bytes()[:-30])
    error = refused(store, cut, many)
    assert error.total == 1501
    assert len(error.problems) == BadInputError.LIMIT
    assert error.problems[0].file == "cut.csv.gz"
    assert error.message.startswith("1,501 problems in cut.csv.gz, many.csv; nothing was imported")


# -- skipping bad rows


def skipped(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def test_good_rows_land_and_bad_ones_are_written(store: Store, tmp_path: Path) -> None:
    letters = prsa(tmp_path / "letters.csv", change=at(4, pm25="4l"))
    future = prsa(tmp_path / "future.csv.gz", "Tiantan", change=at(2, year=2036))
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(b"x" * 10_000)[:-12])
    out = tmp_path / "bad.csv"
    report = run(store, letters, future, cut, skip_bad=out)
    assert (report.total_problems, len(report.problems), report.skipped) == (3, 3, out)
    assert [f.problems for f in report.files] == [1, 1, 1]
    assert report.new == 23 * 12 * 2
    assert store.read()["time"].n_unique() == 24
    rows = skipped(out)
    assert [(r["file"], r["line"], r["column"], r["value"]) for r in rows] == [
        ("letters.csv", "6", "PM2.5", "4l"),
        ("future.csv.gz", "4", "time", "2036-01-10 03:00"),
        ("cut.csv.gz", "", "", ""),
    ]
    assert rows[0]["row"] == letters.read_text().splitlines()[5]
    assert rows[1]["row"] == gzip.decompress(future.read_bytes()).decode().splitlines()[3]
    assert "correct the date" in rows[1]["message"]


def test_every_row_of_an_unknown_station_is_written(store: Store, tmp_path: Path) -> None:
    store.save_stations(conform(register(("Dongsi", "东四"))), "x", clock)
    path = prsa(tmp_path / "a.csv", change=each(station=lambda r: "X" if r["hour"] == 7 else "Y"))
    good = prsa(tmp_path / "b.csv")
    out = tmp_path / "bad.csv"
    report = run(store, path, good, skip_bad=out)
    assert report.total_problems == 2  # two stations, told once each
    assert report.new == 288
    assert [r["line"] for r in skipped(out)] == [str(n) for n in range(2, 26)]


def test_both_sides_of_a_conflict_are_left_out(store: Store, tmp_path: Path) -> None:
    one = prsa(tmp_path / "one.csv")
    two = prsa(tmp_path / "two.csv", change=at(5, pm25=99))
    out = tmp_path / "bad.csv"
    report = run(store, one, two, skip_bad=out)
    assert report.total_problems == 1
    assert report.new == 287
    assert [(r["file"], r["line"], r["value"]) for r in skipped(out)] == [
        ("one.csv", "7", "45.0"),
        ("two.csv", "7", "99.0"),
    ]


def test_rows_beyond_the_listed_problems_are_written_too(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "many.csv", hours=1500, change=each(O3=lambda _row: "x"))
    out = tmp_path / "bad.csv"
    with pytest.raises(BadInputError, match=r"Nothing of many\.csv can be imported") as error:
        run(store, path, skip_bad=out)
    assert error.value.total == 1500
    nothing_landed(store)
    rows = skipped(out)
    assert [r["line"] for r in rows] == [str(n) for n in range(2, 1502)]
    assert all(r["row"] for r in rows)


def test_a_trial_run_writes_no_file_of_bad_rows(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", change=at(4, pm25="4l"))
    report = run(store, path, skip_bad=tmp_path / "bad.csv", dry_run=True)
    assert (report.total_problems, report.skipped) == (1, None)
    assert not (tmp_path / "bad.csv").exists()
    nothing_landed(store)


def test_a_file_of_bad_rows_that_cannot_be_written(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", change=at(4, pm25="4l"))
    with pytest.raises(DomainError, match="Nothing was imported") as error:
        run(store, path, skip_bad=tmp_path / "no" / "folder" / "bad.csv")
    assert error.value.code == "import.skipped_not_written"
    nothing_landed(store)


def test_bad_rows_are_not_written_onto_what_is_imported(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "data" / "a.csv", change=at(4, pm25="4l"))
    (tmp_path / "link.csv").symlink_to(path)
    before = path.read_bytes()
    for given in (path, path.parent):
        for onto in (path, tmp_path / "link.csv"):
            with pytest.raises(DomainError, match="would replace") as error:
                run(store, given, skip_bad=onto)
            assert error.value.code == "import.skipped_onto_input"
    assert path.read_bytes() == before
    nothing_landed(store)


def test_the_row_shown_is_the_row_meant(store: Store, tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", change=at(4, pm25="4l"))
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[2] = lines[2].replace("Dongsi", "Dong\u2028si")  # a line end to Python, not to a file
    path.write_text("\n".join(lines), encoding="utf-8")
    run(store, path, skip_bad=tmp_path / "bad.csv")
    [row] = skipped(tmp_path / "bad.csv")
    assert (row["line"], row["row"]) == ("6", lines[5])


def test_no_bad_rows_no_file(store: Store, tmp_path: Path, good: Path) -> None:
    report = run(store, good, skip_bad=tmp_path / "bad.csv")
    assert report.skipped is None
    assert not (tmp_path / "bad.csv").exists()
