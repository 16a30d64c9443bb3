"""What arrives when, and that a feed killed at any moment takes in everything exactly once."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lantian.observations.quality_thresholds import load_thresholds
from lantian.observations.schema import KEY, LONG
from lantian.observations.store import Store
from lantian.twin import County
from lantian.twin.clock import hours_before
from lantian.twin.live import Feed, arrivals, arriving, longest_delay, run

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 7, 12, tzinfo=UTC)
START = NOW - timedelta(minutes=12) - 6 * HOUR
COUNTY = County(1, START, NOW, "Asia/Shanghai")
# long enough that a part of it is taken in at once
LONG_AGO = START - 34 * HOUR
LONGER = County(1, LONG_AGO, NOW, "Asia/Shanghai")
REPO = Path(__file__).resolve().parents[2]
ORDER = ["station", "parameter", "time"]


def feed(store: Store, folder: Path, county: County = COUNTY) -> Feed:
    return Feed(county, store, folder / "run" / "simulator.json", load_thresholds())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", zone=COUNTY.zone)


def test_most_hours_arrive_within_half_an_hour_and_some_much_later() -> None:
    first = hours_before(START, COUNTY.zone)
    when = arrivals(1, COUNTY.zone, first, first + 24 * 365)
    assert when.height == 24 * 365 * 14
    delay = (when["arrives"] - when["time"]).dt.total_minutes()
    assert set(delay.filter(delay <= 30).unique()) == {5, 10, 15, 20}
    late = delay.filter(delay > 30)
    assert 0.015 < len(late) / len(delay) < 0.025
    assert (late.min(), late.max()) == (35, 300)
    assert timedelta(minutes=300) == longest_delay()
    assert (delay % 5 == 0).all()
    # the same whatever is asked
    part = arrivals(1, COUNTY.zone, first + 30, first + 40)
    assert part.equals(when.slice(30 * 14, 10 * 14))
    other = arrivals(2, COUNTY.zone, first + 30, first + 40)
    assert not other.equals(part)


def test_what_arrives_bit_by_bit_is_all_there_is() -> None:
    everything = arriving(LONGER, LONG_AGO, NOW)
    steps = [
        LONG_AGO,
        LONG_AGO + 7 * HOUR,
        NOW - 26 * HOUR,
        NOW - HOUR,
        NOW - timedelta(minutes=7),
        NOW,
    ]
    parts = [arriving(LONGER, a, b) for a, b in itertools.pairwise(steps)]
    assert all(p.height for p in parts)
    assert pl.concat(parts).sort(ORDER).equals(everything.sort(ORDER))
    hours = LONGER.hours(LONG_AGO, NOW)
    # everything but what is still on its way
    lacking = hours.join(everything, on=list(KEY), how="anti")
    assert 0 < lacking.height < hours.height / 50
    assert lacking["time"].min() > NOW - longest_delay()
    assert arriving(LONGER, NOW, NOW).is_empty()
    # nothing of an hour before it is over, nor before the county's start
    assert everything["time"].max() <= NOW
    assert everything["time"].min() > LONG_AGO


def test_a_feed_fills_what_is_missing_and_marks_what_came_late(
    store: Store, tmp_path: Path
) -> None:
    first = feed(store, tmp_path, LONGER)
    assert first.reached is None
    assert first.due(NOW)
    expected = arriving(LONGER, LONG_AGO, NOW)
    assert first.advance(NOW) == expected.height
    stored = store.read(calibre="realtime")
    assert stored.select("station", "parameter", "time", "value").equals(
        expected.sort(ORDER).select("station", "parameter", "time", "value")
    )
    assert {"valid", "suspect"} <= set(stored["grade"])
    assert store.stations().height == 14  # type: ignore[union-attr]
    # of the last day, what is recorded late came late
    when = arrivals(
        1, LONGER.zone, hours_before(NOW - 20 * HOUR, LONGER.zone), hours_before(NOW, LONGER.zone)
    )
    both = stored.join(when, on=["station", "time"])
    half = pl.duration(minutes=30)
    recorded_late = both.filter(pl.col("recorded") - pl.col("time") > half)
    came_late = both.filter(pl.col("arrives") - pl.col("time") > half)
    assert 0 < came_late.height < both.height / 10
    assert set(recorded_late["time"]) == set(came_late["time"])
    assert recorded_late.height == came_late.height
    assert stored["recorded"].max() <= NOW
    assert not first.due(NOW + timedelta(minutes=4))
    assert first.due(NOW + timedelta(minutes=5))


def test_a_feed_goes_on_where_the_last_one_stopped(store: Store, tmp_path: Path) -> None:
    feed(store, tmp_path).advance(NOW - 3 * HOUR)
    before = store.read(calibre="realtime")
    again = feed(store, tmp_path)
    assert again.reached == NOW - 3 * HOUR
    again.advance(NOW)
    after = store.read(calibre="realtime")
    assert after.height == arriving(COUNTY, START, NOW).height
    assert (
        after.join(before, on=["station", "parameter", "time"], how="semi").height == before.height
    )
    # without its note it looks once more at what may have come late, and takes nothing twice
    (tmp_path / "run" / "simulator.json").unlink()
    blind = feed(store, tmp_path)
    assert blind.reached is not None
    assert blind.reached < NOW
    blind.advance(NOW)
    assert store.read(calibre="realtime").equals(after)
    assert set(store.batches()["rows_changed"]) == {0}


def test_a_correction_outlives_the_feed(store: Store, tmp_path: Path) -> None:
    feed(store, tmp_path).advance(NOW - 2 * HOUR)
    row = store.read(calibre="realtime").filter(parameter="pm25").row(-1, named=True)
    at = {"clock": lambda: NOW}
    store.correct(row["station"], "pm25", row["time"], 1.0, actor="a", reason="r", **at)
    (tmp_path / "run" / "simulator.json").unlink()
    feed(store, tmp_path).advance(NOW)
    kept = store.history(row["station"], "pm25", row["time"])
    assert kept.filter("visible")["value"].to_list() == [1.0]
    assert kept.height == 2


def test_it_stops_between_two_rounds_and_waits_out_another_writer(
    store: Store, tmp_path: Path
) -> None:
    stop, said = threading.Event(), []
    one = Feed(
        COUNTY,
        Store.open(store.path, lock_timeout=0.05),
        tmp_path / "run" / "simulator.json",
        load_thresholds(),
    )

    def say(text: str) -> None:
        said.append(text)
        released.set()

    released = threading.Event()
    thread = threading.Thread(
        target=run, args=(one, lambda: NOW, stop, say), kwargs={"pause": 0.01}
    )
    with store.writing("import", "somebody"):
        thread.start()
        assert released.wait(30)
    deadline = time.monotonic() + 60
    while one.due(NOW) and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert "somebody" in said[0]
    assert store.read(calibre="realtime").height == arriving(COUNTY, START, NOW).height
    calls = iter([False, True])
    assert feed(store, tmp_path).advance(NOW + 3 * HOUR, stop=lambda: next(calls)) > 0
    assert feed(store, tmp_path).reached < NOW + HOUR  # type: ignore[operator]


CHILD = """
import sys, json
from pathlib import Path
from datetime import datetime, timedelta
from tests.twin.test_live import START, NOW, feed
from lantian.observations.store import Store
folder = Path(sys.argv[1])
one = feed(Store.open(folder / "store"), folder)
print("ready", flush=True)
sys.stdin.readline()
moment = START + timedelta(hours=2)
while moment < NOW:
    one.advance(moment)
    moment += timedelta(minutes=20)
