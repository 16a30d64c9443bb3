"""Every day of the city coloured by its AQI, with the number; the days of stations when few."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import polars as pl

from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.periods import months_of
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.calendar import Day, month_chart, weeks_of
from lantian.reports.charts.matrix import day_matrix
from lantian.reports.data import ReportData
from lantian.reports.document import (
    Badge,
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Note,
    Row,
    Section,
    Table,
)
from lantian.reports.sections.headline import category_legend
from lantian.standards import CATEGORIES, POLLUTANTS

_MONTHS = 24  # of a calendar; longer periods have the table
_MATRIX_DAYS, _MATRIX_STATIONS, _CHUNK = 31, 40, 16


def calendar(data: ReportData) -> Section:
    """Return the calendar of each city and, for a month or less, the days of every station."""
    blocks: list[Block] = []
    names = data.shown_cities
    if len(months_of(data.span)) > _MONTHS:
        blocks.append(Note(_("A calendar is drawn for periods up to 24 months.")))
    else:
        for name in names:
            blocks.append(Figures(tuple(_months(data, name, several=len(names) > 1)), "month"))
    blocks.append(category_legend())
    blocks += [_table(data, name) for name in names]
    blocks += _stations(data)
    judged = data.city_days.filter(pl.col("aqi").is_not_null()).height
    return Section(
        "calendar",
        _("Calendar"),
        _("daily AQI of the city · {edition} · n = {n} days").format(
            edition=words.edition_name(data.judged), n=judged
        ),
        tuple(blocks),
        foot=_(
            "The number in a day is its AQI; weeks run from Monday. A dashed day has no valid AQI."
        ),
    )


def day_of(row: dict[str, Any] | None, day: date) -> Day:
    """Return a day as the calendar draws it."""
    if row is None or row["aqi"] is None:
        return Day(0, words.NONE, f"{day}: {_('no valid AQI')}")
    category = CATEGORIES[row["category"]]
    about = f"{day}: AQI {row['aqi']} {category.name}"
    if row["primary"]:
        about += f", {words.names_of(row['primary'])}"
    return Day(category.level, str(row["aqi"]), about)


def _days(data: ReportData, table: pl.DataFrame, name: str) -> dict[date, Day]:
    rows = {r["date"]: r for r in table.filter(pl.col("station") == name).iter_rows(named=True)}
    return {day: day_of(rows.get(day), day) for day in every_day(data)}


def every_day(data: ReportData) -> list[date]:
    """Return the days of the period that have been."""
    return [data.span.start + timedelta(days=k) for k in range(data.span.days)]


def _months(data: ReportData, name: str, *, several: bool) -> Iterable[Figure]:
    days = _days(data, data.city_days, name)
    months = [m for m in months_of(data.span) if m <= data.span.end]
    rows = max(weeks_of(m) for m in months)
    for month in months:
        title = words.month_name(month)
        label = _("{city}, {month}: AQI of each day").format(city=name, month=title)
        known = sum(
            d.level > 0 for k, d in days.items() if (k.year, k.month) == (month.year, month.month)
        )
        yield Figure(
            month_chart(month, days, words.weekdays(), label, rows=rows),
            f"{name} {title}" if several else title,
            value=_("n = {n}").format(n=known),
        )


def _table(data: ReportData, name: str) -> Table:
    columns = (
        Column(_("Date"), key=True), Column(_("AQI and category")), Column(_("Primary pollutant")),
        *(Column(words.LABEL[p], numeric=True) for p in POLLUTANTS),
        Column(_("Without index")),
    )  # fmt: skip
    table = data.city_days.filter(pl.col("station") == name)
    found = {r["date"]: r for r in table.iter_rows(named=True)}
    rows = []
    for day in every_day(data):
        row = found.get(day)
        if row is None:
            none = tuple(Cell(words.NONE, tone="gap") for _p in POLLUTANTS)
            badge = Badge(0, words.NONE, _("no data"))
            rows.append(Row((Cell(str(day)), Cell(badge=badge), Cell(), *none, Cell())))
            continue
        drawn = day_of(row, day)
        word = CATEGORIES[row["category"]].name if drawn.level else _("no valid AQI")
        rows.append(
            Row(
                (
                    Cell(str(day)),
                    Cell(badge=Badge(drawn.level, drawn.aqi, word)),
                    Cell(words.names_of(row["primary"])),
                    *(Cell(words.concentration(p, row[DAILY_VALUE[p]])) for p in POLLUTANTS),
                    Cell(words.names_of(row["missing"]), tone="muted"),
                )
            )
        )
    summary = _("Table of the days of {city}: {n} rows").format(city=name, n=len(rows))
    return Table(columns, tuple(rows), folded=summary, paper=False, dense=True)


def _stations(data: ReportData) -> list[Block]:
    days = every_day(data)
    if len(days) > _MATRIX_DAYS or data.register.height > _MATRIX_STATIONS:
        return []
    rows = {(r["station"], r["date"]): r for r in data.days.iter_rows(named=True)}
    figures = []
    for k in range(0, len(days), _CHUNK):
        part = days[k : k + _CHUNK]
        cells = [
            (data.names[s], [day_of(rows.get((s, d)), d) for d in part])
            for s in data.register["station"]
        ]
        title = _("Stations, {start} to {end}").format(
            start=f"{part[0]:%m-%d}", end=f"{part[-1]:%m-%d}"
        )
        figures.append(Figure(day_matrix(part, cells, title), title))
    return [Figures(tuple(figures), "wide")]
