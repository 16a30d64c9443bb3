"""The simulated county from nothing to its report."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lantian.cli.failures import Exit
from tests.cli.conftest import Lantian

NOW = datetime.fromisoformat("2026-04-15T10:00:00+08:00")


def test_demo_from_nothing_to_the_report_and_again(tmp_path: Path) -> None:
    lantian = Lantian(tmp_path / "demo", NOW)
    where = ("--home", lantian.home)
    shown = lantian("demo", "--no-open", *where, lang="zh").stdout
    assert "模拟" in shown
    (page,) = (lantian.home / "reports").glob("*.html")
    assert "模拟" in page.read_text("utf-8")
    assert page.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    again = lantian.json("demo", *where)
    assert again["new"] == 0
    assert again["simulated"] is True
    first = lantian.json("history")["rows"][0]
    lantian.now += timedelta(hours=5)
    lantian("demo", "--no-open", *where)
    second = lantian.json("history")["rows"][1]
    # five hours of 14 stations, some of them missing
    assert 0 < second["rows_new"] < first["rows_new"] / 1000
    assert second["rows_changed"] == 0
    lantian("demo", "--seed", "1", *where, code=Exit.USAGE)
    shown = lantian("rank", "--period", "last-month").stdout
    assert "Simulated data" in shown
    # a period of two editions: statistics compare with the year before, counts of days do not
    both = ("rank", "--period", "2026-02-01..2026-03-31")
    assert all(r["composite_index_previous"] for r in lantian.json(*both)["rows"])
    days = lantian.json(*both, "--key", "good_days")["rows"]
    assert {r["edition"] for r in days} == {"mixed"}
    assert all(r["good_days_previous"] is None for r in days)


def test_demo_leaves_real_data_alone(changing: Lantian) -> None:
    before = changing.json("history")["rows"]
    stderr = changing("demo", "--no-open", "--home", changing.home, code=Exit.HOME).stderr
    assert "--home" in stderr
    assert changing.json("history")["rows"] == before


def test_demo_writes_files_to_try_the_readers_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lantian = Lantian(tmp_path / "demo", NOW)
    document = lantian.json("demo", "--export", tmp_path / "files")
    assert len(document["files"]) > 5
    assert all(Path(f).exists() for f in document["files"])
    assert document["seed"] > 0
    assert not lantian.home.exists()  # nothing but the files
    assert not (tmp_path / "lantian-demo").exists()
    lantian("demo", "--export", tmp_path / "files")  # an earlier export is replaced
    readme = tmp_path / "own" / "README.txt"
    readme.parent.mkdir()
    readme.write_text("mine")
    (readme.parent / "thesis.txt").write_text("mine")
    lantian("demo", "--export", readme.parent, code=Exit.BAD_INPUT)
    assert readme.read_text() == "mine"
