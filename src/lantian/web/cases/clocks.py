"""The clock of one stage: when it is due, what colour it shows, and how that is said.

Pure. A clock is begun under a limit of the catalogue and a calendar of working time; it then holds
the moments that a list needs, so that colours can be asked of the database by comparing them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Literal

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.cases.catalogue import Limit
from lantian.workdays import Calendar, Unit

Colour = Literal["green", "yellow", "red"]

YELLOW = Fraction(4, 5)  # the share of the time after which a clock is yellow; at the end it is red
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_PLAIN_DAYS = 3  # more days than these are said without their hours


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock; all moments in UTC.

    Parameters
    ----------
    begun
        When the stage began.
    due
        When it must be over: from then on the clock is red.
    yellow
        From when on it is yellow.
    unit
        Of its limit: a clock in working time stands still at night and on free days.
    provisional
        A day on the way is in a year whose holidays are not known yet.
    """

    begun: datetime
    due: datetime
    yellow: datetime
    unit: Unit
    provisional: bool = False

    def colour(self, now: datetime) -> Colour:
        """Return green, yellow from 80 % of the time on, red from its end on."""
        return "red" if now >= self.due else "yellow" if now >= self.yellow else "green"

    def words(self, now: datetime) -> str:
        """Return how long is left or how long it is overdue, e.g. “剩 3 时”, “逾期 2 天 3 时”."""
        return words(self.due, now)


def start(calendar: Calendar, begun: datetime, limit: Limit) -> Clock:
    """Return the clock of a stage that begins now under a limit."""
    due = calendar.add(begun, limit.value, limit.unit)
    return _clock(calendar, begun, due.at, limit.unit)


def until(calendar: Calendar, begun: datetime, due: datetime, unit: Unit) -> Clock:
    """Return the clock of a stage whose end was set by somebody, as by an order from above.

    Raises
    ------
    InvalidArgumentError
        ``cases.due_before_begun``.
    """
    if due <= begun:
        raise InvalidArgumentError(
            "cases.due_before_begun", _("The deadline must lie after the stage began.")
        )
    return _clock(calendar, begun, due, unit)


def extended(calendar: Calendar, clock: Clock, more: Limit) -> Clock:
    """Return the clock with more time, counted from its deadline.

    It is green again where that leaves enough of the whole time.
    """
    return _clock(
        calendar, clock.begun, calendar.add(clock.due, more.value, more.unit).at, clock.unit
    )


def extended_until(calendar: Calendar, clock: Clock, due: datetime) -> Clock:
    """Return the clock with a later deadline.

    Raises
    ------
    DomainError
        ``cases.not_later``: it is not later.
    """
    if due <= clock.due:
        raise DomainError(
            "cases.not_later",
            _("The new deadline must be later than the present one, {due}.").format(
                due=clock.due.astimezone(calendar.zone).strftime("%Y-%m-%d %H:%M")
            ),
            {"due": clock.due.isoformat()},
        )
    return _clock(calendar, clock.begun, due, clock.unit)


def resumed(calendar: Calendar, clock: Clock, stopped: datetime, now: datetime) -> Clock:
    """Return the clock of a stage that stood still from ``stopped`` to ``now``.

    Its moments move by the time that passed meanwhile, in the unit of its limit: what was left
    then is left now, and what was overdue then is as much overdue.

    Raises
    ------
    InvalidArgumentError
        ``cases.resumed_before``: it would have run backward.
    """
    if now < stopped or stopped < clock.begun:
        raise InvalidArgumentError(
            "cases.resumed_before",
            _("A clock goes on after it was stopped, and was stopped after it began."),
        )
    pause = calendar.measure(stopped, now, clock.unit)
    begun, yellow, due = (
        calendar.shift(moment, pause, clock.unit)
        for moment in (clock.begun, clock.yellow, clock.due)
    )
    return replace(
        clock,
        begun=begun,
        yellow=yellow,
        due=due,
        provisional=calendar.provisional(begun, due, clock.unit),
    )


def used(calendar: Calendar, clock: Clock, now: datetime) -> float:
    """Return the share of the time that is used: 1 when due, more when overdue."""
    return calendar.share(clock.begun, clock.due, now, clock.unit)


def words(due: datetime, now: datetime) -> str:
    """Return how long is left until ``due`` or how long it is over, in plain time.

    Two units at most, nothing rounded up: what is left is at least what is said.
    """
    if now >= due:
        return _("overdue {time}").format(time=span(now - due))
    return _("{time} left").format(time=span(due - now))


def span(time: timedelta) -> str:
    """Return a length of time in days and hours, hours, or minutes."""
    days, rest = divmod(time, _DAY)
    hours, rest = divmod(rest, _HOUR)
    in_days = ngettext("{n} day", "{n} days", days).format(n=days)
    in_hours = _("{n} h").format(n=hours)
    if days > _PLAIN_DAYS or (days and not hours):
        return in_days
    if days:
        return _("{days} {hours}").format(days=in_days, hours=in_hours)
    return in_hours if hours else _("{n} min").format(n=rest // _MINUTE)


def _clock(calendar: Calendar, begun: datetime, due: datetime, unit: Unit) -> Clock:
    begun, due = begun.astimezone(UTC), due.astimezone(UTC)
    yellow = min(due, calendar.at_share(begun, due, YELLOW, unit))
    return Clock(begun, due, yellow, unit, calendar.provisional(begun, due, unit))
