from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lantian.errors import DomainError, InvalidArgumentError
from lantian.observations import layout
from lantian.observations.batches import ImportedFile
from lantian.observations.locking import HOLDER_FILE
from lantian.observations.reading import READ_SCHEMA, Selection
from lantian.observations.schema import LONG
from lantian.observations.stations import conform
from lantian.observations.store import Store

from .stores import START, Ticking, grid, hour, long, values


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", zone="Asia/Shanghai")


def test_what_is_appended_is_read_back_exactly(store: Store, clock: Ticking) -> None:
    frame = long([("B", "pm25", 1, 12.5), ("A", "o3", 2, None), ("A", "o3", 1, 0.0)], flag="x")
    files = [ImportedFile("a.csv", "ab12", 99, 3)]
    batch = store.append(frame, calibre="realtime", actor="li", files=files, clock=clock)
    read = store.read()
    assert read.schema == pl.Schema(READ_SCHEMA)
    assert read.select(list(LONG)).equals(frame.sort("station", "parameter", "time"))
    assert read["batch"].to_list() == [1, 1, 1]
    assert read["recorded"].unique().to_list() == [batch.landed_at]
    assert (batch.rows_new, batch.rows_changed, batch.rows_same) == (3, 0, 0)
    row = store.batches().row(0, named=True)
    assert row["files"] == ["a.csv"]
    assert row["sha256"] == ["ab12"]
    assert (row["first_time"], row["last_time"]) == (hour(1), hour(2))


def test_importing_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    frame = grid(3, 1000)
    store.append(frame, calibre="realtime", actor="li")
    before = sorted(p.relative_to(tmp_path) for p in (store.path / "measurements").rglob("*.*"))
    renamed = frame.with_columns(pl.lit("copy.csv").alias("source")).sample(
        fraction=1, shuffle=True, seed=1
    )
    again = store.append(renamed, calibre="realtime", actor="li")
    assert (again.id, again.state, again.rows_same) == (0, "unchanged", frame.height)
    after = sorted(p.relative_to(tmp_path) for p in (store.path / "measurements").rglob("*.*"))
    assert after == before
    assert store.batches().height == 1


def test_a_changed_value_is_a_revision_and_the_old_one_stays(store: Store, clock: Ticking) -> None:
    store.append(long([("A", "pm25", 1, 1.0)]), calibre="realtime", actor="li", clock=clock)
    seen_at = clock()
    rows = long([("A", "pm25", 1, 2.0), ("A", "pm25", 2, 3.0)])
    batch = store.append(rows, calibre="realtime", actor="wu", clock=clock)
    assert (batch.rows_new, batch.rows_changed, batch.rows_same) == (1, 1, 0)
    assert store.read()["value"].to_list() == [2.0, 3.0]
    assert store.read(as_of=seen_at)["value"].to_list() == [1.0]
    assert store.read(as_of=datetime(2019, 1, 1, tzinfo=UTC)).is_empty()
    history = store.history("A", "pm25", hour(1))
    assert history["value"].to_list() == [1.0, 2.0]
    assert history["visible"].to_list() == [False, True]
    assert history["actor"].to_list() == ["li", "wu"]


@pytest.mark.parametrize(
    ("column", "value"), [("unit", "mg/m³"), ("flag", "H"), ("grade", "suspect"), ("value", None)]
)
def test_each_part_of_the_content_makes_a_revision(
    store: Store, column: str, value: str | None
) -> None:
    frame = long([("A", "pm25", 1, 1.0)])
    store.append(frame, calibre="realtime", actor="li")
    other = frame.with_columns(pl.lit(value).cast(LONG[column]).alias(column))
    assert store.append(other, calibre="realtime", actor="li").rows_changed == 1
    assert store.read()[column].to_list() == [value]


