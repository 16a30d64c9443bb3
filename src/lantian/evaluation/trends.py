"""Is it getting better? Theil–Sen slopes with bootstrap intervals, with or without the season.

The frames of this module have one row per period: a time column (Date or Datetime; the start of
the period, as :func:`lantian.evaluation.averages.time_average` returns it) and value columns, with
``station`` optional. Results have one row per station; where a series cannot be judged its numbers
are null and ``reason`` says why.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.rank_trends import mann_kendall, spearman
from lantian.evaluation.series import Series, series_of
from lantian.evaluation.stl import stl
from lantian.evaluation.timeframe import Floats, Integers, keys_of
from lantian.i18n import gettext as _

__all__ = ["LEAST_VALUES", "Reason", "deseasonalise", "mann_kendall", "spearman", "theil_sen"]

Reason = Literal["", "too_few", "too_short_to_deseason"]
LEAST_VALUES = 6
"""No slope from fewer values (as openair)."""
_DAYS_A_YEAR = 365.0  # openair's year, leap or not
_STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"), (0.1, "+"))
_MONTHS = 12


@dataclass(frozen=True)
class _Line:
    """Slope [unit/year] and intercept on 1970-01-01, with what goes with each end of the slope."""

    slope: float
    lower: float
    upper: float
    intercept: float
    intercept_lower: float
    intercept_upper: float
    p: float


def theil_sen(
    frame: pl.DataFrame,
    column: str,
    *,
    time: str = "start",
    deseason: bool = False,
    autocor: bool = False,
    alpha: float = 0.05,
    replicates: int = 599,
    seed: int = 2,
    bootstrap: Integers | None = None,
) -> pl.DataFrame:
    """Fit the median of all pairwise slopes, with a bootstrap interval and p-value.

    Parameters
    ----------
    frame
        One row per period (see the module). Missing values are left out.
    column
        What to judge.
    time
        Column of the periods.
    deseason
        Remove the season first (:func:`deseasonalise`; monthly values over more than two years).
        Months that had to be filled in for that are left out of the fit again: what was not
        measured is no evidence.
    autocor
        Draw blocks of n^(1/3) neighbouring values, since neighbours are alike; intervals widen.
    alpha
        1 − level of the interval.
    replicates, seed
        Number of bootstrap samples, and the seed they are drawn with for every station.
    bootstrap
        Use these samples instead: indices from 0 into the values in time order, shape
        ``(n, replicates)``. For a single series.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``n``, ``first``, ``last`` (dates), ``slope`` [unit/year] with its
        interval ``lower``, ``upper``; ``intercept`` [unit] on 1970-01-01 with ``intercept_lower``
        (of the line of ``lower``) and ``intercept_upper``; ``p`` (two-sided; 0 means that no
        sample had a slope of the other sign); ``stars`` (``***`` p < 0.001, ``**`` < 0.01, ``*``
        < 0.05, ``+`` < 0.1); ``slope_percent``, ``lower_percent``, ``upper_percent`` [% of the
        line's value at the first date, per year]; ``reason`` (``""``, ``too_few``,
        ``too_short_to_deseason``).

    Raises
    ------
    InvalidArgumentError
        A column is absent, a period occurs twice, ``alpha`` is no probability, or ``bootstrap``
        does not fit the series.

    References
    ----------
    P. K. Sen, J. Am. Stat. Assoc. 63 (1968) 1379–1389. H. R. Künsch, Ann. Stat. 17 (1989)
    1217–1241. The interval, the p-value and the year of 365 days are those of openair 3.1.
    """
    if not 0.0 < alpha < 1.0 or replicates < 1:
        raise InvalidArgumentError(
            "evaluation.trend_arguments",
            _("A trend needs alpha between 0 and 1 and some samples, not {a} and {n}.").format(
                a=alpha, n=replicates
            ),
        )
    rows = []
    for one in series_of(frame, column, time):
        series, reason = one.measured(), ""
        if deseason and not _long_enough(one):
            reason = "too_short_to_deseason"
        elif deseason:
            series = _deseasonalised(one).measured()
        if series.values.size < LEAST_VALUES:
            reason = "too_few"
        row: dict[str, Any] = {**one.key, "n": series.values.size, "reason": reason}
        if series.values.size:
            row |= {"first": series.dates[0], "last": series.dates[-1]}
        if not reason:
            draws = _draws(series.values.size, replicates, seed, autocor=autocor, given=bootstrap)
            line = _fit(series.days, series.values, draws, alpha)
            row |= asdict(line) | _percent(line, series.days[0], series.days[-1])
            row["stars"] = next((stars for limit, stars in _STARS if line.p < limit), "")
        rows.append(row)
    keys = keys_of(frame)
    numbers = [
        *("slope", "lower", "upper", "intercept", "intercept_lower", "intercept_upper", "p"),
        *("slope_percent", "lower_percent", "upper_percent"),
    ]
    schema: dict[str, pl.DataType] = {k: frame.schema[k] for k in keys}
    schema |= {"n": pl.Int64(), "first": pl.Date(), "last": pl.Date()}
    schema |= {name: pl.Float64() for name in numbers}
    schema |= {"stars": pl.String(), "reason": pl.String()}
    return pl.DataFrame(rows, schema=schema)


def deseasonalise(frame: pl.DataFrame, column: str, *, time: str = "start") -> pl.DataFrame:
    """Take a slowly changing season out of monthly values.

    Parameters
    ----------
    frame
        One row per month (see the module), more than 24 months from the first value to the last.
    column
        What to deseasonalise.
    time
        Column of the months.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``time`` (first of the month, Date), ``column`` less its season
        [unit], ``season`` [unit], ``trend`` [unit], ``imputed``: the month had no value and was
        filled with the mean of its calendar month plus the anomaly between its neighbours. One row
        for every month from the first value to the last.

    Raises
    ------
    InvalidArgumentError
        A series is too short or has two rows for a month.

    Notes
    -----
    STL (:mod:`lantian.evaluation.stl`) with the settings of openair 3.1: robust, seasonal window
    of 11 years, linear. openair fills gaps by a Kalman smoother and keeps the filled months.
    """
    keys, tables = keys_of(frame), []
    schema: dict[str, pl.DataType] = {k: frame.schema[k] for k in keys}
    schema |= {time: pl.Date(), column: pl.Float64(), "season": pl.Float64()}
    schema |= {"trend": pl.Float64(), "imputed": pl.Boolean()}
    for one in series_of(frame, column, time):
        if not _long_enough(one):
            raise InvalidArgumentError(
                "evaluation.too_short_to_deseason",
                _(
                    "Removing the season needs more than {least} months; {series} has {count}."
                ).format(
                    least=2 * _MONTHS,
                    series=" ".join([*map(str, one.key.values()), column]),
                    count=one.months_spanned(),
                ),
            )
        filled, imputed = one.monthly()
        parts = stl(filled.values, period=_MONTHS)
        tables.append(
            pl.DataFrame(
                {
                    **{k: [v] * filled.values.size for k, v in one.key.items()},
                    time: filled.dates,
                    column: filled.values - parts.seasonal,
                    "season": parts.seasonal,
                    "trend": parts.trend,
                    "imputed": imputed,
                },
                schema=schema,
            )
        )
    return pl.concat(tables) if tables else pl.DataFrame(schema=schema)


def _long_enough(one: Series) -> bool:
    return one.months_spanned() > 2 * _MONTHS


def _deseasonalised(one: Series) -> Series:
    """Return the series less its season, NaN where there was no value."""
    filled, imputed = one.monthly()
    level = filled.values - stl(filled.values, period=_MONTHS).seasonal
    return Series(one.key, filled.dates, np.where(imputed, np.nan, level))


def _fit(days: Floats, values: Floats, draws: Integers, alpha: float) -> _Line:
    slopes, intercepts = _bootstrap(days, values, draws)
    count = slopes.size
    below = round(alpha / 2 * count)
    slope, intercept = (
        float(v[0]) for v in _bootstrap(days, values, np.arange(values.size)[:, None])
    )
    less = (np.count_nonzero(slopes < 0) + 0.5 * np.count_nonzero(slopes == 0)) / count
    ends = [below, count - below - 1]
    low, high = np.sort(slopes)[ends]
    # A steeper line starts lower: the upper slope goes with the lower intercept.
    under, over = np.sort(intercepts)[ends]
    year = _DAYS_A_YEAR
    return _Line(
        slope=slope * year,
        lower=float(low) * year,
        upper=float(high) * year,
        intercept=intercept,
        intercept_lower=float(over),
        intercept_upper=float(under),
        p=2.0 * min(less, 1.0 - less),
    )


def _bootstrap(days: Floats, values: Floats, draws: Integers) -> tuple[Floats, Floats]:
    """Theil–Sen slope [unit/day] and intercept of each sample, one column of ``draws`` each.

    All samples share the slopes of the original pairs, so these are sorted once; a pair counts in a
    sample as often as its two values were drawn together, and the median is a weighted one. A
    sample that drew one period only has no slope and is left out.
    """
    first, second = np.triu_indices(values.size, 1)
    slopes = (values[second] - values[first]) / (days[second] - days[first])
    order = np.argsort(slopes, kind="stable")
    slopes, first, second = slopes[order], first[order], second[order]
    found = np.full(draws.shape[1], np.nan)
    for k in range(draws.shape[1]):
        times = np.bincount(draws[:, k], minlength=values.size)
        reached = np.cumsum(times[first] * times[second])
        if reached[-1]:
            middle = [(reached[-1] + 1) // 2, reached[-1] // 2 + 1]
            found[k] = slopes[np.searchsorted(reached, middle)].mean()
    centre = np.median(values[draws] - found * days[draws], axis=0)
    usable = ~np.isnan(found)
    return found[usable], centre[usable]


def _draws(
    n: int, replicates: int, seed: int, *, autocor: bool, given: Integers | None
) -> Integers:
    """Return the indices of the bootstrap samples, shape ``(n, replicates)``."""
    if given is not None:
        if given.ndim != 2 or given.shape[0] != n or given.min() < 0 or given.max() >= n:
            raise InvalidArgumentError(
                "evaluation.bootstrap_shape",
                _(
                    "Bootstrap samples for {n} values need {n} rows of indices from 0 to {last};"
                    " the given table has the shape {shape}."
                ).format(n=n, last=n - 1, shape=given.shape),
            )
        return given
    random = np.random.default_rng(seed)
    length = round(n ** (1 / 3)) if autocor else 1
    blocks = -(-n // length)
    starts = random.integers(0, n - length + 1, size=(blocks, replicates))
    drawn = starts[:, None, :] + np.arange(length)[None, :, None]
    return drawn.reshape(blocks * length, replicates)[:n]


def _percent(line: _Line, first: float, last: float) -> dict[str, float | None]:
    """Change per year in % of each line's own value at the first date."""

    def change(slope: float, intercept: float) -> float | None:
        begin = intercept + slope * first / _DAYS_A_YEAR
        end = intercept + slope * last / _DAYS_A_YEAR
        return 100.0 * _DAYS_A_YEAR * (end / begin - 1.0) / (last - first) if begin else None

    return {
        "slope_percent": change(line.slope, line.intercept),
        "lower_percent": change(line.lower, line.intercept_lower),
        "upper_percent": change(line.upper, line.intercept_upper),
    }
