"""Column names the evaluation tables share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

DAILY_VALUE: Mapping[str, str] = MappingProxyType(
    {
        "pm25": "pm25",
        "pm10": "pm10",
        "so2": "so2",
        "no2": "no2",
        "co": "co",
        "o3": "o3_mda8",
    }
)
"""The column of a daily table that holds each pollutant's value."""


def with_missing_columns(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return ``frame`` with each of ``names``, all null where it was absent."""
    return frame.with_columns(
        pl.lit(None, dtype=pl.Float64).alias(c) for c in names if c not in frame.columns
    )
