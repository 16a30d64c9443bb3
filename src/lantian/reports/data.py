"""Everything a report shows, judged and ready to draw: frames and small facts, no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.roses import Rose
from lantian.standards import Settings

NoWind = Literal["no_columns", "no_hours"]
Cycle = Literal["whole", "month", "season"]
MIXED = "mixed"
_SHOWN_CITIES = 4


@dataclass(frozen=True)
class EditionView:
    """The period under one edition.

    ``cities`` and ``stations`` are period tables; ``categories`` counts the days of each category:
    ``station`` (a city), ``category``, ``days``.
    """

    edition: str
    cities: pl.DataFrame
    stations: pl.DataFrame
    categories: pl.DataFrame


@dataclass(frozen=True)
class Winds:
    """Roses of all stations with wind together, or why there are none.

    ``wind`` counts hours by speed [m/s]; ``pollution`` holds PM2.5 and PM10 where measured.
    ``hours`` are station-hours with a wind speed; ``stations`` how many stations gave them.
    ``edition``: whose category limits divide the pollution.
    """

    wind: Rose | None
    pollution: Mapping[str, Rose]
    stations: int
    hours: int
    edition: str
    why_not: NoWind | None = None


@dataclass(frozen=True)
class Diurnal:
    """Mean by hour of the day of the city's hourly values.

    ``table``: ``station`` (the city), ``group`` (0 = whole period; a month 1–12; a season 0 winter
    … 3 autumn, by ``cycle``), ``parameter``, ``hour`` (0 = 00:00–01:00), ``n``, ``mean``.
    """

    cycle: Cycle
    table: pl.DataFrame


@dataclass(frozen=True)
class Completeness:
    """How much of what was due is there.

    ``table``: ``station, parameter, hours, hours_due, days, days_needed, valid``. ``months``: the
    same by ``month`` with ``days_due``. ``silent``: registered stations without any value.
    """

    table: pl.DataFrame
    months: pl.DataFrame
    silent: tuple[str, ...]


@dataclass(frozen=True)
class Dust:
    """Sand-dust deduction: hours of PM taken out, and the decisions they rest on."""

    hours: int
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class ReportData:
    """A period of one network, judged.

    Attributes
    ----------
    network, span, zone, generated, calibre, simulated, settings, method
        As given to :func:`lantian.reports.collect`.
    asked
        The period asked for. ``span`` ends with the last whole day where that one still runs.
    edition
        The edition asked for; ``judged`` is the one in force for all days, or ``mixed``.
    register
        One row per station of the report: ``station, name, city, kind, control, assessed, start,
        end`` (assessed: counts in the city mean; start, end: days of operation, null = open).
    days, city_days
        Daily tables (:func:`lantian.evaluation.daily`) of stations and cities within the span.
    stations
        Period table of the stations with ``group`` (kind), ``rank, excluded, reason``, single
        indices ``<p>_index`` and, where there is a year before, ``composite_index_previous``,
        ``composite_index_change``, ``rank_previous``, ``days_previous``.
    cities
        The same of the cities, with ``<statistic>_previous`` and ``<statistic>_change``.
    previous
        The same period a year before, if it was asked for; ``has_previous`` whether it holds data.
    methods
        ``station, group, method, composite_index, rank`` under every composite method.
    values
        Hourly values of the six pollutants in the span.
    """

    network: str
    span: ev.Span
    asked: ev.Span
    edition: str
    judged: str
    method: str
    zone: str
    settings: Settings
    generated: datetime
    calibre: str | None
    simulated: bool
    register: pl.DataFrame
    days: pl.DataFrame
    city_days: pl.DataFrame
    stations: pl.DataFrame
    cities: pl.DataFrame
    previous: ev.Span | None
    has_previous: bool
    editions: tuple[EditionView, ...]
    methods: pl.DataFrame
    completeness: Completeness
    winds: Winds
    diurnal: Diurnal
    dust: Dust | None
    values: int

    @property
    def city_names(self) -> list[str]:
        """Return the cities, in order of name."""
        return sorted(self.cities["station"].to_list())

    @property
    def shown_cities(self) -> list[str]:
        """Return the cities with figures and drawings of their own; more are in the tables."""
        return self.city_names[:_SHOWN_CITIES]

    @property
    def names(self) -> dict[str, str]:
        """Return the shown name of each station id."""
        return dict(self.register.select("station", "name").iter_rows())

    @property
    def measured(self) -> set[str]:
        """Return the stations that have any row in the period."""
        return set(self.days["station"].unique().to_list())

    def members(self, city: str | None = None) -> pl.DataFrame:
        """Return the stations measured that make the mean of a city, or of all of them."""
        mine = self.register.filter("assessed", pl.col("station").is_in(list(self.measured)))
        return mine if city is None else mine.filter(pl.col("city") == city)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return every table behind the report, unrounded, with plain columns, for export."""
        from lantian.reports.tables import tables  # noqa: PLC0415 - tables needs this module

        return tables(self)
