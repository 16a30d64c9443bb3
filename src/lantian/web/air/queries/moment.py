"""Which hours a page of the present shows: the newest, up to a chosen hour, or a whole day's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.network import Recent
from lantian.standards import POLLUTANTS
from lantian.web.air.queries.asked import Asking
from lantian.web.core.air import network

HOURS = 48
HOUR = timedelta(hours=1)
# An hour still coming in is shown once this share of the stations of the hour before is there.
_ENOUGH = 0.5
_DUE = timedelta(minutes=30)


@dataclass(frozen=True)
class Moment:
    """What time a page shows.

    Parameters
    ----------
    label
        The last hour label shown [UTC]; of a day its 24:00.
    day
        The local day whose daily values are shown; None: the hour's.
    live
        The newest hour: it changes while one looks.
    recent
        The hours up to ``label``, and on live pages those after it.
    """

    label: datetime
    day: date | None
    live: bool
    recent: Recent

    @property
    def start(self) -> datetime:
        """Return the label before the first hour shown [UTC]."""
        return self.label - timedelta(hours=HOURS)

    @property
    def awaited(self) -> bool:
        """Say whether the last hour shown is not due yet: what lacks of it may still come."""
        return network().now() < self.label + _DUE

    @cached_property
    def arrival(self) -> pl.DataFrame:
        """Return what became of the hours due that are shown."""
        return self.within(self.recent.arrival)

    @cached_property
    def hours(self) -> pl.DataFrame:
        """Return the hourly table of the hours shown."""
        return self.within(self.recent.hours)

    def within(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of the hours shown."""
        return frame.filter(pl.col("time").is_between(self.start, self.label, closed="right"))

    def at(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of the last hour shown."""
        return frame.filter(pl.col("time") == self.label)


def read_hour(text: str) -> datetime:
    """Return the hour label [UTC] a local date and hour names, e.g. ``2026-11-22T08:00``.

    Raises
    ------
    InvalidArgumentError
        ``air.bad_hour``: it is no full hour; ``air.hour_future``.
    """
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        named = None
    if named is None or (named.minute, named.second, named.microsecond) != (0, 0, 0):
        raise InvalidArgumentError(
            "air.bad_hour",
            _("“{value}” is not a full hour; write it as 2026-11-22T08:00.").format(value=text),
        )
    place = ZoneInfo(network().zone)
    label = (named if named.tzinfo else named.replace(tzinfo=place)).astimezone(UTC)
    if label > network().now():
        raise InvalidArgumentError(
            "air.hour_future",
            _("{value} has not come yet; choose an earlier hour.").format(value=text),
        )
    return label


def midnight_after(day: date) -> datetime:
    """Return the last hour label of a local day [UTC]."""
    place = ZoneInfo(network().zone)
    return datetime.combine(day + timedelta(days=1), time(), place).astimezone(UTC)


def local_day(label: datetime) -> date:
    """Return the local day an hour label belongs to: that in which its hour starts."""
    return (label - HOUR).astimezone(ZoneInfo(network().zone)).date()


def moment_of(asking: Asking) -> Moment | None:
    """Return the moment an address asks for with ``at`` or ``day``; None: nothing was measured."""
    day: date | None = None
    if asking.text("day"):
        yesterday = local_day(network().now() + HOUR) - timedelta(days=1)
        day = asking.day("day", yesterday)
        if day > yesterday:
            asking.problems.append(
                InvalidArgumentError(
                    "air.day_future",
                    _("The day {day} is not over; choose an earlier one.").format(day=day),
                )
            )
            day = None
    if day is not None:
        label = midnight_after(day)
        return Moment(label, day, False, network().recent(HOURS, until=label))
    at = asking.read("at", None, read_hour) if asking.text("at") else None
    if at is not None:
        return Moment(at, None, False, network().recent(HOURS, until=at))
    return newest()


def newest() -> Moment | None:
    """Return the newest hour, or the one before while most of it is still coming in."""
    latest = network().latest_hour()
    if latest is None:
        return None
    recent = network().recent(HOURS + 1, until=latest)
    early = network().now() < latest + _DUE and not _mostly_in(recent, latest)
    return Moment(latest - HOUR if early else latest, None, True, recent)


@lru_cache(maxsize=2)
def _mostly_in(recent: Recent, latest: datetime) -> bool:
    """Say whether most of the stations that measured an hour before have measured again."""
    measured = recent.hours.filter(pl.any_horizontal(pl.col(POLLUTANTS).is_not_null()))
    here, before = (
        measured.filter(pl.col("time") == t)["station"].n_unique() for t in (latest, latest - HOUR)
    )
    return here >= _ENOUGH * before
