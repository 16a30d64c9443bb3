"""What a request asks for: names and dates read from its query, with the reason where not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Schema
from pydantic import BeforeValidator, Field

import lantian.evaluation as ev
from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.standards import EDITIONS, METHODS
from lantian.web.accounts.access import access
from lantian.web.api import limits
from lantian.web.core.air import network

_EVERYWHERE = frozenset({"lang"})


def N_(message: str) -> str:  # noqa: N802 - as gettext knows it
    """Mark a description; the page of the interface translates it."""
    return message


def _split(given: object) -> object:
    """Take ``a,b`` for two names, as a repeated parameter gives them."""
    if not isinstance(given, list | tuple):
        return given
    return [name for text in given for name in str(text).split(",") if name]


Calibre = Literal["realtime", "audited", "prefer-audited"]
Names = Annotated[list[str], BeforeValidator(_split)]


class Paged(Schema):
    """Which part of the answer, and as what."""

    page: int = Field(1, ge=1, description=N_("Page of the results, from 1."))
    limit: int = Field(
        limits.PAGE, ge=1, le=limits.LARGEST_PAGE, description=N_("Results on a page.")
    )
    format: Literal["json", "csv"] | None = Field(
        None, description=N_("json or csv; otherwise what the header Accept prefers.")
    )

    def check(self, request: HttpRequest) -> None:
        """Refuse parameters that do not exist: a misspelt filter must not answer everything.

        Raises
        ------
        UnknownNameError
            ``api.unknown_parameter``.
        """
        known = type(self).model_fields
        unknown = sorted(set(request.GET) - set(known) - _EVERYWHERE)
        if unknown:
            raise InvalidArgumentError(
                "api.unknown_parameter",
                _("There is no parameter “{name}” here; there are {known}.").format(
                    name=unknown[0], known=", ".join(known)
                ),
                {"unknown": unknown, "known": list(known)},
            )


class Stations(Paged):
    """Which stations."""

    station: Names = Field([], description=N_("Ids of stations; none: all you may see."))
    town: Names = Field([], description=N_("Towns."))
    kind: Names = Field([], description=N_("Kinds of stations, e.g. national, township, micro."))


class Measured(Stations):
    """Which stations, what is measured there, and by which calibre."""

    parameter: Names = Field([], description=N_("Names of parameters; none: all there are."))
    calibre: Calibre | None = Field(
        None,
        description=N_("Calibre; without it the one stored, or audited values where both are."),
    )


class Latest(Stations):
    """Which values of the newest hour."""

    parameter: Names = Field([], description=N_("Names of parameters; none: all there are."))


class Spanned(Measured):
    """From when to when."""

    datetime_from: str | None = Field(
        None,
        description=N_(
            "First moment or day: 2026-11-01, 2026-11-01T08:00:00+08:00; local without an offset."
        ),
    )
    datetime_to: str | None = Field(None, description=N_("Last moment or day, included."))

    def instants(self, hours: int) -> tuple[datetime, datetime]:
        """Return what is asked for as moments: labels after the first up to the second.

        Parameters
        ----------
        hours
            How far back it goes from the end where no start is given [h].
        """
        last = network().latest_hour() or network().now()
        end = last if self.datetime_to is None else _moment(self.datetime_to, end=True)
        if self.datetime_from is None:
            return end - timedelta(hours=hours), end
        start = _moment(self.datetime_from)
        if start >= end:
            raise _reversed(start, end)
        return start, end

    def days(self, back: int) -> ev.Span:
        """Return what is asked for as local days.

        Parameters
        ----------
        back
            How many days up to the end where no start is given.
        """
        extent = network().extent()
        last = extent[1] if extent else _local(network().now()).date()
        end = last if self.datetime_to is None else _day(self.datetime_to)
        start = (
            end - timedelta(days=back - 1)
            if self.datetime_from is None
            else _day(self.datetime_from)
        )
        return ev.any_span(start, end)


class Dated(Spanned):
    """By which edition, and whether for cities."""

    edition: str = Field(
        "auto", description=N_("Edition that judges: auto, 2012, 2026-transition, 2026-final.")
    )
    cities: bool = Field(False, description=N_("Cities instead of stations."))
    dust: bool = Field(True, description=N_("Deduct sand-dust by the decisions in force."))


class Periods(Dated):
    """Which periods, and by which method."""

    period: str | None = Field(
        None, description=N_("2026, 2026-H1, 2026-Q3, 2026-10 or 2026-01-15..2026-02-14.")
    )
    by: Literal["year", "half", "quarter", "month"] | None = Field(
        None, description=N_("Divide the time asked for.")
    )
    method: str = Field("sum_equal_2012", description=N_("Method of the composite index."))

    def span(self) -> ev.Span:
        """Return the time asked for: ``period``, or the dates; without either, this month."""
        dates = self.datetime_from is not None or self.datetime_to is not None
        if self.period is not None and dates:
            raise InvalidArgumentError(
                "api.period_twice",
                _("Give period, or datetime_from and datetime_to, not both."),
            )
        if self.period is not None:
            return ev.span(self.period)
        if dates:
            return self.days(30)
        return ev.span(f"{_local(network().now()):%Y-%m}")


def _as_in(asked: type[Schema], name: str) -> Any:  # noqa: ANN401 - a field of any type
    """Return the field of another question: the same default, bounds and description."""
    return asked.model_fields[name]


class Rankings(Paged):
    """Who is ranked by what."""

    period: str | None = _as_in(Periods, "period")
    datetime_from: str | None = _as_in(Spanned, "datetime_from")
    datetime_to: str | None = _as_in(Spanned, "datetime_to")
    edition: str = _as_in(Dated, "edition")
    method: str = _as_in(Periods, "method")
    key: str = Field(
        "composite_index", description=N_("What is ranked by, e.g. composite_index, pm25_mean.")
    )
    group: Literal["kind", "town", "city", "none"] = Field(
        "kind", description=N_("What is ranked apart; none: all together.")
    )
    cities: bool = _as_in(Dated, "cities")
    dust: bool = _as_in(Dated, "dust")
    calibre: Literal["realtime", "audited", "prefer-audited"] | None = _as_in(Measured, "calibre")

    def span(self) -> ev.Span:
        """Return the time asked for; see :meth:`Periods.span`."""
        return Periods(
            period=self.period, datetime_from=self.datetime_from, datetime_to=self.datetime_to
        ).span()


def stations_of(request: HttpRequest, asked: Stations) -> list[str]:
    """Return the ids of the stations asked for, of those the person sees, in the register's order.

    Raises
    ------
    UnknownNameError
        ``api.unknown_station``: a station that is not there, or not for this person.
    """
    register = network().stations()
    seen = access(request).only(register["station"].to_list())
    unknown = [s for s in asked.station if s not in set(seen)]
    if unknown:
        raise UnknownNameError(
            "api.unknown_station",
            _("There is no station “{station}” here.").format(station=unknown[0]),
            {"stations": unknown},
        )
    kept = register
    for column in ("station", "town", "kind"):
        if wanted := getattr(asked, column):
            kept = kept.filter(kept[column].is_in(wanted))
    return [s for s in kept["station"].to_list() if s in set(seen)]


def chosen(asked: Collection[str], known: Iterable[str]) -> list[str]:
    """Return the parameters asked for, in the order of ``known``; none asked for: all.

    Raises
    ------
    UnknownNameError
        ``api.unknown_measure``.
    """
    names = list(known)
    unknown = [p for p in asked if p not in names]
    if unknown:
        raise InvalidArgumentError(
            "api.unknown_measure",
            _("“{name}” is not among the values here: {known}.").format(
                name=unknown[0], known=", ".join(names)
            ),
            {"unknown": unknown, "known": names},
        )
    return [p for p in names if not asked or p in asked]


def few_enough(stations: int, parameters: int, times: float) -> None:
    """Refuse a question whose answer is too long.

    Raises
    ------
    InvalidArgumentError
        ``api.too_much``.
    """
    values = round(stations * parameters * times)
    if values > limits.MOST_VALUES:
        raise InvalidArgumentError(
            "api.too_much",
            _(
                "That is up to {values} values; one question may ask for {most}. "
                "Shorten the time, or name fewer stations or parameters."
            ).format(values=f"{values:,}", most=f"{limits.MOST_VALUES:,}"),
            {"values": values, "most": limits.MOST_VALUES},
        )


def known_edition(edition: str) -> None:
    """Refuse an edition that does not exist (``api.unknown_edition``)."""
    _known("api.unknown_edition", edition, ("auto", *EDITIONS))


def known_method(method: str) -> None:
    """Refuse a method that does not exist (``api.unknown_method``)."""
    _known("api.unknown_method", method, METHODS)


def _known(code: str, given: str, known: Iterable[str]) -> None:
    names = list(known)
    if given not in names:
        raise InvalidArgumentError(
            code,
            _("“{given}” does not exist; choose one of {known}.").format(
                given=given, known=", ".join(names)
            ),
            {"given": given, "known": names},
        )


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(network().zone))


def _moment(text: str, *, end: bool = False) -> datetime:
    """Read a moment, or a day: its first moment, or its last where it is an end."""
    zone = ZoneInfo(network().zone)
    # "+" that was not written %2B has become a space.
    plain = text.strip().replace(" ", "+") if "T" in text else text.strip()
    whole = len(plain) == len("2026-11-01")
    try:
        read = datetime.fromisoformat(plain)
        if not MINYEAR < read.year < MAXYEAR:  # what is computed with it would leave the calendar
            raise ValueError(text)
    except ValueError:
        raise InvalidArgumentError(
            "api.bad_datetime",
            _(
                "“{text}” is neither a day (2026-11-01) nor a moment (2026-11-01T08:00:00+08:00)."
            ).format(text=text),
            {"given": text},
        ) from None
    if whole:
        day = read.date() + timedelta(days=1 if end else 0)
        return datetime.combine(day, time(), zone)
    return read.replace(tzinfo=zone) if read.tzinfo is None else read


def _day(text: str) -> date:
    return _local(_moment(text)).date()


def _reversed(start: datetime, end: datetime) -> InvalidArgumentError:
    return InvalidArgumentError(
        "api.reversed",
        _("The time ends ({end}) before it starts ({start}).").format(
            start=_local(start).isoformat(), end=_local(end).isoformat()
        ),
    )
