"""What the page of a station shows of its days: statistics, attainment, months, hours due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import statistic_of
from lantian.evaluation.coverage import hour_states
from lantian.evaluation.period import MIXED
from lantian.standards import MEAN_IS_ITEM, PERCENTILE, POLLUTANTS, limit
from lantian.web.air.queries.station import stored_of
from lantian.web.air.queries.station_asked import Asked, full_hour
from lantian.web.core.air import network

MONTHLY_FROM = 93  # days: a longer period lists its months, not its days


@dataclass(frozen=True)
class Statistic:
    """One pollutant over the whole days of the period.

    Parameters
    ----------
    mean, percentile
        Unrounded; of O3 of the daily maximum 8 h means. ``percent``: which percentile.
    days, needed
        Valid days, and how many the period needs.
    valid, attains
        HJ 663; ``attains`` None where there is no statistic or two editions judge.
    mean_limit, percentile_limit
        Grade II limits of the edition; None where it has none or two editions judge.
    share
        What the composite index counts, divided by its limit; None without one.
    """

    parameter: str
    mean: float | None
    percentile: float | None
    percent: int
    days: int
    needed: int
    valid: bool
    attains: bool | None
    mean_limit: float | None
    percentile_limit: float | None
    share: float | None


@dataclass(frozen=True)
class Statistics:
    """The period so far, its row of :func:`lantian.evaluation.period`, and the pollutants."""

    span: ev.Span
    row: dict[str, Any]
    pollutants: Sequence[Statistic]


def statistics(asked: Asked) -> Statistics | None:
    """Return the statistics of the whole days of the period; None where there is no day."""
    found = table(asked)
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    span = ev.so_far(asked.span, network().now(), network().zone)
    needed = ev.days_needed(span, network().settings)
    return Statistics(span, row, [_statistic(p, row, needed) for p in POLLUTANTS])


def _statistic(p: str, row: dict[str, Any], needed: int) -> Statistic:
    percentile = row[ev.percentile_column(p)]
    of_mean = of_percentile = None
    if row["edition"] != MIXED:
        averaging = "8h" if p == "o3" else "24h"
        of_percentile = limit(p, averaging=averaging, grade=2, edition=row["edition"])
        if MEAN_IS_ITEM[p]:
            of_mean = limit(p, averaging="year", grade=2, edition=row["edition"])
    counted, of = row[statistic_of(p)], of_mean if MEAN_IS_ITEM[p] else of_percentile
    return Statistic(
        p, row[f"{p}_mean"], percentile, PERCENTILE[p], row[f"{p}_days"], needed,
        row[f"{p}_valid"], row[f"{p}_attains"], of_mean, of_percentile,
        counted / of if counted is not None and of else None,
    )  # fmt: skip


def months(asked: Asked) -> pl.DataFrame:
    """Return the statistics of each month of the period."""
    return network().periods(
        asked.span, by="month", stations=(asked.station.id,), edition=asked.edition
    )


def table(asked: Asked) -> pl.DataFrame:
    """Return the statistics of the period as they are computed, one row; none of no day."""
    return network().periods(asked.span, stations=(asked.station.id,), edition=asked.edition)


def states_of(asked: Asked) -> pl.DataFrame:
    """Return the state of every hour due of the period, from when the station was in operation."""
    start = max(d for d in (asked.span.start, asked.station.start) if d is not None)
    end = min(d for d in (asked.last, asked.station.end) if d is not None)
    stored = stored_of(asked)
    if end < start:
        start, end, stored = asked.span.start, asked.last, stored.clear()
    return hour_states(stored, start=start, end=end, until=full_hour(), zone=network().zone)
