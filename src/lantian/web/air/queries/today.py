"""What *Today* shows: the air now, the year so far, what changed, what waits for the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from lantian.observations.batches import Batch
from lantian.web.accounts.access import Access
from lantian.web.air.queries import city as cities
from lantian.web.air.queries.arrival import Trouble, troubles
from lantian.web.air.queries.city import Judged
from lantian.web.air.queries.moment import Moment
from lantian.web.air.queries.rows import Filter, chosen, rows_of
from lantian.web.air.queries.year import Year, year_of
from lantian.web.core import clock
from lantian.web.core.air import network

OWN = 12  # stations of one's own named on the page
ON_WALL = 4
_AWAY = 2  # hours without a single value from which a station was away
_KINDS = ("import", "correction", "exclusion", "restore")


@dataclass(frozen=True)
class Today:
    """What everybody who sees the same stations is shown.

    Parameters
    ----------
    city
        Empty where no station makes a city mean.
    mean, change, yesterday, yesterday_2012
        Its air now; how its pollutants differ from 24 hours before; its day before; that day by
        the edition of 2012, where another one is in force.
    highest
        Row of the station with the highest AQI now; None for people who see some stations only.
    own
        Rows of the person's own stations, the worst first, and how many there are.
    stations
        How many stations the person sees.
    """

    moment: Moment
    city: str
    makers: int
    mean: Judged
    change: Mapping[str, float | None]
    yesterday: Judged
    yesterday_2012: Judged | None
    day: date
    year: Year | None
    stations: int = 0
    highest: Mapping[str, Any] | None = None
    own: Sequence[Mapping[str, Any]] = ()
    own_count: int = 0
    changes: Changes | None = None


@dataclass(frozen=True)
class Landed:
    """Batches of one kind that came since yesterday: how many, their values, the newest."""

    kind: str
    batches: int
    values: int
    newest: Batch


@dataclass(frozen=True)
class Changes:
    """What changed since yesterday 00:00.

    Parameters
    ----------
    since
        That moment [UTC].
    landed
        By kind, and ``undone``.
    offline
        Stations of which nothing comes now.
    back
        Name, station and hours without a value of stations that were away and are back.
    late
        Station-hours that came late, and of how many stations.
    suspect
        Station, name, pollutant, hours in doubt; the most first.
    names
        Names of the stations.
    """

    since: datetime
    landed: Sequence[Landed] = ()
    offline: Sequence[Trouble] = ()
    back: Sequence[tuple[str, str, int]] = ()
    late: tuple[int, int] = (0, 0)
    suspect: Sequence[tuple[str, str, str, int]] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def look(moment: Moment, access: Access, *, wall: bool = False) -> Today:
    """Return what the page shows somebody; on a wall screen with the highest stations of all."""
    day = cities.today_of(moment)
    yesterday = day - timedelta(days=1)
    city = cities.home_city(cities.cities())
    before = cities.day(city, yesterday)
    old = before.state != "none" and before.edition != "2012"
    rows = rows_of(moment, access) if "air" in access else None
    worst = chosen(rows, Filter(), ()) if rows is not None else None
    top = worst.filter(pl.col("state") == "aqi").head(1) if worst is not None else None
    own = worst if worst is not None and (wall or access.stations is not None) else None
    return Today(
        moment=moment,
        city=city,
        makers=cities.makers(city, day).height,
        mean=cities.hour(city, moment),
        change=cities.change_on_day_before(city, moment),
        yesterday=before,
        yesterday_2012=cities.day(city, yesterday, edition="2012") if old else None,
        day=day,
        year=year_of(city, min(day, clock.today() - timedelta(days=1))) if city else None,
        stations=rows.height if rows is not None else 0,
        highest=top.row(0, named=True)
        if top is not None and top.height and access.stations is None
        else None,
        own=own.head(ON_WALL if wall else OWN).to_dicts() if own is not None else (),
        own_count=own.height if own is not None else 0,
        changes=changes(moment, rows) if rows is not None else None,
    )


def changes(moment: Moment, rows: pl.DataFrame) -> Changes:
    """Return what changed of some stations since yesterday 00:00."""
    place = ZoneInfo(network().zone)
    today = network().now().astimezone(place).date()
    since = datetime.combine(today - timedelta(days=1), time(), place).astimezone(UTC)
    names = dict(rows.select("station", "name").iter_rows())
    stations = list(names)
    arrival = moment.arrival.filter(pl.col("time") > since, pl.col("station").is_in(stations))
    wrong = troubles(moment, stations)
    offline = [t for t in wrong if t.what == "offline"]
    gone = {t.station for t in offline}
    late = arrival.filter(pl.col("state") == "late").select("station", "time").unique()
    away = (
        arrival.group_by("station", "time")
        .agg(pl.col("state").is_in(("missing", "invalid")).all().alias("all"))
        .filter("all")
        .group_by("station")
        .len()
        .filter(pl.col("len") >= _AWAY)
        .sort("len", "station", descending=[True, False])
    )
    suspect = (
        arrival.filter(pl.col("state") == "suspect")
        .group_by("station", "parameter")
        .len()
        .sort("len", "station", "parameter", descending=[True, False, False])
    )
    return Changes(
        since=since,
        landed=landed_since(since),
        offline=offline,
        back=[(s, names[s], n) for s, n in away.iter_rows() if s not in gone],
        late=(late.height, late["station"].n_unique()),
        suspect=[(s, names[s], p, n) for s, p, n in suspect.iter_rows()],
        names=names,
    )


def landed_since(since: datetime) -> list[Landed]:
    """Return what landed in the store, and what was undone, from a moment on."""
    batches = network().home.store.table.snapshot().ledger.batches
    new: dict[str, list[Batch]] = {}
    for batch in batches.values():
        if batch.landed_at >= since:
            new.setdefault(batch.kind, []).append(batch)
        if batch.undone_at is not None and batch.undone_at >= since:
            new.setdefault("undone", []).append(batch)
    found = []
    for kind in (*_KINDS, "undone"):
        if mine := new.get(kind):
            values = sum(b.rows_new + b.rows_changed for b in mine)
            newest = max(mine, key=lambda b: b.undone_at or b.landed_at)
            found.append(Landed(kind, len(mine), values, newest))
    return found


def shown_stamp(moment: Moment) -> str:
    """Return a text that changes when the page would show something else by itself."""
    now = network().now()
    slot = f"{now:%Y%m%d%H}{now.minute // 30}"
    return f"{network().stamp()}-{moment.label:%Y%m%d%H}-{slot}"
