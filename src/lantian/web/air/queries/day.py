"""What one day shows: the cities, the stations in reach, how many of each category."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.network.window import MEMORY, measured_days
from lantian.reports import words
from lantian.standards import CATEGORIES, POLLUTANTS
from lantian.web.air.queries.asked import Judging
from lantian.web.air.queries.place import known_stations
from lantian.web.core.air import network

WITHHELD = "withheld"


@dataclass(frozen=True)
class DayRow:
    """One station (or a city) on one day; ``figures`` are pollutants with their values in words.

    ``withheld``: the AQI is not to be published, as a pollutant due is missing (HJ 633-2026 5.3.1).
    """

    station: str
    name: str
    town: str
    aqi: int | None
    category: str | None
    primary: str
    figures: tuple[tuple[str, str], ...]
    missing: str
    withheld: bool


@dataclass(frozen=True)
class DayGroup:
    """The rows of one kind of station."""

    title: str
    rows: tuple[DayRow, ...]


@dataclass(frozen=True)
class DayView:
    """One day. ``counts``: category, ``withheld`` or None (no valid AQI), and its stations."""

    cities: tuple[DayRow, ...]
    groups: tuple[DayGroup, ...]
    counts: tuple[tuple[str | None, int], ...]
    stations: int
    edition: str
    pages: int

    @property
    def withheld(self) -> bool:
        """Say whether an AQI of the day is not to be published."""
        rows = (*self.cities, *(row for group in self.groups for row in group.rows))
        return any(row.withheld for row in rows)


def day_frame(on: date, asked: Judging, seen: Collection[str] | None) -> pl.DataFrame:
    """Return the daily table of the stations in reach, by kind, the highest AQI first.

    With ``withheld``: whether the AQI is not to be published, of what the station measured in the
    30 days up to this one.
    """
    days = network().days(
        on, on, edition=asked.edition, calibre=asked.given_calibre, dust=asked.dust
    )
    if seen is not None:
        days = days.filter(pl.col("station").is_in(list(seen)))
    about = known_stations().select("station", "name", "kind", "town")
    order = {kind: k for k, kind in enumerate(KINDS)}
    place = pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    memory = network().days(on - MEMORY, on, calibre=asked.given_calibre, dust=False)
    due = measured_days(memory).group_by("station").agg(pl.col("parameter").alias("_due"))
    named = (
        days.join(about, on="station", how="left")
        .join(due, on="station", how="left")
        .with_columns(
            pl.col("name").fill_null(pl.col("station")),
            pl.col("kind").fill_null("other"),
            ev.withheld_expr("_due").alias("withheld"),
        )
        .drop("_due")
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
    cities = cities.with_columns(
        pl.col("station").alias("name"), nothing.alias("town"), ev.withheld_expr().alias("withheld")
    )
    pages = max(1, -(-frame.height // size))
    shown = frame.slice((min(page, pages) - 1) * size, size)
    state = pl.when("withheld").then(pl.lit(WITHHELD)).otherwise("category").alias("state")
    counted = dict(frame.group_by(state).len().iter_rows())
    counts = [(c, counted.get(c, 0)) for c in (*CATEGORIES, WITHHELD, None)]
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
            row["withheld"],
        )
        for row in frame.iter_rows(named=True)
    )  # fmt: skip
