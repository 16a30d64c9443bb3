"""Hours and days that stand out: above a limit of the standard, or far above the other stations."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from lantian.evaluation._columns import with_missing_columns
from lantian.standards import POLLUTANTS, edition_expr, limit

_HOUR = timedelta(hours=1)
_HOURLY = ("so2", "no2", "co", "o3")  # GB 3095 has no 1 h limit of particles
_DAILY = {p: ("o3_mda8", "8h") if p == "o3" else (p, "24h") for p in POLLUTANTS}
SCHEMA = pl.Schema(
    {
        "station": pl.String(), "time": pl.Datetime("us", "UTC"), "parameter": pl.String(),
        "value": pl.Float64(), "against": pl.Float64(), "edition": pl.String(),
    }
)  # fmt: skip


def hours_over_limit(hourly: pl.DataFrame, *, grade: int, zone: str) -> pl.DataFrame:
    """Return the hours above the 1 h limit of GB 3095.

    Parameters
    ----------
    hourly
        ``station, time`` (END of the hour, UTC) and pollutants.
    grade
        1 or 2.
    zone
        The local time by whose date an hour has its edition.

    Returns
    -------
    polars.DataFrame
        :data:`SCHEMA`; ``against`` is the limit [µg/m³; CO mg/m³].
    """
    dated = _dated(hourly, zone)
    return _stacked(
        [
            _long(dated, p, p, _limit(p, "1h", grade)).filter(pl.col("value") > pl.col("against"))
            for p in _HOURLY
        ]
    )


def days_over_limit(daily: pl.DataFrame, *, grade: int) -> pl.DataFrame:
    """Return the days above the daily limit of GB 3095: 24 h mean, maximum 8 h mean of O3.

    Parameters
    ----------
    daily
        Of :func:`lantian.evaluation.daily`; days that are not valid do not count.

    Returns
    -------
    polars.DataFrame
        As :data:`SCHEMA` with ``date`` instead of ``time``; ``against`` is the limit.
    """
    parts = []
    for p, (column, averaging) in _DAILY.items():
        rows = daily.filter(pl.col(f"valid_{p}")).select(
            "station", "date", pl.lit(p).alias("parameter"), pl.col(column).alias("value"),
            _limit(p, averaging, grade).alias("against"), "edition",
        )  # fmt: skip
        parts.append(rows.filter(pl.col("value") > pl.col("against")))
    return pl.concat(parts).sort("station", "parameter", "date")


def hours_above_median(
    hourly: pl.DataFrame, *, times: float, share: float, stations: int, hours: int, grade: int,
    zone: str,
) -> pl.DataFrame:  # fmt: skip
    """Return the hours in which a station stands far above the median of all at that hour.

    Parameters
    ----------
    times
        At least how many times the median.
    share
        And above it by at least this part of the daily limit, so that clean air raises none.
    stations
        A median of fewer does not count.
    hours
        How many hours it lasts without a break at least.

    Returns
    -------
    polars.DataFrame
        :data:`SCHEMA`; ``against`` is the median.
    """
    dated, parts = _dated(hourly, zone), []
    for p, (_column, averaging) in _DAILY.items():
        rows = _long(dated, p, p, pl.col(p).median().over("time")).with_columns(
            pl.len().over("time").alias("n"), _limit(p, averaging, grade).alias("limit")
        )
        far = rows.filter(
            pl.col("n") >= stations,
            pl.col("value") >= pl.col("against") * times,
            pl.col("value") - pl.col("against") >= pl.col("limit") * share,
        ).sort("station", "time")
        run = (pl.col("time").diff().over("station") != _HOUR).fill_null(value=True).cum_sum()
        far = far.with_columns(run.alias("run")).filter(pl.len().over("run") >= hours)
        parts.append(far.select(SCHEMA.names()))
    return _stacked(parts)


def _dated(hourly: pl.DataFrame, zone: str) -> pl.DataFrame:
    began = (pl.col("time") - _HOUR).dt.convert_time_zone(zone).dt.date()
    return with_missing_columns(hourly, POLLUTANTS).with_columns(
        edition_expr(began, "auto").alias("edition")
    )


def _long(dated: pl.DataFrame, column: str, name: str, against: pl.Expr) -> pl.DataFrame:
    """Return the hours of one pollutant that have a value; ``against`` is of these only."""
    return (
        dated.with_columns(pl.col(column).cast(pl.Float64).fill_nan(None))
        .filter(pl.col(column).is_not_null())
        .select(
            "station", "time", pl.lit(name).alias("parameter"), pl.col(column).alias("value"),
            against.alias("against"), "edition",
        )
    )  # fmt: skip


def _limit(pollutant: str, averaging: str, grade: int) -> pl.Expr:
    """Return the limit by the edition of the row."""
    found = {
        name: limit(pollutant, averaging=averaging, grade=grade, edition=name)
        for name in ("2012", "2026-transition", "2026-final")
    }
    return pl.col("edition").replace_strict(found, return_dtype=pl.Float64)


def _stacked(parts: list[pl.DataFrame]) -> pl.DataFrame:
    whole = pl.concat([p.cast(SCHEMA) for p in parts])
    return whole.sort("station", "parameter", "time")
