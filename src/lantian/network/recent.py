"""The newest hours of a network: values, indices, city means, and what arrived when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.hourly import grid
from lantian.network.arrival import arrival_of
from lantian.network.window import Window
from lantian.standards import Settings


@dataclass(frozen=True, eq=False)  # as large as it is, it is told apart by being the same object
class Recent:
    """The newest hours up to ``until``, all labels in ``(until - n hours, until]``.

    Parameters
    ----------
    until
        The last hour label [UTC].
    hours
        Hourly table of all stations (:func:`lantian.evaluation.hourly`).
    aqi
        Its real-time AQI (:func:`lantian.evaluation.realtime`).
    city
        Hourly table of the city means; the city in ``station``.
    city_aqi
        Its real-time AQI.
    arrival
        ``station, time, parameter, state, delay, grade, flag``, one row for each hour and
        pollutant due from a station: what it measured in the last 30 days, from its first to its
        last day. ``state``: ``missing`` (nothing stored, or no value), ``invalid``, ``suspect``,
        ``late`` (first stored more than 30 minutes after the hour ended) or ``ok``. What was
        filled in, alone or together with hours that were a day old, is not late. ``delay``:
        minutes from the label to the first storing; null when missing or filled in. An hour is
        not due until 30 minutes after its end.
    """

    until: datetime
    hours: pl.DataFrame
    aqi: pl.DataFrame
    city: pl.DataFrame
    city_aqi: pl.DataFrame
    arrival: pl.DataFrame


def recent_of(
    window: Window,
    stations: pl.DataFrame,
    *,
    now: datetime,
    zone: str,
    settings: Settings,
) -> Recent:
    """Judge the newest hours.

    Parameters
    ----------
    stations
        The stations described (``Network.stations``).
    now
        The present [UTC]: what is not due yet is not missing.
    """
    table = grid([window.rows.select("station", "parameter", "time", "value", "grade")],
                 revisions=True)  # fmt: skip
    assessed = stations.filter("assessed")
    means = _city(table, assessed, zone, settings)
    shown = pl.col("time") > window.start

    def judged(hours: pl.DataFrame) -> pl.DataFrame:
        return ev.realtime(hours, zone=zone, settings=settings).filter(shown)

    return Recent(
        window.until,
        table.filter(shown),
        judged(table),
        means.filter(shown),
        judged(means),
        arrival_of(window, stations, now=now, zone=zone),
    )


def newest_of(recent: Recent, hours: int) -> Recent:
    """Return the last ``hours`` of what was judged."""
    shown = pl.col("time") > recent.until - timedelta(hours=hours)
    return Recent(
        recent.until,
        recent.hours.filter(shown),
        recent.aqi.filter(shown),
        recent.city.filter(shown),
        recent.city_aqi.filter(shown),
        recent.arrival.filter(shown),
    )


def _city(
    table: pl.DataFrame, assessed: pl.DataFrame, zone: str, settings: Settings
) -> pl.DataFrame:
    mine = table.filter(pl.col("station").is_in(assessed["station"].implode()))
    return ev.city(mine, assessed, zone=zone, settings=settings)
