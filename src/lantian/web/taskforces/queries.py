"""What the pages of task forces show; the cases are counted as everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

import polars as pl
from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.web.cases import counting, ontime
from lantian.web.cases.asked import OPEN, Asked
from lantian.web.cases.models import Case
from lantian.web.cases.ontime import Period
from lantian.web.cases.reach import Reach
from lantian.web.cases.statistics import SETBACKS, Hours, links_of
from lantian.web.cases.table import TABLE
from lantian.web.taskforces.models import Member, TaskForce
from lantian.web.taskforces.scope import condition

WEEKS = 12


@dataclass(frozen=True)
class Figure:
    """One figure: ``value`` of ``unit``, how it is computed, where its cases are.

    A rate or median has no ``url``: those it is made of are counted, and linked, beside it.
    """

    title: str
    value: float | None
    unit: str
    formula: str
    url: str
    digits: int = 0


@dataclass(frozen=True)
class Week:
    """A week from its Monday on: how many cases were new and how many closed, and where."""

    monday: date
    new: int
    closed: int
    new_url: str
    closed_url: str


@dataclass(frozen=True)
class Change:
    """What was done since yesterday began: how often, to how many cases, and where they are."""

    title: str
    times: int
    cases: int
    url: str


@dataclass(frozen=True)
class Summary:
    """A task force in a list: cases the reader sees that are open and overdue; its lead."""

    force: TaskForce
    lead: str
    members: int
    open: int
    overdue: int
    open_url: str
    overdue_url: str


def asked_of(force: TaskForce) -> Asked:
    """Return the filter of all lists of cases that means the scope of a task force."""
    return Asked(force=str(force.pk))


def cases_of(force: TaskForce, reach: Reach, now: datetime) -> QuerySet[Case]:
    """Return the cases of its scope that a person sees; a task force shows nobody more."""
    return asked_of(force).narrowed(reach.cases().select_related(None), now).order_by()


def hidden(force: TaskForce, reach: Reach) -> int:
    """Return how many cases of its scope a person does not see."""
    if reach.condition is None:
        return 0
    whole = Case.objects.filter(condition(force))
    return whole.exclude(pk__in=reach.cases().order_by().values("pk")).count()


def period_of(force: TaskForce, now: datetime) -> Period:
    """Return the days of its figures: from its first up to its last, or today while it lasts."""
    today = timezone.localdate(now)
    last = min(force.ends or today, max(today, force.starts))
    return Period(_midnight(force.starts), _midnight(last + timedelta(days=1)))


def figures_of(force: TaskForce, cases: QuerySet[Case], now: datetime) -> list[Figure]:
    """Return the figures of a task force in its days, each with the cases it counts."""
    period, asked = period_of(force, now), asked_of(force)
    first, last = counting.days_of(period)
    rate, to = ontime.rate_of(cases, period, now), links_of(asked, period, now)
    opened = cases.filter(taken_in_at__gte=period.start, taken_in_at__lt=period.end).count()
    whole = Hours("ended_at", "taken_in_at")
    took = list(ontime.closed_in(cases, period).values_list(whole, flat=True))
    n, closed = _("cases"), _("= cases of its scope that were closed in its days")
    found = [
        Figure(_("Cases taken in"), opened, n,
               _("= cases of its scope that were taken in in its days"),
               _to(asked, since=first, until=last)),
        Figure(_("Closed"), rate.closed, n, closed, to.closed or ""),
        Figure(_("Closed in time"), rate.on_time, n,
               _("= those closed of which no stage ended after its deadline"), to.on_time or ""),
        Figure(_("Overdue"), rate.overdue, n,
               _("= cases whose running clock is past its end"), to.overdue or ""),
        Figure(_("On-time rate"), rate.rate, "%",
               _("= {on} closed in time ÷ ({closed} closed + {over} overdue)").format(
                   on=rate.on_time, closed=rate.closed, over=rate.overdue), "", 1),
        Figure(_("Median time to close"), median(took) if took else None, _("plain hours"),
               _("= the middle one of {n} plain times from taking in to closing").format(
                   n=len(took)), "", 1),
    ]  # fmt: skip
    titles = {"fail": _("Failed re-inspection"), "return": _("Sent back by the unit"),
              "relapse": _("Look-back failed")}  # fmt: skip
    for action in SETBACKS:
        times, of = ontime.happened(cases, period, action)
        formula = _("= cases to which it happened in its days; {times} times in all").format(
            times=times
        )
        url = _to(asked, deed=action, deed_since=first, deed_until=last)
        found.append(Figure(titles[action], of, n, formula, url))
    return found


def weeks_of(force: TaskForce, cases: QuerySet[Case], now: datetime) -> list[Week]:
    """Return how many cases were new and closed in each of its last weeks; two queries."""
    period, asked = period_of(force, now), asked_of(force)
    first, last = counting.days_of(period)
    end = last - timedelta(days=last.weekday())
    mondays = [end - timedelta(weeks=k) for k in range(WEEKS)][::-1]
    mondays = [m for m in mondays if m + timedelta(days=6) >= first]
    spans = [(m, max(m, first), min(m + timedelta(days=6), last)) for m in mondays]
    start = _midnight(spans[0][1])
    new = cases.filter(taken_in_at__gte=start, taken_in_at__lt=period.end)
    done = ontime.closed_in(cases, Period(start, period.end))
    counted = [
        _by_week(rows.values_list(column, flat=True))
        for rows, column in ((new, "taken_in_at"), (done, "ended_at"))
    ]
    return [
        Week(m, counted[0].get(m, 0), counted[1].get(m, 0), _to(asked, since=a, until=b),
             _to(asked, state="closed", ended_since=a, ended_until=b))
        for m, a, b in spans
    ]  # fmt: skip


def changes_of(force: TaskForce, cases: QuerySet[Case], now: datetime) -> list[Change]:
    """Return what was done to its cases since yesterday began, what happened most first."""
    today = timezone.localdate(now)
    yesterday = today - timedelta(days=1)
    span = Period(_midnight(yesterday), _midnight(today + timedelta(days=1)))
    events = ontime.events_of(cases, span).filter(action__in=sorted(TABLE.actions)).order_by()
    counted = events.values_list("action").annotate(
        n=Count("pk"), cases=Count("case", distinct=True)
    )
    asked = asked_of(force)
    return [
        Change(TABLE.actions[a].title, n, of,
               _to(asked, deed=a, deed_since=yesterday, deed_until=today))
        for a, n, of in sorted(counted, key=lambda row: (-row[2], row[0]))
    ]  # fmt: skip


def summaries(
    forces: Iterable[TaskForce], reach: Reach, now: datetime
) -> list[Summary]:  # fmt: skip
    """Return task forces as a list shows them; their members prefetched."""
    found = []
    for force in forces:
        cases, asked = cases_of(force, reach, now), asked_of(force)
        counted = cases.aggregate(
            open=Count("pk", filter=Q(ended_at__isnull=True)),
            red=Count("pk", filter=Q(ended_at__isnull=True, running__due_at__lte=now)),
        )
        members = list(force.members.all())
        lead = next((m.user.name for m in members if m.leads), "")
        found.append(
            Summary(force, lead, len(members), counted["open"], counted["red"],
                    _to(asked, open=OPEN), _to(asked, open=OPEN, colour="red"))
        )  # fmt: skip
    return found


def forces(*, over: bool, today: date) -> QuerySet[TaskForce]:
    """Return the task forces that last, or those that are over, with their members."""
    rows = TaskForce.objects.prefetch_related("members__user", "territories")
    past = Q(ends__isnull=False, ends__lt=today)
    return rows.filter(past) if over else rows.exclude(past)


def mine(user: int, today: date) -> list[Member]:
    """Return in which task forces that last somebody is, and as what."""
    rows = Member.objects.filter(user=user, force__starts__lte=today).select_related("force")
    last = F("force__ends")
    return list(rows.exclude(force__ends__isnull=False, force__ends__lt=today).order_by(last, "pk"))


def frame(figures: Sequence[Figure], weeks: Sequence[Week]) -> pl.DataFrame:
    """Return figures and weeks of a task force as a file holds them."""
    rows: list[tuple[str, str, float | None, str]] = [
        ("figure", f.title, None if f.value is None else float(f.value), f.unit) for f in figures
    ]
    rows += [("new", w.monday.isoformat(), float(w.new), _("cases")) for w in weeks]
    rows += [("closed", w.monday.isoformat(), float(w.closed), _("cases")) for w in weeks]
    names = ("by", "name", "value", "unit")
    return pl.DataFrame(rows, schema=dict(zip(names, (pl.String, pl.String, pl.Float64, pl.String),
                                              strict=True)), orient="row")  # fmt: skip


def list_frame(found: Sequence[Summary]) -> pl.DataFrame:
    """Return the list of task forces as a file holds it."""
    return pl.DataFrame(
        [
            (s.force.name, s.force.starts, s.force.ends, s.lead, s.members, s.open, s.overdue,
             words.joined([t.name for t in s.force.territories.all()]))
            for s in found
        ],
        schema={
            "name": pl.String, "starts": pl.Date, "ends": pl.Date, "lead": pl.String,
            "members": pl.Int64, "open": pl.Int64, "overdue": pl.Int64, "territories": pl.String,
        },
        orient="row",
    )  # fmt: skip


def _by_week(moments: QuerySet[Case, datetime]) -> dict[date, int]:
    found: dict[date, int] = {}
    for moment in moments:
        day = timezone.localdate(moment)
        monday = day - timedelta(days=day.weekday())
        found[monday] = found.get(monday, 0) + 1
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _to(asked: Asked, **changes: object) -> str:
    return asked.link(reverse("cases:ledger"), **changes)
