"""The air around a case: the nearest station that measured, its days, and what it showed when.

It says what was measured. What would have been without the case is no business of this page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import polars as pl
from django.utils import timezone

from lantian.evaluation.neighbours import bearing, nearest
from lantian.standards import edition_of, limit
from lantian.web.accounts.access import Access
from lantian.web.air.queries.station import DAILY
from lantian.web.cases.indicators import Indicator, load
from lantian.web.cases.models import Case
from lantian.web.core.air import network

Moment = Literal["seen", "dispatched", "rectified", "closed"]
_HERE = "\0"  # no station is called so
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Station:
    """A station near a case.

    Parameters
    ----------
    distance
        From the case [km].
    bearing
        From the station towards the case, clockwise from north [°]; None: in the same place.
    """

    id: str
    name: str
    lon: float
    lat: float
    distance: float
    bearing: float | None


@dataclass(frozen=True)
class Hour:
    """One hourly value; ``at`` is the label of the hour, its end."""

    at: datetime
    value: float


@dataclass(frozen=True)
class Series:
    """The daily values of one pollutant at the nearest station that measured it.

    Parameters
    ----------
    values
        One a day from ``start`` to ``end``; None: no valid value. [µg/m³], CO [mg/m³].
    marks
        What happened on which local day.
    limit
        Grade II limit of the edition in force on the last day.
    averaging
        ``24h``, or ``8h`` for the daily maximum of ozone.
    seen
        The hour in which the problem was seen.
    """

    station: Station
    indicator: Indicator
    start: date
    end: date
    values: Sequence[float | None]
    marks: Sequence[tuple[date, Moment]]
    limit: float
    averaging: str
    edition: str
    seen: Hour | None
    closing: Hour | None

    @property
    def n(self) -> int:
        """Return on how many days there is a valid value."""
        return sum(v is not None for v in self.values)

    @property
    def above(self) -> int:
        """Return on how many days the value is above the limit."""
        return sum(v is not None and v > self.limit for v in self.values)


@dataclass(frozen=True)
class Span:
    """When the case was at which point; the days its page shows."""

    seen: datetime
    dispatched: datetime | None
    rectified: datetime | None
    closed: datetime | None

    def days(self, today: date) -> tuple[date, date]:
        """Return the first and last local day shown: none after yesterday."""
        window = load().window
        start = _day(self.seen) - window.before * _DAY
        last = today - _DAY
        if self.closed is not None:
            last = min(last, _day(self.closed) + window.after * _DAY)
        return start, max(start, last)

    def marks(self) -> list[tuple[date, Moment]]:
        """Return what happened, by local day."""
        pairs: list[tuple[datetime | None, Moment]] = [
            (self.seen, "seen"), (self.dispatched, "dispatched"),
            (self.rectified, "rectified"), (self.closed, "closed"),
        ]  # fmt: skip
        return [(_day(at), what) for at, what in pairs if at is not None]


def position(case: Case) -> tuple[float, float] | None:
    """Return where a case is [° WGS84], else where its source is; None: neither has a place."""
    for thing in (case, case.source):
        if thing is not None and thing.lon is not None and thing.lat is not None:
            return thing.lon, thing.lat
    return None


def stations(case: Case, mine: Access, count: int) -> list[Station]:
    """Return the nearest stations a person sees, the nearest first."""
    here = position(case)
    if here is None or "air" not in mine:
        return []
    register = network().stations().select("station", "name", "lon", "lat").drop_nulls(
        ["lon", "lat"]
    )  # fmt: skip
    if mine.stations is not None:
        register = register.filter(pl.col("station").is_in(list(mine.stations)))
    if register.is_empty():
        return []
    own = pl.DataFrame(
        {"station": [_HERE], "name": [""], "lon": [here[0]], "lat": [here[1]]},
        schema=register.schema,
    )
    found = nearest(pl.concat([register, own]), _HERE, count=count)
    about = {row[0]: row[1:] for row in register.iter_rows()}
    return [
        Station(
            station, about[station][0] or station, about[station][1], about[station][2], far,
            bearing(about[station][1], about[station][2], *here),
        )
        for station, far in found.select("station", "distance").iter_rows()
    ]  # fmt: skip


def series(case: Case, near: Sequence[Station], span: Span, today: date) -> Series | None:
    """Return the days of the nearest station that measured; None: none did."""
    indicator = load().of(case.sector, case.problem)
    start, end = span.days(today)
    if not near:
        return None
    measured = _measured(near, DAILY[indicator.pollutant], start, end)
    station = next((s for s in near if s.id in measured), None)
    if station is None:
        return None
    values = [measured[station.id].get(start + n * _DAY) for n in range((end - start).days + 1)]
    edition = edition_of(end)
    averaging = "8h" if indicator.pollutant == "o3" else "24h"
    bound = limit(indicator.pollutant, averaging=averaging, grade=2, edition=edition)
    return Series(
        station, indicator, start, end, values, span.marks(), bound, averaging, edition,
        _hour(station.id, indicator.pollutant, span.seen),
        _hour(station.id, indicator.pollutant, span.closed) if span.closed else None,
    )  # fmt: skip


def newest(near: Sequence[Station]) -> tuple[dict[str, dict[str, Any]], datetime | None]:
    """Return AQI and category of the newest hour by station, and the label of that hour."""
    if not near:
        return {}, None
    recent = network().recent(1)
    wanted = pl.col("station").is_in([s.id for s in near]) & (pl.col("time") == recent.until)
    rows = recent.aqi.filter(wanted).select("station", "aqi", "category")
    return {row["station"]: row for row in rows.iter_rows(named=True)}, recent.until


def _measured(
    near: Sequence[Station], column: str, start: date, end: date
) -> dict[str, dict[date, float]]:
    """Return the valid daily values of stations, by station and day.

    Asked for in whole months of all stations: so all cases of a month share the answers.
    """
    wanted = (
        pl.col("station").is_in([s.id for s in near])
        & pl.col("date").is_between(start, end)
        & pl.col(column).is_not_null()
    )
    found: dict[str, dict[date, float]] = {}
    month = start.replace(day=1)
    while month <= end:
        after = _month_after(month)
        days = network().days(month, after - _DAY).lazy().filter(wanted)
        for station, day, value in days.select("station", "date", column).collect().iter_rows():
            found.setdefault(station, {})[day] = value
        month = after
    return found


def _hour(station: str, pollutant: str, at: datetime) -> Hour | None:
    """Return the value of the hour that holds a moment; None: not measured.

    Asked for in whole months of the station, for the same reason as the days.
    """
    begun = at.replace(minute=0, second=0, microsecond=0)
    label = begun if begun == at else begun + _HOUR
    first = timezone.localdate(label - _HOUR).replace(day=1)  # midnight ends the day before it
    start, end = (_midnight(day) for day in (first, _month_after(first)))
    rows = network().hours(start, end, stations=(station,))
    if pollutant not in rows.columns:
        return None
    value = rows.filter(pl.col("time") == label)[pollutant].to_list()
    return Hour(label, value[0]) if value and value[0] is not None else None


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _day(at: datetime) -> date:
    return timezone.localdate(at)
