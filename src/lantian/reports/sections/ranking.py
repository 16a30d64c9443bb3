"""The ranking: who is where, what it consists of, who cannot be ranked and why."""

from __future__ import annotations

from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import statistic_of
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.bars import series_key, stacked_bar
from lantian.reports.data import ReportData
from lantian.reports.document import (
    Block,
    Cell,
    Column,
    Legend,
    Mark,
    Note,
    Row,
    Section,
    Table,
    Tone,
)
from lantian.reports.reasons import why
from lantian.reports.sections.headline import compared
from lantian.standards import DIGITS, METHODS, POLLUTANTS


def ranking(data: ReportData) -> Section:
    """Return one table per kind of station, and one of the cities where there are several."""
    blocks: list[Block] = []
    tables = [
        (words.kind_name(kind), data.stations.filter(pl.col("group") == kind), False)
        for kind in data.stations["group"].unique(maintain_order=True)
    ]
    if data.cities.height > 1:
        tables.insert(0, (_("Cities"), data.cities, True))
    for title, table, city in tables:
        if len(tables) > 1:
            blocks.append(Note(_("{title}: {text}").format(title=title, text=_standing(table))))
        blocks.append(_table(data, table, city=city))
    if data.completeness.silent:
        names = words.joined(data.names[s] for s in data.completeness.silent)
        blocks.append(Note(_("Without a single value, so not listed: {names}").format(names=names)))
    marks = tuple(Mark(series_key(k), words.LABEL[p]) for k, p in enumerate(POLLUTANTS))
    blocks.append(Legend(marks, lead=_("Parts of the index:")))
    about = [
        words.span_name(data.span), words.edition_name(data.judged), METHODS[data.method].title,
        *compared(data),
        *([_standing(tables[0][1])] if len(tables) == 1 else []),
    ]  # fmt: skip
    return Section(
        "ranking", _("Ranking"), " · ".join(about), tuple(blocks),
        foot=_(
            "Smaller is better. Equal after rounding is a tie, the ranks after it are skipped. "
            "µg/m³, CO mg/m³; means of PM, SO2 and NO2, P95 of CO, P90 of O3. Valid days: those of "
            "the pollutant that has the fewest."
        ),
    )  # fmt: skip


def _standing(table: pl.DataFrame) -> str:
    ranked = table.filter(~pl.col("excluded")).height
    return _("{all} assessed, {ranked} ranked, {rest} not ranked").format(
        all=table.height, ranked=ranked, rest=table.height - ranked
    )


def _columns(data: ReportData, *, city: bool) -> tuple[Column, ...]:
    before = (Column(_("vs year before"), numeric=True, paper=False),) \
        if data.has_previous and not city else ()  # fmt: skip
    change = (
        Column(_("Year before"), numeric=True),
        Column(_("Change %"), numeric=True),
    ) if data.has_previous else ()  # fmt: skip
    return (
        Column(_("Rank"), numeric=True), *before,
        Column(_("City") if city else _("Station"), key=True),
        Column(_("Index"), numeric=True), *change, Column(_("Parts")),
        *(Column(words.LABEL[p], numeric=True, unit=words.statistic_short(p)) for p in POLLUTANTS),
        Column(_("Good days"), numeric=True), Column(_("Valid days"), numeric=True),
    )  # fmt: skip


def _table(data: ReportData, table: pl.DataFrame, *, city: bool) -> Table:
    top = table.filter(~pl.col("excluded"))["composite_index"].max()
    top = float(top) if isinstance(top, float) else 1.0
    ranked = table.filter(~pl.col("excluded"))
    tied = set(ranked.filter(pl.col("rank").is_duplicated())["station"].to_list())
    rows = []
    for row in table.iter_rows(named=True):
        name = str(row["station"])
        shown = Cell(
            name if city else data.names[name],
            note=_("control") if not city and _is_control(data, name) else "",
        )
        if row["excluded"]:
            rows.append(_unranked(data, row, shown, city=city))
        else:
            rows.append(_ranked(data, row, shown, top, tied=name in tied, city=city))
    return Table(_columns(data, city=city), tuple(rows))


def _is_control(data: ReportData, station: str) -> bool:
    return bool(data.register.filter(pl.col("station") == station)["control"].item())


def _ranked(
    data: ReportData, row: dict[str, Any], name: Cell, top: float, *, tied: bool, city: bool
) -> Row:
    digits = data.settings.rank_digits
    parts = [float(row[f"{p}_index"]) for p in POLLUTANTS]
    listed = ", ".join(
        f"{words.LABEL[p]} {words.number(v, 2)}" for p, v in zip(POLLUTANTS, parts, strict=True)
    )
    change: tuple[Cell, ...] = ()
    before: tuple[Cell, ...] = ()
    if data.has_previous:
        value = words.number(row["composite_index_change"], DIGITS["ratio_percent"], signed=True)
        tone: Tone = "better" if value[0] == "−" else "worse" if value[0] == "+" else ""
        old = row["composite_index_previous"]
        change = (
            Cell(words.number(old, digits)) if old is not None else Cell(note=_old_note(row)),
            Cell(value, tone=tone),
        )
        before = () if city else (_rank_change(row),)
    return Row(
        (
            Cell(str(row["rank"]), before=_("tied") if tied else "", strong=True),
            *before,
            name,
            Cell(words.number(row["composite_index"], digits), strong=True),
            *change,
            Cell(svg=stacked_bar(parts, top, listed)),
            *(Cell(words.concentration(p, row[statistic_of(p)])) for p in POLLUTANTS),
            *_days(row, ev.days_needed(data.span, data.settings)),
        )
    )


def _old_note(row: dict[str, Any]) -> str:
    days = row.get("days_previous")
    return words.NONE if days is None else _("{n} valid days").format(n=days)


def _rank_change(row: dict[str, Any]) -> Cell:
    old = row.get("rank_previous")
    if old is None:
        return Cell(words.NONE, tone="muted")
    moved = int(old) - int(row["rank"])
    if moved == 0:
        return Cell(note=_("same"))
    words_ = _("up {n}") if moved > 0 else _("down {n}")
    return Cell(words_.format(n=abs(moved)))


def _days(row: dict[str, Any], least: int, tone: Tone = "") -> tuple[Cell, Cell]:
    good = Cell(
        str(row["good_days"]), note=words.share(row["good_days"], row["aqi_days"]), tone=tone
    )
    fewest = min(int(row[f"{p}_days"] or 0) for p in POLLUTANTS)
    return good, Cell(str(fewest), tone="warn" if tone and fewest < least else tone)


def _unranked(data: ReportData, row: dict[str, Any], name: Cell, *, city: bool) -> Row:
    reason = _("Not ranked: {reason}").format(reason=why(data, row, city=city))
    span = 2 + (2 if data.has_previous else 0)
    none = (Cell(words.NONE, tone="muted"),) if data.has_previous and not city else ()
    return Row(
        (
            Cell(words.NONE),
            *none,
            name,
            Cell(reason, columns=span),
            *(Cell(words.concentration(p, row[statistic_of(p)]), tone="gap") for p in POLLUTANTS),
            *_days(row, ev.days_needed(data.span, data.settings), "gap"),
        ),
        unranked=True,
    )
