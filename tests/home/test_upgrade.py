"""An upgrade: nothing to do, steps in order, a backup first, and going on after a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lantian.errors import DomainError
from lantian.home import Home, settings_file
from lantian.home.restore import restore
from lantian.home.upgrade import upgrade
from lantian.progress import Progress
from tests.home.conftest import clock


def add_line(home: Path, _progress: Progress) -> None:
    with (home / "log.txt").open("a") as out:
        out.write("step\n")


def fail(_home: Path, _progress: Progress) -> None:
    raise OSError("disk on fire")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak as a later version of the program, which knows layout 3."""
    monkeypatch.setattr(settings_file, "SCHEMA", 3)


def test_nothing_to_do(home: Home, contents: Any) -> None:
    before = contents(home.path)
    done = upgrade(home.path, actor="a", clock=clock)
    assert (done.before, done.after, done.steps, done.backup) == (1, 1, (), None)
    assert "up to date" in done.message()
    assert contents(home.path) == before


@pytest.mark.usefixtures("later")
def test_steps_in_order_after_a_backup(home: Home, tmp_path: Path) -> None:
    steps = {1: add_line, 2: add_line}
    done = upgrade(home.path, actor="a", clock=clock, migrations=steps, target=3)
    assert (done.before, done.after, done.steps) == (1, 3, (1, 2))
    assert "layout 1 to 3" in done.message()
    assert settings_file.read(home.path).schema == 3
    assert settings_file.read(home.path).name == "测试县"
    assert (home.path / "log.txt").read_text() == "step\nstep\n"
    assert done.backup is not None
    restore(done.backup.path, tmp_path / "old")
    assert settings_file.read(tmp_path / "old").schema == 1
    assert not (tmp_path / "old" / "log.txt").exists()


@pytest.mark.usefixtures("later")
def test_a_failed_step_names_the_backup_and_is_done_again_later(home: Home) -> None:
    with pytest.raises(DomainError, match="disk on fire") as error:
        upgrade(home.path, actor="a", clock=clock, migrations={1: add_line, 2: fail}, target=3)
    assert error.value.code == "upgrade.failed"
    backup = error.value.data["backup"]
    assert str(backup) in error.value.message
    assert Path(str(backup)).is_file()
    assert settings_file.read(home.path).schema == 2
    Path(str(backup)).rename(home.path / "elsewhere")
    steps = {1: fail, 2: add_line}
    done = upgrade(home.path, actor="a", clock=clock, migrations=steps, target=3)
    assert done.steps == (2,)


@pytest.mark.usefixtures("later")
def test_a_missing_step_changes_nothing(home: Home, contents: Any) -> None:
    before = contents(home.path)
    with pytest.raises(DomainError) as error:
        upgrade(home.path, actor="a", clock=clock, migrations={2: add_line}, target=3)
    assert error.value.code == "upgrade.no_way"
    assert contents(home.path) == before
