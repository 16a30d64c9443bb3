"""How everything was computed, and what of it is in doubt."""

from __future__ import annotations

import polars as pl

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.data import MIXED, ReportData
from lantian.reports.document import Block, Cell, Column, Note, Pairs, Row, Section, Table
from lantian.reports.sections.headline import limits_of
from lantian.standards import CHOICES, EDITIONS, METHODS, POLLUTANTS, VALIDITY, Choice


def method(data: ReportData) -> Section:
    """Return editions, limits, rounding, ties, validity, and the settings in doubt or changed."""
    blocks: list[Block] = [Pairs(tuple(_pairs(data)))]
    changed = data.settings.changed()
    doubtful = [c for c in data.settings.in_doubt() if c.name not in changed]
    if changed:
        blocks.append(Note(_("Settings that differ from their defaults"), warn=True))
        blocks.append(_settings(data, [CHOICES[n] for n in changed]))
    if doubtful:
        blocks.append(Note(_("Rules no confirmed source backs; the results rest on these choices")))
        blocks.append(_settings(data, doubtful))
    return Section("method", _("How it was computed"), "", tuple(blocks))


def _pairs(data: ReportData) -> list[tuple[str, str]]:
    chosen = METHODS[data.method]
    note = f" · {chosen.note}" if chosen.note else ""
    sure = words.status_name(chosen.status)
    pairs = [
        (_("Edition"), _edition_words(data)),
        (_("Limits"), _limits(data)),
        (_("Composite index"), f"{chosen.title} · {chosen.id} · {sure}{note}"),
        (_("Rounding"), _("GB/T 8170, half to even, once, at the digits shown")),
        (_("Ranks and ties"), _(
            "by the index rounded to {digits} decimals; equal is tied, the next rank is skipped"
        ).format(digits=data.settings.rank_digits)),
        (_("Validity"), _(
            "day: {hours} of 24 hours; O3: {windows} of 17 windows, each {window} of 8 hours, or a "
            "maximum above the limit; month: {month} days, February {february}; year: {year}"
        ).format(
            hours=VALIDITY.day_hours, windows=VALIDITY.day_windows, window=VALIDITY.window_hours,
            month=VALIDITY.month_days, february=VALIDITY.february_days, year=VALIDITY.year_days,
        )),
        (_("City mean"), _city_words(data)),
        (_("Time"), _(
            "an hourly value is labelled by the end of its hour; a day is 01:00 to 24:00, {zone}"
        ).format(zone=data.zone)),
        (_("Data"), words.calibre_name(data.calibre)),
        (_("Sand-dust"), _dust_words(data)),
        (_("Year before"), _before_words(data)),
    ]  # fmt: skip
    return pairs


def _edition_words(data: ReportData) -> str:
    if data.judged == MIXED:
        return _(
            "The period falls under two editions; each day is judged by its own, the period as a "
            "whole is not. Ask for one edition to judge it."
        )
    known = EDITIONS[data.judged]
    return f"{words.edition_name(data.judged)} · {known.aqi_standard} · {known.statistics_standard}"


def _limits(data: ReportData) -> str:
    if data.judged == MIXED:
        return words.NONE
    parts = []
    for p in POLLUTANTS:
        mean, item = limits_of(p, data.judged)
        text = words.bound(item)
        if mean is not None:
            text = f"{words.bound(mean)} / {text}"
        parts.append(f"{words.LABEL[p]} {text}")
    return _("{limits} (grade II: mean / percentile of the days; µg/m³, CO mg/m³)").format(
        limits=words.joined(parts)
    )


def _city_words(data: ReportData) -> str:
    parts = []
    for city in data.city_names:
        members = data.members(city)["name"]
        parts.append(f"{city} ({members.len()}): {_(', ').join(members)}")
    left = data.register.filter(~pl.col("assessed"))["name"]
    if left.len():
        parts.append(_("not in the mean: {names}").format(names=words.joined(left)))
    return _("; ").join(parts)


def _dust_words(data: ReportData) -> str:
    if data.dust is None:
        return _("not deducted")
    if not data.dust.hours:
        return _("events given, but none of them touches the period")
    text = _("{hours} station-hours of PM2.5 and PM10 taken out, by {decisions}").format(
        hours=words.number(data.dust.hours), decisions=words.joined(data.dust.decisions)
    )
    kept = []
    for row in data.cities.iter_rows(named=True):
        for p in ("pm25", "pm10"):
            value = row.get(f"{p}_mean_with_dust")
            if value is not None:
                kept.append(f"{row['station']} {words.LABEL[p]} {words.concentration(p, value)}")
    return (
        text + "; " + _("with them: {values}").format(values=words.joined(kept)) if kept else text
    )


def _before_words(data: ReportData) -> str:
    if data.previous is None:
        return _("not compared")
    name = words.span_name(data.previous)
    if not data.has_previous:
        return _("{year}: no data, so no comparison").format(year=name)
    if data.judged == MIXED:
        return _(
            "{year}, by the same method; good and heavy days are not compared, since other "
            "editions judge those days; a value whose data are insufficient is not compared"
        ).format(year=name)
    return _(
        "{year}, judged under the same edition and method; a value whose data are insufficient is "
        "not compared"
    ).format(year=name)


def _settings(data: ReportData, choices: list[Choice]) -> Table:
    columns = (
        Column(_("Setting")), Column(_("What it decides")), Column(_("Value"), numeric=True),
        Column(_("How sure")),
    )  # fmt: skip
    rows = [
        Row(
            (
                Cell(c.name),
                Cell(c.description),
                Cell(_value(getattr(data.settings, c.name))),
                Cell(words.status_name(c.status)),
            )
        )
        for c in choices
    ]
    return Table(columns, tuple(rows))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
