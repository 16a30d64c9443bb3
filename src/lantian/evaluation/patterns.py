"""How concentrations vary over the day, the week and the year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.distributions import student_t_quantile
from lantian.evaluation.timeframe import (
    LOCAL,
    Groups,
    Label,
    check_choice,
    check_columns,
    keys_of,
    nullable,
    numbers,
    values_of,
    with_hours,
)
from lantian.i18n import gettext as _

Cycle = Literal["hour", "weekday", "month", "season", "hour_weekday"]
SEASONS = ("winter", "spring", "summer", "autumn")
_CYCLES: dict[str, dict[str, pl.Expr]] = {
    "hour": {"hour": pl.col(LOCAL).dt.hour()},
    "weekday": {"weekday": pl.col(LOCAL).dt.weekday()},
    "month": {"month": pl.col(LOCAL).dt.month()},
    "season": {"season": pl.col(LOCAL).dt.month() % 12 // 3},
    "hour_weekday": {"hour": pl.col(LOCAL).dt.hour(), "weekday": pl.col(LOCAL).dt.weekday()},
}


def pattern(
    frame: pl.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    by: Cycle,
    confidence: float = 0.95,
    label: Label = "end",
    zone: str = "Asia/Shanghai",
) -> pl.DataFrame:
    """Average each hour of the day, day of the week, month, season, or hour of each weekday.

    Parameters
    ----------
    frame
        Wide hourly frame (see :mod:`lantian.evaluation.timeframe`).
    columns
        Which parameters; all numeric ones but wind direction by default.
    by
        The cycle. ``hour`` counts from 0: hour 0 is 00:00–01:00 local time, which an end label
        calls 1. ``weekday`` runs from 1 (Monday) to 7, ``month`` from 1 to 12, ``season`` is 0
        winter (December to February), 1 spring, 2 summer, 3 autumn.
    confidence
        Level of the interval of the mean.
    label, zone
        Which end of its hour ``time`` marks, and whose clock and calendar it is.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``parameter``, the cycle's column(s), ``n``, ``mean``, ``lower``,
        ``upper``, in the unit of the parameter; only cycles that occur.

    Raises
    ------
    InvalidArgumentError
        A column is absent or is ``wd``, whose mean is not arithmetic.

    Notes
    -----
    The interval is Student's t for independent values, ``mean ± t·s/√n``, null for one value.
    Hours follow one another and are not independent, so it is narrower than what is truly known of
    the mean. openair 3.1 does the same from 1,000 values on and draws an unseeded bootstrap below
    that; here the rule is one and repeatable.
    """
    check_choice(by, get_args(Cycle), "by")
    if not 0.0 < confidence < 1.0:
        raise InvalidArgumentError(
            "evaluation.confidence",
            _("A confidence level lies between 0 and 1, not {value}.").format(value=confidence),
        )
    names = list(columns) if columns is not None else [c for c in values_of(frame) if c != "wd"]
    check_columns(frame, names)
    if "wd" in names:
        raise InvalidArgumentError(
            "evaluation.direction_mean",
            _("Wind direction has no arithmetic mean; use time_average or a wind rose for wd."),
        )
    keys, cycle = keys_of(frame), _CYCLES[by]
    hours = (
        with_hours(frame.select(*keys, "time", *names), label=label, zone=zone)
        .with_columns(e.cast(pl.Int64).alias(c) for c, e in cycle.items())
        .sort([*keys, *cycle], maintain_order=True)
    )
    groups = Groups.of(hours, [*keys, *cycle])
    tables = [_one(hours, groups, name, confidence) for name in names]
    if not tables:
        return groups.keys.clear()
    order = [*keys, "parameter", *cycle, "n", "mean", "lower", "upper"]
    return pl.concat(tables).select(order).filter(pl.col("n") > 0)


def diurnal(
    frame: pl.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    label: Label = "end",
    zone: str = "Asia/Shanghai",
) -> pl.DataFrame:
    """Average each hour of the day; see :func:`pattern`."""
    return pattern(frame, columns, by="hour", label=label, zone=zone)


def weekly(
    frame: pl.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    label: Label = "end",
    zone: str = "Asia/Shanghai",
) -> pl.DataFrame:
    """Average each day of the week; see :func:`pattern`."""
    return pattern(frame, columns, by="weekday", label=label, zone=zone)


def seasonal(
    frame: pl.DataFrame,
    columns: Sequence[str] | None = None,
    *,
    by: Literal["month", "season"] = "month",
    label: Label = "end",
    zone: str = "Asia/Shanghai",
) -> pl.DataFrame:
    """Average each calendar month or season over all years; see :func:`pattern`."""
    return pattern(frame, columns, by=by, label=label, zone=zone)


def _one(hours: pl.DataFrame, groups: Groups, name: str, confidence: float) -> pl.DataFrame:
    values = numbers(hours, name)
    n, mean, spread = groups.count(values), groups.mean(values), groups.std(values)
    reach = np.full(mean.shape, np.nan)
    for size in np.unique(n[n > 1]):
        t = student_t_quantile(0.5 + confidence / 2, int(size) - 1)
        here = n == size
        reach[here] = t * spread[here] / np.sqrt(size)
    return groups.keys.with_columns(
        pl.lit(name).alias("parameter"),
        pl.Series("n", n),
        nullable("mean", mean),
        nullable("lower", mean - reach),
        nullable("upper", mean + reach),
    )
