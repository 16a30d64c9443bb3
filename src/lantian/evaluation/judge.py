"""HJ 633: sub-indices, AQI, category and primary pollutants of hours and days."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lantian.evaluation._checks import numbers, once, table
from lantian.evaluation._columns import DAILY_VALUE, with_missing_columns
from lantian.i18n import gettext as _
from lantian.standards import (
    EDITIONS,
    POLLUTANTS,
    Settings,
    category_expr,
    daily_uses_o3_1h,
    edition_expr,
    iaqi,
)

WITH_DUST = "_with_dust"


def judge(
    daily: pl.DataFrame | pl.LazyFrame, *, edition: str = "auto", settings: Settings | None = None
) -> pl.DataFrame:
    """Judge daily concentrations under an edition: the AQI of HJ 633.

    2012 takes the larger of the O3 8 h and 1 h indices; 2026 the 8 h one only. The AQI is the
    largest sub-index of the pollutants present; ``missing`` names the others.

    Parameters
    ----------
    daily
        ``station, date`` and any of ``pm25 pm10 so2 no2 co o3_mda8 o3_1h_max``; null = not valid.
        With sand-dust deducted, the index is still that of the values with dust, unless
        ``settings.dust_affects_aqi``.
    edition
        An edition, or ``auto``: by the local date of each row.

    Returns
    -------
    polars.DataFrame
        ``daily`` with ``iaqi_<p>``, ``aqi``, ``category``, ``primary``, ``edition``, ``missing``.
    """
    frame = with_aqi(index_days(daily, edition=edition, settings=settings or Settings.default()))
    judged = [f"iaqi_{p}" for p in POLLUTANTS]
    judged += ["aqi", "category", "primary", "edition", "missing"]
    return frame.select(pl.exclude(judged), *judged)


def index_days(
    daily: pl.DataFrame | pl.LazyFrame, *, edition: str, settings: Settings
) -> pl.DataFrame:
    """Add ``edition`` and ``iaqi_<p>`` to daily concentrations; see :func:`judge`."""
    frame = daily_table(daily)
    frame = frame.with_columns(edition_expr(pl.col("date"), edition).alias("edition"))
    columns = {p: (c, "8h" if p == "o3" else "24h") for p, c in DAILY_VALUE.items()}
    if not settings.dust_affects_aqi:
        for p, (c, averaging) in columns.items():
            if c + WITH_DUST in frame.columns:
                columns[p] = (c + WITH_DUST, averaging)
    return _by_edition(frame, columns, settings, daily=True)


def daily_table(daily: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Return a daily table that is fit to be counted: checked, with every value column."""
    what = _("daily table")
    data = table(daily, ("station", "date"), what)
    values = [*DAILY_VALUE.values(), "o3_1h_max"]
    counted = [*values, *(c for c in data.columns if c.endswith(WITH_DUST))]
    data = numbers(with_missing_columns(data, values), counted, what)
    once(data, "date", what)
    return data


def index_hours(frame: pl.DataFrame, *, settings: Settings) -> pl.DataFrame:
    """Add ``iaqi_<p>`` of the 1 h values to an hourly table that has ``edition``."""
    return _by_edition(frame, {p: (p, "1h") for p in POLLUTANTS}, settings, daily=False)


def with_aqi(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``aqi, category, primary, missing`` to a frame that has ``iaqi_<p>``."""
    indices = [pl.col(f"iaqi_{p}") for p in POLLUTANTS]
    frame = frame.with_columns(pl.max_horizontal(indices).alias("aqi"))
    aqi = pl.col("aqi")
    return frame.with_columns(
        category_expr(aqi).alias("category"),
        _names({p: (pl.col(f"iaqi_{p}") == aqi) & (aqi > 50) for p in POLLUTANTS}).alias("primary"),
        _names({p: pl.col(f"iaqi_{p}").is_null() for p in POLLUTANTS}).alias("missing"),
    )


# The names for each of the 64 subsets of the pollutants: looked up, not built row by row.
_SUBSETS = pl.Series(
    [[p for i, p in enumerate(POLLUTANTS) if subset >> i & 1] for subset in range(64)],
    dtype=pl.List(pl.String),
)


def _names(condition: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the list of the pollutants whose condition holds."""
    subset = pl.sum_horizontal(
        condition[p].fill_null(False).cast(pl.UInt32) * (1 << i) for i, p in enumerate(POLLUTANTS)
    )
    return pl.lit(_SUBSETS).gather(subset)


def _by_edition(
    frame: pl.DataFrame,
    columns: Mapping[str, tuple[str, str]],
    settings: Settings,
    *,
    daily: bool,
) -> pl.DataFrame:
    """Compute ``iaqi_<p>`` edition by edition; rows keep their order."""
    here = frame["edition"].drop_nulls().unique().to_list()
    series: dict[str, pl.Series] = {}
    for p, (column, averaging) in columns.items():
        result = pl.Series(f"iaqi_{p}", [None], dtype=pl.Int32).new_from_index(0, frame.height)
        for name in (e for e in EDITIONS if e in here):
            rounded = name != "2012" or settings.round_before_iaqi_2012
            index = _index(frame[column], p, averaging, name, rounded)
            if daily and p == "o3" and daily_uses_o3_1h(name):
                hour = _index(frame["o3_1h_max"], p, "1h", name, rounded)
                index = pl.select(pl.max_horizontal(index, hour)).to_series()
            if len(here) == 1 and frame["edition"].null_count() == 0:
                result = index
            else:
                result = index.zip_with((frame["edition"] == name).fill_null(False), result)
        series[p] = result.alias(f"iaqi_{p}")
    return frame.with_columns(series[p] for p in POLLUTANTS)


def _index(
    values: pl.Series, pollutant: str, averaging: str, edition: str, rounded: bool
) -> pl.Series:
    index = iaqi(pollutant, values, averaging=averaging, edition=edition, rounded=rounded)
    return pl.Series(index, nan_to_null=True).cast(pl.Int32)
