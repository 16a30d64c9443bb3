"""What the page of a station shows of its hours: the newest, and those of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import polars as pl

import lantian.evaluation as ev
from lantian.i18n import gettext as _
from lantian.observations.extent import extent
from lantian.reports import words
from lantian.standards import POLLUTANTS, breakpoints, category, limit
from lantian.web.air.queries.station_asked import Asked
from lantian.web.core import clock
from lantian.web.core.air import network

Step = Literal["hour", "day"]
DAILY = {p: "o3_mda8" if p == "o3" else p for p in POLLUTANTS}
HOURS_UP_TO = 366  # days up to which the interactive chart shows hours, beyond it days
_HOUR = timedelta(hours=1)
_GOOD = 2  # place of IAQI 100 among the breakpoints


# -- the hour now


@dataclass(frozen=True)
class NowRow:
    """One pollutant now: ``value`` and ``before`` (24 h earlier), index, state, the last 48 h."""

    parameter: str
    value: float | None
    before: float | None
    iaqi: int | None
    category: str | None
    primary: bool
    state: str
    recent: Sequence[float | None]

    @property
    def change(self) -> float | None:
        """Return how much more it is than a day before."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


@dataclass(frozen=True)
class Now:
    """The newest hour of a station.

    Parameters
    ----------
    until
        Its label.
    aqi, category, primary, missing
        None and empty where nothing is published; ``missing``: pollutants without an index.
    aqi_before
        A day earlier.
    edition
        What judged it.
    latest
        Label of the last hour with any value in the 48 h; None: there is none.
    yesterday
        The daily row of the day before; None: none.
    """

    until: datetime
    aqi: int | None
    category: str | None
    primary: Sequence[str]
    missing: Sequence[str]
    aqi_before: int | None
    edition: str
    latest: datetime | None
    yesterday: dict[str, Any] | None
    rows: Sequence[NowRow]


def now(asked: Asked) -> Now:
    """Return the newest hour of a station, judged by the edition asked for."""
    recent = network().recent()
    mine = pl.col("station") == asked.station.id
    hours = recent.hours.filter(mine)
    judged = ev.realtime(
        hours, edition=asked.edition, zone=network().zone, settings=network().settings
    )
    row = _at(judged, recent.until)
    before = _at(judged, recent.until - 24 * _HOUR)
    values, earlier = _at(hours, recent.until), _at(hours, recent.until - 24 * _HOUR)
    arrived = recent.arrival.filter(mine, pl.col("time") == pl.lit(recent.until))
    states = dict(arrived.select("parameter", "state").iter_rows())
    yesterday = clock.today() - timedelta(days=1)
    days = network().days(
        yesterday, yesterday, stations=(asked.station.id,), edition=asked.edition
    )  # fmt: skip
    seen = hours.filter(pl.any_horizontal(pl.col(p).is_not_null() for p in POLLUTANTS))["time"]
    primary = row.get("primary") or ()
    return Now(
        until=recent.until,
        aqi=row.get("aqi"),
        category=row.get("category"),
        primary=primary,
        missing=row.get("missing") or (),
        aqi_before=before.get("aqi"),
        edition=row.get("edition") or asked.last_edition,
        latest=extent(seen, datetime)[1] if seen.len() else None,
        yesterday=None if days.is_empty() else days.row(0, named=True),
        rows=[
            NowRow(
                p, values.get(p), earlier.get(p), row.get(f"iaqi_{p}"),
                category_of(row.get(f"iaqi_{p}")), p in primary, states.get(p, "missing"),
                on_grid(hours, p, recent.until - 48 * _HOUR, recent.until),
            )
            for p in POLLUTANTS
        ],
    )  # fmt: skip


def category_of(index: float | None) -> str | None:
    """Return the category of an index; None for none."""
    return None if index is None else category(index).id


def _at(frame: pl.DataFrame, time: datetime) -> dict[str, Any]:
    rows = frame.filter(pl.col("time") == pl.lit(time))
    return {} if rows.is_empty() else rows.row(0, named=True)


def on_grid(hours: pl.DataFrame, column: str, start: datetime, end: datetime) -> list[float | None]:
    """Return one value per hour, labels after ``start`` up to ``end``; None where there is none."""
    count = int((end - start) / _HOUR)
    values: list[float | None] = [None] * count
    if column in hours.columns:
        for time, value in hours.select("time", column).drop_nulls().iter_rows():
            place = int((time - start) / _HOUR) - 1
            if 0 <= place < count:
                values[place] = value
    return values


