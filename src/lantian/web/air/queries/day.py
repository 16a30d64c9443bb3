"""What one day shows: the cities, the stations in reach, how many of each category."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import CATEGORIES, POLLUTANTS
from lantian.web.air.queries.asked import Judging
from lantian.web.air.queries.place import known_stations
from lantian.web.core.air import network


@dataclass(frozen=True)
class DayRow:
    """One station (or a city) on one day; ``figures`` are pollutants with their values in words."""

    station: str
    name: str
    town: str
    aqi: int | None
    category: str | None
    primary: str
    figures: tuple[tuple[str, str], ...]
    missing: str


@dataclass(frozen=True)
class DayGroup:
    """The rows of one kind of station."""

    title: str
    rows: tuple[DayRow, ...]


@dataclass(frozen=True)
class DayView:
    """One day. ``counts``: category (None: no valid AQI) and its stations."""

    cities: tuple[DayRow, ...]
    groups: tuple[DayGroup, ...]
    counts: tuple[tuple[str | None, int], ...]
    stations: int
    edition: str
    pages: int


def day_frame(on: date, asked: Judging, seen: Collection[str] | None) -> pl.DataFrame:
    """Return the daily table of the stations in reach, by kind, the highest AQI first."""
    days = network().days(
        on, on, edition=asked.edition, calibre=asked.given_calibre, dust=asked.dust
    )
    if seen is not None:
        days = days.filter(pl.col("station").is_in(list(seen)))
    about = known_stations().select("station", "name", "kind", "town")
    order = {kind: k for k, kind in enumerate(KINDS)}
    place = pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    named = days.join(about, on="station", how="left").with_columns(
        pl.col("name").fill_null(pl.col("station")), pl.col("kind").fill_null("other")
    )
    front = ["station", "name", "kind", "town"]
    return named.sort(
        place, "aqi", "station", descending=[False, True, False], nulls_last=True
    ).select(*front, pl.exclude(front))


def day_view(frame: pl.DataFrame, on: date, asked: Judging, page: int, size: int) -> DayView:
    """Return one page of a day; ``frame`` as :func:`day_frame` gives it."""
    cities = network().city_days(
        on, on, edition=asked.edition, calibre=asked.given_calibre, dust=asked.dust
    )
    nothing = pl.lit(None, pl.String)
    cities = cities.with_columns(pl.col("station").alias("name"), nothing.alias("town"))
    pages = max(1, -(-frame.height // size))
    shown = frame.slice((min(page, pages) - 1) * size, size)
    counted = dict(frame["category"].value_counts().iter_rows())
    counts = [(c, counted.get(c, 0)) for c in (*CATEGORIES, None)]
    groups = [
        DayGroup(words.kind_name(part["kind"][0]), _rows(part))
        for part in shown.partition_by("kind", maintain_order=True)
    ]
    edition = words.edition_name(frame["edition"][0]) if frame.height else ""
    return DayView(_rows(cities), tuple(groups), tuple(counts), frame.height, edition, pages)


def _rows(frame: pl.DataFrame) -> tuple[DayRow, ...]:
    return tuple(
        DayRow(
            row["station"], row["name"], row["town"] or "", row["aqi"], row["category"],
            words.names_of(row["primary"]),
            tuple((p, words.concentration(p, row[DAILY_VALUE[p]])) for p in POLLUTANTS),
            words.names_of(row["missing"]) if row["aqi"] is not None else _("too few valid values"),
        )
        for row in frame.iter_rows(named=True)
    )  # fmt: skip
