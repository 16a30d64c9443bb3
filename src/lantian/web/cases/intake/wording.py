"""What a case made of an excursion is called, and what it says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS
from lantian.reports.words import edition_name
from lantian.standards import DIGITS
from lantian.web.cases.intake.excursions import Excursion

TITLE = 120  # characters


def value(e: Excursion, number: float) -> str:
    """Return a number of an excursion as it is written."""
    return f"{number:.{DIGITS[e.parameter]}f}"


def title(e: Excursion) -> str:
    """Return the title of its case."""
    return _("{station}: {pollutant} {value} {unit}").format(
        station=e.name, pollutant=PARAMETERS[e.parameter].title, value=value(e, e.value),
        unit=e.unit,
    )[:TITLE]  # fmt: skip


def sentence(e: Excursion) -> str:
    """Return what stood out, by which rule and edition."""
    words = {
        "median": _("{times} times the network’s median of {against} {unit}"),
        "hour_limit": _("above the 1 h limit of {against} {unit}, {times} times it"),
        "day_limit": _("above the daily limit of {against} {unit}, {times} times it"),
    }[e.rule.judges]
    # a median of an even number of stations lies between two values
    more = 1 if e.rule.judges == "median" else 0
    against = f"{e.against:.{DIGITS[e.parameter] + more}f}"
    return words.format(times=f"{e.times:.1f}", against=against, unit=e.unit)


def description(e: Excursion, zone: str) -> str:
    """Return the description of its case; times local."""
    place = ZoneInfo(zone)
    if e.hours:
        span = _("{n} hours from {first} to {last}").format(
            n=e.hours, first=f"{e.first.astimezone(place):%Y-%m-%d %H:%M}",
            last=f"{e.last.astimezone(place):%Y-%m-%d %H:%M}",
        )  # fmt: skip
        peak = _("highest {value} {unit} in the hour up to {at}").format(
            value=value(e, e.value), unit=e.unit, at=f"{e.at.astimezone(place):%H:%M}"
        )
    else:
        span = _("the day {day}").format(day=e.day.isoformat())
        peak = f"{value(e, e.value)} {e.unit}"
    text = _("{rule}. {station} {pollutant}: {span}, {peak}; {sentence}. Judged by {edition}.")
    return text.format(
        rule=e.rule.title, station=e.name, pollutant=PARAMETERS[e.parameter].title, span=span,
        peak=peak, sentence=sentence(e), edition=edition_name(e.edition),
    )  # fmt: skip
