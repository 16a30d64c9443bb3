"""The year so far of a city: PM2.5 and good days, against the same days of the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.periods import year_before
from lantian.web.air.queries.calendar import Asked, Pair, editions_of, pair_of
from lantian.web.air.queries.place import Place
from lantian.web.core.air import network

ITEM = "pm25"


@dataclass(frozen=True)
class Year:
    """The whole days of a year that have passed.

    Parameters
    ----------
    span, before
        They, and the same days a year before.
    mean, mean_before
        PM2.5 [µg/m³], unrounded; None: no valid day.
    change
        Of the mean [%]; None: there is nothing sound to compare with.
    days
        Valid days in the mean.
    months
        Number and mean of each month with a valid day.
    running
        The mean from the first day to each day, None before the first valid one.
    good
        Days by category, and the same days a year before, as the calendar counts them.
    editions
        Those that judge them, each with its first day of this year.
    """

    span: ev.Span
    before: ev.Span
    mean: float | None
    mean_before: float | None
    change: float | None
    days: int
    months: Sequence[tuple[int, float]]
    running: Sequence[float | None]
    good: Pair
    editions: Sequence[tuple[str, date]]


def year_of(city: str, last: date) -> Year | None:
    """Return the year up to ``last`` (a day that is over); None: no valid day in it."""
    span = ev.any_span(last.replace(month=1, day=1), last)
    before = year_before(span)
    here = pl.col("station") == city
    judged = network().periods(span, cities=True).filter(here)
    if judged.is_empty() or not judged["aqi_days"][0]:
        return None
    row = judged.row(0, named=True)
    earlier = network().periods(before, cities=True).filter(here)
    compared = ev.year_on_year(judged, earlier, columns=(f"{ITEM}_mean",)).row(0, named=True)
    old = earlier.row(0, named=True) if earlier.height else None
    asked = Asked(span=span)
    return Year(
        span=span,
        before=before,
        mean=row[f"{ITEM}_mean"],
        mean_before=old[f"{ITEM}_mean"] if old else None,
        change=compared[f"{ITEM}_mean_change"],
        days=row[f"{ITEM}_days"],
        months=_months(span, city),
        running=_running(span, city),
        good=pair_of(Place("", city, city), span, asked),
        editions=editions_of(span, asked),
    )


def _months(span: ev.Span, city: str) -> list[tuple[int, float]]:
    table = network().periods(span, by="month", cities=True).filter(
        pl.col("station") == city, pl.col(f"{ITEM}_mean").is_not_null()
    )  # fmt: skip
    return [
        (start.month, mean) for start, mean in table.select("start", f"{ITEM}_mean").iter_rows()
    ]


def _running(span: ev.Span, city: str) -> list[float | None]:
    days = network().city_days(span.start, span.end).filter(pl.col("station") == city)
    found = dict(ev.accumulated_mean(days, ITEM).select("date", "mean").iter_rows())
    series: list[float | None] = []
    for ordinal in range(span.start.toordinal(), span.end.toordinal() + 1):
        known = found.get(date.fromordinal(ordinal))
        series.append(known if known is not None else series[-1] if series else None)
    return series
