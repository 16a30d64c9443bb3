"""How the six pollutants vary over the day, by season or month."""

from __future__ import annotations

import polars as pl

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.cycle import Cycle, diurnal_chart, line_key
from lantian.reports.data import ReportData
from lantian.reports.document import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Legend,
    Mark,
    Note,
    Row,
    Section,
    Table,
)
from lantian.standards import DIGITS, POLLUTANTS


def diurnal(data: ReportData) -> Section:
    """Return the mean of each hour of the day."""
    table = data.diurnal.table
    blocks: list[Block] = []
    names = [n for n in data.shown_cities if table.filter(pl.col("station") == n).height]
    groups = sorted(table["group"].unique().to_list())
    style = {g: (g if data.diurnal.cycle == "season" else k) for k, g in enumerate(groups)}
    for name in names:
        if len(names) > 1:
            blocks.append(Note(name))
        mine = table.filter(pl.col("station") == name)
        blocks.append(Figures(tuple(_tile(data, mine, p, style) for p in POLLUTANTS)))
    if data.diurnal.cycle != "whole":
        marks = tuple(Mark(line_key(style[g]), group_name(data, g)) for g in groups)
        blocks.append(Legend(marks))
    blocks += [_table(data, table.filter(pl.col("station") == name), name) for name in names]
    if not names:
        blocks.append(Note(_("No hour of the period has enough stations for a city mean.")))
    about = _("{period} · mean of the city's hourly values · µg/m³, CO mg/m³").format(
        period=words.span_name(data.span)
    )
    return Section(
        "diurnal", _("Hours of the day"), about, tuple(blocks),
        foot=_("An hour is labelled by its end: 06:00 is 05:00–06:00."),
    )  # fmt: skip


def group_name(data: ReportData, group: int) -> str:
    """Return a season or month in words."""
    if data.diurnal.cycle == "season":
        return words.season_name(group)
    if data.diurnal.cycle == "month":
        return words.month_short(group)
    return words.span_name(data.span)


def _values(table: pl.DataFrame, p: str, group: int) -> list[float | None]:
    mine = table.filter((pl.col("parameter") == p) & (pl.col("group") == group))
    found = dict(mine.select("hour", "mean").iter_rows())
    return [found.get(h) for h in range(24)]


def _tile(data: ReportData, table: pl.DataFrame, p: str, style: dict[int, int]) -> Figure:
    lines = [Cycle(style[g], _values(table, p, g)) for g in style]
    n = int(table.filter(pl.col("parameter") == p)["n"].sum())
    label = _("{pollutant} by hour of the day, {n} hours").format(pollutant=words.LABEL[p], n=n)
    value = _("n = {n} h").format(n=words.number(n))
    return Figure(diurnal_chart(lines, label), words.LABEL[p], words.unit(p), value)


def _table(data: ReportData, table: pl.DataFrame, name: str) -> Table:
    groups = sorted(table["group"].unique().to_list())
    columns = (
        Column(_("Hour")),
        *(
            Column(
                words.LABEL[p], numeric=True, unit=group_name(data, g) if len(groups) > 1 else ""
            )
            for p in POLLUTANTS
            for g in groups
        ),
    )
    series = [(p, _values(table, p, g)) for p in POLLUTANTS for g in groups]
    rows = [
        Row(
            (
                Cell(f"{hour + 1:02d}:00"),
                *(Cell(words.number(v[hour], DIGITS[p] + 1)) for p, v in series),
            )
        )
        for hour in range(24)
    ]
    folded = _("Table of hourly means of {city}").format(city=name)
    return Table(columns, tuple(rows), folded=folded, paper=False, dense=True)
