"""A small made-up network whose figures are known without computing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl

LOCAL = timezone(timedelta(hours=8))
LEVELS = {"pm25": 30.0, "pm10": 60.0, "so2": 10.0, "no2": 20.0, "co": 1.0, "o3": 100.0}
GENERATED = datetime(2020, 1, 2, 9, 30, tzinfo=LOCAL)


def hours(
    stations: Sequence[str],
    first: date,
    last: date,
    *,
    levels: Mapping[str, float] = LEVELS,
    factor: Mapping[str, float] | None = None,
    wind: bool = False,
) -> pl.DataFrame:
    """Return constant hours: station k has the levels times its factor."""
    start = datetime(first.year, first.month, first.day, tzinfo=LOCAL) + timedelta(hours=1)
    count = ((last - first).days + 1) * 24
    times = [(start + timedelta(hours=k)).astimezone(UTC) for k in range(count)]
    frames = []
    for station in stations:
        f = (factor or {}).get(station, 1.0)
        frame = pl.DataFrame({"time": times}, schema={"time": pl.Datetime("us", "UTC")})
        frame = frame.with_columns(
            pl.lit(station).alias("station"), *(pl.lit(v * f).alias(p) for p, v in levels.items())
        )
        if wind:
            index = pl.int_range(pl.len())
            frame = frame.with_columns(
                (1.0 + index % 5).cast(pl.Float64).alias("ws"),
                ((index * 37) % 360 + 1).cast(pl.Float64).alias("wd"),
            )
        frames.append(frame.select("station", "time", pl.exclude("station", "time")))
    return pl.concat(frames)


def register(names: Mapping[str, str], **columns: Sequence[object]) -> pl.DataFrame:
    """Return a register of stations by id and name in the city Example."""
    return pl.DataFrame(
        {"station": list(names), "name": list(names.values()), "city": ["Example"] * len(names)}
        | {k: list(v) for k, v in columns.items()}
    )
