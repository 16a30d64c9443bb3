"""What the newest hours of a network are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from lantian.standards import POLLUTANTS

# An hour that is stored later than this after its end came late; later than a day, it was
# filled in afterwards and says nothing of the line it came over.
LATE = timedelta(minutes=30)
BACKFILLED = timedelta(hours=24)
# A station is due what it measured within this time.
MEMORY = timedelta(days=30)
# The sliding 24 h means of the first hour shown reach back this far.
SLIDING = timedelta(hours=24)
# What pages show: two days, and the hour before while the newest is still coming in.
USUAL = 49


@dataclass(frozen=True)
class Window:
    """What the newest hours are made from.

    Parameters
    ----------
    rows
        Stored rows of pollutants and weather, one per key, labels in ``(start - 24 h, until]``:
        ``station parameter time value grade flag recorded``; ``recorded`` when the first was
        stored.
    due
        ``station, parameter``: what each station measured in the days before. It is due that, and
        what it has a value of in the rows.
    start, until
        The labels shown are in ``(start, until]``.
    filled
        When batches were stored that filled in hours a day old or older: what came with them says
        nothing of the line, however new it was.
    """

    rows: pl.DataFrame
    due: pl.DataFrame
    start: datetime
    until: datetime
    filled: Sequence[datetime] = ()


def measured_days(days: pl.DataFrame) -> pl.DataFrame:
    """Return ``station, parameter`` of what each station measured on any day of a daily table."""
    return (
        days.group_by("station")
        .agg(pl.col(f"n_{p}").sum().alias(p) for p in POLLUTANTS)
        .unpivot(POLLUTANTS, index="station", variable_name="parameter", value_name="n")
        .filter(pl.col("n") > 0)
        .select("station", "parameter")
    )


def days_of_memory(until: datetime, zone: str) -> tuple[date, date]:
    """Return the local days by which a station is due what it measured."""
    place = ZoneInfo(zone)
    last = until - timedelta(hours=1)  # an hour belongs to the day in which it starts
    return (last - MEMORY).astimezone(place).date(), last.astimezone(place).date()


def reach(until: datetime, hours: int) -> tuple[datetime, datetime]:
    """Return the bounds of the labels the newest hours stand on."""
    return until - max(timedelta(hours=hours) + SLIDING, MEMORY + timedelta(days=1)), until


def half_hour(now: datetime, until: datetime) -> datetime | None:
    """Return the half hour it is while hours up to ``until`` are still coming due; None after."""
    if now - until > timedelta(hours=1):
        return None
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
