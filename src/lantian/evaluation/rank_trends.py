"""Trends by rank: Spearman (HJ 663-2013 annex B) and Mann–Kendall."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib.resources import files
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation.distributions import normal_two_sided
from lantian.evaluation.series import series_of
from lantian.evaluation.timeframe import Floats, check_choice, keys_of
from lantian.i18n import gettext as _

Level = Literal["0.05", "0.01"]


def spearman(
    frame: pl.DataFrame, column: str, *, time: str = "start", level: Level = "0.05"
) -> pl.DataFrame:
    """Test for a trend by Spearman's rank correlation with time.

    Parameters
    ----------
    frame
        One row per period, usually years; ``station`` optional. Missing values are left out.
    column
        What to judge.
    time
        Column of the periods (Date or Datetime).
    level
        One-sided significance the critical value is for.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``n`` (periods), ``rho`` = 1 − 6·Σd²/(n³ − n) with d the rank of the
        value less the rank of the period (equal values share the mean of their ranks),
        ``critical``, ``trend`` (``rising``, ``falling``, or ``none`` if ``|rho|`` does not exceed
        the critical value), ``reason`` (``too_few``: fewer than 5 periods; then all are null).

    Raises
    ------
    InvalidArgumentError
        A column is absent, a period occurs twice or the level is not tabulated.

    Notes
    -----
    With 5 periods nothing exceeds the critical value of level 0.01, which is 1.

    References
    ----------
    HJ 663-2013 annex B. Critical values and their status: ``data/spearman.toml``.
    """
    table = _critical_values()
    check_choice(level, [k for k in table["critical"] if k != "n"], "level")
    rows = []
    for one in series_of(frame, column, time):
        values = one.measured().values
        n = values.size
        row: dict[str, Any] = {**one.key, "n": n, "reason": ""}
        if n < table["least_periods"]:
            row["reason"] = "too_few"
        else:
            difference = _ranks(values) - np.arange(1, n + 1)
            rho = 1.0 - 6.0 * float(np.sum(difference**2)) / (n**3 - n)
            critical = critical_rho(n, level)
            rising = "rising" if rho > 0 else "falling"
            trend = rising if abs(rho) > critical else "none"
            row |= {"rho": rho, "critical": critical, "trend": trend}
        rows.append(row)
    schema: dict[str, pl.DataType] = {k: frame.schema[k] for k in keys_of(frame)}
    schema |= {"n": pl.Int64(), "rho": pl.Float64(), "critical": pl.Float64()}
    schema |= {"trend": pl.String(), "reason": pl.String()}
    return pl.DataFrame(rows, schema=schema)


def critical_rho(n: int, level: Level = "0.05") -> float:
    """Return the critical value of Spearman's coefficient for ``n`` periods, at least 5."""
    table = _critical_values()
    if n < table["least_periods"]:
        raise InvalidArgumentError(
            "evaluation.too_few_periods",
            _("Spearman's test needs at least {least} periods, not {n}.").format(
                least=table["least_periods"], n=n
            ),
        )
    counts: list[int] = table["critical"]["n"]
    if n > counts[-1]:
        return NormalDist().inv_cdf(1.0 - float(level)) / math.sqrt(n - 1)
    place = max(k for k, count in enumerate(counts) if count <= n)
    return float(table["critical"][level][place])


def mann_kendall(frame: pl.DataFrame, column: str, *, time: str = "start") -> pl.DataFrame:
    """Test for a trend by the Mann–Kendall rank test.

    Parameters
    ----------
    frame, column, time
        As for :func:`spearman`.

    Returns
    -------
    pl.DataFrame
        ``station`` (if given), ``n``, ``s`` (rises less falls among all pairs), ``tau`` = s over
        the number of pairs, ``z`` (normal, with ties and continuity corrected), ``p`` (two-sided).
        Null where there are fewer than two values or all are equal.

    References
    ----------
    H. B. Mann, Econometrica 13 (1945) 245–259; M. G. Kendall, Rank Correlation Methods (1975). The
    normal approximation is fair from about 10 values.
    """
    rows = []
    for one in series_of(frame, column, time):
        values = one.measured().values
        n = values.size
        row: dict[str, Any] = {**one.key, "n": n}
        first, second = np.triu_indices(n, 1)
        s = int(np.sign(values[second] - values[first]).sum())
        _distinct, ties = np.unique(values, return_counts=True)
        spread = n * (n - 1) * (2 * n + 5) - int((ties * (ties - 1) * (2 * ties + 5)).sum())
        if spread > 0:
            z = (s - np.sign(s)) / math.sqrt(spread / 18.0)
            row |= {"s": s, "tau": s / (n * (n - 1) / 2), "z": z, "p": normal_two_sided(z)}
        rows.append(row)
    schema: dict[str, pl.DataType] = {k: frame.schema[k] for k in keys_of(frame)}
    schema |= {"n": pl.Int64(), "s": pl.Int64()}
    schema |= {"tau": pl.Float64(), "z": pl.Float64(), "p": pl.Float64()}
    return pl.DataFrame(rows, schema=schema)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _distinct, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    mean: Floats = (last - (count - 1) / 2.0)[place]
    return mean


@cache
def _critical_values() -> dict[str, Any]:
    text = files("lantian.evaluation").joinpath("data", "spearman.toml").read_text("utf-8")
    return tomllib.loads(text)
