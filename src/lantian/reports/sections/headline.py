"""The figures a reader looks for first: six means against their limits, days, the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import statistic_of
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.reports import words
from lantian.reports.charts.bars import Bar, bar_chart, category_bar
from lantian.reports.charts.calendar import swatch
from lantian.reports.charts.palette import THIRD
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
    Stat,
    Stats,
    Table,
)
from lantian.reports.reasons import why
from lantian.standards import (
    CATEGORIES,
    DIGITS,
    MEAN_IS_ITEM,
    METHODS,
    POLLUTANTS,
    limit,
    round_half_even,
)


def headline(data: ReportData) -> list[Section]:
    """Return one section per city, at most four."""
    rows = {r["station"]: r for r in data.cities.iter_rows(named=True)}
    found = []
    for k, name in enumerate(data.shown_cities):
        found.append(_city(data, rows[name], first=k == 0))
    return found


def _city(data: ReportData, row: dict[str, Any], *, first: bool) -> Section:
    name = str(row["station"])
    members = data.members(name)
    title = _("{city}: the period in figures").format(city=name)
    about = ngettext("mean of {n} station", "mean of {n} stations", members.height).format(
        n=members.height
    )
    blocks: list[Block] = []
    weak = why(data, row, city=True)
    if weak:
        blocks.append(
            Note(
                _("Not enough valid data for all figures: {reason}.").format(reason=weak), warn=True
            )
        )
    blocks += [
        Stats((_index(data, row, weak), _good(data, row), _heavy(data, row))),
        Stats(tuple(pollutant_stat(data, row, p) for p in POLLUTANTS)),
        *_categories(data, name),
        _table(data, row),
    ]
    return Section(
        "figures" if first else f"figures-{data.city_names.index(name) + 1}",
        title,
        " · ".join(
            [words.span_name(data.span), words.edition_name(data.judged), about, *compared(data)]
        ),
        tuple(blocks),
        foot=_(
            "Means and percentiles over the valid days. CO: 95th percentile of the daily means; "
            "O3: 90th percentile of the daily maximum 8 h means. A pollutant attains when all its "
            "items are within the grade II limits; means are compared with the annual ones "
            "whatever the period. A day has primary pollutants when its AQI is above 50. Changes, "
            "indices and their sum are reckoned from unrounded values."
        ),
        plain=True,
    )


def compared(data: ReportData) -> list[str]:
    """Return which period "the year before" is; nothing where there is none."""
    if data.previous is None or not data.has_previous:
        return []
    return [_("year before: {period}").format(period=words.span_name(data.previous))]


def limits_of(p: str, edition: str) -> tuple[float | None, float | None]:
    """Return the grade II limits of the mean and of the percentile; None where there is none."""
    if edition == MIXED:
        return None, None
    mean = limit(p, averaging="year", grade=2, edition=edition) if MEAN_IS_ITEM[p] else None
    return mean, limit(p, averaging="8h" if p == "o3" else "24h", grade=2, edition=edition)


def verdict(row: dict[str, Any], p: str) -> str:
    """Return in words whether a pollutant attains; why not where it cannot be said."""
    if row.get(f"{p}_days") in (0, None):
        return _("no valid value")
    if not row[f"{p}_valid"]:
        return _("insufficient data")
    attains = row[f"{p}_attains"]
    if attains is None:
        return _("not judged")
    return _("attains") if attains else _("exceeds")


def pollutant_stat(data: ReportData, row: dict[str, Any], p: str) -> Stat:
    """Return the statistic of a pollutant with its limits, its days and the year before."""
    column = statistic_of(p)
    mean_limit, item_limit = limits_of(p, data.judged)
    value = words.concentration(p, row[column])
    days = int(row[f"{p}_days"] or 0)
    days_words = ngettext("{n} valid day", "{n} valid days", days).format(n=days)
    label = f"{words.LABEL[p]} {words.statistic_short(p) or _('mean')}"
    said = verdict(row, p)
    if not row[f"{p}_valid"]:
        notes = [days_words]
        if days:
            notes.append(
                _("{value} {unit} of these, not to be relied on").format(
                    value=value, unit=words.unit(p)
                )
            )
        return Stat(label, said, notes=tuple(notes), weak=True)
    notes = []
    main = mean_limit if MEAN_IS_ITEM[p] else item_limit
    if main is not None:
        notes.append(_limit_words(p, row[column], main))
    if MEAN_IS_ITEM[p]:
        percentile = ev.percentile_column(p)
        text = f"P{percentile[-2:]} {words.concentration(p, row[percentile])}"
        if item_limit is not None:
            text = _("{item}, limit {limit}").format(item=text, limit=words.bound(item_limit))
        notes.append(text)
    with_dust = row.get(f"{column}_with_dust")
    if with_dust is not None:
        notes.append(_("with sand-dust {value}").format(value=words.concentration(p, with_dust)))
    notes.append(days_words)
    if row.get(f"{column}_previous") is not None:
        notes.append(
            _("{change} on the year before ({before})").format(
                change=words.percent(row[f"{column}_change"], signed=True),
                before=words.concentration(p, row[f"{column}_previous"]),
            )
        )
    tone = "worse" if row[f"{p}_attains"] is False else ""
    return Stat(label, value, words.unit(p), tuple(notes), said, "worse" if tone else "")


def _limit_words(p: str, value: float, bound: float) -> str:
    shown = round_half_even(float(value), DIGITS[p])
    over = ev.exceedance_multiple(shown, bound)
    text = words.bound(bound)
    if over is None:
        return _("limit {limit}").format(limit=text)
    return _("limit {limit}, over by {times}×").format(
        limit=text, times=words.number(over, DIGITS["exceedance_multiple"])
    )


def _index(data: ReportData, row: dict[str, Any], weak: str) -> Stat:
    label = _("Composite index")
    digits = data.settings.rank_digits
    value = words.number(row["composite_index"], digits)
    parts = " + ".join(words.number(row[f"{p}_index"], digits) for p in POLLUTANTS)
    notes = [
        _("{parts} (PM2.5, PM10, SO2, NO2, CO, O3)").format(parts=parts),
        METHODS[data.method].title,
    ]
    if weak:
        if row["composite_index"] is not None:
            notes.insert(
                0, _("{value} of the days there are, not to be relied on").format(value=value)
            )
        else:
            notes = notes[1:]
        return Stat(label, _("insufficient data"), notes=tuple(notes), weak=True)
    if row.get("composite_index_previous") is not None:
        notes.insert(
            0,
            _("{change} on the year before ({before})").format(
                change=words.percent(row["composite_index_change"], signed=True),
                before=words.number(row["composite_index_previous"], digits),
            ),
        )
    return Stat(label, value, notes=tuple(notes))


def _incomplete(data: ReportData, city: str) -> list[str]:
    """Return how many good days lack a pollutant; HJ 633-2026 5.3.1 would not publish these."""
    mine = data.city_days.filter(
        (pl.col("station") == city) & (pl.col("aqi") <= CATEGORIES["good"].top)
    )
    n = mine.filter(pl.col("missing").list.len() > 0).height
    if n == 0:
        return []
    return [
        ngettext(
            "{n} of these lacks a pollutant; its AQI is that of the others",
            "{n} of these lack a pollutant; their AQI is that of the others",
            n,
        ).format(n=n)
    ]


def _days_stat(
    data: ReportData,
    row: dict[str, Any],
    column: str,
    label: str,
    what: str,
    *,
    more: Sequence[str] = (),
) -> Stat:
    days, of = int(row[column]), int(row["aqi_days"])
    least = ev.days_needed(data.span, data.settings)
    if of < least:
        notes = [
            ngettext("{n} day with an AQI", "{n} days with an AQI", of).format(n=of)
            + _(", {least} needed").format(least=least),
            _("{days} of these, not to be relied on").format(days=days),
        ]
        return Stat(label, _("insufficient data"), notes=tuple(notes), weak=True)
    notes = [
        what,
        _("{share} = {days} ÷ {of} days with an AQI").format(
            share=words.share(days, of), days=days, of=of
        ),
        *more,
    ]
    before = row.get(f"{column}_previous")
    if before is not None:
        difference = words.number(days - before, signed=True)
        of_before = int(row["aqi_days_previous"])
        notes.append(
            _("{change} days on the year before ({before} of {of})").format(
                change=difference, before=before, of=of_before
            )
        )
    return Stat(label, str(days), _("days"), tuple(notes))


def _good(data: ReportData, row: dict[str, Any]) -> Stat:
    more = _incomplete(data, row["station"])
    return _days_stat(data, row, "good_days", _("Good days"), _("AQI not above 100"), more=more)


def _heavy(data: ReportData, row: dict[str, Any]) -> Stat:
    return _days_stat(data, row, "heavy_days", _("Heavy pollution days"), _("AQI above 200"))


def category_counts(data: ReportData, name: str, categories: pl.DataFrame) -> tuple[list[int], int]:
    """Return the days of each category of a city and the days due without an AQI."""
    mine = categories.filter(categories["station"] == name)
    counted = dict(mine.select("category", "days").iter_rows())
    days = [int(counted.get(c, 0)) for c in CATEGORIES]
    return days, max(0, data.span.days - sum(days))


def category_legend(days: list[int] | None = None, missing: int | None = None) -> Legend:
    """Return the six categories in words, with their days where given."""
    marks = []
    for level, category in enumerate(CATEGORIES.values()):
        count = "" if days is None else f" {days[level]}"
        marks.append(Mark(swatch(level + 1), category.name + count))
    count = "" if missing is None else f" {missing}"
    marks.append(Mark(swatch(0), _("no valid AQI") + count))
    return Legend(tuple(marks))


def _categories(data: ReportData, name: str) -> list[Block]:
    judged = next((v for v in data.editions if v.edition == data.judged), None)
    if judged is None:
        counted = (
            data.city_days.drop_nulls("category")
            .group_by("station", "category").len("days").sort("station", "category")
        )  # fmt: skip
    else:
        counted = judged.categories
    days, missing = category_counts(data, name, counted)
    label = _("Days of each AQI category of {city}").format(city=name)
    category_days = Figure(
        category_bar(days, missing, label),
        _("Days of each category"),
        value=_("{n} days").format(n=sum(days) + missing),
        legend=category_legend(days, missing).marks,
        paper=category_bar(days, missing, label, width=THIRD),
    )
    return [Figures((category_days, _primary(data, name), _ratios(data, name)))]


def _primary(data: ReportData, name: str) -> Figure:
    """Return on how many days each pollutant was primary; a day may have several."""
    mine = data.city_days.filter(pl.col("station") == name)
    counted = dict(
        mine["primary"].explode(empty_as_null=False).drop_nulls().value_counts().iter_rows()
    )
    above = mine.filter(pl.col("primary").list.len() > 0).height
    bars = [
        Bar(words.LABEL[p], float(counted.get(p, 0)), str(counted.get(p, 0))) for p in POLLUTANTS
    ]
    label = _("Days on which each pollutant was primary in {city}").format(city=name)
    return Figure(
        bar_chart(bars, label),
        _("Primary pollutant, days"),
        value=_("n = {n}").format(n=above),
        paper=bar_chart(bars, label, width=THIRD),
    )


def _ratios(data: ReportData, name: str) -> Figure:
    """Return the statistic of each pollutant as a multiple of its limit."""
    row = data.cities.filter(pl.col("station") == name).row(0, named=True)
    bars = []
    for p in POLLUTANTS:
        value = row[f"{p}_index"]
        if value is None or not row[f"{p}_valid"]:
            bars.append(Bar(words.LABEL[p], None, _("insufficient data")))
        else:
            bars.append(Bar(words.LABEL[p], float(value), words.number(value, 2)))
    label = _("Single index of each pollutant in {city}").format(city=name)
    return Figure(
        bar_chart(bars, label, mark=1.0),
        _("Single index"),
        value=_("line at 1: the limit of the index method"),
        paper=bar_chart(bars, label, mark=1.0, width=THIRD),
    )


def _table(data: ReportData, row: dict[str, Any]) -> Table:
    columns = (
        Column(_("Pollutant")), Column(_("Item")), Column(_("Value"), numeric=True),
        Column(_("Limit"), numeric=True), Column(_("Valid days"), numeric=True),
        Column(_("Judgement")), Column(_("Year before"), numeric=True),
    )  # fmt: skip
    rows = []
    for p in POLLUTANTS:
        mean_limit, item_limit = limits_of(p, data.judged)
        percentile = ev.percentile_column(p)
        items = [
            (f"{p}_mean", _("mean"), mean_limit),
            (percentile, f"P{percentile[-2:]}", item_limit),
        ]
        for k, (column, name, bound) in enumerate(items):
            tone = "" if row[f"{p}_valid"] else "gap"
            rows.append(
                Row(
                    (
                        Cell(words.LABEL[p] if k == 0 else "", words.unit(p) if k == 0 else ""),
                        Cell(name),
                        Cell(words.concentration(p, row[column]), tone="gap" if tone else ""),
                        Cell(words.bound(bound)),
                        Cell(str(row[f"{p}_days"])),
                        Cell(verdict(row, p) if k == 0 else ""),
                        Cell(words.concentration(p, row.get(f"{column}_previous"))),
                    )
                )
            )
    return Table(columns, tuple(rows), folded=_("Table of all items"), paper=False)
