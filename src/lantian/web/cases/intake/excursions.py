"""Excursions of the air: what stands out of the recent hours and days, to be taken in as a case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from lantian.evaluation.excursions import days_over_limit, hours_above_median, hours_over_limit
from lantian.i18n import active
from lantian.network import Network
from lantian.observations.parameters import PARAMETERS

_FILE = Path(__file__).with_name("excursions.toml")
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_KEPT = 16  # spans of time whose excursions are kept


@dataclass(frozen=True)
class Rule:
    """By what an excursion is found; the keys are explained at the head of ``excursions.toml``."""

    code: str
    zh: str
    en: str
    judges: str
    more: Mapping[str, float]

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class Excursion:
    """One pollutant of one station that stood out on one local day, by one rule.

    Parameters
    ----------
    edition
        Of GB 3095, in force on the day.
    hours
        How many hours stood out; 0: the day as a whole.
    first, last
        Labels of the first and the last of them [UTC]; of a whole day its first and last hour.
    value, at
        The highest of them and its label; of a whole day its value and its last hour.
    against
        The limit, or the median of the network at that hour, in ``unit``.
    lon, lat
        Of the station [° WGS84]; None: the register has no position.
    """

    rule: Rule
    edition: str
    station: str
    name: str
    parameter: str
    unit: str
    day: date
    hours: int
    first: datetime
    last: datetime
    value: float
    at: datetime
    against: float
    lon: float | None
    lat: float | None

    @property
    def key(self) -> str:
        """Return what tells it from every other, the same whenever it is found again."""
        return f"{self.day:%Y%m%d}.{self.rule.code}.{self.parameter}.{self.station}"

    @property
    def times(self) -> float:
        """Return how many times the limit or the median it is."""
        return self.value / self.against


def _load() -> tuple[int, int, Mapping[str, Rule]]:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    named = ("zh", "en", "judges")
    rules = {
        code: Rule(
            code, row["zh"], row["en"], row["judges"],
            MappingProxyType({k: v for k, v in row.items() if k not in named}),
        )
        for code, row in data["rules"].items()
    }  # fmt: skip
    return data["shown_days"], data["grade"], MappingProxyType(rules)


SHOWN_DAYS, GRADE, RULES = _load()


def find(network: Network, since: datetime, until: datetime) -> list[Excursion]:
    """Return what stood out in the hours with labels in ``(since, until]`` [aware].

    Days count when they lie in that span whole, and are over. The newest day first; in it what
    lasts by hours before whole days, the furthest above first.
    """
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    zone = ZoneInfo(network.zone)
    days = ((since - _DAY).astimezone(zone).date(), until.astimezone(zone).date())
    return list(_found(network, network.stamp(*days), since, until))


def one(network: Network, key: str) -> Excursion | None:
    """Return the excursion of a key; None: the air of that day has none such (any more)."""
    text = key.partition(".")[0]
    try:
        day = datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None
    if not MINYEAR < day.year < MAXYEAR:  # what is read around it must lie in the calendar too
        return None
    start, end = bounds(network, day)
    return next((e for e in find(network, start, min(end, network.now())) if e.key == key), None)


def bounds(network: Network, first: date, last: date | None = None) -> tuple[datetime, datetime]:
    """Return the moments [UTC] between which local days lie."""
    zone = ZoneInfo(network.zone)
    start = datetime.combine(first, time(), zone)
    return start.astimezone(UTC), datetime.combine((last or first) + _DAY, time(), zone).astimezone(
        UTC
    )


@lru_cache(maxsize=_KEPT)
def _found(network: Network, stamp: str, since: datetime, until: datetime) -> tuple[Excursion, ...]:
    del stamp  # what it was found of; another stamp is another answer
    stations = network.stations()
    if stations.is_empty():
        return ()
    about = {row["station"]: row for row in stations.iter_rows(named=True)}
    # before the span, what lasts into it has begun
    hourly = network.hours(since - _DAY, until)
    zone = ZoneInfo(network.zone)
    made: list[Excursion] = []
    for rule in RULES.values():
        if rule.judges == "day_limit":
            made += _of_days(network, rule, about, since, until)
            continue
        if rule.judges == "hour_limit":
            assessed = stations.filter("assessed")["station"]
            mine = hourly.filter(pl.col("station").is_in(assessed.implode()))
            far = hours_over_limit(mine, grade=GRADE, zone=network.zone)
        else:
            far = _far(hourly, rule, network.zone)
        made += _of_hours(far.filter(pl.col("time") > since), rule, about, zone)
    made.sort(key=lambda e: (-e.day.toordinal(), e.hours == 0, -e.times, e.key))
    return tuple(made)


def _far(hourly: pl.DataFrame, rule: Rule, zone: str) -> pl.DataFrame:
    return hours_above_median(
        hourly, times=rule.more["times"], share=rule.more["share"],
        stations=int(rule.more["stations"]), hours=int(rule.more["hours"]), grade=GRADE, zone=zone,
    )  # fmt: skip


def _of_hours(
    far: pl.DataFrame, rule: Rule, about: Mapping[str, Mapping[str, Any]], zone: ZoneInfo
) -> list[Excursion]:
    day = (pl.col("time") - _HOUR).dt.convert_time_zone(str(zone)).dt.date().alias("day")
    highest = pl.col("value").arg_max()
    grouped = far.with_columns(day).group_by("station", "parameter", "day").agg(
        pl.len().alias("hours"), pl.col("time").min().alias("first"),
        pl.col("time").max().alias("last"), pl.col("value").get(highest),
        pl.col("time").get(highest).alias("at"), pl.col("against").get(highest),
        pl.col("edition").first(),
    )  # fmt: skip
    return [_made(rule, row, about) for row in grouped.iter_rows(named=True)]


def _of_days(
    network: Network, rule: Rule, about: Mapping[str, Mapping[str, Any]], since: datetime,
    until: datetime,
) -> list[Excursion]:  # fmt: skip
    zone = ZoneInfo(network.zone)
    start = since.astimezone(zone)
    first = start.date() if start.time() == time() else start.date() + _DAY
    last = until.astimezone(zone).date() - _DAY
    if last < first:
        return []
    daily = network.days(first, last)
    assessed = [s for s, row in about.items() if row["assessed"]]
    over = days_over_limit(daily.filter(pl.col("station").is_in(assessed)), grade=GRADE)
    made = []
    for row in over.iter_rows(named=True):
        begun, ended = bounds(network, row["date"])
        more = {"hours": 0, "first": begun + _HOUR, "last": ended, "at": ended, "day": row["date"]}
        made.append(_made(rule, row | more, about))
    return made


def _made(rule: Rule, row: Mapping[str, Any], about: Mapping[str, Mapping[str, Any]]) -> Excursion:
    station = about.get(row["station"], {})
    return Excursion(
        rule=rule, edition=row["edition"], station=row["station"],
        name=station.get("name") or row["station"], parameter=row["parameter"],
        unit=PARAMETERS[row["parameter"]].unit, day=row["day"], hours=row["hours"],
        first=row["first"], last=row["last"], value=row["value"], at=row["at"],
        against=row["against"], lon=station.get("lon"), lat=station.get("lat"),
    )  # fmt: skip
