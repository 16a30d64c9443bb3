"""The air of a city at a moment: the mean of its assessed stations, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.standards import DIGITS, POLLUTANTS, round_half_even
from lantian.web.air.queries.moment import Moment, local_day
from lantian.web.air.queries.rows import DAILY
from lantian.web.core.air import network


@dataclass(frozen=True)
class Judged:
    """An AQI and what stands behind it.

    ``state``: ``aqi``, ``withheld`` (HJ 633-2026 5.3.1) or ``none``. ``values`` [µg/m³, CO mg/m³].
    """

    state: str = "none"
    aqi: int | None = None
    category: str | None = None
    primary: Sequence[str] = ()
    edition: str = ""
    missing: Sequence[str] = ()
    values: Mapping[str, float | None] = field(default_factory=dict)


def home_city(cities: Sequence[str]) -> str:
    """Return the city pages show unasked: the network's own, else the first; empty for none."""
    own = network().name
    return own if own in cities or not cities else cities[0]


def cities() -> list[str]:
    """Return the cities that have assessed stations."""
    assessed = network().stations().filter("assessed")
    return assessed["city"].unique().sort().to_list()


def makers(city: str, day: date) -> pl.DataFrame:
    """Return the stations whose mean is the city's on a day."""
    return network().stations().filter(
        "assessed",
        pl.col("city") == city,
        pl.col("start").is_null() | (pl.col("start") <= day),
        pl.col("end").is_null() | (pl.col("end") >= day),
    )  # fmt: skip


def hour(city: str, moment: Moment) -> Judged:
    """Return the city at the hour shown."""
    recent = moment.recent
    mine = pl.col("station") == city
    values = moment.at(recent.city).filter(mine)
    index = moment.at(recent.city_aqi).filter(mine)
    if index.is_empty():
        return Judged()
    return _judged(index, {p: values[p][0] for p in POLLUTANTS} if values.height else {})


def day(city: str, date_: date, *, edition: str = "auto") -> Judged:
    """Return the city on a local day, judged by an edition."""
    days = network().city_days(date_, date_, edition=edition).filter(pl.col("station") == city)
    if days.is_empty():
        return Judged()
    return _judged(days, {p: days[c][0] for p, c in DAILY.items()})


def change_on_day_before(city: str, moment: Moment) -> dict[str, float | None]:
    """Return how much higher each pollutant is than 24 hours before [µg/m³, CO mg/m³]."""
    hours = moment.recent.city.filter(pl.col("station") == city)
    now, before = (
        hours.filter(pl.col("time") == t)
        for t in (moment.label, moment.label - timedelta(hours=24))
    )
    if now.is_empty() or before.is_empty():
        return dict.fromkeys(POLLUTANTS)
    return {p: _difference(p, now[p][0], before[p][0]) for p in POLLUTANTS}


def _difference(p: str, now: float | None, before: float | None) -> float | None:
    """Return the difference of the figures as they are shown."""
    if now is None or before is None:
        return None
    return round_half_even(now, DIGITS[p]) - round_half_even(before, DIGITS[p])


def change_between(city: str, before: date, after: date) -> dict[str, float | None]:
    """Return how much higher each pollutant is on a day than on another [µg/m³, CO mg/m³]."""
    old, new = day(city, before).values, day(city, after).values
    return {p: _difference(p, new.get(p), old.get(p)) for p in POLLUTANTS}


def today_of(moment: Moment) -> date:
    """Return the local day the moment belongs to."""
    return local_day(moment.label)


def _judged(frame: pl.DataFrame, values: Mapping[str, Any]) -> Judged:
    row = frame.with_columns(withheld=ev.withheld_expr()).row(0, named=True)
    if row["aqi"] is None:
        return Judged(values=values, edition=row["edition"])
    return Judged(
        "withheld" if row["withheld"] else "aqi", row["aqi"], row["category"], row["primary"],
        row["edition"], row["missing"], values,
    )  # fmt: skip
