"""The same days under every edition, and the same statistics under every composite method."""

from __future__ import annotations

from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import statistic_of
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.bars import category_bar
from lantian.reports.charts.palette import THIRD
from lantian.reports.data import EditionView, ReportData
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
from lantian.reports.sections.headline import (
    category_counts,
    category_legend,
    limits_of,
    verdict,
)
from lantian.standards import CATEGORIES, EDITIONS, MEAN_IS_ITEM, METHODS, POLLUTANTS


def editions(data: ReportData) -> Section:
    """Return days, attainment and ranks under each edition and method."""
    blocks: list[Block] = []
    names = data.shown_cities
    for name in names:
        if len(names) > 1:
            blocks.append(Note(name))
        blocks.append(Figures(tuple(_bar(data, v, name) for v in data.editions)))
        blocks.append(_cities(data, name))
    blocks.insert(1 + (len(names) > 1), category_legend())
    blocks += [*(_categories(data, n) for n in names), _stations(data), *_ranks(data)]
    return Section(
        "editions",
        _("Editions compared"),
        _("{period} · the same values judged under each edition").format(
            period=words.span_name(data.span)
        ),
        tuple(blocks),
        foot=_(
            "value / limit, grade II; the second pair is the percentile of the days. The rank "
            "depends on the method of the composite index, not on the edition."
        ),
    )


def _bar(data: ReportData, view: EditionView, city: str) -> Figure:
    days, missing = category_counts(data, city, view.categories)
    label = _("{city} under {edition}: days of each category").format(
        city=city, edition=words.edition_name(view.edition)
    )
    used = words.edition_short(view.edition)
    if view.edition == data.judged:
        used = _("{edition} (this report)").format(edition=used)
    value = _("good {good}, heavy {heavy}").format(good=sum(days[:2]), heavy=sum(days[4:]))
    paper = category_bar(days, missing, label, width=THIRD)
    return Figure(category_bar(days, missing, label), used, value=value, paper=paper)


def _cities(data: ReportData, city: str) -> Table:
    rows = []
    views = [(v, _row(v.cities, city)) for v in data.editions]
    least = ev.days_needed(data.span, data.settings)

    def days(column: str) -> tuple[Cell, ...]:
        cells = []
        for _view, row in views:
            if row["aqi_days"] < least:
                cells.append(_insufficient(row["aqi_days"], least))
                continue
            note = words.share(row[column], row["aqi_days"]) if column == "good_days" else ""
            cells.append(Cell(str(row[column]), note=note, strong=True))
        return tuple(cells)

    rows.append(Row((Cell(_("Good days")), *days("good_days"))))
    rows.append(Row((Cell(_("Heavy pollution days")), *days("heavy_days"))))
    for p in POLLUTANTS:
        label = f"{words.LABEL[p]} {words.statistic_short(p) or _('mean')}"
        rows.append(Row((Cell(label), *(_judgement(v.edition, r, p, least) for v, r in views))))
    columns = (Column(words.edition_short(v.edition)) for v in data.editions)
    heads = (Column(_("Item"), key=True), *columns)
    return Table(heads, tuple(rows))


def _categories(data: ReportData, city: str) -> Table:
    counts = [category_counts(data, city, v.categories) for v in data.editions]
    rows = []
    for k, category in enumerate(CATEGORIES.values()):
        badge = Badge(k + 1, "", category.name)
        rows.append(Row((Cell(badge=badge), *(Cell(str(days[k])) for days, _none in counts))))
    none = Cell(badge=Badge(0, "", _("no valid AQI")))
    rows.append(Row((none, *(Cell(str(missing)) for _days, missing in counts))))
    heads = (
        Column(_("Category")),
        *(Column(words.edition_short(v.edition), numeric=True) for v in data.editions),
    )
    folded = _("Days of each category of {city} under each edition").format(city=city)
    return Table(heads, tuple(rows), folded=folded)


def _row(frame: pl.DataFrame, station: str) -> dict[str, Any]:
    return frame.filter(pl.col("station") == station).row(0, named=True)


def _insufficient(days: int, least: int) -> Cell:
    """Return how many days there are; of how many, where it is the whole period that lacks some."""
    note = f"{days}/{least}" if days < least else _("{n} valid days").format(n=days)
    return Cell(_("insufficient data"), note=note, tone="gap")


def _judgement(edition: str, row: dict[str, Any], p: str, least: int) -> Cell:
    if not row[f"{p}_valid"]:
        return _insufficient(row[f"{p}_days"], least)
    mean_limit, item_limit = limits_of(p, edition)
    bound = mean_limit if MEAN_IS_ITEM[p] else item_limit
    note = f"{words.concentration(p, row[statistic_of(p)])} / {words.bound(bound)}"
    if MEAN_IS_ITEM[p]:
        column = ev.percentile_column(p)
        value = words.concentration(p, row[column])
        note += f" · P{column[-2:]} {value} / {words.bound(item_limit)}"
    exceeds = row[f"{p}_attains"] is False
    return Cell(verdict(row, p), note=note, strong=exceeds, tone="worse" if exceeds else "")


def _stations(data: ReportData) -> Table:
    columns = [Column(_("Station"), key=True)]
    for what in (_("Good days"), _("Heavy days")):
        columns += [Column(what, numeric=True, unit=words.edition_short(e)) for e in EDITIONS]
    columns.append(Column(_("Days with AQI"), numeric=True))
    by_edition = [
        {r["station"]: r for r in v.stations.iter_rows(named=True)} for v in data.editions
    ]
    rows = []
    for station in data.register["station"]:
        found = [e.get(station) for e in by_edition]
        if found[0] is None:
            continue
        cells = [Cell(data.names[station])]
        for column in ("good_days", "heavy_days"):
            cells += [Cell(str(r[column])) if r else Cell(words.NONE) for r in found]
        cells.append(Cell(str(found[0]["aqi_days"])))
        rows.append(Row(tuple(cells)))
    folded = _("Good and heavy days of each station under each edition")
    return Table(tuple(columns), tuple(rows), folded=folded)


def _ranks(data: ReportData) -> list[Block]:
    """Show the stations whose rank depends on the method of the composite index."""
    ranked = data.methods.filter(pl.col("rank").is_not_null())
    moved = (
        ranked.group_by("station", maintain_order=True)
        .agg(pl.col("rank").n_unique().alias("ranks"))
        .filter(pl.col("ranks") > 1)["station"]
    )
    listed = _("Composite methods: {methods}").format(
        methods=_("; ").join(
            _("{title}: {text}").format(title=m.id, text=m.title) for m in METHODS.values()
        )
    )
    if not moved.len():
        return [Note(_("No rank depends on the method of the composite index.")), Note(listed)]
    columns = (
        Column(_("Station"), key=True),
        *(
            Column(m, numeric=True, unit="" if c.status == "confirmed" else _("not verified"))
            for m, c in METHODS.items()
        ),
    )
    rows = []
    for station in moved:
        cells = [Cell(data.names[station])]
        for m in METHODS:
            row = ranked.filter((pl.col("station") == station) & (pl.col("method") == m))
            index = words.number(row["composite_index"].item(), data.settings.rank_digits)
            cells.append(Cell(str(row["rank"].item()), note=index, strong=True))
        rows.append(Row(tuple(cells)))
    return [
        Note(_("Stations whose rank depends on the method of the composite index: rank, index")),
        Table(columns, tuple(rows)),
        Note(listed),
    ]
