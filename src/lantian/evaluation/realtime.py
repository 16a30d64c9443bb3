"""The real-time AQI of each hour (HJ 633)."""

from __future__ import annotations

from typing import Literal

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.evaluation._checks import numbers, table
from lantian.evaluation._columns import with_missing_columns
from lantian.evaluation.days import day_index
from lantian.evaluation.exact import HOUR_UNIT, divide_expr, units_expr
from lantian.evaluation.judge import index_hours, with_aqi
from lantian.i18n import gettext as _
from lantian.standards import POLLUTANTS, VALIDITY, Settings, edition_expr, iaqi

PmBasis = Literal["hour", "sliding"]


def realtime(
    hourly: pl.DataFrame | pl.LazyFrame,
    *,
    edition: str = "auto",
    pm_basis: PmBasis = "hour",
    zone: str = "Asia/Shanghai",
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Return the real-time AQI of each station-hour, from the pollutants present.

    Parameters
    ----------
    hourly
        ``station, time`` (END of the hour) and any of the six pollutants.
    edition
        An edition or ``auto``, by the local date in which the hour starts.
    pm_basis
        2012 only: ``hour`` reads the 1 h PM mean in the 24 h column, as the national platform did;
        ``sliding`` the mean of the last 24 hours (at least 20), as the text of HJ 633-2012 has it.
        2026 always uses the hour.
    zone
        The local time that dates belong to.

    Returns
    -------
    polars.DataFrame
        ``station, time, iaqi_<p>, aqi, category, primary, edition, missing``. Under 2012 an SO2
        hour above 800 takes the index of its sliding 24 h mean (note to table 1).
    """
    if pm_basis not in ("hour", "sliding"):
        raise InvalidArgumentError(
            "evaluation.pm_basis",
            _("pm_basis is 'hour' or 'sliding', not '{given}'.").format(given=pm_basis),
        )
    settings = settings or Settings.default()
    what = _("hourly table")
    measured = with_missing_columns(table(hourly, ("station", "time"), what), POLLUTANTS)
    index = day_index(numbers(measured, POLLUTANTS, what), zone)
    date = pl.Series("date", index.dates[index.day]).cast(pl.Int32).cast(pl.Date)
    frame = index.frame.select(
        "station", "time", *(pl.col(p).cast(pl.Float64).fill_nan(None) for p in POLLUTANTS)
    )
    frame = frame.with_columns(date).with_columns(
        edition_expr(pl.col("date"), edition).alias("edition")
    )
    old = pl.col("edition") == "2012"
    if pm_basis == "sliding":
        means = sliding_mean(frame, ["pm25", "pm10"], hours=24, least=VALIDITY.sliding_24h_hours)
        frame = frame.with_columns(
            pl.when(old).then(means[p]).otherwise(pl.col(p)).alias(p) for p in ("pm25", "pm10")
        )
    judged = index_hours(frame, settings=settings)
    beyond = frame.select((old & (pl.col("so2") > 800)).fill_null(False)).to_series()
    if beyond.any():
        day = sliding_mean(frame, ["so2"], hours=24, least=VALIDITY.sliding_24h_hours)["so2"]
        index_24h = pl.Series(
            iaqi("so2", day, averaging="24h", edition="2012"), nan_to_null=True
        ).cast(pl.Int32)
        use = beyond & judged["iaqi_so2"].is_null()
        judged = judged.with_columns(index_24h.zip_with(use, judged["iaqi_so2"]).alias("iaqi_so2"))
    return with_aqi(judged).select(
        "station", "time", *(f"iaqi_{p}" for p in POLLUTANTS),
        "aqi", "category", "primary", "edition", "missing",
    )  # fmt: skip


def sliding_mean(
    hourly: pl.DataFrame, columns: list[str], *, hours: int, least: int
) -> pl.DataFrame:
    """Return the mean of the ``hours`` hours ending with each row; null of fewer than ``least``.

    Hours are counted, not rows: an absent row is a missing hour. ``hourly`` is sorted by station
    and time; the result has one row for each of its rows and the columns asked for.
    """
    units = [units_expr(pl.col(c), HOUR_UNIT).alias(c) for c in columns]
    window = f"{hours}h"
    summed = (
        hourly.select("station", "time", *units)
        .rolling("time", period=window, group_by="station", closed="right")
        .agg(
            *(pl.col(c).sum().alias(c) for c in columns),
            *(pl.col(c).count().cast(pl.Int64).alias(f"n_{c}") for c in columns),
        )
    )
    means = summed.select(
        "station",
        "time",
        *(
            pl.when(pl.col(f"n_{c}") >= least)
            .then(divide_expr(pl.col(c), pl.col(f"n_{c}") * HOUR_UNIT))
            .alias(c)
            for c in columns
        ),
    )
    # rolling gives the stations in an order of its own
    placed = hourly.select("station", "time").join(
        means, on=["station", "time"], how="left", maintain_order="left"
    )
    return placed.select(columns)
