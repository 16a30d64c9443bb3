from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lantian.errors import DomainError
from lantian.observations import maintenance
from lantian.observations.store import Store
from lantian.observations.table import Staging

from .stores import grid


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Hours in two months over six files each, revisions in three, one batch undone."""
    made = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    for number in range(6):
        made.append(grid(3, 100, first=480 + number * 100), calibre="realtime", actor="li")
    for number in range(3):
        made.append(grid(3, 300, first=500, offset=number + 1), calibre="realtime", actor="wu")
    made.undo(8, actor="li", reason="wrong")
    return made


def files(store: Store) -> int:
    return sum(len(found) for found in store.table.snapshot().files.values())


def test_compacting_changes_nothing_anybody_reads(store: Store) -> None:
    moments = store.batches()["landed_at"].to_list()
    before = [store.read(), *(store.read(as_of=m) for m in moments)]
    history = store.history("S000", "o3", before[0]["time"][100])
    ledger, count = store.batches(), files(store)
    done = maintenance.compact(store)
    # January's revisions lie in one file already: three partitions are merged.
    assert (done.files_before, done.files_after, done.rows_dropped) == (count - 1, 3, 0)
    assert files(store) == 4
    reopened = Store.open(store.path)
    after = [reopened.read(), *(reopened.read(as_of=m) for m in moments)]
    for one, other in zip(before, after, strict=True):
        assert one.equals(other)
    assert reopened.batches().equals(ledger)
    assert reopened.history("S000", "o3", before[0]["time"][100]).equals(history)
    assert maintenance.check(reopened).sound
    assert maintenance.compact(reopened).partitions == 0
    month = store.months()[0]
    base, _revisions = store.layers(month)
    assert base is not None
    rows = base.collect()
    assert rows.equals(rows.sort("station", "parameter", "time", "batch"))


def test_a_row_stored_twice_over_is_kept_once(store: Store) -> None:
    where, found = next(
        (w, f) for w, f in store.table.snapshot().files.items() if w.layer == "base"
    )
    path = store.table.paths(found)[0]
    staging = Staging(store.table)
    staging.write(where, pl.read_parquet(path, hive_partitioning=False))
    with store.writing("test", "li"):
        store.table.commit(staging.actions, {"event": "test"})
    assert not maintenance.check(store).sound
    assert maintenance.compact(store).rows_dropped == found[0].rows
    assert maintenance.check(store).sound


def test_cleaning_removes_only_what_the_table_does_not_need(store: Store) -> None:
    now = datetime.now(UTC)
    orphan = store.table.folder / "period=1h/calibre=realtime/month=2016-01/layer=base"
    (orphan / "part-dead.parquet").write_bytes(b"PAR1 cut short")
    reading = store.read()
    before = maintenance.compact(store).files_before
    young = maintenance.clean(store)
    assert young.files == ()
    later = now + maintenance.GRACE + timedelta(minutes=5)
    planned = maintenance.clean(store, clock=lambda: later, dry_run=True)
    assert len(planned.files) == before + 1
    assert all(path.exists() for path in planned.files)
    done = maintenance.clean(store, clock=lambda: later)
    assert set(done.files) == set(planned.files)
    assert done.bytes == planned.bytes > 0
    assert not any(path.exists() for path in done.files)
    assert Store.open(store.path).read().equals(reading)
    assert maintenance.clean(store, clock=lambda: later).files == ()


def test_a_lazy_frame_made_before_compacting_can_still_be_read(store: Store) -> None:
    base, revisions = store.layers("2016-02")
    assert base is not None
    assert revisions is not None
    maintenance.compact(store)
    maintenance.clean(store)
    assert base.collect().height > 0
    assert revisions.collect().height > 0


def test_reading_goes_on_while_compacting(store: Store) -> None:
    expected = store.read()
    stop, wrong = threading.Event(), []

    def watch() -> None:
        own = Store.open(store.path)
        while not stop.is_set():
            if not own.read().equals(expected):
                wrong.append(own.table.snapshot().version)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        for _ in range(5):
            maintenance.compact(store, fewest=1)
    finally:
        stop.set()
        thread.join()
    assert not wrong


def test_a_failed_merge_leaves_the_old_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, count = store.read(), files(store)

    def failing(*_args: object) -> None:
        raise DomainError("store.conflict", "no")

    monkeypatch.setattr(store.table, "commit", failing)
    with pytest.raises(DomainError):
        maintenance.compact(store)
    monkeypatch.undo()
    assert files(store) == count == len(list(store.table.folder.rglob("part-*.parquet")))
    assert store.read().equals(expected)


def test_a_missing_file_is_found(store: Store) -> None:
    assert maintenance.check(store).sound
    path = next(iter(store.table.folder.rglob("part-*.parquet")))
    path.unlink()
    found = maintenance.check(store)
    assert found.missing == (path,)
    assert not found.sound
