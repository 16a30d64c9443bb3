"""Change on the same period of the year before 同比."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lantian.evaluation.rank import rank


def year_on_year(
    periods: pl.DataFrame,
    previous: pl.DataFrame | None = None,
    *,
    columns: Sequence[str] = ("composite_index",),
) -> pl.DataFrame:
    """Add each column's value of the same period a year before and its change in per cent.

    Parameters
    ----------
    periods, previous
        Period tables; ``previous`` may be the same one (the default) or hold more years. They
        should be judged under one edition: the caller chooses.

    Returns
    -------
    polars.DataFrame
        ``periods`` with ``<c>_previous`` and ``<c>_change`` [%] (positive = higher than the year
        before; null where that year has none or its data are insufficient).
    """
    before = rank(previous if previous is not None else periods, key=columns[0])
    before = before.select(
        "station",
        pl.col("start").dt.offset_by("1y").dt.truncate("1mo").alias("_month"),
        pl.col("start").dt.offset_by("1y").dt.day().alias("_day"),
        (pl.col("end") - pl.col("start")).dt.total_days().alias("_length"),
        *(pl.when(~pl.col("excluded")).then(pl.col(c)).alias(f"{c}_previous") for c in columns),
    )
    joined = periods.with_columns(
        pl.col("start").dt.truncate("1mo").alias("_month"),
        pl.col("start").dt.day().alias("_day"),
        (pl.col("end") - pl.col("start")).dt.total_days().alias("_length"),
    ).join(before, on=["station", "_month", "_day"], how="left", suffix="_before")
    # a leap day makes the same period one day longer
    alike = (pl.col("_length") - pl.col("_length_before")).abs() <= 1
    joined = joined.with_columns(
        pl.when(alike).then(pl.col(f"{c}_previous")).alias(f"{c}_previous") for c in columns
    ).with_columns(
        ((pl.col(c) / pl.col(f"{c}_previous") - 1) * 100).alias(f"{c}_change") for c in columns
    )
    return joined.drop("_month", "_day", "_length", "_length_before")
