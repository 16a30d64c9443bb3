"""kill -9 at many moments of a write: all of it is there or none, and work goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lantian.observations import maintenance
from lantian.observations.schema import LONG
from lantian.observations.store import Store

from .stores import grid, long

REPO = Path(__file__).resolve().parents[2]
STATIONS, HOURS = 8, 2000
MOMENTS = 25

CHILD = f"""
import json, sys
from lantian.observations import maintenance
from lantian.observations.store import Store
from tests.observations.stores import grid

folder, deed, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
frame = grid({STATIONS}, {HOURS}, offset=number)
print("ready", flush=True)
sys.stdin.readline()
store = Store.open(folder)
if deed == "import":
    store.append(frame, calibre="realtime", actor=str(number))
else:
    maintenance.compact(store, fewest=1)
print("done", flush=True)
"""


def start(store: Path, deed: str, number: int) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(store), deed, str(number)],
        cwd=REPO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def end(child: subprocess.Popen[str]) -> str:
    """Return what the child still said, and close everything."""
    assert child.stdin is not None
    assert child.stdout is not None
    said = child.stdout.read()
    child.wait(60)
    child.stdin.close()
    child.stdout.close()
    return said.strip()


def duration(tmp_path: Path, prepared: Path, deed: str) -> float:
    """Return how long the deed takes when nobody interferes [s]."""
    copy = tmp_path / "timed"
    shutil.copytree(prepared, copy)
    child = start(copy, deed, 1)
    began = time.perf_counter()
    go(child)
    assert end(child) == "done"
    return time.perf_counter() - began


def killed(store: Path, deed: str, number: int, after: float) -> bool:
    """Kill a child some seconds into its deed; return whether it had finished."""
    child = start(store, deed, number)
    go(child)
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    return end(child) == "done"


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    store = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    store.append(grid(STATIONS, HOURS - 100), calibre="realtime", actor="0")
    return store.path


def test_an_import_killed_at_any_moment_is_there_whole_or_not_at_all(
    tmp_path: Path, prepared: Path
) -> None:
    whole = duration(tmp_path, prepared, "import")
    landed = 0
    outcomes = {"before": 0, "after": 0}
    for number in range(1, MOMENTS + 1):
        known = Store.open(prepared).batches().height
        finished = killed(prepared, "import", number, whole * 1.1 * (number - 1) / (MOMENTS - 1))
        store = Store.open(prepared, lock_timeout=5)
        batches = store.batches()
        assert batches.height - known in {0, 1}
        if batches.height > known:
            landed = number
            assert batches["actor"][-1] == str(number)
        assert finished <= (landed == number)
        outcomes["after" if landed == number else "before"] += 1
        expected = grid(STATIONS, HOURS if landed else HOURS - 100, offset=landed)
        found = store.read(end=expected["time"].max())
        assert found.select(list(LONG)).equals(expected.sort("station", "parameter", "time"))
        assert maintenance.check(store).sound
        # The lock is free and the store takes more.
        extra = long([("X", "pm25", HOURS + number, 1.0)])
        assert store.append(extra, calibre="realtime", actor="extra").rows_new == 1
        journal = [
            json.loads(line) for line in (prepared / "batches.jsonl").read_text().split("\n")[:-1]
        ]
        assert len(journal) == 1 + store.batches().height - 1  # one behind the log, by design
    assert outcomes["before"] >= 3, f"the moments are too late: {outcomes}"
    assert outcomes["after"] >= 1, f"the moments are too early: {outcomes}"
    store = Store.open(prepared)
    before = store.read()
    later = datetime.now(UTC) + timedelta(days=3)
    maintenance.compact(store)
    maintenance.clean(store, clock=lambda: later)
    assert store.read().equals(before)
    needed = {p for f in store.table.snapshot().files.values() for p in store.table.paths(f)}
    assert set(store.table.folder.rglob("part-*.parquet")) == needed


def test_a_merge_of_files_killed_at_any_moment_changes_nothing(
    tmp_path: Path, prepared: Path
) -> None:
    store = Store.open(prepared)
    for number in range(1, 4):
        store.append(grid(STATIONS, HOURS, offset=number), calibre="realtime", actor="li")
    before, ledger = store.read(), store.batches()
    whole = duration(tmp_path, prepared, "compact")
    moments = 8
    for number in range(moments):
        killed(prepared, "compact", number, whole * 1.1 * number / (moments - 1))
        reopened = Store.open(prepared, lock_timeout=5)
        assert reopened.read().equals(before)
        assert reopened.batches().equals(ledger)
        assert maintenance.check(reopened).sound
    later = datetime.now(UTC) + timedelta(days=3)
    maintenance.clean(reopened, clock=lambda: later)
    assert reopened.read().equals(before)
