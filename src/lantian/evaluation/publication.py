"""Which AQI may be published when pollutants are missing (HJ 633-2026 5.3.1)."""

from __future__ import annotations

import polars as pl

from lantian.standards import incomplete_above


def withheld_expr(due: str | None = None) -> pl.Expr:
    """Return whether an AQI is not to be published because a pollutant due is missing.

    HJ 633-2026 5.3.1 (one source): with a pollutant missing, the index of the others is published
    only where it is already above 100; otherwise ``NA``. HJ 633-2012 has no such rule. A pollutant
    a station does not monitor is none that is missing (5.3.2).

    Parameters
    ----------
    due
        Column with the list of the pollutants monitored; None: all six are.

    Returns
    -------
    polars.Expr
        For a table with ``aqi``, ``edition`` and ``missing``; false where there is no AQI.
    """
    missing = pl.col("missing")
    if due is not None:
        missing = missing.list.set_intersection(pl.col(due).fill_null([]))
    bound = pl.col("edition").replace_strict(
        dict(incomplete_above()), default=None, return_dtype=pl.Int32
    )
    return ((missing.list.len() > 0) & (pl.col("aqi") <= bound)).fill_null(False)
