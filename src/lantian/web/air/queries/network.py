"""What *Network now* shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from lantian.evaluation import wind
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import POLLUTANTS
from lantian.web.accounts.access import Access
from lantian.web.air.figures.map import Wind, compass
from lantian.web.air.queries import city as cities
from lantian.web.air.queries.arrival import Trouble, troubles
from lantian.web.air.queries.asked import Asking
from lantian.web.air.queries.city import Judged
from lantian.web.air.queries.moment import Moment
from lantian.web.air.queries.rows import SORTS, Filter, chosen, rows_of
from lantian.web.core.air import network
from lantian.web.core.formats import local

PAGE = 100
WALL = 14  # rows a wall screen has room for
DEFAULT_SORT = "-aqi"


@dataclass(frozen=True)
class Asked:
    """What the address asks for, with the defaults filled in."""

    filter: Filter
    page: int
    at: str
    day: str
    wall: bool = False

    def query(self, **other: object) -> dict[str, Any]:
        """Return the parameters of this view, with ``other`` in their place; defaults left out."""
        f = self.filter
        own = {
            "at": self.at, "day": self.day, "city": f.city, "kind": f.kind, "town": f.town,
            "q": f.text, "show": f.show, "sort": None if f.sort == DEFAULT_SORT else f.sort,
        }  # fmt: skip
        return {**own, **other}


def asked_of(asking: Asking, *, wall: bool) -> Asked:
    """Return what an address asks for."""
    sorts = [*SORTS, *(f"-{s}" for s in SORTS)]
    wanted = Filter(
        city=asking.text("city"),
        kind=asking.text("kind"),
        town=asking.text("town"),
        text=asking.text("q"),
        show=asking.one_of("show", ("assessed", "trouble"), ""),
        sort=asking.one_of("sort", sorts, DEFAULT_SORT),
    )
    page = asking.number("page", 1)
    return Asked(wanted, page, asking.text("at"), asking.text("day"), wall)


@dataclass(frozen=True)
class Arrived:
    """How much of what is due is there; ``awaited``: not yet, and not yet late."""

    there: int
    due: int
    awaited: int


@dataclass(frozen=True)
class Now:
    """The network at a moment, as one person sees it.

    Parameters
    ----------
    rows
        All stations of the person (and of the city asked for).
    shown
        Those the filter asks for, in its order.
    wrong
        What is wrong, of ``rows``; nothing of days.
    city
        The city whose mean is shown.
    mean, before
        Its air at the moment and on the day before.
    change
        Of the mean on 24 hours before.
    makers
        How many stations make the mean, and whether all are national.
    """

    moment: Moment
    rows: pl.DataFrame
    shown: pl.DataFrame
    wrong: Sequence[Trouble]
    city: str
    mean: Judged
    before: Judged
    before_day: date
    change: Mapping[str, float | None]
    makers: tuple[int, bool]
    arrived: Arrived

    def row(self, station: str) -> dict[str, Any]:
        """Return the row of a station."""
        return self.rows.row(by_predicate=pl.col("station") == station, named=True)


def look(asked: Asked, moment: Moment, access: Access) -> Now:
    """Return what the page shows."""
    rows = rows_of(moment, access)
    if asked.filter.city:
        rows = rows.filter(pl.col("city") == asked.filter.city)
    wrong = troubles(moment, rows["station"].to_list())
    city = asked.filter.city or cities.home_city(cities.cities())
    day = moment.day or cities.today_of(moment)
    makers = cities.makers(city, day)
    mean = cities.day(city, moment.day) if moment.day else cities.hour(city, moment)
    return Now(
        moment=moment,
        rows=rows,
        shown=chosen(rows, asked.filter, [t.station for t in wrong]),
        wrong=wrong,
        city=city,
        mean=mean,
        before=cities.day(city, day - timedelta(days=1)),
        before_day=day - timedelta(days=1),
        change=_change(city, moment),
        makers=(makers.height, bool((makers["kind"] == "national").all())),
        arrived=_arrived(moment, rows),
    )


def _change(city: str, moment: Moment) -> Mapping[str, float | None]:
    if moment.day is None:
        return cities.change_on_day_before(city, moment)
    return cities.change_between(city, moment.day - timedelta(days=1), moment.day)


def _arrived(moment: Moment, rows: pl.DataFrame) -> Arrived:
    """Return how much of what is due of the hour (or the hours of the day) is there."""
    mine = pl.col("station").is_in(rows["station"].implode())
    arrival = moment.recent.arrival.filter(mine)
    if moment.day is not None:
        first = moment.label - timedelta(hours=24)
        hours = arrival.filter(pl.col("time") > first, pl.col("time") <= moment.label)
        due = hours.height
    else:
        hours = moment.at(arrival)
        due = int(rows["due"].list.len().sum())
    there = hours.filter(pl.col("state").is_in(("ok", "late", "suspect"))).height
    return Arrived(there, due, max(0, due - hours.height))


def mean_wind(now: Now) -> Wind | None:
    """Return the wind and humidity of the stations at the hour; None where none measures it."""
    if now.moment.day is not None:
        return None
    hours = now.moment.at(now.moment.hours)
    hours = hours.filter(pl.col("station").is_in(now.rows["station"].implode()))
    said, direction = [], None
    if {"ws", "wd"} <= set(hours.columns) and hours["ws"].count():
        speed, from_ = (
            hours[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in ("ws", "wd")
        )
        angle, _length = wind.vector_mean(speed, from_)
        direction = None if np.isnan(angle) else angle
        name = _("calm or changing wind") if direction is None else compass(direction)
        said.append(f"{name} {words.number(hours['ws'].mean(), 1)} m/s")
    if "rh" in hours.columns and hours["rh"].count():
        said.append(_("humidity {rh}").format(rh=words.percent(hours["rh"].mean(), 0)))
    return Wind(direction, words.joined(said)) if said else None


def options(now: Now) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters offer: kinds, towns, cities, and what to show."""
    rows = now.rows
    kinds = rows["kind"].unique(maintain_order=True).to_list()
    towns = rows["town"].drop_nulls().unique().sort().to_list()
    found = {
        "kind": [("", _("all"))] + [(k, words.kind_name(k)) for k in kinds],
        "town": [("", _("all"))] + [(t, t) for t in towns],
        "city": [("", _("all"))] + [(c, c) for c in cities.cities()],
        "show": [
            ("", _("all")),
            ("assessed", _("those of the city mean")),
            ("trouble", _("missing, late or in doubt")),
        ],
    }
    return {name: given for name, given in found.items() if len(given) > 2}


