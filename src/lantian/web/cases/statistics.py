"""What the page of statistics shows: on-time rates, what went back, how long stages take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MINYEAR, date, datetime
from typing import Any, cast

import polars as pl
from django.db.models import Count, F, FloatField, Func, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.web.cases import counting, ontime
from lantian.web.cases.asked import OPEN, Asked
from lantian.web.cases.models import Case, CaseEvent, Step
from lantian.web.cases.months import FINE, REOPENING, Months
from lantian.web.cases.ontime import OnTime, Period
from lantian.web.cases.reach import Reach
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE
from lantian.web.duties.models import Organisation
from lantian.web.places import queries as places

SPANS = ("1", "3", "12")
MONTHS = 12
CLOSING = frozenset({*REOPENING, *(a.code for a in TABLE.actions.values() if a.to == "closed")})
SETBACKS = ("fail", "return", "relapse")


@dataclass(frozen=True)
class Asking:
    """Which months: ``span`` of them up to ``month`` (YYYY-MM)."""

    month: str
    span: str

    @property
    def last(self) -> date:
        """Return the first day of the last month."""
        return date.fromisoformat(f"{self.month}-01")

    @property
    def period(self) -> Period:
        """Return all of the months."""
        return Period(self.months[0].start, self.months[-1].end)

    @property
    def months(self) -> list[Period]:
        """Return each of the months."""
        return counting.months(self.last, int(self.span))

    @classmethod
    def of(cls, given: QueryDict, today: date) -> tuple[Asking, list[str]]:
        """Return what an address asks for, and a sentence for each part that means nothing."""
        month, span = given.get("month") or f"{today:%Y-%m}", given.get("span") or SPANS[0]
        problems = []
        if not _is_month(month) or month > f"{today:%Y-%m}":
            problems.append(month)
            month = f"{today:%Y-%m}"
        if span not in SPANS:
            problems.append(span)
            span = SPANS[0]
        told = _("“{text}” means nothing here; it is left out.")
        return cls(month, span), [told.format(text=p) for p in problems]


@dataclass(frozen=True)
class Links:
    """Where the cases of a line's counts are; None: no filter says which."""

    closed: str | None = None
    on_time: str | None = None
    overdue: str | None = None


@dataclass(frozen=True)
class Line:
    """One line of a table."""

    name: str
    on_time: OnTime
    links: Links
    failed: int = 0
    returned: int = 0


@dataclass(frozen=True)
class Stage:
    """How long a stage takes: the median of ``count`` of them [h], in plain time."""

    title: str
    hours: float
    count: int


@dataclass(frozen=True)
class Statistics:
    """All the page shows; ``setbacks``: by action how often, and of how many cases."""

    period: Period
    on_time: OnTime
    setbacks: Mapping[str, tuple[int, int]]
    months: Sequence[tuple[date, OnTime, Links]]
    tables: Mapping[str, Sequence[Line]]


def statistics_of(
    reach: Reach, asked: Asked, asking: Asking, now: datetime, by: Rules
) -> Statistics:
    """Return the statistics of what a person sees and asks for."""
    cases = _cases(reach, asked, now)
    months = Months(cases, (asked, reach.key, places.mark()), now)
    period = asking.period
    link = _Link(asked, period, now)
    of_place, of_problem, of_channel = months.figures(asking.months, *FINE)
    (of_unit,) = months.figures(asking.months, "lead", of_unit=True)
    past = counting.months(asking.last, MONTHS)
    return Statistics(
        period=period, on_time=sum(of_channel.values(), OnTime()),
        setbacks={a: ontime.happened(cases, period, a) for a in SETBACKS},
        months=[(counting.days_of(p)[0], figures, _Link(asked, p, now)()) for p, figures in
                zip(past, months.series(past), strict=True)],
        tables={
            "place": _places(of_place, link), "unit": _units(of_unit, cases, period, link),
            "problem": _problems(of_problem, link, by), "channel": _channels(of_channel, link),
        },
    )  # fmt: skip


def stages_of(reach: Reach, asked: Asked, asking: Asking, now: datetime) -> list[Stage]:
    """Return how long the stages took of what a person sees and asks for."""
    return stages(ontime.closed_in(_cases(reach, asked, now), asking.period))


def _cases(reach: Reach, asked: Asked, now: datetime) -> QuerySet[Case]:
    return asked.narrowed(reach.cases().select_related(None), now).order_by()


@dataclass(frozen=True)
class _Link:
    """The addresses of the cases closed in a period, and of those overdue at its end, or now."""

    asked: Asked
    period: Period
    now: datetime

    def __call__(self, **changes: str) -> Links:
        """Return them as all stages count."""
        if self.period.is_over(self.now):
            over = self._to(overdue_on=counting.days_of(self.period)[1], **changes)
        else:
            over = self._to(open=OPEN, colour="red", **changes)
        return Links(self._closed(**changes), self._closed(late="0", **changes), over)

    def of_unit(self, code: str) -> Links:
        """Return them as the stages count that a unit answers for."""
        over = None  # which stage ran at the end of a past month, no filter says
        if not self.period.is_over(self.now):
            over = self._to(state=ontime.UNIT_STAGES, colour="red", lead=code)
        return Links(self._closed(lead=code), self._closed(lead_late="0", lead=code), over)

    def _closed(self, **changes: str) -> str:
        first, last = counting.days_of(self.period)
        return self._to(state="closed", ended_since=first, ended_until=last, **changes)

    def _to(self, **changes: object) -> str:
        return self.asked.link(reverse("cases:ledger"), **changes)


