"""Quantiles and tail probabilities that trends and patterns need, without SciPy."""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

_TINY = 1e-300
_EPSILON = 1e-16
_MAX_STEPS = 10_000
_NEWTON_STEPS = 60


@cache
def student_t_quantile(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t distribution.

    Parameters
    ----------
    probability
        Between 0 and 1, exclusive.
    freedom
        Degrees of freedom, at least 1.

    Returns
    -------
    float
        ``t`` with ``P(T <= t) = probability``, to about 1e-12 relative.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.5.8 and 26.7.1.
    """
    if probability < 0.5:
        return -student_t_quantile(1.0 - probability, freedom)
    if probability == 0.5:
        return 0.0
    low, high = 0.0, 1.0
    while _t_cdf(high, freedom) < probability:
        low, high = high, 2.0 * high
    t = min(max(NormalDist().inv_cdf(probability), low), high)
    for _step in range(_NEWTON_STEPS):
        excess = _t_cdf(t, freedom) - probability
        low, high = (low, t) if excess > 0 else (t, high)
        following = t - excess / _t_density(t, freedom)
        if not low <= following <= high:  # Newton left the bracket: halve it instead
            following = 0.5 * (low + high)
        if abs(following - t) <= 4 * _EPSILON * t:
            return following
        t = following
    return t


def normal_two_sided(z: float) -> float:
    """Return the probability of a standard normal value at least as far from 0 as ``z``."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def _t_density(t: float, freedom: int) -> float:
    log_scale = (
        math.lgamma((freedom + 1) / 2)
        - math.lgamma(freedom / 2)
        - 0.5 * math.log(freedom * math.pi)
    )
    return math.exp(log_scale - (freedom + 1) / 2 * math.log1p(t * t / freedom))


def _t_cdf(t: float, freedom: int) -> float:
    """P(T <= t) for t >= 0."""
    return 1.0 - 0.5 * _beta_ratio(freedom / 2, 0.5, freedom / (freedom + t * t))


def _beta_ratio(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function by its continued fraction."""
    if x >= 1.0:
        return 1.0
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    front = math.exp(log_front)
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(a, b, x) / a
    return 1.0 - front * _beta_fraction(b, a, 1.0 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction by Lentz's method."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _MAX_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1.0 / _away(1.0 + even * d), _away(1.0 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1.0 / _away(1.0 + odd * d), _away(1.0 + odd / c)
        value *= d * c
        if abs(d * c - 1.0) < _EPSILON:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
