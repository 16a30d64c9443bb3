"""The filters of every list of cases: read from an address, put into one, applied in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta

from django.db.models import Case as Choice
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.http import QueryDict
from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.web.cases import ontime, searching
from lantian.web.cases.models import Case, CaseEvent, CaseParty, Step
from lantian.web.cases.rows import with_clock
from lantian.web.cases.table import TABLE
from lantian.web.core.formats import with_query
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory
from lantian.web.places.queries import descendants
from lantian.web.taskforces import scope

COLOURS = ("green", "yellow", "red")
SEVERITIES = ("general", "serious")
OPEN, ENDED, ALL = "1", "0", ""
_DAYS = frozenset(
    {"since", "until", "ended_since", "ended_until", "overdue_on", "deed_since", "deed_until"}
)
_BY_CLOCK = frozenset({"", "due"})  # orders that need the clock
_LONGEST = 80  # characters of a search
# Columns by which a list may be sorted, ``said`` being one of :data:`_SAID`; "-" before one turns
# it round.
SORTS: Mapping[str, tuple[str, ...]] = {
    "code": ("year", "number"),
    "due": ("due_at", "-year", "-number"),
    "found": ("found_at", "pk"),
    "taken_in": ("taken_in_at", "pk"),
    "ended": ("ended_at", "pk"),
    "territory": ("said", "-year", "-number"),
    "problem": ("problem", "-year", "-number"),
    "lead": ("said", "-year", "-number"),
    "state": ("said", "-year", "-number"),
    "severity": ("-severity", "-year", "-number"),
    "title": ("title", "pk"),
}


@dataclass(frozen=True)
class Asked:
    """What a list of cases is narrowed to; empty: not at all.

    Parameters
    ----------
    q
        Part of the title, description, place, source's name or external number; or a code.
    state
        Any of these.
    colour
        Of the running clock: green, yellow from 80 % of the time on, red from its end on.
    territory
        Code; it and all below.
    unit
        Code of an organisation, e.g. ``O-003``: it takes part in the case.
    lead
        Code of the organisation that leads.
    source
        Number in the register.
    year
        Of the case's number.
    since, until
        First and last local day on which it was taken in.
    ended_since, ended_until
        First and last local day on which it ended.
    open
        ``"1"``: not ended; ``"0"``: ended.
    late
        ``"1"``: a stage of it ended, or runs, after its deadline; ``"0"``: none.
    lead_late
        The same of the stages the unit that leads answers for.
    overdue_on
        Local day at whose end a stage of it ran after its deadline.
    force
        Number of a task force, in whose scope it is.
    deed
        An action that was done to it.
    deed_since, deed_until
        First and last local day on which ``deed`` was done; they mean nothing without it.
    sort
        A key of :data:`SORTS`, with ``-`` before it the other way round.
    """

    q: str = ""
    state: tuple[str, ...] = ()
    colour: str = ""
    territory: str = ""
    unit: str = ""
    lead: str = ""
    channel: str = ""
    problem: str = ""
    sector: str = ""
    severity: str = ""
    medium: str = ""
    source: str = ""
    outcome: str = ""
    year: str = ""
    since: str = ""
    until: str = ""
    ended_since: str = ""
    ended_until: str = ""
    open: str = ""
    late: str = ""
    lead_late: str = ""
    overdue_on: str = ""
    force: str = ""
    deed: str = ""
    deed_since: str = ""
    deed_until: str = ""
    sort: str = ""

    def narrowed(self, rows: QuerySet[Case], now: datetime) -> QuerySet[Case]:
        """Return those of ``rows`` that fit, with their clock annotated, in no special order."""
        return self._only(with_clock(rows), now)

    def keys(self, rows: QuerySet[Case], now: datetime) -> QuerySet[Case, int]:
        """Return the keys of those of ``rows`` that fit, in the order asked for.

        The clock is joined only where it is asked for: without it a database finds the keys in an
        index, and reads no row.
        """
        if self.colour or self.late or self.sort.removeprefix("-") in _BY_CLOCK:
            rows = with_clock(rows)
        return self.ordered(self._only(rows, now)).values_list("pk", flat=True)

    def _only(self, rows: QuerySet[Case], now: datetime) -> QuerySet[Case]:
        """Return those of ``rows`` that fit; what asks for the clock needs it joined."""
        for name, narrow in _NARROW.items():
            value = getattr(self, name)
            if value:
                rows = narrow(rows, value)
        if self.deed:
            rows = rows.filter(Exists(self._deeds()))
        if self.colour:
            rows = rows.filter(_coloured(self.colour, now))
        if self.late:
            late = ontime.late() | Q(running__due_at__lte=now)
            rows = rows.filter(late) if self.late == "1" else rows.exclude(late)
        if self.lead_late:
            over = Step.objects.filter(
                case=OuterRef("pk"), ended_at=None, due_at__lte=now, stage__in=ontime.UNIT_STAGES
            )
            late = ontime.unit_late() | Exists(over)
            rows = rows.filter(late) if self.lead_late == "1" else rows.exclude(late)
        return rows

    def _deeds(self) -> QuerySet[CaseEvent]:
        """Return what was done to the case of an outer query that is asked for."""
        found = CaseEvent.objects.filter(case=OuterRef("pk"), action=self.deed)
        if self.deed_since:
            found = found.filter(at__gte=day_begins(self.deed_since))
        return found.filter(at__lt=day_ends(self.deed_until)) if self.deed_until else found

    def apply(self, rows: QuerySet[Case], now: datetime) -> QuerySet[Case]:
        """Return those of ``rows`` that fit, with their clock annotated, in order.

        Without an order asked for: those whose clock runs out first, then the newest.
        """
        return self.ordered(self.narrowed(rows, now))

    def ordered(self, rows: QuerySet[Case]) -> QuerySet[Case]:
        """Return ``rows``, whose clock is annotated, in the order asked for."""
        if not self.sort:
            return rows.order_by(F("due_at").asc(nulls_last=True), "-year", "-number")
        back = self.sort.startswith("-")
        key = self.sort.removeprefix("-")
        if key in _SAID:
            rows = rows.annotate(said=_SAID[key])
        order = []
        for column in SORTS[key]:
            down = column.startswith("-") != back
            by = F(column.removeprefix("-"))
            order.append(by.desc(nulls_last=True) if down else by.asc(nulls_last=True))
        return rows.order_by(*order)

    @property
    def changed(self) -> frozenset[str]:
        """Return the names of the filters that narrow the list."""
        return frozenset(f.name for f in fields(self) if getattr(self, f.name)) - {"sort"}

    def values(self, **changes: object) -> dict[str, object]:
        """Return the query of an address, what is empty left out; ``changes`` go over it."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return {k: v for k, v in {**own, **changes}.items() if v not in ("", (), None)}

    def link(self, path: str, **changes: object) -> str:
        """Return the address of a page with these filters."""
        return with_query(path, self.values(**changes))

    def narrower(self, codes: Iterable[str]) -> dict[str, str]:
        """Return of each territory whose cases are asked for the smaller: it, or the one asked for.

        Parameters
        ----------
        codes
            Of territories in which the one asked for lies, or which lie in it.
        """
        if not self.territory:
            return {code: code for code in codes}
        below = {t.code for t in descendants(Territory.objects.filter(code=self.territory))}
        return {code: code if code in below else self.territory for code in codes}

    def but(self, **changes: str | tuple[str, ...]) -> Asked:
        """Return the same with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]


def asked(given: QueryDict, default: Asked | None = None) -> tuple[Asked, list[str]]:
    """Return the filters of an address, and a sentence for each that means nothing.

    Parameters
    ----------
    default
        What holds where the address does not name a filter.
    """
    start = default or Asked()
    found: dict[str, str | tuple[str, ...]] = {}
    problems: list[str] = []
    for name in (f.name for f in fields(Asked)):
        if name not in given:
            continue
        values = [v.strip()[:_LONGEST] for v in given.getlist(name)]
        known = _known(name)
        good = [v for v in values if not v or known is None or known(v)]
        problems += [
            _("“{text}” means nothing here; it is left out.").format(text=v)
            for v in values
            if v not in good
        ]
        if name == "state":
            found[name] = tuple(dict.fromkeys(v for v in good if v))
        else:
            found[name] = good[-1] if good else getattr(start, name)
    return start.but(**found), problems


def day_begins(day: str) -> datetime:
    """Return the first moment of a local day, given as YYYY-MM-DD."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time()))


