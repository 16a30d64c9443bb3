from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.observations.decisions import CORRECTED, EXCLUDED
from lantian.observations.reading import Selection
from lantian.observations.store import Store

from .stores import Ticking, grid, hour, long


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def store(tmp_path: Path, clock: Ticking) -> Store:
    made = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    made.append(grid(2, 48), calibre="realtime", actor="li", clock=clock)
    return made


ONE = Selection(stations=["S000"], parameters=["o3"], start=hour(4), end=hour(6))


def one(store: Store, number: int) -> dict[str, object]:
    row = store.read(stations=["S000"], parameters=["o3"], start=hour(number - 1), end=hour(number))
    return row.row(0, named=True)


def test_a_correction_keeps_the_old_value_and_says_who_when_why(
    store: Store, clock: Ticking
) -> None:
    before = clock()
    batch = store.correct(
        "S000", "o3", hour(5), 77.5, actor="王", reason=" calibration ", clock=clock
    )
    row = one(store, 5)
    assert (row["value"], row["flag"], row["grade"], row["unit"], row["source"]) == (
        77.5,
        CORRECTED,
        "valid",
        "µg/m³",
        "correction",
    )
    assert store.read(as_of=before).filter(pl.col("batch") > 1).is_empty()
    history = store.history("S000", "o3", hour(5))
    assert history["value"].to_list() == [5.0, 77.5]
    assert history["kind"].to_list() == ["import", "correction"]
    assert history.row(1, named=True)["reason"] == "calibration"
    assert history.row(1, named=True)["recorded"] == batch.landed_at
    assert batch.based_on == (1,)


@pytest.mark.parametrize(
    ("station", "number"), [("S009", 5), ("S000", 48)], ids=["station", "hour"]
)
def test_only_what_is_stored_can_be_corrected(store: Store, station: str, number: int) -> None:
    with pytest.raises(DomainError, match=f"o3 at {station}") as caught:
        store.correct(station, "o3", hour(number), 1.0, actor="li", reason="r")
    assert caught.value.code == "store.no_such_value"
    rows = pl.concat([long([("S000", "o3", 5, 1.0)]), long([(station, "o3", number, 1.0)])])
    with pytest.raises(DomainError, match="Only a stored value") as caught:
        store.append(rows, calibre="realtime", kind="correction", actor="li", reason="r")
    assert caught.value.code == "store.no_such_value"
    assert store.batches().height == 1


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_a_decision_needs_a_reason(store: Store, reason: str) -> None:
    deeds = [
        lambda: store.correct("S000", "o3", hour(5), 1.0, actor="li", reason=reason),
        lambda: store.exclude(ONE, actor="li", reason=reason),
        lambda: store.restore(ONE, actor="li", reason=reason),
        lambda: store.undo(1, actor="li", reason=reason),
        lambda: store.append(
            grid(1, 1), calibre="realtime", kind="correction", actor="li", reason=reason
        ),
    ]
    for deed in deeds:
        with pytest.raises(InvalidArgumentError, match="Say why") as caught:
            deed()
        assert caught.value.code == "store.reason_needed"
    assert store.batches().height == 1
    assert store.batches()["state"].to_list() == ["landed"]


def test_excluding_and_restoring(store: Store, clock: Ticking) -> None:
    original = store.read()
    store.correct("S000", "o3", hour(5), 50.0, actor="li", reason="r", clock=clock)
    corrected = store.read()
    assert store.count(ONE) == 2
    assert store.count(ONE, decision="restore") == 0
    batch = store.exclude(ONE, actor="li", reason="maintenance", clock=clock)
    assert batch.rows_changed == 2
    excluded = store.read()
    changed = excluded.filter(pl.col("flag") == EXCLUDED)
    assert changed["value"].to_list() == [50.0, 6.0]
    assert changed["grade"].to_list() == ["invalid", "invalid"]
    assert changed["time"].to_list() == [hour(5), hour(6)]
    assert excluded.height == original.height
    assert store.count(ONE) == 0
    assert store.count(Selection(stations=["S000"]), decision="restore") == 2
    with pytest.raises(DomainError, match="No stored value") as caught:
        store.exclude(ONE, actor="li", reason="again")
    assert caught.value.code == "store.nothing_selected"
    store.restore(Selection(stations=["S000"]), actor="li", reason="was fine", clock=clock)
    content = ["station", "parameter", "time", "value", "unit", "flag", "grade", "source"]
    assert store.read().select(content).equals(corrected.select(content))
    with pytest.raises(DomainError, match="No stored value"):
        store.restore(ONE, actor="li", reason="again")
    assert store.history("S000", "o3", hour(5))["value"].to_list() == [5.0, 50.0, 50.0, 50.0]


def test_the_whole_store_is_not_excluded_by_accident(store: Store) -> None:
    for deed in (store.exclude, store.restore):
        with pytest.raises(InvalidArgumentError, match="whole store"):
            deed(Selection(), actor="li", reason="r")
    with pytest.raises(InvalidArgumentError, match="one calibre"):
        store.exclude(
            Selection(stations=["S000"], calibre="prefer-audited"), actor="li", reason="r"
        )