def links_of(asked: Asked, period: Period, now: datetime) -> Links:
    """Return where the cases are that :func:`~lantian.web.cases.ontime.rate_of` counts."""
    return _Link(asked, period, now)()


class Hours(Func):
    """The plain time from one moment to another [h]."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, Any]:  # type: ignore[override]  # noqa: ANN401
        """Return it in days of the Julian calendar, whose difference SQLite knows."""
        template = "((julianday(%(expressions)s)) * 24.0)"
        more |= {"template": template, "arg_joiner": ") - julianday("}
        return self.as_sql(compiler, connection, **more)

    def as_postgresql(self, compiler: Any, db: Any, **more: Any) -> tuple[str, Any]:  # noqa: ANN401
        """Return it by the interval between the two."""
        template = "(EXTRACT(EPOCH FROM (%(expressions)s)) / 3600.0)"
        return self.as_sql(compiler, db, template=template, arg_joiner=" - ", **more)


def stages(closed: QuerySet[Case]) -> list[Stage]:
    """Return the median time of each stage of the cases, in the order of the stages; one query.

    The time of a stage that a case went through twice counts twice.
    """
    took = Hours("ended_at", "begun_at")
    steps = Step.objects.filter(case__in=closed.values("pk"), ended_at__isnull=False).order_by()
    placed = steps.annotate(
        took=took,
        place=Window(RowNumber(), partition_by="stage", order_by=took.asc()),
        n=Window(Count("pk"), partition_by="stage"),
    )
    # the one in the middle, or the two around it
    middle = placed.filter(place__gte=F("n") / 2.0, place__lte=F("n") / 2.0 + 1)
    found: dict[str, tuple[list[float], int]] = {}
    for stage, hours, n in middle.values_list("stage", "took", "n"):
        found.setdefault(stage, ([], n))[0].append(hours)
    return [
        Stage(state.title, sum(found[code][0]) / len(found[code][0]), found[code][1])
        for code, state in TABLE.states.items()
        if code in found
    ]


def frame(found: Statistics, medians: Sequence[Stage]) -> pl.DataFrame:
    """Return all tables as a file holds them."""
    rows = [
        (kind, line.name, line.on_time, line.failed if kind == "unit" else None,
         line.returned if kind == "unit" else None)
        for kind, lines in found.tables.items() for line in lines
    ]  # fmt: skip
    rows += [("month", f"{day:%Y-%m}", figures, None, None) for day, figures, _to in found.months]
    rows.append(("all", "", found.on_time, found.setbacks["fail"][0], found.setbacks["return"][0]))
    listed: list[tuple[Any, ...]] = [
        (kind, name, n.closed, n.on_time, n.overdue, n.rate, failed, returned, None)
        for kind, name, n, failed, returned in rows
    ]
    listed += [
        ("stage", s.title, s.count, None, None, None, None, None, s.hours) for s in medians
    ]  # fmt: skip
    columns = ("closed", "closed_on_time", "open_overdue")
    schema: dict[str, Any] = {
        "by": pl.String, "name": pl.String, **dict.fromkeys(columns, pl.Int64),
        "on_time_percent": pl.Float64, "failed": pl.Int64, "returned": pl.Int64,
        "median_hours": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(listed, schema=schema, orient="row")


def _places(of_place: Mapping[object, OnTime], link: _Link) -> list[Line]:
    where = counting.columns()
    figures: dict[counting.Place, OnTime] = defaultdict(OnTime)
    for territory, n in of_place.items():
        figures[where[cast(int, territory)]] += n
    inner = link.asked.narrower(p.code for p in figures if p.whole)
    return [
        Line(p.name, figures[p], link(territory=inner[p.code]) if p.whole else Links())
        for p in sorted(figures, key=lambda p: (p.whole, p.code))
    ]


def _problems(figures: Mapping[object, OnTime], link: _Link, by: Rules) -> list[Line]:
    titles: dict[str, str] = {}
    for catalogue in by.catalogues:
        titles |= {t.code: t.title for t in catalogue.types.values()}
    found = {str(code): n for code, n in figures.items()}
    return _most([Line(titles.get(c, c), n, link(problem=c)) for c, n in found.items()])


def _channels(figures: Mapping[object, OnTime], link: _Link) -> list[Line]:
    found = {str(code): n for code, n in figures.items()}
    return _most([Line(TABLE.channels[c].title, n, link(channel=c)) for c, n in found.items()])


def _units(
    rates: Mapping[object, OnTime], cases: QuerySet[Case], period: Period, link: _Link
) -> list[Line]:
    """Return the units that lead, with what failed and what they sent back."""
    figures = {cast(int, unit): n for unit, n in rates.items() if unit is not None}
    events = ontime.events_of(cases, period)
    failed = _counted(events.filter(action="fail"), "case__lead")
    returned = _counted(events.filter(action="return"), "organisation")
    known = Organisation.objects.in_bulk(list({*figures, *failed, *returned}))
    return _most([
        Line(unit.name, figures.get(pk, OnTime()), link.of_unit(unit.code), failed.get(pk, 0),
             returned.get(pk, 0))
        for pk, unit in known.items()
    ])  # fmt: skip


def _counted(events: QuerySet[CaseEvent], column: str) -> dict[int, int]:
    rows = events.order_by().values_list(column).annotate(n=Count("pk"))
    return {key: n for key, n in rows if key is not None}


def _most(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.on_time.whole, line.name))


def _is_month(text: str) -> bool:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return False
    # the months before it must lie in the calendar too
    return len(text) == len("2026-01") and first.year > MINYEAR + 1