def day_ends(day: str) -> datetime:
    """Return the first moment after a local day, given as YYYY-MM-DD."""
    after = date.fromisoformat(day) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(after, time()))


def _is_day(text: str) -> bool:
    try:
        read = date.fromisoformat(text)
    except ValueError:
        return False
    return MINYEAR < read.year < MAXYEAR  # what is computed with it stays in the calendar


def _known(name: str) -> Callable[[str], bool] | None:
    """Return what says whether a value of a filter means something; None: every text does."""
    sets: dict[str, Collection[str]] = {
        "state": TABLE.states, "colour": COLOURS, "channel": TABLE.channels, "sector": SECTORS,
        "severity": SEVERITIES, "outcome": TABLE.outcomes, "open": (OPEN, ENDED),
        "late": (OPEN, ENDED), "lead_late": (OPEN, ENDED), "deed": TABLE.actions,
    }  # fmt: skip
    if name in sets:
        return sets[name].__contains__
    if name in _DAYS:
        return _is_day
    if name == "force":
        return lambda text: text.isdecimal() and len(text) < 10
    if name == "year":
        return lambda text: text.isdecimal() and len(text) == 4
    if name == "sort":
        return lambda text: text.removeprefix("-") in SORTS
    return None


def _coloured(colour: str, now: datetime) -> Q:
    if colour == "red":
        return Q(running__due_at__lte=now)
    if colour == "yellow":
        return Q(running__yellow_at__lte=now, running__due_at__gt=now)
    return Q(running__yellow_at__gt=now)


