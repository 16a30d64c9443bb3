"""Wrong usage, missing homes, bad input: exit status, message, and what stays untouched."""

from __future__ import annotations

import errno
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lantian.cli import cli, failures
from lantian.cli.failures import Exit
from tests.cli.conftest import HEADER, Lantian, rows, write_table

USAGE = [
    (("nonsense",), "No such command"),
    (("evaluat",), "evaluate"),
    (("evaluate", "--nonsense"), "No such option"),
    (("evaluate", "--by", "decade"), "decade"),
    (("evaluate", "--period", "2016-13"), "2016-13"),
    (("evaluate", "--period", "2016-02-01..2016-01-01"), "ends"),
    (("evaluate", "--edition", "1996"), "1996"),
    (("evaluate", "--method", "guess"), "guess"),
    (("evaluate", "--as-of", "soon"), "soon"),
    (("evaluate", "--city", "--station", "A"), "--city"),
    (("evaluate", "--calibre", "best"), "best"),
    (("rank", "--key", "beauty"), "beauty"),
    (("rank", "--ties", "none"), "none"),
    (("report", "-o", "report.docx"), "report.docx"),
    (("report", "--edition", "2012,2026-final"), "one"),
    (("export",), "measurements"),
    (("export", "everything", "-o", "x.csv"), "everything"),
    (("export", "daily"), "output"),
    (("export", "daily", "-o", "x.doc"), "doc"),
    (("export", "measurements", "--city", "-o", "x.csv"), "--city"),
    (("import",), "PATHS"),
    (("import", ".", "--format", "excel"), "excel"),
    (("import", ".", "--unit", "co"), "co=ug/m3"),
    (("init", "--zone", "UTC"), "--name"),
    (("undo", "one", "--reason", "x"), "one"),
    (("undo", "1"), "--reason"),
    (("correct", "A", "pm25", "2016-01-15T16:00", "much", "--reason", "x"), "much"),
    (("correct", "A", "pm25", "noon", "3", "--reason", "x"), "noon"),
    (("correct", "A", "pm25", "2016-01-15T16:00", "nan", "--reason", "x"), "nan"),
    (("exclude", "--reason", "x"), "whole store"),
    (("exclude", "--station", "A"), "--reason"),
    (("exclude", "--parameter", "smell", "--reason", "x"), "smell"),
    (("value", "A", "pm25", "yesterday"), "yesterday"),
    (("stations", "set", "A"), "--name"),
    (("stations", "set", "A", "--lon", "114"), "--datum"),
    (("stations", "set", "A", "--kind", "royal"), "royal"),
    (("stations", "set", "A", "--start", "May"), "May"),
    (("dust", "add", "2016-03-05", "2016-03-04", "--decision", "1"), "ends"),
    (("dust", "add", "2016-03-05", "2016-03-06"), "--decision"),
    (("dust", "add", "2016-03-05", "2016-03-06", "--decision", "1", "--station", "Z"), "Z"),
    (("standards", "iaqi", "pm25", "much"), "much"),
    (("standards", "iaqi", "pollen", "3"), "pollen"),
    (("evaluate", "--lang", "fr"), "fr"),
]


@pytest.mark.parametrize(("args", "named"), USAGE, ids=[" ".join(a) for a, _n in USAGE])
def test_wrong_usage_is_named(full: Lantian, args: tuple[str, ...], named: str) -> None:
    result = full(*args, code=Exit.USAGE)
    assert named in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    chinese = full(*args, code=Exit.USAGE, lang="zh")
    assert "错误" in chinese.stderr


@pytest.mark.parametrize(("args", "named"), USAGE, ids=[" ".join(a) for a, _n in USAGE])
def test_wrong_usage_as_json(full: Lantian, args: tuple[str, ...], named: str) -> None:
    error = full.error(*args, code=Exit.USAGE)
    assert set(error) == {"code", "message", "data", "problems"}
    assert error["code"]


NEED_A_HOME = [
    ("evaluate",), ("rank",), ("report",), ("history",), ("stations",), ("dust", "list"),
    ("backup",), ("upgrade",), ("import", "."), ("export", "daily", "-o", "x.csv"),
    ("undo", "1", "--reason", "x"), ("value", "A", "pm25", "2016-01-01T01:00"),
]  # fmt: skip


@pytest.mark.parametrize("args", NEED_A_HOME, ids=" ".join)
def test_without_a_home_the_next_step_is_named(homeless: Lantian, args: tuple[str, ...]) -> None:
    result = homeless(*args, code=Exit.HOME)
    assert "lantian init" in result.stderr
    assert not homeless.home.exists()


def test_a_home_is_not_made_twice(empty: Lantian) -> None:
    assert "already" in empty("init", "--name", "again", code=Exit.HOME).stderr


NOTHING = [
    (("evaluate",), "lantian import"),
    (("rank",), "lantian import"),
    (("report",), "lantian import"),
    (("export", "daily", "-o", "x.csv"), "lantian import"),
    (("history",), "lantian import"),
    (("stations",), "lantian stations import"),
    (("dust", "list"), "lantian dust add"),
    (("evaluate", "--deduct-dust"), "lantian dust add"),
]


