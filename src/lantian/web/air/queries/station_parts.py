"""What the page of a station shows below the hours: patterns, wind, quality, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.coverage import coverage, stretches
from lantian.evaluation.neighbours import alike, nearest
from lantian.evaluation.wind import SECTORS_EN, SECTORS_ZH, sector_index
from lantian.i18n import active
from lantian.observations.decisions import CORRECTED, EXCLUDED
from lantian.standards import POLLUTANTS, breakpoints
from lantian.web.accounts.access import Access
from lantian.web.air.queries import stations as listing
from lantian.web.air.queries.station import hours_of, on_grid, stored_of
from lantian.web.air.queries.station_asked import Asked
from lantian.web.air.queries.station_days import states_of
from lantian.web.air.queries.stations import DAYS, Station
from lantian.web.core.air import network

Cycle = Literal["hour", "weekday", "month"]
CYCLES: tuple[Cycle, ...] = ("hour", "weekday", "month")
NEIGHBOURS = 5
COMPARED = "pm25"
_A_YEAR = 300  # days
_SHOWN = 3  # neighbours drawn beside the station
_HOUR = timedelta(hours=1)


# -- patterns


def pattern_span(asked: Asked, cycle: Cycle) -> ev.Span:
    """Return the days a cycle is averaged over: those of the period up to now.

    Months of less than most of a year are no cycle: they are those of the year up to its last day.
    """
    start = asked.span.start
    if cycle == "month" and (asked.last - start).days + 1 < _A_YEAR:
        start = asked.last - timedelta(days=364)
    return ev.any_span(start, asked.last)


def pattern(asked: Asked, cycle: Cycle) -> pl.DataFrame:
    """Return the means of the six pollutants over a cycle (:func:`lantian.evaluation.pattern`)."""
    whole = hours_of(replace(asked, span=pattern_span(asked, cycle)))
    hours = whole.select("station", "time", *POLLUTANTS)
    return ev.pattern(hours, POLLUTANTS, by=cycle, zone=network().zone)


# -- wind


@dataclass(frozen=True)
class Winds:
    """The roses of a station; ``None`` where there is nothing to draw one of.

    Parameters
    ----------
    hours
        With a wind speed.
    by_index
        Whether the classes of the pollution rose are those of the 24 h index of the edition.
    """

    pollutant: str
    wind: ev.Rose | None
    pollution: ev.Rose | None
    hours: int
    by_index: bool


def winds(asked: Asked, pollutant: str) -> Winds:
    """Return the wind rose of the period and the pollution rose of one pollutant.

    The classes of PM are the concentrations at which its 24 h index changes category, those of a
    gas are round.
    """
    hours = hours_of(asked).drop("station")
    by_index = pollutant in ("pm25", "pm10")
    if not {"ws", "wd"} <= set(hours.columns):
        return Winds(pollutant, None, None, 0, by_index)
    measured = hours.filter(pl.col("ws").is_not_null())
    if measured["wd"].count() == 0:
        return Winds(pollutant, None, None, measured.height, by_index)
    breaks = (
        breakpoints(pollutant, averaging="24h", edition=asked.last_edition)[:-2]
        if by_index
        else None
    )
    pollution = None
    if measured.filter(pl.col("wd").is_not_null())[pollutant].count():
        pollution = ev.pollution_rose(measured, pollutant, breaks=breaks)
    return Winds(pollutant, ev.wind_rose(measured), pollution, measured.height, by_index)


def direction_words(direction: float | None) -> str:
    """Return the compass point of a direction [°] in words; empty for none."""
    if direction is None:
        return ""
    names = SECTORS_ZH if active() == "zh" else SECTORS_EN
    return names[int(sector_index(np.array([direction]))[0])]


# -- quality


@dataclass(frozen=True)
class Decision:
    """A correction or exclusion in force: which hours of a pollutant, who, when and why."""

    parameter: str
    kind: str
    first: datetime
    last: datetime
    hours: int
    batch: int
    actor: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Quality:
    """How complete the hours of the period are.

    Parameters
    ----------
    days
        :func:`lantian.evaluation.coverage.coverage` of the pollutants it measured in the period.
    stretches
        :func:`lantian.evaluation.coverage.stretches`, newest first.
    decisions
        Newest first.
    """

    days: pl.DataFrame
    stretches: pl.DataFrame
    decisions: Sequence[Decision]


def quality(asked: Asked) -> Quality:
    """Return the state of the hours due, the stretches that are not valid, and the decisions."""
    states = states_of(asked)
    found = stretches(states).sort("last", "parameter", descending=[True, False])
    return Quality(coverage(states), found, decisions(stored_of(asked)))


def together(found: pl.DataFrame) -> pl.DataFrame:
    """Return stretches with the pollutants (``parameters``) that share hours, state and flag."""
    shared = ("first", "last", "hours", "state", "flag")
    return found.group_by(*shared, maintain_order=True).agg(pl.col("parameter").alias("parameters"))


def decisions(stored: pl.DataFrame) -> list[Decision]:
    """Return the corrections and exclusions that stored values stand under, newest first."""
    marked = stored.filter(pl.col("flag").is_in([CORRECTED, EXCLUDED]))
    rows = marked.group_by("batch", "parameter").agg(
        pl.col("time").min().alias("first"),
        pl.col("time").max().alias("last"),
        pl.len().alias("hours"),
    )
    found = []
    for row in rows.sort("batch", "parameter", descending=[True, False]).iter_rows(named=True):
        batch = network().home.store.batch(row["batch"])
        if batch is None or batch.kind == "import":
            continue
        found.append(
            Decision(
                row["parameter"], batch.kind, row["first"], row["last"], row["hours"],
                batch.id, batch.actor, batch.landed_at, batch.reason or "",
            )
        )  # fmt: skip
    return found


# -- neighbours


@dataclass(frozen=True)
class Neighbour:
    """A station near by: where it lies from here, what it says now, how alike its PM2.5 runs.

    ``n`` hours in which both had a value in the last 30 days; ``r`` None of too few.
    """

    station: Station
    distance: float
    bearing: float | None
    aqi: int | None
    category: str | None
    value: float | None
    n: int
    r: float | None


@dataclass(frozen=True)
class Neighbours:
    """The nearest stations one may see, and the last 48 hours of the nearest ones beside it."""

    until: datetime
    rows: Sequence[Neighbour]
    lines: Sequence[tuple[Station, Sequence[float | None]]]


def neighbours(asked: Asked, access: Access) -> Neighbours:
    """Return the stations nearest to one, of those the person sees."""
    seen = {s.id: s for s in listing.register(access)}
    table = network().stations().filter(pl.col("station").is_in(list(seen)))
    near = nearest(table, asked.station.id, count=NEIGHBOURS)
    recent = network().recent()
    if near.is_empty():
        return Neighbours(recent.until, (), ())
    end = recent.until
    others = near["station"].to_list()
    hours = network().hours(
        end - timedelta(days=DAYS), end, stations=(asked.station.id, *others)
    )  # fmt: skip
    same = alike(hours, asked.station.id, others, COMPARED)
    alikes = {r["station"]: r for r in same.iter_rows(named=True)}
    at = pl.col("time") == pl.lit(end)
    judged = {r["station"]: r for r in recent.aqi.filter(at).iter_rows(named=True)}
    values = dict(recent.hours.filter(at).select("station", COMPARED).iter_rows())
    rows = [
        Neighbour(
            seen[r["station"]], r["distance"], r["bearing"],
            judged.get(r["station"], {}).get("aqi"), judged.get(r["station"], {}).get("category"),
            values.get(r["station"]), alikes[r["station"]]["n"], alikes[r["station"]]["r"],
        )
        for r in near.iter_rows(named=True)
    ]  # fmt: skip
    lines = []
    for station in (asked.station, *(row.station for row in rows[:_SHOWN])):
        own = recent.hours.filter(pl.col("station") == station.id)
        lines.append((station, on_grid(own, COMPARED, end - 48 * _HOUR, end)))
    return Neighbours(end, rows, lines)
