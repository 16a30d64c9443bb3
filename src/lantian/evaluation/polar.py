"""Concentrations by wind direction, and by wind speed and direction, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation import wind as winds
from lantian.evaluation.timeframe import (
    Floats,
    Groups,
    check_choice,
    check_columns,
    keys_of,
    nullable,
    numbers,
)
from lantian.i18n import gettext as _

BinStatistic = Literal["frequency", "mean", "median", "max", "std", "contribution"]


def percentile_rose(
    frame: pl.DataFrame,
    column: str,
    *,
    percentiles: Sequence[float] = (25, 50, 75, 90, 95),
    sectors: int = 16,
    calm: float | None = winds.CALM,
) -> pl.DataFrame:
    """Mean and percentiles of a concentration by wind direction.

    Parameters
    ----------
    frame
        Wide hourly frame with ``wd`` [°], ``column`` and, to leave out calms, ``ws`` [m/s].
    column
        The concentration.
    percentiles
        Which percentiles [%], linear between ranks.
    sectors
        Number of directions, 4 to 360.
    calm
        Hours with ``ws`` at or below this [m/s] have no direction; ``None`` keeps them.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``sector``, ``direction`` [°], ``n`` (hours), ``mean`` and
        ``p<percentile>``, one row for every sector; statistics are null where ``n`` is 0.
    """
    check_columns(frame, ["wd", column])
    if any(not 0 <= p <= 100 for p in percentiles):
        raise InvalidArgumentError(
            "evaluation.percentile",
            _("Percentiles lie between 0 and 100, not {values}.").format(values=list(percentiles)),
        )
    by = [*keys_of(frame), "sector"]
    placed = (
        winds.with_sector(winds.clean(frame, column), sectors, calm)
        .filter(pl.col("sector") >= 0, pl.col(column).is_not_null())
        .sort([*by, column])
    )
    groups, values = Groups.of(placed, by), numbers(placed, column)
    found = groups.keys.with_columns(
        pl.Series("n", groups.count(values)),
        nullable("mean", groups.mean(values)),
        *(nullable(f"p{p:g}", groups.quantile(values, p / 100.0)) for p in percentiles),
    )
    return (
        winds.sector_grid(frame, sectors)
        .join(found, on=by, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("n").fill_null(0))
    )


def polar_frequency(
    frame: pl.DataFrame,
    column: str | None = None,
    *,
    statistic: BinStatistic = "mean",
    sectors: int = 36,
    speed_step: float = 1.0,
    min_hours: int = 1,
    calm: float | None = None,
) -> pl.DataFrame:
    """Tabulate hours, or a statistic of a concentration, by wind speed and direction.

    Parameters
    ----------
    frame
        Wide hourly frame with ``ws`` [m/s], ``wd`` [°] and ``column``.
    column
        The concentration; not needed for ``statistic="frequency"``.
    statistic
        Of each bin; ``"contribution"`` is its part [%] of the sum over all bins.
    sectors
        Number of directions, 4 to 360.
    speed_step
        Width of the speed bins [m/s]; a bin holds ``(upper − step, upper]``, the first also 0.
    min_hours
        Bins with fewer hours are left out: one lone hour is no evidence of a source.
    calm
        Leave out hours with ``ws`` at or below this [m/s]; by default a calm that is written with
        a direction lies in the first speed bin of it.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``sector``, ``direction`` [°], ``speed`` (upper limit of the bin
        [m/s]), ``n`` (hours), ``value``; only bins that have ``min_hours``.
    """
    check_choice(statistic, get_args(BinStatistic), "statistic")
    needed = ["ws", "wd"] if column is None else ["ws", "wd", column]
    check_columns(frame, needed)
    if column is None and statistic != "frequency":
        raise InvalidArgumentError(
            "evaluation.no_column",
            _("The statistic {statistic} needs a column; name one, or use 'frequency'.").format(
                statistic=statistic
            ),
        )
    if not speed_step > 0:
        raise InvalidArgumentError(
            "evaluation.speed_step",
            _("The speed step must be above 0 m/s, not {value}.").format(value=speed_step),
        )
    keys = keys_of(frame)
    by = [*keys, "sector", "_step"]
    value = column or "ws"
    step = (pl.col("ws") / speed_step).ceil().clip(lower_bound=1).cast(pl.Int64)
    binned = (
        winds.with_sector(winds.clean(frame, value).drop_nulls(needed), sectors, calm)
        .filter(pl.col("sector") >= 0)
        .with_columns(step.alias("_step"))
        .sort([*by, value])
    )
    groups, values = Groups.of(binned, by), numbers(binned, value)
    found = groups.keys.with_columns(
        pl.Series("n", groups.count(values)),
        nullable("value", _of_bins(groups, values, statistic)),
    )
    if statistic == "contribution":
        total = pl.col("value").sum()
        part = 100.0 * pl.col("value") / (total.over(keys) if keys else total)
        found = found.with_columns(part.alias("value"))
    centres = [winds.sector_centre(k, sectors) for k in range(sectors)]
    return found.filter(pl.col("n") >= min_hours).select(
        *keys,
        "sector",
        pl.col("sector")
        .replace_strict(range(sectors), centres, return_dtype=pl.Float64)
        .alias("direction"),
        (pl.col("_step") * speed_step).alias("speed"),
        "n",
        "value",
    )


def _of_bins(groups: Groups, values: Floats, statistic: BinStatistic) -> Floats:
    if statistic == "frequency":
        return groups.count(values).astype(np.float64)
    if statistic == "median":
        return groups.quantile(values, 0.5)
    if statistic == "max":
        return groups.extreme(values, "max")
    if statistic == "std":
        return groups.std(values)
    return groups.sum(values) if statistic == "contribution" else groups.mean(values)
