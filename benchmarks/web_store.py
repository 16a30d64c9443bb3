"""What the pages of a nation's network cost: every question cold, warm, and after a correction.

    python benchmarks/web_store.py FOLDER [--stations 1700] [--years 1]

Makes a home in FOLDER once (synthetic and seeded: hourly values of six pollutants and wind, the
last two days hour by hour, 100,000 corrections in 2,000 batches), then prints the milliseconds of
each question to :class:`lantian.network.Network`:

- first: with nothing derived, so that every day is judged;
- new process: a fresh process, the derived tables being there;
- again: asked a second time, nothing having changed;
- changed: after one correction, made by another process as it were.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from nation import ZONE, air, long, measured, month_labels, peak_kib, register, station_names

if TYPE_CHECKING:  # a process that only measures another imports nothing of it
    from lantian.network import Network
    from lantian.observations.store import Store

CLOCK = datetime(2026, 11, 20, 8, 20, tzinfo=UTC)  # 16:20 in the zone
NETWORK = "Synthetic network (simulated)"
SEED = 8
BATCHES, PER_BATCH = 2000, 50
HOURS = 48
QUESTIONS = (
    "stamp", "stations", "extent", "latest_hour", "recent", "calendar", "station_days",
    "days_month", "city_days", "editions", "periods", "ranking", "ranking_cities", "values",
    "hours",
)  # fmt: skip


def build(folder: Path, stations: int, years: int) -> dict[str, float]:
    """Make the home; return the seconds its parts took."""
    from lantian.home.layout import Home

    began = CLOCK - timedelta(days=365 * years)
    home = Home.init(folder, name=NETWORK, zone=ZONE, clock=lambda: began, simulated=True)
    store = home.store
    store.save_stations(register(stations, SEED, NETWORK), "benchmark", lambda: began)
    names = station_names(stations)
    last = CLOCK.replace(minute=0)
    newest = last - timedelta(hours=HOURS)
    took = {}
    begin = time.perf_counter()
    store.append(
        _months(names, began, newest),
        calibre="realtime", actor="benchmark", clock=lambda: newest + timedelta(minutes=1),
    )  # fmt: skip
    took["load"] = time.perf_counter() - begin
    begin = time.perf_counter()
    _correct(store, names, began, newest)
    took["corrections"] = time.perf_counter() - begin
    begin = time.perf_counter()
    _hourly(store, names, newest, last)
    took["hourly"] = time.perf_counter() - begin
    return took


def _months(names: pl.Series, began: datetime, until: datetime) -> Iterator[pl.DataFrame]:
    month = date(began.year, began.month, 1)
    while True:
        labels = [t for t in month_labels(month) if began < t <= until]
        if not labels:
            return
        yield long(names, labels, air(len(names), labels, SEED))
        month = (month + timedelta(days=32)).replace(day=1)


def _correct(store: Store, names: pl.Series, began: datetime, until: datetime) -> None:
    """Correct values all over the year, as people do: a station and a few days at a time."""
    rng = np.random.default_rng(SEED)
    reach = int((until - began).total_seconds() // 3600) - 100
    for batch in range(BATCHES):
        station = names[int(rng.integers(len(names)))]
        start = began + timedelta(hours=int(rng.integers(reach)))
        rows = (
            store.read(
                stations=[station],
                parameters=["pm25"],
                start=start,
                end=start + timedelta(hours=PER_BATCH + 20),
            )
            .head(PER_BATCH)
            .drop("calibre", "batch", "recorded")
            .with_columns(pl.col("value") + 1, pl.lit("CORRECTED").alias("flag"))
        )
        store.append(
            rows, calibre="realtime", kind="correction", actor="benchmark", reason="synthetic",
            clock=lambda: until + timedelta(minutes=2),
        )  # fmt: skip
        if batch % 500 == 0:
            print(f"{batch} batches of corrections", flush=True)


def _hourly(store: Store, names: pl.Series, newest: datetime, last: datetime) -> None:
    """Bring the last hours one by one, a few stations late."""
    labels = [newest + timedelta(hours=h + 1) for h in range(HOURS)]
    values = air(len(names), labels, SEED)
    rng = np.random.default_rng(SEED)
    for i, label in enumerate(labels):
        frame = long(names, [label], {p: v[:, i : i + 1] for p, v in values.items()})
        late = names.filter(pl.Series(rng.random(len(names)) < 0.03))
        slow = pl.col("station").is_in(late.implode())
        for rows, minutes in ((frame.filter(~slow), 8), (frame.filter(slow), 45)):
            if label + timedelta(minutes=minutes) > CLOCK:
                continue
            at = label + timedelta(minutes=minutes)
            store.append(rows, calibre="realtime", actor="line", clock=lambda at=at: at)


def asked(network: Network, what: str) -> object:
    """Ask one question."""
    import lantian.evaluation as ev

    today = date(2026, 11, 20)
    year = ev.any_span(today - timedelta(days=365), today)
    first = station_names(1)[0]
    questions: dict[str, Callable[[], object]] = {
        "stamp": network.stamp,
        "stations": network.stations,
        "extent": network.extent,
        "latest_hour": network.latest_hour,
        "recent": network.recent,
        "calendar": lambda: network.days(year.start, year.end, stations=[first]),
        "station_days": lambda: network.days(year.start, year.end),
        "days_month": lambda: network.days(date(2026, 11, 1), today),
        "city_days": lambda: network.city_days(year.start, year.end),
        "editions": lambda: [
            network.periods(year, edition=e) for e in ("2012", "2026-transition", "2026-final")
        ],
        "periods": lambda: network.periods(year, by="month"),
        "ranking": lambda: network.ranking(year),
        "ranking_cities": lambda: network.ranking(year, cities=True),
        "values": lambda: network.values(first, "pm25", CLOCK - timedelta(days=2), CLOCK),
        "hours": lambda: network.hours(CLOCK - timedelta(days=2), CLOCK),
    }
    return questions[what]()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds some work took, on the clock and of the processors."""
    begin, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - busy


