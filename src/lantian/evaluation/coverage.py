"""Which hours have a value, of what grade, and which stretches do not: hour by hour against due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from lantian.evaluation._checks import table
from lantian.evaluation.periods import any_span
from lantian.i18n import gettext as _
from lantian.observations.layout import check_zone
from lantian.observations.schema import TIME

STATES = ("valid", "suspect", "invalid", "missing")
_KEY = ["station", "parameter"]
_HOUR = timedelta(hours=1)


def hour_states(
    long: pl.DataFrame,
    *,
    start: date,
    end: date,
    until: datetime,
    zone: str = "Asia/Shanghai",
    due: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the state of every hour due of some local days.

    Parameters
    ----------
    long
        ``station, parameter, time, value, flag, grade``, one row per key; time is the END of the
        hour.
    start, end
        First and last local day, both included.
    until
        Later labels are not due yet.
    due
        ``station, parameter``: what is due; by default what ``long`` names.

    Returns
    -------
    polars.DataFrame
        ``station, parameter, date`` (local day in which the hour starts), ``time``, ``state``
        (``valid``, ``suspect``, ``invalid``, or ``missing``: nothing stored, or no value),
        ``flag`` ("" where nothing is stored). Sorted.
    """
    data = table(
        long, ("station", "parameter", "time", "value", "flag", "grade"), _("table of measurements")
    )
    wanted = data.select(_KEY).unique() if due is None else due.select(_KEY)
    found = wanted.join(_labels(start, end, until, zone), how="cross").join(
        data.select(*_KEY, pl.col("time").dt.convert_time_zone("UTC").cast(TIME), "value", "flag",
                    "grade"),
        on=[*_KEY, "time"], how="left",
    )  # fmt: skip
    state = (
        pl.when(pl.col("value").fill_nan(None).is_null())
        .then(pl.lit("missing"))
        .when(pl.col("grade").is_in(["valid", "suspect"]))
        .then(pl.col("grade").cast(pl.String))
        .otherwise(pl.lit("invalid"))
    )
    return found.select(
        *_KEY, "date", "time", state.alias("state"), pl.col("flag").cast(pl.String).fill_null("")
    ).sort(*_KEY, "time")


def coverage(states: pl.DataFrame) -> pl.DataFrame:
    """Count the hours of each state by day.

    Parameters
    ----------
    states
        As :func:`hour_states` returns them.

    Returns
    -------
    polars.DataFrame
        ``station, parameter, date, due, valid, suspect, invalid, missing`` (hours). Sorted.
    """
    return (
        states.group_by(*_KEY, "date")
        .agg(
            pl.len().cast(pl.Int64).alias("due"),
            *((pl.col("state") == s).sum().cast(pl.Int64).alias(s) for s in STATES),
        )
        .sort(*_KEY, "date")
    )


def stretches(states: pl.DataFrame) -> pl.DataFrame:
    """Return the unbroken stretches of hours that are not valid, each of one state and flag.

    Returns
    -------
    polars.DataFrame
        ``station, parameter, state, flag, first, last`` (labels of its first and last hour),
        ``hours``. Sorted by station, parameter and time.
    """
    same = pl.all_horizontal(pl.col(c) == pl.col(c).shift(1) for c in (*_KEY, "state", "flag")) & (
        pl.col("time") - pl.col("time").shift(1) == pl.lit(_HOUR)
    )
    return (
        states.sort(*_KEY, "time")
        .with_columns((~same.fill_null(False)).cum_sum().alias("_run"))
        .filter(pl.col("state") != "valid")
        .group_by("_run", maintain_order=True)
        .agg(
            *(pl.col(c).first() for c in (*_KEY, "state", "flag")),
            pl.col("time").min().alias("first"),
            pl.col("time").max().alias("last"),
            pl.len().cast(pl.Int64).alias("hours"),
        )
        .drop("_run")
    )


def _labels(start: date, end: date, until: datetime, zone: str) -> pl.DataFrame:
    """Return ``time, date`` of every hour due."""
    any_span(start, end)
    place = ZoneInfo(check_zone(zone))
    first = datetime.combine(start, time(), place).astimezone(UTC)
    last = min(datetime.combine(end + timedelta(days=1), time(), place).astimezone(UTC), until)
    times = pl.datetime_range(first + _HOUR, last, _HOUR, time_zone="UTC", eager=True)
    return pl.DataFrame({"time": times.cast(TIME)}).with_columns(
        (pl.col("time") - _HOUR).dt.convert_time_zone(zone).dt.date().alias("date")
    )
