"""Small stores and long frames for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl

from lantian.observations.schema import LONG

START = datetime(2016, 1, 10, tzinfo=UTC)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def long(
    rows: list[tuple[str, str, int, float | None]],
    *,
    unit: str = "µg/m³",
    flag: str = "",
    grade: str = "valid",
    source: str = "a.csv",
) -> pl.DataFrame:
    """Rows of station, parameter, hour after START and value."""
    return pl.DataFrame(
        [(s, p, "1h", hour(h), v, unit, flag, grade, source) for s, p, h, v in rows],
        schema=LONG,
        orient="row",
    )


def grid(
    stations: int, hours: int, *, offset: float = 0.0, source: str = "a.csv", first: int = 0
) -> pl.DataFrame:
    """A full block of pm25 and o3: every station, parameter and hour."""
    names = pl.DataFrame({"station": [f"S{i:03d}" for i in range(stations)]})
    parameters = pl.DataFrame({"parameter": ["pm25", "o3"]})
    times = pl.DataFrame({"n": range(first, first + hours)}, schema={"n": pl.Int64})
    frame = names.join(parameters, how="cross").join(times, how="cross")
    return frame.select(
        "station",
        "parameter",
        pl.lit("1h").alias("period"),
        (pl.lit(START) + pl.duration(hours="n")).cast(LONG["time"]).alias("time"),
        (pl.col("n") % 97 + offset).cast(pl.Float64).alias("value"),
        pl.lit("µg/m³").alias("unit"),
        pl.lit("").alias("flag"),
        pl.lit("valid").alias("grade"),
        pl.lit(source).alias("source"),
    )


class Ticking:
    """A clock that goes on by a minute each time it is asked."""

    def __init__(self, start: datetime = datetime(2020, 1, 1, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def values(frame: pl.DataFrame) -> list[tuple[str, str, float | None]]:
    return list(frame.select("station", "parameter", "value").iter_rows())


Clock = Callable[[], datetime]