def test_nan_is_missing_and_minus_zero_is_zero(store: Store) -> None:
    frame = long([("A", "pm25", 1, float("nan")), ("A", "pm25", 2, 0.0)])
    store.append(frame, calibre="realtime", actor="li")
    assert store.read()["value"].to_list() == [None, 0.0]
    again = long([("A", "pm25", 1, None), ("A", "pm25", 2, -0.0)])
    assert store.append(again, calibre="realtime", actor="li").id == 0


def test_rows_given_twice(store: Store) -> None:
    row = ("A", "pm25", 1, 1.0)
    twice = pl.concat([long([row], source="b.csv"), long([row], source="a.csv")])
    batch = store.append(twice, calibre="realtime", actor="li")
    assert (batch.rows_read, batch.rows_new, batch.rows_same) == (2, 1, 1)
    assert store.read()["source"].to_list() == ["a.csv"]
    contrary = long([("B", "o3", 2, 5.0), ("B", "o3", 2, None), ("C", "o3", 2, 1.0)])
    with pytest.raises(InvalidArgumentError, match=r"B o3 at 2016-01-10T02.*5\.0.*≠ —") as caught:
        store.append(contrary, calibre="realtime", actor="li")
    assert caught.value.code == "store.conflicting_rows"
    assert store.read(stations=["B", "C"]).is_empty()


def test_several_frames_are_one_batch(store: Store) -> None:
    parts = [grid(2, 700, first=i * 700) for i in range(3)]
    batch = store.append(iter(parts), calibre="realtime", actor="li")
    assert batch.rows_new == sum(p.height for p in parts)
    assert store.batches().height == 1
    overlapping = [grid(2, 10, first=5000), grid(2, 10, first=5005)]
    assert store.append(iter(overlapping), calibre="realtime", actor="li").rows_same == 10 * 2
    clash = [grid(2, 10, first=9000), grid(2, 10, first=9005, offset=1)]
    with pytest.raises(InvalidArgumentError, match="given twice"):
        store.append(iter(clash), calibre="realtime", actor="li")
    assert store.batches().height == 2


def test_row_order_and_chunking_do_not_matter(tmp_path: Path) -> None:
    clock_a, clock_b = Ticking(), Ticking()
    first, second = grid(4, 900), grid(5, 1000, offset=0.5).filter(pl.col("value") % 3 > 1)
    one = Store.create(tmp_path / "one", zone="Asia/Shanghai")
    two = Store.create(tmp_path / "two", zone="Asia/Shanghai")
    for frame in (first, second):
        one.append(frame, calibre="realtime", actor="li", clock=clock_a)
        shuffled = frame.sample(fraction=1, shuffle=True, seed=7)
        two.append(iter(shuffled.iter_slices(999)), calibre="realtime", actor="li", clock=clock_b)
    assert one.read().equals(two.read())
    assert one.batches().equals(two.batches())


def test_an_hour_belongs_to_the_local_month_it_ends_in(store: Store) -> None:
    # 24:00 of 31 January in Shanghai is 16:00 UTC, labelled 00:00 of 1 February local time.
    last = datetime(2016, 1, 31, 16, tzinfo=UTC)
    frame = long([("A", "pm25", 0, 1.0), ("A", "pm25", 1, 2.0)]).with_columns(
        pl.Series("time", [last, last + timedelta(hours=1)], dtype=LONG["time"])
    )
    store.append(frame, calibre="realtime", actor="li")
    assert store.months() == ["2016-01", "2016-02"]
    base, revisions = store.layers("2016-01")
    assert base is not None
    assert revisions is None
    assert base.collect()["time"].to_list() == [last]
    assert store.read(end=last)["value"].to_list() == [1.0]
    assert store.read(start=last)["value"].to_list() == [2.0]


