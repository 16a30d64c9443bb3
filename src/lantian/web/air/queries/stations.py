"""The stations of the network one may see: who they are, what they say now, how complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.standards import POLLUTANTS
from lantian.web.accounts.access import Access
from lantian.web.core import clock
from lantian.web.core.air import network

DAYS = 30  # whole local days the completeness of the list looks back
SORTS = ("register", "name", "aqi", "pm25", "complete")


@dataclass(frozen=True)
class Station:
    """One station of the register; ``town``, ``operator``, ``lon``, ``lat``, dates: if known."""

    id: str
    name: str
    kind: str
    city: str
    town: str | None
    operator: str | None
    lon: float | None
    lat: float | None
    start: date | None
    end: date | None
    control: bool
    assessed: bool

    @property
    def placed(self) -> bool:
        """Whether it has coordinates."""
        return self.lon is not None and self.lat is not None


def kind_words(kind: str) -> str:
    """Return what one station of a kind is called."""
    return {
        "national": _("national station"),
        "provincial": _("provincial station"),
        "municipal": _("municipal station"),
        "township": _("township station"),
        "micro": _("micro station"),
        "background": _("background station"),
    }.get(kind, _("other station"))


def register(access: Access) -> list[Station]:
    """Return the stations the person sees, by kind and id."""
    return [
        _station(r) for r in network().stations().iter_rows(named=True) if access.sees(r["station"])
    ]


def find(station: str, access: Access) -> Station | None:
    """Return one station; None: there is none of this id, or the person does not see it."""
    if not access.sees(station):
        return None
    rows = network().stations().filter(pl.col("station") == station)
    return None if rows.is_empty() else _station(rows.row(0, named=True))


def beside(station: str, access: Access) -> tuple[Station | None, Station | None]:
    """Return the stations before and after one, in the order of the list."""
    mine = access.only(network().stations()["station"].to_list())
    if station not in mine:
        return None, None
    place = mine.index(station)
    names = mine[place - 1 : place] if place else [], mine[place + 1 : place + 2]
    before, after = (find(n[0], access) if n else None for n in names)
    return before, after


def _station(row: Mapping[str, Any]) -> Station:
    return Station(
        id=row["station"],
        **{
            k: row[k]
            for k in (
                "name", "kind", "city", "town", "operator", "lon", "lat", "start", "end",
                "control", "assessed",
            )
        },
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One station of the list.

    Parameters
    ----------
    aqi, category
        Of the hour the list speaks of; None where none is published.
    measured
        Whether it has any value of that hour.
    pm25
        [µg/m³].
    valid, due
        Pollutant-days of the last days that are valid, and how many there could be.
    """

    station: Station
    aqi: int | None
    category: str | None
    measured: bool
    pm25: float | None
    valid: int
    due: int

    @property
    def share(self) -> float | None:
        """Return the part of the pollutant-days that is valid; None where none is due."""
        return self.valid / self.due if self.due else None


@dataclass(frozen=True)
class Listing:
    """The list: its lines, the hour of ``now``, the days of the completeness."""

    lines: Sequence[Line]
    until: datetime
    start: date
    end: date


def looked_back() -> tuple[date, date]:
    """Return the whole local days the completeness is of."""
    end = clock.today() - timedelta(days=1)
    return end - timedelta(days=DAYS - 1), end


@dataclass(frozen=True)
class Wish:
    """Which stations in which order: text of id, name or town; kind; town; one of ``SORTS``."""

    text: str = ""
    kind: str = ""
    town: str = ""
    sort: str = "register"

    def query(self) -> dict[str, str | None]:
        """Return the parameters that ask for this again; defaults are None."""
        return {
            "q": self.text or None,
            "kind": self.kind or None,
            "town": self.town or None,
            "sort": None if self.sort == "register" else self.sort,
        }


