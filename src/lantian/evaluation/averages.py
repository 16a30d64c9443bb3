"""Averages and other statistics over days, weeks, months, seasons, years or blocks of hours."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation import wind as winds
from lantian.evaluation.timeframe import (
    Floats,
    Groups,
    Integers,
    Label,
    all_periods,
    check_choice,
    check_fraction,
    in_zone,
    keys_of,
    nullable,
    numbers,
    period_end,
    period_start,
    values_of,
    with_hours,
)
from lantian.i18n import gettext as _

Statistic = Literal[
    "mean", "max", "min", "median", "sum", "std", "percentile", "frequency", "data_capture"
]
Speed = Literal["scalar", "vector"]
_START = "start"
_COUNTS = ("frequency", "data_capture")


def time_average(
    frame: pl.DataFrame,
    *,
    every: str = "day",
    statistic: Statistic = "mean",
    percentile: float = 95.0,
    min_capture: float = 0.0,
    wind: winds.Weighting = "unit",
    ws: Speed = "scalar",
    calm: float | None = winds.CALM,
    label: Label = "end",
    zone: str = "Asia/Shanghai",
) -> pl.DataFrame:
    """Aggregate hours to longer periods.

    Parameters
    ----------
    frame
        Wide hourly frame (see :mod:`lantian.evaluation.timeframe`). Missing values are null or NaN.
    every
        ``day week month quarter season year`` or ``Nh`` (N divides 24), in local time of ``zone``.
    statistic
        ``std`` is the sample standard deviation; ``percentile`` interpolates linearly at rank
        1 + (n − 1)·p/100 (HJ 663 annex A); ``frequency`` is the number of values; ``data_capture``
        is a FRACTION of the expected hours, 0 to 1.
    percentile
        Which percentile [%], for ``statistic="percentile"``.
    min_capture
        Fraction of the period's expected hours that must have a value, else the result is null.
        Expected are all the hours of the whole period, also where the record begins or ends
        within it and where rows are absent. Counts are reported regardless.
    wind
        Mean of ``wd``: ``"unit"`` averages unit vectors, every hour with a direction counting the
        same; ``"speed"`` weights them by ``ws``. Hours without wind or direction are left out; a
        mean direction lies in (0, 360] with north 360, and is null where directions cancel.
    ws
        Mean of ``ws``: ``"scalar"`` [m/s], or ``"vector"``, the length of the mean wind vector.
    calm
        Hours with ``ws`` at or below this [m/s] have no direction and count as zero speed in vector
        means. ``None`` keeps the direction they are written with.
    label
        Which end of its hour ``time`` marks.
    zone
        Time zone of days and months.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``start``, ``end`` (in ``zone``), ``expected`` (hours) and the
        numeric columns; one row for every period from a station's first to its last, also those
        without a single row. ``wd`` is null for statistics that directions do not have.

    Raises
    ------
    InvalidArgumentError
        An argument is not among its values, ``time`` is unusable or an hour occurs twice.

    Notes
    -----
    Agrees with openair 3.1 ``timeAverage`` on complete periods, with ``calm=None``. It differs on
    purpose: partial and gappy periods are measured against their whole length, calms have no
    direction, capture is a fraction in name and in fact, percentiles of directions are not made up.
    """
    check_choice(statistic, get_args(Statistic), "statistic")
    check_choice(wind, get_args(winds.Weighting), "wind")
    check_choice(ws, get_args(Speed), "ws")
    check_fraction(min_capture, "min_capture")
    check_fraction(percentile / 100.0, "percentile / 100")
    columns = values_of(frame)
    if "wd" in columns and "ws" not in columns and (wind == "speed" or ws == "vector"):
        raise InvalidArgumentError(
            "evaluation.no_wind_speed",
            _("Weighting directions by speed needs the column ws; give it, or use wind='unit'."),
        )
    keys = keys_of(frame)
    hours = with_hours(frame, label=label, zone=zone).with_columns(
        period_start(every).alias(_START)
    )
    groups = Groups.of(hours, [*keys, _START])
    whole = _periods(groups.keys, every, zone)
    expected = _expected(groups.keys, whole, keys)
    made = []
    for name in columns:
        column = numbers(hours, name)
        seen = groups.count(column)
        if statistic in _COUNTS:
            values = seen / expected if statistic == "data_capture" else seen.astype(np.float64)
            made.append(nullable(name, values))
            continue
        if name in ("wd", "ws") and statistic == "mean":
            values, seen = _mean_wind(hours, groups, name, wind=wind, speed=ws, calm=calm)
        elif name == "wd":  # a largest or a median direction means nothing
            values = np.full(seen.shape, np.nan)
        else:
            values = _statistic(groups, column, statistic, percentile / 100.0)
        enough = (seen > 0) & (seen >= min_capture * expected)
        made.append(nullable(name, np.where(enough, values, np.nan)))
    found = groups.keys.with_columns(made)
    out = whole.join(found, on=[*keys, _START], how="left", nulls_equal=True)
    if statistic in _COUNTS:
        out = out.with_columns(pl.col(columns).fill_null(0.0))
    if statistic == "frequency":
        out = out.with_columns(pl.col(columns).cast(pl.Int64))
    return out.select(
        *keys,
        in_zone(_START, zone),
        in_zone("end", zone),
        "expected",
        *columns,
    )


def _periods(found: pl.DataFrame, every: str, zone: str) -> pl.DataFrame:
    """Every period with its wall-clock end and the hours it has (23 or 25 when clocks change)."""
    whole = all_periods(found, every, _START).with_columns(period_end(every, _START).alias("end"))
    length = in_zone("end", zone) - in_zone(_START, zone)
    return whole.with_columns(length.dt.total_hours().alias("expected"))


def _expected(found: pl.DataFrame, whole: pl.DataFrame, keys: list[str]) -> Floats:
    joined = found.join(
        whole.select(*keys, _START, "expected"),
        on=[*keys, _START],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return numbers(joined, "expected")


def _statistic(groups: Groups, values: Floats, statistic: Statistic, fraction: float) -> Floats:
    if statistic == "std":
        return groups.std(values)
    if statistic in ("min", "max"):
        return groups.extreme(values, "min" if statistic == "min" else "max")
    if statistic in ("median", "percentile"):
        return groups.quantile(values, 0.5 if statistic == "median" else fraction)
    return groups.sum(values) if statistic == "sum" else groups.mean(values)


def _mean_wind(
    hours: pl.DataFrame,
    groups: Groups,
    name: str,
    *,
    wind: winds.Weighting,
    speed: Speed,
    calm: float | None,
) -> tuple[Floats, Integers]:
    """Mean of ``wd`` or ``ws`` and the number of hours observed for it."""
    has_speed, has_direction = "ws" in hours.columns, "wd" in hours.columns
    if name == "ws" and (speed == "scalar" or not has_direction):
        if speed == "vector":
            raise InvalidArgumentError(
                "evaluation.no_wind_direction",
                _("A vector mean of wind speed needs the column wd; give it, or use ws='scalar'."),
            )
        column = numbers(hours, "ws")
        return groups.mean(column), groups.count(column)
    direction = numbers(hours, "wd")
    strength = numbers(hours, "ws") if has_speed else np.full(direction.shape, np.nan)
    weighting: winds.Weighting = "speed" if name == "ws" else wind
    u, v, observed = winds.hourly_vectors(strength, direction, weighting=weighting, calm=calm)
    mean_u, mean_v = groups.mean(u), groups.mean(v)
    seen = groups.count(np.where(observed, 1.0, np.nan))
    if name == "ws":
        return np.hypot(mean_u, mean_v), seen
    return winds.direction_of(mean_u, mean_v), seen
