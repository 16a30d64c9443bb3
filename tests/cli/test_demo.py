"""The simulated county from nothing to its report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lantian.cli.failures import Exit
from tests.cli.conftest import Lantian

NOW = datetime.fromisoformat("2026-04-15T10:00:00+08:00")


def test_demo_from_nothing_to_the_report_and_again(tmp_path: Path) -> None:
    lantian = Lantian(tmp_path / "demo", NOW)
    where = ("--home", lantian.home)
    shown = lantian("demo", "--report", "--no-open", *where, lang="zh").stdout
    assert "模拟" in shown
    (page,) = (lantian.home / "reports").glob("*.html")
    assert "模拟" in page.read_text("utf-8")
    assert page.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    again = lantian.json("demo", "--report", *where)
    assert again["new"] == 0
    assert again["simulated"] is True
    history = lantian.json("history")["rows"]
    # two years at once, then the last day as it arrived
    assert history[0]["rows_new"] > 2_800_000
    assert 24 <= len(history) - 1 <= 54
    assert max(r["landed_at"] for r in history) <= "2026-04-15T02:00:00Z"
    lantian.now += timedelta(hours=5)
    fast = lantian.json("demo", "--report", "--speed", "60", *where)
    # five hours of 14 stations and 12 parameters, some of them missing or late
    assert 0.8 < fast["new"] / (5 * 14 * 12) < 1.2
    assert {r["rows_changed"] for r in lantian.json("history")["rows"]} == {0}
    assert fast["speed"] == 60
    newest = lantian.json("history")["rows"][-1]
    assert newest["landed_at"] <= lantian.now.astimezone(UTC).isoformat().replace("+00:00", "Z")
    lantian("demo", "--report", "--speed", "1e9", *where, code=Exit.USAGE)
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
