"""Numbers, names and dates as a report writes them, in the language in force."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import lantian.evaluation as ev
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.reports.data import MIXED
from lantian.standards import DIGITS, EDITIONS, LABELS, PERCENTILE, round_half_even

NONE = "—"
LABEL = LABELS
SUBSCRIPT = re.compile(r"(PM|SO|NO|O)(2\.5|10|2|3)(?![\d.])")
"""A formula in plain text: what is set small and low is the second group."""


def unit(pollutant: str) -> str:
    """Return the unit of a concentration."""
    return "mg/m³" if pollutant == "co" else "µg/m³"


def number(value: object, digits: int = 0, *, signed: bool = False) -> str:
    """Return a number rounded by GB/T 8170, with a true minus; a dash for none."""
    if not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
        return NONE
    rounded = round_half_even(float(value), digits)
    text = f"{abs(rounded):,.{digits}f}"
    if rounded < 0:
        return "−" + text
    return "+" + text if signed and rounded > 0 else text


def concentration(pollutant: str, value: object) -> str:
    """Return a concentration with the digits of its tables."""
    return number(value, DIGITS[pollutant])


def bound(value: float | None) -> str:
    """Return a limit as standards print it, without empty decimals; a dash for none."""
    return NONE if value is None else f"{value:g}"


def percent(value: object, digits: int = DIGITS["ratio_percent"], *, signed: bool = False) -> str:
    """Return a percentage with its sign; a dash for none."""
    text = number(value, digits, signed=signed)
    return text if text == NONE else text + "\u00a0%"


def share(part: int, whole: int) -> str:
    """Return part of whole in per cent; a dash of nothing."""
    return percent(ev.ratio_percent(part, whole)) if whole else NONE


def statistic_short(pollutant: str) -> str:
    """Return the mark a table head adds to a pollutant whose statistic is a percentile."""
    return f"P{PERCENTILE[pollutant]}" if pollutant in ("co", "o3") else ""


def edition_name(edition: str) -> str:
    """Return the title of an edition."""
    if edition == MIXED:
        return _("two editions, each day by its date")
    known = EDITIONS[edition]
    return known.title_zh if active() == "zh" else known.title_en


def edition_short(edition: str) -> str:
    """Return an edition in a word or two, for the head of a column."""
    return {
        "2012": _("2012"),
        "2026-transition": _("2026 transition"),
        "2026-final": _("2026 final"),
        MIXED: _("mixed"),
    }[edition]


def status_name(status: str) -> str:
    """Return how sure the source of a rule is."""
    return {
        "confirmed": _("confirmed"),
        "single": _("from one source"),
        "recalled": _("recalled, text not read"),
        "unverified": _("not verified"),
    }.get(status, status)


def kind_name(kind: str) -> str:
    """Return the stations of a kind."""
    return {
        "national": _("National stations"),
        "provincial": _("Provincial stations"),
        "municipal": _("Municipal stations"),
        "township": _("Township stations"),
        "micro": _("Micro stations"),
        "background": _("Background stations"),
    }.get(kind, _("Other stations"))


def calibre_name(calibre: str | None) -> str:
    """Return which kind of data was judged."""
    return {
        "realtime": _("Real-time data, not audited"),
        "audited": _("Audited data"),
        "prefer-audited": _("Audited data where there are any, else real-time"),
        None: _("Kind of data not stated"),
    }.get(calibre, str(calibre))


def span_name(span: ev.Span) -> str:
    """Return a period as a reader says it."""
    year, _dash, rest = span.label.partition("-")
    if span.unit == "year":
        return _("{year}").format(year=year)
    if span.unit == "half":
        halves = {"H1": _("First half of {year}"), "H2": _("Second half of {year}")}
        return halves[rest].format(year=year)
    if span.unit == "quarter":
        return _("Quarter {number} of {year}").format(number=rest[1:], year=year)
    if span.unit == "month":
        return month_name(span.start)
    if span.start == span.end:
        return span.start.isoformat()
    return _("{start} to {end}").format(start=span.start, end=span.end)


def month_name(month: date) -> str:
    """Return a month with its year."""
    return _("{month} {year}").format(month=_MONTHS()[month.month - 1], year=month.year)


def month_short(month: int) -> str:
    """Return a month without its year, as short as an axis needs it."""
    return f"{month} 月" if active() == "zh" else _MONTHS()[month - 1]


def weekdays() -> tuple[str, ...]:
    """Return the heads of a calendar's columns, Monday first."""
    return (_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su"))


def season_name(season: int) -> str:
    """Return a season, 0 = winter."""
    return (
        _("Winter (Dec–Feb)"), _("Spring (Mar–May)"), _("Summer (Jun–Aug)"), _("Autumn (Sep–Nov)"),
    )[season]  # fmt: skip


def _MONTHS() -> tuple[str, ...]:  # noqa: N802 - a table that is translated when asked for
    return (
        _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
        _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"),
    )  # fmt: skip


def joined(names: Iterable[str]) -> str:
    """Return names with the comma of the language between them."""
    return _(", ").join(names)


def sentences(*parts: str) -> str:
    """Return sentences one after the other; Chinese has no space between them."""
    return ("" if active() == "zh" else " ").join(p for p in parts if p)


def names_of(pollutants: object) -> str:
    """Return a list of pollutants as text; empty for none."""
    if not isinstance(pollutants, list):
        return ""
    return joined(LABEL[p] for p in pollutants)