def run(folder: Path, mode: str, what: str) -> None:
    """Ask in this process and print the seconds: the first time and again."""
    from lantian.home.layout import Home
    from lantian.network import Network

    begin = time.perf_counter()
    network = Network(Home.open(folder), clock=lambda: CLOCK)
    opened = time.perf_counter() - begin
    found: dict[str, object] = {"open": opened}
    for name in QUESTIONS if what == "all" else (what,):
        found[name] = [timed(lambda name=name: asked(network, name)) for _ in range(2)]
    if mode == "changed":
        found["changed"] = _changed(folder, network)
    print(json.dumps({"peak_gib": peak_kib() / 2**20, **found}))


def _changed(folder: Path, network: Network) -> dict[str, tuple[float, float]]:
    """Correct one value by another opening of the store; return seconds until each shows it."""
    from lantian.observations.store import Store

    other = Store.open(folder / "store")
    station = station_names(1)[0]
    took: dict[str, tuple[float, float]] = {}
    label = CLOCK.replace(minute=0) - timedelta(hours=20)
    for n, name in enumerate(("recent", "days_month", "station_days", "periods", "ranking")):
        value = 400.0 + time.time() % 1000 + n
        took["correct"] = timed(
            lambda value=value: other.correct(
                station, "pm25", label, value, actor="benchmark", reason="synthetic"
            )
        )
        took[name] = timed(lambda name=name: asked(network, name))
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stations", type=int, default=1700)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--run", choices=["ask", "changed"], help=argparse.SUPPRESS)
    parser.add_argument("--what", default="all", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.folder, given.run, given.what)
        return
    if not given.folder.exists():
        took = build(given.folder, given.stations, given.years)
        print("made:", ", ".join(f"{name} {s:.0f} s" for name, s in took.items()), flush=True)
    report(given.folder)


def report(folder: Path) -> None:
    """Print what each question costs."""
    shutil.rmtree(folder / "derived", ignore_errors=True)
    first = measured(__file__, str(folder), "--run", "ask")
    print("milliseconds on the clock (of the processors)")
    print(f"{'':15s} {'first':>17s} {'new process':>17s} {'again':>17s}")
    for name in QUESTIONS:
        fresh = measured(__file__, str(folder), "--run", "ask", "--what", name)
        columns = (first[name][0], *fresh[name])
        print(f"{name:15s} " + " ".join(map(_shown, columns)), flush=True)
    changed = measured(__file__, str(folder), "--run", "changed")
    print("from a correction to its showing:")
    for name, took in changed["changed"].items():
        print(f"{name:15s} {_shown(took)}")
    print(f"open {first['open'] * 1e3:.0f} ms, peak {changed['peak_gib']:.2f} GiB")


def _shown(took: tuple[float, float]) -> str:
    clock, busy = took
    return f"{clock * 1e3:8.1f} ({busy * 1e3:6.0f})"


if __name__ == "__main__":
    main()
