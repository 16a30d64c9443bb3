"""The nightly backup: when it is due, what is kept, what a failure does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from lantian.errors import DomainError
from lantian.home import Home, schedule
from lantian.home.backup import backup
from lantian.home.restore import restore
from lantian.home.schedule import (
    BackupPlan,
    due_backup,
    kept,
    plan_of,
    run_backup,
    run_due,
    surplus,
)
from tests.home.conftest import clock, sample

DAY = timedelta(days=1)
# 02:30 in Shanghai on 3 March
SLOT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
NONE: dict[str, str] = {}


def say(home: Home, lines: str) -> None:
    path = home.path / "settings.toml"
    path.write_text(path.read_text("utf-8") + f"\n[backup]\n{lines}\n", "utf-8")


def test_what_a_home_says_of_its_backups(home: Home) -> None:
    assert plan_of(home, NONE) == BackupPlan("02:30", "backups", 7, 4)
    say(home, 'at = "23:05"\nkeep_daily = 3\nfolder = "/mnt/other"\ndatabase = false')
    plan = plan_of(home, NONE)
    assert (plan.at, plan.keep_daily, plan.keep_weekly, plan.database) == ("23:05", 3, 4, False)
    assert schedule.folder_of(home, plan) == Path("/mnt/other")
    given = {"LANTIAN_BACKUP_AT": "", "LANTIAN_BACKUP_KEEP_DAILY": "9"}
    assert plan_of(home, given).time is None
    assert plan_of(home, given).keep_daily == 9
    assert not due_backup(home, SLOT + DAY, given)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("when = 5", "when"),
        ("at = 230", "at"),
        ('at = "25:00"', "02:30"),
        ('at = "02:30+01:00"', "offset"),
        ("keep_daily = 0", "keep_daily"),
        ("keep_daily = true", "keep_daily"),
        ('folder = ""', "folder"),
    ],
)
def test_what_makes_no_sense_is_said(home: Home, lines: str, named: str) -> None:
    say(home, lines)
    with pytest.raises(DomainError, match=named) as error:
        plan_of(home, NONE)
    assert error.value.code == "backup.bad_setting"


def test_it_is_due_once_a_day_at_the_local_time_and_is_made_up_for(home: Home) -> None:
    minute = timedelta(minutes=1)
    assert not due_backup(home, home.settings.created + minute, NONE)
    assert run_due(home, lambda: SLOT - minute, environ=NONE) is not None  # of the day before
    assert not due_backup(home, SLOT - minute, NONE)
    assert due_backup(home, SLOT, NONE)
    made = run_due(home, lambda: SLOT + 5 * minute, environ=NONE)
    assert made is not None
    assert made.path == home.backups / "lantian-nightly-20260302-183500.tar"
    assert not due_backup(home, SLOT + 6 * minute, NONE)
    assert run_due(home, lambda: SLOT + DAY - minute, environ=NONE) is None
    # the machine was off for some days: one is made, at once
    late = SLOT + 5 * DAY + timedelta(hours=9)
    assert due_backup(home, late, NONE)
    run_backup(home, late, environ=NONE)
    assert not due_backup(home, late + minute, NONE)


def test_a_home_that_is_simulated_is_not_backed_up_unless_it_says_so(tmp_path: Path) -> None:
    demo = Home.init(tmp_path / "demo", name="x", clock=clock, simulated=True)
    assert not due_backup(demo, SLOT + DAY, NONE)
    say(demo, 'at = "02:30"')
    assert due_backup(demo, SLOT + DAY, NONE)


def test_the_newest_of_each_day_and_week_are_kept_and_those_of_people_always(home: Home) -> None:
    mine = backup(home.path, actor="a", clock=clock, environ=NONE).path
    say(home, "keep_daily = 3\nkeep_weekly = 3")
    made = [run_backup(home, SLOT + n * DAY, environ=NONE).path for n in range(30)]
    again = run_backup(home, SLOT + 29 * DAY + timedelta(hours=2), environ=NONE).path
    left = [path for _at, path in kept(home.backups)]
    # the third day back is a Sunday, which is also the newest of its week
    assert left == [made[19], made[26], made[27], made[28], again][-len(left) :]
    assert again in left
    assert made[29] not in left  # a newer one of the same day
    assert mine.is_file()
    assert len(left) == 5


def test_surplus_counts_local_days() -> None:
    # 23:59 and 00:01 in Shanghai: two days, though one in UTC
    times = [datetime(2026, 3, 2, 15, 59, tzinfo=UTC), datetime(2026, 3, 2, 16, 1, tzinfo=UTC)]
    backups = [(t, Path(f"{n}")) for n, t in enumerate(times)]
    assert surplus(backups, BackupPlan(keep_daily=2, keep_weekly=0), "Asia/Shanghai") == []
    assert surplus(backups, BackupPlan(keep_daily=2, keep_weekly=0), "UTC") == [Path("0")]


def test_a_failure_is_remembered_and_tried_again_later(home: Home) -> None:
    (home.path / "file").write_text("in the way")
    say(home, 'folder = "file"')
    with pytest.raises(DomainError) as error:
        run_due(home, lambda: SLOT, environ=NONE)
    assert error.value.code == "backup.not_written"
    tried = schedule.last_attempt(home)
    assert tried is not None
    assert (tried.at, tried.error) == (SLOT, error.value.message)
    assert run_due(home, lambda: SLOT + timedelta(minutes=29), environ=NONE) is None
    (home.path / "file").unlink()
    assert run_due(home, lambda: SLOT + timedelta(minutes=30), environ=NONE) is not None
    assert schedule.last_attempt(home).error == ""  # type: ignore[union-attr]


def test_two_at_once_do_not_back_up_twice(home: Home) -> None:
    (home.path / "run").mkdir()
    with FileLock(home.path / "run" / "schedule.lock"):
        assert run_due(home, lambda: SLOT, environ=NONE) is None
    assert run_due(home, lambda: SLOT, environ=NONE) is not None


def test_many_small_files_are_merged(home: Home) -> None:
    for n in range(schedule._CROWDED):
        home.store.append(sample(40.0 + n, 1), calibre="realtime", actor="a", clock=clock)
    assert schedule.is_crowded(home)
    before = home.store.read()
    run_due(home, clock, environ={"LANTIAN_BACKUP_AT": ""})
    assert not schedule.is_crowded(home)
    assert home.store.read().equals(before)


def test_what_it_makes_can_be_restored(home: Home, tmp_path: Path) -> None:
    made = run_due(home, lambda: SLOT, environ=NONE)
    assert made is not None
    restore(made.path, tmp_path / "new")
    assert Home.open(tmp_path / "new").store.read().equals(home.store.read())
