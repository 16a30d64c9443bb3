"""What an exclusion would do to the days it touches, before it is made."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

import lantian.evaluation as ev
from lantian.network.air import Network
from lantian.observations.layout import CalibreChoice
from lantian.observations.schema import POLLUTANTS, TIME

_TICK = timedelta(microseconds=1)
_DAY_VALUE = {p: "o3_mda8" if p == "o3" else p for p in POLLUTANTS}


def days_of(start: datetime, end: datetime, zone: str) -> tuple[date, date]:
    """Return the local days of the labels after ``start`` up to ``end``."""
    place = ZoneInfo(zone)
    first, last = start + _TICK, end - _TICK
    return first.astimezone(place).date(), max(first, last).astimezone(place).date()


def effect(
    network: Network,
    station: str,
    parameters: tuple[str, ...],
    start: datetime,
    end: datetime,
    *,
    calibre: CalibreChoice | None,
) -> pl.DataFrame:
    """Return the days of a station as they are and as they would be without some hours.

    Sand-dust is not deducted in either.

    Parameters
    ----------
    start, end
        Labels after ``start`` up to ``end`` are left out.

    Returns
    -------
    polars.DataFrame
        ``date``, and for each of the parameters that is a pollutant ``<p>_n``, ``<p>_n_after``
        (hours, for O3 eight-hour windows), ``<p>``, ``<p>_after`` (daily value as judged, null
        when not valid), then ``aqi``, ``aqi_after``; one row for each day touched.
    """
    first, last = days_of(start, end, network.zone)
    begin, close = ev.day_bounds(first, last, network.zone)
    hours = network.hours(begin, close, stations=(station,), calibre=calibre)
    chosen = [p for p in parameters if p in POLLUTANTS and p in hours.columns]
    out = (pl.col("time") > pl.lit(start).cast(TIME)) & (pl.col("time") <= pl.lit(end).cast(TIME))
    without = hours.with_columns(
        pl.when(out).then(None).otherwise(pl.col(p)).alias(p) for p in chosen
    )
    before, after = (
        ev.daily(table, zone=network.zone, settings=network.settings).select(
            "date",
            *(pl.col(f"n_{p}").alias(f"{p}_n") for p in chosen),
            *(pl.col(_DAY_VALUE[p]).alias(p) for p in chosen),
            "aqi",
        )
        for table in (hours, without)
    )
    return before.join(after, on="date", how="left", suffix="_after").sort("date")
