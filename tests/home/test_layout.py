"""A home: made once, opened, its settings kept."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.home import Home, locate, settings_file
from lantian.home.settings_file import HomeSettings
from lantian.observations.stations import conform
from lantian.observations.store import Store
from tests.home.conftest import NOW, clock


def test_init_then_open(tmp_path: Path) -> None:
    made = Home.init(tmp_path / "h", name=" 测试县 ", zone="Asia/Shanghai", clock=clock)
    opened = Home.open(tmp_path / "h")
    assert opened.settings == made.settings
    assert (opened.name, opened.zone, opened.settings.created) == ("测试县", "Asia/Shanghai", NOW)
    assert opened.store.zone == "Asia/Shanghai"
    assert opened.store.batches().is_empty()
    assert not opened.settings.simulated


def test_init_takes_an_empty_folder_and_one_left_by_a_killed_init(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    Store.create(tmp_path / "store", zone="Asia/Tokyo")
    Home.init(tmp_path, name="x", clock=clock)
    assert Home.open(tmp_path).store.zone == "Asia/Shanghai"


def test_init_twice_is_refused_and_changes_nothing(home: Home, contents: Any) -> None:
    before = contents(home.path)
    with pytest.raises(DomainError, match="There is already a Lantian home at") as error:
        Home.init(home.path, name="other", clock=clock)
    assert error.value.code == "home.already_initialised"
    assert contents(home.path) == before


@pytest.mark.parametrize("what", ["notes.txt", "store/notes.txt"])
def test_init_among_other_things_is_refused(tmp_path: Path, what: str, contents: Any) -> None:
    (tmp_path / what).parent.mkdir(exist_ok=True)
    (tmp_path / what).write_text("mine")
    with pytest.raises(DomainError) as error:
        Home.init(tmp_path, name="x", clock=clock)
    assert error.value.code == "home.not_empty"
    assert contents(tmp_path) == {what: b"mine"}


def test_a_store_with_measurements_is_not_taken_for_half_a_home(home: Home) -> None:
    (home.path / "settings.toml").unlink()
    with pytest.raises(DomainError) as error:
        Home.init(home.path, name="x", clock=clock)
    assert error.value.code == "home.not_empty"
    assert Store.open(home.path / "store").batches().height == 1


def test_a_store_with_stations_is_not_taken_for_half_a_home(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store", zone="Asia/Tokyo")
    store.save_stations(conform(pl.DataFrame({"station": ["A"]})), "a", clock)
    with pytest.raises(DomainError) as error:
        Home.init(tmp_path, name="x", clock=clock)
    assert error.value.code == "home.not_empty"
    assert Store.open(tmp_path / "store").stations() is not None


def test_init_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_folder: Path, _settings: HomeSettings) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(settings_file, "write", full)
    with pytest.raises(DomainError, match="access is not allowed") as error:
        Home.init(tmp_path / "h", name="x", clock=clock)
    assert error.value.code == "home.not_writable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"name": " "}, "home.no_name"), ({"name": "x", "zone": "Asia/Peking"}, "store.bad_zone")],
)
def test_init_with_a_wrong_argument(tmp_path: Path, arguments: Any, code: str) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        Home.init(tmp_path / "h", **arguments)
    assert error.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_open_without_a_home_says_what_to_run(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DomainError, match="`lantian init`") as error:
            Home.open(path)
        assert error.value.code == "home.not_initialised"
        assert str(path) in error.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("find", "put", "code", "words"),
    [
        ("schema = 1", "schema = 99", "home.too_new", "Update Lantian"),
        ("schema = 1", "schema = 0", "home.needs_upgrade", "`lantian upgrade`"),
        ("schema = 1", 'schema = "1"', "home.settings_unreadable", "home.schema"),
        ('name = "测试县"', "name = 1", "home.settings_unreadable", "home.name"),
        ("simulated = false", "simulated = 2", "home.settings_unreadable", "home.simulated"),
        ("[evaluation]", "[evaluation]\na = [1]", "home.settings_unreadable", "no plain value"),
        ("[home]", "[hoem]", "home.settings_unreadable", "no table"),
        ("[home]", "[home", "home.settings_unreadable", "cannot be used"),
        ("Asia/Shanghai", "Asia/Peking", "store.bad_zone", "not a time zone"),
    ],
)
def test_settings_that_cannot_be_used(
    home: Home, find: str, put: str, code: str, words: str
) -> None:
    path = home.path / "settings.toml"
    text = path.read_text("utf-8")
    assert find in text
    path.write_text(text.replace(find, put), "utf-8")
    with pytest.raises(DomainError, match=words) as error:
        Home.open(home.path)
    assert error.value.code == code


def test_locate() -> None:
    assert locate(Path("/a"), {"LANTIAN_HOME": "/b"}) == Path("/a")
    assert locate(None, {"LANTIAN_HOME": "/b"}) == Path("/b")
    assert locate(None, {}) == Path.home() / "lantian"


def test_choices_of_evaluation_are_checked_and_kept(home: Home) -> None:
    assert home.evaluation().o3_exemption is True
    home.choose("o3_exemption", False)
    assert home.evaluation().o3_exemption is False
    assert Home.open(home.path).evaluation().changed() == {"o3_exemption": False}
    with pytest.raises(UnknownNameError):
        home.choose("o4_exemption", True)
    with pytest.raises(InvalidArgumentError):
        home.choose("city_share", 7)
    assert Home.open(home.path).settings.evaluation == {"o3_exemption": False}
    home.choose("o3_exemption", None)
    assert Home.open(home.path).settings.evaluation == {}


def test_local_thresholds(home: Home) -> None:
    assert home.thresholds().get("range", "co", "1h", "suspect_above") == 20.0
    (home.path / "rules").mkdir()
    (home.path / "rules" / "quality.toml").write_text("[range.co.any]\nsuspect_above = 12\n")
    assert home.thresholds().get("range", "co", "1h", "suspect_above") == 12.0


@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    evaluation=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.booleans()
        | st.integers(-(2**60), 2**60)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        max_size=4,
    ),
)
@hypothesis.settings(deadline=None)  # each example waits for the disk
def test_settings_survive_being_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, evaluation: Any
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    given_settings = HomeSettings(
        name, "Asia/Shanghai", datetime(2026, 1, 1, 3, 4, 5, 6, tzinfo=UTC), evaluation=evaluation
    )
    settings_file.write(folder, given_settings)
    assert settings_file.read(folder) == given_settings
