"""What the dispatcher's board shows: counted in the database, never more than a few cases read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import polars as pl
from django.db.models import Case as OneOf
from django.db.models import CharField, Count, F, Min, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.web.cases import climbing, clocks, counting, ontime
from lantian.web.cases.asked import COLOURS, OPEN, Asked
from lantian.web.cases.counting import Place
from lantian.web.cases.models import Case
from lantian.web.cases.ontime import OnTime, Period
from lantian.web.cases.reach import Reach
from lantian.web.cases.rows import Row, rows_of
from lantian.web.cases.table import TABLE
from lantian.web.duties.models import Organisation

TICKETS = 5
UNITS = 6  # units that have a column of their own
LANES = tuple(s.code for s in TABLE.states.values() if s.stage)
STOPPED = tuple(s.code for s in TABLE.states.values() if not s.stage and not s.ended)
_HEAVY = ("description", "responsibility", "territory__boundary", "source__boundary")


@dataclass(frozen=True)
class Counted:
    """How many cases are open, and how many clocks are green, yellow and red; some run none."""

    open: int = 0
    green: int = 0
    yellow: int = 0
    red: int = 0

    @property
    def care(self) -> tuple[int, int, int]:
        """Return what sorts first what needs care first."""
        return -self.red, -self.yellow, -self.open

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.open + other.open, self.green + other.green, self.yellow + other.yellow,
            self.red + other.red,
        )  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """One case on the board; ``rung`` is the highest issued in its stage, in words."""

    row: Row
    rung: str

    @property
    def about(self) -> str:
        """Return where it is, and who has it, or how it came in."""
        who = self.row.lead_name or self.row.channel_title
        return " · ".join(part for part in (self.row.territory_name, who, self.rung) if part)


@dataclass(frozen=True)
class Lane:
    """One stage: how many cases are in it, and the most urgent of them."""

    state: str
    title: str
    count: int
    tickets: Sequence[Ticket]
    url: str

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.count - len(self.tickets)


@dataclass(frozen=True)
class Column:
    """One place or unit of a table; ``asked``: what leads from a count to its cases, if it can."""

    name: str
    counted: Counted
    on_time: OnTime
    asked: Mapping[str, str] | None


@dataclass(frozen=True)
class Board:
    """All the board shows.

    Parameters
    ----------
    stopped
        State, its name, count and link of those whose clock stands still.
    oldest
        How long the longest is overdue; empty: none is.
    on_time, failed
        Of the month; ``failed``: how often a re-inspection failed, and of how many cases.
    without_unit
        Open cases that were not given to a unit.
    """

    asked: Asked
    period: Period
    counted: Counted
    stopped: Sequence[tuple[str, str, int, str]]
    oldest: str
    on_time: OnTime
    failed: tuple[int, int]
    lanes: Sequence[Lane]
    places: Sequence[Column]
    units: Sequence[Column]
    without_unit: int

    def link(self, column: Column | None = None, **changes: str) -> str | None:
        """Return the address of the open cases of a column (None: of all); None: there is none."""
        if column is not None and column.asked is None:
            return None
        about = {"open": OPEN, **((column.asked or {}) if column else {}), **changes}
        return self.asked.link(reverse("cases:ledger"), **about)

    def closed_link(self, column: Column | None = None) -> str | None:
        """Return the address of the cases of a column that were closed in the month."""
        if column is not None and column.asked is None:
            return None
        first, last = counting.days_of(self.period)
        about = {**((column.asked or {}) if column else {}), "state": "closed"}
        return _of_closed(self.asked).link(
            reverse("cases:ledger"), **about, ended_since=first, ended_until=last
        )


def board_of(reach: Reach, asked: Asked, now: datetime) -> Board:
    """Return the board of what a person sees and asks for; of ``asked`` what open cases can be."""
    asked = asked.but(open="", sort="", ended_since="", ended_until="")
    period = counting.month_of(now.date())
    cases = reach.cases()
    groups = _groups(reach, asked, now)
    past = _of_closed(asked).narrowed(cases, now)
    of_places = ontime.rates(past, period, now, "territory")
    of_units = ontime.rates(past, period, now, "lead", of_unit=True)
    states: dict[str, int] = defaultdict(int)
    for group in groups:
        states[group.state] += group.counted.open
    ledger = reverse("cases:ledger")
    counted = sum((g.counted for g in groups), Counted())
    places = _places(asked, groups, of_places)
    if len(places) > 1:
        places.append(Column(_("total"), counted, sum(of_places.values(), OnTime()), {}))
    units = _units(groups, of_units)
    oldest = min((g.oldest for g in groups if g.oldest is not None), default=None)
    return Board(
        asked=asked, period=period, counted=counted,
        stopped=[(s, TABLE.states[s].title, states[s], asked.link(ledger, state=s))
                 for s in STOPPED if states[s]],
        oldest=clocks.span(now - oldest) if oldest is not None and oldest <= now else "",
        on_time=sum(of_places.values(), OnTime()),
        failed=ontime.happened(past, period, "fail"),
        lanes=_lanes(reach, asked, now, states), places=places, units=units,
        without_unit=sum(g.counted.open for g in groups if g.lead is None),
    )  # fmt: skip


def _of_closed(asked: Asked) -> Asked:
    """Return the filters without those of what a closed case no longer has."""
    return asked.but(colour="", state=(), late="", lead_late="", overdue_on="", deed="")


def frame(board: Board) -> pl.DataFrame:
    """Return the tables of the board as a file holds them."""
    listed = [(_("place"), c) for c in board.places] + [(_("unit"), c) for c in board.units]
    return pl.DataFrame(
        [
            (kind, c.name, c.counted.open, c.counted.yellow, c.counted.red, c.on_time.closed,
             c.on_time.on_time, c.on_time.overdue, c.on_time.rate)
            for kind, c in listed
        ],
        schema={
            "by": pl.String, "name": pl.String, "open": pl.Int64, "yellow": pl.Int64,
            "red": pl.Int64, "closed": pl.Int64, "closed_on_time": pl.Int64,
            "open_overdue": pl.Int64, "on_time_percent": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


@dataclass(frozen=True)
class _Group:
    state: str
    territory: int
    lead: int | None
    counted: Counted
    oldest: datetime | None


def _groups(reach: Reach, asked: Asked, now: datetime) -> list[_Group]:
    """Count the open cases by state, territory, unit and colour; one query."""
    colour = OneOf(
        When(due_at__lte=now, then=Value("red")), When(yellow_at__lte=now, then=Value("yellow")),
        When(yellow_at__gt=now, then=Value("green")),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
    rows = _open(reach, asked, now).annotate(colour=colour)
    counted = rows.values_list("state", "territory", "lead", "colour").annotate(
        n=Count("pk"), oldest=Min("due_at")
    )
    return [
        _Group(state, territory, lead,
               Counted(n, *(n if shown == c else 0 for c in COLOURS)), oldest)
        for state, territory, lead, shown, n, oldest in counted
    ]  # fmt: skip


def _open(reach: Reach, asked: Asked, now: datetime) -> QuerySet[Case]:
    rows = asked.narrowed(reach.cases().select_related(None), now)
    return rows.filter(state__in=(*LANES, *STOPPED)).order_by()


def _lanes(
    reach: Reach, asked: Asked, now: datetime, states: Mapping[str, int]
) -> list[Lane]:  # fmt: skip
    """Return the lanes with the cases whose clocks run out first; three queries."""
    first = Window(
        RowNumber(), partition_by=F("state"), order_by=[F("due_at").asc(), F("pk").asc()]
    )
    keys = _open(reach, asked, now).filter(state__in=LANES).annotate(nth=first)
    shown = list(keys.filter(nth__lte=TICKETS).values_list("pk", flat=True))
    cases = Case.objects.filter(pk__in=shown).select_related("territory", "source", "lead")
    clocked = Asked().apply(cases, now).defer(*_HEAVY)
    rows = rows_of(clocked, now)
    rungs = climbing.highest(shown)
    tickets: dict[str, list[Ticket]] = defaultdict(list)
    for row in rows:
        tickets[row.state].append(Ticket(row, rungs.get(row.case.pk, "")))
    ledger = reverse("cases:ledger")
    return [
        Lane(s, TABLE.states[s].title, states.get(s, 0), tickets[s],
             asked.link(ledger, state=s, sort="due"))
        for s in LANES
    ]  # fmt: skip


def _places(
    asked: Asked, groups: Sequence[_Group], rates: Mapping[ontime.Key, OnTime]
) -> list[Column]:
    """Return a column for each town, what needs care first; what lies in none comes last."""
    where = counting.columns()
    counted: dict[Place, Counted] = defaultdict(Counted)
    on_time: dict[Place, OnTime] = defaultdict(OnTime)
    for group in groups:
        counted[where[group.territory]] += group.counted
    for (territory,), figures in rates.items():
        on_time[where[cast(int, territory)]] += figures
    found = sorted({*counted, *on_time}, key=lambda p: (not p.whole, counted[p].care, p.code))
    inner = asked.narrower(p.code for p in found if p.whole)
    return [
        Column(p.name, counted[p], on_time[p], {"territory": inner[p.code]} if p.whole else None)
        for p in found
    ]


def _units(groups: Sequence[_Group], rates: Mapping[ontime.Key, OnTime]) -> list[Column]:
    """Return a column for each unit that needs most care, and one for all others."""
    counted: dict[int, Counted] = defaultdict(Counted)
    for group in groups:
        if group.lead is not None:
            counted[group.lead] += group.counted
    on_time = {cast(int, unit): n for (unit,), n in rates.items() if unit is not None}
    known = Organisation.objects.in_bulk(list({*counted, *on_time}))
    nothing, none = Counted(), OnTime()
    most = sorted(
        known,
        key=lambda u: (counted.get(u, nothing).care, -on_time.get(u, none).closed, known[u].code),
    )
    columns = [
        Column(known[u].name, counted.get(u, nothing), on_time.get(u, none),
               {"lead": known[u].code})
        for u in most[:UNITS]
    ]  # fmt: skip
    rest = most[UNITS:]
    if rest:
        columns.append(
            Column(
                _("others ({n})").format(n=len(rest)),
                sum((counted.get(u, nothing) for u in rest), nothing),
                sum((on_time.get(u, none) for u in rest), none),
                None,
            )
        )
    return columns