@pytest.mark.parametrize(("args", "hint"), NOTHING, ids=[" ".join(a) for a, _h in NOTHING])
def test_empty_states_say_what_to_do(empty: Lantian, args: tuple[str, ...], hint: str) -> None:
    assert hint in empty(*args, code=Exit.NOTHING).stderr


def test_nothing_in_the_period_says_where_there_is(full: Lantian) -> None:
    stderr = full("evaluate", "--period", "2015", code=Exit.NOTHING).stderr
    assert "2016-01" in stderr
    assert "2016-03" in stderr
    stderr = full("evaluate", "--station", "Z", code=Exit.NOTHING).stderr
    assert "lantian stations list" in stderr


def test_what_is_not_there_cannot_be_changed(full: Lantian) -> None:
    full("undo", "99", "--reason", "x", code=Exit.NOTHING)
    full("value", "Z", "pm25", "2016-01-15T16:00", code=Exit.NOTHING)
    args = ("correct", "Z", "pm25", "2016-01-15T16:00", "3", "--reason", "x")
    full(*args, code=Exit.NOTHING)
    full("exclude", "--station", "Z", "--reason", "x", code=Exit.NOTHING)
    full("exclude", "--station", "Z", "--reason", "x", "--dry-run", code=Exit.NOTHING)
    full("dust", "remove", "1", "--reason", "x", code=Exit.NOTHING)


def bad_table(folder: Path, bad: int) -> Path:
    lines = rows("甲站", datetime(2016, 4, 1), 60)
    for n in range(bad):
        time, station, _pm25, rest = lines[n].split(",", 3)
        lines[n] = f"{time},{station},4o,{rest}"
    return write_table(folder / "bad.csv", lines)


def test_bad_input_is_listed_and_nothing_lands(changing: Lantian, tmp_path: Path) -> None:
    before = changing.json("history")["rows"]
    stderr = changing("import", bad_table(tmp_path, 25), code=Exit.BAD_INPUT).stderr
    assert "bad.csv:2:PM2.5" in stderr
    assert "4o" in stderr
    assert "and 5 more" in stderr
    assert stderr.count("bad.csv:") == failures.SHOWN
    assert changing.json("history")["rows"] == before


def test_bad_input_as_json_lists_every_problem(changing: Lantian, tmp_path: Path) -> None:
    error = changing.error("import", bad_table(tmp_path, 25), code=Exit.BAD_INPUT)
    assert error["code"] == "import.bad_input"
    assert len(error["problems"]) == 25
    first = error["problems"][0]
    assert (first["file"], first["line"], first["value"]) == ("bad.csv", 2, "4o")


def test_a_missing_file_is_wrong_usage(full: Lantian) -> None:
    assert "nowhere.csv" in full("import", "nowhere.csv", code=Exit.USAGE).stderr


def test_a_broken_station_list_lands_nothing(changing: Lantian, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("station,lon,lat,datum\nD,east,35,WGS84\n", encoding="utf-8")
    assert "east" in changing("stations", "import", path, code=Exit.BAD_INPUT).stderr
    assert len(changing.json("stations")["rows"]) == 3


def test_doctor_ends_with_its_own_status(homeless: Lantian) -> None:
    document = homeless.json("doctor", code=Exit.DOCTOR)
    assert document["state"] == "fail"
    assert "lantian init" in homeless("doctor", code=Exit.DOCTOR).stdout


def test_an_unexpected_error_is_told_without_a_traceback(
    full: Lantian, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> Any:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("lantian.home.layout.Home.open", broken)
    stderr = full("history", code=Exit.UNEXPECTED).stderr
    assert "ZeroDivisionError: by zero" in stderr
    assert "--debug" in stderr
    assert "Traceback" not in stderr
    assert full.error("history", code=Exit.UNEXPECTED)["code"] == "cli.unexpected"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (OSError(errno.ENOSPC, "No space left on device", "x.csv"), Exit.BAD_INPUT),
    ],
)
def test_interruption_and_the_machine(
    full: Lantian, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: Exit
) -> None:
    def broken(*_args: object, **_more: object) -> Any:
        raise error

    monkeypatch.setattr("lantian.home.layout.Home.open", broken)
    assert "Traceback" not in full("history", code=code).stderr


def test_nobody_reads_the_rest(made_home: Path) -> None:
    command = [sys.executable, "-m", "lantian", "standards", "--home", str(made_home), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_help_of_every_command_fits_and_is_translated() -> None:
    """No text may be left in English in the Chinese help, nor be wider than the terminal."""
    lantian = Lantian(Path("nowhere"))
    assert HEADER
    for name in cli.lazy:  # type: ignore[attr-defined]
        for lang in ("zh", "en"):
            shown = lantian(name, "--help", lang=lang, width=80).stdout
            assert ("用法" in shown) if lang == "zh" else ("Usage:" in shown), shown
