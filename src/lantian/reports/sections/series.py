"""Six pollutants day by day: the city with the range of its stations, then every station."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lantian.evaluation._columns import DAILY_VALUE
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts import palette
from lantian.reports.charts.axes import value_ticks
from lantian.reports.charts.series import Limit, series_chart, spark
from lantian.reports.charts.svg import drawing, element
from lantian.reports.data import MIXED, ReportData
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
from lantian.reports.sections.calendar import every_day
from lantian.reports.sections.headline import limits_of
from lantian.standards import POLLUTANTS

_STATIONS = 14


def series(data: ReportData) -> Section:
    """Return the daily series."""
    blocks: list[Block] = []
    names = data.shown_cities
    for name in names:
        if len(names) > 1:
            blocks.append(Note(name))
        blocks.append(Figures(tuple(_tile(data, name, p) for p in POLLUTANTS)))
    blocks.append(_legend(data))
    if data.register.height <= _STATIONS:
        blocks += [Note(_("Each station; one scale for all stations of a column")),
                   _sparks(data)]  # fmt: skip
    else:
        blocks.append(
            Note(
                _(
                    "{n} stations are too many to draw one by one; the exported tables hold the "
                    "days of each."
                ).format(n=data.register.height)
            )
        )
    return Section(
        "series",
        _("Daily values"),
        _(
            "{period} · daily means, O3: daily maximum 8 h mean · µg/m³, CO mg/m³ · {edition}"
        ).format(period=words.span_name(data.span), edition=words.edition_name(data.judged)),
        tuple(blocks),
        foot=_("A line stops where days have no valid value; they are marked under the axis."),
    )


def _column(data: ReportData, table: pl.DataFrame, name: str, p: str) -> list[float | None]:
    column = DAILY_VALUE[p]
    values = dict(table.filter(pl.col("station") == name).select("date", column).iter_rows())
    return [values.get(day) for day in every_day(data)]


def _deducted(data: ReportData, table: pl.DataFrame, name: str, p: str) -> list[bool]:
    """Return the days whose value sand-dust deduction took out; empty where nothing was."""
    column = DAILY_VALUE[p]
    if column + "_with_dust" not in table.columns:
        return []
    gone = pl.col(column).is_null() & pl.col(column + "_with_dust").is_not_null()
    days = set(table.filter((pl.col("station") == name) & gone)["date"].to_list())
    return [day in days for day in every_day(data)]


def _range(data: ReportData, city: str, p: str) -> tuple[list[float | None], list[float | None]]:
    members = data.members(city)["station"]
    column = pl.col(DAILY_VALUE[p])
    table = (
        data.days.filter(pl.col("station").is_in(members.implode()) & column.is_not_null())
        .group_by("date").agg(column.min().alias("low"), column.max().alias("high"))
    )  # fmt: skip
    found = {d: (a, b) for d, a, b in table.iter_rows()}
    days = every_day(data)
    return [found.get(d, (None, None))[0] for d in days], [
        found.get(d, (None, None))[1] for d in days
    ]


def _tile(data: ReportData, city: str, p: str) -> Figure:
    values = _column(data, data.city_days, city, p)
    low, high = _range(data, city, p)
    _mean, bound = limits_of(p, data.judged)
    limit = None
    if bound is not None:
        limit = Limit(bound, words.bound(bound))
    known = sum(v is not None for v in values)
    label = _("{city}, {pollutant}: {known} of {all} days").format(
        city=city, pollutant=words.LABEL[p], known=known, all=len(values)
    )
    chart = series_chart(
        data.span.start,
        values,
        label,
        low=low,
        high=high,
        limit=limit,
        deducted=_deducted(data, data.city_days, city, p),
    )
    return Figure(chart, words.LABEL[p], words.unit(p), _("n = {n}").format(n=known))


def _legend(data: ReportData) -> Legend:
    def key(*parts: str) -> str:
        return drawing(24, 12, parts, "", hidden=True)

    def line(colour: str, dash: str | None = None, width: float = 1.6) -> str:
        return element("line", x1=0, y1=6, x2=24, y2=6, stroke=colour, stroke_width=width,
                       stroke_dasharray=dash)  # fmt: skip

    n = data.members().height
    marks = [
        Mark(key(line(palette.ACCENT)), _("city mean")),
        Mark(key(element("rect", x=0, y=0, width=24, height=12, fill=palette.BAND)),
             _("lowest to highest of {n} stations").format(n=n)),
    ]  # fmt: skip
    if data.judged != MIXED:  # two editions: no one limit to draw
        marks.append(Mark(key(line(palette.INK_3, "3 3", 1.0)), _("grade II limit of a day")))
    gap = element("rect", x=0, y=4, width=24, height=5, fill=palette.MISSING)
    marks.append(Mark(key(gap), _("no valid value")))
    if data.dust is not None and data.dust.hours:
        taken = element("rect", x=0, y=4, width=24, height=5, fill=palette.DEDUCTED)
        marks.append(Mark(key(taken), _("sand-dust taken out")))
    return Legend(tuple(marks))


def _sparks(data: ReportData) -> Table:
    tops = {p: _top(data.days[DAILY_VALUE[p]]) for p in POLLUTANTS}
    columns = (
        Column(_("Station"), key=True),
        *(
            Column(words.LABEL[p], unit=f"0–{words.bound(tops[p])}" if tops[p] else words.NONE)
            for p in POLLUTANTS
        ),
    )
    rows = []
    for station in data.register["station"]:
        cells = []
        for p in POLLUTANTS:
            values = _column(data, data.days, station, p)
            about = _about(data, station, p, values)
            out = _deducted(data, data.days, station, p)
            cells.append(Cell(svg=spark(values, tops[p], about, deducted=out)))
        rows.append(Row((Cell(data.names[station]), *cells)))
    return Table(columns, tuple(rows))


def _about(data: ReportData, station: str, p: str, values: Sequence[float | None]) -> str:
    return _("{city}, {pollutant}: {known} of {all} days").format(
        city=data.names[station], pollutant=words.LABEL[p],
        known=sum(v is not None for v in values), all=len(values),
    )  # fmt: skip


def _top(values: pl.Series) -> float:
    highest = values.max()
    return value_ticks(highest)[-1] if isinstance(highest, float) else 0.0