one.advance(NOW)
print("done", flush=True)
"""


def test_killed_at_any_moment_nothing_is_missing_and_nothing_twice(
    store: Store, tmp_path: Path
) -> None:
    feed(store, tmp_path).advance(START + timedelta(hours=1))
    finished = False
    kills = 0
    while not finished:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)],
            cwd=REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        with child.stdin, child.stdout:
            assert child.stdout.readline().strip() == "ready"
            child.stdin.write("\n")
            child.stdin.flush()
            threading.Timer(0.1 + 0.22 * kills, child.send_signal, [signal.SIGKILL]).start()
            finished = child.stdout.read().strip() == "done"
            child.wait(30)
        kills += not finished
        assert kills < 18
    assert kills >= 3
    stored = Store.open(store.path).read(calibre="realtime")
    expected = arriving(COUNTY, START, NOW).sort(ORDER)
    assert stored.select("station", "parameter", "time", "value").equals(
        expected.select("station", "parameter", "time", "value")
    )
    history = store.batches()
    assert set(history["rows_changed"]) == {0}
    assert history["rows_new"].sum() == expected.height
    assert (
        json.loads((tmp_path / "run" / "simulator.json").read_text())["reached"] == NOW.isoformat()
    )
    assert dict(stored.select(list(LONG)).schema) == LONG
