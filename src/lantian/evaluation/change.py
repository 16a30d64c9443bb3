"""Change on the same period of the year before 同比."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lantian.evaluation.periods import span, year_before
from lantian.evaluation.rank import rank
from lantian.standards import Settings


def year_on_year(
    periods: pl.DataFrame,
    previous: pl.DataFrame | None = None,
    *,
    columns: Sequence[str] = ("composite_index",),
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Add each column's value of the same period a year before and its change in per cent.

    Parameters
    ----------
    periods, previous
        Period tables; ``previous`` may be the same one (the default) or hold more years. They
        should be judged under one edition: the caller chooses.
    columns
        Statistics that :func:`lantian.evaluation.rank` can rank by.

    Returns
    -------
    polars.DataFrame
        ``periods``, rows in their order, with ``<c>_previous`` and ``<c>_change`` [%] (positive =
        higher than the year before; null where that year has none, zero, or insufficient data).
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    earlier = previous if previous is not None else periods
    labels = {p: year_before(span(p)).label for p in periods["period"].unique()}
    result = periods.with_columns(
        pl.Series("_before", [labels[p] for p in periods["period"]], dtype=pl.String)
    )
    for c in names:
        ranked = rank(earlier, key=c, settings=settings)
        before = ranked.select(
            "station",
            pl.col("period").alias("_before"),
            pl.when(~pl.col("excluded")).then(pl.col(c)).alias(f"{c}_previous"),
        )
        result = result.join(
            before, on=["station", "_before"], how="left", maintain_order="left"
        ).with_columns(
            pl.when(pl.col(f"{c}_previous") != 0)
            .then((pl.col(c) / pl.col(f"{c}_previous") - 1) * 100)
            .alias(f"{c}_change")
        )
    return result.drop("_before")
