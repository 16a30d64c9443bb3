"""The doctor: a sound home, and each thing that can be wrong with one."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lantian.home import Home, doctor
from lantian.home.backup import backup, last_backup
from lantian.home.doctor import examine
from lantian.home.findings import Diagnosis, Finding
from lantian.home.restore import restore
from tests.home.conftest import NOW, clock


def finding(diagnosis: Diagnosis, name: str) -> Finding:
    [found] = [f for f in diagnosis.findings if f.id == name]
    return found


def disk(monkeypatch: pytest.MonkeyPatch, free_mb: int) -> None:
    usage = shutil._ntuple_diskusage(10**12, 0, free_mb * 1024**2)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)


def test_a_sound_home(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk(monkeypatch, 50_000)
    backup(home.path, tmp_path / "b.tar", actor="a", clock=clock)
    found = examine(home.path, clock=clock)
    states = {f.id: f.state for f in found.findings}
    assert states == {
        "python.version": "ok",
        "fonts.pdf": "ok",
        "home.opens": "ok",
        "home.writable": "ok",
        "disk.space": "ok",
        "store.opens": "ok",
        "store.ledger": "ok",
        "store.orphans": "ok",
        "time.zone": "ok",
        "clock.sane": "ok",
        "backup.age": "ok",
        "rules.quality": "ok",
        "workdays.years": "ok",
        # until the texts of the standards have been read
        "standards.unverified": "warn",
    }
    assert found.state == "warn"
    assert all(bool(f.fix) == (f.state != "ok") for f in found.findings)
    assert "o3_exemption" not in finding(found, "standards.unverified").message


def test_no_home(tmp_path: Path) -> None:
    found = examine(tmp_path, clock=clock)
    assert found.state == "fail"
    assert finding(found, "home.opens").fix == "Run `lantian init`."


def test_old_python_and_no_fonts(home: Home) -> None:
    found = examine(home.path, clock=clock, python=(3, 10), fonts="no_such_package_of_fonts")
    assert finding(found, "python.version").state == "fail"
    assert "3.11" in finding(found, "python.version").fix
    assert finding(found, "fonts.pdf").state == "fail"


@pytest.mark.parametrize(("free", "state"), [(100, "fail"), (1000, "warn"), (3000, "ok")])
def test_disk(home: Home, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    disk(monkeypatch, free)
    assert finding(examine(home.path, clock=clock), "disk.space").state == state


def test_a_home_that_cannot_be_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_more: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    found = finding(examine(home.path, clock=clock), "home.writable")
    assert (found.state, "access is not allowed" in found.message) == ("fail", True)


def test_a_missing_file_of_measurements(home: Home) -> None:
    [part] = (home.path / "store" / "measurements").rglob("month=2026-02/**/*.parquet")
    part.unlink()
    found = finding(examine(home.path, clock=clock), "store.ledger")
    assert found.state == "fail"
    assert part.name in found.message
    assert found.fix == "Restore a backup."


def test_a_store_that_does_not_open(home: Home) -> None:
    shutil.rmtree(home.path / "store")
    found = examine(home.path, clock=clock)
    assert finding(found, "store.opens").state == "fail"
    assert "store.ledger" not in {f.id for f in found.findings}


def test_leftovers_of_a_killed_writer(home: Home) -> None:
    [part, *_more] = (home.path / "store" / "measurements").rglob("*.parquet")
    shutil.copy(part, part.with_name("part-dead.parquet"))

    def much_later() -> datetime:
        return datetime.now(NOW.tzinfo) + timedelta(days=30)

    found = finding(examine(home.path, clock=much_later), "store.orphans")
    assert found.state == "warn"
    assert "1 files" in found.message


def test_a_clock_behind_the_data(home: Home) -> None:
    def behind() -> datetime:
        return NOW - timedelta(days=400)

    found = finding(examine(home.path, clock=behind), "clock.sane")
    assert found.state == "fail"
    assert "2026-03-01" in found.message


def test_a_restored_home_names_the_backup_it_came_from(home: Home, tmp_path: Path) -> None:
    made = backup(home.path, tmp_path / "b.tar", actor="a", clock=clock)
    restore(made.path, tmp_path / "again")
    found = finding(examine(tmp_path / "again", clock=clock), "backup.age")
    assert found.state == "ok"
    assert f"came from {made.path}" in found.message
    noted = last_backup(tmp_path / "again")
    assert noted is not None
    assert (noted.sha256, noted.made_at, noted.files) == (made.sha256, made.made_at, made.files)
    late = finding(
        examine(tmp_path / "again", clock=lambda: clock() + timedelta(days=60)), "backup.age"
    )
    assert late.state == "warn"
    newer = backup(tmp_path / "again", tmp_path / "c.tar", actor="a", clock=clock)
    assert (
        str(newer.path) in finding(examine(tmp_path / "again", clock=clock), "backup.age").message
    )


def test_backups_old_gone_and_never_made(home: Home, tmp_path: Path) -> None:
    def late() -> datetime:
        return NOW + timedelta(days=30)

    assert "never" in finding(examine(home.path, clock=clock), "backup.age").message
    made = backup(home.path, tmp_path / "b.tar", actor="a", clock=clock)
    old = finding(examine(home.path, clock=late), "backup.age")
    assert (old.state, old.message.startswith("30 days ago")) == ("warn", True)
    made.path.unlink()
    assert "no longer there" in finding(examine(home.path, clock=clock), "backup.age").message
    (home.path / "last_backup.json").write_text("{}")
    assert "cannot be read" in finding(examine(home.path, clock=clock), "backup.age").message


def test_settings_and_rules_edited_wrongly(home: Home) -> None:
    settings = home.path / "settings.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("[evaluation]", "[evaluation]\nx = 1"), "utf-8")
    (home.path / "rules").mkdir()
    (home.path / "rules" / "quality.toml").write_text("[range]\n[rage.a.b]\nc = 1\n")
    found = examine(home.path, clock=clock)
    assert finding(found, "standards.unverified").state == "fail"
    assert finding(found, "rules.quality").state == "fail"


def test_a_zone_changed_by_hand(home: Home) -> None:
    settings = home.path / "settings.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("Asia/Shanghai", "Asia/Tokyo"), "utf-8")
    found = finding(examine(home.path, clock=clock), "time.zone")
    assert found.state == "fail"
    assert "Asia/Shanghai" in found.fix
