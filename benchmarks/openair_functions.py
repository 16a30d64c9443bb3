"""CPU seconds of the openair-like functions for 1, 4 and 48 station-years.

    python benchmarks/openair_functions.py [--years 1 4 48] [--repeat 3]

Beside each the figure measured for openair 3.1 (R), where there is one, and a bare Polars or NumPy
computation of the same core in the same run. Hours are synthetic (seeded): stations of four years
each with six pollutants and wind, 2 % missing. CPU time of all threads, the best of the repeats.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from lantian.evaluation.averages import time_average
from lantian.evaluation.patterns import pattern
from lantian.evaluation.polar import percentile_rose, polar_frequency
from lantian.evaluation.rolling import rolling_mean
from lantian.evaluation.roses import pollution_rose, wind_rose
from lantian.evaluation.trends import theil_sen

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
ZONE = "Asia/Shanghai"
START = datetime(2013, 1, 1)
YEARS_A_STATION = 4
# CPU seconds of openair 3.1 for 1, 4 and 48 station-years; None where it was not measured.
OPENAIR: dict[str, dict[int, float | None]] = {
    "daily means": {1: 0.14, 4: 0.24, 48: 1.99},
    "rolling 8 h": {1: 0.008, 4: 0.017, 48: 0.12},
    "pollution rose": {1: 0.19, 4: 0.24, 48: 0.97},
    "Theil-Sen, deseasonalised, 599": {1: None, 4: 0.46, 48: 2.51},
}


def hours(years: int) -> pl.DataFrame:
    """Make station-years of hours."""
    rng = np.random.default_rng(years)
    parts = []
    for k in range(max(1, years // YEARS_A_STATION)):
        n = min(years, YEARS_A_STATION) * 8760
        season = 1 + 0.5 * np.cos(2 * np.pi * np.arange(n) / 8766)
        columns = {p: (rng.lognormal(3.5, 0.7, n) * season).round(1) for p in POLLUTANTS}
        columns |= {"ws": rng.gamma(2, 1.2, n).round(1), "wd": rng.uniform(0, 360, n).round()}
        for values in columns.values():
            values[rng.random(n) < 0.02] = np.nan
        time_of = pl.datetime_range(
            START, START + timedelta(hours=n - 1), "1h", time_zone=ZONE, eager=True
        )
        frame = pl.DataFrame({"time": time_of, **columns}, nan_to_null=True)
        parts.append(frame.with_columns(pl.lit(f"{k:03d}").alias("station")))
    return pl.concat(parts)


def bare_daily(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("station", pl.col("time").dt.truncate("1d")).agg(
        pl.col(*POLLUTANTS, "ws").mean()
    )


def bare_rolling(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col("o3").rolling_mean(8, min_samples=6).over("station"))


def bare_rose(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by(
        "station", (pl.col("wd") / 22.5).round() % 16, (pl.col("no2") / 50).floor()
    ).len()


def bare_diurnal(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("station", pl.col("time").dt.hour()).agg(pl.col(*POLLUTANTS).mean())


def bare_slopes(frame: pl.DataFrame) -> list[float]:
    """Theil-Sen slopes only: no season taken out, no bootstrap."""
    months = frame.group_by("station", pl.col("time").dt.truncate("1mo")).agg(pl.col("pm25").mean())
    found = []
    for part in months.sort("time").partition_by("station"):
        y, x = part["pm25"].to_numpy(), part["time"].dt.epoch("d").to_numpy()
        i, j = np.triu_indices(y.size, 1)
        found.append(float(np.median((y[j] - y[i]) / (x[j] - x[i]))))
    return found


def monthly_trend(frame: pl.DataFrame) -> pl.DataFrame:
    months = time_average(frame.select("station", "time", "pm25"), every="month", label="start")
    return theil_sen(months, "pm25", deseason=True)


def _seconds(run: Callable[[pl.DataFrame], object], frame: pl.DataFrame, repeat: int) -> float:
    best = float("inf")
    for _k in range(repeat):
        begun = time.process_time()
        run(frame)
        best = min(best, time.process_time() - begun)
    return best


Run = Callable[[pl.DataFrame], object]
CASES: dict[str, tuple[Run, Run | None]] = {
    "daily means": (lambda f: time_average(f, label="start"), bare_daily),
    "rolling 8 h": (lambda f: rolling_mean(f, "o3"), bare_rolling),
    "wind rose": (wind_rose, None),
    "pollution rose": (lambda f: pollution_rose(f, "no2"), bare_rose),
    "percentile rose": (lambda f: percentile_rose(f, "no2"), None),
    "polar frequency": (lambda f: polar_frequency(f, "no2"), None),
    "diurnal pattern, 6 pollutants": (
        lambda f: pattern(f, POLLUTANTS, by="hour", label="start"),
        bare_diurnal,
    ),
    "Theil-Sen, deseasonalised, 599": (monthly_trend, bare_slopes),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the openair-like functions.")
    parser.add_argument("--years", type=int, nargs="+", default=[1, 4, 48])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    print(f"{'function':<32}{'station-years':>14}{'openair':>10}{'bare':>10}{'ours':>10}")
    for years in options.years:
        frame = hours(years)
        for name, (ours, bare) in CASES.items():
            theirs = OPENAIR.get(name, {}).get(years)
            cells = [
                f"{theirs:.3f}" if theirs is not None else "-",
                f"{_seconds(bare, frame, options.repeat):.3f}" if bare else "-",
                f"{_seconds(ours, frame, options.repeat):.3f}",
            ]
            print(f"{name:<32}{years:>14}" + "".join(f"{c:>10}" for c in cells), flush=True)


if __name__ == "__main__":
    main()
