"""Small tables for the tests, written as people think of them: local labels, days, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

ZONE = ZoneInfo("Asia/Shanghai")


def hours(
    day: date, values: Mapping[str, Mapping[int, float | None]], *, station: str = "a"
) -> pl.DataFrame:
    """Return an hourly table of one local day: parameter → {hour label 1 … 24: value}."""
    labels = sorted({h for column in values.values() for h in column})
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    return pl.DataFrame(
        {
            "station": [station] * len(labels),
            "time": [midnight + timedelta(hours=h) for h in labels],
            **{p: [column.get(h) for h in labels] for p, column in values.items()},
        },
        schema_overrides={
            "time": pl.Datetime("us", "UTC"), **dict.fromkeys(values, pl.Float64)
        },
    )  # fmt: skip


def full_day(day: date, values: Mapping[str, float], *, station: str = "a") -> pl.DataFrame:
    """Return 24 hours of constant values."""
    return hours(
        day, {p: dict.fromkeys(range(1, 25), v) for p, v in values.items()}, station=station
    )


def days(
    start: date, count: int, *, station: str = "a", **columns: float | Sequence[float | None]
) -> pl.DataFrame:
    """Return a daily table of ``count`` days from ``start``; scalars are repeated."""
    return pl.DataFrame(
        {
            "station": [station] * count,
            "date": [start + timedelta(days=i) for i in range(count)],
            **{c: list(v) if isinstance(v, Sequence) else [v] * count for c, v in columns.items()},
        },
        schema_overrides=dict.fromkeys(columns, pl.Float64),
    )


ALL_SIX = {"pm25": 30.0, "pm10": 60.0, "so2": 8.0, "no2": 25.0, "co": 0.8, "o3_mda8": 120.0}
