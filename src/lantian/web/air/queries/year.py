"""The year so far of a city: PM2.5 and good days, against the same days of the year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.periods import year_before
from lantian.standards import edition_of
from lantian.web.core.air import network

ITEM = "pm25"


@dataclass(frozen=True)
class GoodDays:
    """Days of AQI up to 100, of those that have one, judged by ``edition``."""

    good: int
    of: int
    edition: str


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
        Each day judged by the edition of its date.
    alike
        This year and the one before, both by the edition of the last day: what can be compared;
        None: nothing was measured the year before.
    """

    span: ev.Span
    before: ev.Span
    mean: float | None
    mean_before: float | None
    change: float | None
    days: int
    months: Sequence[tuple[int, float]]
    running: Sequence[float | None]
    good: GoodDays
    alike: tuple[GoodDays, GoodDays] | None


def year_of(city: str, last: date) -> Year | None:
    """Return the year up to ``last`` (a day that is over); None: no valid day in it."""
    span = ev.any_span(last.replace(month=1, day=1), last)
    before = year_before(span)
    row = _row(span, city, "auto")
    if row is None or not row["aqi_days"]:
        return None
    here = pl.col("station") == city
    judged = network().periods(span, cities=True).filter(here)
    earlier = network().periods(before, cities=True).filter(here)
    compared = ev.year_on_year(judged, earlier, columns=(f"{ITEM}_mean",)).row(0, named=True)
    old = earlier.row(0, named=True) if earlier.height else None
    return Year(
        span=span,
        before=before,
        mean=row[f"{ITEM}_mean"],
        mean_before=old[f"{ITEM}_mean"] if old else None,
        change=compared[f"{ITEM}_mean_change"],
        days=row[f"{ITEM}_days"],
        months=_months(span, city),
        running=_running(span, city),
        good=_good(row),
        alike=_alike(span, before, city),
    )


def _row(span: ev.Span, city: str, edition: str) -> dict[str, Any] | None:
    table = network().periods(span, cities=True, edition=edition)
    mine = table.filter(pl.col("station") == city)
    return mine.row(0, named=True) if mine.height else None


def _good(row: dict[str, Any]) -> GoodDays:
    return GoodDays(row["good_days"], row["aqi_days"], row["edition"])


def _alike(span: ev.Span, before: ev.Span, city: str) -> tuple[GoodDays, GoodDays] | None:
    edition = edition_of(span.end)
    now, then = _row(span, city, edition), _row(before, city, edition)
    if now is None or then is None or not then["aqi_days"]:
        return None
    return _good(now), _good(then)


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
