"""What an address asks of the judged pages: period, edition, method, kind of data, whose air."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import lantian.evaluation as ev
from lantian.errors import DomainError, InvalidArgumentError
from lantian.evaluation.periods import months_of
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import EDITIONS, METHODS, edition, method
from lantian.web.core import clock
from lantian.web.core.air import network
from lantian.web.core.formats import with_query

Value = TypeVar("Value")
METHOD = "sum_equal_2012"
UNITS = ("month", "quarter", "year")
_LONGEST = 200  # characters of a parameter that are looked at


class Asking:
    """Reads the parameters of an address; what is wrong with them is kept, not raised.

    A page shows all of :attr:`problems`, with its filters still there.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.problems: list[DomainError] = []

    def text(self, name: str) -> str:
        """Return a parameter as it was given, without the space around it; empty for none."""
        return str(self._given.get(name, "")).strip()[:_LONGEST]

    def read(self, name: str, default: Value, of: Callable[[str], Value]) -> Value:
        """Return what ``of`` makes of a parameter; the default where none or a bad one is given."""
        text = self.text(name)
        if not text:
            return default
        try:
            return of(text)
        except DomainError as error:
            self.problems.append(error)
            return default

    def one_of(self, name: str, known: Collection[str], default: str) -> str:
        """Return a parameter that must be one of ``known``."""

        def check(text: str) -> str:
            if text in known:
                return text
            raise InvalidArgumentError(
                "air.unknown_choice",
                _("“{value}” is not known for “{name}”; choose one of {known}.").format(
                    value=text, name=name, known=words.joined(known)
                ),
            )

        return self.read(name, default, check)

    def flag(self, name: str) -> bool:
        """Return whether something is on, as it is unless ``0`` is given."""
        return self.one_of(name, ("0", "1"), "1") == "1"

    def edition(self) -> str:
        """Return the edition asked for, or ``auto``."""
        return self.read("edition", "auto", lambda t: t if t == "auto" else edition(t).id)

    def method(self) -> str:
        """Return the method of the composite index asked for."""
        return self.read("method", METHOD, lambda t: method(t).id)

    def calibre(self) -> str:
        """Return the kind of data asked for; empty for the network's own choice."""
        return self.one_of("calibre", [key for key, _title in calibre_options()], "")

    def number(self, name: str, default: int) -> int:
        """Return a whole number from 1 on."""

        def check(text: str) -> int:
            if text.isdecimal() and len(text) < 7 and int(text) > 0:
                return int(text)
            raise InvalidArgumentError(
                "air.bad_number",
                _("“{value}” is not a number from 1 on.").format(value=text),
            )

        return self.read(name, default, check)

    def day(self, name: str, default: date) -> date:
        """Return a date."""
        return self.read(name, default, read_day)

    def span(self, default: ev.Span) -> ev.Span:
        """Return the period: ``period`` (a label), or ``start`` and ``end`` (both included)."""
        if self.text("start") or self.text("end"):
            found = len(self.problems)
            start, end = self.day("start", default.start), self.day("end", default.end)
            if len(self.problems) > found:
                return default
            return self._begun(default, lambda: ev.any_span(start, end))
        text = self.text("period")
        return self._begun(default, lambda: ev.span(text)) if text else default

    def _begun(self, default: ev.Span, read: Callable[[], ev.Span]) -> ev.Span:
        try:
            found = read()
            check_begun(found)
        except DomainError as error:
            self.problems.append(error)
            return default
        return found


def read_day(text: str) -> date:
    """Return the date a text names.

    Raises
    ------
    InvalidArgumentError
        ``air.bad_date``.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidArgumentError(
            "air.bad_date",
            _("“{value}” is not a date; write it as 2026-10-31.").format(value=text),
        ) from None


def check_begun(span: ev.Span) -> None:
    """Refuse a period of which no whole day has passed, or that no period can precede.

    Raises
    ------
    InvalidArgumentError
        ``air.period_future``, ``air.period_early``.
    """
    today = clock.today()
    if span.start.year <= date.min.year + 1:
        raise InvalidArgumentError(
            "air.period_early",
            _("{period} lies before all measurements. Choose a later period.").format(
                period=span.label
            ),
        )
    if span.start >= today:
        raise InvalidArgumentError(
            "air.period_future",
            _(
                "Of {period} no whole day has passed: it begins on {start}, and today is {today}. "
                "Choose an earlier period."
            ).format(period=words.span_name(span), start=span.start, today=today),
        )


@dataclass(frozen=True)
class Judging:
    """How the days of a period are judged: what the judged pages have in common.

    ``free``: the period was given by its two dates, so the page shows these, as they were
    ``typed`` even where they make no period.
    """

    span: ev.Span
    free: bool = False
    typed: tuple[str, str] = ("", "")
    edition: str = "auto"
    method: str = METHOD
    calibre: str = ""
    dust: bool = True

    @property
    def given_calibre(self) -> Any:  # noqa: ANN401 - a literal of the store, checked by Asking
        """Return the kind of data to read, None for the network's own choice."""
        return self.calibre or None

    def query(self) -> dict[str, str | None]:
        """Return the parameters that ask for this again; defaults are None."""
        return {
            **period_query(self.span, free=self.free),
            "edition": None if self.edition == "auto" else self.edition,
            "method": None if self.method == METHOD else self.method,
            "calibre": self.calibre or None,
            "dust": None if self.dust else "0",
        }


def judging_of(asking: Asking) -> Judging:
    """Return the common parameters of an address."""
    return Judging(
        span=asking.span(usual_span()),
        free=bool(asking.text("start") or asking.text("end")),
        typed=(asking.text("start"), asking.text("end")),
        edition=asking.edition(),
        method=asking.method(),
        calibre=asking.calibre(),
        dust=asking.flag("dust"),
    )


