"""The London series `mydata` and the numbers openair 3.1 computed from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from lantian.evaluation.timeframe import Floats, Integers

TOLERANCE = 1e-9
# mydata is labelled by the START of the hour, in clock time called GMT.
LONDON = {"label": "start", "zone": "UTC"}
SINCE, UNTIL = "1998-01-01", "2005-06-23 12:00"


@cache
def mydata(folder: Path) -> pl.DataFrame:
    frame = pl.read_csv(folder / "openair" / "mydata.csv.gz", infer_schema_length=None)
    return frame.rename({"date": "time"}).with_columns(
        pl.col("time").str.to_datetime(time_unit="us").dt.replace_time_zone("UTC")
    )


@cache
def beijing_months(folder: Path, station: str) -> pl.DataFrame:
    """Monthly means of one station of the Beijing folder, as openair averaged them."""
    from lantian.evaluation.averages import time_average  # noqa: PLC0415

    path = folder / "beijing" / f"PRSA_Data_{station}_20130301-20170228.csv.gz"
    hours = pl.read_csv(path, null_values="NA", infer_schema_length=None).select(
        pl.datetime("year", "month", "day", "hour", time_zone="UTC").alias("time"),
        pl.col("PM2.5").alias("pm25"),
        pl.col("NO2").alias("no2"),
    )
    return time_average(hours, every="month", label="start", zone="UTC")


@cache
def reference(folder: Path, name: str) -> pl.DataFrame:
    frame = pl.read_csv(folder / "openair" / name, infer_schema_length=None)
    if "date" in frame.columns and frame["date"].dtype == pl.String:
        text = pl.col("date")
        full = text.str.len_chars() > len("2000-01-01")
        frame = frame.with_columns(
            pl.when(full).then(text).otherwise(text + " 00:00:00").str.to_datetime(time_unit="us")
        )
    return frame


@cache
def bootstrap(folder: Path, name: str) -> Integers:
    table = pl.read_csv(folder / "openair" / f"TheilSen_bootindex_{name}.csv.gz")
    return table.to_numpy() - 1  # R counts from 1


def array(frame: pl.DataFrame, column: str) -> Floats:
    return frame[column].cast(pl.Float64).fill_null(np.nan).to_numpy()


def same(ours: Floats, theirs: Floats) -> None:
    """Assert equal numbers to 1e-9, and missing values in the same places."""
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE, equal_nan=True)