def test_the_same_file_again_does_not_override_a_decision(store: Store, clock: Ticking) -> None:
    store.exclude(ONE, actor="li", reason="maintenance", clock=clock)
    store.correct("S000", "o3", hour(9), 99.0, actor="li", reason="r", clock=clock)
    again = store.append(grid(2, 48), calibre="realtime", actor="li", clock=clock)
    assert again.id == 0
    assert one(store, 9)["value"] == 99.0


def test_new_values_from_a_file_are_held_back_by_a_decision_and_counted(
    store: Store, clock: Ticking
) -> None:
    store.exclude(ONE, actor="li", reason="maintenance", clock=clock)
    newer = grid(2, 48, offset=1000)
    batch = store.append(newer, calibre="realtime", actor="li", clock=clock)
    assert (batch.rows_changed, batch.rows_held) == (2 * 2 * 48 - 2, 2)
    assert store.batches()["rows_held"].to_list() == [0, 0, 2]
    assert one(store, 5)["grade"] == "invalid"
    store.restore(ONE, actor="li", reason="was fine", clock=clock)
    assert one(store, 5)["value"] == 5.0
    # The decision is taken back, so the file counts again.
    assert store.append(newer, calibre="realtime", actor="li", clock=clock).rows_changed == 2
    assert one(store, 5)["value"] == 1005.0


def test_undoing_an_import(store: Store, clock: Ticking) -> None:
    first = store.read()
    second = store.append(grid(3, 50, offset=0.5), calibre="realtime", actor="li", clock=clock)
    before_undo = clock()
    assert store.undo(second.id, actor="wu", reason="wrong file", clock=clock) == [2]
    assert store.read().equals(first)
    assert store.read(as_of=before_undo)["batch"].unique().to_list() == [2]
    row = store.batches().row(1, named=True)
    assert (row["state"], row["undone_by"], row["undo_reason"]) == ("undone", "wu", "wrong file")
    assert row["undone_at"] == clock.now
    assert store.history("S000", "o3", hour(1))["state"].to_list() == ["landed", "undone"]
    with pytest.raises(DomainError, match="already undone by wu") as caught:
        store.undo(second.id, actor="li", reason="r")
    assert caught.value.code == "store.already_undone"
    with pytest.raises(UnknownNameError, match="no batch 9"):
        store.undo(9, actor="li", reason="r")
    third = store.append(grid(3, 50, offset=0.5), calibre="realtime", actor="li", clock=clock)
    assert (third.rows_new, third.rows_changed) == (second.rows_new, second.rows_changed)


def test_undoing_the_first_of_two_imports_leaves_the_second(store: Store, clock: Ticking) -> None:
    store.append(long([("S000", "o3", 5, 8.0)]), calibre="realtime", actor="li", clock=clock)
    store.undo(1, actor="li", reason="r", clock=clock)
    assert store.read()["value"].to_list() == [8.0]
    store.append(long([("S000", "o3", 5, 9.0)]), calibre="realtime", actor="li", clock=clock)
    assert store.read()["value"].to_list() == [9.0]
    assert store.months() == ["2016-01"]


def test_a_batch_with_decisions_on_it_is_not_undone_alone(store: Store, clock: Ticking) -> None:
    store.exclude(ONE, actor="li", reason="r", clock=clock)
    store.restore(ONE, actor="li", reason="r", clock=clock)
    with pytest.raises(DomainError, match="exclusions 2, 3") as caught:
        store.undo(1, actor="li", reason="r")
    assert caught.value.code == "store.batch_in_use"
    assert caught.value.data["dependents"] == [2, 3]
    before = clock()
    assert store.undo(1, actor="li", reason="r", cascade=True, clock=clock) == [1, 2, 3]
    assert store.read().is_empty()
    assert store.months() == []
    assert store.read(as_of=before).height == 2 * 2 * 48


def test_undoing_a_decision(store: Store, clock: Ticking) -> None:
    original = store.read()
    store.exclude(ONE, actor="li", reason="r", clock=clock)
    store.undo(2, actor="li", reason="r", clock=clock)
    assert store.read().equals(original)
    assert store.count(ONE, decision="restore") == 0


def test_the_register_keeps_its_versions(store: Store) -> None:
    assert store.stations() is None
    first = pl.DataFrame({"station": ["S000"], "lon": [114.5]})
    second = pl.DataFrame({"station": ["S000", "S001"], "lon": [114.5, None]})
    now = datetime(2020, 5, 1, tzinfo=UTC)
    assert store.save_stations(first, "李", lambda: now) == 1
    assert store.save_stations(first, "王", lambda: now) == 1
    assert store.save_stations(second, "王", lambda: now) == 2
    reopened = Store.open(store.path)
    found = reopened.stations()
    assert found is not None
    assert found.equals(second)
    earlier = reopened.stations(1)
    assert earlier is not None
    assert earlier.equals(first)
    assert [(v.version, v.actor, v.stations) for v in reopened.station_versions()] == [
        (1, "李", 1),
        (2, "王", 2),
    ]
    assert reopened.station_versions()[0].saved_at == now
    with pytest.raises(DomainError, match="version 7"):
        reopened.stations(7)
