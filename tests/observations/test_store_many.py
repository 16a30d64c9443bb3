"""A store of very many batches: files are merged, files out of reach are not opened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lantian.observations import merging, stored
from lantian.observations.layout import months_between
from lantian.observations.log import DataFile, Reach
from lantian.observations.maintenance import check
from lantian.observations.reading import Selection
from lantian.observations.schema import TIME
from lantian.observations.store import Store

START = datetime(2026, 1, 30, 16, tzinfo=UTC)
HOURS = 72
WHO = {"actor": "test"}
WHY = {"actor": "test", "reason": "test"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    frame = pl.DataFrame(
        {
            "station": "a",
            "parameter": "pm25",
            "period": "1h",
            "time": [START + timedelta(hours=h + 1) for h in range(HOURS)],
            "value": [float(h) for h in range(HOURS)],
        },
        schema_overrides={"time": TIME},
    )
    store.append(frame, calibre="realtime", **WHO)
    return store


def files(store: Store) -> int:
    return sum(len(found) for found in store.table.snapshot().files.values())


def test_many_small_files_become_one_and_nothing_reads_differently(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "CROWD", 3)
    for n in range(10):
        store.correct("a", "pm25", START + timedelta(hours=1), 100.0 + n, **WHY)
    assert files(store) <= 2 + 3 + 3
    assert check(store).sound
    assert store.read(end=START + timedelta(hours=1))["value"].to_list() == [109.0]
    history = store.history("a", "pm25", START + timedelta(hours=1))
    assert history["value"].to_list() == [0.0, *(100.0 + n for n in range(10))]
    store.undo(11, **WHY)
    assert store.read(end=START + timedelta(hours=1))["value"].to_list() == [108.0]
    fresh = Store.open(store.path)
    assert fresh.read().equals(store.read())
    assert files(fresh) == files(store)
    assert fresh.table.snapshot().files.keys() == store.table.snapshot().files.keys()


def test_files_of_about_one_size_are_a_crowd() -> None:
    small = [DataFile(f"s{n}", 1, 10) for n in range(merging.CROWD)]
    large = [DataFile(f"l{n}", 1, 10_000) for n in range(merging.CROWD - 1)]
    assert merging.crowds([*small, *large]) == [small]
    assert merging.crowds([*small[1:], *large]) == []


def test_what_is_known_of_files_is_the_same_read_either_way(store: Store) -> None:
    """From the commits as they come, and from the library at opening."""
    store.correct("a", "pm25", START + timedelta(hours=5), 1.0, **WHY)
    fresh = Store.open(store.path)
    for where, found in store.table.snapshot().files.items():
        assert sorted(found, key=lambda f: f.path) == list(fresh.table.snapshot().files[where])


@pytest.mark.parametrize(
    ("after", "until", "stations", "expected"),
    [
        (0, 2, None, True),
        (5, 9, None, False),
        (-9, 0, None, False),
        (-9, 1, None, True),
        (4, 9, None, True),
        (None, None, ("b",), True),
        (None, None, ("a", "d"), False),
        (None, None, (), False),
    ],
)
def test_which_files_may_hold_a_row(
    after: int | None, until: int | None, stations: tuple[str, ...] | None, expected: bool
) -> None:
    def at(hour: int | None) -> datetime | None:
        return None if hour is None else START + timedelta(hours=hour)

    file = DataFile("f", 1, 1, at(1), at(5), ("b", "c"))
    assert file.may_hold(Reach(at(after), at(until), stations)) is expected
    assert DataFile("f", 1, 1).may_hold(Reach(at(after), at(until), stations))  # nothing is known


def test_files_out_of_reach_are_not_opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    scan = stored.scan

    def counted(paths: list[Path], hidden: list[int]) -> pl.LazyFrame | None:
        opened.extend(paths)
        return scan(paths, hidden)

    for n in range(5):
        store.correct("a", "pm25", START + timedelta(hours=30 + n), 100.0, **WHY)
    monkeypatch.setattr(stored, "scan", counted)
    at = START + timedelta(hours=32)
    found = store.read(start=at - timedelta(hours=1), end=at)
    assert found["value"].to_list() == [100.0]
    assert len(opened) == 2  # the import and one of the five corrections


def test_what_came_and_went_by_month(store: Store) -> None:
    january, february = ("1h", "realtime", "2026-01"), ("1h", "realtime", "2026-02")
    ledger = store.table.snapshot().ledger
    assert [c.batch for c in ledger.changes(*january)] == [1]  # type: ignore[arg-type]
    first = ledger.time_of(1)
    made = store.correct("a", "pm25", START + timedelta(hours=40), 1.0, **WHY)
    later = store.table.snapshot().ledger
    assert later.changes(*january, first) == []  # type: ignore[arg-type]
    assert [c.batch for c in later.changes(*february, first)] == [made.id]  # type: ignore[arg-type]
    assert ledger.length == 1  # an earlier ledger never changes
    assert len(ledger.changes(*february)) == 1  # type: ignore[arg-type]
    store.undo(made.id, **WHY)
    last = store.table.snapshot().ledger
    assert [c.batch for c in last.changes(*february, first)] == [made.id] * 2  # type: ignore[arg-type]
    day = START + timedelta(hours=24), START + timedelta(hours=39)
    assert last.last_change(None, *day) == first
    assert last.last_change({"2026-02"}, *day) == first
    assert last.last_change() == last.time_of(3)
    assert last.last_change(None, START - timedelta(days=9), START) is None


def test_a_batch_of_two_processes_in_turn(store: Store) -> None:
    other = Store.open(store.path)
    for n in range(4):
        (store, other)[n % 2].correct("a", "pm25", START + timedelta(hours=1), 100.0 + n, **WHY)
    assert store.batches().equals(other.batches())
    assert Store.open(store.path).batches().equals(store.batches())


def test_months_between() -> None:
    zone = "Asia/Shanghai"
    end = datetime(2026, 1, 31, 16, tzinfo=UTC)  # 24:00 of 31 January
    assert months_between(end - timedelta(hours=1), end, "1h", zone) == ["2026-01"]
    assert months_between(end - timedelta(days=40), end + timedelta(hours=1), "1h", zone) == [
        "2025-12",
        "2026-01",
        "2026-02",
    ]


def test_a_selection_of_no_stations_selects_nothing(store: Store) -> None:
    assert store.scan(Selection(stations=())).collect().is_empty()