def listing(register: Sequence[Station]) -> Listing:
    """Return what there is to say of stations, in their order."""
    start, end = looked_back()
    recent = network().recent()
    now = pl.col("time") == pl.lit(recent.until)
    judged = {
        r[0]: r[1:] for r in recent.aqi.filter(now).select("station", "aqi", "category").iter_rows()
    }
    pm25 = dict(recent.hours.filter(now).select("station", "pm25").iter_rows())
    valid, measured = _valid_days(start, end)
    lines = []
    for station in register:
        aqi, category = judged.get(station.id, (None, None))
        first = max(d for d in (start, station.start) if d is not None)
        last = min(d for d in (end, station.end) if d is not None)
        days = max(0, (last - first).days + 1)
        lines.append(
            Line(
                station, aqi, category, station.id in judged, pm25.get(station.id),
                valid.get(station.id, 0), days * measured.get(station.id, len(POLLUTANTS)),
            )
        )  # fmt: skip
    return Listing(lines, recent.until, start, end)


def _valid_days(start: date, end: date) -> tuple[dict[str, int], dict[str, int]]:
    """Return the valid pollutant-days of each station, and how many pollutants it measured."""
    days = network().days(start, end)
    table = days.group_by("station").agg(
        pl.sum_horizontal(pl.col(f"valid_{p}").sum() for p in POLLUTANTS).alias("valid"),
        pl.sum_horizontal((pl.col(f"n_{p}").sum() > 0).cast(pl.Int64) for p in POLLUTANTS).alias(
            "of"
        ),
    )
    return dict(table.select("station", "valid").iter_rows()), dict(
        table.select("station", "of").iter_rows()
    )


def chosen(found: Listing, wish: Wish) -> list[Line]:
    """Return the lines that fit, in the order asked for; what has no value comes last."""
    words, sort = wish.text.casefold(), wish.sort
    lines = [
        line
        for line in found.lines
        if (not wish.kind or line.station.kind == wish.kind)
        and (not wish.town or line.station.town == wish.town)
        and (not words or words in _named(line.station))
    ]
    if sort == "name":
        return sorted(lines, key=lambda line: line.station.name)
    if sort == "register":
        return lines
    return sorted(lines, key=lambda line: _sort_key(line, sort))


def _sort_key(line: Line, sort: str) -> tuple[bool, float]:
    """Return where a line stands: values first, the highest AQI or PM2.5, the least complete."""
    value: float | None = line.share
    if sort != "complete":
        figure = line.aqi if sort == "aqi" else line.pm25
        value = None if figure is None else -figure
    return value is None, value or 0.0


def _named(station: Station) -> str:
    """Return all a station may be looked for by."""
    return f"{station.id} {station.name} {station.town or ''}".casefold()


def kinds_of(register: Sequence[Station]) -> list[str]:
    """Return the kinds that occur, in their order."""
    found = {station.kind for station in register}
    return [k for k in KINDS if k in found]


def towns_of(register: Sequence[Station]) -> list[str]:
    """Return the towns that occur."""
    return sorted({station.town for station in register if station.town})


def as_table(lines: Sequence[Line]) -> pl.DataFrame:
    """Return the list as a frame, to be written to a file."""
    return pl.DataFrame(
        [
            {
                "station": line.station.id, "name": line.station.name, "kind": line.station.kind,
                "town": line.station.town, "city": line.station.city,
                "operator": line.station.operator, "lon": line.station.lon,
                "lat": line.station.lat, "start": line.station.start, "end": line.station.end,
                "aqi": line.aqi, "category": line.category, "pm25": line.pm25,
                "valid_pollutant_days": line.valid, "due_pollutant_days": line.due,
            }
            for line in lines
        ],
        schema={
            "station": pl.String, "name": pl.String, "kind": pl.String, "town": pl.String,
            "city": pl.String, "operator": pl.String, "lon": pl.Float64, "lat": pl.Float64,
            "start": pl.Date, "end": pl.Date, "aqi": pl.Int32, "category": pl.String,
            "pm25": pl.Float64, "valid_pollutant_days": pl.Int64, "due_pollutant_days": pl.Int64,
        },
    )  # fmt: skip
