"""Wind and pollution roses, or why there are none."""

from __future__ import annotations

import polars as pl

from lantian.evaluation.roses import Rose
from lantian.evaluation.wind import SECTORS_EN, SECTORS_ZH
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.palette import THIRD
from lantian.reports.charts.rose import class_key, rose_chart
from lantian.reports.data import ReportData
from lantian.reports.document import (
    Block,
    Cell,
    Column,
    Figure,
    Figures,
    Mark,
    Note,
    Row,
    Section,
    Table,
)


def wind(data: ReportData) -> Section:
    """Return the wind rose and the roses of PM2.5 and PM10."""
    title = _("Wind and pollution roses")
    about = words.span_name(data.span)
    rose = data.winds.wind
    if rose is None:
        return Section("wind", title, about, (Note(_why_not(data)),))
    figures = [_figure(rose, _("Wind"), "m/s")]
    figures += [_figure(r, words.LABEL[p], words.unit(p)) for p, r in data.winds.pollution.items()]
    tables: list[Block] = [_table(rose, _("Wind"), "m/s")]
    tables += [_table(r, words.LABEL[p], words.unit(p)) for p, r in data.winds.pollution.items()]
    summary = rose.summary.row(0, named=True)
    about = _(
        "{period} · {stations} stations together · n = {hours} station-hours with wind"
    ).format(period=about, stations=data.winds.stations, hours=words.number(data.winds.hours))
    return Section(
        "wind", title, about, (Figures(tuple(figures)), *tables), foot=_foot(data, summary)
    )


def _why_not(data: ReportData) -> str:
    if data.winds.why_not == "no_columns":
        return _(
            "No roses: the measurements hold no wind. Import wind speed (ws, m/s) and direction "
            "(wd, degrees) to see where the pollution comes from."
        )
    return _(
        "No roses: no hour of the period has both wind speed and direction. Import those of the "
        "period, or choose another."
    )


def _foot(data: ReportData, summary: dict[str, object]) -> str:
    parts = [
        _(
            "A sector is where the wind comes from; its length is the share of the hours that are "
            "calm or have a direction. Calm (0 m/s) hours are in no sector."
        )
    ]
    undirected = summary["undirected"]
    if isinstance(undirected, int) and undirected:
        parts.append(
            _("{n} hours with a speed but no direction are left out.").format(
                n=words.number(undirected)
            )
        )
    if summary["corrected"]:
        parts.append(_("Sectors are weighed because directions are written in tens of degrees."))
    if data.winds.pollution:
        text = _(
            "PM has no 1 h limit: its classes are the 24 h concentrations at which the category "
            "changes under {edition}."
        )
        parts.append(text.format(edition=words.edition_name(data.winds.edition)))
    return words.sentences(*parts)


def classes(rose: Rose) -> list[tuple[int, str]]:
    """Return the classes that occur, with their limits in words."""
    table = rose.table.group_by("class", "lower", "upper").agg(pl.col("n").sum()).sort("class")
    last = table.filter(pl.col("n") > 0)["class"].max()
    found = []
    for k, lower, upper, _n in table.iter_rows():
        if isinstance(last, int) and k > last:
            break
        final = k == table.height - 1
        low, high = words.number(lower, _digits(lower)), words.number(upper, _digits(upper))
        found.append((k, _("over {low}").format(low=low) if final else f"{low}–{high}"))
    return found


def _digits(value: float) -> int:
    return 0 if value == int(value) else 1


def _compass() -> tuple[str, ...]:
    return (_("N"), _("E"), _("S"), _("W"))


def _figure(rose: Rose, name: str, unit: str) -> Figure:
    kept = classes(rose)
    table = rose.table.filter(pl.col("class") <= (kept[-1][0] if kept else 0))
    shares = [
        group["share"].fill_null(0.0).to_list()
        for _key, group in table.sort("sector", "class").group_by("sector", maintain_order=True)
    ]
    summary = rose.summary.row(0, named=True)
    calm = _("calm {share}, n = {hours}").format(
        share=words.percent(summary["calm_share"]), hours=words.number(summary["hours"])
    )
    label = _("{name} rose, {hours} hours").format(name=name, hours=summary["hours"])
    marks = tuple(Mark(class_key(k), text) for k, text in kept)
    chart = rose_chart(shares, _compass(), calm, label)
    paper = rose_chart(shares, _compass(), calm, label, width=THIRD)
    return Figure(chart, name, unit, legend=marks, paper=paper)


def _table(rose: Rose, name: str, unit: str) -> Table:
    kept = classes(rose)
    columns = (
        Column(_("Wind from")),
        *(Column(text, numeric=True, unit="%") for _k, text in kept),
        Column(_("Sum"), numeric=True, unit="%"),
        Column(_("Number of hours"), numeric=True),
    )
    names = SECTORS_ZH if active() == "zh" else SECTORS_EN
    rows = []
    for key, group in rose.table.sort("sector", "class").group_by("sector", maintain_order=True):
        shares = group["share"].fill_null(0.0).to_list()
        rows.append(
            Row(
                (
                    Cell(names[int(str(key[0]))]),
                    *(Cell(words.number(shares[k], 1)) for k, _text in kept),
                    Cell(words.number(sum(shares), 1), strong=True),
                    Cell(words.number(int(group["n"].sum()))),
                )
            )
        )
    folded = _("Table: {name}, {unit}, share of hours by direction").format(name=name, unit=unit)
    return Table(columns, tuple(rows), folded=folded, paper=False, dense=True)
