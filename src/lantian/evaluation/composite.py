"""The composite index 综合指数: the sum of concentration / limit over six items, by method.

Single indices are added as whole numbers over the common multiple of the limits, so that the order
of the items changes no digit and a tie in the published decimals is seen as one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.exact import DAY_UNIT, divide_expr, units_expr
from lantian.i18n import gettext as _
from lantian.standards import PERCENTILE, POLLUTANTS, Method
from lantian.standards import method as _method


def statistic_of(pollutant: str) -> str:
    """Return the period statistic the index uses: the mean, for CO and O3 the percentile."""
    if pollutant in ("co", "o3"):
        return f"{pollutant}_p{PERCENTILE[pollutant]}"
    return f"{pollutant}_mean"


def _common(method: Method) -> int:
    """Return the least common multiple of a method's limits, which are whole numbers."""
    return math.lcm(*(int(v) for v in (*method.limits.values(), *method.daily_limits.values())))


def _parts(p: str, method: Method, suffix: str, present: Collection[str]) -> pl.Expr:
    """Return the weighted single index of a pollutant in 1/(DAY_UNIT · common multiple)."""
    common = _common(method)

    def share(name: str, limit: float) -> pl.Expr:
        column = name + suffix if name + suffix in present else name
        return units_expr(pl.col(column), DAY_UNIT) * (common // int(limit))

    if method.kind == "sum":
        part = share(statistic_of(p), method.limits[p])
    else:
        shares = [share(f"{p}_p{PERCENTILE[p]}", method.daily_limits[p])]
        if p in method.limits:
            shares.append(share(f"{p}_mean", method.limits[p]))
        part = pl.max_horizontal(shares)
    return part * int(method.weights.get(p, 1))


def composite_expr(method: Method, suffix: str = "", present: Collection[str] = ()) -> pl.Expr:
    """Return the composite index as an expression on a period table; null if an item is null."""
    parts = [_parts(p, method, suffix, present) for p in POLLUTANTS]
    total = pl.sum_horizontal(parts, ignore_nulls=False)
    return divide_expr(total, pl.lit(DAY_UNIT * _common(method)))


def single_indices(periods: pl.DataFrame, *, method: str = "sum_equal_2012") -> pl.DataFrame:
    """Add ``<p>_index``, the parts of the composite index, to a period table."""
    chosen = _method(method)
    whole = pl.lit(DAY_UNIT * _common(chosen))
    return periods.with_columns(
        divide_expr(_parts(p, chosen, "", ()), whole).alias(f"{p}_index") for p in POLLUTANTS
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

    Raises
    ------
    InvalidArgumentError
        A pollutant is missing, or the method needs means and percentiles of each.
    """
    chosen = _method(method)
    absent = [p for p in POLLUTANTS if not isinstance(values.get(p), int | float)]
    if absent or chosen.kind != "sum":
        raise InvalidArgumentError(
            "evaluation.index_items",
            _(
                "The index needs one number for each of {names}, and a method that adds them."
            ).format(names=", ".join(POLLUTANTS)),
            {"missing": absent},
        )
    row = pl.DataFrame({statistic_of(p): [float(values[p])] for p in POLLUTANTS})
    return float(row.select(composite_expr(chosen)).item())