def test_reading_a_selection(store: Store) -> None:
    store.append(grid(3, 100), calibre="realtime", actor="li")
    found = store.read(stations=["S001"], parameters=["o3"], start=hour(9), end=hour(12))
    assert found["time"].to_list() == [hour(10), hour(11), hour(12)]
    assert found["station"].unique().to_list() == ["S001"]
    assert store.read(stations=[]).is_empty()
    assert store.read(period="24h").is_empty()
    with pytest.raises(InvalidArgumentError, match="time zone"):
        store.read(start=datetime(2016, 1, 1))


def test_periods_do_not_mix(store: Store) -> None:
    hourly = long([("A", "pm25", 1, 1.0)])
    store.append(
        pl.concat([hourly, hourly.with_columns(pl.lit("24h").alias("period"), value=9.0)]),
        calibre="realtime",
        actor="li",
    )
    assert store.read()["value"].to_list() == [1.0]
    assert store.read(period="24h")["value"].to_list() == [9.0]
    assert store.periods() == ["1h", "24h"]


def test_calibres_mix_only_when_asked(store: Store) -> None:
    store.append(
        long([("A", "pm25", 1, 1.0), ("A", "pm25", 2, 2.0)]), calibre="realtime", actor="li"
    )
    assert store.read()["calibre"].unique().to_list() == ["realtime"]
    store.append(
        long([("A", "pm25", 2, 20.0), ("A", "pm25", 3, 30.0)]), calibre="audited", actor="li"
    )
    for reading in (store.read, store.months):
        with pytest.raises(DomainError, match="never mixed") as caught:
            reading()
        assert caught.value.code == "store.calibre_needed"
    assert store.read(calibre="realtime")["value"].to_list() == [1.0, 2.0]
    assert store.read(calibre="audited")["value"].to_list() == [20.0, 30.0]
    mixed = store.read(calibre="prefer-audited")
    assert mixed["value"].to_list() == [1.0, 20.0, 30.0]
    assert mixed["calibre"].to_list() == ["realtime", "audited", "audited"]
    with pytest.raises(InvalidArgumentError, match="not a calibre"):
        store.append(long([]), calibre="raw", actor="li")  # type: ignore[arg-type]


@pytest.mark.parametrize("calibre", ["realtime", "audited", "prefer-audited"])
def test_layers_scattered_in_order_give_what_read_gives(store: Store, calibre: str) -> None:
    for number, kind in enumerate(["realtime", "audited"] * 3):
        frame = grid(3, 60, offset=number, first=number * 7)
        store.append(frame, calibre=kind, actor="li")  # type: ignore[arg-type]
    store.undo(2, actor="li", reason="wrong")
    found: dict[tuple[str, str, datetime], float] = {}
    for layer in store.layers("2016-01", calibre=calibre):  # type: ignore[arg-type]
        if layer is not None:
            for row in layer.select("station", "parameter", "time", "value").collect().iter_rows():
                found[row[:3]] = row[3]
    read = store.read(calibre=calibre)  # type: ignore[arg-type]
    assert found == {r[:3]: r[3] for r in read.select(*layout.ROW_KEY, "value").iter_rows()}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grade": "good"}, "store.bad_grade"),
        ({"period": "month"}, "store.bad_period"),
        ({"period": "40d"}, "store.bad_period"),
        ({"station": None}, "store.missing_key"),
    ],
)
def test_malformed_rows_are_refused(store: Store, change: dict[str, str], code: str) -> None:
    frame = grid(2, 3)
    bad = frame.head(1).with_columns(pl.lit(v, dtype=pl.String).alias(c) for c, v in change.items())
    with pytest.raises(InvalidArgumentError) as caught:
        store.append(pl.concat([frame, bad]), calibre="realtime", actor="li")
    assert caught.value.code == code
    assert store.read().is_empty()
    assert not list((store.path / "measurements").rglob("*.parquet"))


def test_an_empty_frame_is_no_batch(store: Store) -> None:
    assert store.append(long([]), calibre="realtime", actor="li").state == "unchanged"
    assert store.read().schema == pl.Schema(READ_SCHEMA)


