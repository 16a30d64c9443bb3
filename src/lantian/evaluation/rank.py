"""Ranking of stations or cities, with ties, and the unranked with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.evaluation._checks import table
from lantian.evaluation.periods import days_needed, span
from lantian.i18n import gettext as _
from lantian.standards import DIGITS, POLLUTANTS, Settings, round_expr

Ties = Literal["competition", "dense"]
_TIES: dict[Ties, Literal["min", "dense"]] = {"competition": "min", "dense": "dense"}
HIGHER_IS_BETTER = frozenset({"good_days", "good_day_ratio"})
"""Statistics that rank from the most; all others rank from the least."""
_DAY_COUNTS = frozenset({"good_days", "good_day_ratio", "heavy_days"})


def rank(
    periods: pl.DataFrame,
    *,
    key: str = "composite_index",
    ties: Ties = "competition",
    within: Sequence[str] = (),
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Rank within each period (and each of ``within``); the best is 1.

    Values are compared as they are published: the composite index with two decimals
    (``settings.rank_digits``), concentrations as whole numbers (CO one decimal), so that equal
    figures on paper share a rank. Good days rank from the most, everything else from the least.

    Parameters
    ----------
    periods
        A period table (:func:`lantian.evaluation.period`).
    key
        The column to rank by.
    ties
        ``competition``: 1, 1, 3 (national bulletins); ``dense``: 1, 1, 2.
    within
        Further columns whose values are ranked apart, e.g. the kind of station.

    Returns
    -------
    polars.DataFrame
        ``periods`` with ``rank`` (null if excluded), ``excluded`` and ``reason`` (null, or e.g.
        ``"missing:co"``, ``"insufficient:pm10,o3"``; :func:`explain` puts it into words), sorted
        by period, ``within``, rank and station.
    """
    if ties not in _TIES:
        raise InvalidArgumentError(
            "evaluation.bad_ties",
            _("ties is 'competition' or 'dense', not '{given}'.").format(given=ties),
        )
    periods = table(periods, ("station", "period"), _("table of periods"))
    if key not in periods.columns or not periods.schema[key].is_numeric():
        raise UnknownNameError(
            "evaluation.unknown_key",
            _("There is no column '{key}' of numbers to rank by.").format(key=key),
            {"key": key},
        )
    settings = settings or Settings.default()
    frame = periods.with_columns(_reason(periods, key, settings).alias("reason"))
    frame = frame.with_columns(pl.col("reason").is_not_null().alias("excluded"))
    digits = published_digits(key, settings)
    value = round_expr(pl.col(key), digits) if digits is not None else pl.col(key)
    ranked = (
        pl.when(~pl.col("excluded"))
        .then(value)
        .rank(_TIES[ties], descending=key in HIGHER_IS_BETTER)
        .over("period", *within)
        .cast(pl.Int64)
    )
    names = [c for c in periods.columns if c not in ("rank", "excluded", "reason")]
    return (
        frame.with_columns(ranked.alias("rank"))
        .select(*names, "rank", "excluded", "reason")
        .sort("period", *within, "rank", "station", nulls_last=True)
    )


def published_digits(key: str, settings: Settings | None = None) -> int | None:
    """Return the decimals a statistic is published with; None where it is not rounded."""
    if key.startswith("composite_index"):
        return (settings or Settings.default()).rank_digits
    if key == "good_day_ratio":
        return DIGITS["ratio_percent"] + 2  # of a share: one decimal of its per cent
    pollutant = key.split("_", maxsplit=1)[0]
    if pollutant in POLLUTANTS and not key.endswith(("_days", "_valid", "_attains")):
        return DIGITS["single_index"] if key.endswith("_index") else DIGITS[pollutant]
    return None


def _reason(periods: pl.DataFrame, key: str, settings: Settings) -> pl.Expr:
    """Return why a row cannot be ranked; null where it can."""
    pollutant = key.split("_", maxsplit=1)[0]
    needed = [pollutant] if pollutant in POLLUTANTS else list(POLLUTANTS)
    if key in _DAY_COUNTS:
        least = {label: days_needed(span(label), settings) for label in periods["period"].unique()}
        needed_days = pl.Series([least[p] for p in periods["period"]], dtype=pl.Int64)
        return pl.when(pl.col("aqi_days") < needed_days).then(pl.lit("insufficient:aqi"))

    def listed(word: str, condition: dict[str, pl.Expr]) -> pl.Expr:
        names = pl.concat_list(pl.when(c).then(pl.lit(p)) for p, c in condition.items())
        joined = names.list.drop_nulls().list.join(",")
        return pl.when(joined != "").then(pl.lit(f"{word}:") + joined)

    none = {p: pl.col(f"{p}_days") == 0 for p in needed if f"{p}_days" in periods.columns}
    few = {
        p: ~pl.col(f"{p}_valid").fill_null(False) & ~none.get(p, pl.lit(False))
        for p in needed
        if f"{p}_valid" in periods.columns
    }
    parts = [
        *([listed("missing", none)] if none else []),
        *([listed("insufficient", few)] if few else []),
    ]
    known = pl.concat_str(parts, separator=";", ignore_nulls=True) if parts else pl.lit("")
    return (
        pl.when(known != "")
        .then(known)
        .when(pl.col(key).is_null() | pl.col(key).is_nan())
        .then(pl.lit(f"missing:{key}"))
    )
