"""The newest hours: what they are, what arrived when, and that what is kept follows the store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.home.layout import Home
from lantian.network import Network
from lantian.network.newest import NewestRows
from lantian.observations.reading import Selection
from lantian.observations.store import Store
from tests.network.conftest import LAST, NOW, START, WHO, WHY, Present, hours

HOUR = timedelta(hours=1)


def state(network: Network, station: str, label: datetime, parameter: str = "pm25") -> str | None:
    rows = network.recent().arrival.filter(station=station, time=label, parameter=parameter)
    return rows["state"].item() if rows.height else None


def test_the_hours_and_their_indices(network: Network) -> None:
    recent = network.recent(24)
    assert recent.until == LAST
    assert recent.hours["time"].min() == LAST - 23 * HOUR
    assert recent.hours.height == 4 * 24
    assert {"ws", "pm25"} <= set(recent.hours.columns)
    whole = ev.hourly_from_store(network.home.store, Selection(start=START, end=LAST))
    expected = ev.realtime(whole).filter(pl.col("time") > LAST - 24 * HOUR)
    assert recent.aqi.equals(expected)
    assert recent.city["pm25"].unique().to_list() == [40.5]
    assert recent.city_aqi.height == 24


def test_the_so2_index_of_the_first_hour_looks_back_a_day(network: Network) -> None:
    store = network.home.store
    label = LAST - 23 * HOUR
    store.correct("n1", "so2", label, 900.0, **WHY)
    network_aqi = network.recent(24).aqi.filter(station="n1", time=label)
    whole = ev.hourly_from_store(store, Selection(start=START, end=LAST))
    expected = ev.realtime(whole, edition="2012").filter(station="n1", time=label)
    assert network_aqi.height == expected.height == 1


def test_one_row_for_each_hour_due(network: Network) -> None:
    arrival = network.recent(48).arrival
    assert arrival.height == 4 * 48 * 6
    assert arrival["state"].unique().to_list() == ["ok"]
    newest = arrival.filter(time=LAST)
    assert newest["delay"].unique().to_list() == [8]
    # what came with hours that were days old says nothing of the line
    assert arrival.filter(pl.col("time") <= LAST - 3 * HOUR)["delay"].null_count() == 45 * 24


def test_an_hour_is_not_due_before_half_past(network: Network, present: Present) -> None:
    present.now = LAST + HOUR + timedelta(minutes=29)
    assert network.recent().until == LAST + HOUR
    assert state(network, "n1", LAST + HOUR) is None
    present.now = LAST + HOUR + timedelta(minutes=30)
    assert state(network, "n1", LAST + HOUR) == "missing"


@pytest.mark.parametrize(("minutes", "expected"), [(30, "ok"), (31, "late"), (59, "late")])
def test_what_came_late(network: Network, present: Present, minutes: int, expected: str) -> None:
    at = LAST + HOUR + timedelta(minutes=minutes)
    present.now = at
    network.home.store.append(hours(LAST, LAST + HOUR), calibre="realtime", clock=lambda: at, **WHO)
    assert state(network, "n1", LAST + HOUR) == expected


def test_doubtful_and_missing_values(network: Network) -> None:
    store = network.home.store
    store.correct("n1", "pm25", LAST, None, **WHY)
    store.correct("n2", "pm25", LAST, 41.0, grade="suspect", **WHY)
    store.exclude(Selection(("t1",), ("pm25",), LAST - HOUR, LAST), **WHY)
    assert state(network, "n1", LAST) == "missing"
    assert state(network, "n2", LAST) == "suspect"
    assert state(network, "t1", LAST) == "invalid"


def test_a_correction_does_not_make_an_hour_late(network: Network) -> None:
    later = LAST + timedelta(hours=5)
    network.home.store.correct("n1", "pm25", LAST, 55.0, clock=lambda: later, **WHY)
    row = network.recent().arrival.filter(station="n1", time=LAST, parameter="pm25")
    assert row.select("state", "delay").row(0) == ("ok", 8)


def test_a_station_is_due_what_it_measured_and_no_more(home: Home, present: Present) -> None:
    only = hours(LAST - HOUR, LAST, stations=("x",)).filter(pl.col("parameter") == "pm10")
    home.store.append(only, calibre="realtime", clock=lambda: LAST + HOUR, **WHO)
    arrival = Network(home, clock=present).recent().arrival.filter(station="x")
    assert arrival["parameter"].unique().to_list() == ["pm10"]
    assert arrival.filter(state="missing").height == 47


def test_a_closed_station_is_due_nothing(home: Home, present: Present) -> None:
    register = home.store.stations()
    assert register is not None
    end = pl.when(pl.col("station") == "t1").then(pl.date(2026, 3, 9)).alias("end")
    home.store.save_stations(register.with_columns(end), "test")
    arrival = Network(home, clock=present).recent().arrival.filter(station="t1")
    assert arrival["time"].max() == datetime(2026, 3, 9, 16, tzinfo=LAST.tzinfo)


def test_fewer_hours_are_the_last_of_more(network: Network, home: Home) -> None:
    network.home.store.correct("n1", "pm25", LAST - 30 * HOUR, -999.0, **WHY)
    wide = network.recent(60)
    narrow = Network(home, clock=lambda: NOW).recent(24)
    after = pl.col("time") > LAST - 24 * HOUR
    for name in ("hours", "aqi", "city", "city_aqi", "arrival"):
        assert getattr(narrow, name).equals(getattr(wide, name).filter(after)), name


def test_looking_at_the_hour_before_reads_nothing_again(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.recent(until=LAST)
    monkeypatch.setattr(NewestRows, "_read", lambda *_: pytest.fail("read again"))
    assert network.recent(until=LAST - HOUR).hours["time"].max() == LAST - HOUR


def test_an_old_store_shows_its_last_hours(network: Network, present: Present) -> None:
    present.now = LAST + timedelta(days=400)
    recent = network.recent()
    assert recent.until == LAST
    assert recent.hours.height == 4 * 48


# -- what is kept equals what is stored

_steps = st.one_of(
    st.tuples(st.just("new"), st.integers(1, 3)),
    st.tuples(st.just("correct"), st.integers(1, 70)),
    st.tuples(st.just("exclude"), st.integers(1, 70), st.integers(1, 30)),
    st.tuples(st.just("undo"), st.integers(1, 6)),
    st.tuples(st.just("audit"), st.integers(1, 40)),
)  # fmt: skip


class World:
    """A store whose newest rows are kept."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.create(folder / "store", zone="Asia/Shanghai")
        self.until = START + timedelta(days=3)
        self.store.append(hours(START, self.until), calibre="realtime", **WHO)
        self.kept = NewestRows(self.store)

    def do(self, step: tuple) -> None:  # type: ignore[type-arg]
        with suppress(DomainError):
            getattr(self, step[0])(*step[1:])

    def new(self, count: int) -> None:
        before, self.until = self.until, self.until + count * HOUR
        self.store.append(hours(before, self.until), calibre="realtime", **WHO)

    def correct(self, ago: int) -> None:
        at = self.until - ago * HOUR
        self.store.correct("n1", "pm25", at, 300.0 + ago, calibre="realtime", **WHY)

    def exclude(self, ago: int, length: int) -> None:
        at = self.until - ago * HOUR
        wanted = Selection(("n2",), None, at, at + length * HOUR, calibre="realtime")
        self.store.exclude(wanted, **WHY)

    def undo(self, batch: int) -> None:
        self.store.undo(batch, cascade=True, **WHY)

    def audit(self, ago: int) -> None:
        at = self.until - ago * HOUR
        rows = hours(at - HOUR, at, stations=("n1",), add=5.0)
        self.store.append(rows, calibre="audited", **WHO)

    def check(self) -> None:
        for back in (0, 1, 0):  # as pages look: at the newest hour, and the one before
            self.check_up_to(self.until - back * HOUR)

    def check_up_to(self, until: datetime) -> None:
        order = ["station", "parameter", "time"]
        days = ev.daily(ev.hourly(hours(START, START)))
        found = self.kept.window(until, 24, "prefer-audited", days)
        fresh = NewestRows(self.store).window(until, 24, "prefer-audited", days)
        assert found.rows.sort(order).equals(fresh.rows.sort(order))
        read = self.store.read(start=until - 48 * HOUR, end=until, calibre="prefer-audited")
        columns = [*order, "value", "grade", "flag"]
        assert found.rows.sort(order).select(columns).equals(read.sort(order).select(columns))


@given(steps=st.lists(_steps, min_size=1, max_size=6))
@hypothesis(max_examples=8, deadline=None)
def test_kept_rows_are_the_stored_ones_after_any_history(
    steps: list[tuple],  # type: ignore[type-arg]
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    world.check()
    for step in steps:
        world.do(step)
        world.check()


def test_one_new_hour_reads_only_itself(
    network: Network, other: Callable[[], Home], present: Present, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.recent()
    read: list[Selection] = []
    original = NewestRows._read

    def counted(self: NewestRows, wanted: Selection) -> pl.DataFrame:
        read.append(wanted)
        return original(self, wanted)

    monkeypatch.setattr(NewestRows, "_read", counted)
    present.now = LAST + HOUR + timedelta(minutes=10)
    other().store.append(
        hours(LAST, LAST + HOUR), calibre="realtime", clock=lambda: present.now, **WHO
    )
    recent = network.recent()
    assert recent.hours["time"].max() == LAST + HOUR
    assert [(s.start, s.end) for s in read] == [(LAST, LAST + HOUR)]