# -- the hours of the period


@dataclass(frozen=True)
class Mark:
    """An hour that is suspect or invalid: its place in the series, value, grade and flag."""

    place: int
    value: float | None
    grade: str
    flag: str


@dataclass(frozen=True)
class Bound:
    """A line to compare with: ``kind`` is ``limit`` (GB 3095) or ``index`` (HJ 633)."""

    value: float
    kind: Literal["limit", "index"]
    averaging: str

    @property
    def title(self) -> str:
        """Return what the line is."""
        if self.kind == "index":
            return _("IAQI 100 at {value}").format(value=words.bound(self.value))
        return _("{averaging} limit {value}").format(
            averaging=averaging_words(self.averaging), value=words.bound(self.value)
        )


@dataclass(frozen=True)
class Series:
    """One pollutant over the period.

    Parameters
    ----------
    values
        One per step; None: a gap.
    low, high
        Smallest and largest hour of each day, where the step is a day.
    marks
        Where the step is an hour.
    n
        Number of values.
    """

    parameter: str
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    marks: Sequence[Mark]
    bound: Bound
    n: int


def hours_of(asked: Asked) -> pl.DataFrame:
    """Return the hourly table of the period up to now."""
    return network().hours(*asked.bounds, stations=(asked.station.id,))


def days_of(asked: Asked) -> pl.DataFrame:
    """Return the daily table of the period up to today."""
    return network().days(
        asked.span.start, asked.last, stations=(asked.station.id,), edition=asked.edition
    )


def stored_of(asked: Asked) -> pl.DataFrame:
    """Return the stored hourly values of the six pollutants, long, with flags and grades."""
    return network().values(asked.station.id, POLLUTANTS, *asked.bounds)


def series(asked: Asked, step: Step) -> list[Series]:
    """Return the six pollutants over the period, by hour or by day."""
    if step == "day":
        return [_daily(asked, p) for p in POLLUTANTS]
    start, end = asked.bounds
    hours = hours_of(asked)
    marked = stored_of(asked).filter(pl.col("grade") != "valid")
    found = []
    for p in POLLUTANTS:
        values = on_grid(hours, p, start, end)
        rows = marked.filter(pl.col("parameter") == p).select("time", "value", "grade", "flag")
        marks = [Mark(int((t - start) / _HOUR) - 1, v, g, f) for t, v, g, f in rows.iter_rows()]
        count = sum(v is not None for v in values)
        found.append(Series(p, values, (), (), marks, bound(p, step, asked.last_edition), count))
    return found


def _daily(asked: Asked, parameter: str) -> Series:
    days = days_of(asked)
    local = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(network().zone).dt.date()
    of_hours = (
        hours_of(asked)
        .group_by(local.alias("date"))
        .agg(pl.col(parameter).min().alias("low"), pl.col(parameter).max().alias("high"))
    )
    count = max(0, (asked.last - asked.span.start).days + 1)
    values, low, high = (_nothing(count) for _k in range(3))
    for day, value in days.select("date", DAILY[parameter]).iter_rows():
        values[(day - asked.span.start).days] = value
    for day, least, most in of_hours.select("date", "low", "high").iter_rows():
        low[(day - asked.span.start).days], high[(day - asked.span.start).days] = least, most
    n = sum(v is not None for v in values)
    return Series(
        parameter, values, low, high, (), bound(parameter, "day", asked.last_edition), n
    )  # fmt: skip


def _nothing(count: int) -> list[float | None]:
    return [None] * count


def bound(parameter: str, step: Step, edition: str) -> Bound:
    """Return the line a pollutant is compared with.

    PM has no 1 h limit: its hours are compared with the concentration of IAQI 100.
    """
    if step == "day":
        averaging = "8h" if parameter == "o3" else "24h"
    elif parameter in ("pm25", "pm10"):
        nodes = breakpoints(parameter, averaging="24h", edition=edition)
        return Bound(nodes[_GOOD], "index", "24h")
    else:
        averaging = "1h"
    value = limit(parameter, averaging=averaging, grade=2, edition=edition)
    return Bound(value, "limit", averaging)


def averaging_words(averaging: str) -> str:
    """Return an averaging time in words."""
    return {
        "1h": _("1 h"),
        "8h": _("daily maximum 8 h"),
        "24h": _("24 h"),
        "year": _("annual"),
    }.get(averaging, averaging)
