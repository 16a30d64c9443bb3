"""Judge a period of one network and gather everything its report shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.evaluation.composite import composite_expr, statistic_of
from lantian.evaluation.periods import year_before
from lantian.evaluation.register import register_of
from lantian.i18n import gettext as _
from lantian.reports import gather
from lantian.reports.data import MIXED, Dust, EditionView, ReportData
from lantian.standards import EDITIONS, METHODS, POLLUTANTS, Settings, edition_of
from lantian.standards import edition as _edition
from lantian.standards import method as _method


@dataclass(frozen=True)
class _Task:
    """What the parts of the work share."""

    span: ev.Span
    edition: str
    method: str
    zone: str
    settings: Settings

    def period(
        self, daily: pl.DataFrame, span: ev.Span, edition: str | None = None
    ) -> pl.DataFrame:
        return ev.period(
            daily,
            by=(span.start, span.end),
            edition=edition or self.edition,
            method=self.method,
            settings=self.settings,
        )


def collect(
    hourly: pl.DataFrame,
    register: pl.DataFrame,
    *,
    span: ev.Span,
    network: str,
    generated: datetime,
    edition: str = "auto",
    method: str = "sum_equal_2012",
    zone: str = "Asia/Shanghai",
    settings: Settings | None = None,
    calibre: str | None = None,
    dust: pl.DataFrame | None = None,
    simulated: bool = False,
    previous: bool = True,
) -> ReportData:
    """Judge a period and gather everything its report shows.

    Parameters
    ----------
    hourly
        Hourly table (:func:`lantian.evaluation.hourly`), time = END of the hour (UTC); ``ws`` and
        ``wd`` where measured. Rows outside the span are used for the year before and nothing else.
    register
        The station register; see :func:`lantian.evaluation.register.register_of`.
    span
        The period, local days, both included. One that still runs when the report is made is judged
        to its last whole day, and compared with the same days a year before.
    network
        Name of the network as the title shows it; the city of stations without one.
    generated
        When the report is made (with a zone).
    edition, method, settings
        As for :func:`lantian.evaluation.period`. The year before is judged under the edition of
        the period itself, so that the two compare; where that is two editions, days are not
        compared.
    calibre
        ``realtime``, ``audited`` or ``prefer-audited``: what kind of data this is; None if unknown.
    dust
        Sand-dust events to deduct (:func:`lantian.evaluation.deduct_dust`), or None.
    simulated
        True marks every page as simulated.
    previous
        Compare with the same period a year before where ``hourly`` has it.

    Raises
    ------
    DomainError
        ``report.no_data``: the period holds no value of the six pollutants;
        ``report.unknown_station``; ``report.bad_clock``: ``generated`` has no zone.
    """
    if edition != "auto":
        _edition(edition)
    _method(method)
    asked = span
    if generated.tzinfo is None:
        raise DomainError(
            "report.bad_clock", _("The time a report is made at must carry a time zone.")
        )
    settings = settings or Settings.default()
    span = ev.so_far(asked, generated, zone)
    hours, values = _hours_of(hourly, span, zone)
    stations = register_of(register, hours, network)
    judged = _judged(span, edition)
    task = _Task(span, edition if judged == MIXED else judged, method, zone, settings)
    days, dusted = _days(hours, task, dust)
    city_days = _city_days(days, stations, task)
    before = year_before(span) if previous else None
    old = _previous(hourly, stations, before, task, dust)
    table = _stations(task, days, stations, old)
    return ReportData(
        network=network, span=span, asked=asked, edition=edition, judged=judged,
        method=method, zone=zone, settings=settings, generated=generated, calibre=calibre,
        simulated=simulated,
        register=stations,
        days=days, city_days=city_days, stations=table,
        cities=_cities(task, city_days, old),
        previous=before, has_previous=old is not None,
        editions=tuple(_edition_view(e, days, city_days, task) for e in EDITIONS),
        methods=_methods(table, task),
        completeness=gather.completeness(
            hours, days, stations, table,
            span=span, zone=zone, generated=generated, settings=settings,
        ),
        winds=gather.winds(hours, edition_of(span.start) if judged == MIXED else judged),
        diurnal=gather.diurnal_of(hours, stations, span, zone, settings),
        dust=dusted, values=values,
    )  # fmt: skip


def _hours_of(hourly: pl.DataFrame, span: ev.Span, zone: str) -> tuple[pl.DataFrame, int]:
    hours = gather.within(hourly, span, zone)
    values = sum(hours[p].count() for p in POLLUTANTS if p in hours.columns)
    if values:
        return hours, values
    day = (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(zone).dt.date()
    reach: tuple[Any, Any] = hourly.select(day.min().alias("a"), day.max().alias("b")).row(0) \
        if hourly.height else (None, None)  # fmt: skip
    first, last = reach
    where = (
        _("The data given reach from {first} to {last}: choose a period within them.").format(
            first=first, last=last
        )
        if first is not None
        else _("There are no measurements at all: import some files first (lantian import).")
    )
    raise DomainError(
        "report.no_data",
        _("There is no value of the six pollutants from {start} to {end}. {where}").format(
            start=span.start, end=span.end, where=where
        ),
        {"start": str(span.start), "end": str(span.end)},
    )


def _judged(span: ev.Span, edition: str) -> str:
    """Return the one edition all days of the period fall under, or ``mixed``."""
    if edition != "auto":
        return edition
    first, last = edition_of(span.start), edition_of(span.end)
    return first if first == last else MIXED


def _days(
    hours: pl.DataFrame, task: _Task, dust: pl.DataFrame | None
) -> tuple[pl.DataFrame, Dust | None]:
    deducted = None
    if dust is not None:
        hours = ev.deduct_dust(hours, dust, zone=task.zone)
        hit = hours.filter(pl.col("dust_decision").is_not_null())
        decisions = hit["dust_decision"].unique().sort().to_list()
        deducted = Dust(hit.height, tuple(decisions))
    days = ev.daily(hours, edition=task.edition, zone=task.zone, settings=task.settings)
    return days, deducted


def _city_days(days: pl.DataFrame, stations: pl.DataFrame, task: _Task) -> pl.DataFrame:
    mean_of = stations.filter("assessed")
    table = days.filter(pl.col("station").is_in(mean_of["station"].implode()))
    return ev.city(table, mean_of, edition=task.edition, settings=task.settings)


@dataclass(frozen=True)
class _Year:
    """The year before: period tables of stations (ranked by group) and cities."""

    stations: pl.DataFrame
    cities: pl.DataFrame


def _previous(
    hourly: pl.DataFrame,
    stations: pl.DataFrame,
    before: ev.Span | None,
    task: _Task,
    dust: pl.DataFrame | None,
) -> _Year | None:
    if before is None:
        return None
    hours = gather.within(hourly, before, task.zone).filter(
        pl.col("station").is_in(stations["station"].implode())
    )
    if not any(hours[p].count() for p in POLLUTANTS if p in hours.columns):
        return None
    days, _dust = _days(hours, task, dust)
    ranked = _ranked(task.period(days, before), stations, task)
    return _Year(ranked, task.period(_city_days(days, stations, task), before))


def _ranked(table: pl.DataFrame, stations: pl.DataFrame, task: _Task) -> pl.DataFrame:
    """Rank the stations among those of their kind."""
    grouped = table.join(stations.select("station", group="kind"), on="station", how="left")
    parts = [
        ev.rank(part, settings=task.settings)
        for _kind, part in grouped.group_by("group", maintain_order=True)
    ]
    return pl.concat(parts) if parts else ev.rank(grouped, settings=task.settings)


def _stations(
    task: _Task, days: pl.DataFrame, stations: pl.DataFrame, old: _Year | None
) -> pl.DataFrame:
    table = _ranked(task.period(days, task.span), stations, task)
    table = ev.single_indices(table, method=task.method)
    if old is None:
        return table
    table = ev.year_on_year(table, old.stations.drop("group", "rank", "excluded", "reason"))
    return table.join(
        old.stations.select(
            "station",
            rank_previous="rank",
            reason_previous="reason",
            days_previous=pl.min_horizontal(f"{p}_days" for p in POLLUTANTS),
        ),
        on="station",
        how="left",
    )


def _cities(task: _Task, city_days: pl.DataFrame, old: _Year | None) -> pl.DataFrame:
    table = ev.rank(task.period(city_days, task.span), settings=task.settings)
    table = ev.single_indices(table, method=task.method)
    if old is None:
        return table
    compared = ["composite_index", *map(statistic_of, POLLUTANTS)]
    if task.edition != "auto":
        # counts of days compare only where one edition judges both years
        compared += ["good_days", "heavy_days"]
    table = ev.year_on_year(table, old.cities, columns=compared)
    return table.join(
        old.cities.select("station", aqi_days_previous="aqi_days"), on="station", how="left"
    )


def _edition_view(
    edition: str, days: pl.DataFrame, city_days: pl.DataFrame, task: _Task
) -> EditionView:
    judged = ev.judge(city_days, edition=edition, settings=task.settings)
    categories = (
        judged.drop_nulls("category")
        .group_by("station", "category")
        .agg(pl.len().cast(pl.Int64).alias("days"))
        .sort("station", "category")
    )
    return EditionView(
        edition,
        task.period(judged, task.span, edition),
        task.period(days, task.span, edition),
        categories,
    )


def _methods(table: pl.DataFrame, task: _Task) -> pl.DataFrame:
    """Rank the stations anew under every composite method."""
    parts = []
    for name, chosen in METHODS.items():
        frame = table.with_columns(composite_expr(chosen).alias("composite_index"))
        for _kind, part in frame.group_by("group", maintain_order=True):
            ranked = ev.rank(part, settings=task.settings).with_columns(
                pl.lit(name).alias("method")
            )
            parts.append(ranked.select("station", "group", "method", "composite_index", "rank"))
    return pl.concat(parts)
