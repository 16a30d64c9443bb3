"""The composite index 综合指数: the sum of concentration / limit over six items, by method."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from lantian.standards import PERCENTILE, POLLUTANTS, Method
from lantian.standards import method as _method


def statistic_of(pollutant: str) -> str:
    """Return the period statistic the index uses: the mean, for CO and O3 the percentile."""
    if pollutant in ("co", "o3"):
        return f"{pollutant}_p{PERCENTILE[pollutant]}"
    return f"{pollutant}_mean"


def single_index_expr(
    p: str, method: Method, suffix: str = "", present: Collection[str] = ()
) -> pl.Expr:
    """Return the (weighted) single index of a pollutant from the columns of a period table."""

    def column(name: str) -> pl.Expr:
        return pl.col(name + suffix if name + suffix in present else name)

    if method.kind == "sum":
        ratio = column(statistic_of(p)) / method.limits[p]
    else:
        ratios = [column(f"{p}_p{PERCENTILE[p]}") / method.daily_limits[p]]
        if p in method.limits:
            ratios.append(column(f"{p}_mean") / method.limits[p])
        ratio = pl.max_horizontal(ratios)
    return ratio * method.weights.get(p, 1)


def composite_expr(method: Method, suffix: str = "", present: Collection[str] = ()) -> pl.Expr:
    """Return the composite index as an expression on a period table; null if an item is null."""
    parts = [single_index_expr(p, method, suffix, present) for p in POLLUTANTS]
    return pl.sum_horizontal(parts, ignore_nulls=False)


def single_indices(periods: pl.DataFrame, *, method: str = "sum_equal_2012") -> pl.DataFrame:
    """Add ``<p>_index``, the parts of the composite index, to a period table."""
    chosen = _method(method)
    return periods.with_columns(
        single_index_expr(p, chosen).alias(f"{p}_index") for p in POLLUTANTS
    )


def composite_index(values: Mapping[str, float], *, method: str = "sum_equal_2012") -> float:
    """Return the unrounded index of six statistics given by hand, e.g. to audit a bulletin.

    Parameters
    ----------
    values
        Mean of ``pm25 pm10 so2 no2`` [µg/m³], 95th percentile of ``co`` [mg/m³], 90th of MDA8
        ``o3`` [µg/m³].
    method
        A method of kind "sum".
    """
    row = pl.DataFrame({statistic_of(p): [float(values[p])] for p in POLLUTANTS})
    return float(row.select(composite_expr(_method(method))).item())
