"""The mean since the first day, day by day 累计均值."""

from __future__ import annotations

import polars as pl

from lantian.evaluation._checks import once, table
from lantian.evaluation.exact import DAY_UNIT, divide_expr, units_expr
from lantian.i18n import gettext as _


def accumulated_mean(daily: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the mean of each station's (or city's) valid days so far.

    Parameters
    ----------
    daily
        ``station, date`` and ``column`` [its own unit]; null = not a valid day.
    column
        A daily value, e.g. ``pm25``.

    Returns
    -------
    polars.DataFrame
        ``station, date, mean, n``, one row for each row given, sorted by station and date. ``mean``
        is exact, unrounded, null before the first valid day; the last one is that of
        :func:`lantian.evaluation.period` over the same days. ``n``: the valid days in it.
    """
    what = _("daily table")
    days = table(daily, ("station", "date", column), what)
    once(days, "date", what)
    value = pl.col(column)
    return (
        days.sort("station", "date")
        .select(
            "station",
            "date",
            units_expr(value, DAY_UNIT).fill_null(0).cum_sum().over("station").alias("sum"),
            value.is_not_null().cast(pl.Int64).cum_sum().over("station").alias("n"),
        )
        .select(
            "station",
            "date",
            divide_expr(pl.col("sum"), pl.col("n") * DAY_UNIT).alias("mean"),
            "n",
        )
    )