def _territory(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    below = descendants(Territory.objects.filter(code=code))
    return rows.filter(territory__in=[t.pk for t in below])


def _unit(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    part = CaseParty.objects.filter(organisation__code=code).values("case")
    return rows.filter(pk__in=part)


def _since(column: str) -> Callable[[QuerySet[Case], str], QuerySet[Case]]:
    return lambda rows, day: rows.filter(**{f"{column}__gte": day_begins(day)})


def _until(column: str) -> Callable[[QuerySet[Case], str], QuerySet[Case]]:
    return lambda rows, day: rows.filter(**{f"{column}__lt": day_ends(day)})


def _overdue_on(rows: QuerySet[Case], day: str) -> QuerySet[Case]:
    return ontime.overdue_at(rows, day_ends(day), is_now=False)


def _ended(rows: QuerySet[Case], flag: str) -> QuerySet[Case]:
    return rows.filter(ended_at__isnull=flag == OPEN)


# What a list is sorted by that no column says. Names are looked up for each case: a join would
# have the database begin with the territories or units, and read every case's row.
_SAID: Mapping[str, Subquery | Choice] = {
    **{
        sort: Subquery(rows.filter(pk=OuterRef(f"{sort}_id")).values("name")[:1])
        for sort, rows in (
            ("territory", Territory.objects.order_by()), ("lead", Organisation.objects.order_by()),
        )
    },
    "state": Choice(*(When(state=s, then=n) for n, s in enumerate(TABLE.states))),
}  # fmt: skip
_NARROW: Mapping[str, Callable[[QuerySet[Case], str], QuerySet[Case]]] = {
    "q": searching.found,
    "state": lambda rows, states: rows.filter(state__in=states),
    "territory": _territory,
    "unit": _unit,
    "lead": lambda rows, code: rows.filter(lead__code=code),
    "channel": lambda rows, value: rows.filter(channel=value),
    "problem": lambda rows, value: rows.filter(problem=value),
    "sector": lambda rows, value: rows.filter(sector=value),
    "severity": lambda rows, value: rows.filter(severity=value),
    "medium": lambda rows, value: rows.filter(medium=value),
    "source": lambda rows, value: rows.filter(source__number=value),
    "outcome": lambda rows, value: rows.filter(outcome=value),
    "year": lambda rows, value: rows.filter(year=int(value)),
    "since": _since("taken_in_at"),
    "until": _until("taken_in_at"),
    "ended_since": _since("ended_at"),
    "ended_until": _until("ended_at"),
    "open": _ended,
    "overdue_on": _overdue_on,
    "force": lambda rows, number: rows.filter(scope.condition_of(number)),
}
