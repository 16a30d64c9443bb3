"""Wind roses and pollution roses, as tables.

Hours without direction or speed are in no sector; calm hours are counted apart. What each figure
is a share of is said once, in the summary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation import wind as winds
from lantian.evaluation.timeframe import check_choice, check_columns, keys_of, nullable
from lantian.i18n import gettext as _

Basis = Literal["placed", "observed"]
_SPEED_STEP = 2.0
_SPEED_CLASSES = 4
_POLLUTION_CLASSES = 6
_POLLUTION_REACH = 0.9
_COARSE = 10  # degrees: directions as old networks write them


@dataclass(frozen=True)
class Rose:
    """A wind or pollution rose.

    Attributes
    ----------
    table
        One row per ``station`` (if given), ``sector`` and class: ``direction`` [°], ``class`` (from
        0), ``lower``, ``upper`` (class limits, ``lower`` exclusive except the first; unit of
        ``column``), ``n`` (hours), ``share`` [%] and ``cumulative`` [%] over the classes of the
        sector. Shares carry the correction for directions written in tens; ``n`` never does.
    summary
        One row per station: ``hours`` (what 100 % is), ``placed`` (hours in a sector), ``calm``
        (hours), ``calm_share`` [%], ``undirected`` (hours with wind but no direction), ``mean`` of
        the column, ``mean_direction`` [°] over the hours in a sector, ``corrected`` (bool).
    column
        What the classes are of: ``ws`` [m/s] or a pollutant.
    breaks
        Class limits.
    """

    table: pl.DataFrame
    summary: pl.DataFrame
    column: str
    breaks: tuple[float, ...]

    def wide(self) -> pl.DataFrame:
        """Return one row per sector with the cumulative shares [%] as ``Interval1`` and so on."""
        keys = [*keys_of(self.table), "sector", "direction"]
        freqs = self.table.group_by(keys).agg(pl.col("n").sum().alias("freqs"))
        wide = self.table.with_columns(
            pl.format("Interval{}", pl.col("class") + 1).alias("interval")
        ).pivot("interval", index=keys, values="cumulative")
        return wide.join(freqs, on=keys, how="left", nulls_equal=True, maintain_order="left")


def wind_rose(
    frame: pl.DataFrame,
    *,
    sectors: int = 16,
    breaks: Sequence[float] | None = None,
    calm: float = winds.CALM,
    correct: bool = True,
    basis: Basis = "placed",
) -> Rose:
    """Count hours by wind direction and speed class.

    Parameters
    ----------
    frame
        Wide hourly frame with ``ws`` [m/s] and ``wd`` [°]; ``station`` optional.
    sectors
        Number of directions, 4 to 360.
    breaks
        Limits of the speed classes [m/s], ascending; a last one at the maximum is added if it is
        above them. By default 0, 2, 4, 6 and the maximum. Values below the first are in no class.
    calm
        Hours with ``ws`` at or below this [m/s] are calm: counted apart, in no sector.
    correct
        Where every direction is a multiple of 10° and sectors do not hold equally many of these,
        weigh the sectors to make up for it (Applequist 2012), then scale so that all still adds up.
        All stations of the frame are looked at together.
    basis
        ``"placed"``: shares are of the hours that are calm or in a sector, so that they add up to
        100 %. ``"observed"``: of all hours with a wind speed, as openair reckons.

    Returns
    -------
    Rose

    References
    ----------
    S. Applequist, "Wind rose bias correction", J. Appl. Meteor. Climatol. 51, 1305–1309 (2012),
    doi 10.1175/JAMC-D-11-0193.1.
    """
    limits = breaks
    if limits is None:
        limits = [k * _SPEED_STEP for k in range(_SPEED_CLASSES)]
    return _rose(frame, "ws", sectors, limits, calm=calm, correct=correct, basis=basis)


def pollution_rose(
    frame: pl.DataFrame,
    column: str,
    *,
    sectors: int = 16,
    breaks: Sequence[float] | None = None,
    calm: float = winds.CALM,
    correct: bool = True,
    basis: Basis = "placed",
) -> Rose:
    """Count hours by wind direction and concentration class.

    As :func:`wind_rose`, with classes of ``column``. By default about six round classes from the
    minimum to the 90th percentile, and one more to the maximum. Under ``basis="placed"`` only
    hours that have a concentration count, calm ones too; ``"observed"`` is as openair reckons:
    of all hours with a wind speed, whether or not there is a concentration.
    """
    check_columns(frame, [column])
    limits = breaks
    if limits is None:
        values = frame[column].cast(pl.Float64).fill_nan(None).drop_nulls()
        high = values.quantile(_POLLUTION_REACH, "linear")
        low = values.min()
        if high is None or not isinstance(low, float):
            raise InvalidArgumentError(
                "evaluation.no_values",
                _("The column {column} has no values to make classes of.").format(column=column),
                {"column": column},
            )
        limits = round_breaks(low, high, _POLLUTION_CLASSES)
    return _rose(frame, column, sectors, limits, calm=calm, correct=correct, basis=basis)


def round_breaks(low: float, high: float, classes: int) -> list[float]:
    """Return about ``classes`` equal classes with round limits (1, 2 or 5 times a power of ten).

    The limits cover ``low`` to ``high``; they are the ones R's ``pretty`` would choose.
    """
    span = high - low
    if span <= 0:
        return [low, low + 1.0]
    raw = span / classes
    power = 10.0 ** math.floor(math.log10(raw))
    bias, bias5 = 1.5, 0.5 + 1.5 * 1.5  # R's high.u.bias and u5.bias
    unit = power
    if 2 * power - raw < bias * (raw - unit):
        unit = 2 * power
        if 5 * power - raw < bias5 * (raw - unit):
            unit = 5 * power
            if 10 * power - raw < bias * (raw - unit):
                unit = 10 * power
    first, last = math.floor(low / unit + 1e-7), math.ceil(high / unit - 1e-7)
    return [k * unit for k in range(first, last + 1)]


def _rose(
    frame: pl.DataFrame,
    column: str,
    sectors: int,
    breaks: Sequence[float],
    *,
    calm: float,
    correct: bool,
    basis: Basis,
) -> Rose:
    check_columns(frame, ["ws", "wd", column])
    check_choice(basis, get_args(Basis), "basis")
    keys = keys_of(frame)
    full = winds.clean(frame, "ws", "wd", column).filter(pl.col("ws").is_not_null())
    limits = _limits(full, column, breaks)
    hours = winds.with_sector(full, sectors, calm).with_columns(
        (pl.col("ws") <= calm).alias("_calm"), _class(column, limits).alias("class")
    )
    valid = hours.filter(pl.col(column).is_not_null())
    summary = _summary(hours if basis == "observed" else valid, valid, column, frame, basis)
    counted = (
        valid.filter(pl.col("sector") >= 0, pl.col("class").is_not_null())
        .group_by(*keys, "sector", "class")
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )
    classes = pl.DataFrame(
        {
            "class": np.arange(len(limits) - 1),
            "lower": pl.Series(limits[:-1], dtype=pl.Float64),
            "upper": pl.Series(limits[1:], dtype=pl.Float64),
        }
    )
    weights = _weights(full, sectors) if correct else None
    summary = summary.with_columns(pl.lit(weights is not None).alias("corrected"))
    table = (
        winds.sector_grid(frame, sectors)
        .join(classes, how="cross")
        .join(counted, on=[*keys, "sector", "class"], how="left", nulls_equal=True)
        .with_columns(pl.col("n").fill_null(0))
        .sort(*keys, "sector", "class")
    )
    table = _shares(table, summary, weights, keys)
    return Rose(table, summary, column, tuple(limits))


def _shares(
    table: pl.DataFrame, summary: pl.DataFrame, weights: pl.DataFrame | None, keys: list[str]
) -> pl.DataFrame:
    weighted = pl.col("n").cast(pl.Float64)
    if weights is not None:
        table = table.join(weights, on="sector", how="left", maintain_order="left")
        raised = weighted * pl.col("_weight")
        before, after = weighted.sum(), raised.sum()
        scale = before.over(keys) / after.over(keys) if keys else before / after
        weighted = raised * scale
    if keys:
        table = table.join(
            summary.select(*keys, "hours"),
            on=keys,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        total = pl.col("hours")
    else:
        total = pl.lit(summary["hours"][0])
    share = pl.when(total > 0).then(100.0 * weighted / total)
    by = [*keys, "sector"]
    return (
        table.with_columns(share.alias("share"))
        .with_columns(pl.col("share").cum_sum().over(by, order_by="class").alias("cumulative"))
        .select(*keys, "sector", "direction", "class", "lower", "upper", "n", "share", "cumulative")
    )


def _summary(
    counted: pl.DataFrame, valid: pl.DataFrame, column: str, frame: pl.DataFrame, basis: Basis
) -> pl.DataFrame:
    """Count the hours of the summary, and average over those that have a value."""
    keys = keys_of(frame)
    stations = frame.select(keys).unique().sort(keys) if keys else pl.DataFrame({"_": [0]})
    rows = []
    for row in stations.iter_rows(named=True):
        mine = pl.col(keys[0]).eq_missing(pl.lit(row[keys[0]])) if keys else pl.lit(True)
        here, values = counted.filter(mine), valid.filter(mine)
        calm, placed = int(here["_calm"].sum()), int((here["sector"] >= 0).sum())
        total = here.height if basis == "observed" else calm + placed
        # sorted, so that row order changes no digit of the sums
        sectored = values.filter(pl.col("sector") >= 0).sort("ws", "wd")
        direction, _speed = winds.vector_mean(
            sectored["ws"].to_numpy(), sectored["wd"].to_numpy(), calm=None
        )
        ordered = values[column].sort()
        rows.append(
            {
                **{k: row[k] for k in keys},
                "hours": total,
                "placed": placed,
                "calm": calm,
                "calm_share": 100.0 * calm / total if total else None,
                "undirected": here.height - calm - placed,
                "mean": ordered.mean(),
                "mean_direction": None if math.isnan(direction) else direction,
            }
        )
    schema: dict[str, pl.DataType] = {k: frame.schema[k] for k in keys}
    numbers = ("hours", "placed", "calm", "undirected")
    for name in ("hours", "placed", "calm", "calm_share", "undirected", "mean", "mean_direction"):
        schema[name] = pl.Int64() if name in numbers else pl.Float64()
    return pl.DataFrame(rows, schema=schema)


def _limits(full: pl.DataFrame, column: str, breaks: Sequence[float]) -> list[float]:
    limits = [float(b) for b in breaks]
    if len(limits) < 1 or any(b <= a for a, b in pairwise(limits)):
        raise InvalidArgumentError(
            "evaluation.breaks",
            _("Class limits must ascend, unlike {values}.").format(values=limits),
            {"breaks": limits},
        )
    highest = full[column].max()
    if isinstance(highest, float) and highest > limits[-1]:
        limits.append(highest)
    if len(limits) == 1:
        limits.append(limits[0] + 1.0)
    return limits


def _class(column: str, limits: list[float]) -> pl.Expr:
    """Class of each value: ``(lower, upper]``, the first with its lower limit; null below it."""
    value = pl.col(column)
    place = pl.lit(pl.Series(limits)).search_sorted(value, side="left").cast(pl.Int64) - 1
    inside = value.is_not_null() & (value >= limits[0])
    return pl.when(inside).then(place.clip(lower_bound=0))


def _weights(full: pl.DataFrame, sectors: int) -> pl.DataFrame | None:
    """Weights that undo unequal numbers of tens in the sectors; None where there is nothing to."""
    directions = full["wd"].drop_nulls()
    if not directions.len() or not bool((directions % _COARSE == 0).all()):
        return None
    tens = np.arange(_COARSE, 360 + _COARSE, _COARSE, dtype=np.float64)
    counts = np.bincount(winds.sector_index(tens, sectors), minlength=sectors)
    if (counts == counts[0]).all() or (counts == 0).any():
        return None
    return pl.DataFrame(
        {"sector": np.arange(sectors), "_weight": nullable("w", counts.mean() / counts)}
    )