def test_creating_and_opening(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        Store.open(tmp_path / "none")
    assert caught.value.code == "store.not_found"
    with pytest.raises(InvalidArgumentError, match="Mars/Olympus"):
        Store.create(tmp_path / "s", zone="Mars/Olympus")
    Store.create(tmp_path / "数据 库", zone="Asia/Urumqi")
    assert Store.open(tmp_path / "数据 库").zone == "Asia/Urumqi"
    with pytest.raises(DomainError) as caught:
        Store.create(tmp_path / "数据 库", zone="Asia/Urumqi")
    assert caught.value.code == "store.exists"
    assert [p.name for p in tmp_path.iterdir()] == ["数据 库"]
    settings = tmp_path / "数据 库" / layout.SETTINGS_FILE
    settings.write_text(json.dumps({"format": layout.FORMAT + 1, "zone": "Asia/Urumqi"}))
    with pytest.raises(DomainError, match="later version"):
        Store.open(tmp_path / "数据 库")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": "1", "zone": "x"}'])
def test_a_store_that_does_not_say_what_it_is(store: Store, text: str) -> None:
    (store.path / layout.SETTINGS_FILE).write_text(text)
    with pytest.raises(DomainError, match="cannot be read") as caught:
        Store.open(store.path)
    assert caught.value.code == "store.damaged"


def test_an_infinite_value_is_refused(store: Store) -> None:
    bad = grid(2, 3).with_columns(value=pl.lit(float("-inf")))
    with pytest.raises(InvalidArgumentError) as caught:
        store.append(bad, calibre="realtime", actor="li")
    assert caught.value.code == "store.infinite_value"
    assert store.read().is_empty()


def test_only_the_last_register_can_be_withdrawn(store: Store) -> None:
    frames = [pl.DataFrame({"station": [s]}) for s in ("A", "B")]
    first, second = (store.save_stations(conform(f), "li") for f in frames)
    with pytest.raises(DomainError) as caught:
        store.withdraw_stations(first, "li")
    assert caught.value.code == "store.no_such_register"
    store.withdraw_stations(second, "li")
    kept = store.stations()
    assert kept is not None
    assert kept["station"].to_list() == ["A"]


def test_a_path_with_odd_characters_works(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="%") as caught:
        Store.create(tmp_path / "a%20b", zone="Asia/Shanghai")
    assert caught.value.code == "store.bad_path"
    assert not list(tmp_path.iterdir())
    store = Store.create(tmp_path / "库 a% b #1 [x]", zone="Asia/Shanghai")
    store.append(grid(2, 5), calibre="realtime", actor="李")
    assert Store.open(store.path).read().height == 20


def test_a_second_reader_sees_new_batches_without_reopening(store: Store) -> None:
    other = Store.open(store.path)
    assert other.read().is_empty()
    store.append(grid(1, 5), calibre="realtime", actor="li")
    assert other.read().height == 10
    assert other.batches().height == 1


def test_other_delta_readers_can_read_the_files(store: Store) -> None:
    store.append(grid(2, 5), calibre="realtime", actor="li")
    store.append(grid(2, 6, offset=1), calibre="realtime", actor="li")
    rows = pl.scan_delta(str(store.table.folder)).collect()
    assert rows["layer"].value_counts().sort("layer").rows() == [("base", 24), ("revision", 20)]


def test_a_waiting_writer_is_told_who_holds_the_lock(store: Store) -> None:
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.writing("import", "王"):
            inside.set()
            done.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert inside.wait(20)
        hurried = Store.open(store.path, lock_timeout=0.1)
        with pytest.raises(DomainError, match="import by 王, process") as caught:
            hurried.append(grid(1, 1), calibre="realtime", actor="li")
        assert caught.value.code == "store.locked"
        assert hurried.read().is_empty()
    finally:
        done.set()
        thread.join()
    assert (store.path / HOLDER_FILE).exists()
    assert hurried.append(grid(1, 1), calibre="realtime", actor="li").id == 1


def test_writers_in_parallel_all_land(store: Store) -> None:
    def write(number: int) -> None:
        own = Store.open(store.path)
        for step in range(3):
            frame = grid(1, 5, first=number * 100 + step * 10)
            own.append(frame, calibre="realtime", actor=str(number))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read().height == 4 * 3 * 10
    assert store.batches()["batch"].to_list() == list(range(1, 13))


def test_a_clock_set_back_does_not_confuse_as_of(store: Store) -> None:
    late = datetime(2021, 1, 1, tzinfo=UTC)
    store.append(long([("A", "o3", 1, 1.0)]), calibre="realtime", actor="l", clock=lambda: late)
    store.append(long([("A", "o3", 1, 2.0)]), calibre="realtime", actor="l", clock=lambda: START)
    assert store.read()["value"].to_list() == [2.0]
    assert store.read(as_of=late)["value"].to_list() == [1.0]


def test_the_ledger_is_read_from_the_log(store: Store) -> None:
    for number in range(3):
        store.append(grid(1, 5, offset=number), calibre="realtime", actor="li")
    store.undo(2, actor="wu", reason="why")
    expected = store.batches()
    copy = store.path / layout.LEDGER_FILE
    whole = copy.read_bytes()
    for data in (whole, b"", whole[:-7], b"{}\n", whole + b'{"version": 9', whole[:3]):
        copy.write_bytes(data)
        reopened = Store.open(store.path)
        assert reopened.batches().equals(expected)
        with reopened.writing("test", "li"):
            pass
        assert Store.open(store.path).batches().equals(expected)
        assert len(copy.read_bytes().splitlines()) == 1 + 4
    copy.unlink()
    assert Store.open(store.path).batches().equals(expected)


def test_a_journal_of_another_store_is_not_believed(tmp_path: Path) -> None:
    one, two = (Store.create(tmp_path / n, zone="Asia/Shanghai") for n in ("one", "two"))
    for store, actor in ((one, "li"), (two, "wu")):
        store.append(grid(1, 5), calibre="realtime", actor=actor)
        store.append(grid(1, 6), calibre="realtime", actor=actor)
    (one.path / layout.LEDGER_FILE).write_bytes((two.path / layout.LEDGER_FILE).read_bytes())
    assert Store.open(one.path).batches()["actor"].unique().to_list() == ["li"]


def test_many_commits_are_checkpointed_and_keep_their_history(store: Store) -> None:
    for number in range(55):
        store.append(grid(1, 1, offset=number), calibre="realtime", actor="li")
    log = store.table.folder / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    (store.path / layout.LEDGER_FILE).unlink()
    reopened = Store.open(store.path)
    assert reopened.batches().height == 55
    assert reopened.read()["value"].to_list() == [54.0, 54.0]
    assert reopened.history("S000", "o3", hour(0)).height == 55


def test_a_lost_log_file_is_said(store: Store) -> None:
    store.append(grid(1, 1), calibre="realtime", actor="li")
    store.append(grid(1, 2), calibre="realtime", actor="li")
    (store.path / layout.LEDGER_FILE).unlink()
    (store.table.folder / "_delta_log" / f"{1:020d}.json").unlink()
    with pytest.raises(DomainError) as caught:
        Store.open(store.path)
    assert caught.value.code in {"store.history_lost", "store.damaged"}


def test_scan_is_lazy_and_selects(store: Store) -> None:
    store.append(grid(2, 50), calibre="realtime", actor="li")
    lazy = store.scan(Selection(stations=["S001"])).select(pl.col("value").sum())
    assert lazy.collect().item() == 2 * sum(range(50))
    assert values(store.read(end=hour(0))) == [
        (s, p, 0.0) for s in ("S000", "S001") for p in ("o3", "pm25")
    ]
