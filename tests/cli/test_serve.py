"""`lantian serve` itself: the real server, worker and simulator on a small simulated home."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from lantian.cli import serving
from lantian.home import Home
from lantian.home import clock as c
from lantian.observations import maintenance
from lantian.supervisor import holder, read_status
from lantian.twin import County
from lantian.twin.live import Feed, arriving
from tests.cli.processes import Running, free_port, run

HOUR = timedelta(hours=1)
SEED = 5


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a simulated home that holds some hours up to one before now, ahead at full speed."""
    path = tmp_path_factory.mktemp("serve") / "home"
    now = datetime.now(UTC)
    home = Home.init(path, name="县 (simulated)", simulated=True)
    begun = now.replace(minute=0, second=0, microsecond=0) - 5 * HOUR
    county = County(SEED, begun, now, home.zone)
    (path / "run").mkdir()
    feed = Feed(county, home.store, path / "run" / serving.NOTE, home.thresholds())
    feed.advance(now - HOUR)
    c.write(path, c.Simulation(SEED, 600.0, now, now))
    return path


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def served(small: Path, port: int) -> Iterator[Running]:
    running = Running.start("serve", "--port", str(port), "--json", home=small)
    try:
        running.wait_for('"address"')
        yield running
    finally:
        running.end()


def healthy(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        return json.loads(answer.read())


def child(home: Path, name: str) -> Any:
    status = read_status(home / "run" / "status.json")
    assert status is not None
    return next(x for x in status.children if x.name == name)


def until(what: str, true: Any, seconds: float) -> float:
    """Wait until something is true and return how long it took [s]."""
    begun = time.monotonic()
    while not true():
        if time.monotonic() - begun > seconds:
            pytest.fail(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - begun


def test_it_says_where_it_is_once_it_answers(served: Running, small: Path, port: int) -> None:
    assert healthy(port)["ok"] is True
    assert (small / "run" / "serve.json").exists()
    assert holder(small / "run", "serve").pid == served.process.pid  # type: ignore[union-attr]
    assert holder(small / "run", "worker").pid == child(small, "worker").pid  # type: ignore[union-attr]
    assert (small / "secret_key").stat().st_mode & 0o077 == 0


def test_a_home_without_administrator_is_told_of(served: Running) -> None:
    said = served.wait_for("There is no administrator yet")
    assert "lantian administrator NAME" in said


def test_hours_arrive_as_the_clock_passes(served: Running, small: Path, port: int) -> None:
    before = healthy(port)["stamp"]
    until("a new stamp", lambda: healthy(port)["stamp"] != before, 120)
    home = Home.open(small)
    now = c.clock_of(home)()
    values = home.store.read(calibre="realtime")
    assert values["time"].max() <= now
    assert set(home.store.batches()["actor"]) == {"simulation"}
    assert served.process.poll() is None


def test_a_second_one_and_a_lone_worker_are_refused(
    served: Running, small: Path, port: int
) -> None:
    said = run("serve", "--port", str(free_port()), home=small, code=4)
    assert f"process {served.process.pid} " in said
    said = run("serve", "worker", home=small, code=4)
    assert f"process {child(small, 'worker').pid} " in said
    assert healthy(port)["ok"] is True


@pytest.mark.parametrize("name", ["web", "worker", "simulator"])
def test_whatever_is_killed_is_back_within_five_seconds(
    served: Running, small: Path, port: int, name: str
) -> None:
    before = child(small, name).pid
    below = psutil.Process(before).children(recursive=True)
    os.kill(before, signal.SIGKILL)

    def back() -> bool:
        now = child(small, name)
        return now.pid not in (None, before) and now.state == "running"

    took = until(f"{name} is back", back, 90)
    if name == "web":
        assert healthy(port)["ok"] is True
    # a machine whose cores others use too starts a process that much more slowly
    assert took < 5 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert not psutil.wait_procs(below, timeout=3)[1]
    assert child(small, name).restarts >= 1
    assert served.process.poll() is None


def test_sigterm_ends_all_in_order_and_nothing_is_half_written(
    served: Running, small: Path, port: int
) -> None:
    tree = served.tree()
    assert len(tree) >= 4
    asked = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    assert time.monotonic() - asked < 30
    assert not psutil.wait_procs(tree, timeout=3)[1]
    status = read_status(small / "run" / "status.json")
    assert status is not None
    assert [(x.name, x.state) for x in status.children] == [
        ("web", "stopped"), ("simulator", "stopped"), ("worker", "stopped"),
    ]  # fmt: skip
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    home = Home.open(small)
    assert maintenance.check(home.store).sound
    reached = datetime.fromisoformat(
        json.loads((small / "run" / serving.NOTE).read_text())["reached"]
    )
    begun = home.store.batches()["first_time"][0] - HOUR
    stored = home.store.read(start=begun, calibre="realtime")
    expected = arriving(County(SEED, begun, reached, home.zone), begun, reached)
    # it may have taken in a round more and been told to end before it noted so
    assert expected.join(stored, on=["station", "parameter", "time"], how="anti").is_empty()
    assert stored.height - expected.height < 14 * 12
    assert set(home.store.batches()["rows_changed"]) == {0}


def test_a_port_that_is_taken_is_said_at_once(small: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        said = run("serve", "--port", taken, home=small, code=4)
        assert f"Port {taken} of 127.0.0.1 is taken" in said
        assert "--port" in said
        said = run("demo", "--port", taken, "--home", str(small), home=small, code=4)
        assert f"Port {taken} of 127.0.0.1 is taken" in said


def test_each_runs_alone(small: Path, port: int) -> None:
    web = Running.start("serve", "web", "--port", str(port), home=small)
    worker = Running.start("serve", "worker", home=small)
    try:

        def up() -> bool:
            try:
                return bool(healthy(port)["ok"])
            except OSError:
                return False

        until("the web alone", up, 120)
        until("the worker alone", lambda: holder(small / "run", "worker") is not None, 60)
        for one in (web, worker):
            one.process.send_signal(signal.SIGTERM)
        assert web.process.wait(20) == 0
        worker.process.wait(20)
    finally:
        web.end()
        worker.end()


def test_a_simulator_needs_a_simulated_home(tmp_path: Path) -> None:
    home = Home.init(tmp_path / "real", name="县").path
    assert "not simulated" in run("serve", "simulator", home=home, code=4)
    assert "lantian init" in run("serve", home=tmp_path / "none", code=4)
