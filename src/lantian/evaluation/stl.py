"""Seasonal-trend decomposition by loess (STL).

R. B. Cleveland, W. S. Cleveland, J. E. McRae, I. Terpenning, "STL: a seasonal-trend decomposition
procedure based on loess", J. Official Statistics 6 (1990) 3–73. Details the paper leaves open
(windows at the ends, evaluation at every n-th point with lines between, the length added to
windows longer than the series) are those of the authors' own program, which R's ``stl`` runs, so
that results agree with it to rounding, except where R's partial sort picks a wrong rank for the
median of an even number of residuals: it is asked for the upper one first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lantian.errors import InvalidArgumentError
from lantian.evaluation.timeframe import Floats
from lantian.i18n import gettext as _

_NEAR, _FAR = 0.001, 0.999  # of a bandwidth: full weight up to one, none beyond the other
_ROBUST_WIDTH = 6.0  # bisquare width in median absolute residuals (paper, section 2.4)


@dataclass(frozen=True)
class Decomposition:
    """``series = trend + seasonal + remainder``, each of shape ``(n,)``, and the last weights."""

    trend: Floats
    seasonal: Floats
    remainder: Floats
    weights: Floats


@dataclass(frozen=True)
class _Loess:
    """Linear loess of given bandwidth over ``1 … n``, its distance weights worked out once."""

    at: Floats
    kernel: Floats
    places: Floats

    @classmethod
    def plan(cls, n: int, length: int, at: Floats) -> _Loess:
        """Prepare to evaluate at positions ``at`` (from 0, before the series, to n + 1)."""
        places = np.arange(1.0, n + 1.0)
        if length >= n:
            left, right = np.ones(at.size), np.full(at.size, float(n))
        else:
            half = (length + 1) // 2
            left = np.clip(at - half + 1, 1, n - length + 1)
            right = left + length - 1
        width = np.maximum(at - left, right - at) + max(0, (length - n) // 2)
        distance = np.abs(places[None, :] - at[:, None])
        inside = (places[None, :] >= left[:, None]) & (places[None, :] <= right[:, None])
        with np.errstate(divide="ignore", invalid="ignore"):
            tricube = (1.0 - (distance / width[:, None]) ** 3) ** 3
        tricube = np.where(distance <= _NEAR * width[:, None], 1.0, tricube)
        kernel = np.where(inside & (distance <= _FAR * width[:, None]), tricube, 0.0)
        return cls(at, kernel, places)

    def fit(self, series: Floats, weights: Floats | None) -> Floats:
        """Evaluate; NaN where every point in reach has weight 0. Leading axes are batched."""
        kernel = self.kernel
        if weights is not None:
            kernel = kernel * weights[..., None, :]
        total = kernel.sum(axis=-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            kernel = kernel / np.where(total > 0, total, np.nan)
            centre = (kernel * self.places).sum(axis=-1, keepdims=True)
            offset = self.places - centre
            spread = (kernel * offset * offset).sum(axis=-1, keepdims=True)
            # A line needs points that are apart; else the weighted mean stands.
            slope = np.where(
                np.sqrt(spread) > _NEAR * (self.places.size - 1),
                (self.at[:, None] - centre) / spread,
                0.0,
            )
            kernel = kernel * (slope * offset + 1.0)
        fitted: Floats = (kernel @ series[..., None])[..., 0]
        return fitted


@dataclass(frozen=True)
class _Smoother:
    """Loess at every ``jump``-th point of a series and lines between."""

    loess: _Loess
    n: int

    @classmethod
    def plan(cls, n: int, length: int, jump: int) -> _Smoother:
        at = np.arange(1, n + 1, min(jump, max(n - 1, 1)))
        if at[-1] != n:
            at = np.append(at, n)
        return cls(_Loess.plan(n, length, at.astype(np.float64)), n)

    def smooth(self, series: Floats, weights: Floats | None) -> Floats:
        at = self.loess.at
        fitted = self.loess.fit(series, weights)
        fitted = np.where(np.isnan(fitted), series[..., at.astype(np.int64) - 1], fitted)
        if at.size == self.n:
            return fitted
        everywhere = np.arange(1.0, self.n + 1.0)
        if fitted.ndim == 1:
            line: Floats = np.interp(everywhere, at, fitted)
            return line
        return np.stack([np.interp(everywhere, at, row) for row in fitted])


def stl(
    series: Floats,
    *,
    period: int = 12,
    seasonal: int = 11,
    trend: int | None = None,
    robust_rounds: int = 15,
) -> Decomposition:
    """Decompose a gapless series into trend, a slowly changing season and a remainder.

    Parameters
    ----------
    series
        Values at equal steps, shape ``(n,)``, no NaN, more than two periods.
    period
        Steps in a season.
    seasonal
        Window of the seasonal loess in periods, odd, at least 7. 11 lets the season change slowly.
    trend
        Window of the trend loess in steps; by default the paper's
        ``1.5·period / (1 − 1.5/seasonal)``, made odd.
    robust_rounds
        Rounds of down-weighting values that do not fit.

    Returns
    -------
    Decomposition

    Raises
    ------
    InvalidArgumentError
        The series has gaps or is not longer than two periods.
    """
    n = series.size
    if np.isnan(series).any() or n <= 2 * period:
        raise InvalidArgumentError(
            "evaluation.stl_series",
            _(
                "A seasonal decomposition needs more than {least} values without gaps;"
                " there are {count} with {missing} missing."
            ).format(least=2 * period, count=n, missing=int(np.isnan(series).sum())),
        )
    window = trend or _next_odd(1.5 * period / (1.0 - 1.5 / seasonal))
    low = _next_odd(period)
    cycles = _Cycles.plan(n, period, seasonal)
    low_pass = _Smoother.plan(n, low, -(-low // 10))
    trend_of = _Smoother.plan(n, window, -(-window // 10))
    level, season = np.zeros(n), np.zeros(n)
    weights: Floats | None = None
    # The first pass knows no residuals and is plain; each later one weighs by those before it.
    for turn in range(robust_rounds + 1):
        if turn:
            weights = _bisquare(series - (level + season))
        cycle = cycles.smooth(series - level, weights)
        season = cycle[period : period + n] - low_pass.smooth(_average(cycle, period), None)
        level = trend_of.smooth(series - season, weights)
    final = np.ones(n) if weights is None else weights
    return Decomposition(level, season, series - level - season, final)


@dataclass(frozen=True)
class _Cycles:
    """Smooths each month's own series over the years, one step beyond either end."""

    n: int
    period: int
    plans: dict[int, tuple[_Smoother, _Loess]]

    @classmethod
    def plan(cls, n: int, period: int, length: int) -> _Cycles:
        jump = -(-length // 10)
        plans = {}
        for years in {(n - j - 1) // period + 1 for j in range(period)}:
            ends = _ends(years, length)
            plans[years] = (_Smoother.plan(years, length, jump), ends)
        return cls(n, period, plans)

    def smooth(self, series: Floats, weights: Floats | None) -> Floats:
        """Return the smoothed cycle, shape ``(n + 2·period,)``."""
        out = np.empty(self.n + 2 * self.period)
        for years, (smoother, ends) in self.plans.items():
            mine = [j for j in range(self.period) if (self.n - j - 1) // self.period + 1 == years]
            batch = np.stack([series[j :: self.period] for j in mine])
            weight = (
                None if weights is None else np.stack([weights[j :: self.period] for j in mine])
            )
            inner = smoother.smooth(batch, weight)
            outer = ends.fit(batch, weight)
            outer = np.where(np.isnan(outer), inner[:, [0, -1]], outer)
            for row, j in enumerate(mine):
                out[j :: self.period][1 : years + 1] = inner[row]
                out[j] = outer[row, 0]
                out[j + (years + 1) * self.period] = outer[row, 1]
        return out


def _ends(n: int, length: int) -> _Loess:
    """Loess one step before and one after a series, over the window at that end."""
    first = _Loess.plan(n, length, np.array([0.0]))
    last = _Loess.plan(n, length, np.array([n + 1.0]))
    return _Loess(np.array([0.0, n + 1.0]), np.vstack([first.kernel, last.kernel]), first.places)


def _average(cycle: Floats, period: int) -> Floats:
    """Average over ``period``, again ``period``, then 3 neighbouring points."""
    out = cycle
    for width in (period, period, 3):
        out = np.lib.stride_tricks.sliding_window_view(out, width).mean(axis=-1)
    return out


def _bisquare(residual: Floats) -> Floats:
    """Robustness weights of residuals (paper, section 2.4)."""
    size = np.abs(residual)
    reach = _ROBUST_WIDTH * _median(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = (1.0 - (size / reach) ** 2) ** 2
    weights = np.where(size <= _NEAR * reach, 1.0, weights)
    return np.where(size <= _FAR * reach, weights, 0.0)


def _median(size: Floats) -> float:
    return float(np.median(size))


def _next_odd(value: float) -> int:
    whole = int(np.ceil(value))
    return whole + 1 - whole % 2
