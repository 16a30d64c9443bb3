"""How much of the data is there: by station, pollutant, month and day."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from lantian.evaluation.periods import month_days_needed, months_of
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.strip import State, day_strip, state_key
from lantian.reports.data import ReportData
from lantian.reports.document import Block, Cell, Column, Legend, Mark, Note, Row, Section, Table
from lantian.reports.sections.calendar import every_day
from lantian.standards import POLLUTANTS, VALIDITY

_STRIPS = 60  # stations; more are in the tables
_MONTHS = 12


def completeness(data: ReportData) -> Section:
    """Return the valid days of each station and pollutant, day strips and months."""
    blocks: list[Block] = []
    silent = data.completeness.silent
    if silent:
        blocks.append(
            Note(
                _("Registered and in operation, but without a single value: {names}.").format(
                    names=words.joined(data.names[s] for s in silent)
                ),
                warn=True,
            )
        )
    blocks.append(_table(data))
    marks = (
        Mark(state_key("ok"), _("all six valid")),
        Mark(state_key("partly"), _("some of six valid")),
        Mark(state_key("missing"), _("none valid")),
    )
    blocks.append(Legend(marks, lead=_("Each day; blank: not in operation:")))
    blocks += _months(data)
    return Section(
        "completeness",
        _("Completeness"),
        _("{period} · valid days, hours as a share of those due · n = {n} hourly values").format(
            period=words.span_name(data.span), n=words.number(data.values)
        ),
        tuple(blocks),
        foot=_(
            "A day is valid with {hours} of 24 hours; for O3 with {windows} of 17 eight-hour "
            "windows. Days in brown are too few for the period ({least} needed)."
        ).format(
            hours=VALIDITY.day_hours,
            windows=VALIDITY.day_windows,
            least=data.completeness.table["days_needed"].max(),
        ),
    )


def _states(data: ReportData, station: str) -> list[State]:
    mine = data.days.filter(pl.col("station") == station)
    valid = pl.sum_horizontal(pl.col(f"valid_{p}").cast(pl.Int64) for p in POLLUTANTS)
    count = dict(mine.select("date", valid.alias("n")).iter_rows())
    start, end = data.register.filter(pl.col("station") == station).select("start", "end").row(0)

    def state(day: date) -> State:
        n = count.get(day, 0)
        if not n and ((start and day < start) or (end and day > end)):
            return "none"
        return "ok" if n == len(POLLUTANTS) else "partly" if n else "missing"

    return [state(d) for d in every_day(data)]


def _table(data: ReportData) -> Table:
    columns = (
        Column(_("Station"), key=True),
        *(Column(words.LABEL[p], numeric=True, unit=_("days")) for p in POLLUTANTS),
        Column(_("Every day"), unit=_("{start} to {end}").format(
            start=f"{data.span.start:%m-%d}", end=f"{data.span.end:%m-%d}")),
    )  # fmt: skip
    rows = []
    for key, part in data.completeness.table.group_by("station", maintain_order=True):
        station = str(key[0])
        cells = [Cell(data.names[station])]
        for row in part.iter_rows(named=True):
            cells.append(
                Cell(
                    str(row["days"]),
                    note=words.share(row["hours"], row["hours_due"]),
                    tone="" if row["valid"] else "warn",
                )
            )
        strip = ""
        if data.register.height <= _STRIPS:
            states = _states(data, station)
            label = _("{station}: {n} of {all} days with all six").format(
                station=data.names[station],
                n=states.count("ok"),
                all=len(states) - states.count("none"),
            )
            strip = day_strip(states, label)
        rows.append(Row((*cells, Cell(svg=strip))))
    return Table(columns, tuple(rows))


def _months(data: ReportData) -> list[Block]:
    months = [m for m in months_of(data.span) if m <= data.span.end]
    if len(months) < 2:
        return []
    fewest = data.completeness.months.group_by("station", "month").agg(
        pl.col("days").min(), pl.col("days_due").min()
    )
    found: dict[tuple[str, Any], tuple[int, int]] = {
        (s, m): (d, due) for s, m, d, due in fewest.iter_rows()
    }
    columns = (
        Column(_("Station"), key=True),
        *(
            Column(
                f"{m:%Y-%m}" if len(months) > _MONTHS else words.month_short(m.month), numeric=True
            )
            for m in months
        ),
    )
    rows = []
    for station in data.register["station"]:
        cells = [Cell(data.names[station])]
        for month in months:
            days, due = found.get((station, month), (0, 0))
            if not due:
                cells.append(Cell(words.NONE, tone="gap"))
                continue
            few = days < min(month_days_needed(month), due)
            cells.append(Cell(str(days), tone="warn" if few else "", strong=few))
        rows.append(Row(tuple(cells)))
    text = _(
        "Valid days of each month, of the pollutant that has the fewest; brown and bold: fewer "
        "than a month needs ({month}, February {february})"
    ).format(month=VALIDITY.month_days, february=VALIDITY.february_days)
    return [Note(text), Table(columns, tuple(rows), paper=len(months) <= _MONTHS, dense=True)]
