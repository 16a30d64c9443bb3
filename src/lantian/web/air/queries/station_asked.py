"""What the address of a station's page asks for: whose air, of which local days, which edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import lantian.evaluation as ev
from lantian.errors import InvalidArgumentError
from lantian.evaluation.period import MIXED
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import edition_of
from lantian.web.air.queries.asked import Asking
from lantian.web.air.queries.stations import DAYS, Station
from lantian.web.core import clock
from lantian.web.core.air import network

LONGEST = 3660  # days of the longest period a page answers for
_FIRST_YEAR = 1970


@dataclass(frozen=True)
class Asked:
    """Whose air of which local days, judged by which edition.

    Parameters
    ----------
    usual
        Whether the period is the one shown unasked.
    problems
        What was wrong with the address, in words.
    """

    station: Station
    span: ev.Span
    edition: str = "auto"
    usual: bool = True
    problems: Sequence[str] = ()

    @property
    def last(self) -> date:
        """Return the last day of the period that is not in the future."""
        return min(self.span.end, clock.today())

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Return the bounds of the labels of the period up to now [UTC]: ``(after, up to]``."""
        start, end = day_bounds(self.span.start, self.last)
        return start, max(start, min(end, full_hour()))

    def query(self, **more: object) -> dict[str, object]:
        """Return the parameters that ask for this again; defaults are None."""
        return {
            "period": None if self.usual else self.span.label,
            "edition": None if self.edition == "auto" else self.edition,
            **more,
        }

    @property
    def judged_by(self) -> str:
        """Return the edition of all days of the period, or ``mixed``."""
        if self.edition != "auto":
            return self.edition
        first, last = edition_of(self.span.start), edition_of(self.last)
        return first if first == last else MIXED

    @property
    def last_edition(self) -> str:
        """Return the edition whose limits are drawn: that of the last day."""
        return edition_of(self.last) if self.edition == "auto" else self.edition

    def stamp(self) -> str:
        """Return what changes whenever an answer about the period may."""
        return network().stamp(self.span.start, self.last)


def asked_of(given: Any, station: Station) -> Asked:  # noqa: ANN401 - a QueryDict
    """Return what an address asks of a station; what is wrong with it is kept as problems."""
    asking = Asking(given)
    usual = usual_span()
    found = span_of(asking, usual)
    return Asked(
        station,
        found,
        asking.edition(),
        found == usual,
        tuple(dict.fromkeys(p.message for p in asking.problems)),
    )


def usual_span() -> ev.Span:
    """Return the 30 local days up to today."""
    today = clock.today()
    return ev.any_span(today - timedelta(days=DAYS - 1), today)


def span_of(asking: Asking, default: ev.Span) -> ev.Span:
    """Return the period of ``period``, or of ``start`` and ``end``; it may be still running."""
    if asking.text("start") or asking.text("end"):
        start = asking.day("start", default.start)
        end = asking.day("end", max(start, default.end))
        return asking.read("start" if asking.text("start") else "end", default,
                           lambda _text: _checked(ev.any_span(start, end)))  # fmt: skip
    return asking.read("period", default, lambda text: _checked(ev.span(text)))


def _checked(span: ev.Span) -> ev.Span:
    """Refuse a period that has not begun, is before any measurement or is too long."""
    today = clock.today()
    if span.start > today:
        raise InvalidArgumentError(
            "air.period_ahead",
            _("{period} has not begun; today is {today}. Choose an earlier period.").format(
                period=words.span_name(span), today=today
            ),
        )
    if span.start.year < _FIRST_YEAR or span.days > LONGEST:
        raise InvalidArgumentError(
            "air.period_too_long",
            _("A period begins in {year} or later and has at most {days} days.").format(
                year=_FIRST_YEAR, days=LONGEST
            ),
        )
    return span


def day_bounds(start: date, end: date) -> tuple[datetime, datetime]:
    """Return the bounds of the labels of some local days [UTC]: after the first, up to the last."""
    return ev.day_bounds(start, end, network().zone)


def full_hour() -> datetime:
    """Return the label of the last full hour [UTC]."""
    return network().now().replace(minute=0, second=0, microsecond=0)
