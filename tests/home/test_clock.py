"""The clock of a simulated home: continuous whatever is done to it, one for all processes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home import Home
from lantian.home import clock as c
from tests.home.conftest import NOW, clock

HOUR = timedelta(hours=1)


class Machine:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def demo(tmp_path: Path) -> Home:
    home = Home.init(tmp_path / "demo", name="县 (simulated)", clock=clock, simulated=True)
    c.write(home.path, c.Simulation(7))
    return home


def test_a_real_home_has_the_clock_of_the_machine(home: Home) -> None:
    machine = Machine()
    assert c.clock_of(home, machine) is machine
    assert c.read(home.path) is None
    with pytest.raises(DomainError) as error:
        c.set_speed(home, 60)
    assert error.value.code == "home.not_simulated"
    assert not (home.path / c.FILE).exists()


def test_a_demo_runs_with_the_machine_until_told_otherwise(demo: Home) -> None:
    machine = Machine()
    simulated, other = c.clock_of(demo, machine), c.clock_of(demo, machine)
    assert simulated() == NOW
    machine.now += HOUR
    assert simulated() == NOW + HOUR
    c.set_speed(demo, 60, machine.now)
    assert simulated() == other() == NOW + HOUR  # no jump
    machine.now += timedelta(minutes=1)
    assert simulated() == other() == NOW + 2 * HOUR
    c.set_speed(demo, 0, machine.now)
    machine.now += 5 * HOUR
    assert simulated() == NOW + 2 * HOUR
    c.set_speed(demo, 1, machine.now)
    machine.now += HOUR
    assert simulated() == NOW + 3 * HOUR
    assert c.read(demo.path).seed == 7  # type: ignore[union-attr]


def test_it_never_runs_backward_when_the_machine_is_set_back(demo: Home) -> None:
    machine = Machine()
    simulated = c.clock_of(demo, machine)
    assert simulated() == NOW
    machine.now -= HOUR
    assert simulated() == NOW
    machine.now += 2 * HOUR
    assert simulated() == NOW + HOUR


def test_after_days_it_goes_on_from_the_present_or_from_where_it_was(demo: Home) -> None:
    c.set_speed(demo, 60, NOW)
    later = NOW + timedelta(days=3)
    # it had run ahead by two days only: the present is later
    c.resume(demo, NOW + timedelta(days=2), later)
    machine = Machine()
    machine.now = later
    assert c.clock_of(demo, machine)() == later
    assert c.read(demo.path).speed == 60  # type: ignore[union-attr]
    # it was ahead of the present: it goes on from there
    ahead = later + timedelta(days=9)
    c.resume(demo, ahead, later)
    assert c.clock_of(demo, machine)() == ahead


@pytest.mark.parametrize("speed", [-1, 601, float("inf"), float("nan")])
def test_speeds_that_make_no_sense(demo: Home, speed: float) -> None:
    before = (demo.path / c.FILE).read_bytes()
    with pytest.raises(InvalidArgumentError) as error:
        c.set_speed(demo, speed)
    assert error.value.code == "home.bad_speed"
    assert (demo.path / c.FILE).read_bytes() == before


@given(st.lists(st.tuples(st.floats(0, 600), st.integers(0, 10**6)), max_size=8))
def test_no_change_of_speed_makes_it_jump(changes: list[tuple[float, int]]) -> None:
    line, real = c.Simulation(1), NOW
    for speed, wait in changes:
        before = line.at(real)
        line = c.Simulation(1, speed, real, line.at(real))
        assert line.at(real) == before
        real += timedelta(seconds=wait)
        assert line.at(real) >= before
        assert abs((line.at(real) - before) - speed * timedelta(seconds=wait)) < HOUR / 3600


def test_what_an_earlier_version_wrote_and_what_is_broken(demo: Home) -> None:
    path = demo.path / c.FILE
    path.write_text('{"seed": 20260301, "simulated": true}')
    kept = c.read(demo.path)
    assert kept is not None
    assert (kept.seed, kept.speed, kept.at(NOW)) == (20260301, 1.0, NOW)
    for text in ("", "[]", "{}", json.dumps({"seed": "x"}), '{"seed": 1, "real_epoch": "noon"}'):
        path.write_text(text)
        with pytest.raises(DomainError) as error:
            c.read(demo.path)
        assert error.value.code == "home.simulation_unreadable"
    path.unlink()
    machine = Machine()
    assert c.clock_of(demo, machine)() == NOW
    assert NOW.tzinfo is UTC