def hours_of(moment: Moment, column: str, stations: Sequence[str]) -> dict[str, list[float | None]]:
    """Return the 48 hourly values of each station; None = a gap."""
    mine = moment.hours.filter(pl.col("station").is_in(list(stations)))
    count = round((moment.label - moment.start) / timedelta(hours=1))
    found: dict[str, list[float | None]] = {s: [None] * count for s in stations}
    for station, time, value in mine.select("station", "time", column).iter_rows():
        found[station][_place(moment, time)] = value
    return found


@dataclass(frozen=True)
class Range48:
    """48 hours of a pollutant: the city mean, the least and the most of the stations."""

    line: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]


def ranges(now: Now) -> dict[str, Range48]:
    """Return the 48 hours of the six pollutants."""
    moment = now.moment
    count = round((moment.label - moment.start) / timedelta(hours=1))
    mine = moment.hours.filter(pl.col("station").is_in(now.rows["station"].implode()))
    extremes = mine.group_by("time").agg(
        *(pl.col(p).min().alias(f"{p}_low") for p in POLLUTANTS),
        *(pl.col(p).max().alias(f"{p}_high") for p in POLLUTANTS),
    )
    city = moment.within(moment.recent.city).filter(pl.col("station") == now.city)
    found = {}
    for p in POLLUTANTS:
        series: dict[str, list[float | None]] = {
            name: [None] * count for name in ("line", "low", "high")
        }
        for name, frame, column in (
            ("line", city, p), ("low", extremes, f"{p}_low"), ("high", extremes, f"{p}_high")
        ):  # fmt: skip
            for time, value in frame.select("time", column).iter_rows():
                series[name][_place(moment, time)] = value
        found[p] = Range48(**series)
    return found


def _place(moment: Moment, time: datetime) -> int:
    return round((time - moment.start) / timedelta(hours=1)) - 1


def shown_stamp(moment: Moment) -> str:
    """Return a text that changes when the page would show something else by itself."""
    day = cities.today_of(moment)
    stamp = network().stamp(day - timedelta(days=31), None if moment.live else day)
    now = network().now()
    slot = f"{now:%d%H}{now.minute // 30}" if moment.live or moment.awaited else "due"
    return f"{stamp}-{moment.label:%Y%m%d%H}-{slot}"


def file_rows(now: Now) -> pl.DataFrame:
    """Return the table as a file holds it: all rows the filter asks for."""
    label = pl.lit(
        str(now.moment.day) if now.moment.day else f"{local(now.moment.label):%Y-%m-%dT%H:%M}"
    )
    listed = [pl.col(c).list.join(" ").alias(c) for c in ("primary", "missing")]
    return now.shown.select(
        "station", "name", "city", "town", "kind", "lon", "lat", label.alias("time"),
        pl.when(pl.col("state") == "aqi").then("aqi").alias("aqi"), "state", "category",
        listed[0], "edition", listed[1], *POLLUTANTS, *(f"grade_{p}" for p in POLLUTANTS),
    )  # fmt: skip
