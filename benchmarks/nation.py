"""Synthetic measurements of a nation's stations: seeded, with the shapes real air has.

Shared by the benchmarks. Nothing of it is measured anywhere.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

ZONE = "Asia/Shanghai"
MEAN = {"pm25": 45.0, "pm10": 85.0, "so2": 9.0, "no2": 28.0, "co": 0.8, "o3": 95.0}
_DIGITS = {"co": 1, "ws": 1}
_KINDS = (("national", 0.6), ("provincial", 0.15), ("township", 0.2), ("background", 0.05))


def station_names(count: int) -> pl.Series:
    """Return the ids of the stations, in order."""
    return pl.Series("station", [f"{1000 + i}A" for i in range(count)]).sort()


def month_labels(month: date) -> list[datetime]:
    """Return the hour labels (END of the hour, UTC) of a local month."""
    place = ZoneInfo(ZONE)
    after = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    first = datetime(month.year, month.month, 1, tzinfo=place).astimezone(UTC)
    last = datetime(after.year, after.month, 1, tzinfo=place).astimezone(UTC)
    return [
        first + timedelta(hours=h + 1) for h in range(int((last - first).total_seconds() // 3600))
    ]


def noise(stations: int, hours: int, seed: int) -> dict[str, np.ndarray]:
    """Return plain gamma noise, shape (stations, hours), of the six pollutants."""
    rng = np.random.default_rng(seed)
    return {
        p: np.round(rng.gamma(2.0, mean / 2.0, (stations, hours)), _DIGITS.get(p, 0))
        for p, mean in MEAN.items()
    }


def air(stations: int, labels: list[datetime], seed: int) -> dict[str, np.ndarray]:
    """Return values, shape (stations, hours), with seasons, days, episodes and gaps (NaN).

    Six pollutants [µg/m³, CO mg/m³], wind speed ``ws`` [m/s] and direction ``wd`` [°].
    """
    site = np.random.default_rng(seed)
    dirt = site.lognormal(0.0, 0.25, (stations, 1))
    turn = site.uniform(-30, 30, (stations, 1))
    rng = np.random.default_rng([seed, int(labels[0].timestamp())])
    local = np.array([(t.timestamp() + 8 * 3600) / 3600 for t in labels])
    day = 2 * np.pi * (local % 24) / 24
    year = 2 * np.pi * local / (24 * 365.25)
    steps = rng.normal(0, 0.18, len(labels))
    episode = np.empty(len(labels))
    held = 0.0
    for i, step in enumerate(steps):
        held = 0.97 * held + step
        episode[i] = held
    ws = np.abs(
        2.2 - 1.2 * episode + 0.6 * np.sin(day - 2.6) + rng.normal(0, 0.5, (stations, len(labels)))
    )
    grain = rng.lognormal(0.0, 0.2, (stations, len(labels)))
    winter, sun = np.cos(year), np.clip(np.sin(day - np.pi / 2 - 0.6), 0, None)
    pm25 = 38 * dirt * (1 + 0.5 * winter) * np.exp(episode) * (1 + 0.15 * np.cos(day)) * grain
    found = {
        "pm25": pm25,
        "pm10": 1.5 * pm25 + 18 * rng.lognormal(0.0, 0.3, (stations, len(labels))),
        "so2": 8 * dirt * grain * (1 + 0.3 * winter),
        "no2": 26 * dirt * (1 + 0.35 * winter) * (1.2 - 0.6 * sun) * np.exp(0.5 * episode) * grain,
        "co": 0.35 + 0.011 * pm25,
        "o3": (25 + 110 * sun * (1 - 0.55 * winter))
        * rng.lognormal(0.0, 0.12, (stations, len(labels))),
        "ws": ws,
        "wd": (200 + 60 * episode + turn + rng.normal(0, 20, (stations, len(labels)))) % 360,
    }
    gaps = rng.random((stations, len(labels))) < 0.01
    return {
        p: np.where(gaps & (p not in ("ws", "wd")), np.nan, np.round(v, _DIGITS.get(p, 0)))
        for p, v in found.items()
    }


def long(names: pl.Series, labels: list[datetime], values: dict[str, np.ndarray]) -> pl.DataFrame:
    """Return a long frame sorted by station, parameter and time; NaN leaves a row out."""
    parameters = list(values)
    count, hours, kinds = len(names), len(labels), len(parameters)
    grid = np.stack([values[p] for p in parameters], axis=1).ravel()
    time = pl.Series("time", labels).cast(pl.Datetime("us", "UTC"))
    frame = pl.DataFrame(
        {
            "station": names.gather(np.repeat(np.arange(count), hours * kinds)),
            "parameter": pl.Series(parameters).gather(
                np.tile(np.repeat(np.arange(kinds), hours), count)
            ),
            "period": "1h",
            "time": time.gather(np.tile(np.arange(hours), count * kinds)),
            "value": grid,
        }
    )
    return frame.filter(pl.col("value").is_not_nan()) if np.isnan(grid).any() else frame


def register(count: int, seed: int, network: str) -> pl.DataFrame:
    """Return a station register: names, kinds, cities, towns and places."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice([k for k, _ in _KINDS], count, p=[share for _, share in _KINDS])
    city = np.arange(count) // 10
    return pl.DataFrame(
        {
            "station": station_names(count),
            "name": [f"测站{i + 1:04d}" for i in range(count)],
            "city": [f"城市{c + 1:03d}" for c in city],
            "town": [f"乡镇{c + 1:03d}-{i % 10 // 2 + 1}" for i, c in enumerate(city)],
            "network": network,
            "lon": np.round(rng.uniform(98, 122, count), 5),
            "lat": np.round(rng.uniform(23, 42, count), 5),
            "datum": "WGS84",
            "kind": kinds,
            "control": kinds == "background",
            "operator": "simulated",
            "start": [date(2015, 1, 1)] * count,
            "end": pl.Series([None] * count, dtype=pl.Date),
        }
    )


def months(stations: int, seed: int, year: int) -> Iterator[pl.DataFrame]:
    """Yield long frames of noise, a local month each, sorted by station, parameter and time."""
    names = station_names(stations)
    for month in range(1, 13):
        labels = month_labels(date(year, month, 1))
        yield long(names, labels, noise(stations, len(labels), seed + month))


def measured(script: str, *arguments: str) -> dict[str, object]:
    """Run a script in a process of its own; return the JSON object of its last line."""
    command = [sys.executable, script, *arguments]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(out.splitlines()[-1]))


def peak_kib() -> int:
    """Return the peak memory of this process [KiB].

    Not ``ru_maxrss``, which a process inherits from the one that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
