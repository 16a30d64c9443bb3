"""What came in of the hours due: strips of 48 hours, and what is missing, late or in doubt now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from lantian.observations.extent import extent
from lantian.web.air.queries.moment import HOUR, Moment, local_day
from lantian.web.core.air import network

STATES = ("ok", "late", "suspect", "part", "missing")
"""Of an hour of a station, good to bad: ``part`` lacks some of what is due, ``missing`` all."""

_GONE = ("missing", "invalid")
_MEMORY = timedelta(days=30)


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a station at the hour shown.

    Parameters
    ----------
    what
        ``offline`` (nothing of what is due came), ``missing``, ``suspect`` or ``late``.
    parameters
        Which pollutants; of an offline station all that are due.
    hours
        For how many hours up to the one shown; ``beyond``: at least, the window holds no more.
    since
        Of an offline station: the last hour with a value [UTC], where it lies in the window.
    last_day
        Of an offline station without one: the last local day with a value; None: none in 30 days.
    delay
        Of a late station: the longest delay [min].
    flag
        Of a suspect one: the mark of the first of its values.
    """

    station: str
    what: str
    parameters: Sequence[str]
    hours: int
    beyond: bool = False
    since: datetime | None = None
    last_day: date | None = None
    delay: int | None = None
    flag: str = ""


def states_by_hour(moment: Moment, stations: Sequence[str]) -> dict[str, list[str | None]]:
    """Return the state of each hour shown of some stations; None: nothing was due, or not yet."""
    mine = moment.arrival.filter(pl.col("station").is_in(stations))
    state, gone = pl.col("state"), pl.col("state").is_in(_GONE)
    hourly = mine.group_by("station", "time").agg(
        pl.when(gone.all())
        .then(pl.lit("missing"))
        .when(gone.any())
        .then(pl.lit("part"))
        .when((state == "suspect").any())
        .then(pl.lit("suspect"))
        .when((state == "late").any())
        .then(pl.lit("late"))
        .otherwise(pl.lit("ok"))
        .alias("state")
    )
    count = round((moment.label - moment.start) / HOUR)
    found: dict[str, list[str | None]] = {s: [None] * count for s in stations}
    for station, time, name in hourly.select("station", "time", "state").iter_rows():
        found[station][round((time - moment.start) / HOUR) - 1] = name
    return found


def due_of(moment: Moment) -> pl.DataFrame:
    """Return ``station, due``: the pollutants each station is due around the hour shown."""
    return (
        moment.arrival.filter(pl.col("time") > moment.label - timedelta(hours=24))
        .group_by("station")
        .agg(pl.col("parameter").unique().sort().alias("due"))
    )


def troubles(moment: Moment, stations: Sequence[str]) -> list[Trouble]:
    """Return what is wrong at the hour shown: what is gone longest first, then doubt, then late.

    Of what is not due yet and has not come, the hour before tells: it has not come back.
    """
    arrival = moment.arrival.filter(pl.col("station").is_in(stations))
    here = _newest(arrival, moment)
    if here.is_empty():
        return []
    runs = _runs(arrival, here, moment)
    offline = (
        here.group_by("station").agg(pl.col("state").is_in(_GONE).all().alias("all")).filter("all")
    )["station"]
    last = _last_days(moment, offline.to_list())
    since = _last_values(moment, offline)
    found = []
    for (station,), mine in runs.partition_by("station", as_dict=True, maintain_order=True).items():
        if station in since:
            longest, _most = extent(mine["hours"], int)
            found.append(
                Trouble(
                    str(station), "offline", mine["parameter"].to_list(), longest,
                    beyond=since[station] is None, since=since[station],
                    last_day=None if since[station] else last.get(str(station)),
                )
            )  # fmt: skip
            continue
        found += _parts(str(station), mine)
    order = {"offline": 0, "missing": 1, "suspect": 2, "late": 3}
    return sorted(found, key=lambda t: (order[t.what], -t.hours, t.station))


def _newest(arrival: pl.DataFrame, moment: Moment) -> pl.DataFrame:
    """Return the row of the last hour of each station and pollutant that has come or is due."""
    here = moment.at(arrival)
    if not moment.awaited:
        return here
    before = arrival.filter(pl.col("time") == moment.label - HOUR)
    return pl.concat([here, before.join(here, on=["station", "parameter"], how="anti")])


def _parts(station: str, mine: pl.DataFrame) -> list[Trouble]:
    """Return the troubles of a station of which something came."""
    found = []
    for what, states in (("missing", _GONE), ("suspect", ("suspect",)), ("late", ("late",))):
        rows = mine.filter(pl.col("state").is_in(states))
        if rows.is_empty():
            continue
        _least, hours = extent(rows["hours"], int)
        found.append(
            Trouble(
                station, what, rows["parameter"].to_list(), hours,
                beyond=bool(rows.filter(pl.col("hours") == hours)["beyond"].any()),
                delay=extent(rows["delay"], int)[1] if what == "late" else None,
                flag=next((f for f in rows["flag"] if f), "") if what == "suspect" else "",
            )
        )  # fmt: skip
    return found


def _runs(arrival: pl.DataFrame, here: pl.DataFrame, moment: Moment) -> pl.DataFrame:
    """Return the rows of ``here`` that are not ok with ``hours``: for how long they are not."""
    kind = pl.when(pl.col("state").is_in(_GONE)).then(pl.lit("gone")).otherwise(pl.col("state"))
    now = here.with_columns(kind.alias("kind")).filter(pl.col("kind") != "ok")
    before = (
        arrival.with_columns(kind.alias("was"))
        .join(now.select("station", "parameter", "kind"), on=["station", "parameter"])
        .filter(pl.col("was") != pl.col("kind"))
        .group_by("station", "parameter")
        .agg(pl.col("time").max().alias("ended"))
    )
    span = pl.col("time") - pl.col("ended").fill_null(moment.start)
    return (
        now.join(before, on=["station", "parameter"], how="left")
        .with_columns(
            span.dt.total_hours().cast(pl.Int64).alias("hours"),
            pl.col("ended").is_null().alias("beyond"),
        )
        .sort("station", "parameter")
    )


def _last_values(moment: Moment, offline: pl.Series) -> dict[str, datetime | None]:
    """Return the last hour with a value in the window of each offline station."""
    mine = moment.arrival.filter(pl.col("station").is_in(offline.implode()))
    ends = mine.filter(~pl.col("state").is_in(_GONE)).group_by("station").agg(pl.col("time").max())
    found: dict[str, datetime | None] = dict.fromkeys(offline.to_list())
    found.update(ends.iter_rows())
    return found


def _last_days(moment: Moment, offline: Sequence[str]) -> Mapping[str, date]:
    """Return the last local day with a value, of the 30 before the hour shown."""
    if not offline:
        return {}
    end = local_day(moment.label)
    start = local_day(moment.label - _MEMORY)
    days = network().days(start, end, dust=False)  # as it is kept for what a station is due
    counts = [c for c in days.columns if c.startswith("n_")]
    measured = days.filter(pl.col("station").is_in(list(offline)), pl.sum_horizontal(counts) > 0)
    return dict(measured.group_by("station").agg(pl.col("date").max()).iter_rows())