def period_query(span: ev.Span, *, free: bool = False) -> dict[str, str | None]:
    """Return the parameters that name a period, by its dates where it is freely chosen."""
    if free or span.unit is None:
        return {"period": None, "start": str(span.start), "end": str(span.end)}
    return {"period": span.label, "start": None, "end": None}


def usual_span() -> ev.Span:
    """Return the last full month, or the last one with data where there are none of it."""
    today = clock.today()
    full = ev.span(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
    extent = network().extent()
    if extent is None or (extent[0] <= full.end and extent[1] >= full.start):
        return full
    nearest = extent[1] if extent[1] < full.start else extent[0]
    return full if nearest >= today else ev.span(f"{nearest:%Y-%m}")


def unit_of(asked: Judging) -> str:
    """Return which of the page's units a period is: ``month``, ``quarter``, ``year``, ``any``."""
    unit = asked.span.unit
    return unit if unit in UNITS and not asked.free else "any"


def unit_links(path: str, asked: Judging, query: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return address, words and whether it is the one shown, for each unit of periods."""
    day = min(asked.span.end, clock.today() - timedelta(days=1))
    here = unit_of(asked)
    targets = {
        "month": (ev.span(f"{day:%Y-%m}"), _("Month")),
        "quarter": (ev.span(f"{day.year}-Q{(day.month + 2) // 3}"), _("Quarter")),
        "year": (ev.span(f"{day.year}"), _("Year to date")),
        "any": (ev.any_span(asked.span.start, day), _("Any period")),
    }
    links = []
    for unit, (target, title) in targets.items():
        span = asked.span if unit == here else target
        named = period_query(span, free=unit == "any")
        links.append((with_query(path, {**query, **named}), title, unit == here))
    return links


def span_options(unit: str, asked: ev.Span) -> list[tuple[str, str]]:
    """Return label and words of the periods of a unit that hold data, the newest first."""
    extent = network().extent()
    last = clock.today() - timedelta(days=1)
    months = months_of(ev.any_span(*extent)) if extent else []
    labels = dict.fromkeys(_label(unit, m) for m in months if m <= last)
    spans = {ev.span(label) for label in labels} | {asked}
    return [(s.label, words.span_name(s)) for s in sorted(spans, key=_start, reverse=True)]


def _start(span: ev.Span) -> date:
    return span.start


def _label(unit: str, month: date) -> str:
    if unit == "year":
        return f"{month.year}"
    return f"{month.year}-Q{(month.month + 2) // 3}" if unit == "quarter" else f"{month:%Y-%m}"


@dataclass(frozen=True)
class Bar:
    """The filters the judged pages share, as their templates show them.

    Parameters
    ----------
    path
        Address of the page.
    query
        Parameters of the view shown; what the bar has no control for travels along hidden.
    units
        Address, words, whether shown: month, quarter, year to date, any period.
    spans
        Label and words of the periods of the unit shown.
    """

    path: str
    asked: Judging
    query: Mapping[str, str | None]
    unit: str
    units: Sequence[tuple[str, str, bool]]
    spans: Sequence[tuple[str, str]]
    usual: str
    editions: Sequence[tuple[str, str]]
    methods: Sequence[tuple[str, str]]
    calibres: Sequence[tuple[str, str]]
    today: date

    def link(self, **changes: object) -> str:
        """Return the address of this view with some parameters changed (None: left out)."""
        return with_query(self.path, {**self.query, **changes})

    def hidden(self, *controls: str) -> list[tuple[str, str]]:
        """Return the parameters given for which a form has none of ``controls``."""
        return [(k, v) for k, v in self.query.items() if v and k not in controls]


def bar_of(path: str, asked: Judging) -> Bar:
    """Return the filters of a view."""
    query = asked.query()
    unit = unit_of(asked)
    return Bar(
        path, asked, query, unit, unit_links(path, asked, query),
        [] if unit == "any" else span_options(unit, asked.span), usual_span().label,
        edition_options(), method_options(), calibre_options(), clock.today(),
    )  # fmt: skip


def edition_options() -> list[tuple[str, str]]:
    """Return the editions one may judge by."""
    return [("auto", _("by date")), *((e, words.edition_short(e)) for e in EDITIONS)]


def method_options() -> list[tuple[str, str]]:
    """Return the methods of the composite index, each with what is not sure about it."""
    return [
        (m.id, m.title if m.status == "confirmed" else f"{m.title} ({words.status_name(m.status)})")
        for m in METHODS.values()
    ]


def calibre_options() -> list[tuple[str, str]]:
    """Return the kinds of data one may choose between; one only where one is stored."""
    stored = network().calibres()
    if len(stored) < 2:
        return [("", words.calibre_name(stored[0] if stored else None))]
    return [
        ("", words.calibre_name("prefer-audited")),
        *((c, words.calibre_name(c)) for c in stored),
    ]


def limits_words(name: str) -> str:
    """Return the limits a method of the composite index divides by [µg/m³; CO mg/m³]."""
    chosen = METHODS[name]
    parts = []
    for p, label in words.LABEL.items():
        bounds = [words.bound(t[p]) for t in (chosen.limits, chosen.daily_limits) if p in t]
        parts.append(f"{label} {' / '.join(bounds)}")
    return words.joined(parts)


def sentences(problems: Iterable[DomainError]) -> list[str]:
    """Return what is wrong with an address, each once."""
    return list(dict.fromkeys(p.message for p in problems))
